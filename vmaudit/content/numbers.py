"""From runs of digits to whole phone numbers, by the region's numbering plan.

A run is cut into numbers and leftovers along the cheapest path (dynamic programming over its
items, Bellman 1957). Leftover digits cost most, so a reading that explains every digit wins;
after that, one that keeps to the groups in which the plan's numbers are said. A number may
begin and end only where the speaker parted it from leftover digits: eleven digits in one
breath are no ten-digit number, whichever of them is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from vmaudit.content.paths import (
    CORRECTED_DIGIT,
    DROPPED_WORD,
    LEFTOVER_DIGIT,
    SpokenNumber,
    numbers_from,
)
from vmaudit.content.plan import NumberingPlan
from vmaudit.content.runs import Item, Run

__all__ = ["Reading", "read_run"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A run cut up: its ``numbers`` without those taken back, in order, and what is left.

    ``leftovers`` are ranges of items, first and end (exclusive), that hold no number and were
    not taken back. ``cost`` is that of the reading, leftover digits included.
    """

    run: Run
    numbers: tuple[SpokenNumber, ...]
    leftovers: tuple[tuple[int, int], ...]
    cost: float


def read_run(run: Run, plan: NumberingPlan) -> tuple[Reading, ...]:
    """Cut a run into numbers. Linear in its items.

    A guess ("to" for two) counts as a digit only where that leaves fewer digits over, and no
    fewer numbers.
    """
    plain = tuple(_cut(part, plan) for part in run.without_guesses())
    if not run.guesses:
        return plain
    guessed = _cut(run, plan)
    as_many = _whole((guessed,)) >= _whole(plain)
    cheaper = guessed.cost < sum(reading.cost for reading in plain)
    return (guessed,) if as_many and cheaper else plain


def _whole(readings: Sequence[Reading]) -> int:
    return sum(not number.local for reading in readings for number in reading.numbers)


def _cut(run: Run, plan: NumberingPlan) -> Reading:
    steps = _segment(run, plan)
    numbers = [step.number for step in steps if step.number is not None]
    leftovers: list[tuple[int, int]] = []
    for step, following in zip_longest(steps, steps[1:]):
        if step.number is not None or _taken_back(run, step.end):
            continue
        if leftovers and leftovers[-1][1] == step.first:
            leftovers[-1] = leftovers[-1][0], step.end
        else:
            leftovers.append((step.first, step.end))
        if following is not None and _begins_again(run, leftovers[-1], following.number):
            leftovers.pop()
    cost = steps[-1].cost if steps else 0.0
    return Reading(run, tuple(_corrected(numbers)), tuple(leftovers), cost)


def _taken_back(run: Run, end: int) -> bool:
    return end < len(run.items) and run.gaps[end].cue


def _begins_again(run: Run, leftover: tuple[int, int], number: SpokenNumber | None) -> bool:
    """Whether leftover digits are a false start: "240 555, 240 555 0142"."""
    if number is None:
        return False
    digits = "".join(digit for digit, _ in run.spoken(*leftover))
    return number.digits.startswith(digits)


@dataclass(frozen=True, slots=True)
class _Step:
    """A number or leftover digits (``number`` None), and the least ``cost`` up to its end."""

    cost: float
    first: int
    end: int
    previous: tuple[int, bool] | None
    number: SpokenNumber | None


def _segment(run: Run, plan: NumberingPlan) -> list[_Step]:
    """The cheapest way through a run, as numbers and leftovers.

    A place is an item index and whether only another number may begin there (``tight``).
    """
    count = len(run.items)
    leftovers = _leftovers(run)
    best: dict[tuple[int, bool], _Step] = {(0, False): _Step(0.0, 0, 0, None, None)}
    for index in range(count):
        for tight in (False, True):
            step = best.get((index, tight))
            if step is None:
                continue
            place = (index, tight)
            for number in numbers_from(run, index, plan):
                bounded = _ends(run, number.end) or _bounds_itself(number)
                cost = step.cost + number.cost
                longer = _Step(cost, index, number.end, place, number)
                _offer(best, (number.end, not bounded), longer)
            if not tight:
                for end, cost in leftovers[index]:
                    _offer(best, (end, False), _Step(step.cost + cost, index, end, place, None))
    steps: list[_Step] = []
    step = best[count, False]
    while step.previous is not None:
        steps.append(step)
        step = best[step.previous]
    return steps[::-1]


def _offer(best: dict[tuple[int, bool], _Step], place: tuple[int, bool], step: _Step) -> None:
    known = best.get(place)
    if known is None or step.cost < known.cost:
        best[place] = step


def _leftovers(run: Run) -> list[list[tuple[int, float]]]:
    """For each item, where leftover digits from it may end, and what leaving them out costs.

    They end where a number may begin, or at the next "sorry", which takes all of them back.
    """
    found: list[list[tuple[int, float]]] = []
    ends, cue = _Left(len(run.items)), _Left(len(run.items))
    for index in range(len(run.items) - 1, -1, -1):
        ends.add(run, index)
        cue.add(run, index)
        options = [(ends.end, ends.cost(LEFTOVER_DIGIT))]
        if _taken_back(run, cue.end):
            options.append((cue.end, cue.cost(CORRECTED_DIGIT)))
        found.append(options)
        if _begins(run, index):
            ends = _Left(index)
        if run.gaps[index].cue:
            cue = _Left(index)
    return found[::-1]


@dataclass(slots=True)
class _Left:
    """Items left out up to ``end``: how many digits they hold, and words that may be none."""

    end: int
    digits: int = 0
    words: int = 0

    def add(self, run: Run, index: int) -> None:
        item = run.items[index]
        joined = item.unit and index > 0 and run.items[index - 1].tens  # "forty five" is two
        if run.optional(index):
            self.words += 1
        elif not (item.guess or joined):
            self.digits += len(item.digits)

    def cost(self, digit: float) -> float:
        return self.digits * digit + self.words * DROPPED_WORD


def _begins(run: Run, index: int) -> bool:
    """Whether a number may begin at this item after leftover digits.

    The gap before it must be stronger than the next one, unless the item is a group of its
    own: in "5, 5, 5, 0" every comma is alike and parts nothing. A guess that is none parts,
    and so do written groups: "open till 8 240-555-0142".
    """
    if index > 0 and (run.items[index - 1].guess or _is_written(run, index)):
        return True
    after = run.gaps[index + 1].rank if index + 1 < len(run.items) else 0
    return _parts(run.gaps[index].rank, after, run.items[index])


def _is_written(run: Run, index: int) -> bool:
    """Whether a North American number stands here in its written groups."""
    lengths = tuple(len(item.digits) for item in run.items[index : index + 3])
    return lengths == (3, 3, 4) and len(run.items[index - 1].digits) < 3


def _ends(run: Run, index: int) -> bool:
    """Whether a number may end before this item with leftover digits following."""
    if index == len(run.items) or run.items[index].guess:
        return True
    before = run.gaps[index - 1].rank if index > 1 else 0
    return _parts(run.gaps[index].rank, before, run.items[index - 1])


def _parts(rank: int, inner_rank: int, item: Item) -> bool:
    return rank > inner_rank or (rank > 0 and len(item.digits) >= 3)


def _bounds_itself(number: SpokenNumber) -> bool:
    """Whether its own groups show where it ends: "240 555 0142", never digit by digit."""
    return all(len(item.digits) >= 3 for _, item in number.spoken)


def _corrected(numbers: Sequence[SpokenNumber]) -> list[SpokenNumber]:
    """Leave out a number that the next one takes back: "... 0143, sorry, 240 555 0142"."""
    return [
        number
        for number, following in zip_longest(numbers, numbers[1:])
        if following is None or not _takes_back(number, following)
    ]


def _takes_back(number: SpokenNumber, following: SpokenNumber) -> bool:
    """Whether a correction parts two numbers that differ; the same number twice is a repeat."""
    if not number.before_cue or following.first != number.end:
        return False
    shared = min(len(number.digits), len(following.digits))
    return number.digits[-shared:] != following.digits[-shared:]
