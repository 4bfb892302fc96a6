"""Digits heard twice: which stretches are worth a second hearing, and how both hearings vote.

A recogniser counts repeated digits badly ("five five five" as 55) and is sure of it; so what is
heard again is chosen by what a numbering plan says as well as by confidence. The vote is one
over whole strings: each candidate is weighed by both hearings and by the plan, and each digit
by the candidates that have it in that place (after ROVER, Fiscus 1997).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from vmaudit.content.plan import NumberingPlan
from vmaudit.records import DigitReading, DigitStretch, Statement, Word

__all__ = [
    "Vote",
    "digit_stretches",
    "heard_twice",
    "stretches_in_doubt",
    "vote",
    "without_points",
]

LEAD_S = 4.0  # of the words before digits, that say where they begin
MAX_GAP_S = 2.5  # between digits of one stretch
MIN_DIGITS = 6  # fewer are a price, a year or a time; or the end of a number that was said
DOUBTED_CONFIDENCE = 0.5
MAX_STRAY_DIGITS = 1  # beside a number that was read: "... 0142. One more time"
MAX_SLIPS = 2  # two numbers that differ in more digits are two numbers
SPLIT_PAUSE_S = 0.5  # parts a number from its repetition
MIN_PART = 7

# Natural logarithms of how likely the first hearing is to err, beside its own confidence.
MISSED_DIGIT = math.log(0.03)
ADDED_DIGIT = math.log(0.1)
OTHER_DIGIT = math.log(1 / 9)
MAX_CONFIDENCE = 0.97
# What the hearings and the plan weigh in a vote, chosen on the tuning parts of
# tools/compose_numbers.py. The first hearing counts repeated digits with false confidence.
FIRST_WEIGHT = 0.3
DIGIT_BONUS = 0.3  # the second hearing likes to end early
UNLISTED = -2.0  # below the least likely reading of the second hearing
NO_NUMBER = -4.0  # where the plan knows no number of these digits

_DIGIT_WORDS = {
    word: str(digit)
    for digit, words in enumerate(
        ("zero oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in words.split()
}
# Between digits that are not grouped as numbers are written: not in "240.555.0142".
_POINT = re.compile(r"(?<![0-9]{3})\.(?=[0-9])|\.(?=[0-9]{1,2}(?![0-9]))")
_NUMERAL = re.compile(r"[^\w$%]*[+(]*[0-9][0-9().-]*[^\w%]*")


@dataclass(frozen=True, slots=True)
class Vote:
    """The digits of a stretch as both hearings have them, with confidences in [0, 1].

    ``agreed``: the second hearing's best reading is what was heard first.
    """

    digits: str
    confidences: tuple[float, ...]
    agreed: bool


def digit_stretches(words: Sequence[Word]) -> tuple[DigitStretch, ...]:
    """Every run of words that are digits alone, in the order heard.

    A run of two numbers is parted at its longest pause.
    """
    found: list[DigitStretch] = []
    for run in _runs(words):
        for part in _parted(words, run):
            found.append(_stretch(words, part))
    return tuple(found)


def stretches_in_doubt(
    stretches: Sequence[DigitStretch], plan: NumberingPlan, read: Sequence[Statement]
) -> tuple[DigitStretch, ...]:
    """The stretches worth a second hearing.

    They are long enough for a number, and no whole number of the plan, or unsure, or they
    differ in a digit or two from another one of the message. ``read`` are the complete
    statements in the words as first heard: what they explain is whole, and a stretch that is
    but a part of one ("01 for 7") is left to the reader.
    """
    long = [stretch for stretch in stretches if len(stretch.digits) >= MIN_DIGITS]
    doubted = set()
    for stretch in long:
        counts = [sum(map(len, one.groups)) for one in read if _overlap(stretch, one)]
        if len(stretch.digits) < max(counts, default=0):
            continue
        explained = bool(counts) and len(stretch.digits) <= sum(counts) + MAX_STRAY_DIGITS
        whole = explained or _is_whole(stretch.digits, plan)
        if not whole or min(stretch.confidences) < DOUBTED_CONFIDENCE:
            doubted.add(stretch)
    for one, other in combinations(long, 2):
        if 0 < _slips(one.digits, other.digits) <= MAX_SLIPS:
            doubted |= {one, other}
    return tuple(stretch for stretch in long if stretch in doubted)


def vote(stretch: DigitStretch, readings: Sequence[DigitReading], plan: NumberingPlan) -> Vote:
    """Weigh what was heard first and the readings of the second hearing against each other."""
    if not readings:
        return Vote(stretch.digits, stretch.confidences, agreed=True)
    second = {reading.digits: reading.log_probability for reading in readings}
    unlisted = min(second.values()) + UNLISTED
    merits = {
        digits: FIRST_WEIGHT * _first_hearing(stretch, digits)
        + second.get(digits, unlisted)
        + DIGIT_BONUS * len(digits)
        + (0.0 if _is_whole(digits, plan) else NO_NUMBER)
        for digits in {stretch.digits, *second}
    }
    best = max(sorted(merits), key=merits.__getitem__)
    weights = {digits: math.exp(merit - merits[best]) for digits, merit in merits.items()}
    total = sum(weights.values())
    shares = [0.0] * len(best)
    for digits, weight in weights.items():
        for place, other in _aligned(best, digits):
            if place is not None and other is not None and best[place] == digits[other]:
                shares[place] += weight / total
    agreed = readings[0].digits == stretch.digits
    return Vote(best, tuple(min(share, 1.0) for share in shares), agreed)


def heard_twice(
    words: Sequence[Word], readings: Sequence[DigitReading], plan: NumberingPlan
) -> tuple[Word, ...]:
    """The words, with the digits of every stretch that was heard again as the vote has them.

    Each word keeps its time; a digit that was missed goes to the word before it.
    """
    mended = list(words)
    for run in _runs(words):
        for part in _parted(words, run):
            stretch = _stretch(words, part)
            own = [r for r in readings if (r.start_s, r.end_s) == (stretch.start_s, stretch.end_s)]
            if own:
                _mend(mended, part, vote(stretch, own, plan))
    return tuple(word for word in mended if word.text)


def without_points(words: Sequence[Word], plan: NumberingPlan) -> tuple[Word, ...]:
    """The words, without points between the digits of a whole number with its area code.

    Whisper writes them: "6.02 555 0142" is no amount.
    """
    plain = list(words)
    for run in _runs(words):
        for part in _parted(words, run):
            if plan.national("".join(_digits_of(words[index]) for index in part), plus=False):
                for index in part:
                    plain[index] = replace(words[index], text=_POINT.sub("", words[index].text))
    return tuple(plain)


def _digits_of(word: Word) -> str:
    """The digits that a word is, if it is nothing else."""
    text = word.text.strip()
    if _NUMERAL.fullmatch(text):
        return re.sub("[^0-9]", "", text)
    return _DIGIT_WORDS.get(text.strip(".,;:!?-").lower(), "")


def _runs(words: Sequence[Word]) -> Iterator[range]:
    """Where digit words stand side by side, as indices of words."""
    start: int | None = None
    for index, word in enumerate(words):
        is_digits = bool(_digits_of(word))
        if start is not None and (
            not is_digits or word.start_s - words[index - 1].end_s > MAX_GAP_S
        ):
            yield range(start, index)
            start = None
        if is_digits and start is None:
            start = index
    if start is not None:
        yield range(start, len(words))


def _parted(words: Sequence[Word], run: range) -> Iterator[range]:
    """A run, or its two parts where a pause may part two numbers."""
    counts = [len(_digits_of(words[index])) for index in run]
    pauses = {
        run[place]: words[run[place]].start_s - words[run[place] - 1].end_s
        for place in range(1, len(run))
        if min(sum(counts[:place]), sum(counts[place:])) >= MIN_PART
    }
    cut = max(pauses, key=pauses.__getitem__, default=run.start)
    if pauses and pauses[cut] >= SPLIT_PAUSE_S:
        yield range(run.start, cut)
        yield range(cut, run.stop)
    else:
        yield run


def _stretch(words: Sequence[Word], run: range) -> DigitStretch:
    start_s = words[run.start].start_s
    first = run.start
    while (
        first and not _digits_of(words[first - 1]) and start_s - words[first - 1].start_s < LEAD_S
    ):
        first -= 1
    return DigitStretch(
        start_s=start_s,
        end_s=words[run.stop - 1].end_s,
        digits="".join(_digits_of(words[index]) for index in run),
        confidences=tuple(
            words[index].confidence for index in run for _ in _digits_of(words[index])
        ),
        lead=" ".join(word.text for word in words[first : run.start]),
        lead_start_s=words[first].start_s,
    )


def _is_whole(digits: str, plan: NumberingPlan) -> bool:
    """Whether the digits are a number of the plan, or the same one twice."""
    half = digits[: len(digits) // 2]
    return any(
        plan.national(one, plus=False) or plan.local(one, plus=False)
        for one in ({digits, half} if half * 2 == digits else {digits})
    )


def _overlap(stretch: DigitStretch, statement: Statement) -> bool:
    return stretch.start_s < statement.end_s and statement.start_s < stretch.end_s


def _slips(one: str, other: str) -> int:
    """In how many places two numbers of one length differ; none where the lengths do."""
    return sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else 0


def _first_hearing(stretch: DigitStretch, digits: str) -> float:
    """Log probability that ``digits`` were said where ``stretch.digits`` were heard."""
    total = 0.0
    for heard, said in _aligned(stretch.digits, digits):
        if heard is None:
            total += MISSED_DIGIT
            continue
        confidence = min(stretch.confidences[heard], MAX_CONFIDENCE)
        if said is None:
            total += math.log(1 - confidence) + ADDED_DIGIT
        elif stretch.digits[heard] == digits[said]:
            total += math.log(max(confidence, 1 - MAX_CONFIDENCE))
        else:
            total += math.log(1 - confidence) + OTHER_DIGIT
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


def _mend(words: list[Word], run: range, voted: Vote) -> None:
    """Spread voted digits over the words of a run, in place."""
    owners = [index for index in run for _ in _digits_of(words[index])]
    heard = "".join(_digits_of(words[index]) for index in run)
    said: dict[int, list[int]] = {index: [] for index in run}
    owner = run.start
    for before, after in _aligned(heard, voted.digits):
        owner = owners[before] if before is not None else owner
        if after is not None:
            said[owner].append(after)
    for index, places in said.items():
        digits = "".join(voted.digits[place] for place in places)
        confidence = min((voted.confidences[place] for place in places), default=0.0)
        text = _rewritten(words[index].text, digits) if digits else ""
        words[index] = replace(words[index], text=text, confidence=confidence)


def _rewritten(text: str, digits: str) -> str:
    """``text`` as it was where its digits are, else with ``digits`` between its punctuation."""
    if (
        re.sub("[^0-9]", "", text) == digits
        or _DIGIT_WORDS.get(text.strip(".,;:!?-").lower()) == digits
    ):
        return text
    core = re.search(r"\w(.*\w)?", text)
    return digits if core is None else text[: core.start()] + digits + text[core.end() :]
