"""What the overviews keep of one message: little, since there may be very many."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vmaudit.errors import StoreError
from vmaudit.records import Audit, Evidence
from vmaudit.report.pages.criteria import Criterion, verdicts
from vmaudit.store import Store

TRENDED = ("words_per_minute", "message_s", "fillers_per_minute")
LIKELY = 0.5
NAME_LENGTH = 40  # characters of a file name that its page keeps
_AUDIT = TypeAdapter(Audit)


@dataclass(frozen=True, slots=True)
class Cost:
    """What pulled a score of one message down: ``points`` of its probability, in percent."""

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

    path: str
    page: str
    rep: str | None
    recorded_at: datetime | None
    prospect: str | None
    scored: bool
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
        """The share of criteria that it meets, among those that it tells."""
        return sum(self.verdicts.values()) / len(self.verdicts) if self.verdicts else None


def read_audits(store: Store) -> Iterator[Audit]:
    """Every audit of the store as the record it was. Raises ``StoreError``."""
    for stored in store.audits():
        yield read_audit(stored.payload)


def read_audit(payload: Mapping[str, Any]) -> Audit:
    """One audit from its JSON; an older vmaudit knew no outcomes. Raises ``StoreError``."""
    try:
        return _AUDIT.validate_python({"outcomes": (), **payload})
    except ValidationError as error:
        raise StoreError(
            f"the results of {payload.get('path')} are of another vmaudit; audit again"
        ) from error


def facts_of(audit: Audit, criteria: Collection[Criterion], *, is_new: bool) -> Facts:
    """Keep what overviews need."""
    scores, scored = audit.scores, audit.status == "scored"
    met = verdicts(audit, criteria) if scored else {}
    moments = {c.key: c.moment(audit) for c in criteria if met.get(c.key) is False}
    delivery = audit.delivery if scored else None
    values = {name: getattr(delivery, name) for name in TRENDED} if delivery else {}
    return Facts(
        path=audit.path,
        page=page_name(audit.path),
        rep=audit.rep,
        recorded_at=audit.recorded_at,
        prospect=audit.prospect,
        scored=scored,
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
        moments={key: moment for key, moment in moments.items() if moment},
        costs=tuple(_costs(audit)),
        is_new=is_new,
    )


def page_name(text: str) -> str:
    """The file name of a page: what can be read of ``text``, and a digest that tells it apart."""
    stem = text.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
    readable = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:NAME_LENGTH]
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{readable}-{digest}.html" if readable else f"{digest}.html"


def rep_page(rep: str | None) -> str:
    """The file name of a rep's scorecard; no rep's is one that no name can have."""
    return "unknown.html" if rep is None else page_name(rep)


def _costs(audit: Audit) -> Iterator[Cost]:
    """Evidence against a score. Words of a signal go by its name, what was measured by its text."""
    said = {
        (evidence.start_s, evidence.text): name.replace("_", " ")
        for name, signal in audit.signals.items()
        for evidence in signal.evidence
    }
    for name in ("value", "clarity", "callback"):
        score = getattr(audit.scores, name) if audit.scores else None
        for evidence in score.evidence if score else ():
            if evidence.contribution is not None and evidence.contribution < 0:
                what = said.get((evidence.start_s, evidence.text))
                what = what or re.sub(r"\d+(?:[.,]\d+)*", "…", evidence.text)
                yield Cost(name, what, -100 * evidence.contribution)
