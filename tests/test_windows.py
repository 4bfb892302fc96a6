"""Windows over speech: they cover all of it, fit the context and cut where it is quiet."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.asr.whisper.windows import (
    CONTEXT_S,
    MAX_GAP_S,
    next_window,
    speech_after,
    window_around,
)
from vmaudit.asr.whisper.word_times import fit_to_speech
from vmaudit.records import SAMPLE_RATE_HZ, DigitStretch, Interval, Word

SILENCE = np.zeros(200 * SAMPLE_RATE_HZ, dtype=np.float32)


def windows_over(
    speech: tuple[Interval, ...], samples: np.ndarray = SILENCE
) -> tuple[Interval, ...]:
    bounds = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    windows = []
    while speech:
        windows.append(next_window(speech, samples, bounds))
        speech = speech_after(speech, windows[-1].end_s)
        bounds = Interval(windows[-1].end_s, bounds.end_s)
    return tuple(windows)


@st.composite
def speeches(draw: st.DrawFn) -> tuple[Interval, ...]:
    parts, time_s = [], draw(st.floats(0, 3))
    for gap_s, length_s in draw(
        st.lists(st.tuples(st.floats(0.05, 8), st.floats(0.3, 20)), min_size=1, max_size=9)
    ):
        start_s = time_s + gap_s
        time_s = start_s + length_s
        if time_s > 199:
            break
        parts.append(Interval(start_s, time_s))
    return tuple(parts)


@given(speeches())
def test_windows_cover_all_speech_once_and_fit_the_context(speech: tuple[Interval, ...]) -> None:
    windows = windows_over(speech)
    assert all(0 < window.duration_s <= CONTEXT_S + 1e-6 for window in windows)
    for before, after in itertools.pairwise(windows):
        assert before.end_s <= after.start_s  # what is heard twice is written twice
    for part in speech:
        covered = sum(
            max(0.0, min(w.end_s, part.end_s) - max(w.start_s, part.start_s)) for w in windows
        )
        assert covered >= part.duration_s - 0.31  # a scrap at a forced cut may go


def test_a_short_message_is_one_window_with_its_pauses() -> None:
    speech = (Interval(2.0, 9.0), Interval(10.5, 20.0), Interval(21.0, 27.0))
    assert windows_over(speech) == (Interval(0.5, 28.5),)


def test_bounds_keep_the_beep_out() -> None:
    window = next_window((Interval(5.2, 9.0),), SILENCE, Interval(5.0, 9.1))
    assert window == Interval(5.0, 9.1)


def test_a_long_silence_starts_a_new_window() -> None:
    speech = (Interval(1.0, 5.0), Interval(5.0 + MAX_GAP_S + 1, 14.0))
    assert len(windows_over(speech)) == 2


def test_a_long_message_is_cut_at_its_longest_late_pause() -> None:
    speech = (
        Interval(0.5, 22.0),
        Interval(23.5, 27.0),  # 1.5 s of pause before, 0.2 s after
        Interval(27.2, 40.0),
    )
    first, second = windows_over(speech)
    assert first.end_s == 22.75  # the middle of the pause
    assert second.start_s == 22.75


def test_speech_without_a_pause_is_cut_where_it_is_quiet() -> None:
    rng = np.random.default_rng(3)
    samples = rng.normal(scale=0.1, size=40 * SAMPLE_RATE_HZ).astype(np.float32)
    samples[27 * SAMPLE_RATE_HZ : round(27.1 * SAMPLE_RATE_HZ)] = 0.0
    first, _ = windows_over((Interval(0.5, 39.0),), samples)
    assert first.end_s == pytest.approx(27.05, abs=0.06)


def test_a_word_gives_up_the_pause_it_swallowed() -> None:
    speech = (Interval(1.0, 2.0), Interval(3.5, 5.0))
    words = [Word("back", 1.2, 1.8, 0.9), Word("at", 1.8, 3.4, 0.9), Word("two", 3.4, 4.0, 0.9)]
    fitted = fit_to_speech(words, speech, 200.0)
    assert [(w.start_s, w.end_s) for w in fitted] == [(1.2, 1.8), (1.8, 2.0), (3.5, 4.0)]


def test_a_numeral_of_several_digits_keeps_the_pauses_between_them() -> None:
    speech = (Interval(1.0, 2.0), Interval(2.5, 3.0), Interval(3.4, 5.0))
    words = [Word("at", 1.2, 1.9, 0.9), Word("555-0142.", 1.9, 4.0, 0.9), Word("5", 4.0, 5.5, 0.9)]
    fitted = fit_to_speech(words, speech, 200.0)
    assert [(w.start_s, w.end_s) for w in fitted] == [(1.2, 1.9), (2.5, 4.0), (4.0, 5.0)]


@pytest.mark.parametrize(
    ("text", "following", "expected_s"),
    [
        ("you.", (2.5, 4.9), 1.8),
        ("you,", (4.5, 4.9), 1.8),
        ("you", (2.5, 4.9), 1.5),
        ("you.", (1.6, 1.75), 1.5),  # the rest of the stretch is another word's
    ],
)
def test_a_word_gets_back_what_its_mark_took(
    text: str, following: tuple[float, float], expected_s: float
) -> None:
    speech = (Interval(1.0, 1.8), Interval(2.4, 5.0))
    words = [Word(text, 1.2, 1.5, 0.9), Word("bye", *following, 0.9)]
    assert [word.end_s for word in fit_to_speech(words, speech, 200.0)] == [
        expected_s,
        following[1],
    ]


def test_a_mark_takes_no_more_than_a_part_of_a_word() -> None:
    [word] = fit_to_speech([Word("0142.", 1.0, 2.0, 0.9)], (Interval(1.0, 9.0),), 200.0)
    assert word.end_s == pytest.approx(2.4)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((8.0, 12.0, 6.0), (5.75, 12.25)),
        ((5.125, 9.0, 5.125), (5.0, 9.25)),
        ((45.0, 49.9, 42.0), (41.75, 50.0)),
        ((8.0, 49.0, 7.25), (7.0, 37.0)),  # too long for the context
    ],
)
def test_the_window_around_digits_holds_what_leads_to_them(
    times: tuple[float, float, float], expected: tuple[float, float]
) -> None:
    start_s, end_s, lead_s = times
    stretch = DigitStretch(start_s, end_s, "0142", (0.9,) * 4, "that's", lead_s)
    assert window_around(stretch, Interval(5.0, 50.0)) == Interval(*expected)


@given(
    speeches(),
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 4)), max_size=20),
)
def test_fitted_words_stay_in_order(
    speech: tuple[Interval, ...], times: list[tuple[float, float]]
) -> None:
    ordered = sorted(times)
    words = [Word(str(i), s, s + d, 0.5) for i, (s, d) in enumerate(ordered)]
    fitted = fit_to_speech(words, speech, 200.0)
    assert [w.text for w in fitted] == [w.text for w in words]
    assert all(w.start_s < w.end_s for w in fitted)
    starts = [w.start_s for w in fitted]
    assert starts == sorted(starts)
