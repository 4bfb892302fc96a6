"""The few figures at the top of the first page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from vmaudit.report.facts import TRENDED, Facts
from vmaudit.report.pages.overview import CriterionRow, Overview
from vmaudit.report.wording import measure_wording, number, percent


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: what it is, how much, and what to hold it against."""

    label: str
    value: str
    unit: str
    note: str


def headline(overview: Overview, messages: Sequence[Facts]) -> list[Tile]:
    """Overall score and callback number, then what is measured against its band."""
    return [*_overall(overview), *_number(overview), *_measured(overview, messages)]


def _overall(overview: Overview) -> Iterator[Tile]:
    mean = overview.overall
    if mean:
        ends = "" if mean.low is None else f", {number(mean.low)} to {number(mean.high)}"
        yield Tile("Overall, mean", number(mean.mean), "", f"of 100{ends}")


def _number(overview: Overview) -> Iterator[Tile]:
    for key, label in (("number_repeated", "Number said twice"), ("own_number", "Own number")):
        if row := _row(overview, key):
            share = row.share
            yield Tile(label, percent(share.share), "", f"{share.hits} of {share.count} messages")


def _measured(overview: Overview, messages: Sequence[Facts]) -> Iterator[Tile]:
    for name in TRENDED:
        values = [m.values[name] for m in messages if m.scored and name in m.values]
        if not values:
            continue
        row = _row(overview, name)
        aim = f"; aim {row.criterion.aim}, met by {percent(row.share.share)}" if row else ""
        wording = measure_wording(name)
        value = number(median(values), wording.decimals)
        yield Tile(wording.label, value, wording.unit, f"median{aim}")


def _row(overview: Overview, key: str) -> CriterionRow | None:
    return next((row for row in overview.criteria if row.criterion.key == key), None)
