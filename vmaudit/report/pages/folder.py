"""The folder of a report: what is in it is ours, and what is no longer said is deleted."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import Path

from vmaudit.errors import StoreError

INDEX, LISTING = "index.html", "messages.html"
MESSAGES, REPS, ASSETS, AUDIO = "messages", "reps", "assets", "audio"
FOLDERS = (MESSAGES, REPS, ASSETS, AUDIO)


class ReportFolder:
    """Writes files and remembers which; ``sweep`` deletes those that are left of an earlier one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._written: set[Path] = set()

    def prepare(self) -> None:
        """Make the folder. Raises ``StoreError`` where other things than a report are in it."""
        if self.root.is_dir() and any(_is_foreign(path) for path in self.root.iterdir()):
            raise StoreError(f"{self.root} holds other files; move them away to get a report there")
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)

    def put(self, name: str, text: str) -> Path:
        """Write one file. What of a hostile file name is no text is written as its escape."""
        path = self.root / name
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        self._written.add(path)
        return path

    def sweep(self, also_kept: Collection[Path]) -> None:
        """Delete what this report has not written, and folders that stay empty."""
        for name in FOLDERS:
            folder = self.root / name
            for path in folder.iterdir():
                if path.is_file() and path not in self._written and path not in also_kept:
                    path.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()


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
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent), method)
