"""One rep's page: what goes well, one thing to work on, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vmaudit.records import Evidence
from vmaudit.report.pages.criteria import Criterion
from vmaudit.report.pages.facts import Facts
from vmaudit.report.pages.overview import (
    CriterionRow,
    RepRow,
    criterion_rows,
    in_time,
    rank,
    verdicts_of,
)
from vmaudit.report.pages.statistics import (
    MIN_MESSAGES,
    Change,
    mean_change,
    share_change,
    shrunk,
)

STRENGTHS = 3
STRENGTH_SHARE = 0.6  # a criterion met less often is no strength, whoever does worse
COMMON_SHARE = 0.95  # what nearly all messages of the team meet says little of one rep
MOMENTS = 2
AUDIBLE_TEMPO = 0.10  # Quené: a smaller change of tempo is not heard


@dataclass(frozen=True, slots=True)
class RepCriterion:
    """One criterion of a rep beside the team. ``estimate``: the share drawn to the team's."""

    own: CriterionRow
    team_share: float
    team_low: float
    team_high: float
    estimate: float


@dataclass(frozen=True, slots=True)
class ToHear:
    """A moment of one message."""

    message: Facts
    moment: Evidence


@dataclass(frozen=True, slots=True)
class Trend:
    """A change from the earlier half of the messages to the later half.

    Only the overall score is told, too, where its change is not clear.
    """

    label: str
    unit: str
    change: Change


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One rep. ``trends`` is empty with the reason in ``no_trend``."""

    row: RepRow
    enough: bool
    strengths: tuple[RepCriterion, ...]
    work_on: RepCriterion | None
    to_hear: tuple[ToHear, ...]
    criteria: tuple[RepCriterion, ...]
    trends: tuple[Trend, ...]
    no_trend: str
    messages: tuple[Facts, ...]


def scorecard_of(
    row: RepRow, own: Sequence[Facts], team: Sequence[CriterionRow], criteria: Sequence[Criterion]
) -> Scorecard:
    """Shape one rep's page; ``team`` is how all messages do."""
    scored = [message for message in own if message.scored]
    rated = list(_beside_team(criterion_rows(scored, criteria), team))
    work_on = _work_on(rated)
    good = [
        c for c in rated if c is not work_on and c.own.share.share >= STRENGTH_SHARE <= c.estimate
    ]
    trends, no_trend = _trends(scored, criteria)
    return Scorecard(
        row=row,
        enough=len(scored) >= MIN_MESSAGES,
        strengths=tuple(sorted(good, key=_ordinary)[:STRENGTHS]),
        work_on=work_on,
        to_hear=tuple(_to_hear(scored, work_on)) if work_on else (),
        criteria=tuple(rated),
        trends=tuple(trends),
        no_trend=no_trend,
        messages=tuple(own),
    )


def _ordinary(criterion: RepCriterion) -> tuple[bool, float]:
    """What orders strengths: those that tell one rep from another first, then the surest."""
    return criterion.team_share >= COMMON_SHARE, -criterion.estimate


def _beside_team(
    own: Sequence[CriterionRow], team: Sequence[CriterionRow]
) -> Iterator[RepCriterion]:
    shares = {row.criterion.key: row.share for row in team}
    for row in own:
        share = shares[row.criterion.key]
        yield RepCriterion(row, share.share, share.low, share.high, shrunk(row.share, share))


def _work_on(rated: Sequence[RepCriterion]) -> RepCriterion | None:
    """What is met least often, by the estimate; of equals the one that costs most calls."""
    missed = [c for c in rated if c.own.missed]
    return min(missed, key=lambda c: c.estimate, default=None)


def _to_hear(scored: Sequence[Facts], work_on: RepCriterion) -> list[ToHear]:
    """The moments of the messages that do worst, one each."""
    key = work_on.own.criterion.key
    worst_first = sorted(scored, key=lambda m: (rank(m) or 0.0, m.path))
    found = [ToHear(m, m.moments[key]) for m in worst_first if key in m.moments]
    return found[:MOMENTS]


def _trends(scored: Sequence[Facts], criteria: Sequence[Criterion]) -> tuple[list[Trend], str]:
    dated = in_time(scored)
    if len(dated) < 2 * MIN_MESSAGES:
        return [], (
            f"A trend needs {MIN_MESSAGES} dated messages on either side; "
            f"there are {len(dated)} in all."
        )
    half = len(dated) // 2
    halves = dated[:half], dated[half:]
    found = [*_score_trends(*halves), *_pace_trend(*halves), *_share_trends(*halves, criteria)]
    return found, "" if found else "Nothing has changed by more than could be heard."


def _score_trends(before: Sequence[Facts], after: Sequence[Facts]) -> Iterator[Trend]:
    change = mean_change(
        [m.overall for m in before if m.overall is not None],
        [m.overall for m in after if m.overall is not None],
    )
    if change:
        yield Trend("Overall", "points", change)


def _pace_trend(before: Sequence[Facts], after: Sequence[Facts]) -> Iterator[Trend]:
    """The tempo, where the change can be heard."""
    name = "words_per_minute"
    change = mean_change(
        [m.values[name] for m in before if name in m.values],
        [m.values[name] for m in after if name in m.values],
    )
    if change and abs(change.difference) >= AUDIBLE_TEMPO * change.before:
        yield Trend("Pace", "words/min", change)


def _share_trends(
    before: Sequence[Facts], after: Sequence[Facts], criteria: Sequence[Criterion]
) -> Iterator[Trend]:
    for criterion in criteria:
        change = share_change(verdicts_of(before, criterion.key), verdicts_of(after, criterion.key))
        if change and change.clear:
            yield Trend(criterion.label, "%", change)
