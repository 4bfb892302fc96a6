"""Speech that got no words is heard once more by itself, for filled pauses.

Whisper learnt from edited text: among sentences it leaves a series of "uh" out, where it is
alone it writes it. Nothing else is taken from there: a stutter or a cough by itself becomes "No."
or "Thank you.".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from vmaudit.asr.whisper.recogniser import HeardWord
from vmaudit.asr.whisper.verbatim import ALSO_PAUSES, FILLED_PAUSES
from vmaudit.records import Interval, Word

EDGES = " .,;:!?-\u2026"
PAUSES = frozenset(text.strip().lower() for text in (*FILLED_PAUSES, *ALSO_PAUSES))


@dataclass(frozen=True, slots=True)
class Wordless:
    """Stretches of ``speech`` between two words; ``before`` counts the words that precede them.

    ``bounds`` reach from the one word to the other.
    """

    before: int
    speech: tuple[Interval, ...]
    bounds: Interval


def wordless(words: Sequence[Word], speech: Sequence[Interval], bounds: Interval) -> list[Wordless]:
    """The stretches of ``speech`` that share no time with a word, in order, by the words beside.

    ``words`` are ordered by their start, ``speech`` is ordered and disjoint.
    """
    found: list[Wordless] = []
    for stretch in speech:
        before = bisect_left(words, stretch.end_s, key=lambda word: word.start_s)
        ended_s = max((word.end_s for word in words[:before]), default=bounds.start_s)
        if ended_s > stretch.start_s:
            continue
        if found and found[-1].before == before:
            found[-1] = Wordless(before, (*found[-1].speech, stretch), found[-1].bounds)
            continue
        until_s = words[before].start_s if before < len(words) else bounds.end_s
        around = Interval(max(ended_s, bounds.start_s), min(until_s, bounds.end_s))
        found.append(Wordless(before, (stretch,), around))
    return found


def only_filled_pauses(words: Sequence[HeardWord]) -> bool:
    """Whether something was heard, and nothing but "um" and the like."""
    return bool(words) and all(word.text.strip(EDGES).lower() in PAUSES for word in words)
