"""The folder of a report: what is as it was stays, what is no longer said is deleted."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from vmaudit.errors import StoreError
from vmaudit.report.files import replacing_bytes

INDEX, LISTING = "index.html", "messages.html"
MESSAGES, REPS, ASSETS, AUDIO = "messages", "reps", "assets", "audio"
FOLDERS = (MESSAGES, REPS, ASSETS, AUDIO)
# What each page was made from, and the file that came of it: digest, bytes, time of writing in ns.
MANIFEST = ".pages.json"
_MANIFEST = TypeAdapter(dict[str, tuple[str, int, int]])


def digest_of(*parts: object) -> str:
    """A digest of records and plain values, by which one tells whether any of them changed."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class ReportFolder:
    """Writes files, and leaves pages alone that would come out as they are.

    What it knows of earlier pages is put away while it writes: a report that was cut short is
    made anew.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files: set[Path] = set()
        self._earlier: dict[str, tuple[str, int, int]] = {}
        self._pages: dict[str, tuple[str, int, int]] = {}

    def prepare(self) -> None:
        """Make the folder. Raises ``StoreError`` where other things than a report are in it."""
        if self.root.is_dir() and any(_is_foreign(path) for path in self.root.iterdir()):
            raise StoreError(f"{self.root} holds other files; move them away to get a report there")
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        manifest = self.root / MANIFEST
        with suppress(FileNotFoundError, ValidationError):
            self._earlier = _MANIFEST.validate_json(manifest.read_bytes())
        manifest.unlink(missing_ok=True)

    def stands(self, name: str, digest: str) -> bool:
        """Whether a page made from what ``digest`` tells is there, untouched; it then stays."""
        path = self.root / name
        if name not in self._earlier or not path.is_file():
            return False
        known = (digest, *_state(path))
        if self._earlier[name] != known:
            return False
        self._files.add(path)
        self._pages[name] = known
        return True

    def put(self, name: str, text: str, digest: str | None = None) -> Path:
        """Write one file. What of a hostile file name is no text is written as its escape.

        With the digest of what it is made from it need not be written again.
        """
        path = self.root / name
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        self._files.add(path)
        if digest is not None:
            self._pages[name] = (digest, *_state(path))
        return path

    def finish(self, also_kept: Collection[Path]) -> None:
        """Delete what is left of an earlier report, and note the pages of this one."""
        for name in FOLDERS:
            folder = self.root / name
            for path in folder.iterdir():
                if path.is_file() and path not in self._files and path not in also_kept:
                    path.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()
        with replacing_bytes(self.root / MANIFEST) as file:
            file.write(_MANIFEST.dump_json(self._pages))


def _state(path: Path) -> tuple[int, int]:
    """What changes when a file is written: its size in bytes, and when it was in ns."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _is_foreign(path: Path) -> bool:
    """Whether it is neither a report's nor left by a system that showed the folder."""
    left_by_systems = path.name.startswith(".") or path.name == "Thumbs.db"
    return path.name not in {INDEX, LISTING, *FOLDERS} and not left_by_systems


def zip_folder(folder: Path, target: Path) -> None:
    """Pack a folder, under its own name, into one file."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            # Audio is packed already.
            method = zipfile.ZIP_STORED if path.parent.name == AUDIO else zipfile.ZIP_DEFLATED
            if path.is_file() and path.name != MANIFEST:
                archive.write(path, path.relative_to(folder.parent), method)
