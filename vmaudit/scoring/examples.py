"""Labelled messages as the heads learn from them, kept as JSON Lines."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import as_file, files
from pathlib import Path

from pydantic import TypeAdapter

from vmaudit.errors import ModelError
from vmaudit.scoring.inputs import INPUTS, HeadName

__all__ = ["Example", "read_examples", "shipped_examples", "write_examples"]

SHIPPED = "examples.jsonl.gz"
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message: its wording as text, its inputs, its level for each head.

    ``group`` is what must not be on both sides of a split: a rep, a voice. ``weight`` is how much
    it counts. A level may be missing.
    """

    id: str
    wording: str
    inputs: Mapping[str, float]
    levels: Mapping[HeadName, int]
    group: str
    weight: float = 1.0


_EXAMPLE = TypeAdapter(Example)


def write_examples(examples: Iterable[Example], path: Path) -> None:
    """Write the examples, the same bytes for the same ones; inputs that are 0 are left out."""
    lines = []
    for example in examples:
        inputs = {k: round(v, _DECIMALS) for k, v in example.inputs.items() if v}
        lines.append(json.dumps({**asdict(example), "inputs": inputs}, ensure_ascii=False) + "\n")
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write("".join(lines).encode())


def read_examples(path: Path) -> list[Example]:
    """Read what ``write_examples`` wrote. Raises ``ModelError``."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        return [
            _EXAMPLE.validate_python({**row, "inputs": dict.fromkeys(INPUTS, 0.0) | row["inputs"]})
            for row in rows
        ]
    except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError) as error:
        raise ModelError(f"{path} holds no examples: {error}") from error


def shipped_examples() -> list[Example]:
    """Those that the shipped scorer was made with. Raises ``ModelError``."""
    with as_file(files("vmaudit.models") / SHIPPED) as path:
        return read_examples(path)
