"""The callback numbers of a message: which were stated, how often, and whose they are."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vmaudit.content.agreement import agreement, distance, vote
from vmaudit.content.plan import national_digits
from vmaudit.content.sayings import Saying, find_sayings
from vmaudit.records import Callback, CallbackPattern, PhoneNumber, RosterMatch, Statement, Word

__all__ = ["find_callback"]

ONE_NUMBER = 0.8  # agreement from which two statements that differ are one number misheard
PERHAPS_ROSTER = 0.65  # ... from which a number may be the rep's own, misheard
MOST_SLIPS = 2  # digits that differ between two statements of one number
START, END = 1 / 3, 2 / 3  # of the message; practice: repeat the number at the end


def find_callback(
    words: Sequence[Word], *, direct_number: str | None, region: str = "US"
) -> Callback:
    """Find the numbers a listener is asked to use, in the order first stated.

    ``direct_number`` is the rep's own, in any written form. ``repeated``: one number was
    completely stated at least twice; None when there are no words. ``probability``: the
    chance in [0, 1] that two statements of one number were both heard right, the product of
    the confidences of its two surest statements, for the number where that is highest; 0.0
    when no number was stated twice, None when there are no words. Raises ``ConfigError`` for
    an unknown region.
    """
    if not words:
        return Callback(repeated=None, probability=None, numbers=())
    direct = None if direct_number is None else national_digits(direct_number, region=region)
    sayings = find_sayings(words, region=region)
    numbers = tuple(group.number(direct) for group in _grouped(sayings))
    partials = tuple(
        _of_voted(saying.statement, numbers) for saying in sayings if not saying.statement.complete
    )
    return Callback(
        repeated=any(number.times >= 2 for number in numbers),
        probability=max(map(_both_heard_right, numbers), default=0.0),
        numbers=numbers,
        partials=partials,
        pattern=_pattern(numbers, partials, words),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """The sayings of one number, with its voted digits and the probability of each."""

    sayings: tuple[Saying, ...]
    digits: str
    probabilities: tuple[float, ...]

    @classmethod
    def of(cls, sayings: Sequence[Saying]) -> _Group:
        """Vote over the sayings that name every digit."""
        statements = [saying.statement for saying in sayings]
        digits, probabilities = vote(
            [
                (statement.digits, statement.digit_confidences)
                for statement in statements
                if len(statement.digits) == len(statement.digit_confidences)
            ]
        )
        return cls(tuple(sayings), digits, probabilities)

    def is_one_with(self, other: _Group) -> bool:
        """Whether the two differ by no more than a recogniser mishears."""
        if len(self.digits) != len(other.digits):
            return False
        if sum(a != b for a, b in zip(self.digits, other.digits, strict=True)) > MOST_SLIPS:
            return False
        found = agreement(
            self.digits,
            other.digits,
            first_confidences=self.probabilities,
            second_confidences=other.probabilities,
        )
        return found.score >= ONE_NUMBER

    def number(self, direct: str | None) -> PhoneNumber:
        """The number, held against the rep's own."""
        extensions = [s.extension for s in self.sayings if s.extension is not None]
        return PhoneNumber(
            digits=self.digits,
            times=len(self.sayings),
            roster=self._roster(direct),
            statements=tuple(saying.statement for saying in self.sayings),
            extension=extensions[-1] if extensions else None,
            roster_digits=direct,
            roster_distance=None if direct is None else distance(self.digits, direct),
        )

    def _roster(self, direct: str | None) -> RosterMatch:
        if direct is None:
            return "unknown"
        if direct == self.digits:
            return "match"
        found = agreement(
            self.digits,
            direct,
            first_confidences=self.probabilities,
            second_confidences=(1.0,) * len(direct),
        )
        return "unknown" if found.score >= PERHAPS_ROSTER else "mismatch"


def _grouped(sayings: Sequence[Saying]) -> list[_Group]:
    """The complete sayings by number, in the order first said."""
    by_digits: dict[str, list[Saying]] = {}
    for saying in sayings:
        if saying.statement.complete:
            by_digits.setdefault(saying.statement.digits, []).append(saying)
    groups: list[_Group] = []
    for group in map(_Group.of, by_digits.values()):
        same = next((k for k, known in enumerate(groups) if known.is_one_with(group)), None)
        if same is None:
            groups.append(group)
        else:
            both = (*groups[same].sayings, *group.sayings)
            groups[same] = _Group.of(sorted(both, key=lambda s: s.statement.start_s))
    return groups


def _of_voted(partial: Statement, numbers: Sequence[PhoneNumber]) -> Statement:
    """A partial saying, of the number as it was voted."""
    for number in numbers:
        if any(statement.digits == partial.of for statement in number.statements):
            return replace(partial, of=number.digits)
    return partial


def _pattern(
    numbers: Sequence[PhoneNumber], partials: Sequence[Statement], words: Sequence[Word]
) -> CallbackPattern:
    """How the numbers were given; "repeated" wins, then what a listener is left with."""
    if any(number.times >= 2 for number in numbers):
        return "repeated"
    if len(numbers) > 1:
        return "two_numbers"
    if not numbers:
        return "partial" if partials else "none"
    if any(partial.of == numbers[0].digits for partial in partials):
        return "repeated_partly"
    return _once(numbers[0].statements[0], words)


def _once(statement: Statement, words: Sequence[Word]) -> CallbackPattern:
    """Where in the message a number said once stands, by the middle of its statement."""
    start_s, end_s = words[0].start_s, words[-1].end_s
    middle_s = (statement.start_s + statement.end_s) / 2
    if middle_s < start_s + START * (end_s - start_s):
        return "once_start"
    return "once_end" if middle_s > start_s + END * (end_s - start_s) else "once_middle"


def _both_heard_right(number: PhoneNumber) -> float:
    """Product of the two highest confidences, 0.0 for a number stated once."""
    if number.times < 2:
        return 0.0
    return math.prod(heapq.nlargest(2, (s.confidence for s in number.statements)))
