"""What every speech engine does, and what it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vmaudit.records import DigitReading, DigitStretch, Interval, Transcript


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
    versions give equal transcripts, but for rounding where the number format differs.
    """

    @property
    def version(self) -> str:
        """Model name and a digest of what decides the words."""

    def transcribe(
        self, passages: Iterable[Passage]
    ) -> Iterator[tuple[Passage, Transcript | Exception]]:
        """Transcribe passages as they come; times are seconds of the recording.

        Yields each passage with its transcript, or with what went wrong in it, as soon as it
        is done and in any order. Takes passages only so far ahead as it needs for its batches.
        Words are ordered and lie inside the recording. A passage without speech gives an
        empty transcript. A batch equals its singles.
        """

    def spell(self, passage: Passage, stretch: DigitStretch) -> tuple[DigitReading, ...]:
        """Hear a stretch of a passage again, as digits and nothing else.

        Gives its likeliest readings, the best first. May be called from several threads, also
        while ``transcribe`` is at work. Raises what goes wrong.
        """
