"""Delivery as ``vmaudit show`` tells it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from stored_audits import made_up_audit

from vmaudit.cli.delivery import delivery_lines
from vmaudit.records import to_json
from vmaudit.scoring import load_rubric


@pytest.mark.parametrize(
    ("words_per_minute", "place"),
    [(1.0, "(low; aim: "), (1000.0, "(far too high; aim: "), (160.0, "(good)")],
)
def test_place_of_a_value_is_told_as_the_pages_tell_it(words_per_minute: float, place: str) -> None:
    audit = made_up_audit(random.Random(1), 0)
    assert audit.delivery
    audit = replace(audit, delivery=replace(audit.delivery, words_per_minute=words_per_minute))
    lines = list(delivery_lines(to_json(audit), load_rubric()))
    (line,) = (line for line in lines if "Pace: " in line)
    assert place in line
