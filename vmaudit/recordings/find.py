"""Which files of a folder are recordings."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vmaudit.errors import ConfigError
from vmaudit.recordings.kinds import (
    AUDIO_ENDINGS,
    HEAD_BYTES,
    RAW_ENDINGS,
    audio_kind,
    describe,
    ending_of,
)
from vmaudit.records import Failure

__all__ = ["Candidate", "Found", "find", "open_regular", "printable", "reason_of"]

BIDI_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file with audio content. ``relative_path`` is POSIX, printable and valid UTF-8."""

    path: Path
    relative_path: str
    size_bytes: int
    mtime_ns: int


@dataclass(slots=True)
class Found:
    """What one walk through a folder met."""

    candidates: list[Candidate] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    ignored: int = 0


def find(folder: Path, *, raw_codec: str | None, tables: frozenset[Path]) -> Found:
    """Walk ``folder``; ``tables`` (resolved paths) are no recordings and not counted.

    Links to files are followed, links to folders are not: what they show inside
    ``folder`` is met anyway, and what is outside was not asked for. Raises
    ``ConfigError`` where ``folder`` itself cannot be listed.
    """
    found = Found()
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise ConfigError(f"cannot list the folder {folder}: {reason_of(error)}") from error
    for entry, relative_path in _entries(folder, found):
        path = Path(entry.path)
        if tables and path.resolve() in tables:
            continue
        expected = ending_of(entry.name) in AUDIO_ENDINGS
        try:
            _take(found, path, relative_path, raw_codec)
        except OSError as error:
            if expected:
                found.failures.append(Failure(relative_path, "find", reason_of(error)))
            else:
                found.ignored += 1
    found.candidates.sort(key=lambda candidate: candidate.relative_path)
    found.failures.sort(key=lambda failure: failure.path)
    return found


def printable(name: str) -> str:
    """Escape what cannot be shown or stored as UTF-8, one to one, as Python would.

    Undecodable bytes (the surrogates that stand for them), control characters, line
    breaks and characters that reverse the direction of text become backslash escapes,
    and so does the backslash itself.
    """
    return "".join(_escape(char) for char in name)


def reason_of(error: OSError) -> str:
    """Say in plain words why a file cannot be had."""
    if isinstance(error, FileNotFoundError):
        return "not there any more, or a link that leads nowhere"
    return (error.strerror or "cannot be read").lower()


def open_regular(path: Path) -> int:
    """Open for reading, without waiting as a pipe would make us. Only regular files."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not stat.S_ISREG(os.stat(path).st_mode):  # opening some devices has effects
        raise OSError(0, "not a regular file")
    return os.open(path, flags)


def _escape(char: str) -> str:
    category = unicodedata.category(char)
    if char == "\\" or char in BIDI_CONTROLS or category in ("Cc", "Cs", "Zl", "Zp"):
        return char.encode("unicode_escape").decode("ascii")
    return char


def _entries(folder: Path, found: Found) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield every visible entry that is no folder, with its printable relative path."""
    waiting = [(os.fspath(folder), "")]
    while waiting:
        current, prefix = waiting.pop()
        try:
            with os.scandir(current) as listing:
                entries = list(listing)
        except OSError as error:
            reason = f"cannot list the folder: {reason_of(error)}"
            found.failures.append(Failure(prefix.rstrip("/"), "find", reason))
            continue
        for entry in entries:
            relative_path = prefix + printable(entry.name)
            if entry.name.startswith(".") or _is_linked_folder(entry):
                found.ignored += 1
            elif entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, relative_path + "/"))
            else:
                yield entry, relative_path


def _is_linked_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a loop of links
        return False


def _take(found: Found, path: Path, relative_path: str, raw_codec: str | None) -> None:
    """Look at one file. Raises ``OSError`` where it cannot be had."""
    with os.fdopen(open_regular(path), "rb") as file:
        status = os.fstat(file.fileno())
        head = file.read(HEAD_BYTES)
    ending = ending_of(path.name)
    raw = raw_codec is not None and ending in RAW_ENDINGS
    reason = describe(head)
    if audio_kind(head, ending) is not None or (raw and reason == "not audio: unknown content"):
        candidate = Candidate(path, relative_path, status.st_size, status.st_mtime_ns)
        found.candidates.append(candidate)
    elif ending in AUDIO_ENDINGS:
        found.failures.append(Failure(relative_path, "find", reason))
    else:
        found.ignored += 1
