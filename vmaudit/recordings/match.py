"""Which recording a ``file`` value of calls.csv means."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from vmaudit.recordings.find import printable

__all__ = ["FileIndex"]


class FileIndex:
    """The relative paths of a scan, by path and by bare name, with and without case."""

    def __init__(self, folder: Path, relative_paths: Iterable[str]) -> None:
        self._parents = folder.resolve().as_posix().split("/")
        self._by_key: dict[tuple[str, str], list[str]] = defaultdict(list)
        for path in relative_paths:
            for kind, key in (("path", path), ("name", path.rpartition("/")[2])):
                self._by_key[kind, key].append(path)
                self._by_key[f"{kind} in any case", _loose(key)].append(path)

    def find(self, file: str) -> str | None:
        """Return the relative path that ``file`` means, or None where none or several fit.

        ``file`` is a relative path with either slash, an absolute path into the folder, or
        a bare name that only one recording has. Exact case is tried first.
        """
        written = list(self._written(file))
        steps: tuple[tuple[str, Callable[[str], str]], ...] = (
            ("path", str),
            ("path in any case", _loose),
            ("name", str),
            ("name in any case", _loose),
        )
        for kind, key in steps:
            for text in written:
                paths = self._by_key.get((kind, key(text)), [])
                if len(paths) == 1:
                    return paths[0]
        return None

    def _written(self, file: str) -> Iterator[str]:
        """Yield the ways to read ``file``: as it stands, with slashes turned, below the folder."""
        for text in (printable(file), printable(file.replace("\\", "/"))):
            relative = text.removeprefix("./")
            yield relative
            for depth in range(len(self._parents)):
                parent = "/".join(self._parents[depth:]) + "/"
                if relative.startswith(parent):
                    yield relative[len(parent) :]


def _loose(text: str) -> str:
    """Ignore case and how accents are composed (macOS decomposes file names)."""
    return unicodedata.normalize("NFC", text).casefold()
