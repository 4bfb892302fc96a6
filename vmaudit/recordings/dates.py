"""Dates as people and telephone systems write them."""

from __future__ import annotations

import re
from datetime import datetime

__all__ = ["parse_date"]

_SLASHED = re.compile(
    r"(?P<first>\d{1,4})/(?P<second>\d{1,2})/(?P<third>\d{1,4})"
    r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second_s>\d{2}))?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_FILE_NAME = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:[ T_-]?(\d{2})[-:.]?(\d{2})(?:[-:.]?(\d{2}))?)?"
)


def parse_date(text: str) -> datetime:
    """Read one date, with or without a time; without a zone the result is naive.

    Understood: ISO 8601 (``2026-03-02T14:20:00-05:00``, ``2026-03-02 14:20``,
    ``20260302``), the forms of file names (``20260302-142000``,
    ``2026-03-02T14-20-00``), month first with slashes as in the United States
    (``3/2/2026 2:20 PM``) and year first with slashes. A date alone means midnight.
    Raises ``ValueError``.
    """
    plain = " ".join(text.split())
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        pass
    if match := _FILE_NAME.fullmatch(plain):
        year, month, day, hour, minute, second = (int(part) for part in match.groups("0"))
        return datetime(year, month, day, hour, minute, second)
    if match := _SLASHED.fullmatch(plain):
        return _slashed(match)
    raise ValueError(f"no date that can be read: {text!r}")


def _slashed(match: re.Match[str]) -> datetime:
    first, second, third = (int(match[name]) for name in ("first", "second", "third"))
    year, month, day = third, first, second
    if len(match["first"]) == 4:
        year, month, day = first, second, third
    if year < 1000:
        raise ValueError(f"the year of {match[0]!r} needs four digits")
    hour, minute, second_s = (int(match[name] or 0) for name in ("hour", "minute", "second_s"))
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{match[0]!r} has no such hour")
        hour = hour % 12 + (12 if match["half"].lower().startswith("p") else 0)
    return datetime(year, month, day, hour, minute, second_s)
