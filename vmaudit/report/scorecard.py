"""How one rep does: what goes well, one thing to work on, and what has changed for sure.

Nothing is told of few recordings that more of them might take back: shares have intervals, a
strength is met more often than not for sure, a change needs messages on both sides.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import NormalDist

from vmaudit.report.criteria import Band, Criterion, Moment, Payload, criteria_for
from vmaudit.store import StoredAudit

__all__ = ["Change", "Scorecard", "Share", "Standing", "scorecard", "share_change", "share_of"]

ERROR = 0.05  # share of intervals that may miss the truth
Z = NormalDist().inv_cdf(1 - ERROR / 2)
MIN_HALF = 8  # messages on either side of a change
PRIOR_MESSAGES = 8  # what the team's share counts for beside a rep's own messages
MIN_TEAM = 3  # reps; of two, each could work out the other's figures
STRENGTHS, MOMENTS = 3, 2
LIKELY = 0.5  # a strength is surely met more often than this


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``count`` messages with an interval of 95 %, all of it in [0, 1]."""

    hits: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Hits over count."""
        return self.hits / self.count


@dataclass(frozen=True, slots=True)
class Change:
    """The earlier half against the later; ``low`` and ``high`` bound the difference."""

    before: Share
    after: Share
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether no change lies outside the interval."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One criterion of a rep. ``team`` is everybody together, None where that tells of one.

    ``change`` is None unless it is clear; ``estimate`` is the share drawn to the team's.
    """

    criterion: Criterion
    own: Share
    team: Share | None
    estimate: float
    change: Change | None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One rep; ``standings`` in the order of the criteria. ``moments`` show ``work_on``."""

    rep: str
    messages: int
    not_scorable: int
    hang_ups: int
    needs_review: int
    dated: int
    standings: tuple[Standing, ...]
    strengths: tuple[Standing, ...]
    work_on: Standing | None
    moments: tuple[Moment, ...]


def scorecard(audits: Iterable[StoredAudit], rep: str, bands: Mapping[str, Band]) -> Scorecard:
    """Sum up one rep beside all reps; ``audits`` are those of everybody.

    ``bands`` maps names of ``Delivery`` values to what is aimed at. Copies of one file count once.
    """
    criteria = criteria_for(bands)
    team, own, counts = _Team(), list[_Judged](), Counter[str]()
    counted: set[tuple[str, str]] = set()
    for audit in audits:
        speaker = audit.payload["rep"]
        if speaker is None or (speaker, audit.content_id) in counted:
            continue
        counted.add((speaker, audit.content_id))
        team.add(speaker, _verdicts(audit.payload, criteria))
        if speaker == rep:
            own.append(_judged(audit.payload, criteria))
            counts.update(_counts(audit.payload))
    z = NormalDist().inv_cdf(1 - ERROR / 2 / len(criteria))  # Bonferroni: one arrow for each
    found = (_standing(criterion, own, team, z=z) for criterion in criteria)
    standings = tuple(standing for standing in found if standing)
    strengths = _strengths(standings)
    work_on = _work_on(standings, strengths)
    return Scorecard(
        rep=rep,
        messages=len(own),
        not_scorable=counts["not_scorable"],
        hang_ups=counts["hang_up"],
        needs_review=counts["needs_review"],
        dated=sum(message.time_s is not None for message in own),
        standings=standings,
        strengths=strengths,
        work_on=work_on,
        moments=_moments(work_on.criterion.key, own) if work_on else (),
    )


def _counts(audit: Payload) -> Iterator[str]:
    yield audit["status"]
    yield from audit.get("outcomes", ())
    if (audit["scores"] or {}).get("needs_review"):
        yield "needs_review"


def share_of(hits: int, count: int, *, z: float = Z) -> Share:
    """A share with its score interval; ``count`` is over 0, ``z`` a quantile of the normal.

    Source: E. B. Wilson 1927, "Probable inference, the law of succession, and statistical
    inference", JASA 22.
    """
    share, weight = hits / count, z**2 / count
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    # At 0 and at 1 the share is an end of its interval, which rounding may miss.
    low, high = max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
    return Share(hits, count, low, high)


def share_change(before: Sequence[bool], after: Sequence[bool], *, z: float = Z) -> Change | None:
    """The difference of two shares; None under ``MIN_HALF`` on either side.

    Source: R. G. Newcombe 1998, "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, method 10.
    """
    if min(len(before), len(after)) < MIN_HALF:
        return None
    first = share_of(sum(before), len(before), z=z)
    second = share_of(sum(after), len(after), z=z)
    difference = second.share - first.share
    low = math.hypot(second.share - second.low, first.high - first.share)
    high = math.hypot(second.high - second.share, first.share - first.low)
    return Change(first, second, difference - low, difference + high)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One message of the rep: what it meets, and where to listen for what it misses."""

    time_s: float | None
    met: Mapping[str, bool]
    moments: Mapping[str, Moment]


def _judged(audit: Payload, criteria: Sequence[Criterion]) -> _Judged:
    met = _verdicts(audit, criteria)
    moments = {c.key: c.moment(audit) for c in criteria if met.get(c.key) is False}
    return _Judged(_time_s(audit["recorded_at"]), met, moments)


def _verdicts(audit: Payload, criteria: Sequence[Criterion]) -> dict[str, bool]:
    met = {criterion.key: criterion.met(audit) for criterion in criteria}
    return {key: verdict for key, verdict in met.items() if verdict is not None}


def _time_s(recorded_at: str | None) -> float | None:
    """When the call was made, to order by; a time without a zone is taken for UTC."""
    if recorded_at is None:
        return None
    moment = datetime.fromisoformat(recorded_at)
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


class _Team:
    """Counts what everybody meets, and by how many reps it is told."""

    def __init__(self) -> None:
        self._hits: Counter[str] = Counter()
        self._count: Counter[str] = Counter()
        self._reps: dict[str, set[str]] = defaultdict(set)

    def add(self, rep: str, met: Mapping[str, bool]) -> None:
        for key, verdict in met.items():
            self._hits[key] += verdict
            self._count[key] += 1
            self._reps[key].add(rep)

    def share(self, key: str) -> Share:
        return share_of(self._hits[key], self._count[key])

    def may_be_shown(self, key: str) -> bool:
        return len(self._reps[key]) >= MIN_TEAM


def _standing(
    criterion: Criterion, own: Sequence[_Judged], team: _Team, *, z: float
) -> Standing | None:
    """How the rep does on one criterion; None where no message tells."""
    key = criterion.key
    met = [message.met[key] for message in own if key in message.met]
    if not met:
        return None
    share, everybody = share_of(sum(met), len(met)), team.share(key)
    estimate = (share.hits + PRIOR_MESSAGES * everybody.share) / (
        share.count + PRIOR_MESSAGES
    )  # mean of a beta-binomial posterior whose prior is the team
    return Standing(
        criterion=criterion,
        own=share,
        team=everybody if team.may_be_shown(key) else None,
        estimate=estimate,
        change=_change(key, own, z=z),
    )


def _change(key: str, own: Sequence[_Judged], *, z: float) -> Change | None:
    """What differs for sure between the earlier and the later half of the dated messages."""
    dated = [(m.time_s, m.met[key]) for m in own if m.time_s is not None and key in m.met]
    met = [verdict for _, verdict in sorted(dated)]
    half = len(met) // 2
    change = share_change(met[:half], met[half:], z=z)
    return change if change and change.is_clear else None


def _strengths(standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """What is surely met more often than not: first what counts most, then what is surest."""
    sure = [one for one in standings if one.own.low > LIKELY]
    return tuple(sorted(sure, key=lambda one: (-one.criterion.weight, -one.own.low))[:STRENGTHS])


def _work_on(standings: Sequence[Standing], strengths: Sequence[Standing]) -> Standing | None:
    """What costs most: a miss by its weight and its likelihood, drawn to the team's."""
    missed = [one for one in standings if one.own.hits < one.own.count and one not in strengths]
    return max(missed, key=lambda s: s.criterion.weight * (1 - s.estimate), default=None)


def _moments(key: str, own: Sequence[_Judged]) -> tuple[Moment, ...]:
    """Where the latest messages miss it, one moment of each."""
    missed = [message for message in own if key in message.moments]
    latest = heapq.nlargest(MOMENTS, missed, key=lambda m: m.time_s or float("-inf"))
    return tuple(message.moments[key] for message in latest)
