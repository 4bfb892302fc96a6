"""Where pauses are, also inside voice activity, and what they stand between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from vmaudit.delivery import measure
from vmaudit.delivery.pauses import placed
from vmaudit.records import (
    SAMPLE_RATE_HZ,
    Delivery,
    Filler,
    Interval,
    Isolation,
    Span,
    Transcript,
    Word,
)

Stretches = Sequence[tuple[float, float]]


def gated(silences: Stretches, duration_s: float, drop_db: float) -> NDArray[np.float32]:
    """Noise that falls by so much in the silences, over a line 60 dB below it."""
    rng = np.random.default_rng(5)
    loud, line = rng.standard_normal((2, round(duration_s * SAMPLE_RATE_HZ)))
    gain = np.full(len(loud), 0.1)
    for start_s, end_s in silences:
        gain[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)] /= 10 ** (
            drop_db / 20
        )
    return np.asarray(gain * loud + 1e-4 * line, dtype=np.float32)


def measured(
    samples: NDArray[np.float32],
    speech: Stretches,
    words: tuple[Word, ...] = (),
    spans: tuple[Span, ...] = (),
) -> Delivery:
    message = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    where = Isolation(spans, message, tuple(Interval(*one) for one in speech))
    return measure(samples, where, Transcript("", "en", "test", 0.9, words))


@pytest.mark.parametrize("speech", [[(0.0, 8.0)], [(0.0, 2.0), (2.4, 8.0)]])
def test_pauses_that_voice_activity_bridges(speech: Stretches) -> None:
    samples = gated([(2.0, 2.4), (4.0, 4.6), (6.0, 6.2)], 8.0, drop_db=50)
    found = measured(samples, speech)
    edges = [edge for pause in found.pauses for edge in (pause.start_s, pause.end_s)]
    assert edges == pytest.approx([2.0, 2.4, 4.0, 4.6], abs=0.04)


def test_speech_that_grows_soft_is_no_pause() -> None:
    samples = gated([(4.0, 5.0)], 8.0, drop_db=15)
    assert measured(samples, [(0.0, 8.0)]).pause_count == 0


def test_pauses_are_counted_and_timed() -> None:
    silences = [(2.0, 2.5), (4.0, 6.5), (8.0, 10.5)]
    samples = gated(silences, 12.0, drop_db=50)
    found = measured(samples, [(0.0, 2.0), (2.5, 4.0), (6.5, 8.0), (10.5, 12.0)])
    assert found.pause_count == 3
    assert found.pauses_per_minute == pytest.approx(15.0)
    assert found.longest_pause_s == pytest.approx(2.5, abs=0.05)
    assert found.dead_air_s == pytest.approx(5.0, abs=0.1)
    assert "no words" in found.unmeasured["inside_phrase_pause_count"]
    assert {pause.place for pause in found.pauses} == {None}


def test_no_pause_is_no_dead_air() -> None:
    found = measured(gated([], 3.0, drop_db=0), [(0.0, 3.0)])
    assert (found.pause_count, found.pauses_per_minute, found.dead_air_s) == (0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("Dana.", "I", "boundary"),
        ("truck,", "the", "boundary"),
        ("in?", "It", "boundary"),
        ("truck \u2014", "the", "boundary"),
        ("truck", "and", "boundary"),
        ("truck", "because", "boundary"),
        ("240", "-555", "boundary"),
        ("five", "zero", "boundary"),
        ("the", "truck", "inside"),
        ("direct", "line", "inside"),
        ("is", "240", "inside"),
    ],
)
def test_place_of_a_pause(before: str, after: str, place: str) -> None:
    written = [*(f"{before} {after}").split()]
    last = len(written) - 1
    words = [
        Word(text, 0.2 * k + (k == last), 0.2 * k + 0.2 + (k == last), 0.9)
        for k, text in enumerate(written)
    ]
    pause = Interval(words[last - 1].end_s, words[last].start_s)
    assert placed([pause], words, [])[0].place == place


def test_a_pause_beside_a_filler_is_a_hesitation() -> None:
    words = [
        Word("the,", 0.0, 0.3, 0.9),
        Word("um,", 0.8, 1.1, 0.9),
        Word("truck.", 1.6, 2.0, 0.9),
        Word("Um,", 3.0, 3.3, 0.9),
        Word("call", 3.3, 3.6, 0.9),
    ]
    fillers = [Filler("um", one.start_s, one.end_s, "transcript", 0.9) for one in words[1::2]]
    pauses = [Interval(0.3, 0.8), Interval(1.1, 1.6), Interval(2.0, 3.0)]
    places = [pause.place for pause in placed(pauses, words, fillers)]
    assert places == ["inside", "inside", "boundary"]


def test_a_pause_at_the_edge_of_the_words_has_no_place() -> None:
    words = [Word("hello", 1.0, 1.5, 0.9)]
    assert placed([Interval(0.2, 0.8)], words, [])[0].place is None
    assert placed([Interval(2.0, 2.5)], words, [])[0].place is None


def test_onset_is_counted_from_the_last_beep_before_the_speech() -> None:
    samples = gated([], 8.0, drop_db=0)
    beeps = (Span("beep", 0.5, 1.0), Span("beep", 2.0, 2.4), Span("beep", 6.0, 6.4))
    found = measured(samples, [(3.0, 5.0)], spans=beeps)
    assert found.onset_delay_s == pytest.approx(0.6)
    without = measured(samples, [(3.0, 5.0)])
    assert without.onset_delay_s is None
    assert "beep" in without.unmeasured["onset_delay_s"]
