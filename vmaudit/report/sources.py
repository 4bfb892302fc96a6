"""What the pages are made of: every audit, as it is or redacted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vmaudit.records import Audit, Interval
from vmaudit.report.facts import read_audit
from vmaudit.report.redaction import muted_intervals, redact
from vmaudit.store import Store, StoredAudit


@dataclass(frozen=True, slots=True)
class Source:
    """One audit, and the ``payload`` that it was read from.

    ``path`` is where its recording is, which a redacted audit does not say; ``muted`` what must not
    be heard of a redacted one, None where it is not redacted.
    """

    audit: Audit
    payload: Mapping[str, Any]
    path: str
    muted: tuple[Interval, ...] | None = None


def read_sources(store: Store, *, redacted: bool) -> Iterator[Source]:
    """Every audit of the store. A redacted one goes by its path: all prospects are masked alike.

    Raises ``StoreError``.
    """
    return (source_of(stored, redacted=redacted) for stored in store.audits())


def source_of(stored: StoredAudit, *, redacted: bool) -> Source:
    """One audit of the store, as ``read_sources`` gives it. Raises ``StoreError``."""
    shown, muted = stored.payload, None
    if redacted:
        shown = {**redact(stored.payload), "prospect": None}
        muted = muted_intervals(stored.payload)
    return Source(read_audit(shown), shown, stored.path, muted)
