"""Isolation on the recordings in samples/, as they are and as other codecs leave them."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.signal
from numpy.typing import NDArray
from spoken import words_in

from vmaudit.audio import decode
from vmaudit.config import AudioOptions, SpeechOptions
from vmaudit.isolation import isolate, survey
from vmaudit.isolation.signals import classify
from vmaudit.isolation.tones import steady_tones
from vmaudit.records import SAMPLE_RATE_HZ, Isolation, Waveform
from vmaudit.speech import VoiceActivity

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
TRUTH = {
    entry["file"]: entry
    for entry in tomllib.loads((SAMPLES / "truth.toml").read_text(encoding="utf-8"))["recording"]
}
SUFFIXES = {"wav-mulaw": "wav", "wav-gsm": "wav", "amr": "amr", "ogg-opus": "ogg", "mp3": "mp3"}
START_TOLERANCE_S = 0.5
END_TOLERANCE_S = 0.7
SPAN_TOLERANCE_S = 0.3
SPEEDS_PERCENT = (112, 125)  # other voices from the same ones: pitch and formants move too

Samples = NDArray[np.float32]
Coder = Callable[[Samples, str], Samples]


@cache
def activity() -> VoiceActivity:
    return VoiceActivity(SpeechOptions())


@cache
def recorded(name: str) -> Waveform:
    return decode(SAMPLES / name, AudioOptions())


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Coder:
    """Return a function that passes 16 kHz samples through a telephone codec of that name."""
    monkeypatch.syspath_prepend(str(SAMPLES.parent / "tools"))
    telephone: Any = importlib.import_module("telephone")

    def code(samples: Samples, codec: str) -> Samples:
        line = telephone.band_limit(telephone.to_line_rate(samples, SAMPLE_RATE_HZ))
        line *= min(1.0, 0.99 / np.abs(line).max())
        path = tmp_path / f"line.{SUFFIXES[codec]}"
        telephone.encode(path, line[np.newaxis], telephone.FORMATS[codec])
        return decode(path, AudioOptions()).samples

    return code


def isolated(samples: Samples) -> Isolation:
    scene = survey(samples, activity().detect)
    return isolate(scene, samples, words_in(scene)).isolation


def expected(name: str) -> dict[str, Any]:
    """The truth of what was decoded: the rep's channel alone has no greeting and no beep."""
    one_side = recorded(name).info.channel in {"left", "right"}
    return {**TRUTH[name], "before": []} if one_side else TRUTH[name]


def assert_matches(found: Isolation, truth: dict[str, Any]) -> None:
    before = [span for span in found.spans if span.kind not in {"message", "tail"}]
    assert [span.kind for span in before] == [span["kind"] for span in truth["before"]]
    for span, true in zip(before, truth["before"], strict=True):
        assert span.start_s == pytest.approx(true["start_s"], abs=SPAN_TOLERANCE_S)
        assert span.end_s == pytest.approx(true["end_s"], abs=SPAN_TOLERANCE_S)
    if "message_start_s" not in truth:
        assert (found.message, found.reasons) == (None, ("no speech after the beep",))
        return
    assert found.message is not None
    assert found.message.start_s == pytest.approx(truth["message_start_s"], abs=START_TOLERANCE_S)
    assert found.message.end_s == pytest.approx(truth["message_end_s"], abs=END_TOLERANCE_S)


@pytest.mark.parametrize("name", TRUTH)
def test_a_sample_is_what_its_truth_says(name: str) -> None:
    assert_matches(isolated(recorded(name).samples), expected(name))


def test_both_sides_of_a_stereo_sample_mixed_are_one_call() -> None:
    stereo = [name for name in TRUTH if recorded(name).info.channels == 2]
    assert stereo
    for name in stereo:
        mixed = decode(SAMPLES / name, AudioOptions(channel="mix")).samples
        assert_matches(isolated(mixed), TRUTH[name])


@pytest.mark.parametrize("codec", ["wav-gsm", "amr"])
@pytest.mark.parametrize("name", TRUTH)
def test_a_low_rate_codec_changes_nothing(name: str, codec: str, through: Coder) -> None:
    assert_matches(isolated(through(recorded(name).samples, codec)), expected(name))


@pytest.mark.parametrize("codec", SUFFIXES)
def test_no_vowel_of_any_voice_is_a_signal(codec: str, through: Coder) -> None:
    spoken = {name: truth for name, truth in TRUTH.items() if "message_start_s" in truth}
    assert len(spoken) > 10
    for name, truth in spoken.items():
        voice = recorded(name).samples[round(truth["message_start_s"] * SAMPLE_RATE_HZ) :]
        for percent in SPEEDS_PERCENT:
            other = scipy.signal.resample_poly(voice, 100, percent).astype(np.float32)
            assert classify(steady_tones(through(other, codec))) == (), (name, percent)


@pytest.mark.parametrize("codec", SUFFIXES)
@pytest.mark.parametrize("duration_s", [0.15, 0.4, 1.0])
def test_a_beep_is_found_behind_any_codec(codec: str, duration_s: float, through: Coder) -> None:
    hits = 0
    for frequency_hz in (620, 700, 850, 1000, 1100, 1250, 1400, 1600, 1800, 2000):
        noise = np.random.default_rng(frequency_hz).normal(0, 0.001, 2 * SAMPLE_RATE_HZ)
        time_s = np.arange(len(noise)) / SAMPLE_RATE_HZ
        sounding = (time_s >= 0.5) & (time_s < 0.5 + duration_s)
        beep = 0.1 * sounding * np.sin(2 * np.pi * frequency_hz * time_s)
        found = classify(steady_tones(through((beep + noise).astype(np.float32), codec)))
        hits += [signal.kind for signal in found] == ["beep"] and (
            abs(found[0].start_s - 0.5) <= 0.05
            and abs(found[0].end_s - 0.5 - duration_s) <= 0.05
            and abs(found[0].frequency_hz - frequency_hz) <= 10
        )
    assert hits >= 9
