"""The training messages as examples: as written, and as the recogniser heard them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vmaudit.records import audit_from_json
from vmaudit.scoring import Message, message_of
from vmaudit.scoring.examples import Example
from vmaudit.scoring.inputs import HeadName, callback_level, read_inputs
from vmaudit.scoring.scorer import tokens_of
from vmaudit.scoring.wording import as_text
from vmaudit.transcripts import read_transcribed

TRAINING = Path(__file__).resolve().parents[1] / "models" / "training"
HEARD = TRAINING / "heard.jsonl.gz"

# What makes a message hard to follow whatever is said in it (the definition of clarity).
FAST_WORDS_PER_MINUTE = 225.0
LOUD_NOISE_SNR_DB = 5.0
HARD_TO_FOLLOW = 1


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file, compressed or not."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def heard_rows() -> list[dict[str, Any]]:
    """What the recogniser made of the rendered messages; nothing before any was heard."""
    return read(HEARD) if HEARD.exists() else []


def written(row: Mapping[str, Any]) -> Message:
    """A message as it was written, read as any transcript is that people bring."""
    lead = row["lead"]
    known = {"prospect": lead["prospect"], "interest": lead["interest"], "line": lead["line"]}
    return read_transcribed({"text": row["text"], **known}).message()


def heard(row: Mapping[str, Any]) -> Message | None:
    """A message as it was heard; None where the audit could not judge it."""
    audit = audit_from_json(row["audit"])
    return message_of(audit) if audit.status == "scored" else None


def example(
    row: Mapping[str, Any], message: Message, group: str, made: Mapping[str, Any] | None = None
) -> Example:
    """The message with its labels; ``made`` is what is known of its rendering, None: not heard."""
    levels: dict[HeadName, int] = {"value": row["value"], "clarity": row["clarity"]}
    if made is not None:
        levels["clarity"] = _clarity_heard(row, made)
        stated = [one["times"] for one in row["numbers"]]
        levels["callback"] = callback_level(max(stated, default=0), len(stated))
    return Example(
        row["id"],
        as_text(tokens_of(message)),
        read_inputs(message),
        levels,
        group,
    )


def _clarity_heard(row: Mapping[str, Any], made: Mapping[str, Any]) -> int:
    words_per_minute = 60 * len(row["text"].split()) / made["speech_s"]
    rushed = words_per_minute > FAST_WORDS_PER_MINUTE
    drowned = made["snr_db"] < LOUD_NOISE_SNR_DB
    return min(row["clarity"], HARD_TO_FOLLOW) if rushed or drowned else row["clarity"]


def every_example() -> Iterator[Example]:
    """Each message once: as it was heard where it was, else as it was written.

    Messages of one style are of one group, and so are all styles that one voice speaks.
    """
    heard_by_id = {row["made"]["id"]: row for row in heard_rows()}
    rows = read(TRAINING / "messages.jsonl")
    voices = {
        row["style"]: heard_by_id[row["id"]]["made"]["voice"]
        for row in rows
        if row["id"] in heard_by_id
    }
    for row in rows:
        group = voices.get(row["style"], row["style"])
        known = heard_by_id.get(row["id"])
        message = heard(known) if known else None
        if known and message:
            yield example(row, message, group, known["made"])
        else:
            yield example(row, written(row), group)


def twins(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Ids of near twins that differ in value: the one with more first."""
    by_id = {row["id"]: row for row in rows}
    for row in rows:
        first = by_id.get(row["twin_of"] or "")
        if first is not None and first["value"] != row["value"]:
            better, worse = sorted((first, row), key=lambda one: -one["value"])
            yield better["id"], worse["id"]
