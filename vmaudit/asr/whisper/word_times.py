"""Keeps a word from swallowing the silence beside it.

Cross attention marks where a token begins, and turns to the next word during the pause before
it: the pause falls into the later word. Voice activity knows better where sound starts and
stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vmaudit.records import Interval, Word

MIN_WORD_S = 0.02
MIN_SHARED_S = 0.05  # less than this of a stretch of speech is the edge of another word
MIN_DIGIT_S = 0.15
# The token of a comma looks at the end of the word before it, and so cuts that short
# (benchmarks/number_audio.py holds the ends of numbers against the truth).
MARKS = ",.?!;:"
MAX_CUT_S = 0.4


def fit_to_speech(
    words: Sequence[Word], speech: Sequence[Interval], duration_s: float
) -> list[Word]:
    """Shrink each word to the last stretch of ``speech`` that it shares some time with.

    A numeral of several digits ("6175550142") is many words spoken, with pauses between: it
    begins with the first stretch that it shares the time of a digit with. A word that a mark
    follows gets back what the mark took of its stretch, where no other word is in it.
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
    latest_s = [*(word.start_s for word in fitted[1:]), duration_s]
    return [
        _with_its_end(word, speech, until_s)
        for word, until_s in zip(fitted, latest_s, strict=False)
    ]


def _with_its_end(word: Word, speech: Sequence[Interval], latest_s: float) -> Word:
    if not word.text.endswith(tuple(MARKS)):
        return word
    ends_s = [s.end_s for s in speech if s.start_s <= word.end_s <= s.end_s <= latest_s]
    end_s = min(ends_s[0], word.end_s + MAX_CUT_S) if ends_s else word.end_s
    return replace(word, end_s=end_s)


def _core(word: Word, speech: Sequence[Interval]) -> tuple[float, float]:
    shared = [
        (min(word.end_s, s.end_s) - max(word.start_s, s.start_s), s)
        for s in speech
        if s.start_s < word.end_s and s.end_s > word.start_s
    ]
    if not shared:
        return word.start_s, word.end_s
    enough = [part for shared_s, part in shared if shared_s >= MIN_SHARED_S]
    last = enough[-1] if enough else max(shared, key=lambda pair: pair[0])[1]
    first = last
    if sum(character.isdigit() for character in word.text) > 1:
        first = next((part for shared_s, part in shared if shared_s >= MIN_DIGIT_S), last)
    return max(word.start_s, first.start_s), min(word.end_s, last.end_s)
