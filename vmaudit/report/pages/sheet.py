"""One rep's page on one sheet of paper, as PDF, by WeasyPrint.

WeasyPrint is an extra of vmaudit and needs Pango, a library of the system. It is handed the page
and the report's own style sheet, and may fetch nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from vmaudit.errors import ConfigError, StoreError
from vmaudit.report.criteria import criteria_of
from vmaudit.report.facts import distinct, facts_of
from vmaudit.report.files import replacing_bytes
from vmaudit.report.pages.folder import ASSETS, REPS
from vmaudit.report.pages.names import rep_page
from vmaudit.report.pages.rendering import Renderer
from vmaudit.report.pages.rep import rep_view
from vmaudit.report.rubric import Rubric
from vmaudit.report.scorecard import team_of
from vmaudit.report.sources import read_sources
from vmaudit.store import Store

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Paper = Literal["a4", "letter"]
SIZES_MM: Mapping[Paper, tuple[float, float]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
MARGIN_MM = 12.0
TEXT_LENGTH = 120  # characters of a name or a quote that paper has room for
# What is too much for the sheet is laid out on a larger one and shrunk; smaller nobody can read.
SCALES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)

_SHAPES = ".//{http://www.w3.org/2000/svg}*"
_COLOUR, _NAMED_COLOUR = re.compile(r"--(\w+): (#\w+)"), re.compile(r"var\(--(\w+)\)")


def write_sheet(
    store: Store,
    pdf: Path,
    rep: str,
    rubric: Rubric,
    *,
    paper: Paper = "a4",
    redacted: bool = False,
) -> None:
    """Write the scorecard of ``rep``, one who is known in the store, as PDF.

    Raises ``ConfigError`` where WeasyPrint or Pango is missing, ``StoreError`` where the store
    cannot be read or the file not be written.
    """
    weasyprint = _weasyprint()
    html = _page(store, rep, rubric, redacted=redacted)
    content = _printed(weasyprint, html, paper)
    try:
        with replacing_bytes(pdf) as file:
            file.write(content)
    except OSError as error:
        raise StoreError(f"cannot write {pdf}: {error}") from error


def _weasyprint() -> ModuleType:
    try:
        return import_module("weasyprint")
    except ImportError as error:
        raise ConfigError("a PDF needs WeasyPrint. Run: pip install 'vmaudit[pdf]'") from error
    except OSError as error:  # it looks for Pango when it is imported
        raise ConfigError(
            "a PDF needs Pango. Debian: sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0; macOS: brew install pango"
        ) from error


def _page(store: Store, rep: str, rubric: Rubric, *, redacted: bool) -> str:
    """The rep's page of a report without audio."""
    criteria = criteria_of(rubric)
    sources = read_sources(store, redacted=redacted)
    messages = distinct(facts_of(source.audit, criteria) for source in sources)
    own = [message for message in messages if message.rep == rep]
    view = rep_view(own, team_of(messages), criteria)
    renderer = Renderer(store, rubric, redacted=redacted)
    return renderer.page(f"{REPS}/{rep_page(rep)}", "rep.html", view=view, audio={})


def _printed(weasyprint: ModuleType, html: str, paper: Paper) -> bytes:
    """The page as PDF, as large as one sheet has room for."""
    style = (files("vmaudit.report") / ASSETS / "report.css").read_text(encoding="utf-8")
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    page = weasyprint.HTML(string=html, url_fetcher=nothing)
    _prepare(page.etree_element, dict(_COLOUR.findall(style.partition("@media print")[2])))
    for scale in SCALES:
        width_mm, height_mm = (side / scale for side in SIZES_MM[paper])
        size = f"@page {{ size: {width_mm}mm {height_mm}mm; margin: {MARGIN_MM / scale}mm }}"
        sheets = [weasyprint.CSS(string=css, url_fetcher=nothing) for css in (style, size)]
        document = page.render(stylesheets=sheets)
        if len(document.pages) == 1:
            break
    content: bytes = document.write_pdf(zoom=scale)
    return content


def _prepare(page: Element, colours: Mapping[str, str]) -> None:
    """Make of a page for the screen one for paper.

    Its links go, which lead into the report; other people's text, which is all in ``bdi``, is cut
    short; and colours take the place of their names in drawings, to which WeasyPrint does not
    apply the style of the page.
    """
    for link in page.iterfind(".//a"):
        link.attrib.pop("href", None)
    for other in page.iterfind(".//bdi"):
        if other.text and len(other.text) > TEXT_LENGTH:
            other.text = f"{other.text[:TEXT_LENGTH]}…"
    for shape in page.iterfind(_SHAPES):
        for name, value in shape.items():
            shape.set(name, _NAMED_COLOUR.sub(lambda named: colours[named[1]], value))
