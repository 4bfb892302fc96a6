"""Labels that people give to messages, joined with what was heard in them.

A table (CSV or JSON Lines) with a row per message: ``file``, its path in an audited folder, or
``text`` or, in JSON Lines, ``words``, as ``vmaudit score`` reads them; ``value`` and ``clarity``
from 0 to 3, ``repeated`` (yes or no), each of which may be left out; ``rep``. Any other column
divides the messages into slices. docs/scoring.md says what the levels mean. Whether a message
without a repeated number states one is not asked: the numbers that were heard in it tell.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vmaudit.errors import ConfigError
from vmaudit.records import Audit, audit_from_json, joined
from vmaudit.scoring import Message, message_of
from vmaudit.scoring.examples import Example
from vmaudit.scoring.heads import LEVELS
from vmaudit.scoring.inputs import HeadName, callback_level, read_inputs
from vmaudit.scoring.scorer import tokens_of
from vmaudit.scoring.wording import as_text
from vmaudit.store import Store
from vmaudit.transcripts import read_transcribed

__all__ = ["Labelled", "examples_of", "read_labels"]

_KNOWN = (
    *("id", "file", "text", "words", "value", "clarity", "repeated"),
    *("rep", "prospect", "company", "interest", "notes", "direct_number"),
)
_YES = frozenset({"1", "1.0", "yes", "true", "y"})
_NO = frozenset({"0", "0.0", "no", "false", "n"})
_LEVEL = re.compile(rf"([0-{LEVELS - 1}])(?:\.0)?")  # pandas writes a column with gaps as 2.0
NOISY_DB = 10.0  # below, a message is of the slice "noisy"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message with its labels.

    ``rep`` is None where nobody says whose it is. ``slices`` maps what divides the messages to
    this one's part.
    """

    name: str
    message: Message
    levels: Mapping[HeadName, int]
    rep: str | None
    slices: Mapping[str, str] = field(default_factory=dict)


def read_labels(
    path: Path, store: Store | None, *, region: str = "US"
) -> tuple[list[Labelled], list[str]]:
    """The labelled messages, and a line for each row that is of no use.

    ``store`` holds the audits that ``file`` names; ``region`` is the numbering plan of what is
    spoken in the other rows. Raises ``ConfigError`` where the table cannot be read, where no row of
    it is of use, and for an unknown region.
    """
    found: list[Labelled] = []
    warnings: list[str] = []
    for number, row in _rows(path):
        try:
            found.append(_labelled(_cells(row), store, region))
        except (ValueError, RecursionError) as error:
            warnings.append(f"{path.name} row {number}: {error}")
    if not found:
        first = f"; {warnings[0]}" if warnings else ""
        raise ConfigError(f"{path} has no label that can be used{first}")
    return found, warnings


def examples_of(labelled: list[Labelled], *, weight: float = 1.0) -> list[Example]:
    """The messages as the heads learn from them; messages of one rep stay together.

    One of nobody that is known stays with the same file or words. A message that is labelled twice
    is two examples, so ids number them.
    """
    return [
        Example(
            f"{number} {one.name}",
            as_text(tokens_of(one.message)),
            read_inputs(one.message),
            one.levels,
            f"rep {one.rep}" if one.rep else f"message {one.name}",
            weight,
        )
        for number, one in enumerate(labelled, start=1)
    ]


def _rows(path: Path) -> Iterator[tuple[int, str | Mapping[str | None, Any]]]:
    """Each row, or its JSON, with the number of its last line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix == ".jsonl":
                yield from ((n, line) for n, line in enumerate(file, start=1) if line.strip())
            else:
                reader = csv.DictReader(file)
                yield from ((reader.line_num, row) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error


def _cells(row: str | Mapping[str | None, Any]) -> dict[str, Any]:
    """The cells of a row that are not blank. Raises ``ValueError``."""
    read = json.loads(row) if isinstance(row, str) else row
    if not isinstance(read, Mapping):
        raise ValueError("must be an object")
    return {
        key: cell for key, cell in read.items() if key and cell is not None and str(cell).strip()
    }


def _labelled(row: Mapping[str, Any], store: Store | None, region: str) -> Labelled:
    slices: dict[str, str] = {}
    if "file" in row:
        audit = _audit(str(row["file"]), store)
        message, name, rep = message_of(audit), audit.path, row.get("rep") or audit.rep
        if message.delivery.snr_db is not None:
            slices["noise"] = "noisy" if message.delivery.snr_db < NOISY_DB else "clean"
    elif "text" in row or "words" in row:
        heard = read_transcribed(row)
        message, rep = heard.message(region), row.get("rep")
        name = str(row.get("id") or joined(word.text for word in heard.words))
    else:
        raise ValueError("neither file nor text is given")
    others = {key: str(value) for key, value in row.items() if key not in _KNOWN}
    levels = _levels(row, message)
    return Labelled(name, message, levels, str(rep) if rep else None, {**slices, **others})


def _audit(path: str, store: Store | None) -> Audit:
    stored = store.audit(path) if store else None
    if stored is None:
        raise ValueError(f"{path} is in no audit that was given (--from)")
    if stored.payload["status"] != "scored":
        raise ValueError(f"{path} cannot be scored: {'; '.join(stored.payload['reasons'])}")
    return audit_from_json(stored.payload)


def _levels(row: Mapping[str, Any], message: Message) -> dict[HeadName, int]:
    levels: dict[HeadName, int] = {}
    heads: tuple[HeadName, ...] = ("value", "clarity")
    for name in heads:
        if name in row:
            levels[name] = _level(name, str(row[name]))
    if "repeated" in row:
        said = str(row["repeated"]).strip().lower()
        if said not in _YES | _NO:
            raise ValueError(f"repeated must be yes or no, not {row['repeated']!r}")
        levels["callback"] = callback_level(2 if said in _YES else 1, len(message.numbers))
    if not levels:
        raise ValueError("no label is given: value, clarity or repeated")
    return levels


def _level(name: str, written: str) -> int:
    level = _LEVEL.fullmatch(written.strip())
    if level is None:
        raise ValueError(f"{name} must be 0, 1, 2 or 3, not {written!r}")
    return int(level[1])
