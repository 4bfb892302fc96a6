"""Pages from templates: what every one of them can say, and what it may load."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from inspect import getsource
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from vmaudit.report.pages.folder import digest_of
from vmaudit.report.pages.names import page_name, rep_page
from vmaudit.report.rubric import Rubric
from vmaudit.report.scorecard import MIN_TEAM
from vmaudit.report.statistics import MIN_MESSAGES
from vmaudit.report.wording import (
    NO_REP,
    clock,
    day,
    minute,
    number,
    percent,
    plural,
    points,
    spaced,
)
from vmaudit.store import Store

# Scripts and styles of the report's own folder and nothing else: no inline code, no network.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)


class Renderer:
    """Makes the pages of one store's report.

    ``digest`` is of all that every page is made from: the code, the rubric, what is told on each.
    """

    def __init__(self, store: Store, rubric: Rubric, *, redacted: bool) -> None:
        self._environment = Environment(
            loader=PackageLoader("vmaudit.report"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters = (clock, day, minute, number, page_name, percent, plural, points, rep_page, spaced)
        self._environment.filters |= {function.__name__: function for function in filters}
        recordings = None if redacted else store.fact("folder")
        told: dict[str, object] = {
            "policy": POLICY,
            "rubric": rubric,
            "folder": Path(recordings or "recordings").name,
            "redacted": redacted,
            "min_messages": MIN_MESSAGES,
            "min_team": MIN_TEAM,
            "no_rep": NO_REP,
        }
        self._environment.globals |= told
        self.digest = digest_of(told, *_code(rubric))

    def page(self, name: str, template: str, **values: Any) -> str:
        """The page that stands at ``name`` in the report; ``values`` are what it tells."""
        root = "../" if "/" in name else ""
        return self._environment.get_template(template).render(root=root, **values)


def _code(rubric: Rubric) -> Iterator[object]:
    """All that makes a page of an audit, as it is installed."""
    yield getsource(sys.modules[type(rubric).__module__])  # says how bands are told
    yield from (version(package) for package in ("Jinja2", "vl-convert-python"))
    for package in ("vmaudit.records", "vmaudit.report"):
        yield from _contents(files(package))


def _contents(folder: Traversable) -> Iterator[bytes]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_file():
            yield item.read_bytes()
        elif item.name != "__pycache__":
            yield from _contents(item)
