"""Whole numbers among the digits that are heard by their sound alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from vmaudit.content.digit_words import MAX_GAP_S, digits_of
from vmaudit.content.plan import NumberingPlan
from vmaudit.records import DigitSound, Interval, Word, those_within

MIN_CONFIDENCE = 0.6  # of a number, on the whole
MIN_DIGIT_CONFIDENCE = 0.2  # less is no digit
# What it costs to leave a sound out, beside its confidence, where a word that is no digit was
# heard in its place ("for" sounds like a digit); and a second of silence within a number.
MISTAKEN_SHARE = 0.3
SILENCE_COST = 0.5


def sounded_numbers(
    sounds: Sequence[DigitSound], words: Sequence[Word], plan: NumberingPlan
) -> tuple[tuple[DigitSound, ...], ...]:
    """The sounds of each whole number of the plan, in order; none belongs to two.

    Of sounds side by side as few are left out as can be, those first that are words.
    """
    likely = [sound for sound in sounds if sound.confidence >= MIN_DIGIT_CONFIDENCE]
    return tuple(
        number
        for some in _side_by_side(likely, words)
        for number in _best_cut(some, words, plan)
        if sum(sound.confidence for sound in number) >= MIN_CONFIDENCE * len(number)
    )


def _side_by_side(
    sounds: Sequence[DigitSound], words: Sequence[Word]
) -> Iterator[list[DigitSound]]:
    """Digits with no word between: "from six today", "240, sorry, 206" are two rows."""
    some: list[DigitSound] = []
    for sound in sounds:
        if some and (
            sound.start_s - some[-1].end_s > MAX_GAP_S or _is_word_between(some[-1], sound, words)
        ):
            yield some
            some = []
        some.append(sound)
    if some:
        yield some


def _is_word_between(one: DigitSound, other: DigitSound, words: Sequence[Word]) -> bool:
    """Whether one that is no digit has its middle there: no digit was taken for it."""
    between = those_within(words, Interval(one.end_s, other.start_s))
    return any(not digits_of(word) for word in between)


def _best_cut(
    sounds: Sequence[DigitSound], words: Sequence[Word], plan: NumberingPlan
) -> list[tuple[DigitSound, ...]]:
    """The whole numbers among sounds side by side that leave the least out."""
    digits = "".join(sound.digit for sound in sounds)
    left_out = [
        sound.confidence * (MISTAKEN_SHARE if _is_word(sound, words) else 1.0) for sound in sounds
    ]
    gaps_s = [b.start_s - a.end_s for a, b in pairwise(sounds)]
    # The best of the first so many: what it costs, and where its last number begins and ends.
    costs, cuts = [0.0], [(0, 0)]
    for end in range(1, len(sounds) + 1):
        costs.append(costs[end - 1] + left_out[end - 1])
        cuts.append(cuts[end - 1])
        for start in range(max(0, end - plan.max_digits), end):
            if plan.national(digits[start:end], plus=False):
                cost = costs[start] + SILENCE_COST * sum(gaps_s[start : end - 1])
                if cost < costs[end]:
                    costs[end], cuts[end] = cost, (start, end)
    found = []
    end = len(sounds)
    while cuts[end] != (0, 0):
        start, stop = cuts[end]
        found.append(tuple(sounds[start:stop]))
        end = start
    return found[::-1]


def _is_word(sound: DigitSound, words: Sequence[Word]) -> bool:
    """Whether its middle lies in a word that is no digit."""
    middle_s = (sound.start_s + sound.end_s) / 2
    return any(word.start_s <= middle_s < word.end_s and not digits_of(word) for word in words)
