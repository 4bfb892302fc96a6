"""Puts the report together: a page per message and rep, and those that tell of all.

Every message is read; a page of one message or rep is made where that has changed what it tells.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vmaudit.errors import StoreError
from vmaudit.report.criteria import criteria_of
from vmaudit.report.facts import Facts, distinct, facts_of, in_time, period_of
from vmaudit.report.files import replacing_bytes
from vmaudit.report.pages.audio import AudioLink, AudioMode, AudioShelf
from vmaudit.report.pages.changes import LastRun, last_run, without_texts
from vmaudit.report.pages.folder import (
    ASSETS,
    INDEX,
    LISTING,
    MESSAGES,
    REPS,
    SCRIPT,
    STATIC,
    ReportFolder,
    digest_of,
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
from vmaudit.report.sources import read_sources, source_of
from vmaudit.store import Store


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
        return _Site(
            store, ReportFolder(report, redacted=redacted), rubric, audio, redacted
        ).write()
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
    try:
        with tempfile.TemporaryDirectory(prefix=".vmaudit-", dir=bundle.parent) as folder:
            report = Path(folder) / "report"
            build_report(store, report, rubric, audio=audio, redacted=redacted)
            with replacing_bytes(bundle) as file:
                zip_folder(report, file)
    except OSError as error:
        raise StoreError(f"cannot write {bundle}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Message:
    """What is kept of one message; ``path`` is the store's, ``digest`` of all that it tells."""

    facts: Facts
    path: str
    audio: AudioLink
    digest: str


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
        self._shelf = AudioShelf(_recordings(store), folder.root, audio, store.known_content())
        self._criteria = criteria_of(rubric)
        self._renderer = Renderer(store, rubric, redacted=redacted)

    def write(self) -> Path:
        self._folder.prepare()
        run = last_run(self._store.runs())
        new = self._store.audited_in(run.id) if run and not run.is_first else set()
        read = {one.facts.path: one for one in self._read(new)}
        messages = in_time(one.facts for one in read.values())
        counted = distinct(messages)
        team = team_of(counted)
        overview = overview_of(counted, team, self._criteria)
        for asset in STATIC.iterdir():
            self._folder.put(f"{ASSETS}/{asset.name}", asset.read_text(encoding="utf-8"))
        self._messages([read[message.path] for message in messages])
        for rep, own in by_rep(counted).items():
            self._rep(rep, [read[message.path] for message in own], team)
        self._listing(messages, overview)
        index = self._index(overview, counted, run, copies=len(messages) - len(counted))
        self._folder.finish(self._shelf.kept)
        return index

    def _read(self, new: Collection[str]) -> Iterator[_Message]:
        """Every message; ``new`` are the paths of those that the last run audited."""
        for source in read_sources(self._store, redacted=self._redacted):
            facts = facts_of(source.audit, self._criteria, is_new=source.path in new)
            link = self._shelf.link(source)
            yield _Message(facts, source.path, link, digest_of(source.payload, link))

    def _messages(self, messages: Sequence[_Message]) -> None:
        """A page per message, in order of time, that leads to those before and after it."""
        pages = [None, *(page_name(message.facts.path) for message in messages), None]
        for at, message in enumerate(messages):
            before, page, after = pages[at : at + 3]
            name = f"{MESSAGES}/{page}"
            digest = digest_of(self._renderer.digest, message.digest, before, after)
            if self._folder.stands(name, digest):
                continue
            stored = self._store.audit(message.path)
            if stored is None:  # forgotten while this report was made
                continue
            audit = source_of(stored, redacted=self._redacted).audit
            html = self._renderer.page(
                name,
                "message.html",
                view=message_view(audit, self._rubric),
                audio=message.audio,
                previous=before,
                following=after,
                rep_page=rep_page(audit.rep),
            )
            self._folder.put(name, html, digest)

    def _rep(
        self, rep: str | None, messages: Sequence[_Message], team: Mapping[str, TeamShare]
    ) -> None:
        name = f"{REPS}/{rep_page(rep)}"
        made_of = [message.digest for message in messages]
        digest = digest_of(self._renderer.digest, made_of, sorted(team.items()))
        if self._folder.stands(name, digest):
            return
        view = rep_view([message.facts for message in messages], team, self._criteria)
        audio = {message.facts.path: message.audio.href for message in messages}
        html = self._renderer.page(name, "rep.html", view=view, audio=audio)
        self._folder.put(name, html, digest)

    def _listing(self, messages: Sequence[Facts], overview: Overview) -> None:
        self._folder.put(f"{ASSETS}/{SCRIPT}", listing_script(messages))
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
