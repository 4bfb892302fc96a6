"""What is said in composed hesitations: sentences with fillers in known places, and fillers."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from call_tones import Part
from voices import CALL_VOICES

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


@dataclass(frozen=True, slots=True)
class Utterance:
    """Pieces said in one breath. ``manner``: with fillers, with commas, or a word alone."""

    pieces: tuple[str, ...]
    voice: str
    speed: float
    manner: Manner


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
