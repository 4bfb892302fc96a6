"""Keeps a word from swallowing the silence beside it.

Cross attention marks where a token begins; its end is where the next begins, so a pause
falls into a word. Voice activity knows better where sound stops and starts.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmaudit.records import Interval, Word

MIN_WORD_S = 0.02


def fit_to_speech(
    words: Sequence[Word], speech: Sequence[Interval], duration_s: float
) -> list[Word]:
    """Shrink each word to the stretch of ``speech`` that it shares most time with.

    ``speech`` is ordered and disjoint. A word outside all speech keeps its times. The
    result is ordered and inside the recording of ``duration_s``: no word starts before its
    predecessor, or ends before it starts.
    """
    fitted: list[Word] = []
    earliest_s = 0.0
    for word in words:
        start_s, end_s = _core(word, speech)
        start_s = min(max(start_s, earliest_s), max(duration_s - MIN_WORD_S, 0.0))
        end_s = min(max(end_s, start_s + MIN_WORD_S), duration_s)
        fitted.append(Word(word.text, start_s, end_s, word.confidence))
        earliest_s = start_s
    return fitted


def _core(word: Word, speech: Sequence[Interval]) -> tuple[float, float]:
    shared = [
        (min(word.end_s, s.end_s) - max(word.start_s, s.start_s), s)
        for s in speech
        if s.start_s < word.end_s and s.end_s > word.start_s
    ]
    if not shared:
        return word.start_s, word.end_s
    _, best = max(shared, key=lambda pair: pair[0])
    return max(word.start_s, best.start_s), min(word.end_s, best.end_s)
