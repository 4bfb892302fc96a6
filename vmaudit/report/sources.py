"""What the pages are made of: every audit, as it is or redacted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vmaudit.records import Audit, Interval
from vmaudit.report.facts import read_audit
from vmaudit.report.redaction import muted_intervals, redact
from vmaudit.store import Store


@dataclass(frozen=True, slots=True)
class Source:
    """One audit; ``path`` is where its recording is, which a redacted audit does not say.

    ``muted`` is what must not be heard of a redacted one, None where it is not redacted.
    """

    audit: Audit
    path: str
    muted: tuple[Interval, ...] | None = None


def read_sources(store: Store, *, redacted: bool) -> Iterator[Source]:
    """Every audit of the store. A redacted one goes by its path: all prospects are masked alike.

    Raises ``StoreError``.
    """
    for stored in store.audits():
        if redacted:
            shown = {**redact(stored.payload), "prospect": None}
            yield Source(read_audit(shown), stored.path, muted_intervals(stored.payload))
        else:
            yield Source(read_audit(stored.payload), stored.path)
