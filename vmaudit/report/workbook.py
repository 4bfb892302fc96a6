"""An Excel workbook: sheets of messages, of reps and of failures.

Text goes in as text: never as a formula, a link or a number. Rows go to a temporary file as they
come (XlsxWriter's constant memory), beside the workbook's place, where the results may be kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from vmaudit.errors import StoreError
from vmaudit.records import Failure
from vmaudit.report.files import replacing_bytes
from vmaudit.report.summary import RepSummary, RepTable
from vmaudit.report.table import SCHEMA, flat_row

MAX_ROWS = 1_048_576  # of a sheet, heading included (Excel's specification)
FIRST_YEAR = 1900  # Excel knows no date before it

TEXT_WIDTH, WIDTH = 18, 12  # characters
WIDTHS = {"path": 44, "id": 10, "recorded_at": 17, "text": 80, "advice": 50, "reason": 60}
WIDTHS |= dict.fromkeys(("reasons", "outcomes", "same_audio_as", "review_reasons"), 30)

# Number formats by the end of a column's name, the first that fits; counts have none.
NUMBER_FORMATS = {
    "recorded_at": "yyyy-mm-dd hh:mm",
    "_share": "0%",
    "_fraction": "0.0%",
    "_probability": "0.00",
    "confidence": "0.00",
    "_ratio": "0.00",
    "_overall": "0",
    "_hz": "#,##0",
    "_per_minute": "0.0",
    "_per_second": "0.0",
    "_s": "0.0",
    "_dbfs": "0.0",
    "_db": "0.0",
    "_lufs": "0.0",
    "_semitones": "0.0",
    "_median": "0.00",
    "_low": "0.00",
}

REP_COLUMNS = [field.name for field in dataclasses.fields(RepSummary)]
FAILURE_COLUMNS = [field.name for field in dataclasses.fields(Failure)]
TEXT_COLUMNS = {field.name for field in SCHEMA if field.type == pa.string()} - {"recorded_at"}
TEXT_COLUMNS |= {"rep", *FAILURE_COLUMNS}


@contextmanager
def workbook(
    path: Path, failures: Sequence[Failure]
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Open a workbook; what is yielded takes one audit in the contract's JSON at a time.

    Raises ``StoreError`` for more messages than a sheet has rows.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with (
        TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as rows_so_far,
        replacing_bytes(path) as file,
        Workbook(file, {**options, "tmpdir": rows_so_far}) as book,
    ):
        reps = RepTable()
        messages = _Sheet(book, "messages", SCHEMA.names)

        def add(audit: Mapping[str, Any]) -> None:
            messages.add(flat_row(audit))
            reps.add(audit)

        yield add
        messages.finish()
        _write(book, "reps", REP_COLUMNS, reps.summaries())
        _write(book, "failures", FAILURE_COLUMNS, failures)


def _write(
    book: Workbook, name: str, columns: Sequence[str], records: Sequence[RepSummary | Failure]
) -> None:
    sheet = _Sheet(book, name, columns)
    for record in records:
        sheet.add({column: getattr(record, column) for column in columns})
    sheet.finish()


class _Sheet:
    """One sheet: a frozen heading with filters, then a row at a time, each column in its form."""

    def __init__(self, book: Workbook, name: str, columns: Sequence[str]) -> None:
        self._sheet: Worksheet = book.add_worksheet(name)
        self._columns = columns
        self._formats = [_format(book, column) for column in columns]
        self._rows = 1
        heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DCE6F1", "bottom": 1}
        )
        self._sheet.freeze_panes(1, 1)
        for index, column in enumerate(columns):
            usual = TEXT_WIDTH if column in TEXT_COLUMNS else WIDTH
            self._sheet.set_column(index, index, WIDTHS.get(column, usual))
            self._sheet.write_string(0, index, column.replace("_", " "), heading)

    def add(self, row: Mapping[str, Any]) -> None:
        if self._rows == MAX_ROWS:
            raise StoreError(f"an Excel sheet has no more than {MAX_ROWS:,} rows; take csv")
        for index, column in enumerate(self._columns):
            self._put(index, column, row[column])
        self._rows += 1

    def _put(self, index: int, column: str, value: Any) -> None:
        place, form = (self._rows, index), self._formats[index]
        if column == "recorded_at":
            value = _own_clock(value)
        if isinstance(value, datetime):
            self._sheet.write_datetime(*place, value, form)
        elif isinstance(value, bool):
            self._sheet.write_boolean(*place, value)
        elif isinstance(value, int | float):
            self._sheet.write_number(*place, value, form)
        elif value:
            # Half a character of two, which JSON allows, has no form in UTF-8.
            shown = str(value).encode("utf-8", "backslashreplace").decode("utf-8")
            self._sheet.write_string(*place, shown)

    def finish(self) -> None:
        last_row, last_column = max(1, self._rows - 1), len(self._columns) - 1
        self._sheet.autofilter(0, 0, last_row, last_column)
        cells = xl_range(0, 0, last_row, last_column)
        self._sheet.ignore_errors({"number_stored_as_text": cells})  # telephone numbers are


def _format(book: Workbook, column: str) -> Format | None:
    found = (form for end, form in NUMBER_FORMATS.items() if column.endswith(end))
    form = next(found, None)
    return book.add_format({"num_format": form}) if form else None


def _own_clock(text: str | None) -> datetime | str | None:
    """The time of a call by the clock there, since Excel knows no zones."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text).replace(tzinfo=None)
    return moment if moment.year >= FIRST_YEAR else text
