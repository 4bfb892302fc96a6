"""What stands between the cutting of windows and the network that hears them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word in seconds from the start of its clip; ``probability`` in [0, 1].

    ``text`` has a space before it unless it is written onto the word before ("-0142").
    ``restored``: a filled pause that the search had left out.
    """

    text: str
    start_s: float
    end_s: float
    probability: float
    restored: bool = False


@dataclass(frozen=True, slots=True)
class HeardPause:
    """A filled pause by its sound, as ``HeardWord`` has it."""

    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True)
class HeardDigit:
    """A digit, "0" to "9", by its sound, as ``HeardWord`` has it, and the next likeliest."""

    digit: str
    start_s: float
    end_s: float
    probability: float
    rival: str
    rival_probability: float


@dataclass(frozen=True, slots=True)
class HeardSounds:
    """What the encoder's frames tell beside the words, among them or not, in time order.

    ``hesitation``: how likely each frame of 20 ms is of a filled pause, shape ``(frames,)``;
    None where nobody listened for them.
    """

    filled_pauses: tuple[HeardPause, ...] = ()
    digits: tuple[HeardDigit, ...] = ()
    hesitation: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class HeardClip:
    """What was heard in one clip.

    ``rest_s`` is where, in seconds from the clip's start, an unfinished last segment begins,
    which is better heard again with what follows it; None when all was heard.
    ``language`` is the model's own guess, ``language_probability`` in [0, 1] how sure it is.
    """

    words: tuple[HeardWord, ...]
    rest_s: float | None
    language: str
    language_probability: float
    sounds: HeardSounds = HeardSounds()


@dataclass(frozen=True, slots=True)
class HeardDigits:
    """One reading of a clip as digits alone.

    ``log_probability``, at most 0, is of all digits and the end, where nothing else may come.
    """

    digits: str
    log_probability: float


class Recogniser(Protocol):
    """A network that hears clips. Calls may run side by side in several threads.

    ``batch_size``: how many clips it likes in one call. ``streams``: how many calls side by
    side use the machine best. ``version`` names what decides the words.
    """

    @property
    def version(self) -> str:
        """Model name and a digest of its content."""

    @property
    def batch_size(self) -> int:
        """Clips in a call, at most."""

    @property
    def streams(self) -> int:
        """Calls side by side, at most."""

    def recognise(self, clips: Sequence[NDArray[np.float32]], *, alone: bool) -> list[HeardClip]:
        """Hear each clip, mono float32 at ``SAMPLE_RATE_HZ``, of at most 30 s.

        ``alone`` says that no other call will run beside this one. A batch equals its singles.
        """

    def spell(self, clip: NDArray[np.float32], lead: str) -> tuple[HeardDigits, ...]:
        """Hear digits alone in a clip, after the words of ``lead`` with which it begins.

        The reading that is likeliest per digit comes first.
        """
