"""Composed messages with fillers: their truth is true, and their parts share nothing."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "benchmarks" / "fillers.toml"
PARTS = ("tuning", "testing")
RATE_HZ = 8_000
VOICE_RATE_HZ = 24_000
WORD_HZ, FILLER_HZ = 600, 1_500


class Whistle:
    """Stands in for the voices: 0.4 s of a tone per piece, of another pitch for a filler."""

    def __init__(self, module: Any, fillers: Sequence[str]) -> None:
        self._module, self._fillers = module, fillers

    def reseed(self, seed: int) -> None:
        self.seed = seed

    def speak_pieces(self, pieces: Sequence[str], *, voice: str, speed: float = 1.0) -> Any:
        time_s = np.arange(round(0.4 * VOICE_RATE_HZ)) / VOICE_RATE_HZ
        gap = np.zeros(round(0.1 * VOICE_RATE_HZ))
        sound, spans_s = [gap], []
        for piece in pieces:
            start_s = sum(map(len, sound)) / VOICE_RATE_HZ
            sound += [np.sin(2 * np.pi * self._hz(piece) * time_s), gap]
            spans_s.append((start_s, start_s + 0.4))
        samples = np.concatenate(sound).astype(np.float32)
        return self._module.TimedSpeech(samples, np.array(spans_s))

    def _hz(self, piece: str) -> int:
        return FILLER_HZ if piece in self._fillers else WORD_HZ


@pytest.fixture(scope="module")
def tool() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield importlib.import_module("compose_fillers")


@pytest.fixture(scope="module", params=[1.0, 1.1])
def size(request: pytest.FixtureRequest) -> float:
    """How much slower and deeper than the voice the speaker is."""
    assert isinstance(request.param, float)
    return request.param


@pytest.fixture(scope="module")
def messages(
    tool: Any, size: float, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Any, Any]]:
    """Two dozen messages: samples and truth."""
    voices = importlib.import_module("voices")
    folder = tmp_path_factory.mktemp("utterances")
    speech = tool.SpokenOnce(folder, lambda: Whistle(voices, list(tool.FILLERS)))
    voices_lines = list(tool.load_lines(TEXTS, "tuning").values()) * 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tool, "_SIZE", (size, size))
        return [
            composed(tool, lines, speech, "wav-pcm", number)
            for number, lines in enumerate(voices_lines)
        ]


def composed(tool: Any, lines: Any, speech: Any, codec: str, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    return tool.render(tool.hesitant_message(lines, speech, rng), codec, rng)


def strongest_hz(samples: NDArray[np.float64], start_s: float, end_s: float) -> float:
    piece = samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
    power = np.abs(np.fft.rfft(piece * np.hanning(len(piece))))
    return float(np.argmax(power) * RATE_HZ / len(piece))


@pytest.mark.parametrize(("kind", "hz"), [("fillers", FILLER_HZ), ("drawls", WORD_HZ)])
def test_what_hesitates_is_where_the_truth_says(
    messages: list[tuple[Any, Any]], size: float, kind: str, hz: int
) -> None:
    checked = 0
    for samples, truth in messages:
        for entry in truth[kind]:
            found_hz = strongest_hz(samples, entry["start_s"], entry["end_s"])
            assert found_hz == pytest.approx(hz / size, abs=15), truth
            checked += 1
    assert checked > 15


def test_nothing_hesitates_anywhere_else(messages: list[tuple[Any, Any]], size: float) -> None:
    """All the time that a filler's tone is loud lies in the fillers of the truth."""
    for samples, truth in messages:
        time_s = np.arange(len(samples)) / RATE_HZ
        wave = np.exp(-2j * np.pi * FILLER_HZ / size * time_s)
        width = round(0.05 * RATE_HZ)
        tone = np.abs(np.convolve(samples * wave, np.ones(width) / width, mode="same"))
        inside = np.zeros(len(samples), dtype=bool)
        for entry in truth["fillers"]:
            inside |= (time_s > entry["start_s"] - 0.05) & (time_s < entry["end_s"] + 0.05)
        loud = tone > 0.2 * np.max(np.abs(samples))
        assert not (loud & ~inside).any(), truth


def test_fillers_come_in_both_ways(messages: list[tuple[Any, Any]]) -> None:
    fillers = [entry for _, truth in messages for entry in truth["fillers"]]
    assert {entry["how"] for entry in fillers} == {"said", "spliced"}


@pytest.mark.parametrize("part", PARTS)
def test_fluent_messages_hold_no_filler(tool: Any, part: str) -> None:
    texts = [said.text.lower() for said in tool.fluent_messages(part)]
    assert len(texts) > 20
    assert not [text for text in texts if {"um", "uh"} & set(re.findall("[a-z]+", text))]


def test_the_same_seed_gives_the_same_message(tool: Any, tmp_path: Path) -> None:
    voices = importlib.import_module("voices")
    lines = next(iter(tool.load_lines(TEXTS, "testing").values()))
    made = []
    for folder in ("one", "two"):
        speech = tool.SpokenOnce(tmp_path / folder, lambda: Whistle(voices, list(tool.FILLERS)))
        made.append(composed(tool, lines, speech, "amr", 5))
    assert np.array_equal(made[0][0], made[1][0])
    assert made[0][1] == made[1][1]


def test_the_parts_share_no_sentence_and_no_voice(tool: Any) -> None:
    lines = {part: tool.load_lines(TEXTS, part) for part in PARTS}
    assert not set(lines["tuning"]) & set(lines["testing"])
    texts = {
        part: {
            re.sub(r"\W", "", "".join(p for p in said.pieces if p not in tool.FILLERS)).lower()
            for one in lines[part].values()
            for said in one.sentences
        }
        for part in PARTS
    }
    assert not texts["tuning"] & texts["testing"]
    assert min(map(len, texts.values())) >= 60


def test_the_model_is_given_one_more_output() -> None:
    """Its bytes are those of onnx.proto: graph (7) { output (12) { name (1) } }."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        made = importlib.import_module("voices")._onnx_output("/a")
    assert made == b"\x3a\x06\x62\x04\x0a\x02/a"
