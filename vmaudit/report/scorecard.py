"""How one rep does: what goes well, one thing to work on, and what has changed for sure.

Nothing is told of few recordings that more of them might take back: shares have intervals, a
strength is met more often than not for sure, a change needs messages on both sides. The terminal
and the report's page show the same card.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vmaudit.records import Evidence
from vmaudit.report.criteria import Criterion
from vmaudit.report.facts import Facts, in_time, overall_of, verdicts_of
from vmaudit.report.statistics import (
    ERROR,
    MIN_MESSAGES,
    Change,
    Mean,
    Share,
    mean_change,
    mean_of,
    share_change,
    share_met,
    shrunk,
)

__all__ = [
    "MIN_TEAM",
    "Scorecard",
    "Standing",
    "TeamShare",
    "ToHear",
    "Trend",
    "scorecard_of",
    "team_of",
]

MIN_TEAM = 3  # reps; of two, each could work out the other's figures
STRENGTHS, MOMENTS = 3, 2
LIKELY = 0.5  # a strength is surely met more often than this
COMMON_SHARE = 0.95  # what nearly all messages of the team meet says little of one rep
AUDIBLE_TEMPO = 0.10  # Quené 2007: a smaller change of tempo is not heard
MEANS = 2  # changes of means that are asked for beside those of the criteria


@dataclass(frozen=True, slots=True)
class TeamShare:
    """How everybody's messages do on one criterion; ``reps`` says how many have such messages."""

    share: Share
    reps: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One criterion of a rep. ``team`` is everybody together, None where that tells of one.

    ``estimate`` is the share drawn to the team's; ``is_common``: nearly all of the team meet it.
    """

    criterion: Criterion
    own: Share
    team: Share | None
    estimate: float
    is_common: bool


@dataclass(frozen=True, slots=True)
class ToHear:
    """A moment of one message."""

    message: Facts
    moment: Evidence


@dataclass(frozen=True, slots=True)
class Trend:
    """A change for sure from the earlier half of the messages to the later half.

    Values times ``scale`` are in ``unit``.
    """

    label: str
    unit: str
    scale: float
    change: Change


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One rep; ``standings`` in the order of the criteria. ``to_hear`` shows ``work_on``."""

    rep: str | None
    messages: int
    not_scorable: int
    hang_ups: int
    needs_review: int
    dated: int
    overall: Mean | None
    standings: tuple[Standing, ...]
    strengths: tuple[Standing, ...]
    work_on: Standing | None
    to_hear: tuple[ToHear, ...]
    trends: tuple[Trend, ...]

    @property
    def is_first_impression(self) -> bool:
        """Whether there are too few scorable messages for a verdict."""
        return self.messages - self.not_scorable < MIN_MESSAGES

    @property
    def wrong_number(self) -> int:
        """In how many messages a number was said that is not the roster's."""
        return sum(one.own.misses for one in self.standings if one.criterion.key == "own_number")

    @property
    def no_trend(self) -> str:
        """Why no change is told; empty where one is."""
        if self.trends:
            return ""
        if self.dated < 2 * MIN_MESSAGES:
            return (
                f"A change is told from {MIN_MESSAGES} dated messages on either side; "
                f"so far there are {self.dated} in all."
            )
        return "Nothing has changed for sure."


def team_of(messages: Iterable[Facts]) -> dict[str, TeamShare]:
    """How everybody does together, by the key of the criterion."""
    met: dict[str, list[bool]] = defaultdict(list)
    reps: dict[str, set[str]] = defaultdict(set)
    for message in messages:
        for key, verdict in message.verdicts.items():
            met[key].append(verdict)
            if message.rep is not None:
                reps[key].add(message.rep)
    shares = ((key, share_met(verdicts)) for key, verdicts in met.items())
    return {key: TeamShare(share, len(reps[key])) for key, share in shares if share}


def scorecard_of(
    own: Sequence[Facts], team: Mapping[str, TeamShare], criteria: Sequence[Criterion]
) -> Scorecard:
    """Sum up one rep's messages, of which there are some, beside the team's, theirs among them."""
    standings = tuple(_standings(own, team, criteria))
    strengths = _strengths(standings)
    work_on = _work_on(standings, strengths)
    return Scorecard(
        rep=own[0].rep,
        messages=len(own),
        not_scorable=sum(not message.scored for message in own),
        hang_ups=sum(message.hung_up for message in own),
        needs_review=sum(message.needs_review for message in own),
        dated=sum(message.time_s is not None for message in own),
        overall=mean_of(overall_of(own), most=100),
        standings=standings,
        strengths=strengths,
        work_on=work_on,
        to_hear=_to_hear(own, work_on.criterion.key) if work_on else (),
        trends=tuple(_trends(own, criteria)),
    )


def _standings(
    own: Sequence[Facts], team: Mapping[str, TeamShare], criteria: Iterable[Criterion]
) -> Iterator[Standing]:
    """How the rep does on each criterion that a message tells."""
    for criterion in criteria:
        share = share_met(verdicts_of(own, criterion.key))
        if share is None:
            continue
        everybody = team[criterion.key]
        yield Standing(
            criterion=criterion,
            own=share,
            team=everybody.share if everybody.reps >= MIN_TEAM else None,
            estimate=shrunk(share, everybody.share),
            is_common=everybody.share.share >= COMMON_SHARE,
        )


def _strengths(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """What is surely met more often than not.

    First what tells one rep from another, then what counts most, then what is surest.
    """
    sure = [one for one in standings if one.own.low > LIKELY]
    order = sorted(sure, key=lambda one: (one.is_common, -one.criterion.weight, -one.own.low))
    return tuple(order[:STRENGTHS])


def _work_on(standings: Iterable[Standing], strengths: Sequence[Standing]) -> Standing | None:
    """What costs most: a miss by its weight and its likelihood, drawn to the team's."""
    missed = [one for one in standings if one.own.misses and one not in strengths]
    return max(missed, key=lambda one: one.criterion.weight * (1 - one.estimate), default=None)


def _to_hear(own: Iterable[Facts], key: str) -> tuple[ToHear, ...]:
    """Where the latest messages miss it, one moment of each."""
    missed = [message for message in own if key in message.moments]
    latest = heapq.nlargest(MOMENTS, missed, key=lambda m: (m.time_s is not None, m.time_s or 0.0))
    return tuple(ToHear(message, message.moments[key]) for message in latest)


def _trends(own: Iterable[Facts], criteria: Sequence[Criterion]) -> Iterator[Trend]:
    """What differs for sure between the earlier and the later half of the dated messages."""
    dated = [message for message in in_time(own) if message.time_s is not None]
    before, after = dated[: len(dated) // 2], dated[len(dated) // 2 :]
    error = ERROR / (len(criteria) + MEANS)  # Bonferroni: any of them may seem to change
    overall = mean_change(overall_of(before), overall_of(after), error=error)
    if overall and overall.is_clear:
        yield Trend("Overall", "points", 1, overall)
    pace = mean_change(_pace(before), _pace(after), error=error)
    if pace and pace.is_clear and abs(pace.difference) >= AUDIBLE_TEMPO * pace.before:
        yield Trend("Pace", "words/min", 1, pace)
    for criterion in criteria:
        key = criterion.key
        change = share_change(verdicts_of(before, key), verdicts_of(after, key), error=error)
        if change and change.is_clear:
            yield Trend(criterion.label, "%", 100, change)


def _pace(messages: Iterable[Facts]) -> list[float]:
    name = "words_per_minute"
    return [message.values[name] for message in messages if name in message.values]
