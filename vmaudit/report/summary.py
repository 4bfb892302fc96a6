"""The folder's table: one line per rep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from vmaudit.store import StoredAudit

NO_REP = "(no rep known)"


@dataclass(frozen=True, slots=True)
class RepSummary:
    """One rep's messages. Medians are over scored messages; None when there are none.

    ``repeated_share`` is the share of scored messages in which a number was stated twice;
    ``mismatches`` counts messages with a number that is not the roster's.
    """

    rep: str
    messages: int
    not_scorable: int
    median_message_s: float | None
    median_words_per_minute: float | None
    median_fillers_per_minute: float | None
    repeated_share: float | None
    mismatches: int


@dataclass(slots=True)
class _Tally:
    messages: int = 0
    not_scorable: int = 0
    message_s: list[float] = field(default_factory=list)
    words_per_minute: list[float] = field(default_factory=list)
    fillers_per_minute: list[float] = field(default_factory=list)
    repeated: list[bool] = field(default_factory=list)
    mismatches: int = 0


def summarise(audits: Iterable[StoredAudit]) -> list[RepSummary]:
    """One summary per rep in order of name, those of no known rep last."""
    tallies: dict[str | None, _Tally] = {}
    for audit in audits:
        _count(tallies.setdefault(audit.payload["rep"], _Tally()), audit)
    ordered = sorted(tallies.items(), key=lambda item: (item[0] is None, item[0] or ""))
    return [_summary(rep or NO_REP, tally) for rep, tally in ordered]


def _count(tally: _Tally, audit: StoredAudit) -> None:
    payload = audit.payload
    tally.messages += 1
    if payload["status"] == "not_scorable":
        tally.not_scorable += 1
        return
    delivery, callback = payload["delivery"], payload["callback"]
    for name in ("message_s", "words_per_minute", "fillers_per_minute"):
        if delivery[name] is not None:
            getattr(tally, name).append(delivery[name])
    if callback["repeated"] is not None:
        tally.repeated.append(callback["repeated"])
    tally.mismatches += any(number["roster"] == "mismatch" for number in callback["numbers"])


def _summary(rep: str, tally: _Tally) -> RepSummary:
    return RepSummary(
        rep=rep,
        messages=tally.messages,
        not_scorable=tally.not_scorable,
        median_message_s=_median(tally.message_s),
        median_words_per_minute=_median(tally.words_per_minute),
        median_fillers_per_minute=_median(tally.fillers_per_minute),
        repeated_share=(sum(tally.repeated) / len(tally.repeated)) if tally.repeated else None,
        mismatches=tally.mismatches,
    )


def _median(values: list[float]) -> float | None:
    return median(values) if values else None
