"""A recogniser that tells clips by their samples, and passages made for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vmaudit.asr import Passage
from vmaudit.asr.whisper.recogniser import HeardClip, HeardDigits, HeardWord
from vmaudit.asr.whisper.transcriber import WhisperTranscriber
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Transcript

Clip = NDArray[np.float32]
Outcome = tuple[Passage, Transcript | Exception]


def passage_of(
    number: int, speech: Sequence[tuple[float, float]], duration_s: float | None = None
) -> Passage:
    """A recording whose samples all are its number."""
    parts = tuple(Interval(*part) for part in speech)
    end_s = duration_s or (parts[-1].end_s + 1.0 if parts else 1.0)
    samples = np.broadcast_to(np.float32(number), round(end_s * SAMPLE_RATE_HZ))
    return Passage(str(number), samples, parts, Interval(0.0, end_s))


def short(number: int, length_s: float = 2.0) -> Passage:
    return passage_of(number, [(1.0, 1.0 + length_s)])


def clip_s(clip: Clip) -> float:
    return len(clip) / SAMPLE_RATE_HZ


def heard_as(text: str, *, probability: float = 0.9, rest_s: float | None = None) -> HeardClip:
    return HeardClip((HeardWord(f" {text}", 0.6, 0.9, probability),), rest_s, "en", 0.99)


def its_number(clip: Clip) -> HeardClip:
    return heard_as(str(int(clip[0])))


class Hears:
    """A recogniser that answers clip by clip and keeps what it was asked."""

    version = "fake@0"

    def __init__(
        self, answer: Callable[[Clip], HeardClip] = its_number, *, batch: int = 4, streams: int = 2
    ) -> None:
        self._answer, self.batch_size, self.streams = answer, batch, streams
        self._lock = threading.Lock()
        self._beside = 0
        self._alone = False
        self.calls: list[list[float]] = []  # seconds of each clip
        self.alone: list[bool] = []
        self.disturbed = False  # somebody came beside a call that was to be alone

    def recognise(self, clips: Sequence[Clip], *, alone: bool) -> list[HeardClip]:
        with self._lock:
            self._beside += 1
            self._alone = self._alone or alone
            self.disturbed |= self._alone and self._beside > 1
            self.calls.append([clip_s(clip) for clip in clips])
            self.alone.append(alone)
        try:
            return [self._answer(clip) for clip in clips]
        finally:
            with self._lock:
                self._beside -= 1
                self._alone = False

    def spell(self, clip: Clip, lead: str) -> tuple[HeardDigits, ...]:
        """As long as the clip, in tenths of a second, and as long as its lead."""
        return (HeardDigits(f"{10 * clip_s(clip):.0f}{len(lead)}", -0.5),)


class Source:
    """Passages that come one by one; knows how many were taken and have not come back."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self.taken = self.returned = self.most_open = 0

    def __iter__(self) -> Iterator[Passage]:
        for passage in self._passages:
            self.taken += 1
            self.most_open = max(self.most_open, self.taken - self.returned)
            yield passage

    def through(self, recogniser: Hears) -> list[Outcome]:
        outcomes = []
        for outcome in WhisperTranscriber(recogniser).transcribe(self):
            self.returned += 1
            outcomes.append(outcome)
        return outcomes


def text_of(outcome: Transcript | Exception) -> str:
    assert isinstance(outcome, Transcript), outcome
    return outcome.text
