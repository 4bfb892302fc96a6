"""From runs of digits to whole phone numbers, by the region's numbering plan.

A run is cut into numbers and leftovers along the cheapest path (dynamic programming over its
items, Bellman 1957). Leftover digits cost most, so a reading that explains every digit wins;
after that, one that keeps to the groups in which the plan's numbers are said. A number may
begin and end only where the speaker parted it from leftover digits: eleven digits in one
breath are no ten-digit number, whichever of them is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from vmaudit.content.digits import Gap, Item, Run
from vmaudit.content.plan import NumberingPlan

__all__ = [
    "SpokenNumber",
    "read_numbers",
]

_MAX_REPAIRS = 2  # per number: "oh" or "one" taken for no digit; a correction uses them up
_MAX_SLIP = 2  # digits that a partial correction changes in a number already said

# Costs of a reading. Only their order matters: any leftover digit is worse than any number,
# a short (local) number is worse than a whole one, and the rest breaks ties.
_LEFTOVER_DIGIT = 10.0
_LOCAL_NUMBER = 20.0
_CORRECTED_DIGIT = 1.0
_IGNORED_CUE = 3.0  # "240, sorry, 555 0142" with nothing taken back
_DROPPED_WORD = 4.0
_ACROSS_GROUPS = 1.0
_SPLIT_AT_GROUP, _SPLIT_IN_GROUP = 0.5, 3.0  # "two forty | five", "fifty | five"
_CROSSED = (0.0, 1.0, 2.0, 3.0)  # by the rank of the gap inside the number


@dataclass(frozen=True, slots=True)
class _Part:
    """An item's digits as read; ``items`` are those that hold them."""

    digits: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """A number read from items ``first`` to ``end`` (exclusive) of a run.

    ``digits`` are the national significant number, or the local one where ``local``.
    ``parts`` are what was read, with a leading 1, trunk prefix or country code.
    """

    digits: str
    parts: tuple[_Part, ...]
    first: int
    end: int
    cost: float
    local: bool
    before_cue: bool = False  # "sorry" stands between its end and what follows

    @property
    def national_parts(self) -> tuple[_Part, ...]:
        """The parts that hold national digits."""
        lead = sum(len(part.digits) for part in self.parts) - len(self.digits)
        index = 0
        while lead >= len(self.parts[index].digits):
            lead -= len(self.parts[index].digits)
            index += 1
        return self.parts[index:]

    @property
    def items(self) -> tuple[Item, ...]:
        """The items that hold national digits, in the order said."""
        return tuple(item for part in self.national_parts for item in part.items)


def read_numbers(run: Run, plan: NumberingPlan) -> tuple[SpokenNumber, ...]:
    """Every whole or local number in a run, in order, without those taken back.

    Linear in the run's items.
    """
    return tuple(_corrected(_segment(run, plan)))


@dataclass(frozen=True, slots=True)
class _Path:
    """A number being read. ``slip``: the whole number it was before a correction."""

    parts: tuple[_Part, ...] = ()
    digits: str = ""
    cost: float = 0.0
    repairs: int = 0
    slip: str = ""

    @property
    def plus(self) -> bool:
        return bool(self.parts) and self.parts[0].items[0].plus


@dataclass(frozen=True, slots=True)
class _Step:
    """The cheapest way to a place in a run; ``number`` is None for leftover digits."""

    cost: float
    previous: tuple[int, bool] | None
    number: SpokenNumber | None


def _segment(run: Run, plan: NumberingPlan) -> list[SpokenNumber]:
    """Cut a run into numbers, dropping the leftovers.

    A place is an item index and whether only another number may begin there (``tight``).
    """
    count = len(run.items)
    leftovers = _leftovers(run)
    best: dict[tuple[int, bool], _Step] = {(0, False): _Step(0.0, None, None)}
    for index in range(count):
        for tight in (False, True):
            step = best.get((index, tight))
            if step is None:
                continue
            for number in _numbers_from(run, index, plan):
                bounded = _ends(run, number.end) or _bounds_itself(number)
                _relax(best, (number.end, not bounded), (index, tight), step.cost, number)
            if not tight:
                end, cost = leftovers[index]
                _offer(best, (end, False), _Step(step.cost + cost, (index, False), None))
    numbers: list[SpokenNumber] = []
    place: tuple[int, bool] | None = (count, False)
    while place is not None:
        step = best[place]
        if step.number is not None:
            numbers.append(step.number)
        place = step.previous
    return numbers[::-1]


def _relax(
    best: dict[tuple[int, bool], _Step],
    place: tuple[int, bool],
    previous: tuple[int, bool],
    cost: float,
    number: SpokenNumber,
) -> None:
    _offer(best, place, _Step(cost + number.cost, previous, number))


def _offer(best: dict[tuple[int, bool], _Step], place: tuple[int, bool], step: _Step) -> None:
    known = best.get(place)
    if known is None or step.cost < known.cost:
        best[place] = step


def _leftovers(run: Run) -> list[tuple[int, float]]:
    """For each item, where leftover digits from it end, and what leaving them out costs."""
    found: list[tuple[int, float]] = []
    end, digits, dropped = len(run.items), 0, 0
    for index in range(len(run.items) - 1, -1, -1):
        item = run.items[index]
        dropped += item.optional
        digits += 0 if item.optional else len(item.digits)
        taken_back = end < len(run.items) and run.gaps[end].cue
        cost = digits * (_CORRECTED_DIGIT if taken_back else _LEFTOVER_DIGIT)
        found.append((end, cost + dropped * _DROPPED_WORD))
        if _begins(run, index):
            end, digits, dropped = index, 0, 0
    return found[::-1]


def _begins(run: Run, index: int) -> bool:
    """Whether a number may begin at this item after leftover digits.

    The gap before it must be stronger than the next one, unless the item is a group of its
    own: in "5, 5, 5, 0" every comma is alike and parts nothing.
    """
    after = run.gaps[index + 1].rank if index + 1 < len(run.items) else 0
    return _parts(run.gaps[index].rank, after, run.items[index])


def _ends(run: Run, index: int) -> bool:
    """Whether a number may end before this item with leftover digits following."""
    if index == len(run.items):
        return True
    before = run.gaps[index - 1].rank if index > 1 else 0
    return _parts(run.gaps[index].rank, before, run.items[index - 1])


def _parts(rank: int, inner_rank: int, item: Item) -> bool:
    return rank > inner_rank or (rank > 0 and len(item.digits) >= 3)


def _bounds_itself(number: SpokenNumber) -> bool:
    """Whether its own groups show where it ends: "240 555 0142", never digit by digit."""
    return all(len(part.digits) >= 3 for part in number.national_parts)


def _numbers_from(run: Run, first: int, plan: NumberingPlan) -> Iterator[SpokenNumber]:
    """Every number that can be read from this item on, the cheapest reading of each.

    Bounded: a path holds at most ``plan.max_digits`` digits and ``_MAX_REPAIRS`` repairs.
    """
    frontier: dict[int, dict[str, _Path]] = {first: {"": _Path()}}
    index = first
    while frontier:
        paths = frontier.pop(index, {})
        for path in paths.values():
            if path.parts:
                yield from _complete(run, path, (first, index), plan)
            if index == len(run.items):
                continue
            for bridged in _bridge(path, run.gaps[index], plan):
                for end, longer in _take(run, index, bridged, plan):
                    known = frontier.setdefault(end, {}).get(longer.digits)
                    if known is None or longer.cost < known.cost:
                        frontier[end][longer.digits] = longer
        index += 1


def _bridge(path: _Path, gap: Gap, plan: NumberingPlan) -> Iterator[_Path]:
    """Carry a number across the gap before its next item; a correction may take digits back."""
    if not path.parts:
        yield path
        return
    if gap.area:
        return
    if not gap.cue:
        yield replace(path, cost=path.cost + _CROSSED[gap.rank])
        return
    yield replace(path, cost=path.cost + _IGNORED_CUE)
    if path.repairs == _MAX_REPAIRS:
        return
    slip = path.digits if plan.national(path.digits, path.plus) else path.slip
    digits, cost = path.digits, path.cost
    for kept in range(len(path.parts) - 1, 0, -1):
        length = len(path.parts[kept].digits)
        digits, cost = digits[:-length], cost + length * _CORRECTED_DIGIT
        yield _Path(path.parts[:kept], digits, cost, _MAX_REPAIRS, slip)


def _take(run: Run, index: int, path: _Path, plan: NumberingPlan) -> Iterator[tuple[int, _Path]]:
    """Read the item at ``index`` in each way it can be read, with the index that follows it."""
    item = run.items[index]
    following = run.items[index + 1] if index + 1 < len(run.items) else None
    if item.optional and path.repairs < _MAX_REPAIRS:
        yield index + 1, replace(path, cost=path.cost + _DROPPED_WORD, repairs=path.repairs + 1)
    joined = item.tens and following is not None and following.unit
    if joined and following is not None and run.gaps[index + 1].rank == 0:
        part = _Part(item.digits[0] + following.digits, (item, following))
        yield from _append(index + 2, path, part, 0.0, plan)
        place = len(path.digits.removeprefix("1")) + len(item.digits)
        cost = _SPLIT_AT_GROUP if place in plan.groups else _SPLIT_IN_GROUP
        yield from _append(index + 1, path, _Part(item.digits, (item,)), cost, plan)
    else:
        yield from _append(index + 1, path, _Part(item.digits, (item,)), 0.0, plan)


def _append(
    end: int, path: _Path, part: _Part, cost: float, plan: NumberingPlan
) -> Iterator[tuple[int, _Path]]:
    digits = path.digits
    if len(digits) + len(part.digits) > plan.max_digits:
        return
    start = len(digits.removeprefix("1"))
    across = sum(start < group < start + len(part.digits) for group in plan.groups)
    cost += path.cost + across * _ACROSS_GROUPS
    yield end, _Path((*path.parts, part), digits + part.digits, cost, path.repairs, path.slip)


def _complete(
    run: Run, path: _Path, place: tuple[int, int], plan: NumberingPlan
) -> Iterator[SpokenNumber]:
    first, end = place
    if path.slip and not _mends(path.slip, path.digits):
        return
    cue = end < len(run.items) and run.gaps[end].cue
    national = plan.national(path.digits, path.plus)
    if national is not None:
        yield SpokenNumber(national, path.parts, first, end, path.cost, False, cue)
    local = plan.local(path.digits, path.plus)
    if local is not None:
        yield SpokenNumber(local, path.parts, first, end, path.cost + _LOCAL_NUMBER, True, cue)


def _mends(slip: str, digits: str) -> bool:
    """Whether digits put right a number already said: "... 0143, sorry, 0142".

    After "... 0142. No, 10 30 is fine" they would change too much, and after "0142, sorry,
    555 0142" nothing.
    """
    if len(slip) != len(digits):
        return False
    return 1 <= sum(a != b for a, b in zip(slip, digits, strict=True)) <= _MAX_SLIP


def _corrected(numbers: list[SpokenNumber]) -> list[SpokenNumber]:
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
