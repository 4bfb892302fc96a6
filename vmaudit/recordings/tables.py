"""calls.csv and roster.csv as people export them from a CRM or a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from vmaudit.errors import ConfigError
from vmaudit.recordings.dates import parse_date
from vmaudit.records import CallMetadata, Rep

__all__ = ["CallRow", "read_calls", "read_roster"]

DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class CallRow:
    """One row of calls.csv: its number as a spreadsheet shows it, its file, and the rest."""

    number: int
    file: str
    metadata: CallMetadata


@dataclass(frozen=True, slots=True)
class _Row:
    """One row by column; ``named`` has the known columns, ``extra`` the others as written."""

    number: int
    named: Mapping[str, str]
    extra: Mapping[str, str]


def _line(text: str) -> Literal["consumer", "business"]:
    lowered = text.lower()
    if lowered == "consumer":
        return "consumer"
    if lowered == "business":
        return "business"
    raise ValueError(f"must be consumer or business, not {text!r}")


def _attempt(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):
        raise ValueError(f"must be a whole number from 1, not {text!r}")
    return int(text)


_CALL_CELLS: Mapping[str, Callable[[str], Any]] = {
    "rep": str,
    "recorded_at": parse_date,
    "prospect": str,
    "company": str,
    "phone": str,
    "line": _line,
    "attempt": _attempt,
    "lead_at": parse_date,
    "interest": str,
    "notes": str,
}
_ROSTER_COLUMNS = ("rep", "name", "team", "direct_number")


def read_calls(path: Path, warnings: list[str]) -> list[CallRow]:
    """Read calls.csv. Cells that make no sense become None and a line in ``warnings``.

    Raises ``ConfigError`` where the table cannot be read or has no ``file`` column.
    """
    calls = []
    for row in _read_rows(path, ("file", *_CALL_CELLS), needed="file"):
        file = row.named.get("file")
        if file is None:
            warnings.append(f"{path.name} row {row.number}: no file named")
            continue
        values: dict[str, Any] = {}
        for column, read in _CALL_CELLS.items():
            text = row.named.get(column)
            if text is None:
                continue
            try:
                values[column] = read(text)
            except ValueError as error:
                warnings.append(f"{path.name} row {row.number}, {column}: {error}")
        calls.append(CallRow(row.number, file, CallMetadata(**values, extra=row.extra)))
    return calls


def read_roster(path: Path, warnings: list[str]) -> dict[str, Rep]:
    """Read roster.csv, by ``rep``. The last of several rows for one ``rep`` wins.

    Raises ``ConfigError`` where the table cannot be read or has no ``rep`` column.
    """
    roster: dict[str, Rep] = {}
    for row in _read_rows(path, _ROSTER_COLUMNS, needed="rep"):
        key = row.named.get("rep")
        if key is None:
            warnings.append(f"{path.name} row {row.number}: no rep named")
            continue
        if key in roster:
            warnings.append(f"{path.name} row {row.number}: {key} again; the last row counts")
        others = {column: row.named.get(column) for column in _ROSTER_COLUMNS[1:]}
        roster[key] = Rep(key, **others)
    return roster


def _read_rows(path: Path, known: tuple[str, ...], needed: str) -> Iterator[_Row]:
    text = _read_text(path)
    first_line = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: list[tuple[str, str]] | None = None
    try:
        for number, cells in enumerate(reader, start=1):
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(path, cells, known, needed)
                continue
            yield _row(number, columns, cells, known)
    except csv.Error as error:
        raise ConfigError(f"{path}, line {reader.line_num}: {error}") from error
    if columns is None:
        raise ConfigError(f"{path}: the table is empty; its first row must name the columns")


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def _columns(
    path: Path, cells: list[str], known: tuple[str, ...], needed: str
) -> list[tuple[str, str]]:
    """Return (normalised, as written) per column."""
    written = [cell.strip() for cell in cells]
    names = ["_".join(name.casefold().split()) for name in written]
    if needed not in names:
        found = ", ".join(name for name in written if name) or "none"
        raise ConfigError(f"{path}: no column {needed!r} (columns found: {found})")
    for name in known:
        if names.count(name) > 1:
            raise ConfigError(f"{path}: column {name!r} stands there twice")
    return list(zip(names, written, strict=True))


def _row(
    number: int, columns: list[tuple[str, str]], cells: list[str], known: tuple[str, ...]
) -> _Row:
    """Divide a row; blank cells are left out. Cells past the last column have no name: dropped."""
    named: dict[str, str] = {}
    extra: dict[str, str] = {}
    for (name, written), cell in zip(columns, cells, strict=False):
        value = cell.strip()
        if value and name in known:
            named[name] = value
        elif value and written:
            extra[written] = value
    return _Row(number, named, extra)
