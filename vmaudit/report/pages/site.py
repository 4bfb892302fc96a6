"""Puts the report together: reads the store twice, writes a page per message and rep."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from vmaudit.errors import StoreError
from vmaudit.report.pages import wording
from vmaudit.report.pages.audio import AudioMode, AudioShelf
from vmaudit.report.pages.changes import LastRun, last_run
from vmaudit.report.pages.criteria import criteria_of
from vmaudit.report.pages.facts import Facts, facts_of, read_audits, rep_page
from vmaudit.report.pages.folder import (
    ASSETS,
    INDEX,
    LISTING,
    MESSAGES,
    REPS,
    ReportFolder,
    zip_folder,
)
from vmaudit.report.pages.headline import headline
from vmaudit.report.pages.listing import listing_script
from vmaudit.report.pages.message import message_view
from vmaudit.report.pages.overview import Overview, by_rep, overview_of
from vmaudit.report.pages.pictures import overview_pictures, rep_pictures
from vmaudit.report.pages.rubric import Rubric
from vmaudit.report.pages.scorecard import scorecard_of
from vmaudit.report.pages.statistics import MIN_MESSAGES, PRIOR_MESSAGES
from vmaudit.store import Store

_ASSETS = files("vmaudit.report") / ASSETS
# Scripts and styles of the report's own folder and nothing else: no inline code, no network.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)


def build_report(store: Store, report: Path, rubric: Rubric, *, audio: AudioMode = "link") -> Path:
    """Write the report into the folder ``report`` and return its first page.

    Raises ``StoreError``, also where the folder holds other things than an earlier report.
    """
    try:
        return _Site(store, ReportFolder(report), rubric, audio).write()
    except OSError as error:
        raise StoreError(f"cannot write the report to {report}: {error}") from error


def bundle_report(store: Store, bundle: Path, rubric: Rubric, *, audio: AudioMode = "copy") -> None:
    """Write the report with its audio into one zip file. Raises ``StoreError``."""
    partial = bundle.with_name(f".{bundle.name}.partial")
    try:
        with tempfile.TemporaryDirectory(prefix="vmaudit-") as folder:
            report = Path(folder) / "report"
            build_report(store, report, rubric, audio=audio)
            zip_folder(report, partial)
        partial.replace(bundle)
    except OSError as error:
        raise StoreError(f"cannot write {bundle}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


class _Site:
    def __init__(
        self, store: Store, folder: ReportFolder, rubric: Rubric, audio: AudioMode
    ) -> None:
        self._store, self._folder, self._rubric = store, folder, rubric
        self._shelf = AudioShelf(_recordings(store), folder.root, audio)
        self._criteria = criteria_of(rubric)
        self._templates = _environment(store)

    def write(self) -> Path:
        self._folder.prepare()
        run = last_run(self._store.runs())
        new = self._store.audited_in(run.id) if run and not run.is_first else set()
        messages = [
            facts_of(audit, self._criteria, is_new=audit.path in new)
            for audit in read_audits(self._store)
        ]
        messages.sort(key=lambda m: (m.time_s is None, m.time_s or 0.0, m.path))
        overview = overview_of(messages, self._criteria)
        for asset in _ASSETS.iterdir():
            self._folder.put(f"{ASSETS}/{asset.name}", asset.read_text(encoding="utf-8"))
        audio = self._messages(messages)
        self._reps(messages, overview, audio)
        self._listing(messages, overview)
        index = self._index(messages, overview, run)
        self._folder.sweep(self._shelf.kept)
        return index

    def _messages(self, messages: Sequence[Facts]) -> dict[str, str | None]:
        """A page per message. Returns the address of each one's audio, by the page's name."""
        place = {message.path: at for at, message in enumerate(messages)}
        pages: list[str | None] = [None, *(message.page for message in messages), None]
        audio: dict[str, str | None] = {}
        for audit in read_audits(self._store):
            if audit.path not in place:  # audited while this report was made
                continue
            at = place[audit.path]
            link = self._shelf.link(audit)
            audio[messages[at].page] = link.href
            self._put(
                f"{MESSAGES}/{messages[at].page}",
                "message.html",
                message=messages[at],
                view=message_view(audit, self._rubric),
                audio=link,
                previous=pages[at],
                following=pages[at + 2],
                rep_page=rep_page(audit.rep),
                at=at + 1,
                total=len(messages),
            )
        return audio

    def _reps(
        self, messages: Sequence[Facts], overview: Overview, audio: Mapping[str, str | None]
    ) -> None:
        for row, own in zip(overview.reps, by_rep(messages).values(), strict=True):
            self._put(
                f"{REPS}/{row.page}",
                "rep.html",
                card=scorecard_of(row, own, overview.criteria, self._criteria),
                pictures=rep_pictures(own),
                audio=audio,
            )

    def _listing(self, messages: Sequence[Facts], overview: Overview) -> None:
        self._folder.put(f"{ASSETS}/messages.js", listing_script(messages))
        self._put(LISTING, "messages.html", overview=overview)

    def _index(self, messages: Sequence[Facts], overview: Overview, run: LastRun | None) -> Path:
        return self._put(
            INDEX,
            "index.html",
            overview=overview,
            headline=headline(overview, messages),
            pictures=overview_pictures(messages, self._rubric),
            failures=self._store.failures(),
            run=run,
            period=_period(messages),
        )

    def _put(self, name: str, template: str, **values: Any) -> Path:
        root = "../" if "/" in name else ""
        html = self._templates.get_template(template).render(
            root=root, rubric=self._rubric, **values
        )
        return self._folder.put(name, html)


def _recordings(store: Store) -> Path | None:
    """The folder that was audited, if it is still there."""
    folder = store.fact("folder")
    path = Path(folder) if folder else None
    return path if path and path.is_dir() else None


def _period(messages: Sequence[Facts]) -> tuple[datetime, datetime] | None:
    """The dates of the first and the last call; ``messages`` are in order of time."""
    dated = [message.recorded_at for message in messages if message.recorded_at]
    return (dated[0], dated[-1]) if dated else None


def _environment(store: Store) -> Environment:
    environment = Environment(
        loader=PackageLoader("vmaudit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = ("clock", "day", "minute", "number", "percent", "points", "measure", "spaced")
    environment.filters |= {name: getattr(wording, name) for name in names}
    environment.globals |= {
        "policy": POLICY,
        "folder": Path(store.fact("folder") or "recordings").name,
        "made_at": datetime.now(UTC),
        "min_messages": MIN_MESSAGES,
        "prior_messages": PRIOR_MESSAGES,
    }
    return environment
