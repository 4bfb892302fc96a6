"""Stretches of a recording, and where the rep's own message is among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

SegmentKind = Literal["ring", "greeting", "beep", "message", "menu", "tail"]
Outcome = Literal[
    "left_message",
    "hang_up",
    "no_speech",
    "cut_off",
    "picked_up",
    "spoke_before_beep",
    "dead_tail",
    "prerecorded",
]


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time, such as voice activity or a silent pause."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """End minus start."""
        return self.end_s - self.start_s


class Timed(Protocol):
    """Whatever begins and ends somewhere in a recording."""

    @property
    def start_s(self) -> float:
        """Seconds from the start of the recording."""

    @property
    def end_s(self) -> float:
        """Seconds from the start of the recording."""


TimedT = TypeVar("TimedT", bound=Timed)


def those_within(some: Iterable[TimedT], stretch: Timed) -> tuple[TimedT, ...]:
    """Keep what has its middle in the stretch."""
    return tuple(
        one for one in some if stretch.start_s <= (one.start_s + one.end_s) / 2 <= stretch.end_s
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of the recording; ``confidence`` is in [0, 1]."""

    kind: SegmentKind
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Isolation:
    """Where the rep's own message is.

    ``message`` is None when nobody left one; ``reasons`` then says why.
    ``speech`` is the voice activity inside the message, in time order. ``outcomes`` says how
    the call went, the first what became of the message, the others what else is to be known.
    """

    spans: tuple[Span, ...]
    message: Interval | None
    speech: tuple[Interval, ...]
    reasons: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
