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
from vmaudit.records import CallMetadata, Channel, Rep

__all__ = ["CallRow", "read_calls", "read_roster"]

DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class CallRow:
    """One row of calls.csv: its number as a spreadsheet shows it, its file, and the rest."""

    number: int
    file: str
    metadata: CallMetadata
    channel: Channel | None = None


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


def _channel(text: str) -> Channel:
    lowered = text.lower()
    if lowered in ("left", "l"):
        return "left"
    if lowered in ("right", "r"):
        return "right"
    raise ValueError(f"must be left or right, not {text!r}")


def _attempt(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):
        raise ValueError(f"must be a whole number from 1, not {text!r}")
    return int(text)


_Cells = Mapping[str, Callable[[str], Any]]

_CALL_CELLS: _Cells = {
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
    "channel": _channel,
}
_ROSTER_CELLS: _Cells = {"name": str, "team": str, "direct_number": str, "channel": _channel}


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
        values = _values(row, _CALL_CELLS, path, warnings)
        channel = values.pop("channel", None)
        metadata = CallMetadata(**values, extra=row.extra)
        calls.append(CallRow(row.number, file, metadata, channel))
    return calls


def read_roster(path: Path, warnings: list[str]) -> dict[str, Rep]:
    """Read roster.csv, by ``rep``. The last of several rows for one ``rep`` wins.

    Cells that make no sense become None and a line in ``warnings``.
    Raises ``ConfigError`` where the table cannot be read or has no ``rep`` column.
    """
    roster: dict[str, Rep] = {}
    for row in _read_rows(path, ("rep", *_ROSTER_CELLS), needed="rep"):
        key = row.named.get("rep")
        if key is None:
            warnings.append(f"{path.name} row {row.number}: no rep named")
            continue
        if key in roster:
            warnings.append(f"{path.name} row {row.number}: {key} again; the last row counts")
        roster[key] = Rep(key, **_values(row, _ROSTER_CELLS, path, warnings))
    return roster


def _values(row: _Row, cells: _Cells, path: Path, warnings: list[str]) -> dict[str, Any]:
    """Read the known cells of a row; what makes no sense is left out, with a warning."""
    values: dict[str, Any] = {}
    for column, read in cells.items():
        text = row.named.get(column)
        if text is None:
            continue
        try:
            values[column] = read(text)
        except ValueError as error:
            warnings.append(f"{path.name} row {row.number}, {column}: {error}")
    return values


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
