"""Writes what the store holds as files: JSON Lines, CSV, Excel and Parquet.

Each file is written beside its place and moved into it when it is whole. A chunk of
messages at a time is in memory, however many there are.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from xlsxwriter.exceptions import XlsxWriterException

from vmaudit.errors import StoreError
from vmaudit.records import Failure, to_json
from vmaudit.report.files import json_line, replacing, replacing_bytes
from vmaudit.report.table import SCHEMA, flat_row
from vmaudit.report.workbook import workbook
from vmaudit.store import Store

PARQUET_CHUNK = 1000
# A spreadsheet takes a cell that starts like this for a formula (OWASP, CSV injection); some take
# the wide signs of East Asian text for the plain ones.
FORMULA_STARTS = (*"=+-@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")

Payload = Mapping[str, Any]  # one audit in the contract's JSON
Add = Callable[[Payload], None]


def write_exports(store: Store, out: Path) -> None:
    """Write ``messages.jsonl``, ``.csv``, ``.parquet`` and ``failures.jsonl`` into ``out``."""
    failures = store.failures()
    try:
        with (
            _json_lines(out / "messages.jsonl", failures) as add_line,
            _csv(out / "messages.csv", failures) as add_row,
            _parquet(out / "messages.parquet", failures) as add_columns,
        ):
            for audit in store.audits():
                for add in (add_line, add_row, add_columns):
                    add(audit.payload)
        with replacing(out / "failures.jsonl") as lines:
            lines.writelines(json_line(to_json(failure)) for failure in failures)
    except OSError as error:
        raise StoreError(f"cannot write the results to {out}: {error}") from error


def export(
    path: Path, audits: Iterable[Payload], failures: Sequence[Failure], *, form: str
) -> None:
    """Write one file in a ``form`` of ``FORMATS``; only a workbook has room for failures.

    Raises ``StoreError`` where it cannot be written.
    """
    try:
        with FORMATS[form](path, failures) as add:
            for audit in audits:
                add(audit)
    except (OSError, XlsxWriterException) as error:
        raise StoreError(f"cannot write {path}: {error}") from error


@contextmanager
def _json_lines(path: Path, _: Sequence[Failure]) -> Iterator[Add]:
    with replacing(path) as file:

        def add(audit: Payload) -> None:
            file.write(json_line(audit))

        yield add


@contextmanager
def _csv(path: Path, _: Sequence[Failure]) -> Iterator[Add]:
    with replacing(path) as file:
        # RFC 4180; with "\n" alone the csv module would leave a bare "\r" unquoted.
        writer = csv.DictWriter(file, SCHEMA.names, lineterminator="\r\n")
        writer.writeheader()

        def add(audit: Payload) -> None:
            writer.writerow({name: _cell(value) for name, value in flat_row(audit).items()})

        yield add


def _cell(value: Any) -> Any:
    """Keep a spreadsheet from running text as a formula: a quote makes it text again."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


@contextmanager
def _parquet(path: Path, _: Sequence[Failure]) -> Iterator[Add]:
    # A file and no name: pyarrow would take some names for addresses.
    with replacing_bytes(path) as file, pq.ParquetWriter(file, SCHEMA) as writer:
        rows: list[Payload] = []

        def flush() -> None:
            writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
            rows.clear()

        def add(audit: Payload) -> None:
            rows.append(flat_row(audit))
            if len(rows) >= PARQUET_CHUNK:
                flush()

        yield add
        flush()


Format = Callable[[Path, Sequence[Failure]], AbstractContextManager[Add]]
FORMATS: Mapping[str, Format] = {
    "csv": _csv,
    "jsonl": _json_lines,
    "parquet": _parquet,
    "xlsx": workbook,
}
