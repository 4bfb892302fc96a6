"""The folder of a report: what is as it was stays, what is no longer said is deleted."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from vmaudit.errors import StoreError
from vmaudit.report.files import PARTIAL, replacing, replacing_bytes
from vmaudit.report.pages.names import is_page_name

INDEX, LISTING = "index.html", "messages.html"
MESSAGES, REPS, ASSETS, AUDIO = "messages", "reps", "assets", "audio"
FOLDERS = (MESSAGES, REPS, ASSETS, AUDIO)
SCRIPT = "messages.js"  # all messages as data
MANIFEST = ".pages.json"
STATIC = files("vmaudit.report") / ASSETS

_SOUND = re.compile(r"[0-9a-f]{20}(?:-[0-9a-f]{10})?\.(?:wav|mp3|flac|m4a)")  # as AudioShelf names


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What each page was made from, and the file that came of it: digest, bytes, written in ns.

    ``redacted``: nothing in the folder is of a report that was not.
    """

    redacted: bool = False
    pages: dict[str, tuple[str, int, int]] = field(default_factory=dict)


_MANIFEST = TypeAdapter(_Manifest)


def digest_of(*parts: object) -> str:
    """A digest of records and plain values, by which one tells whether any of them changed."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class ReportFolder:
    """Writes files, and leaves pages alone that would come out as they are.

    What it knows of earlier pages is put away while it writes: a report that was cut short is
    made anew. A redacted report begins without what an unredacted one left.
    """

    def __init__(self, root: Path, *, redacted: bool) -> None:
        self.root = root
        self._files: set[Path] = set()
        self._earlier = _Manifest()
        self._made = _Manifest(redacted)

    def prepare(self) -> None:
        """Make the folder. Raises ``StoreError`` where other things than a report are in it."""
        if any(map(_is_foreign, self._contents())):
            raise StoreError(f"{self.root} holds other files; move them away to get a report there")
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        manifest = self.root / MANIFEST
        with suppress(FileNotFoundError, ValidationError):
            self._earlier = _MANIFEST.validate_json(manifest.read_bytes())
        manifest.unlink(missing_ok=True)
        if self._made.redacted and not self._earlier.redacted:
            self._delete_but(frozenset())

    def stands(self, name: str, digest: str) -> bool:
        """Whether a page made from what ``digest`` tells is there, untouched; it then stays."""
        path = self.root / name
        if name not in self._earlier.pages or not path.is_file():
            return False
        known = (digest, *_state(path))
        if self._earlier.pages[name] != known:
            return False
        self._files.add(path)
        self._made.pages[name] = known
        return True

    def put(self, name: str, text: str, digest: str | None = None) -> Path:
        """Write one file. What of a hostile file name is no text is written as its escape.

        With the digest of what it is made from it need not be written again.
        """
        path = self.root / name
        with replacing(path, durable=False) as file:
            file.write(text)
        self._files.add(path)
        if digest is not None:
            self._made.pages[name] = (digest, *_state(path))
        return path

    def finish(self, also_kept: Collection[Path]) -> None:
        """Delete what is left of an earlier report, and note the pages of this one."""
        self._delete_but(self._files.union(also_kept))
        for name in FOLDERS:
            if not any((self.root / name).iterdir()):
                (self.root / name).rmdir()
        with replacing_bytes(self.root / MANIFEST) as file:
            file.write(_MANIFEST.dump_json(self._made))

    def _delete_but(self, kept: Collection[Path]) -> None:
        for name in list(self._contents()):
            path = self.root / name
            if path.is_file() and _is_own(name) and path not in kept:
                path.unlink()

    def _contents(self) -> Iterator[str]:
        """What is in the folder and in those of a report in it, by relative path."""
        for folder in ("", *(f"{name}/" for name in FOLDERS)):
            if (self.root / folder).is_dir():
                yield from (f"{folder}{path.name}" for path in (self.root / folder).iterdir())


def _state(path: Path) -> tuple[int, int]:
    """What changes when a file is written: its size in bytes, and when it was in ns."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _is_foreign(name: str) -> bool:
    """Whether it is neither a report's nor left by a system that showed the folder."""
    file = name.rpartition("/")[2]
    return not _is_own(name) and not file.startswith(".") and file != "Thumbs.db"


def _is_own(name: str) -> bool:
    """Whether a report makes a file or folder of this relative path, or began to make it."""
    folder, _, file = name.rpartition("/")
    if file.startswith(".") and file.endswith(PARTIAL):
        file = file[1 : -len(PARTIAL)]
    if folder in (MESSAGES, REPS):
        return is_page_name(file)
    if folder == AUDIO:
        return _SOUND.fullmatch(file) is not None
    if folder == ASSETS:
        return file == SCRIPT or STATIC.joinpath(file).is_file()
    return file in {INDEX, LISTING, *FOLDERS}


def zip_folder(folder: Path, target: BinaryIO) -> None:
    """Pack a folder, under its own name, into an open file."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            # Audio is packed already.
            method = zipfile.ZIP_STORED if path.parent.name == AUDIO else zipfile.ZIP_DEFLATED
            if path.is_file() and path.name != MANIFEST:
                archive.write(path, path.relative_to(folder.parent), method)
