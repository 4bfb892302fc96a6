"""Pace over a message, at its ends and in its numbers; syllable nuclei; word confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.delivery import measure
from vmaudit.delivery.frames import MessageAudio, Unmeasured, message_audio
from vmaudit.delivery.nuclei import syllable_nuclei_per_second
from vmaudit.delivery.pace import number_pace_ratio
from vmaudit.records import SAMPLE_RATE_HZ, Delivery, Interval, Isolation, Transcript, Word

Stretches = Sequence[tuple[float, float]]


def said(text: str, start_s: float, end_s: float, confidence: float = 0.9) -> tuple[Word, ...]:
    """Words spread evenly over a stretch of time."""
    edges_s = np.linspace(start_s, end_s, len(text.split()) + 1)
    return tuple(
        Word(word, float(edges_s[k]), float(edges_s[k + 1]), confidence)
        for k, word in enumerate(text.split())
    )


def measured(words: tuple[Word, ...], duration_s: float, speech: Stretches) -> Delivery:
    rng = np.random.default_rng(3)
    samples = (0.1 * rng.standard_normal(round(duration_s * SAMPLE_RATE_HZ))).astype(np.float32)
    where = Isolation((), Interval(0.0, duration_s), tuple(Interval(*one) for one in speech))
    return measure(samples, where, Transcript("", "en", "test", 0.9, words))


def test_pace_follows_a_change_of_tempo() -> None:
    # 2 syllables a second for 10 s, then 4.
    words = said("go " * 20, 1.0, 11.0) + said("go " * 40, 11.0, 21.0)
    found = measured(words, 22.0, [(1.0, 21.0)])
    assert found.pace_over_time is not None
    assert (found.pace_over_time.start_s, found.pace_over_time.step_s) == (3.5, 1.0)
    expected = [2.0] * 6 + [2.4, 2.8, 3.2, 3.6] + [4.0] * 6
    assert found.pace_over_time.values == pytest.approx(expected)
    assert found.opening_pace_ratio == pytest.approx(2 / 3)
    assert found.closing_pace_ratio == pytest.approx(4 / 3)


def test_pauses_do_not_slow_the_pace_of_what_is_said() -> None:
    words = said("go " * 15, 0.0, 5.0) + said("go " * 30, 14.0, 24.0)
    found = measured(words, 24.0, [(0.0, 5.0), (14.0, 24.0)])
    assert found.pace_over_time is not None
    values = found.pace_over_time.values
    assert values[5:10] == (None,) * 5
    assert [one for one in values if one is not None] == pytest.approx([3.0] * 15)
    assert found.opening_pace_ratio == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("duration_s", "missing"),
    [
        (11.9, {"opening_pace_ratio", "closing_pace_ratio"}),
        (4.9, {"opening_pace_ratio", "closing_pace_ratio", "pace_over_time"}),
        (12.0, set()),
    ],
)
def test_short_messages_have_no_course(duration_s: float, missing: set[str]) -> None:
    found = measured(said("go " * 20, 0.0, duration_s), duration_s, [(0.0, duration_s)])
    names = ("opening_pace_ratio", "closing_pace_ratio", "pace_over_time")
    assert {name for name in names if name in found.unmeasured} == missing


def test_numbers_said_at_half_the_pace() -> None:
    words = said("go " * 40, 0.0, 10.0) + said("5 5 5 0 1 2", 10.0, 14.0)  # 7 syllables in 4 s
    speech = [Interval(0.0, 14.0)]
    found = number_pace_ratio(words, speech, [Interval(10.0, 14.0)])
    assert found == pytest.approx((7 / 4) / 4)


def test_numbers_are_measured_over_speech_alone() -> None:
    words = said("go " * 20, 0.0, 5.0) + said("5 5 5", 5.0, 6.0) + said("2 3 4", 10.0, 11.0)
    speech = [Interval(0.0, 6.0), Interval(10.0, 11.0)]
    found = number_pace_ratio(words, speech, [Interval(5.0, 11.0)])
    assert found == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("words", "statements", "reason"),
    [
        (said("go " * 40, 0.0, 10.0), [], "no number"),
        (said("go " * 40, 0.0, 10.0), [Interval(9.5, 10.0)], "less than 1 s"),
        (said("go " * 40, 0.0, 10.0), [Interval(0.0, 9.5)], "less than 1 s"),
        ((), [Interval(2.0, 5.0)], "nothing but numbers"),
    ],
)
def test_numbers_whose_pace_cannot_be_told(
    words: tuple[Word, ...], statements: list[Interval], reason: str
) -> None:
    found = number_pace_ratio(words, [Interval(0.0, 10.0)], statements)
    assert isinstance(found, Unmeasured)
    assert reason in found.reason


TIMES = st.floats(0.0, 20.0)


@given(st.lists(st.tuples(st.text(max_size=8), TIMES, TIMES), max_size=8), st.lists(TIMES))
def test_number_pace_of_odd_words_is_a_ratio_or_a_reason(
    words: list[tuple[str, float, float]], edges: list[float]
) -> None:
    heard = tuple(Word(text, start_s, end_s, 0.5) for text, start_s, end_s in words)
    ordered = sorted(set(edges))
    stretches = [Interval(a, b) for a, b in zip(ordered[::2], ordered[1::2], strict=False)]
    found = number_pace_ratio(heard, [Interval(0.0, 20.0)], stretches)
    assert isinstance(found, Unmeasured) or 0.0 <= found < np.inf


def pulsing(rate_hz: float, duration_s: float, depth: float = 0.9) -> MessageAudio:
    """A voice whose loudness swings at a steady rate, as syllables do."""
    times_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    voice = sum(np.sin(2 * np.pi * 120 * order * times_s) / order for order in range(1, 20))
    swing = 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * rate_hz * times_s))
    samples = (0.1 * np.asarray(voice) * swing).astype(np.float32)
    whole = Interval(0.0, duration_s)
    audio = message_audio(samples, Isolation((), whole, (whole,)))
    assert isinstance(audio, MessageAudio)
    return audio


@pytest.mark.parametrize("rate_hz", [2.0, 4.0, 6.0])
def test_nuclei_of_a_pulsing_voice(rate_hz: float) -> None:
    audio = pulsing(rate_hz, 10.0)
    voiced = np.ones(len(audio.times_s), dtype=np.bool_)
    assert syllable_nuclei_per_second(audio, voiced) == pytest.approx(rate_hz, abs=0.11)
    assert syllable_nuclei_per_second(audio, ~voiced) == 0.0


def test_swings_under_two_decibels_are_no_syllables() -> None:
    audio = pulsing(4.0, 10.0, depth=0.15)  # 1.4 dB
    voiced = np.ones(len(audio.times_s), dtype=np.bool_)
    found = syllable_nuclei_per_second(audio, voiced)
    assert isinstance(found, float)
    assert found * 10 <= 2  # where the voice starts and where it ends


def test_confidence_of_known_words() -> None:
    words = said("sure " * 9, 0.0, 9.0, confidence=0.9) + said("mumble", 9.0, 10.0, confidence=0.3)
    found = measured(words, 12.0, [(0.0, 12.0)])
    assert found.word_confidence_median == 0.9
    assert found.word_confidence_low == pytest.approx(0.84)
    assert found.unsure_word_share == pytest.approx(0.1)
    # 9 to 10 s is unsure, 10 to 12 s without words; the word before reaches 0.1 s further.
    assert found.mumbled_share == pytest.approx(2.9 / 12)


def test_without_words_there_is_no_confidence() -> None:
    found = measured((), 3.0, [(0.0, 3.0)])
    assert "no words" in found.unmeasured["mumbled_share"]
    assert "no words" in found.unmeasured["word_confidence_median"]
