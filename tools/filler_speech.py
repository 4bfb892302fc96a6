"""The speech of composed hesitations: fillers in known places, spoken once and kept."""

from __future__ import annotations

import hashlib
import itertools
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from call_tones import Part
from numpy.typing import NDArray
from telephone import LINE_RATE_HZ, Signal, to_line_rate
from voices import CALL_VOICES, VOICE_RATE_HZ, TimedSpeech

Manner = Literal["said", "hesitant", "alone"]

# As they are written for the voices, and by what name they go.
FILLERS = {
    **dict.fromkeys(("um,", "umm,", "ummm,", "um...", "erm,"), "um"),
    **dict.fromkeys(("uh,", "uhh,", "uh..."), "uh"),
    **dict.fromkeys(("er,", "er..."), "er"),
    **dict.fromkeys(("mm,", "mmm,", "hmm,"), "mm"),
}
_SAID = ("umm,", "uhh,", "umm,", "uhh,", "er,", "um,", "mmm,", "uh,", "erm,")
_APART = (
    *(("um,", 0.7), ("um,", 1.0), ("umm,", 0.6), ("umm,", 0.85), ("ummm,", 0.8), ("um...", 0.8)),
    *(("uh,", 0.6), ("uh,", 0.9), ("uhh,", 0.5), ("uhh,", 0.8), ("uh...", 0.7), ("uh...", 1.0)),
    *(("er,", 0.6), ("er,", 0.9), ("er...", 0.75), ("erm,", 0.8)),
    *(("mm,", 0.5), ("mmm,", 0.6), ("mmm,", 0.9), ("hmm,", 0.8)),
)
_SPEEDS = (1.0, 1.15, 0.9, 1.05, 1.25)  # in turn: people talk at different paces
_PEAK = 0.9  # of a kept utterance, full scale 1
_SILENCE_BELOW_PEAK_DB = 35.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """Pieces said in one breath. ``manner``: with fillers, with commas, or a word alone."""

    pieces: tuple[str, ...]
    voice: str
    speed: float
    manner: Manner


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """Speech at ``LINE_RATE_HZ``; ``spans_s``, shape ``(pieces, 2)``, where each piece sounds."""

    samples: Signal
    spans_s: Signal


@dataclass(frozen=True, slots=True)
class VoiceLines:
    """All that one voice says: sentences, and fillers apart."""

    sentences: tuple[Utterance, ...]
    fillers: tuple[Utterance, ...]


def load_lines(path: Path, part: Part) -> dict[str, VoiceLines]:
    """Share the sentences of one part among its voices: what each says, by voice.

    Each sentence is said with fillers by one voice, with commas in their places by the next.
    """
    sentences: list[str] = tomllib.loads(path.read_text(encoding="utf-8"))[part]["sentences"]
    voices = CALL_VOICES[part]
    said = itertools.cycle(_SAID)
    lines: dict[str, list[Utterance]] = {voice: [] for voice in voices}
    for n, sentence in enumerate(sentences):
        chunks = [chunk.strip() for chunk in sentence.split("|")]
        speed = _SPEEDS[n % len(_SPEEDS)]
        first, second = (voices[(n + turn) % len(voices)] for turn in range(2))
        with_fillers = _with_fillers(chunks, said)
        lines[first].append(Utterance(tuple(with_fillers), first, speed, "said"))
        lines[second].append(Utterance(tuple(_with_commas(chunks)), second, speed, "hesitant"))
    return {
        voice: VoiceLines(
            tuple(lines[voice]),
            tuple(Utterance((word,), voice, speed, "alone") for word, speed in _APART),
        )
        for voice in voices
    }


def _with_commas(chunks: Sequence[str]) -> list[str]:
    return [chunk if chunk[-1] in ",.?" else f"{chunk}," for chunk in chunks]


def _with_fillers(chunks: Sequence[str], said: Iterator[str]) -> list[str]:
    pieces: list[str] = []
    for chunk in _with_commas(chunks):
        pieces += [chunk, next(said)]
    return pieces[:-1]


class PieceSpeaker(Protocol):
    """Whoever says pieces as one utterance; ``Kokoro``, or what stands in for it in tests."""

    def reseed(self, seed: int) -> None:
        """Start afresh from ``seed``."""

    def speak_pieces(self, pieces: Sequence[str], *, voice: str, speed: float = 1.0) -> TimedSpeech:
        """Say the pieces, and when each was said."""


class FillerSpeech:
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

    def spoken(self, utterances: Sequence[Utterance]) -> dict[Utterance, Timed]:
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
