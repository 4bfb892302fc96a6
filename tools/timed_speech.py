"""Speech whose pieces have known times: spoken once by a synthetic voice, and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from telephone import LINE_RATE_HZ, Signal, to_line_rate
from voices import VOICE_RATE_HZ, TimedSpeech

_PEAK = 0.9  # of a kept utterance, full scale 1
_SILENCE_BELOW_PEAK_DB = 35.0


class Utterance(Protocol):
    """Pieces said in one breath; two that are equal sound alike."""

    @property
    def pieces(self) -> tuple[str, ...]:
        """What is said, in order."""

    @property
    def voice(self) -> str:
        """Who says it."""

    @property
    def speed(self) -> float:
        """A factor on the voice's own pace."""


SomeUtterance = TypeVar("SomeUtterance", bound=Utterance)


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """Speech at ``LINE_RATE_HZ``; ``spans_s``, shape ``(pieces, 2)``, where each piece sounds."""

    samples: Signal
    spans_s: Signal


class PieceSpeaker(Protocol):
    """Whoever says pieces as one utterance; ``Kokoro``, or what stands in for it in tests."""

    def reseed(self, seed: int) -> None:
        """Start afresh from ``seed``."""

    def speak_pieces(self, pieces: Sequence[str], *, voice: str, speed: float = 1.0) -> TimedSpeech:
        """Say the pieces, and when each was said."""


class SpokenOnce:
    """Gives what a voice says, with times; spoken once and kept in ``folder``, a file per voice.

    ``make_speaker`` is called when the first is missing. A voice is seeded by what it says
    and speaks in one go, so that it says the same again.
    """

    def __init__(self, folder: Path, make_speaker: Callable[[], PieceSpeaker]) -> None:
        self._folder = folder
        self._make_speaker = make_speaker

    @cached_property
    def _speaker(self) -> PieceSpeaker:
        return self._make_speaker()

    def spoken(self, utterances: Sequence[SomeUtterance]) -> dict[SomeUtterance, Timed]:
        """Speak or read; the peak of each is 0.9 of full scale."""
        digest = hashlib.sha256(repr(utterances).encode()).hexdigest()
        path = self._folder / f"{digest[:24]}.npz"
        if not path.exists():
            self._speaker.reseed(int(digest[:7], 16))
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part.npz")  # a run that is broken off leaves no half file
            np.savez(part, allow_pickle=False, **self._speak(utterances))
            part.replace(path)
        with np.load(path) as kept:
            return {
                utterance: Timed(kept[f"pcm{n}"] / 32_767, kept[f"spans{n}"])
                for n, utterance in enumerate(utterances)
            }

    def _speak(self, utterances: Sequence[Utterance]) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {}
        for n, said in enumerate(utterances):
            speech = self._speaker.speak_pieces(said.pieces, voice=said.voice, speed=said.speed)
            line = to_line_rate(speech.samples, VOICE_RATE_HZ)
            scale = _PEAK * 32_767 / np.max(np.abs(line))
            arrays[f"pcm{n}"] = np.round(line * scale).astype(np.int16)
            arrays[f"spans{n}"] = speech.spans_s
        return arrays


def without_silence(timed: Timed) -> Signal:
    """An utterance without the silence around it."""
    floor = np.max(np.abs(timed.samples)) * 10 ** (-_SILENCE_BELOW_PEAK_DB / 20)
    loud = np.flatnonzero(np.abs(timed.samples) > floor)
    return timed.samples[loud[0] : loud[-1] + 1]


def seconds(samples: Signal) -> float:
    """How long they last."""
    return len(samples) / LINE_RATE_HZ
