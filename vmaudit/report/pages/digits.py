"""Each saying of a number set against the number it should be, digit by digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from vmaudit.records import Callback, PhoneNumber, Statement

UNSURE_DIGIT = 0.5


@dataclass(frozen=True, slots=True)
class DigitCell:
    """What was said in the place of one digit: nothing, that digit, or something else."""

    said: str
    right: bool
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class SaidNumber:
    """One saying, with a cell for each digit of the reference."""

    statement: Statement
    cells: tuple[DigitCell, ...]


@dataclass(frozen=True, slots=True)
class NumberTable:
    """``reference`` is the roster's number, or what was said where the roster has none."""

    number: PhoneNumber | None
    reference: str
    is_roster: bool
    said: tuple[SaidNumber, ...]


def number_tables(callback: Callback | None) -> list[NumberTable]:
    """A table per number; partial sayings that agree with none stand in one of their own."""
    if callback is None:
        return []
    return [*_whole(callback), *_strays(callback)]


def _whole(callback: Callback) -> Iterator[NumberTable]:
    for number in callback.numbers:
        digits = _shown(number.digits)
        reference = digits and (number.roster_digits or digits)
        parts = [part for part in callback.partials if part.of == number.digits]
        said = sorted((*number.statements, *parts), key=lambda statement: statement.start_s)
        yield NumberTable(
            number,
            reference,
            bool(digits and number.roster_digits),
            tuple(_set_against(reference, statement) for statement in said),
        )


def _strays(callback: Callback) -> Iterator[NumberTable]:
    known = {number.digits for number in callback.numbers}
    for partial in callback.partials:
        if partial.of not in known:
            yield NumberTable(
                None,
                "",
                False,
                (_set_against(_shown(partial.digits), partial),),
            )


def _shown(digits: str) -> str:
    """The digits, of a number that redaction has masked none."""
    return digits if digits.isdecimal() else ""


def _set_against(reference: str, statement: Statement) -> SaidNumber:
    digits = statement.digits
    sure = statement.digit_confidences
    doubts = [c < UNSURE_DIGIT for c in sure] if len(sure) == len(digits) else [False] * len(digits)
    places = align(reference, digits)
    cells = tuple(
        DigitCell(
            "".join(digits[k] for k in place),
            len(place) == 1 and digits[place[0]] == reference[at],
            any(doubts[k] for k in place),
        )
        for at, place in enumerate(places)
    )
    return SaidNumber(statement, cells)


def align(reference: str, digits: str) -> list[list[int]]:
    """For each place of ``reference`` which of ``digits`` were said there, by their index.

    Every digit is in one place; one too many joins the place before it.
    """
    places: list[list[int]] = [[] for _ in reference]
    if not reference:
        return places
    matcher = SequenceMatcher(None, reference, digits, autojunk=False)
    for _, start, end, first, last in matcher.get_opcodes():
        _share_out(places, range(start, end), range(first, last))
    return places


def _share_out(places: list[list[int]], wanted: Sequence[int], said: Sequence[int]) -> None:
    for k, index in enumerate(said):
        place = wanted[min(k, len(wanted) - 1)] if wanted else _place_before(places)
        places[place].append(index)


def _place_before(places: Sequence[Sequence[int]]) -> int:
    """The last place that holds a digit so far, else the first."""
    return max((place for place, said in enumerate(places) if said), default=0)
