"""What every speech engine does, and what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vmaudit.records import Interval, Transcript


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """The part of one recording that is to be transcribed.

    ``samples`` is the whole recording, mono float32 at ``SAMPLE_RATE_HZ``, shape ``(n,)``.
    ``speech`` is the voice activity inside the message, ordered and disjoint, in seconds
    of the recording; ``bounds`` is how far an engine may look around it, up to a beep, say.
    ``id`` is the recording's content id.
    """

    id: str
    samples: NDArray[np.float32]
    speech: tuple[Interval, ...]
    bounds: Interval


class Transcriber(Protocol):
    """One speech engine.

    ``version`` names the model and its content, such as ``base@2cc244ce7f33``: equal
    versions give equal transcripts. ``batch_s`` is how many seconds of speech the engine
    likes to be given at once.
    """

    @property
    def version(self) -> str:
        """Model name and a digest of what decides the words."""

    @property
    def batch_s(self) -> float:
        """Seconds of speech that fill one batch."""

    def transcribe(self, batch: Sequence[Passage]) -> list[Transcript]:
        """Transcribe each passage; times are seconds of the recording.

        Words are ordered and lie inside the recording. A passage without speech gives an
        empty transcript. A batch equals its singles.
        """
