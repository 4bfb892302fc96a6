"""A folder, calls.csv and the roster to a list of recordings with what is known of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path

from vmaudit.config import RecordingOptions
from vmaudit.errors import ConfigError
from vmaudit.recordings.find import Candidate, find, open_regular, reason_of
from vmaudit.recordings.match import FileIndex
from vmaudit.recordings.naming import NamePattern
from vmaudit.recordings.tables import CallRow, read_calls, read_roster
from vmaudit.records import CallMetadata, Channel, Failure, Recording, Rep

__all__ = ["ContentKey", "KnownId", "Scan", "parse_since", "scan"]

KnownId = Callable[[str, int, int], str | None]
ContentKey = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder holds.

    ``ignored`` counts files that are no recordings, ``skipped`` recordings that ``since``
    and ``limit`` leave out, ``duplicates`` the recordings with the bytes, and so the id,
    of one before them, ``unmatched_names`` those whose name does not fit the pattern.
    ``unmatched_rows`` are ``file`` values of calls.csv without a recording, and
    ``without_metadata`` the paths that no row names. ``present`` has every path that looks
    like a recording, also of those left out. ``content_ids`` gives the id by
    (relative path, size in bytes, mtime in ns), for the next scan's ``known_id``.
    """

    recordings: tuple[Recording, ...]
    ignored: int = 0
    failures: tuple[Failure, ...] = ()
    unmatched_rows: tuple[str, ...] = ()
    without_metadata: tuple[str, ...] = ()
    roster: Mapping[str, Rep] = field(default_factory=dict)
    duplicates: int = 0
    skipped: int = 0
    unmatched_names: int = 0
    warnings: tuple[str, ...] = ()
    present: frozenset[str] = frozenset()
    content_ids: Mapping[ContentKey, str] = field(default_factory=dict)


def scan(
    folder: Path,
    options: RecordingOptions,
    *,
    known_id: KnownId | None = None,
    raw_codec: str | None = None,
) -> Scan:
    """Find the recordings under ``folder``, sorted by relative path.

    ``known_id(relative_path, size_bytes, mtime_ns)`` may give the id of a file that has
    not changed, which then is not read. ``raw_codec``, when told, makes headerless files
    with an ending such as .ul recordings. Raises ``ConfigError`` for a folder that cannot
    be listed, a table that cannot be read, a bad name pattern or a bad ``since``.
    """
    since = parse_since(options.since)
    pattern = NamePattern(options.name_pattern) if options.name_pattern else None
    warnings: list[str] = []
    roster = read_roster(options.roster, warnings) if options.roster else {}
    rows = read_calls(options.metadata, warnings) if options.metadata else []
    tables = frozenset(path.resolve() for path in (options.metadata, options.roster) if path)
    found = find(folder, raw_codec=raw_codec, tables=tables)
    paths = [candidate.relative_path for candidate in found.candidates]
    by_path, unmatched_rows = _assign(rows, FileIndex(folder, paths), warnings)
    named = {path: pattern.match(path) for path in paths} if pattern else {}
    metadata = {
        path: _with_rep(_merged(_metadata_of(by_path.get(path)), named.get(path)), roster)
        for path in paths
    }
    chosen = [
        candidate
        for candidate in found.candidates
        if since is None or _day(metadata[candidate.relative_path], candidate) >= since
    ]
    reading = _Reading(known_id, options.limit)
    for candidate in chosen:
        path = candidate.relative_path
        channel = _channel_of(by_path.get(path), roster.get(metadata[path].rep or ""))
        reading.take(candidate, metadata[path], channel)
    return Scan(
        recordings=tuple(reading.recordings),
        ignored=found.ignored,
        failures=(*found.failures, *reading.failures),
        unmatched_rows=tuple(unmatched_rows),
        without_metadata=tuple(path for path in paths if path not in by_path) if rows else (),
        roster=roster,
        duplicates=len(reading.recordings) - len({item.id for item in reading.recordings}),
        skipped=len(found.candidates) - len(chosen) + reading.skipped,
        unmatched_names=sum(fit is None for fit in named.values()),
        warnings=tuple(warnings),
        content_ids=reading.content_ids,
        present=frozenset(paths),
    )


class _Reading:
    """Gives candidates their id, in order, until the limit is reached."""

    def __init__(self, known_id: KnownId | None, limit: int | None) -> None:
        self._known_id = known_id
        self._limit = limit
        self.recordings: list[Recording] = []
        self.content_ids: dict[ContentKey, str] = {}
        self.failures: list[Failure] = []
        self.skipped = 0

    def take(self, candidate: Candidate, metadata: CallMetadata, channel: Channel | None) -> None:
        """Add one candidate, or count why not."""
        if self._limit is not None and len(self.recordings) >= self._limit:
            self.skipped += 1
            return
        path = candidate.relative_path
        try:
            identity = self._identity(candidate)
        except OSError as error:
            self.failures.append(Failure(path, "find", reason_of(error)))
            return
        self.content_ids[path, candidate.size_bytes, candidate.mtime_ns] = identity
        self.recordings.append(
            Recording(identity, candidate.path, path, candidate.size_bytes, metadata, channel)
        )

    def _identity(self, candidate: Candidate) -> str:
        if self._known_id is not None:
            known = self._known_id(
                candidate.relative_path, candidate.size_bytes, candidate.mtime_ns
            )
            if known is not None:
                return known
        with os.fdopen(open_regular(candidate.path), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def parse_since(text: str | None) -> date | None:
    """The first day that counts, from ISO 8601; None: all do. Raises ``ConfigError``."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ConfigError(f"since must be a date such as 2026-03-02, not {text!r}") from error


def _day(metadata: CallMetadata, candidate: Candidate) -> date:
    """Return the day of the call as its own clock had it, else when the file was written."""
    if metadata.recorded_at is not None:
        return metadata.recorded_at.date()
    return datetime.fromtimestamp(candidate.mtime_ns / 1e9).date()


def _assign(
    rows: list[CallRow], index: FileIndex, warnings: list[str]
) -> tuple[dict[str, CallRow], list[str]]:
    """Give each row its file. Of several rows for one file the last counts."""
    by_path: dict[str, CallRow] = {}
    unmatched = []
    for row in rows:
        path = index.find(row.file)
        if path is None:
            unmatched.append(row.file)
            continue
        if path in by_path:
            warnings.append(
                f"row {row.number}: {path} again (first in row {by_path[path].number}); "
                "the last row counts"
            )
        by_path[path] = row
    return by_path, unmatched


def _metadata_of(row: CallRow | None) -> CallMetadata:
    return row.metadata if row is not None else CallMetadata()


def _channel_of(row: CallRow | None, rep: Rep | None) -> Channel | None:
    """Return the rep's channel: as the recording's own row says, else as the roster does."""
    if row is not None and row.channel is not None:
        return row.channel
    return rep.channel if rep is not None else None


def _merged(row: CallMetadata, named: CallMetadata | None) -> CallMetadata:
    """Fill what the row leaves open from the file name."""
    if named is None:
        return row
    open_fields = {
        item.name: getattr(named, item.name)
        for item in fields(row)
        if getattr(row, item.name) is None
    }
    return replace(row, **open_fields)


def _with_rep(metadata: CallMetadata, roster: Mapping[str, Rep]) -> CallMetadata:
    """Write the rep as the roster does, where only upper and lower case differ."""
    if metadata.rep is None or metadata.rep in roster:
        return metadata
    wanted = metadata.rep.casefold()
    same = [key for key in roster if key.casefold() == wanted]
    return replace(metadata, rep=same[0]) if len(same) == 1 else metadata
