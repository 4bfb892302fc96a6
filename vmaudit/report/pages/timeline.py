"""The picture under the player: spans, loudness, and what is worth finding in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vmaudit.records import Audit, Track

FLOOR_DBFS = -60.0  # drawn as silence
TOP_DBFS = -10.0  # drawn as full height; the RMS of speech seldom comes near
BAR_SHARE = 0.7  # of a step: the rest is the gap between two bars
MIN_LABEL_SHARE = 0.05  # a narrower span has no room for its name


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something from ``left`` on, ``width`` wide, in percent of the recording."""

    kind: str
    label: str
    left: float
    width: float
    start_s: float

    @property
    def has_room(self) -> bool:
        """Whether its name fits into it."""
        return self.width >= 100 * MIN_LABEL_SHARE


@dataclass(frozen=True, slots=True)
class Timeline:
    """``energy`` is the path of the level in a box 1000 wide and 100 high, empty if unknown."""

    duration_s: float
    spans: tuple[Stretch, ...]
    marks: tuple[Stretch, ...]
    energy: str


def timeline_of(audit: Audit) -> Timeline:
    """Lay one message out over the length of its recording."""
    ends = [audit.audio.duration_s, *(span.end_s for span in audit.segments)]
    duration_s = max(*ends, 0.001)
    track = audit.delivery.level_over_time if audit.delivery else None
    return Timeline(
        duration_s=duration_s,
        spans=tuple(
            _stretch(span.kind, span.kind, (span.start_s, span.end_s), duration_s)
            for span in audit.segments
        ),
        marks=tuple(_marks(audit, duration_s)),
        energy=_energy(track, duration_s) if track else "",
    )


def _marks(audit: Audit, duration_s: float) -> Iterator[Stretch]:
    if delivery := audit.delivery:
        for pause in delivery.pauses:
            label = f"pause, {pause.duration_s:.1f} s"
            yield _stretch("pause", label, (pause.start_s, pause.end_s), duration_s)
        for filler in delivery.fillers:
            yield _stretch("filler", filler.text, (filler.start_s, filler.end_s), duration_s)
    if callback := audit.callback:
        said = [s for number in callback.numbers for s in number.statements]
        for statement in (*said, *callback.partials):
            times = (statement.start_s, statement.end_s)
            yield _stretch("number", statement.text, times, duration_s)


def _stretch(kind: str, label: str, times: tuple[float, float], duration_s: float) -> Stretch:
    start_s, end_s = times
    left = 100 * start_s / duration_s
    return Stretch(kind, label, left, max(0.0, 100 * (end_s - start_s) / duration_s), start_s)


def _energy(track: Track, duration_s: float) -> str:
    """Bars around the middle line, as an SVG path."""
    width = 1000 * track.step_s * BAR_SHARE / duration_s
    bars = []
    for step, level in enumerate(track.values):
        share = 0.0 if level is None else (level - FLOOR_DBFS) / (TOP_DBFS - FLOOR_DBFS)
        height = 100 * min(1.0, max(0.02, share))
        left = 1000 * (track.start_s + step * track.step_s) / duration_s
        bars.append(f"M{left:.1f} {50 - height / 2:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z")
    return "".join(bars)
