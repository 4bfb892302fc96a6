"""One number from the items of a run: every way in which it can be read from an item on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vmaudit.content.plan import NumberingPlan
from vmaudit.content.runs import Item, Run

__all__ = [
    "CORRECTED_DIGIT", "DROPPED_WORD", "LEFTOVER_DIGIT", "Part", "SpokenNumber", "numbers_from",
]  # fmt: skip

_MAX_REPAIRS = 2  # per number: "oh" or "one" taken for no digit; a correction uses them up
_MAX_SLIP = 2  # digits that a partial correction changes in a number already said
_AREA_DIGITS = 3
_RESUMED_DIGITS = 4  # of a group that is begun again: "oh one, uh, oh one four two"
_VANITY_LETTERS = 4  # at least, of a word that is longer than the number

# Costs of a reading. Only their order matters: any leftover digit is worse than any number,
# a short (local) number is worse than a whole one, and the rest breaks ties.
LEFTOVER_DIGIT = 10.0
CORRECTED_DIGIT = 1.0
DROPPED_WORD = 4.0
_LOCAL_NUMBER = 20.0
_AREA_AFTER = 5.0  # "555 0142, area code 240"
_IGNORED_CUE = 8.0  # "240, sorry, 555 0142" with nothing taken back
_MENDED = 5.0  # "240 555, sorry, 556 0142"; a number begun anew explains a cue better
_GUESSED = 2.0
_ACROSS_GROUPS = 1.0
_SPLIT_AT_GROUP, _SPLIT_IN_GROUP = 0.5, 3.0  # "two forty | five", "fifty | five"
_CROSSED = (0.0, 1.0, 2.0, 3.0)  # by the rank of the gap inside the number


@dataclass(frozen=True, slots=True)
class Part:
    """An item's digits as read; ``items`` are those that hold them: "forty" and "five"."""

    digits: str
    items: tuple[Item, ...]

    @property
    def spoken(self) -> Iterator[tuple[str, Item]]:
        """Each digit with the item it was said in."""
        for index, digit in enumerate(self.digits):
            yield digit, self.items[min(index, len(self.items) - 1)]


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """A number read from items ``first`` to ``end`` (exclusive) of a run.

    ``digits`` are the national significant number, or the local one where ``local``.
    ``parts`` are what was read, with a leading 1, trunk prefix or country code, in the order
    of the digits.
    """

    digits: str
    parts: tuple[Part, ...]
    first: int
    end: int
    cost: float
    local: bool
    before_cue: bool = False  # "sorry" stands between its end and what follows

    @property
    def start(self) -> int:
        """Offset in the text where it begins, with what leads it."""
        return min(part.items[0].start for part in self.parts)

    @property
    def spoken(self) -> tuple[tuple[str, Item], ...]:
        """Each of ``digits`` with the item it was said in."""
        said = tuple(pair for part in self.parts for pair in part.spoken)
        return said[len(said) - len(self.digits) :]


@dataclass(frozen=True, slots=True)
class _Path:
    """A number being read. ``slip``: the whole number it was before a correction."""

    parts: tuple[Part, ...] = ()
    digits: str = ""
    cost: float = 0.0
    repairs: int = 0
    slip: str = ""

    @property
    def plus(self) -> bool:
        return bool(self.parts) and self.parts[0].items[0].plus


def numbers_from(run: Run, first: int, plan: NumberingPlan) -> Iterator[SpokenNumber]:
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
            for bridged in _bridge(run, index, path, plan):
                for end, longer in _take(run, index, bridged, plan):
                    known = frontier.setdefault(end, {}).get(longer.digits)
                    if known is None or longer.cost < known.cost:
                        frontier[end][longer.digits] = longer
        index += 1


def _bridge(run: Run, index: int, path: _Path, plan: NumberingPlan) -> Iterator[_Path]:
    """Carry a number across the gap before an item, where digits may be taken back or resumed."""
    gap = run.gaps[index]
    if not path.parts:
        yield path
    elif gap.cue:
        yield replace(path, cost=path.cost + _IGNORED_CUE)
        slip = path.digits if plan.national(path.digits, path.plus) else path.slip
        yield from _without_last(path, slip)
    elif not gap.area:
        yield replace(path, cost=path.cost + _CROSSED[gap.rank])
        if gap.rank > 0 and not plan.national(path.digits, path.plus):
            end = min(index + _RESUMED_DIGITS, len(run.items))
            ahead = "".join(digit for digit, _ in run.spoken(index, end))[:_RESUMED_DIGITS]
            for shorter in _without_last(path, path.slip):
                again = path.digits[len(shorter.digits) :]
                said_at_once = _unparted(run, index, path.parts[len(shorter.parts) :])
                if len(again) > 1 and said_at_once and ahead.startswith(again):
                    yield shorter


def _unparted(run: Run, index: int, parts: Sequence[Part]) -> bool:
    """Whether the parts just before an item have no gap in them: in "5, 5, 5" none is resumed."""
    first = index - sum(len(part.items) for part in parts)
    return all(gap.rank == 0 for gap in run.gaps[first + 1 : index])


def _without_last(path: _Path, slip: str) -> Iterator[_Path]:
    """The number with its last digits taken back, one part more each time."""
    if path.repairs == _MAX_REPAIRS:
        return
    digits, cost = path.digits, path.cost + _MENDED
    for kept in range(len(path.parts) - 1, 0, -1):
        length = len(path.parts[kept].digits)
        digits, cost = digits[:-length], cost + length * CORRECTED_DIGIT
        yield _Path(path.parts[:kept], digits, cost, _MAX_REPAIRS, slip)


def _take(run: Run, index: int, path: _Path, plan: NumberingPlan) -> Iterator[tuple[int, _Path]]:
    """Read the item at ``index`` in each way it can be read, with the index that follows it."""
    item = run.items[index]
    following = run.items[index + 1] if index + 1 < len(run.items) else None
    if run.optional(index) and path.repairs < _MAX_REPAIRS:
        yield index + 1, replace(path, cost=path.cost + DROPPED_WORD, repairs=path.repairs + 1)
    if item.letters:
        room = _room(path, plan)
        if len(item.digits) <= room or room >= _VANITY_LETTERS:
            part = Part(item.digits[:room], (item,))
            yield from _append(index + 1, path, part, _GUESSED, plan)
        return
    joined = item.tens and following is not None and following.unit
    if joined and following is not None and run.gaps[index + 1].rank == 0:
        part = Part(item.digits[0] + following.digits, (item, following))
        yield from _append(index + 2, path, part, 0.0, plan)
        place = len(path.digits.removeprefix("1")) + len(item.digits)
        cost = _SPLIT_AT_GROUP if place in plan.groups else _SPLIT_IN_GROUP
        yield from _append(index + 1, path, Part(item.digits, (item,)), cost, plan)
    else:
        cost = _GUESSED if item.guess else 0.0
        yield from _append(index + 1, path, Part(item.digits, (item,)), cost, plan)


def _room(path: _Path, plan: NumberingPlan) -> int:
    """How many more letters are dialled: "1-800-555-ROOFING" ends at its tenth digit."""
    return (plan.groups[-1] if plan.groups else 0) - len(path.digits.removeprefix("1"))


def _append(
    end: int, path: _Path, part: Part, cost: float, plan: NumberingPlan
) -> Iterator[tuple[int, _Path]]:
    digits = path.digits
    if not part.digits or len(digits) + len(part.digits) > plan.max_digits:
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
    national = plan.national(path.digits, path.plus)
    if national is not None:
        yield SpokenNumber(national, path.parts, first, end, path.cost, False, _cue(run, end))
    local = plan.local(path.digits, path.plus)
    if local is None:
        return
    yield SpokenNumber(local, path.parts, first, end, path.cost + _LOCAL_NUMBER, True)
    area, end = _area_after(run, end)
    whole = plan.national("".join(part.digits for part in area) + local, False) if area else None
    if whole is not None:
        parts, cost = (*area, *path.parts), path.cost + _AREA_AFTER
        yield SpokenNumber(whole, parts, first, end, cost, False, _cue(run, end))


def _area_after(run: Run, end: int) -> tuple[tuple[Part, ...], int]:
    """The area code that a speaker adds behind local digits, and the index after it."""
    parts: list[Part] = []
    digits = 0
    while digits < _AREA_DIGITS and end < len(run.items):
        item, gap = run.items[end], run.gaps[end]
        if item.guess or gap.area == bool(parts):
            break
        parts.append(Part(item.digits, (item,)))
        digits, end = digits + len(item.digits), end + 1
    return (tuple(parts) if digits == _AREA_DIGITS else ()), end


def _cue(run: Run, end: int) -> bool:
    return end < len(run.items) and run.gaps[end].cue


def _mends(slip: str, digits: str) -> bool:
    """Whether digits put right a number already said: "... 0143, sorry, 0142".

    After "... 0142. No, 10 30 is fine" they would change too much, and after "0142, sorry,
    555 0142" nothing.
    """
    if len(slip) != len(digits):
        return False
    return 1 <= sum(a != b for a, b in zip(slip, digits, strict=True)) <= _MAX_SLIP
