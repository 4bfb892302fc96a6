"""``vmaudit export`` as its users type it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from helpers import Ended, Run, read_lines
from stored_audits import AUDIT

from vmaudit.cli.export import Form
from vmaudit.records import Failure
from vmaudit.report import FORMATS
from vmaudit.store import Store, StoreBatch, store_address

EARLIER, LATER = datetime(2026, 3, 1, 23, 59), datetime(2026, 3, 2)
MESSAGES = (
    replace(AUDIT, path="nina/early.wav", recorded_at=EARLIER),
    replace(AUDIT, path="nina/vega.wav", recorded_at=LATER),
    replace(AUDIT, path="ray/undated.wav", rep="Ray", recorded_at=None),
    replace(AUDIT, path="nobody.wav", rep=None, recorded_at=None),
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    store = Store(store_address(folder))
    failures = (Failure("bad.wav", "find", "not audio"),)
    store.write(StoreBatch(1, {}, tuple((audit, "k") for audit in MESSAGES), failures))
    store.close()
    return folder


def paths(file: Path) -> list[str]:
    return [line["path"] for line in read_lines(file)]


def test_every_format_can_be_asked_for() -> None:
    assert {*Form} == {*FORMATS}


def test_every_format_holds_every_message(run: Run, out: Path) -> None:
    wanted = sorted(audit.path for audit in MESSAGES)
    for form in ("csv", "jsonl", "parquet", "xlsx"):
        assert run("export", "out", "--format", form) == Ended(
            0, f"out/export.{form}: 4 messages\n", ""
        )
    with (out / "export.csv").open(encoding="utf-8", newline="") as file:
        assert [row["path"] for row in csv.DictReader(file)] == wanted
    assert pq.read_table(out / "export.parquet").column("path").to_pylist() == wanted
    assert paths(out / "export.jsonl") == wanted
    assert (out / "export.xlsx").read_bytes().startswith(b"PK")


def test_format_follows_the_ending_of_the_file(run: Run, out: Path) -> None:
    assert run("export", "out", "--to", "a.JSONL").code == 0
    assert len(paths(Path("a.JSONL"))) == 4
    assert run("export", "out", "--to", "a.data").code == 0
    assert Path("a.data").read_bytes().startswith(b"PK")  # Excel where nothing says otherwise
    assert run("export", "out", "--to", "b.csv", "--format", "jsonl").code == 0
    assert len(paths(Path("b.csv"))) == 4


@pytest.mark.parametrize("name", ["nina", "Nina", " NINA "])
def test_one_rep_in_any_case(name: str, run: Run, out: Path) -> None:
    assert run("export", "out", "--rep", name, "--to", "a.jsonl").code == 0
    assert paths(Path("a.jsonl")) == ["nina/early.wav", "nina/vega.wav"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nena", "no rep is called nena; is it nina?"),
        ("ay", "no rep is called ay; is it Ray?"),
        ("zebulon", "no rep is called zebulon; there are: Ray, nina"),
        ("\x1b[31m", "no rep is called \\x1b[31m; there are: Ray, nina"),
    ],
)
def test_unknown_rep_is_told_who_is_near(name: str, told: str, run: Run, out: Path) -> None:
    assert run("export", "out", "--rep", name) == Ended(2, "", f"error: {told}\n")
    assert not (out / "export.xlsx").exists()


def test_since_takes_a_day_as_audit_does(run: Run, out: Path) -> None:
    ended = run("export", "out", "--since", "2026-03-02", "--to", "a.jsonl")
    assert ended.code == 0
    assert paths(Path("a.jsonl")) == ["nina/vega.wav"]
    assert ended.err == "2 messages without a date left out by --since\n"
    ended = run("export", "out", "--since", "yesterday", "--to", "b.jsonl")
    assert (ended.code, ended.err) == (
        2,
        "error: since must be a date such as 2026-03-02, not 'yesterday'\n",
    )


def test_store_is_never_overwritten(run: Run, out: Path) -> None:
    before = (out / "vmaudit.db").read_bytes()
    ended = run("export", "out", "--to", "out/../out/vmaudit.db")
    assert (ended.code, ended.out) == (2, "")
    assert "is the store itself" in ended.err
    assert (out / "vmaudit.db").read_bytes() == before


def test_file_that_cannot_be_written_is_a_clear_error(run: Run, out: Path) -> None:
    ended = run("export", "out", "--to", "nowhere/a.xlsx")
    assert ended.code == 1
    assert ended.err.startswith("error: cannot write nowhere/a.xlsx: ")


def test_redacted_export_names_nobody(run: Run, out: Path) -> None:
    assert run("export", "out", "--redact", "--to", "a.jsonl").code == 0
    (first, *_) = read_lines(Path("a.jsonl"))
    assert first["prospect"] == "[name]"
    assert "Angela" not in json.dumps(read_lines(Path("a.jsonl")))
    assert run("export", "out", "--redact", "--to", "a.xlsx").code == 0


def test_no_results_is_a_clear_error(run: Run) -> None:
    ended = run("export", "nowhere")
    assert ended.code == 2
    assert "nowhere holds no results" in ended.err
