"""Composed numbers are what their truth says, in a form that people use."""

from __future__ import annotations

import re
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import compose_numbers
from call_tones import Part
from compose_numbers import PARTS, SPEAKERS, TAKES, number_of, people
from telephone import LINE_RATE_HZ
from voices import CALL_VOICES

from vmaudit.content import find_callback
from vmaudit.records import Word


def read(text: str) -> list[str]:
    """The numbers in a text that is said, a word every third of a second."""
    words = re.sub(r"\{[^}]*\}", " ", text).split()
    said = [Word(word, i / 3, (i + 1) / 3, 0.9) for i, word in enumerate(words)]
    return [number.digits for number in find_callback(said, direct_number=None).numbers]


@pytest.mark.parametrize("part", PARTS)
def test_a_voice_says_the_digits_of_its_number_in_both_ways(part: Part) -> None:
    for voice in CALL_VOICES[part]:
        for place in range(compose_numbers.NUMBERS_A_VOICE):
            number = number_of(voice, place)
            assert re.fullmatch("[2-9][0-9]{2}[2-9][0-9]{6}", number.digits)
            assert read(number.first.text) == [number.digits], number
            assert read(number.again.text) == [number.digits], number


def test_parts_share_neither_voice_nor_number() -> None:
    numbers = {
        part: {
            number_of(voice, place).digits
            for voice in CALL_VOICES[part]
            for place in range(compose_numbers.NUMBERS_A_VOICE)
        }
        for part in PARTS
    }
    assert not numbers["tuning"] & numbers["testing"]
    assert not {*SPEAKERS["tuning"]} & {*SPEAKERS["testing"]}


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    """Each digit a tone of its own, as long for one as for the other."""
    folder = tmp_path / "spoken_digits"
    folder.mkdir()
    time_s = np.arange(LINE_RATE_HZ // 4) / LINE_RATE_HZ
    for speaker in SPEAKERS["testing"]:
        for digit in range(10):
            tone = 8000 * np.sin(2 * np.pi * (300 + 100 * digit) * time_s)
            for take in range(TAKES):
                with wave.open(str(folder / f"{digit}_{speaker}_{take}.wav"), "wb") as file:
                    file.setparams((1, 2, LINE_RATE_HZ, 0, "NONE", ""))
                    file.writeframes(tone.astype("<i2").tobytes())
    return tmp_path


def test_peoples_digits_lie_where_the_truth_says(takes: Path) -> None:
    messages = list(people("testing", 6, takes))
    assert [len(m.truth["numbers"]) for m in messages] == [1, 1, 1, 2, 2, 2]
    for message in messages:
        assert len(set(message.truth["numbers"])) == 1
        assert np.max(np.abs(message.line)) <= 1
        number = message.truth["numbers"][0]
        for start_s, end_s in message.truth["times_s"]:
            said = message.line[round(start_s * LINE_RATE_HZ) : round(end_s * LINE_RATE_HZ)]
            assert _hz(said[:1600]) == pytest.approx(300 + 100 * int(number[0]), abs=10)
            assert _hz(said[-1600:]) == pytest.approx(300 + 100 * int(number[-1]), abs=10)
    paces = [end_s - start_s for m in messages[:3] for start_s, end_s in m.truth["times_s"]]
    assert paces == sorted(paces)
    again = list(people("testing", 6, takes))
    assert all(np.array_equal(a.line, b.line) for a, b in zip(messages, again, strict=True))


def _hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * LINE_RATE_HZ / len(samples))
