"""Fingerprints: the same audio is found again behind any codec, and nothing else is."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.signal
from helpers import sample
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vmaudit.audio import decode
from vmaudit.config import AudioOptions
from vmaudit.isolation.fingerprint import STEP_S, Fingerprint, best_stretch, fingerprint
from vmaudit.isolation.twins import find_twins
from vmaudit.records import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]
TOOLS = Path(__file__).resolve().parents[1] / "tools"
# Two messages of one voice, and one of another, in seconds of the sample.
VEGA = ("harborview-motors/2026-03-02_nina_vega.WAV", 0.5, 32.5)
OAKLEY = ("harborview-motors/2026-03-02_nina_oakley.m4a", 10.8, 30.0)
BRANDT = ("harborview-motors/2026-03-03_marcus_brandt.wav", 18.2, 36.2)


def cut(name: str, start_s: float, end_s: float) -> Samples:
    return sample(name)[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]


@cache
def vega() -> Samples:
    return cut(*VEGA)


@cache
def vega_print() -> Fingerprint:
    return fingerprint(vega())


def same(one: Fingerprint, other: Fingerprint) -> bool:
    groups = find_twins([("one", one), ("other", other)])
    assert groups in ([], [("one", "other")])
    return bool(groups)


def noise(duration_s: float, seed: int = 0) -> Samples:
    count = round(duration_s * SAMPLE_RATE_HZ)
    return np.random.default_rng(seed).normal(scale=0.1, size=count).astype(np.float32)


def tones(duration_s: float, *frequencies_hz: float) -> Samples:
    time_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return np.asarray(
        sum(0.2 * np.sin(2 * np.pi * hz * time_s) for hz in frequencies_hz), dtype=np.float32
    )


def music(duration_s: float, seed: int) -> Samples:
    """Notes of a scale in another order for each seed, each with its harmonics and a fade."""
    rng = np.random.default_rng(seed)
    notes = []
    for _ in range(round(duration_s / 0.25)):
        pitch_hz = 220 * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        note = tones(0.25, pitch_hz, 2 * pitch_hz, 3 * pitch_hz)
        notes.append(note * np.geomspace(1, rng.uniform(0.05, 0.5), len(note)))
    return np.concatenate(notes).astype(np.float32)


@pytest.fixture
def telephone(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("telephone")


def behind(codec: str, samples: Samples, telephone: Any, folder: Path) -> Samples:
    form = telephone.FORMATS[codec]
    path = folder / f"message.{ {'ipod': 'm4a'}.get(form.container, form.container) }"
    line = telephone.to_line_rate(samples, SAMPLE_RATE_HZ)
    telephone.encode(path, np.clip(line, -1, 1)[np.newaxis], form)
    return decode(path, AudioOptions()).samples


@pytest.mark.parametrize("codec", ["wav-mulaw", "wav-gsm", "amr", "ogg-opus", "mp3", "m4a"])
def test_codec_level_noise_and_cut_leave_the_same_audio(
    codec: str, telephone: Any, tmp_path: Path
) -> None:
    other = behind(codec, 0.2 * vega()[40_000:-40_000], telephone, tmp_path)
    speech_rms = float(np.sqrt(np.mean(other**2)))
    hiss = noise(len(other) / SAMPLE_RATE_HZ)
    hiss = hiss[: len(other)] * (speech_rms / 10 / np.sqrt(np.mean(hiss**2)))  # 20 dB below
    assert same(vega_print(), fingerprint(other))
    assert same(vega_print(), fingerprint(other + hiss))


@given(
    start=st.integers(0, 6 * SAMPLE_RATE_HZ),
    end=st.integers(0, 6 * SAMPLE_RATE_HZ),
    silence=st.integers(0, 3 * SAMPLE_RATE_HZ),
    gain_db=st.floats(-50, 10),
)
@settings(max_examples=25, deadline=None)
def test_any_cut_offset_and_level_is_the_same_audio(
    start: int, end: int, silence: int, gain_db: float
) -> None:
    part = vega()[start : len(vega()) - end] * np.float32(10 ** (gain_db / 20))
    moved = np.concatenate([np.zeros(silence, dtype=np.float32), part])
    assert same(vega_print(), fingerprint(moved))
    assert same(fingerprint(moved), vega_print())


@given(gain_db=st.floats(-60, 30))
@settings(max_examples=10, deadline=None)
def test_level_hardly_changes_a_bit(gain_db: float) -> None:
    moved = fingerprint(vega() * np.float32(10 ** (gain_db / 20)))
    stretch = best_stretch(vega_print().words, moved.words, 0)
    assert stretch.bit_error_rate < 0.001
    assert stretch.heard_s > 0.99 * STEP_S * np.count_nonzero(vega_print().words)


def test_other_messages_are_not_the_same(telephone: Any, tmp_path: Path) -> None:
    others = {
        "same voice": cut(*OAKLEY),
        "another voice": cut(*BRANDT),
        "slower": scipy.signal.resample_poly(vega(), 16, 15),
        "backwards": vega()[::-1],
        "music": music(20, 1),
        "other music": music(20, 2),
    }
    named = [("vega", vega_print()), *((name, fingerprint(s)) for name, s in others.items())]
    assert find_twins(named) == []


@pytest.mark.parametrize("greeting_s", [6.0, 9.0])
def test_same_greeting_before_other_messages_is_not_the_same(greeting_s: float) -> None:
    greeting = cut(BRANDT[0], BRANDT[1], BRANDT[1] + greeting_s)
    calls = [np.concatenate([greeting, message]) for message in (vega(), cut(*OAKLEY))]
    first, second = map(fingerprint, calls)
    stretch = best_stretch(first.words, second.words, 0)
    assert stretch.heard_s > 0.7 * greeting_s  # it is there, and it is not enough
    assert not same(first, second)


def test_less_than_five_seconds_are_too_little() -> None:
    assert not same(vega_print(), fingerprint(vega()[: 5 * SAMPLE_RATE_HZ]))
    short = fingerprint(vega()[: 5 * SAMPLE_RATE_HZ])
    assert not same(short, short)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, dtype=np.float32),
        np.zeros(3000, dtype=np.float32),
        np.zeros(20 * SAMPLE_RATE_HZ, dtype=np.float32),
        np.full(20 * SAMPLE_RATE_HZ, 0.5, dtype=np.float32),
        noise(20),
        tones(20, 440.0, 480.0),
        tones(20, 1000.0),
    ],
    ids=["nothing", "too short", "silence", "offset", "steady noise", "ringing", "tone"],
)
def test_nothing_is_heard_in_what_is_steady(samples: Samples) -> None:
    taken = fingerprint(samples)
    assert not np.any(taken.words)
    assert not same(taken, taken)


def test_a_pause_is_not_heard() -> None:
    pause = np.zeros(4 * SAMPLE_RATE_HZ, dtype=np.float32)
    words = fingerprint(np.concatenate([vega()[:160_000], pause, vega()[160_000:]])).words
    middle = round(12.0 / STEP_S)
    assert not np.any(words[middle - 20 : middle + 20])


def test_size_of_a_fingerprint() -> None:
    assert len(vega_print().to_text()) < 170 * len(vega()) / SAMPLE_RATE_HZ


@given(data=st.binary(max_size=400).map(lambda data: data[: len(data) // 4 * 4]))
def test_text_gives_the_fingerprint_back(data: bytes) -> None:
    taken = Fingerprint(data)
    assert Fingerprint.from_text(taken.to_text()) == taken
    assert taken.words.tobytes() == data


@pytest.mark.parametrize("text", ["AAA=", "A", "é", "AAAAAA", "AAAA AAAA", "AA=="])
def test_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        Fingerprint.from_text(text)


# Twins among many, with words drawn at random


def drawn(rng: np.random.Generator, count: int = 400) -> NDArray[np.uint32]:
    return rng.integers(1, 1 << 32, count, dtype=np.uint32)


def with_errors(
    words: NDArray[np.uint32], share: float, rng: np.random.Generator
) -> NDArray[np.uint32]:
    flips = rng.random((len(words), 32)) < share
    return words ^ np.packbits(flips, axis=1, bitorder="little").view("<u4")[:, 0]


def taken(words: NDArray[np.uint32]) -> Fingerprint:
    return Fingerprint(words.astype("<u4").tobytes())


def test_twins_among_many_are_grouped_in_the_order_given() -> None:
    rng = np.random.default_rng(4)
    messages = [drawn(rng) for _ in range(40)]
    named = [(f"m{index:02}", taken(words)) for index, words in enumerate(messages)]
    named += [(f"copy{n} of m07", taken(with_errors(messages[7][n:], 0.1, rng))) for n in range(9)]
    named.insert(3, ("cut of m31", taken(with_errors(messages[31][130:], 0.15, rng))))
    assert find_twins(named) == [
        ("cut of m31", "m31"),
        ("m07", *(f"copy{n} of m07" for n in range(9))),
    ]


def test_a_recording_left_a_thousand_times_is_one_group() -> None:
    rng = np.random.default_rng(5)
    words = drawn(rng)
    named = [(str(index), taken(with_errors(words, 0.1, rng))) for index in range(1000)]
    assert find_twins(named) == [tuple(name for name, _ in named)]


def test_no_fingerprints_no_twins() -> None:
    assert find_twins([]) == []
    assert find_twins([("a", Fingerprint(b"")), ("b", Fingerprint(b""))]) == []


@given(
    prints=st.lists(st.lists(st.integers(0, 3), max_size=60), max_size=6),
    repeat=st.integers(1, 20),
)
@settings(deadline=None)
def test_any_words_give_disjoint_groups(prints: list[list[int]], repeat: int) -> None:
    """Words of few values, such as no speech has, are the worst case for the votes."""
    named = [
        (str(index), taken(np.array(words * repeat, dtype=np.uint32)))
        for index, words in enumerate(prints)
    ]
    groups = find_twins(named)
    members = [name for group in groups for name in group]
    assert len(members) == len(set(members))
    assert all(len(group) > 1 for group in groups)
