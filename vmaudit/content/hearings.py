"""Digits heard more than once: how the words, the sounds and a second hearing of them vote.

A recogniser counts repeated digits badly ("five five five" as 55) and is sure of it. The vote is
one over whole strings: each candidate is weighed by the words, by the sounds, by the second hearing
and by the plan, and each digit by the candidates that have it in that place (after ROVER, Fiscus
1997).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vmaudit.content.digit_words import digits_of, rewritten
from vmaudit.content.plan import NumberingPlan
from vmaudit.content.stretches import digit_stretches
from vmaudit.records import DigitReading, DigitSound, DigitStretch, Transcript, Word

__all__ = ["Vote", "heard_twice", "vote"]

# Natural logarithms of how likely a hearing is to err, beside its own confidence.
MISSED_DIGIT = math.log(0.03)
ADDED_DIGIT = math.log(0.1)
OTHER_DIGIT = math.log(1 / 9)
MIN_CONFIDENCE, MAX_CONFIDENCE = 0.03, 0.97
# What the hearings and the plan weigh in a vote, chosen on the tuning parts of
# tools/compose_numbers.py. The first hearing counts repeated digits with false confidence.
FIRST_WEIGHT = 0.3
SOUND_WEIGHT = 0.6
DIGIT_BONUS = 0.3  # the second hearing likes to end early
UNLISTED = -2.0  # below the least likely reading of the second hearing
NO_NUMBER = -4.0  # where the plan knows no number of these digits


@dataclass(frozen=True, slots=True)
class Vote:
    """The digits of a stretch as both hearings have them, with confidences in [0, 1].

    ``agreed``: the second hearing's best reading is what was heard first.
    """

    digits: str
    confidences: tuple[float, ...]
    agreed: bool


def vote(stretch: DigitStretch, readings: Sequence[DigitReading], plan: NumberingPlan) -> Vote:
    """Weigh the words, the sounds and the readings of the second hearing against each other."""
    second = {reading.digits: reading.log_probability for reading in readings}
    unlisted = min(second.values(), default=0.0) + UNLISTED
    sounded = stretch.sounded
    candidates = {stretch.digits, *second, *([sounded] if sounded else [])}
    agreed = not second or readings[0].digits == stretch.digits
    if not second and len(candidates) == 1:
        return Vote(stretch.digits, _either(stretch.confidences, stretch.sounds), agreed)
    merits = {
        digits: FIRST_WEIGHT * _likelihood(_written(stretch), digits)
        + (SOUND_WEIGHT * _likelihood(stretch.sounds, digits) if sounded else 0.0)
        + (second.get(digits, unlisted) if second else 0.0)
        + DIGIT_BONUS * len(digits)
        + (0.0 if plan.is_whole(digits) else NO_NUMBER)
        for digits in candidates
    }
    best = max(sorted(merits), key=merits.__getitem__)
    weights = {digits: math.exp(merit - merits[best]) for digits, merit in merits.items()}
    total = sum(weights.values())
    shares = [0.0] * len(best)
    for digits, weight in weights.items():
        for place, other in _aligned(best, digits):
            if place is not None and other is not None and best[place] == digits[other]:
                shares[place] += weight / total
    return Vote(best, tuple(min(share, 1.0) for share in shares), agreed)


def heard_twice(
    transcript: Transcript, readings: Sequence[DigitReading], plan: NumberingPlan
) -> tuple[Word, ...]:
    """The words of a transcript, with the digits of every stretch as the vote has them.

    Digits that were voted as they sound have the times of their sounds. Else each word keeps its
    time, and a digit that was missed goes to the word before it.
    """
    words = transcript.words
    mended: list[Word] = []
    done = 0
    for run, stretch in digit_stretches(transcript, plan):
        mended += words[done : run.start]
        done = run.stop
        own = [r for r in readings if (r.start_s, r.end_s) == (stretch.start_s, stretch.end_s)]
        some = list(words[run.start : run.stop])
        if own or stretch.sounds:
            voted = vote(stretch, own, plan)
            as_sounded = stretch.sounds and voted.digits == stretch.sounded
            some = _timed(some, stretch, voted) if as_sounded else _spread(some, voted)
        mended += some
    return _in_order([*mended, *words[done:]])


def _either(one: Sequence[float], sounds: Sequence[DigitSound]) -> tuple[float, ...]:
    """The chance that one of two hearings of each digit, which agree, is right."""
    if not sounds:
        return tuple(one)
    pairs = zip(one, sounds, strict=True)
    return tuple(1 - (1 - confidence) * (1 - sound.confidence) for confidence, sound in pairs)


def _written(stretch: DigitStretch) -> list[DigitSound]:
    """The digits as first heard; when each was said does not matter here."""
    heard = zip(stretch.digits, stretch.confidences, strict=True)
    return [DigitSound(digit, 0.0, 0.0, confidence) for digit, confidence in heard]


def _likelihood(heard: Sequence[DigitSound], digits: str) -> float:
    """Log probability that ``digits`` were said where others were heard."""
    total = 0.0
    for place, said in _aligned("".join(one.digit for one in heard), digits):
        if place is None:
            total += MISSED_DIGIT
            continue
        one = heard[place]
        confidence = min(max(one.confidence, MIN_CONFIDENCE), MAX_CONFIDENCE)
        rest = max(1 - confidence - one.rival_confidence, MIN_CONFIDENCE)
        if said is None:
            total += math.log(1 - confidence) + ADDED_DIGIT
        elif digits[said] == one.digit:
            total += math.log(confidence)
        elif digits[said] == one.rival:
            total += math.log(max(one.rival_confidence, MIN_CONFIDENCE))
        else:
            total += math.log(rest) + OTHER_DIGIT
    return total


def _aligned(one: str, other: str) -> list[tuple[int | None, int | None]]:
    """Pair the places of two strings by the fewest changes; None stands for no digit.

    Of digits that repeat, those that only one string has come last.
    """
    ends = len(one), len(other)
    # costs[row][column]: the fewest changes from one[row:] to other[column:].
    costs = [
        [ends[0] - row + ends[1] - column for column in range(ends[1] + 1)]
        for row in range(ends[0] + 1)
    ]
    for row in range(ends[0] - 1, -1, -1):
        for column in range(ends[1] - 1, -1, -1):
            costs[row][column] = 1 + min(
                costs[row + 1][column + 1] - (one[row] == other[column]),
                costs[row + 1][column],
                costs[row][column + 1],
            )
    pairs: list[tuple[int | None, int | None]] = []
    row = column = 0
    while (row, column) != ends:
        following = costs[row + 1][column + 1] if row < ends[0] and column < ends[1] else math.inf
        if following + (one[row : row + 1] != other[column : column + 1]) == costs[row][column]:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif row < ends[0] and costs[row + 1][column] + 1 == costs[row][column]:
            pairs.append((row, None))
            row += 1
        else:
            pairs.append((None, column))
            column += 1
    return pairs


def _spread(words: Sequence[Word], voted: Vote) -> list[Word]:
    """The words of a stretch with the voted digits spread over them."""
    owners = [index for index, word in enumerate(words) for _ in digits_of(word)]
    heard = "".join(map(digits_of, words))
    if voted.digits != heard and not owners:
        return list(words)
    said: list[list[int]] = [[] for _ in words]
    owner = owners[0] if owners else 0
    for before, after in _aligned(heard, voted.digits):
        owner = owners[before] if before is not None else owner
        if after is not None:
            said[owner].append(after)
    mended = []
    for word, places in zip(words, said, strict=True):
        digits = "".join(voted.digits[place] for place in places)
        if digits:
            confidence = min(voted.confidences[place] for place in places)
            mended.append(replace(word, text=rewritten(word.text, digits), confidence=confidence))
        elif not digits_of(word) and voted.digits == heard:
            mended.append(word)
    return mended


def _timed(words: Sequence[Word], stretch: DigitStretch, voted: Vote) -> list[Word]:
    """The words of a stretch whose digits were voted as they sound, with their sounds' times.

    Where other words were heard, each digit is a word.
    """
    texts, counts = [*voted.digits], [1] * len(voted.digits)
    if voted.digits == stretch.digits and all(map(digits_of, words)):
        texts, counts = [word.text for word in words], [len(digits_of(word)) for word in words]
    elif words:
        texts[-1] += re.sub(r".*?([.,?!]?)$", r"\1", words[-1].text)
    timed = []
    done = 0
    for text, count in zip(texts, counts, strict=True):
        own = range(done, done + count)
        confidence = min(voted.confidences[place] for place in own)
        start_s, end_s = stretch.sounds[own[0]].start_s, stretch.sounds[own[-1]].end_s
        timed.append(Word(text, start_s, end_s, confidence))
        done += count
    return timed


def _in_order(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words, each cut where the next begins."""
    ordered: list[Word] = []
    for word in words:
        start_s = word.start_s
        if ordered and ordered[-1].end_s > start_s:
            start_s = max(start_s, ordered[-1].start_s)
            ordered[-1] = replace(ordered[-1], end_s=start_s)
        ordered.append(replace(word, start_s=start_s, end_s=max(start_s, word.end_s)))
    return tuple(ordered)
