"""Writes what the store holds as files: JSON Lines, CSV and Parquet.

Each file is written beside its place and moved into it when it is whole. A chunk of
messages at a time is in memory, however many there are.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from vmaudit.errors import StoreError
from vmaudit.records import to_json
from vmaudit.report.table import SCHEMA, flat_row
from vmaudit.store import Store

PARQUET_CHUNK = 1000
# A spreadsheet takes a cell that starts like this for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# json leaves these three as they are; str.splitlines and some editors end a line there.
UNICODE_LINE_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


def write_exports(store: Store, out: Path) -> None:
    """Write ``messages.jsonl``, ``.csv``, ``.parquet`` and ``failures.jsonl`` into ``out``."""
    try:
        with (
            replacing(out / "messages.jsonl") as lines,
            replacing(out / "messages.csv") as table,
            _parquet(out / "messages.parquet") as columns,
        ):
            # RFC 4180; with "\n" alone the csv module would leave a bare "\r" unquoted.
            writer = csv.DictWriter(table, SCHEMA.names, lineterminator="\r\n")
            writer.writeheader()
            for audit in store.audits():
                lines.write(json_line(audit.payload))
                row = flat_row(audit.payload)
                writer.writerow({name: _cell(value) for name, value in row.items()})
                columns.add(row)
        with replacing(out / "failures.jsonl") as lines:
            lines.writelines(json_line(to_json(failure)) for failure in store.failures())
    except OSError as error:
        raise StoreError(f"cannot write the results to {out}: {error}") from error


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write one JSON document, whole or not at all. Raises ``StoreError``."""
    try:
        with replacing(path) as file:
            json.dump(value, file, ensure_ascii=False, indent=2)
            file.write("\n")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error}") from error


def json_line(value: Any) -> str:
    """One line of JSON Lines, also for readers that break lines where Unicode does."""
    return json.dumps(value, ensure_ascii=False).translate(UNICODE_LINE_BREAKS) + "\n"


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Open a text file that takes the place of ``path`` only when all went well."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        # A folder's name may hold bytes that are no text; in JSON \udcff is one of them again.
        with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _cell(value: Any) -> Any:
    """Keep a spreadsheet from running text as a formula: a quote makes it text again."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


class _ParquetRows:
    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer
        self._rows: list[Mapping[str, Any]] = []

    def add(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= PARQUET_CHUNK:
            self.flush()

    def flush(self) -> None:
        self._writer.write_table(_table(self._rows))
        self._rows = []


def _table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


@contextmanager
def _parquet(path: Path) -> Iterator[_ParquetRows]:
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:  # pyarrow would take some names for addresses
            with pq.ParquetWriter(file, SCHEMA) as writer:
                rows = _ParquetRows(writer)
                yield rows
                rows.flush()
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
