"""The Excel workbook: three sheets to filter and sort, in which no text acts."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from stored_audits import AUDIT, NOTHING
from test_exports import HOSTILE

from vmaudit.errors import StoreError
from vmaudit.records import Audit, Failure, Transcript, to_json
from vmaudit.report import FORMATS, export
from vmaudit.report.table import SCHEMA

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FAILURE = Failure("bad.wav", "decode", "no stream", "b" * 64)
LINKS = ("https://example.com/x", "mailto:a@example.com", "internal:Sheet1!A1", "ftp://example.com")
ODD = ("007", "1e5", "TRUE", "_x0041_", "\x01\x1f", "\ud800", "<b>&amp;", "x" * 40_000)


def written(path: Path, *audits: Audit, failures: tuple[Failure, ...] = ()) -> Path:
    export(path, [to_json(audit) for audit in audits], failures, form="xlsx")
    return path


def sheet(path: Path, number: int) -> ElementTree.Element:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))


def rows(path: Path, number: int) -> list[list[Any]]:
    """The cells of a sheet: text as text, numbers and truth values as such, None where empty."""
    found = []
    for row in sheet(path, number).iter(f"{MAIN}row"):
        cells: dict[int, Any] = {}
        for cell in row.iter(f"{MAIN}c"):
            assert cell.find(f"{MAIN}f") is None, "a formula"
            value = "".join(cell.itertext())
            kind = cell.get("t")
            assert kind in {None, "inlineStr", "b"}
            letters = "".join(char for char in cell.attrib["r"] if char.isalpha())
            shown = value if kind == "inlineStr" else bool(int(value)) if kind else float(value)
            cells[column(letters)] = shown
        found.append([cells.get(index) for index in range(max(cells) + 1)])
    return found


def column(letters: str) -> int:
    index = 0
    for letter in letters:
        index = 26 * index + ord(letter) - ord("A") + 1
    return index - 1


def test_sheets_of_messages_reps_and_failures(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", AUDIT, NOTHING, failures=(FAILURE,))
    heading, first, second = rows(path, 1)
    assert [name.replace(" ", "_") for name in heading] == SCHEMA.names
    cells = dict(zip(SCHEMA.names, first, strict=False))
    assert (cells["path"], cells["number"], cells["level_dbfs"]) == (
        "nina/vega.wav",
        "2065550142",
        -21.5,
    )
    assert (cells["number_repeated"], cells["filler_count"], cells["overall"]) == (True, 2.0, 78.0)
    assert second[: SCHEMA.names.index("status") + 1][-1] == "not_scorable"
    reps = [dict(zip(rows(path, 2)[0], row, strict=False)) for row in rows(path, 2)[1:]]
    assert [(row["rep"], row["messages"], row["not scorable"]) for row in reps] == [
        ("nina", 1.0, 0.0),
        ("no rep known", 1.0, 1.0),
    ]
    assert rows(path, 3) == [
        ["path", "stage", "reason", "id"],
        ["bad.wav", "decode", "no stream", "b" * 64],
    ]


def test_time_of_a_call_is_a_date_by_its_own_clock(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", AUDIT, replace(AUDIT, recorded_at=datetime(1850, 1, 1)))
    at = SCHEMA.names.index("recorded_at")
    serial, old = (row[at] for row in rows(path, 1)[1:])
    moment = datetime(1899, 12, 30) + timedelta(minutes=round(serial * 24 * 60))
    assert moment == datetime(2026, 3, 2, 10, 24)
    assert old == "1850-01-01T00:00:00"


def test_heading_stays_in_sight_and_columns_filter(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", AUDIT, AUDIT)
    for number in (1, 2, 3):
        found = sheet(path, number)
        (pane,) = found.iter(f"{MAIN}pane")
        assert (pane.get("state"), pane.get("ySplit"), pane.get("xSplit")) == ("frozen", "1", "1")
        (filtered,) = found.iter(f"{MAIN}autoFilter")
        assert filtered.attrib["ref"].startswith("A1:")
        assert all(float(one.attrib["width"]) > 5 for one in found.iter(f"{MAIN}col"))
    (filtered,) = sheet(path, 1).iter(f"{MAIN}autoFilter")
    assert filtered.attrib["ref"].endswith("3")


@pytest.mark.parametrize("text", [*HOSTILE, *LINKS, *ODD])
def test_text_is_text_and_nothing_else(text: str, tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.xlsx",
        replace(AUDIT, path=text, rep=text, transcript=Transcript(text, "en", text, 0.5, ())),
        failures=(Failure(text, "find", text),),
    )
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert not [name for name in names if "externalLink" in name or "_rels/sheet" in name]
        assert b"hyperlink" not in archive.read("xl/worksheets/sheet1.xml")
    cells = dict(zip(SCHEMA.names, rows(path, 1)[1], strict=False))
    if text.startswith("x" * 9):
        assert cells["text"] == text[:32_767]  # as much as a cell holds
    elif text == "\ud800":
        assert cells["text"] == "\\ud800"
    else:
        shown = cells["text"].replace("_x005F_", "_")
        for code in (1, 0x1F):
            shown = shown.replace(f"_x{code:04X}_", chr(code))
        assert shown.replace("_x000D_", "\r") == text
    assert cells["path"] == cells["rep"] == cells["text"]


def test_nothing_to_write_is_a_workbook_too(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx")
    assert [len(rows(path, number)) for number in (1, 2, 3)] == [1, 1, 1]


def test_more_rows_than_a_sheet_holds_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vmaudit.report.workbook.MAX_ROWS", 3)
    written(tmp_path / "a.xlsx", AUDIT, AUDIT)
    with pytest.raises(StoreError, match="no more than 3 rows; take csv"):
        written(tmp_path / "b.xlsx", AUDIT, AUDIT, AUDIT)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize("form", FORMATS)
def test_failed_export_leaves_the_old_file_and_no_other(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{form}"
    export(path, [to_json(AUDIT)], [], form=form)
    before = path.read_bytes()

    def broken() -> Iterator[dict[str, Any]]:
        yield to_json(NOTHING)
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="No space left"):
        export(path, broken(), [], form=form)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("form", FORMATS)
def test_place_that_is_not_there_is_a_clear_error(form: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write"):
        export(tmp_path / "nowhere" / "a", [to_json(AUDIT)], [], form=form)


@pytest.mark.parametrize("form", FORMATS)
def test_memory_does_not_grow_with_the_messages(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vmaudit.report.exports.PARQUET_CHUNK", 50)
    payload = to_json(AUDIT)

    def peak(count: int) -> int:
        audits = ({**payload, "path": f"{index}.wav"} for index in range(count))
        tracemalloc.start()
        export(tmp_path / "a", audits, [], form=form)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(100)  # what is loaded once
    few, many = peak(100), peak(800)
    assert many - few < 700 * 150  # bytes; a row is ten times that
