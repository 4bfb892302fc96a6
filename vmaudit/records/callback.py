"""The numbers that a listener is asked to use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vmaudit.records.spans import Interval

RosterMatch = Literal["match", "mismatch", "unknown"]
CallbackPattern = Literal[
    "none",
    "partial",
    "once_start",
    "once_middle",
    "once_end",
    "two_numbers",
    "repeated_partly",
    "repeated",
]


@dataclass(frozen=True, slots=True)
class Statement:
    """One saying of a number; ``confidence`` is that of its least sure digit.

    ``groups`` are the digits said, as the speaker parted them, without a trunk prefix or country
    code; ``group_gaps_s`` the silences between them; ``digit_confidences`` are of those digits,
    in that order. ``digits`` are the same where the saying is ``complete``, but for a local
    saying, which stands for the whole number it repeats. A partial saying agrees with the
    number ``of``, None where with none that was said. ``writable``: slow or parted enough to be
    written down, None where the times do not tell.
    """

    start_s: float
    end_s: float
    text: str
    digits: str
    digits_per_second: float | None
    confidence: float
    digit_confidences: tuple[float, ...] = ()
    groups: tuple[str, ...] = ()
    group_gaps_s: tuple[float, ...] = ()
    announced: bool = False
    writable: bool | None = None
    complete: bool = True
    of: str | None = None


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One distinct callback number: national digits, and every complete statement of it.

    Where statements differ by what a recogniser confuses, ``digits`` are voted. ``roster_digits``
    are the rep's own number, and ``roster_distance`` how far from it this one is, in digits.
    """

    digits: str
    times: int
    roster: RosterMatch
    statements: tuple[Statement, ...]
    extension: str | None = None
    roster_digits: str | None = None
    roster_distance: float | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """The numbers a listener is asked to use; ``repeated``: one was stated twice.

    ``partials`` are sayings that are no whole number. ``pattern`` is how the numbers were given,
    None without words; it is "repeated" where ``repeated`` is true.
    """

    repeated: bool | None
    probability: float | None
    numbers: tuple[PhoneNumber, ...]
    partials: tuple[Statement, ...] = ()
    pattern: CallbackPattern | None = None

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every complete statement, number by number."""
        return tuple(statement for number in self.numbers for statement in number.statements)

    @property
    def statement_times(self) -> tuple[Interval, ...]:
        """When each of ``statements`` was said."""
        return tuple(Interval(one.start_s, one.end_s) for one in self.statements)
