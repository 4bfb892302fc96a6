"""Voices made of a pulse train, noise and formants: one is told from another, wherever it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vmaudit.isolation.voices import Voices
from vmaudit.records import SAMPLE_RATE_HZ, Interval

Samples = NDArray[np.float32]

TURN_S = 1.5
SYLLABLE_S = 0.2
CLEAR = 1.0  # nats per frame: more than one voice differs from itself
FAR = 6.0  # the same for "nearer", which gives more


@dataclass(frozen=True)
class Speaker:
    """A vocal tract and a larynx: the means of three formants, and of the pitch."""

    formants_hz: tuple[float, float, float]
    pitch_hz: float


LOW = Speaker((500.0, 1500.0, 2500.0), 110.0)
HIGH = Speaker((650.0, 1900.0, 3000.0), 200.0)
DARK = Speaker((400.0, 1100.0, 2200.0), 110.0)
SPEAKERS = {"A": LOW, "B": HIGH, "C": DARK}
PAIRS = [(LOW, HIGH), (LOW, DARK), (HIGH, DARK)]


@cache
def speaks(speaker: Speaker, duration_s: float, seed: int) -> Samples:
    """Syllables of random vowels: each shifts every formant by up to 15 %; not to be changed."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    swing = 0.1 * np.sin(2 * np.pi * 0.7 * time_s + rng.uniform(0, 6))
    periods = np.cumsum(speaker.pitch_hz * (1 + swing)) / SAMPLE_RATE_HZ
    source = 10 * np.diff(np.floor(periods), prepend=0.0) + rng.normal(0, 0.3, len(time_s))
    length = round(SYLLABLE_S * SAMPLE_RATE_HZ)
    for first in range(0, len(source), length):
        sound = source[first : first + length]
        for mean_hz in speaker.formants_hz:
            formant_hz = mean_hz * (1 + rng.uniform(-0.15, 0.15))
            radius = np.exp(-np.pi * 0.15 * formant_hz / SAMPLE_RATE_HZ)
            turn = 2 * np.cos(2 * np.pi * formant_hz / SAMPLE_RATE_HZ)
            sound = scipy.signal.lfilter([1 - radius], [1, -radius * turn, radius**2], sound)
        source[first : first + length] = sound
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time_s)
    level = 0.1 / np.sqrt(np.mean(source**2))
    return np.asarray(level * syllables * source, np.float32)


def heard(*parts: Samples) -> tuple[Voices, list[Interval]]:
    """Parts after one another, and where each is."""
    edges_s = np.cumsum([0, *map(len, parts)]) / SAMPLE_RATE_HZ
    return Voices(np.concatenate(parts)), [Interval(a, b) for a, b in pairwise(edges_s.tolist())]


def conversation(labels: str, seed: int = 0, turn_s: float = TURN_S) -> tuple[Samples, ...]:
    return tuple(
        speaks(SPEAKERS[label], turn_s, 100 * seed + index) for index, label in enumerate(labels)
    )


def numbered(labels: Sequence[object]) -> list[bool]:
    """Whether each label differs from the first: which voice is the second has no meaning."""
    return [label != labels[0] for label in labels]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("speaker", SPEAKERS.values(), ids=SPEAKERS)
def test_one_voice_does_not_change(speaker: Speaker, seed: int) -> None:
    voices, (first, second) = heard(
        speaks(speaker, 5.0, 2 * seed), speaks(speaker, 5.0, 2 * seed + 1)
    )
    assert voices.change([first], [second]) < CLEAR


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_another_voice_is_a_change(one: Speaker, other: Speaker, seed: int) -> None:
    voices, (first, second) = heard(speaks(one, 4.0, 2 * seed), speaks(other, 4.0, 2 * seed + 1))
    assert voices.change([first], [second]) > CLEAR
    assert voices.change([second], [first]) > CLEAR


def test_the_level_is_no_voice() -> None:
    quiet = speaks(LOW, 5.0, 1) * np.float32(0.05)
    voices, (first, second) = heard(speaks(LOW, 5.0, 0), quiet)
    assert voices.change([first], [second]) < CLEAR


def test_pauses_in_a_stretch_do_not_count() -> None:
    pause = np.zeros(SAMPLE_RATE_HZ, np.float32)
    parts = [speaks(LOW, 2.0, 0), pause, speaks(LOW, 2.0, 1), speaks(HIGH, 3.0, 2)]
    voices, (first, _, third, other) = heard(*parts)
    apart, together = [first, third], [Interval(first.start_s, third.end_s)]
    assert len(voices.frames(together)) == pytest.approx(len(voices.frames(apart)), abs=15)
    assert voices.change(together, [other]) == pytest.approx(
        voices.change(apart, [other]), rel=0.25
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_voice_is_nearer_to_itself(one: Speaker, other: Speaker, seed: int) -> None:
    voices, (first, second, asked) = heard(
        speaks(one, 4.0, 3 * seed), speaks(other, 4.0, 3 * seed + 1), speaks(one, 2.0, 3 * seed + 2)
    )
    towards = voices.nearer([asked], [first], [second])
    assert towards > FAR
    assert voices.nearer([asked], [second], [first]) == pytest.approx(-towards)


def test_a_voice_is_as_near_to_two_stretches_of_another() -> None:
    voices, (first, second, asked) = heard(
        speaks(LOW, 6.0, 0), speaks(LOW, 6.0, 1), speaks(LOW, 4.0, 2)
    )
    assert abs(voices.nearer([asked], [first], [second])) < FAR / 2


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("labels", ["AABB", "ABAB", "ABBA", "AABA", "ABABAB", "CCB", "CACAC", "BC"])
def test_two_voices_share_the_turns(labels: str, seed: int) -> None:
    voices, turns = heard(*conversation(labels, seed))
    found = voices.two(turns)
    assert numbered(found.second) == numbered(labels)
    assert found.changes == sum(before != after for before, after in pairwise(labels))


def test_two_voices_gain_more_than_one_shared_out() -> None:
    gains = {}
    for labels in ("AAAAAA", "BBBBBB", "ABABAB", "AAABBB"):
        voices, turns = heard(*conversation(labels))
        gains[labels] = voices.two(turns).gain
    assert min(gains["ABABAB"], gains["AAABBB"]) > 2 * max(gains["AAAAAA"], gains["BBBBBB"])


def test_a_turn_too_short_to_tell_keeps_the_voice_before_it() -> None:
    brief = speaks(HIGH, 0.08, 9)
    voices, turns = heard(*conversation("AA"), brief, *conversation("BB", 1), brief)
    assert numbered(voices.two(turns).second) == [False, False, False, True, True, True]


def test_a_brief_first_turn_has_the_voice_of_the_one_after_it() -> None:
    voices, turns = heard(speaks(LOW, 0.08, 9), *conversation("AABB"))
    assert numbered(voices.two(turns).second) == [False, False, False, True, True]


@pytest.mark.parametrize("brief_s", [0.0, 0.02, 0.2])
def test_too_little_speech_tells_nothing(brief_s: float) -> None:
    voices, (long, other) = heard(speaks(LOW, 3.0, 0), speaks(HIGH, 3.0, 1))
    brief = [Interval(other.start_s, other.start_s + brief_s)]
    assert voices.change([long], brief) == voices.change(brief, [long]) == 0
    assert voices.nearer(brief, [long], [other]) == 0
    assert voices.nearer([long], brief, [other]) == 0
    assert voices.nearer([long], [other], brief) == 0


def test_short_turns_are_one_voice() -> None:
    voices, turns = heard(speaks(LOW, 0.08, 0), speaks(HIGH, 0.08, 1), speaks(LOW, 0.08, 2))
    found = voices.two(turns)
    assert (found.second, found.gain, found.changes) == ((False,) * 3, 0.0, 0)


@pytest.mark.parametrize("samples", [np.zeros(5 * SAMPLE_RATE_HZ), np.zeros(512), np.ones(512)])
def test_nobody_s_voice_neither_changes_nor_raises(samples: NDArray[np.float64]) -> None:
    voices = Voices(samples.astype(np.float32))
    first, second = [Interval(0.0, 2.0)], [Interval(2.0, 4.0)]
    assert voices.change(first, second) <= 0
    assert voices.nearer(first, first, second) == 0
    assert voices.two([*first, *second]).gain == pytest.approx(0, abs=1e-6)
    assert np.isfinite(voices.frames(first)).all()


def test_no_turns_are_no_voices() -> None:
    voices = Voices(speaks(LOW, 1.0, 0))
    assert voices.frames([]).shape == (0, 12)
    assert voices.change([], [Interval(0.0, 1.0)]) == 0
    assert voices.nearer([], [], []) == 0
    assert (voices.two([]).second, voices.two([]).changes) == ((), 0)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-5, 15), st.floats(-1, 5)), max_size=6),
    st.sampled_from(["AB", "A"]),
    st.sampled_from([0.0, 1e-20, 1.0, 100.0]),
)
def test_any_intervals_of_any_level_are_taken(
    lengths_s: list[tuple[float, float]], labels: str, gain: float
) -> None:
    """Outside the recording, overlapping, empty or turned around."""
    voices = Voices(np.concatenate(conversation(labels, turn_s=2.0)) * np.float32(gain))
    turns = [Interval(start_s, start_s + length_s) for start_s, length_s in lengths_s]
    found = voices.two(turns)
    assert len(found.second) == len(turns)
    assert found.changes < max(len(turns), 1)
    assert np.isfinite(found.gain)
    assert np.isfinite(voices.change(turns[:2], turns[2:]))
    assert np.isfinite(voices.nearer(turns[:1], turns[1:2], turns[2:]))
