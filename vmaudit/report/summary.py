"""The folder's table: one line per rep."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from vmaudit.report.wording import NO_REP
from vmaudit.store import StoredAudit


@dataclass(frozen=True, slots=True)
class RepSummary:
    """One rep's messages. Medians are over scored messages; None when there are none.

    ``repeated_share`` is the share of scored messages in which a number was stated twice;
    ``mismatches`` counts messages with a number that is not the roster's, ``needs_review``
    those that somebody should listen to before relying on their scores.
    """

    rep: str
    messages: int
    not_scorable: int
    needs_review: int
    median_overall: float | None
    median_value_probability: float | None
    median_clarity_probability: float | None
    median_message_s: float | None
    median_words_per_minute: float | None
    median_fillers_per_minute: float | None
    repeated_share: float | None
    mismatches: int


@dataclass(slots=True)
class _Tally:
    messages: int = 0
    not_scorable: int = 0
    needs_review: int = 0
    mismatches: int = 0
    repeated: int = 0
    not_repeated: int = 0
    values: dict[str, array[float]] = field(default_factory=dict)

    def add(self, name: str, value: float | None) -> None:
        if value is not None:
            self.values.setdefault(name, array("d")).append(value)

    def median(self, name: str) -> float | None:
        return median(self.values[name]) if name in self.values else None


class RepTable:
    """Counts messages one at a time; of each it keeps a few numbers."""

    def __init__(self) -> None:
        self._tallies: dict[str | None, _Tally] = {}

    def add(self, audit: Mapping[str, Any]) -> None:
        """Count one audit in the contract's JSON."""
        _count(self._tallies.setdefault(audit["rep"], _Tally()), audit)

    def summaries(self) -> list[RepSummary]:
        """One summary per rep in order of name, those of no known rep last."""
        ordered = sorted(self._tallies.items(), key=lambda item: (item[0] is None, item[0] or ""))
        return [_summary(rep or NO_REP, tally) for rep, tally in ordered]


def summarise(audits: Iterable[StoredAudit]) -> list[RepSummary]:
    """One summary per rep in order of name, those of no known rep last."""
    table = RepTable()
    for audit in audits:
        table.add(audit.payload)
    return table.summaries()


def _count(tally: _Tally, audit: Mapping[str, Any]) -> None:
    tally.messages += 1
    if audit["status"] == "not_scorable":
        tally.not_scorable += 1
        return
    delivery, callback, scores = audit["delivery"], audit["callback"], audit["scores"] or {}
    for name in ("message_s", "words_per_minute", "fillers_per_minute"):
        tally.add(name, delivery[name])
    for name in ("value", "clarity"):
        tally.add(name, scores.get(name, {}).get("probability"))
    tally.add("overall", scores.get("overall"))
    tally.needs_review += bool(scores.get("needs_review"))  # an older vmaudit never asked for it
    if callback["repeated"] is not None:
        tally.repeated += callback["repeated"]
        tally.not_repeated += not callback["repeated"]
    tally.mismatches += any(number["roster"] == "mismatch" for number in callback["numbers"])


def _summary(rep: str, tally: _Tally) -> RepSummary:
    heard = tally.repeated + tally.not_repeated
    return RepSummary(
        rep=rep,
        messages=tally.messages,
        not_scorable=tally.not_scorable,
        needs_review=tally.needs_review,
        median_overall=tally.median("overall"),
        median_value_probability=tally.median("value"),
        median_clarity_probability=tally.median("clarity"),
        median_message_s=tally.median("message_s"),
        median_words_per_minute=tally.median("words_per_minute"),
        median_fillers_per_minute=tally.median("fillers_per_minute"),
        repeated_share=tally.repeated / heard if heard else None,
        mismatches=tally.mismatches,
    )
