"""The written messages that scorers are trained on: whole, consistent, and spread."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vmaudit.content import find_callback
from vmaudit.records import Word

TRAINING = Path(__file__).resolve().parents[1] / "models" / "training"
FIELDS = (
    *("id", "industry", "style", "text", "value", "clarity", "numbers", "signals", "lead"),
    *("twin_of", "why"),
)
SIGNALS = {
    *("apology", "asks_callback", "boasting", "canned", "concrete_reason", "courtesy"),
    *("direct_line", "email_mentioned", "identified_early", "just_checking_in", "many_asks"),
    *("mentions_interest", "names_company", "names_prospect", "names_self", "one_ask"),
    *("pressure", "sensitive_detail", "still_in_market", "text_invited", "urgency"),
    "will_call_again",
}
FICTIONAL = re.compile(r"[2-9][0-9]{2}55501[0-9]{2}")


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TRAINING / name).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def messages() -> list[dict[str, Any]]:
    return read("messages.jsonl")


def test_every_message_has_every_field_in_its_range(messages: list[dict[str, Any]]) -> None:
    for row in messages:
        assert tuple(row) == FIELDS, row["id"]
        assert {row["value"], row["clarity"]} <= {0, 1, 2, 3}, row["id"]
        assert set(row["signals"]) <= SIGNALS, row["id"]
        assert set(row["lead"]) == {"prospect", "interest", "line", "notes"}, row["id"]
        assert 2 <= len(row["text"].split()) <= 190, row["id"]
        assert row["why"], row["id"]
    assert len({row["id"] for row in messages}) == len(messages) == 4621


def test_only_twins_say_the_same_words(messages: list[dict[str, Any]]) -> None:
    """Left to another lead, the same words are worth something else."""
    groups: dict[str, set[str]] = {}
    for row in messages:
        groups.setdefault(row["text"], set()).add(row["twin_of"] or row["id"])
    assert [found for found in groups.values() if len(found) > 1] == []


def test_numbers_are_fictional_and_written_as_they_are_said(messages: list[dict[str, Any]]) -> None:
    for row in messages:
        assert all(FICTIONAL.fullmatch(one["digits"]) for one in row["numbers"]), row["id"]
        assert all(one["times"] >= 1 for one in row["numbers"]), row["id"]
        assert not re.search("[0-9]", row["text"]), row["id"]


def test_labels_are_spread_and_do_not_go_hand_in_hand(messages: list[dict[str, Any]]) -> None:
    pairs = Counter((row["value"], row["clarity"]) for row in messages)
    assert len(pairs) == 16
    assert max(pairs.values()) < 1.5 * min(pairs.values())
    assert len({row["industry"] for row in messages}) >= 14
    assert len({row["style"] for row in messages}) >= 12


def test_twins_name_another_message_that_is_the_first(messages: list[dict[str, Any]]) -> None:
    first = {row["id"]: row for row in messages}
    twins = [row for row in messages if row["twin_of"]]
    assert len(twins) > 100
    assert all(first[row["twin_of"]]["twin_of"] is None for row in twins)


def test_second_labels_are_of_messages_that_exist(messages: list[dict[str, Any]]) -> None:
    second = read("second_labels.jsonl")
    ids = [row["id"] for row in second]
    assert len(set(ids)) == len(ids) >= 200
    assert set(ids) <= {row["id"] for row in messages}
    assert all({row["value"], row["clarity"]} <= {0, 1, 2, 3} for row in second)


def spoken(text: str) -> list[Word]:
    """The words at an even pace, with a pause behind each mark."""
    words, at_s = [], 0.0
    for word in text.split():
        words.append(Word(word, at_s, at_s + 0.28, 0.9))
        at_s += 0.58 if word[-1] in ",.?!;:" else 0.33
    return words


def test_numbers_are_read_as_they_were_labelled(messages: list[dict[str, Any]]) -> None:
    """Of the first 840, 820 were at first sight; the reader was mended since."""
    wrong = []
    for row in messages:
        found = find_callback(spoken(row["text"]), direct_number=None).numbers
        read_as = sorted((number.digits, number.times) for number in found)
        if read_as != sorted((one["digits"], one["times"]) for one in row["numbers"]):
            wrong.append(row["id"])
    assert len(wrong) <= 0.01 * len(messages), wrong
