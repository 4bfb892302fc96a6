"""What the last run changed, from the runs that the store remembers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vmaudit.store import StoredRun

COUNTS = {
    "found": "recordings found",
    "audited": "audited in this run",
    "unchanged": "unchanged since an earlier run",
    "failed": "failed",
    "skipped": "left out by --since or --limit",
    "ignored": "other files ignored",
    "duplicates": "copies of another recording",
}


@dataclass(frozen=True, slots=True)
class CountRow:
    """One count of the last run, and of the run before it (None: there was none)."""

    label: str
    now: int
    before: int | None


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run that came to its end; ``settings`` are what differs from the one before."""

    id: int
    started_at: datetime
    state: str
    audited: int
    counts: tuple[CountRow, ...]
    settings: tuple[str, ...]
    warnings: tuple[str, ...]
    unmatched_rows: tuple[str, ...]
    without_metadata: tuple[str, ...]

    @property
    def is_first(self) -> bool:
        """Whether no run ended before it."""
        return self.counts[0].before is None


def last_run(runs: Sequence[StoredRun]) -> LastRun | None:
    """The latest of the runs, which are given latest first; None before the first has ended."""
    ended = [(run, run.report) for run in runs if run.report]
    if not ended:
        return None
    run, report = ended[0]
    before = ended[1][1] if len(ended) > 1 else None
    return LastRun(
        id=run.id,
        started_at=run.started_at,
        state=str(report["state"]),
        audited=report.get("audited", 0),
        counts=tuple(
            CountRow(label, report.get(name, 0), before.get(name, 0) if before else None)
            for name, label in COUNTS.items()
        ),
        settings=tuple(_differences(before, report)) if before else (),
        warnings=tuple(report.get("warnings", ())),
        unmatched_rows=tuple(report.get("unmatched_rows", ())),
        without_metadata=tuple(report.get("without_metadata", ())),
    )


def without_texts(run: LastRun) -> LastRun:
    """The run without what names files, folders or cells of tables."""
    return replace(run, settings=(), warnings=(), unmatched_rows=(), without_metadata=())


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in ("vmaudit", "speech_model"):
        if before.get(name) != now.get(name):
            yield f"{name.replace('_', ' ')}: {before.get(name)} → {now.get(name)}"
    old, new = before.get("config", {}), now.get("config", {})
    for section in sorted(old.keys() & new.keys()):
        for option, value in new[section].items():
            if old[section].get(option) != value:
                yield f"{section}.{option}: {old[section].get(option)} → {value}"
