"""Marked sentences: which words are fillers or disfluencies, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vmaudit.records import Disfluency, Filler, Word

FOLDER = Path(__file__).parent / "wording"
_WORD_S = 0.3
_OPENING = {"[": "repetition", "{": "restart"}
_CLOSING = "]}"


@dataclass(frozen=True)
class Sentence:
    """Words of 0.3 s each, and the marked stretches as (first word, last word, kind)."""

    text: str
    words: tuple[Word, ...]
    marked: frozenset[tuple[int, int, str]]


def sentences(name: str, part: str) -> list[Sentence]:
    """Read one part, "rules" or "held out", of a list in ``tests/wording``."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"== {part}\n")
    lines = rest.partition("\n== ")[0].splitlines()
    return [_sentence(line) for line in lines]


def position(found: Filler | Disfluency) -> tuple[int, int]:
    """The first and last word of what was found in such a sentence."""
    return round(found.start_s / _WORD_S), round(found.end_s / _WORD_S) - 1


def precision_and_recall(pairs: list[tuple[set[object], set[object]]]) -> tuple[float, float]:
    """Over all (found, marked) pairs together."""
    hits = sum(len(found & marked) for found, marked in pairs)
    return hits / sum(len(one) for one, _ in pairs), hits / sum(len(one) for _, one in pairs)


def _sentence(line: str) -> Sentence:
    words, marked = [], set()
    opened, kind = 0, ""
    for k, token in enumerate(line.split()):
        if token[0] in _OPENING:
            opened, kind = k, _OPENING[token[0]]
        if any(mark in token for mark in _CLOSING):
            marked.add((opened, k, kind))
        bare = token.strip("[{").translate({ord(mark): None for mark in _CLOSING})
        words.append(Word(bare, _WORD_S * k, _WORD_S * (k + 1), 0.9))
    return Sentence(line, tuple(words), frozenset(marked))
