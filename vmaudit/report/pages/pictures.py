"""Which charts a page has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vmaudit.report.facts import TRENDED, Facts, overall_of, verdicts_of
from vmaudit.report.pages.charts import (
    Chart,
    WeekPoint,
    histogram,
    mean_points,
    monday_of,
    share_points,
    weekly,
)
from vmaudit.report.rubric import Rubric
from vmaudit.report.statistics import MIN_MESSAGES, mean_of, share_met
from vmaudit.report.wording import measure_wording

Weeks = list[tuple[datetime, list[Facts]]]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The charts of a page, those alone that have enough to show."""

    distributions: tuple[Chart, ...]
    trends: tuple[Chart, ...]


def overview_pictures(messages: Iterable[Facts], rubric: Rubric) -> Pictures:
    """Distributions and weeks of all messages."""
    scored = [message for message in messages if message.scored]
    return Pictures(tuple(_distributions(scored, rubric)), tuple(_trends(scored)))


def rep_pictures(messages: Iterable[Facts]) -> Pictures:
    """The weeks of one rep, the two charts that say most; none where no trend may be told."""
    dated = [message for message in messages if message.scored and message.recorded_at]
    return Pictures((), tuple(_trends(dated)[:2]) if len(dated) >= 2 * MIN_MESSAGES else ())


def _distributions(scored: Sequence[Facts], rubric: Rubric) -> list[Chart]:
    charts = [histogram(overall_of(scored), title="Overall score")]
    for name in TRENDED:
        values = [m.values[name] for m in scored if name in m.values]
        charts.append(histogram(values, title=_title(name), band=rubric.bands.get(name)))
    return [chart for chart in charts if chart]


def _trends(scored: Sequence[Facts]) -> list[Chart]:
    weeks = _weeks(scored)
    overall = mean_points((week, mean_of(overall_of(own), most=100)) for week, own in weeks)
    met = mean_points((week, mean_of(_met(own), most=100)) for week, own in weeks)
    repeated = share_points(
        (week, share_met(verdicts_of(own, "number_repeated"))) for week, own in weeks
    )
    charts = [
        weekly(overall, title="Overall score", ceiling=100)
        or weekly(met, title="Criteria met, %", ceiling=100),
        weekly(repeated, title="Number said twice, %", ceiling=100),
        *(weekly(_of(weeks, name), title=_title(name), ceiling=None) for name in TRENDED),
    ]
    return [chart for chart in charts if chart]


def _weeks(scored: Iterable[Facts]) -> Weeks:
    groups: dict[datetime, list[Facts]] = defaultdict(list)
    for message in scored:
        if message.recorded_at:
            groups[monday_of(message.recorded_at)].append(message)
    return sorted(groups.items())


def _met(messages: Iterable[Facts]) -> list[float]:
    return [100 * m.met_share for m in messages if m.met_share is not None]


def _title(name: str) -> str:
    wording = measure_wording(name)
    return f"{wording.label}, {wording.unit}"


def _of(weeks: Weeks, name: str) -> list[WeekPoint]:
    return mean_points(
        (week, mean_of([m.values[name] for m in own if name in m.values])) for week, own in weeks
    )
