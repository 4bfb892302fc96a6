"""Puts the report together: reads the store twice, writes a page per message and rep."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from vmaudit.errors import StoreError
from vmaudit.report.criteria import criteria_of
from vmaudit.report.facts import Facts, distinct, facts_of, in_time, period_of
from vmaudit.report.pages.audio import AudioMode, AudioShelf
from vmaudit.report.pages.changes import LastRun, last_run, without_texts
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
from vmaudit.report.pages.names import page_name, rep_page
from vmaudit.report.pages.overview import Overview, by_rep, overview_of
from vmaudit.report.pages.pictures import overview_pictures
from vmaudit.report.pages.rendering import Renderer
from vmaudit.report.pages.rep import rep_view
from vmaudit.report.redaction import redact_failure
from vmaudit.report.rubric import Rubric
from vmaudit.report.scorecard import TeamShare, team_of
from vmaudit.report.sources import read_sources
from vmaudit.store import Store

_ASSETS = files("vmaudit.report") / ASSETS


def build_report(
    store: Store,
    report: Path,
    rubric: Rubric,
    *,
    audio: AudioMode = "link",
    redacted: bool = False,
) -> Path:
    """Write the report into the folder ``report`` and return its first page.

    ``redacted``: with masks in place of whoever was called, and without links to recordings.
    Raises ``StoreError``, also where the folder holds other things than an earlier report.
    """
    try:
        return _Site(store, ReportFolder(report), rubric, audio, redacted).write()
    except OSError as error:
        raise StoreError(f"cannot write the report to {report}: {error}") from error


def bundle_report(
    store: Store,
    bundle: Path,
    rubric: Rubric,
    *,
    audio: AudioMode = "copy",
    redacted: bool = False,
) -> None:
    """Write the report with its audio, muted where it is redacted, into one zip file.

    Raises ``StoreError``.
    """
    partial = bundle.with_name(f".{bundle.name}.partial")
    try:
        with tempfile.TemporaryDirectory(prefix="vmaudit-") as folder:
            report = Path(folder) / "report"
            build_report(store, report, rubric, audio=audio, redacted=redacted)
            zip_folder(report, partial)
        partial.replace(bundle)
    except OSError as error:
        raise StoreError(f"cannot write {bundle}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


class _Site:
    def __init__(
        self,
        store: Store,
        folder: ReportFolder,
        rubric: Rubric,
        audio: AudioMode,
        redacted: bool,
    ) -> None:
        self._redacted = redacted
        self._store, self._folder, self._rubric = store, folder, rubric
        self._shelf = AudioShelf(_recordings(store), folder.root, audio)
        self._criteria = criteria_of(rubric)
        self._renderer = Renderer(store, rubric, redacted=redacted)

    def write(self) -> Path:
        self._folder.prepare()
        run = last_run(self._store.runs())
        new = self._store.audited_in(run.id) if run and not run.is_first else set()
        messages = in_time(
            facts_of(source.audit, self._criteria, is_new=source.path in new)
            for source in read_sources(self._store, redacted=self._redacted)
        )
        counted = distinct(messages)
        team = team_of(counted)
        overview = overview_of(counted, team, self._criteria)
        for asset in _ASSETS.iterdir():
            self._folder.put(f"{ASSETS}/{asset.name}", asset.read_text(encoding="utf-8"))
        audio = self._messages(messages)
        self._reps(overview, counted, team, audio)
        self._listing(messages, overview)
        index = self._index(overview, counted, run, copies=len(messages) - len(counted))
        self._folder.sweep(self._shelf.kept)
        return index

    def _messages(self, messages: Sequence[Facts]) -> dict[str, str | None]:
        """A page per message. Returns the address of each one's audio, by its path."""
        place = {message.path: at for at, message in enumerate(messages)}
        pages: list[str | None] = [None, *(page_name(message.path) for message in messages), None]
        audio: dict[str, str | None] = {}
        for source in read_sources(self._store, redacted=self._redacted):
            audit = source.audit
            if audit.path not in place:  # audited while this report was made
                continue
            at = place[audit.path]
            link = self._shelf.link(source)
            audio[audit.path] = link.href
            self._put(
                f"{MESSAGES}/{pages[at + 1]}",
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
        self,
        overview: Overview,
        messages: Sequence[Facts],
        team: Mapping[str, TeamShare],
        audio: Mapping[str, str | None],
    ) -> None:
        for row, own in zip(overview.reps, by_rep(messages).values(), strict=True):
            self._put(
                f"{REPS}/{row.page}",
                "rep.html",
                view=rep_view(own, team, self._criteria),
                audio=audio,
            )

    def _listing(self, messages: Sequence[Facts], overview: Overview) -> None:
        self._folder.put(f"{ASSETS}/messages.js", listing_script(messages))
        self._put(LISTING, "messages.html", overview=overview)

    def _index(
        self, overview: Overview, messages: Sequence[Facts], run: LastRun | None, *, copies: int
    ) -> Path:
        failures = self._store.failures()
        return self._put(
            INDEX,
            "index.html",
            overview=overview,
            copies=copies,
            headline=headline(overview, messages),
            pictures=overview_pictures(messages, self._rubric),
            failures=[redact_failure(one) for one in failures] if self._redacted else failures,
            run=without_texts(run) if run and self._redacted else run,
            period=period_of(messages),
            made_at=datetime.now(UTC),
        )

    def _put(self, name: str, template: str, **values: Any) -> Path:
        return self._folder.put(name, self._renderer.page(name, template, **values))


def _recordings(store: Store) -> Path | None:
    """The folder that was audited, if it is still there."""
    folder = store.fact("folder")
    path = Path(folder) if folder else None
    return path if path and path.is_dir() else None
