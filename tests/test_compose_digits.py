"""Composed digits: their truth is true, and what must be no digit is none."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import signal

ROOT = Path(__file__).resolve().parents[1]
RATE_HZ = 8_000
VOICE_RATE_HZ = 24_000
DIGIT_HZ, OTHER_HZ = 1_500, 600


class Whistle:
    """Stands in for the voices: 0.4 s of a tone per piece, of another pitch for a digit."""

    def __init__(self, module: Any, digits: Sequence[str]) -> None:
        self._module, self._digits = module, digits

    def reseed(self, seed: int) -> None:
        self.seed = seed

    def speak_pieces(self, pieces: Sequence[str], *, voice: str, speed: float = 1.0) -> Any:
        time_s = np.arange(round(0.4 * VOICE_RATE_HZ)) / VOICE_RATE_HZ
        gap = np.zeros(round(0.1 * VOICE_RATE_HZ))
        sound, spans_s = [gap], []
        for piece in pieces:
            hz = DIGIT_HZ if piece.rstrip(".,?") in self._digits else OTHER_HZ
            start_s = sum(map(len, sound)) / VOICE_RATE_HZ
            sound += [np.sin(2 * np.pi * hz * time_s), gap]
            spans_s.append((start_s, start_s + 0.4))
        samples = np.concatenate(sound).astype(np.float32)
        return self._module.TimedSpeech(samples, np.array(spans_s))


@pytest.fixture(scope="module")
def tool() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield importlib.import_module("compose_digits")


@pytest.fixture(scope="module")
def speech(tool: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    voices = importlib.import_module("voices")
    folder = tmp_path_factory.mktemp("utterances")
    return tool.SpokenOnce(folder, lambda: Whistle(voices, tool.WORDS))


@pytest.fixture(scope="module")
def recordings(tool: Any, speech: Any) -> list[Any]:
    """Some of each kind, as the voice says them and no other way."""
    said = tool.repertoire("am_eric")
    spoken = speech.spoken((*said.alone, *said.strings, *said.others))
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tool, "_SIZE", (1.0,))
        for number, mostly in enumerate(tool._MOSTLY * 2):
            rng = np.random.default_rng(number)
            found.append(tool._Composer(said, spoken, rng).recording(mostly))
    return found


def test_digits_are_where_the_truth_says_and_nowhere_else(recordings: list[Any]) -> None:
    checked = 0
    for recording in recordings:
        sound = np.concatenate(recording.pieces)
        width = round(0.05 * RATE_HZ)
        near = signal.butter(4, (1_200, 1_800), "bandpass", fs=RATE_HZ, output="sos")
        power = signal.sosfiltfilt(near, sound) ** 2
        tone = np.sqrt(np.convolve(power, np.ones(width) / width, mode="same"))
        inside = np.zeros(len(sound), dtype=bool)
        for digit in recording.digits:
            start, end = (round(digit[edge] * RATE_HZ) for edge in ("start_s", "end_s"))
            assert tone[start:end].max() > 0.03, digit
            inside[max(0, start - 2 * width) : end + 2 * width] = True
            checked += 1
        assert tone[~inside].max(initial=0.0) < 0.03
    assert checked > 200


def test_each_voice_says_every_digit_and_what_is_none(tool: Any) -> None:
    assert len(tool.VOICES) == 6
    for voice in tool.VOICES:
        said = tool.repertoire(voice)
        assert {word for one in said.alone for word in one.words} == set(tool.WORDS)
        assert {word for one in said.strings for word in one.words} == set(tool.WORDS)
        others = {word for one in said.others for word in one.words}
        assert others & {*tool._TENS}
        assert others & {*tool._TEENS}
        assert said == tool.repertoire(voice)


def test_sentences_hold_no_number(tool: Any) -> None:
    sentences = list(tool.sentences_without_numbers())
    assert len(sentences) > 1_000
    for sentence in sentences:
        words = {word.strip(".,?!'\"") for word in sentence.lower().replace("-", " ").split()}
        assert not words & {*tool.WORDS, *tool._TENS, *tool._TEENS, *tool._MULTIPLES}
        assert not any(letter.isdigit() for letter in sentence)


def test_recordings_and_their_truth_are_written_and_are_the_same_again(
    tool: Any, speech: Any, tmp_path: Path
) -> None:
    first, again = (tool.write_recordings(8, speech, tmp_path / name) for name in ("a", "b"))
    assert first == again
    lines = (tmp_path / "a" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == first
    assert len({truth["voice"] for truth in first}) == len(tool.VOICES)
    for truth in first:
        assert truth["duration_s"] <= tool._MAX_LENGTH_S
        for name in ("a", "b"):
            assert (tmp_path / name / truth["file"]).stat().st_size > 1_000
        starts_s = [digit["start_s"] for digit in truth["digits"]]
        assert starts_s == sorted(starts_s)
        assert all(digit["end_s"] <= truth["duration_s"] for digit in truth["digits"])
