"""Files that take their place only when they are whole."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from vmaudit.errors import StoreError

PARTIAL = ".partial"  # ends the name of a file that is not whole; a full stop begins it
# json leaves these three as they are; str.splitlines and some editors end a line there.
UNICODE_LINE_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write one JSON document, whole or not at all. Raises ``StoreError``."""
    try:
        with replacing(path) as file:
            json.dump(value, file, ensure_ascii=False, indent=2)
            file.write("\n")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error}") from error


def json_line(value: Any) -> str:
    """One line of JSON Lines, also for readers that break lines where Unicode does."""
    return json.dumps(value, ensure_ascii=False).translate(UNICODE_LINE_BREAKS) + "\n"


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[IO[str]]:
    """Open a text file that takes the place of ``path`` only when all went well."""
    with replacing_bytes(path, durable=durable) as file:
        # A folder's name may hold bytes that are no text; in JSON \udcff is one of them again.
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        yield text
        text.detach()  # writes what is left, and leaves the file open


@contextmanager
def replacing_bytes(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a binary file that takes the place of ``path`` only when all went well.

    ``durable``: it also outlasts a loss of power, which takes a few ms.
    """
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
