"""What overviews and scorecards keep of one message: little, since there may be very many."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vmaudit.errors import StoreError
from vmaudit.records import Audit, Evidence, audit_from_json
from vmaudit.report.criteria import Criterion, verdicts

__all__ = [
    "TRENDED",
    "Facts",
    "distinct",
    "facts_of",
    "in_time",
    "overall_of",
    "period_of",
    "read_audit",
    "verdicts_of",
]

TRENDED = ("words_per_minute", "message_s", "fillers_per_minute")
LIKELY = 0.5
WORDING = "the wording of a sentence"
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Cost:
    """What speaks against a score: ``points`` percent off an even chance by it alone."""

    score: str
    what: str
    points: float


@dataclass(frozen=True, slots=True)
class Facts:
    """One message. ``verdicts`` maps keys of criteria to whether it meets them.

    ``signals`` names what is more likely in it than not;
    ``value`` and ``clarity`` are probabilities; ``moments`` are where to listen for the criteria
    that it misses. ``is_new``: the last run audited it, and was not the first.
    """

    id: str
    path: str
    rep: str | None
    recorded_at: datetime | None
    prospect: str | None
    scored: bool
    hung_up: bool
    reasons: tuple[str, ...]
    overall: int | None
    band: str | None
    value: float | None
    clarity: float | None
    review_reasons: tuple[str, ...]
    needs_review: bool
    values: Mapping[str, float]
    verdicts: Mapping[str, bool]
    signals: frozenset[str]
    moments: Mapping[str, Evidence]
    costs: tuple[Cost, ...]
    is_new: bool

    @property
    def time_s(self) -> float | None:
        """When the call was made, to order by; a time without a zone is taken for UTC."""
        if self.recorded_at is None:
            return None
        zone = self.recorded_at.tzinfo or UTC
        return self.recorded_at.replace(tzinfo=zone).timestamp()

    @property
    def met_share(self) -> float | None:
        """The share of criteria that it meets, among those that it tells; None unscored."""
        if not self.scored or not self.verdicts:
            return None
        return sum(self.verdicts.values()) / len(self.verdicts)


def read_audit(payload: Mapping[str, Any]) -> Audit:
    """One audit from its JSON. Raises ``StoreError``."""
    try:
        return audit_from_json(payload)
    except ValueError as error:
        raise StoreError(
            f"the results of {payload.get('path')} are of another vmaudit; audit again"
        ) from error


def facts_of(audit: Audit, criteria: Collection[Criterion], *, is_new: bool = False) -> Facts:
    """Keep what overviews need."""
    scores, scored = audit.scores, audit.status == "scored"
    met = verdicts(audit, criteria)
    moments = {c.key: c.moment(audit) for c in criteria if met.get(c.key) is False}
    delivery = audit.delivery if scored else None
    values = {name: getattr(delivery, name) for name in TRENDED} if delivery else {}
    return Facts(
        id=audit.id,
        path=audit.path,
        rep=audit.rep,
        recorded_at=audit.recorded_at,
        prospect=audit.prospect,
        scored=scored,
        hung_up="hang_up" in audit.outcomes,
        reasons=audit.reasons,
        overall=scores.overall if scores else None,
        band=scores.band if scores else None,
        value=scores.value.probability if scores else None,
        clarity=scores.clarity.probability if scores else None,
        review_reasons=scores.review_reasons if scores else (),
        needs_review=bool(scores and scores.needs_review),
        values={name: value for name, value in values.items() if value is not None},
        verdicts=met,
        signals=frozenset(n for n, s in audit.signals.items() if s.probability >= LIKELY),
        moments=moments,
        costs=tuple(_costs(audit)),
        is_new=is_new,
    )


def distinct(messages: Iterable[Facts]) -> list[Facts]:
    """The messages in time, of a rep's copies of one file the first alone."""
    found: dict[tuple[str | None, str], Facts] = {}
    for message in in_time(messages):
        found.setdefault((message.rep, message.id), message)
    return list(found.values())


def in_time(messages: Iterable[Facts]) -> list[Facts]:
    """The earliest first, those without a date last."""
    return sorted(messages, key=lambda m: (m.time_s is None, m.time_s or 0.0, m.path))


def period_of(messages: Iterable[Facts]) -> tuple[datetime, datetime] | None:
    """The dates of the first and the last call; ``messages`` are in order of time."""
    dated = [message.recorded_at for message in messages if message.recorded_at]
    return (dated[0], dated[-1]) if dated else None


def overall_of(messages: Iterable[Facts]) -> list[float]:
    """Their overall scores, 0 to 100, where there are any."""
    return [float(m.overall) for m in messages if m.overall is not None]


def verdicts_of(messages: Iterable[Facts], key: str) -> list[bool]:
    """What the messages say on one criterion, where they tell."""
    return [message.verdicts[key] for message in messages if key in message.verdicts]


def _costs(audit: Audit) -> Iterator[Cost]:
    said = _solid(word.text for word in audit.transcript.words) if audit.transcript else ""
    for name in ("value", "clarity", "callback"):
        score = getattr(audit.scores, name) if audit.scores else None
        for evidence in score.evidence if score else ():
            if evidence.contribution is not None and evidence.contribution < 0:
                yield Cost(name, _kind_of(evidence.text, said), -100 * evidence.contribution)


def _kind_of(text: str, said: str) -> str:
    """What evidence of other messages has in common with it: not its quotes, nor its figures."""
    if _solid(text.split()) in said:
        return WORDING
    return _FIGURE.sub("…", text.partition(": ")[0])


def _solid(texts: Iterable[str]) -> str:
    """Texts without spaces, which stand in other places where words were parted otherwise."""
    return "".join("".join(texts).split())
