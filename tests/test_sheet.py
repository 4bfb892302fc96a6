"""A rep's page on paper: one sheet, with what the page tells, and nothing in it acts or fetches."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from helpers import Run
from pypdf import PdfReader
from stored_audits import hostile_audit, made_up_audits, store_of

from vmaudit.errors import ConfigError, StoreError
from vmaudit.records import DELIVERY_VALUES, Audit
from vmaudit.report.pages import sheet
from vmaudit.scoring import load_rubric
from vmaudit.scoring.rubric import Rubric


def _missing() -> str | None:
    try:
        import_module("weasyprint")
    except (ImportError, OSError) as error:
        return f"no PDF without WeasyPrint and Pango: {error}"
    return None


MISSING = _missing()
prints = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
RUBRIC = load_rubric()
HOSTILE = "</h1><img src='http://127.0.0.1/x.png'><a href=file:///etc/passwd>{{ 7*7 }}"

Printer = Callable[..., PdfReader]


@pytest.fixture
def printed(tmp_path: Path) -> Printer:
    """Prints the sheet of one rep and reads it back."""

    def printed(
        audits: Sequence[Audit], rep: str = "nina", rubric: Rubric = RUBRIC, **options: Any
    ) -> PdfReader:
        store = store_of(tmp_path / "out", audits)
        try:
            sheet.write_sheet(store, tmp_path / "rep.pdf", rep, rubric, **options)
        finally:
            store.close()
        return PdfReader(tmp_path / "rep.pdf")

    return printed


def text_of(pdf: PdfReader) -> str:
    """What the only page says, with single spaces."""
    (page,) = pdf.pages
    return " ".join(page.extract_text().split())


def images_and_links(pdf: PdfReader) -> list[Any]:
    return [thing for page in pdf.pages for thing in (*page.images, *page.get("/Annots", ()))]


@prints
@pytest.mark.parametrize(("paper", "size_pt"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_one_sheet_tells_what_the_page_tells(
    printed: Printer, paper: sheet.Paper, size_pt: tuple[int, int]
) -> None:
    pdf = printed(list(made_up_audits(240)), paper=paper)
    text = text_of(pdf)
    for told in (
        "nina 60 messages, calls of 2026-03-02 to 2026-04-18",
        "One thing to work on Number said twice: missed in 24 of 56 messages.",
        "A reason to call back level 2 or 3 of 3 44 of 56",
        "Overall score",  # the title of a chart
    ):
        assert told in text
    assert "marcus" not in text
    box = pdf.pages[0].mediabox
    assert (round(box.width), round(box.height)) == size_pt
    assert images_and_links(pdf) == []


@prints
def test_colours_of_drawings_are_those_of_print(printed: Printer) -> None:
    (page,) = printed(list(made_up_audits(240))).pages
    content = page.get_contents()
    assert content is not None
    style = (files("vmaudit.report") / "assets" / "report.css").read_text(encoding="utf-8")
    colour = re.search("--accent: #([0-9a-f]{6});", style)  # the first is of light and paper
    assert colour
    accent = " ".join(f"{part / 255:.3f}" for part in bytes.fromhex(colour[1]))
    fills = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) rg", content.get_data())
    found = [" ".join(f"{float(part):.3f}" for part in fill) for fill in fills]
    assert found.count(accent) > 10


@prints
def test_rep_of_few_messages_gets_a_sheet(printed: Printer) -> None:
    assert "a first impression, no verdict" in text_of(printed(list(made_up_audits(4))))


@prints
def test_redacted_sheet_tells_nobody_who_was_called(printed: Printer) -> None:
    audits = list(made_up_audits(240))
    assert "Oakley" in text_of(printed(audits))
    text = text_of(printed(audits, redacted=True))
    assert "Oakley" not in text
    assert "Redacted by rules" in text


@prints
@pytest.mark.parametrize("name", [HOSTILE, "x" * 5000, "many words " * 500, "Zoë 李 עמית\u202e"])
def test_no_name_does_harm(printed: Printer, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: asked.append(address))
    audits = [
        replace(hostile_audit(audit, name), path=f"{number}.wav", id=f"{number:064}")
        for number, audit in enumerate(made_up_audits(10))
        if audit.scores
    ]
    pdf = printed(audits, rep=name)
    assert len(pdf.pages) == 1
    assert images_and_links(pdf) == []
    assert asked == []
    if name == HOSTILE:
        assert "".join(name.split()) in "".join(pdf.pages[0].extract_text().split())


@prints
def test_long_rubric_is_shrunk_to_the_sheet(
    printed: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (band, *_) = RUBRIC.bands.values()
    names = [name for name, kind in DELIVERY_VALUES.items() if kind is float]
    long = RUBRIC.model_copy(update={"bands": dict.fromkeys(names, band)})
    audits = [
        replace(audit, delivery=replace(audit.delivery, **dict.fromkeys(names, 10.0)))
        for audit in made_up_audits(240)
        if audit.delivery
    ]
    pdf = printed(audits, rubric=long)
    assert len(pdf.pages) == 1
    assert round(pdf.pages[0].mediabox.width) == 595
    monkeypatch.setattr(sheet, "SCALES", (1.0,))
    assert len(printed(audits, rubric=long).pages) > 1


# What is missing is named


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ModuleNotFoundError("No module named 'weasyprint'"), r"pip install 'vmaudit\[pdf\]'"),
        (OSError("cannot load library 'libpango-1.0-0'"), "apt-get install libpango-1.0-0 "),
    ],
)
def test_what_is_missing_is_named(
    printed: Printer, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fail(name: str) -> ModuleType:
        raise error

    monkeypatch.setattr(sheet, "import_module", fail)
    with pytest.raises(ConfigError, match=told):
        printed([])


# The command


@pytest.fixture
def out(tmp_path: Path) -> Path:
    store_of(tmp_path / "out", list(made_up_audits(20))).close()
    return tmp_path / "out"


@prints
def test_command_writes_the_file_and_says_where(run: Run, out: Path, tmp_path: Path) -> None:
    ended = run("scorecard", "out", "--rep", "NINA", "--pdf", "nina.pdf", "--paper", "letter")
    assert (ended.code, ended.out, ended.err) == (0, "nina.pdf\n", "")
    assert text_of(PdfReader(tmp_path / "nina.pdf")).startswith("recordings nina 5 messages")


@prints
def test_file_that_cannot_be_written_is_a_clear_error(run: Run, out: Path) -> None:
    ended = run("scorecard", "out", "--rep", "nina", "--pdf", "nowhere/nina.pdf")
    assert ended.code == StoreError.exit_code
    assert ended.err.startswith("error: cannot write nowhere/nina.pdf")


@pytest.mark.parametrize(
    "arguments",
    [("scorecard", "--rep", "nina", "--pdf"), ("report", "--bundle")],
)
def test_store_is_not_written_over(run: Run, out: Path, arguments: Sequence[str]) -> None:
    command, *options = arguments
    before = (out / "vmaudit.db").read_bytes()
    ended = run(command, "out", *options, "out/vmaudit.db")
    assert ended.code == ConfigError.exit_code
    assert f"{options[-1]} out/vmaudit.db is the store itself" in ended.err
    assert (out / "vmaudit.db").read_bytes() == before
