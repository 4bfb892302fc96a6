"""Charts as SVG, drawn by Vega-Lite when the report is made: the page runs no chart code.

Colours are the page's own CSS variables, so that one drawing serves light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from vmaudit.report.rubric import Band
from vmaudit.report.statistics import Mean, Share

MIN_VALUES = 5  # fewer make no distribution
MIN_WEEKS = 3  # two points make no trend
MAX_LABELS = 6
WIDTH, HEIGHT = 300, 110  # px
MUTED, LINE, ACCENT, WITHIN = (f"var(--{name})" for name in ("muted", "line", "accent", "within"))
_CONFIG: Mapping[str, Any] = {
    "background": None,
    "font": "inherit",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 11,
        "titleFontSize": 11,
    },
}


@dataclass(frozen=True, slots=True)
class WeekPoint:
    """One week: its Monday, what was found, and its interval."""

    monday: datetime
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, and what it shows in words for those who do not see it."""

    svg: str
    summary: str

    def __html__(self) -> str:
        """Go into a page as it is: numbers and our own words alone are in it."""
        return self.svg


def histogram(values: Sequence[float], *, title: str, band: Band | None = None) -> Chart | None:
    """How values spread, over the band aimed at; None for fewer than ``MIN_VALUES``."""
    if len(values) < MIN_VALUES:
        return None
    bars = {
        "mark": {"type": "bar", "color": ACCENT},
        "encoding": {
            "x": {
                "field": "value",
                "type": "quantitative",
                "bin": {"maxbins": 16},
                "title": title,
                "scale": {"zero": False},
                "axis": {"grid": False, "tickCount": 6},
            },
            "y": {
                "aggregate": "count",
                "type": "quantitative",
                "title": None,
                "axis": {"tickCount": 3, "tickMinStep": 1, "format": "d"},
            },
        },
    }
    layers = [*_band_layers(band, values), bars]
    svg = _svg({"data": {"values": [{"value": value} for value in values]}, "layer": layers})
    aim = f", aim {band}" if band else ""
    ends = f"{min(values):.0f} to {max(values):.0f}, median {median(values):.0f}"
    return Chart(svg, f"{title} of {len(values)} messages: {ends}{aim}")


def _band_layers(band: Band | None, values: Sequence[float]) -> list[dict[str, Any]]:
    """The band behind the bars, as far as the bars go."""
    if band is None:
        return []
    low = min(values) if band.low is None else band.low
    high = max(values) if band.high is None else band.high
    ends = {"low": low, "high": max(low, high)}
    return [
        {
            "data": {"values": [ends]},
            "mark": {"type": "rect", "color": WITHIN},
            "encoding": {
                "x": {"field": "low", "type": "quantitative"},
                "x2": {"field": "high"},
            },
        }
    ]


def weekly(points: Sequence[WeekPoint], *, title: str, ceiling: float | None) -> Chart | None:
    """A line over the weeks inside its intervals; None for fewer than ``MIN_WEEKS``."""
    if len(points) < MIN_WEEKS:
        return None
    rows = [
        {
            "week": _milliseconds(point.monday),
            "value": point.value,
            "low": point.low,
            "high": point.high,
        }
        for point in points
    ]
    x = {
        "field": "week",
        "type": "temporal",
        "scale": {"type": "utc"},
        "title": None,
        "axis": {"grid": False, "format": "%b %d", "values": _labelled(points)},
    }
    scale = {"zero": False} if ceiling is None else {"domain": [0, ceiling]}
    y = {
        "type": "quantitative",
        "title": title,
        "scale": {**scale, "clamp": True},
        "axis": {"tickCount": 4},
    }
    spread = {
        "mark": {"type": "area", "color": ACCENT, "opacity": 0.18},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    line = {
        "mark": {"type": "line", "color": ACCENT, "point": {"color": ACCENT, "size": 30}},
        "encoding": {"x": x, "y": {**y, "field": "value"}},
    }
    svg = _svg({"data": {"values": rows}, "layer": [spread, line]})
    first, last = points[0], points[-1]
    told = f"{first.value:.0f} in the first week, {last.value:.0f} in the last"
    return Chart(svg, f"{title} over {len(points)} weeks: {told}")


def _labelled(points: Sequence[WeekPoint]) -> list[float]:
    """Every week, or every so many, so that their labels have room."""
    every = -(-len(points) // MAX_LABELS)
    return [_milliseconds(point.monday) for point in points[::every]]


def _milliseconds(monday: datetime) -> float:
    """As UTC here and in the chart: a local zone in either would move the Monday."""
    return monday.replace(tzinfo=UTC).timestamp() * 1000


def share_points(weeks: Iterable[tuple[datetime, Share | None]]) -> list[WeekPoint]:
    """Shares as points in percent."""
    return [WeekPoint(monday, 100 * s.share, 100 * s.low, 100 * s.high) for monday, s in weeks if s]


def mean_points(weeks: Iterable[tuple[datetime, Mean | None]]) -> list[WeekPoint]:
    """Means; a single message is drawn without an interval."""
    return [
        WeekPoint(
            monday,
            m.mean,
            m.mean if m.low is None else m.low,
            m.mean if m.high is None else m.high,
        )
        for monday, m in weeks
        if m
    ]


def monday_of(moment: datetime) -> datetime:
    """The Monday of a call's week, by the call's own zone."""
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return start - timedelta(days=start.weekday())


def _svg(spec: Mapping[str, Any]) -> str:
    """Draw a Vega-Lite specification."""
    import vl_convert

    return vl_convert.vegalite_to_svg(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "width": WIDTH,
            "height": HEIGHT,
            "config": _CONFIG,
            **spec,
        },
        vl_version="5.21",
    )
