"""What is known of a call before it is heard."""

from __future__ import annotations

from dataclasses import dataclass

from vmaudit.records import Interval

__all__ = ["SignalContext"]


@dataclass(frozen=True, slots=True)
class SignalContext:
    """The rep, the lead and the numbers that were found; every field may be missing.

    ``rep_names`` are the rep's key and name from the roster, ``company`` is the prospect's,
    ``numbers`` are the stretches in which a callback number was stated.
    """

    rep_names: tuple[str, ...] = ()
    prospect: str | None = None
    company: str | None = None
    interest: str | None = None
    notes: str | None = None
    numbers: tuple[Interval, ...] = ()
