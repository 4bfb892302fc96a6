"""``vmaudit export``: the results, or some of them, in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from vmaudit.cli.results import Out, open_results, refuse_store, rep_of
from vmaudit.recordings.scan import parse_since
from vmaudit.report import export as write_export
from vmaudit.report import redact, redact_failure
from vmaudit.report.wording import plural
from vmaudit.store import Store


class Form(StrEnum):
    """What ``vmaudit.report.FORMATS`` writes."""

    XLSX = "xlsx"
    CSV = "csv"
    PARQUET = "parquet"
    JSONL = "jsonl"


def export(
    out: Out,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Default: by the ending of --to, else xlsx."),
    ] = None,
    rep: Annotated[str | None, typer.Option(help="Only this rep's messages.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only calls of this date (2026-03-02) or later.")
    ] = None,
    redacted: Annotated[
        bool, typer.Option("--redact", help="Mask what is known of the people called.")
    ] = False,
    to: Annotated[
        Path | None, typer.Option(help="The file to write (default OUT/export.FORMAT).")
    ] = None,
) -> None:
    """Write the messages to one file: Excel, CSV, Parquet or JSON Lines."""
    first_day = parse_since(since)
    chosen = form or _form_of(to)
    path = to or out / f"export.{chosen}"
    with open_results(out) as store:
        refuse_store(out, path, "--to")
        messages = _Messages(store, rep and rep_of(store, rep), first_day)
        # A failure has neither rep nor date.
        failures = [] if rep or first_day else store.failures()
        if redacted:
            failures = [redact_failure(failure) for failure in failures]
        audits = map(redact, messages) if redacted else iter(messages)
        write_export(path, audits, failures, form=chosen)
    typer.echo(f"{path}: {plural(messages.taken, 'message')}")
    if messages.undated:
        undated = plural(messages.undated, "message")
        typer.echo(f"{undated} without a date left out by --since", err=True)


def _form_of(to: Path | None) -> Form:
    ending = to.suffix.lower().removeprefix(".") if to else ""
    return Form(ending) if ending in set(Form) else Form.XLSX


class _Messages:
    """The audits that were asked for; counts them, and those that ``since`` cannot judge."""

    def __init__(self, store: Store, rep: str | None, since: date | None) -> None:
        self._store, self._rep, self._since = store, rep, since
        self.taken = self.undated = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for audit in self._store.audits(rep=self._rep):
            if self._since is None or self._counts(audit.payload["recorded_at"], self._since):
                self.taken += 1
                yield audit.payload

    def _counts(self, recorded_at: str | None, since: date) -> bool:
        if recorded_at is None:
            self.undated += 1
            return False
        return datetime.fromisoformat(recorded_at).date() >= since
