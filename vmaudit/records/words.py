"""What was heard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Whisper begins a new word at the punctuation inside "555-0142", "$24,995" and "5%".
_GOES_ON = re.compile(r"%|[-.,:/)]\w")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as heard, punctuation attached; ``confidence`` is in [0, 1]."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class FilledPause:
    """A filled pause (um, uh) by its sound alone; ``confidence`` is in [0, 1]."""

    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class DigitSound:
    """A digit, "0" to "9", by its sound alone, and the one that comes next to it, if any does.

    Confidences are in [0, 1].
    """

    digit: str
    start_s: float
    end_s: float
    confidence: float
    rival: str = ""
    rival_confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of one message. Empty when nothing was said: ``confidence`` is then None.

    ``filled_pauses`` and ``digit_sounds``, in time order, are what may be one by its sound, written
    among the words or not.
    """

    text: str
    language: str
    model: str
    confidence: float | None
    words: tuple[Word, ...]
    filled_pauses: tuple[FilledPause, ...] = ()
    digit_sounds: tuple[DigitSound, ...] = ()


@dataclass(frozen=True, slots=True)
class DigitStretch:
    """Digits said in a row, as first heard, each with the confidence of its word in [0, 1].

    ``lead`` is what was heard just before them, from ``lead_start_s`` on; empty where nothing was.
    ``sounds`` are the digits by their sound, where those are a whole number.
    """

    start_s: float
    end_s: float
    digits: str
    confidences: tuple[float, ...]
    lead: str
    lead_start_s: float
    sounds: tuple[DigitSound, ...] = ()

    @property
    def sounded(self) -> str:
        """The digits of ``sounds``."""
        return "".join(sound.digit for sound in self.sounds)


@dataclass(frozen=True, slots=True)
class DigitReading:
    """One way to hear a stretch of speech as digits and nothing else.

    ``log_probability``, at most 0, is of all its digits and their end together, among all that
    digits alone could be.
    """

    start_s: float
    end_s: float
    digits: str
    log_probability: float


def goes_on(text: str) -> bool:
    """Whether the text of a word continues the word before it, with no space between them."""
    return _GOES_ON.match(text) is not None


def joined(texts: Iterable[str]) -> str:
    """The texts of words in a row as people write them: "206-555-0142", not "206 -555 -0142"."""
    return "".join(text if goes_on(text) else f" {text}" for text in texts).lstrip(" ")
