"""Speaking the training messages: pauses, breaths, voices, twins."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import training_data
from render_training import VOICES, directed, in_groups, to_speak, voice_of

PAUSE = re.compile(r"\{[\d.]+\}")


def said(text: str) -> str:
    return directed(text, np.random.default_rng(0))


def test_sentences_and_thoughts_part_with_pauses() -> None:
    assert len(PAUSE.findall(said("Hi Dana. It's Lee. Bye."))) == 2
    assert len(PAUSE.findall(said("Well... it came in."))) == 1
    assert not PAUSE.findall(said("This is for Mr. Castellanos and Dr. Wu"))


def test_hesitations_are_written_as_the_voices_say_them_best() -> None:
    assert PAUSE.sub("", said("Um, so, uh, the umbrella")).split()[0] == "Umm,"
    assert "uhh" in said("so, uh, yes")
    assert "umbrella" in said("the umbrella")


def test_no_stretch_is_longer_than_a_voice_can_say() -> None:
    stretches = PAUSE.split(said(" ".join(["word"] * 190)))
    assert max(len(stretch.split()) for stretch in stretches) <= 40


def test_twins_stay_together_and_every_style_has_one_voice() -> None:
    messages = to_speak()
    chosen = in_groups(messages, 500)
    assert 500 <= len(chosen) < 520
    ids = {message["id"] for message in chosen}
    groups: dict[str, list[Any]] = {}
    for message in messages:
        groups.setdefault(message["twin_of"] or message["id"], []).append(message["id"])
    assert all(len(ids & set(group)) in {0, len(group)} for group in groups.values())
    styles = sorted({message["style"] for message in messages})
    assert {voice_of(style, styles) for style in styles} == set(VOICES)


def test_what_was_heard_is_of_messages_that_were_spoken() -> None:
    spoken = {message["id"] for message in to_speak()}
    rows = training_data.heard_rows()
    assert len(rows) >= 500
    assert {row["made"]["id"] for row in rows} <= spoken
    assert {row["made"]["voice"] for row in rows} == set(VOICES)
