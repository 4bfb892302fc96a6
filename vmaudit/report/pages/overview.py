"""What the first page shows, from the facts of all messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from vmaudit.report.criteria import Criterion
from vmaudit.report.facts import Facts, overall_of, verdicts_of
from vmaudit.report.pages.names import rep_page
from vmaudit.report.scorecard import TeamShare
from vmaudit.report.statistics import Mean, Share, mean_of, share_met, share_of
from vmaudit.report.wording import NO_REP

LISTED = 10  # messages in each list of the first page; messages.html has them all


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """How all messages do on one criterion."""

    criterion: Criterion
    share: Share


@dataclass(frozen=True, slots=True)
class CostRow:
    """What speaks against a score: in how many messages, and by how many points each."""

    score: str
    what: str
    messages: int
    points: float


@dataclass(frozen=True, slots=True)
class RepRow:
    """One rep in the table. ``value`` and ``clarity`` are mean probabilities in percent."""

    name: str
    page: str
    messages: int
    not_scorable: int
    needs_review: int
    overall: Mean | None
    value: float | None
    clarity: float | None
    repeated: Share | None
    wrong_number: int
    medians: Mapping[str, float]
    met_share: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page. ``best`` and ``worst`` are by overall score, else by criteria met."""

    messages: int
    scored: int
    new: int
    overall: Mean | None
    bands: Mapping[str, int]
    criteria: tuple[CriterionRow, ...]
    costs: tuple[CostRow, ...]
    signals: tuple[tuple[str, Share], ...]
    reps: tuple[RepRow, ...]
    worst: tuple[Facts, ...]
    best: tuple[Facts, ...]
    review: tuple[Facts, ...]
    needs_review: int
    not_scorable: tuple[tuple[str, int], ...]


def overview_of(
    messages: Sequence[Facts], team: Mapping[str, TeamShare], criteria: Sequence[Criterion]
) -> Overview:
    """Sum the messages up; ``team`` is how they do on each criterion."""
    scored = [message for message in messages if message.scored]
    ranked = sorted((m for m in scored if rank(m) is not None), key=lambda m: (rank(m), m.path))
    half = min(LISTED, len(ranked) // 2)
    review = [message for message in messages if message.needs_review]
    return Overview(
        messages=len(messages),
        scored=len(scored),
        new=sum(message.is_new for message in messages),
        overall=mean_of(overall_of(scored), most=100),
        bands=Counter(m.band for m in scored if m.band),
        criteria=tuple(CriterionRow(c, team[c.key].share) for c in criteria if c.key in team),
        costs=tuple(_costs(scored)),
        signals=tuple(_signals(scored)),
        reps=tuple(_rep_rows(messages)),
        worst=tuple(ranked[:half]),
        best=tuple(ranked[::-1][:half]),
        review=tuple(review[:LISTED]),
        needs_review=len(review),
        not_scorable=_reasons(messages),
    )


def rank(message: Facts) -> float | None:
    """What orders messages: the overall score, else the criteria met, 0 to 100."""
    if message.overall is not None:
        return float(message.overall)
    return None if message.met_share is None else 100 * message.met_share


def by_rep(messages: Iterable[Facts]) -> dict[str | None, list[Facts]]:
    """Messages of each rep, in order of name, those of no known rep last."""
    groups: dict[str | None, list[Facts]] = defaultdict(list)
    for message in messages:
        groups[message.rep].append(message)
    return dict(sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or "")))


def _rep_rows(messages: Sequence[Facts]) -> list[RepRow]:
    return [_rep_row(rep, own) for rep, own in by_rep(messages).items()]


def _rep_row(rep: str | None, own: Sequence[Facts]) -> RepRow:
    scored = [message for message in own if message.scored]
    measured: dict[str, list[float]] = defaultdict(list)
    for message in scored:
        for name, value in message.values.items():
            measured[name].append(value)
    return RepRow(
        name=rep if rep is not None else NO_REP,
        page=rep_page(rep),
        messages=len(own),
        not_scorable=len(own) - len(scored),
        needs_review=sum(message.needs_review for message in own),
        overall=mean_of(overall_of(scored), most=100),
        value=_percent([m.value for m in scored]),
        clarity=_percent([m.clarity for m in scored]),
        repeated=share_met(verdicts_of(scored, "number_repeated")),
        wrong_number=verdicts_of(scored, "own_number").count(False),
        medians={name: median(values) for name, values in measured.items()},
        met_share=_percent([message.met_share for message in scored]),
    )


def _percent(shares: Iterable[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return 100 * fmean(known) if known else None


def _costs(scored: Iterable[Facts]) -> list[CostRow]:
    """The dearest first: by all the points that they took from all messages."""
    points: dict[tuple[str, str], list[float]] = defaultdict(list)
    for message in scored:
        mine: dict[tuple[str, str], float] = defaultdict(float)
        for cost in message.costs:
            mine[cost.score, cost.what] += cost.points
        for key, taken in mine.items():
            points[key].append(taken)
    rows = [CostRow(*key, len(taken), fmean(taken)) for key, taken in points.items()]
    return sorted(rows, key=lambda row: -row.messages * row.points)[:LISTED]


def _signals(scored: Sequence[Facts]) -> Iterator[tuple[str, Share]]:
    """In how many messages each signal is, the most frequent first."""
    counted = Counter(name for message in scored for name in message.signals)
    for name, count in counted.most_common():
        yield name, share_of(count, len(scored))


def _reasons(messages: Iterable[Facts]) -> tuple[tuple[str, int], ...]:
    """Why messages were not scorable: the head of each reason, without its figures."""
    heads = Counter(reason.partition(":")[0] for message in messages for reason in message.reasons)
    return tuple(heads.most_common())
