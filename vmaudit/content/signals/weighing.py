"""Signals that no single phrase tells: what speaks for them and against them is counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vmaudit.content.signals.wording import Stretch, Wording, phrase

__all__ = ["MOST", "Sense", "Weighing"]

MOST = 2  # times that one sense counts: a talker repeats himself


@dataclass(frozen=True, slots=True)
class Sense:
    """A kind of thing said, and the points it counts for a signal, or against it."""

    points: int
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, points: int, *alternatives: str) -> Sense:
        """Whatever one of these patterns finds, written as for ``phrase``."""
        return cls(points, phrase(*alternatives))


@dataclass(frozen=True, slots=True)
class Weighing:
    """Senses, and the points from which the signal is found.

    ``needed`` is at least 1. What stands behind ``void`` does not count.
    """

    needed: int
    senses: Sequence[Sense]
    void: re.Pattern[str] | None = None

    def find(self, wording: Wording) -> list[Stretch]:
        """What speaks for the signal, in no order; nothing where the points do not suffice."""
        total, told = 0, []
        for sense in self.senses:
            found = [one for one in wording.find(sense.pattern) if self._counts(wording, one)]
            total += sense.points * min(len(found), MOST)
            if sense.points > 0:
                told += found
        return told if total >= self.needed else []

    def _counts(self, wording: Wording, stretch: Stretch) -> bool:
        return self.void is None or not self.void.search(wording.before(stretch))
