"""Sayings that are no whole number: the last four alone, one cut off, a digit lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmaudit.content.agreement import distance

__all__ = ["LOCAL_DIGITS", "Fragment"]

LAST_DIGITS = 4  # "again, that's 0142"
LOCAL_DIGITS = 7  # North America, without the area code
CUT_OFF_DIGITS = 6  # enough of a number for what follows to be missed
ASKED_DIGITS = 5  # after "my number is"; fewer may be a time
NUMBER_DIGITS = range(8, 14)  # a whole number but for digits lost, or one said too many
SLIPS = 2.0  # digits between a saying and the number that it is of


@dataclass(frozen=True, slots=True)
class Fragment:
    """Digits that make no whole number.

    ``announced``: the words before them lead up to a number. ``asked``: to nothing else.
    ``last``: the message ends with them.
    """

    digits: str
    announced: bool
    asked: bool
    last: bool

    def of(self, whole: Sequence[str]) -> str | None:
        """The number among ``whole`` that these digits are a saying of, or None."""
        return next((number for number in whole if self._repeats(number)), None)

    def is_number(self) -> bool:
        """Whether they can be nothing but a number, though none that was said whole."""
        if self.asked and len(self.digits) >= ASKED_DIGITS:
            return True
        return self.announced and len(self.digits) in NUMBER_DIGITS

    def _repeats(self, number: str) -> bool:
        count = len(self.digits)
        if number.endswith(self.digits) and count >= LAST_DIGITS:
            # "2024" may be a year and "1130" a time of day; neither begins with 0.
            return count > LAST_DIGITS or self.announced or self.digits.startswith("0")
        if number.startswith(self.digits):
            return count >= CUT_OFF_DIGITS or (self.announced and self.last)
        if count == LOCAL_DIGITS:
            return distance(self.digits, number[-count:]) <= 1
        return count in NUMBER_DIGITS and distance(self.digits, number) <= SLIPS
