"""Delivery against signals whose measures are known beforehand."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from delivery_signals import (
    RNG_SEED,
    Samples,
    isolation,
    noise,
    spaced,
    telephone,
    tone,
    transcript,
    voice,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt

from vmaudit.delivery import measure
from vmaudit.records import (
    SAMPLE_RATE_HZ,
    Delivery,
    Interval,
    Isolation,
    Span,
    Transcript,
    to_json,
)

TRACKS = {"pace_over_time", "level_over_time", "pitch_over_time"}
VALUES = {f.name for f in dataclasses.fields(Delivery) if f.default is None} - TRACKS


def assert_accounted(delivery: Delivery) -> None:
    """Every value is finite, or None with a reason; never both."""
    to_json(delivery)
    for field in dataclasses.fields(delivery):
        value = getattr(delivery, field.name)
        assert (value is None) == (field.name in delivery.unmeasured), field.name
    assert all(delivery.unmeasured.values())


def gated(pauses: Sequence[tuple[float, float]], duration_s: float) -> Samples:
    """Noise at -20 dBFS over noise at -60 dBFS, the former switched off in the pauses."""
    loud = noise(duration_s, 0.1)
    for start_s, end_s in pauses:
        loud[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)] = 0
    return loud + noise(duration_s, 0.001, seed=8)


def test_pace_of_known_words() -> None:
    samples = noise(13.0, 0.1)
    said = spaced("hello there " * 15, 12.0)  # 30 words, 45 syllables
    found = measure(samples, isolation(samples, [(0.5, 6.0), (7.0, 12.5)]), said)
    assert found.message_s == pytest.approx(12.0)
    assert found.speech_s == pytest.approx(11.0)
    assert found.words_per_minute == pytest.approx(150.0)
    assert found.articulation_words_per_minute == pytest.approx(30 * 60 / 11)
    assert found.syllables_per_second == pytest.approx(45 / 11)


def test_overlapping_speech_counts_once_and_stays_inside_the_message() -> None:
    samples = noise(10.0, 0.1)
    where = Isolation(
        (), Interval(2.0, 8.0), (Interval(1.0, 4.0), Interval(3.0, 5.0), Interval(7.0, 9.5))
    )
    found = measure(samples, where, transcript())
    assert found.message_s == pytest.approx(6.0)
    assert found.speech_s == pytest.approx(4.0)


def test_words_outside_the_message_do_not_count() -> None:
    samples = noise(10.0, 0.1)
    where = Isolation((), Interval(4.0, 10.0), (Interval(4.0, 10.0),))
    said = transcript(
        ("Greeting.", 1.0, 1.5), ("um", 2.0, 2.3), ("Hi", 5.0, 5.2), ("um,", 6.0, 6.3)
    )
    found = measure(samples, where, said)
    assert found.words_per_minute == pytest.approx(20.0)
    assert [filler.start_s for filler in found.fillers] == [6.0]


def test_fillers_are_told_from_words_and_answers() -> None:
    text = "Um, uh uhh... Er ERM hmm mm ah— umm but so like uh-huh mm-hmm 'er error umbrella ahead"
    samples = noise(30.0, 0.1)
    found = measure(samples, isolation(samples, [(0.0, 30.0)]), spaced(text, 30.0))
    assert [one.text for one in found.fillers] == [
        *("um", "uh", "uhh", "er", "erm", "hmm", "mm", "ah", "umm")
    ]
    assert found.filler_count == 9
    assert found.fillers_per_minute == pytest.approx(18.0)
    assert {one.source for one in found.fillers} == {"transcript"}


@pytest.mark.parametrize("vad_error_s", [-0.1, 0.0, 0.1])
def test_pauses_keep_their_edges_when_voice_activity_is_off(vad_error_s: float) -> None:
    pauses = [(2.0, 2.4), (4.0, 5.2), (6.0, 6.15)]
    samples = gated(pauses, 8.0)
    edges = [0.0, *(edge for pause in pauses for edge in pause), 8.0]
    speech = [
        (start_s - (vad_error_s if start_s > 0 else 0), end_s + (vad_error_s if end_s < 8 else 0))
        for start_s, end_s in zip(edges[::2], edges[1::2], strict=True)
    ]
    found = measure(samples, isolation(samples, speech), transcript())
    assert found.pause_count == 2
    assert found.longest_pause_s == pytest.approx(1.2, abs=0.05)
    flat = [edge for pause in found.pauses for edge in (pause.start_s, pause.end_s)]
    assert flat == pytest.approx([2.0, 2.4, 4.0, 5.2], abs=0.04)


def test_a_click_in_a_pause_does_not_split_it() -> None:
    samples = gated([(2.0, 4.0)], 6.0)
    samples[3 * SAMPLE_RATE_HZ] = 0.9
    found = measure(samples, isolation(samples, [(0.0, 2.0), (4.0, 6.0)]), transcript())
    assert [one.duration_s for one in found.pauses] == pytest.approx([2.0], abs=0.05)


def test_no_pause_has_no_longest() -> None:
    samples = noise(3.0, 0.1)
    found = measure(samples, isolation(samples, [(0.0, 3.0)]), transcript())
    assert found.pause_count == 0
    assert found.longest_pause_s is None
    assert "0.25 s" in found.unmeasured["longest_pause_s"]


@pytest.mark.parametrize(("amplitude", "level_dbfs"), [(1.0, -3.01), (0.1, -23.01)])
def test_level_of_a_sine(amplitude: float, level_dbfs: float) -> None:
    samples = np.concatenate([np.zeros(16000, np.float32), tone(400, 3.0, amplitude)])
    found = measure(samples, isolation(samples, [(1.0, 4.0)]), transcript())
    assert found.level_dbfs == pytest.approx(level_dbfs, abs=0.05)
    assert found.level_range_db == pytest.approx(0.0, abs=0.2)


def test_offset_of_the_line_is_not_level() -> None:
    samples = tone(400, 3.0, 0.1) + np.float32(0.2)
    found = measure(samples, isolation(samples, [(0.0, 3.0)]), transcript())
    assert found.level_dbfs == pytest.approx(-23.01, abs=0.05)


def test_level_range_of_two_levels() -> None:
    samples = np.concatenate([tone(400, 2.0, 0.5), tone(400, 2.0, 0.05)])
    found = measure(samples, isolation(samples, [(0.0, 4.0)]), transcript())
    assert found.level_range_db == pytest.approx(20.0, abs=0.3)


@pytest.mark.parametrize("snr_db", [0, 5, 10, 20, 40])
def test_known_signal_to_noise_ratio(snr_db: float) -> None:
    speech = [(0.5, 3.0), (3.6, 6.0)]
    clean = np.zeros(7 * SAMPLE_RATE_HZ, dtype=np.float32)
    for start_s, end_s in speech:
        part = slice(round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))
        clean[part] = tone(300, end_s - start_s, 0.2)
    noise_rms = 0.2 / np.sqrt(2) / 10 ** (snr_db / 20)
    samples = clean + noise(7.0, noise_rms)
    found = measure(samples, isolation(samples, speech), transcript())
    assert found.snr_db == pytest.approx(snr_db, abs=1.0)


def test_noise_is_not_taken_from_the_beep() -> None:
    samples = np.concatenate([tone(1000, 1.0, 0.5), noise(1.0, 0.001), tone(300, 3.0, 0.1)])
    where = Isolation(
        (Span("beep", 0.0, 1.0), Span("message", 2.0, 5.0)),
        Interval(2.0, 5.0),
        (Interval(2.0, 5.0),),
    )
    found = measure(samples, where, transcript())
    assert found.snr_db == pytest.approx(36.99, abs=1.0)


@pytest.mark.parametrize(("fill", "reason"), [(0.0, "digital silence"), (None, "without speech")])
def test_noise_that_cannot_be_heard(fill: float | None, reason: str) -> None:
    samples = tone(300, 4.0)
    speech = [(0.0, 4.0)]
    if fill is not None:
        samples[SAMPLE_RATE_HZ : 3 * SAMPLE_RATE_HZ] = fill
        speech = [(0.0, 1.0), (3.0, 4.0)]
    found = measure(samples, isolation(samples, speech), transcript())
    assert found.snr_db is None
    assert reason in found.unmeasured["snr_db"]


@pytest.mark.parametrize("rail", [1.0, 0.98, 0.3])
def test_clipped_share_of_a_limited_sine(rail: float) -> None:
    limit = 0.8
    sine = tone(203, 4.0, 1.0)
    samples = (np.clip(sine, -limit, limit) * rail / limit).astype(np.float32)
    found = measure(samples, isolation(samples, [(0.0, 4.0)]), transcript())
    assert found.clipped_fraction == pytest.approx(np.mean(np.abs(sine) >= limit), rel=0.01)


def test_clipping_at_8_khz_is_seen_after_resampling() -> None:
    rng = np.random.default_rng(RNG_SEED)
    narrow = np.clip(
        0.4 * sosfilt(butter(2, 600, fs=8000, output="sos"), rng.laplace(size=32000)), -0.25, 0.25
    )
    share = float(np.mean(np.abs(narrow) == 0.25))
    samples = resample_poly(narrow, 2, 1).astype(np.float32)
    samples[::2] = narrow  # a half-band interpolator keeps what was there
    found = measure(samples, isolation(samples, [(0.0, 4.0)]), transcript())
    assert share > 0.01
    assert found.clipped_fraction == pytest.approx(share, rel=0.5)


@pytest.mark.parametrize("frequency_hz", [100.0, 200.0, 440.0])
def test_a_clean_tone_is_not_clipped(frequency_hz: float) -> None:
    samples = tone(frequency_hz, 2.0, 1.0)
    found = measure(samples, isolation(samples, [(0.0, 2.0)]), transcript())
    assert found.clipped_fraction == 0.0


@pytest.mark.parametrize("f0_hz", [85.0, 100.0, 120.0, 160.0, 220.0, 280.0])
@pytest.mark.parametrize("by_telephone", [False, True])
def test_pitch_of_a_steady_voice(f0_hz: float, by_telephone: bool) -> None:
    samples = voice(np.full(3 * SAMPLE_RATE_HZ, f0_hz))
    if by_telephone:
        samples = telephone(samples) + noise(3.0, 0.002)
    found = measure(samples, isolation(samples, [(0.0, 3.0)]), transcript())
    assert found.pitch_median_hz == pytest.approx(f0_hz, rel=0.01)
    assert found.pitch_sd_semitones is not None
    assert found.pitch_sd_semitones < 0.3


@pytest.mark.parametrize("by_telephone", [False, True])
def test_pitch_of_a_glide_of_one_octave(by_telephone: bool) -> None:
    samples = voice(np.geomspace(110, 220, 4 * SAMPLE_RATE_HZ))
    if by_telephone:
        samples = telephone(samples)
    found = measure(samples, isolation(samples, [(0.0, 4.0)]), transcript())
    assert found.pitch_median_hz == pytest.approx(110 * np.sqrt(2), rel=0.02)
    assert found.pitch_sd_semitones == pytest.approx(12 / np.sqrt(12), rel=0.05)


def test_noise_has_no_pitch() -> None:
    samples = telephone(noise(4.0, 0.2))
    found = measure(samples, isolation(samples, [(0.0, 4.0)]), transcript())
    assert found.pitch_median_hz is None
    assert found.pitch_sd_semitones is None
    assert "voiced" in found.unmeasured["pitch_median_hz"]


def message() -> tuple[Samples, Isolation, Transcript]:
    samples = noise(7.0, 0.001, seed=8)
    glide = voice(np.geomspace(100, 140, 2 * SAMPLE_RATE_HZ))
    for start_s in (1, 4):
        samples[start_s * SAMPLE_RATE_HZ : (start_s + 2) * SAMPLE_RATE_HZ] += glide
    said = spaced("Hi um this is Dana at 555-0142", 6.0)
    return samples, isolation(samples, [(1.0, 3.0), (4.0, 6.05)]), said


def test_gain_changes_only_the_level() -> None:
    samples, where, said = message()
    one, half = measure(samples, where, said), measure(samples * np.float32(0.5), where, said)
    assert one.level_dbfs is not None
    assert half.level_dbfs == pytest.approx(one.level_dbfs - 6.02, abs=0.1)
    assert half.unmeasured == one.unmeasured
    for name in VALUES - {"level_dbfs", "loudness_lufs"} - one.unmeasured.keys():
        assert getattr(half, name) == pytest.approx(getattr(one, name), rel=1e-3), name
    assert (half.pauses, half.fillers) == (one.pauses, one.fillers)


def moved(interval: Interval, by_s: float) -> Interval:
    return Interval(interval.start_s + by_s, interval.end_s + by_s)


@pytest.mark.parametrize("shift_s", [0.5, 3.2])
def test_a_later_start_changes_only_times(shift_s: float) -> None:
    samples, where, said = message()
    assert where.message is not None
    later = Isolation(
        (), moved(where.message, shift_s), tuple(moved(one, shift_s) for one in where.speech)
    )
    words = transcript(*((w.text, w.start_s + shift_s, w.end_s + shift_s) for w in said.words))
    shifted = np.concatenate([noise(shift_s, 0.001, seed=9), samples])
    one, two = measure(samples, where, said), measure(shifted, later, words)
    assert two.unmeasured == one.unmeasured
    for name in VALUES - one.unmeasured.keys():
        assert getattr(two, name) == pytest.approx(getattr(one, name), rel=0.01, abs=0.02), name
    assert [pause.start_s + shift_s for pause in one.pauses] == pytest.approx(
        [pause.start_s for pause in two.pauses], abs=0.011
    )
    assert [f.start_s + shift_s for f in one.fillers] == pytest.approx(
        [f.start_s for f in two.fillers]
    )


def test_what_surrounds_the_message_does_not_count() -> None:
    samples, where, said = message()
    assert where.message is not None
    alone = measure(samples, where, said)
    loud = np.ones(5 * SAMPLE_RATE_HZ, dtype=np.float32)
    beside = measure(np.concatenate([samples, loud]), where, said)
    assert beside.clipped_fraction == alone.clipped_fraction
    assert alone.level_dbfs is not None
    assert beside.level_dbfs == pytest.approx(alone.level_dbfs, abs=0.1)
    assert beside.snr_db == pytest.approx(alone.snr_db, abs=0.1)


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        (Isolation((), None, (), ("no speech after the beep",)), "no speech after the beep"),
        (Isolation((), None, ()), "no message"),
        (Isolation((), Interval(0.0, 2.0), ()), "no voice activity"),
        (Isolation((), Interval(5.0, 9.0), (Interval(5.0, 6.0),)), "outside the recording"),
        (Isolation((), Interval(0.0, 2.0), (Interval(1.0, 1.0 + 1e-6),)), "no voice activity"),
    ],
)
def test_nothing_to_measure_says_why_everywhere(where: Isolation, reason: str) -> None:
    found = measure(noise(2.0, 0.1), where, transcript(("Hi", 0.5, 0.7)))
    assert_accounted(found)
    assert not found.fillers
    assert not found.pauses
    assert all(reason in text for text in found.unmeasured.values())


def test_silence_and_short_messages_give_reasons() -> None:
    silent = measure(
        np.zeros(32000, np.float32), isolation(noise(2.0, 1.0), [(0.0, 2.0)]), transcript()
    )
    assert_accounted(silent)
    assert {"level_dbfs", "snr_db", "clipped_fraction", "pitch_median_hz"} <= set(silent.unmeasured)
    assert "no words" in silent.unmeasured["filler_count"]
    brief = noise(0.8, 0.1)
    short = measure(brief, isolation(brief, [(0.0, 0.8)]), transcript(("Hi", 0.1, 0.3)))
    assert_accounted(short)
    assert "shorter than 1 s" in short.unmeasured["words_per_minute"]
    assert short.message_s == pytest.approx(0.8)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((2, 100), np.float32),
        np.zeros(100, np.int16),
        np.array([0.0, np.nan] * 100, np.float32),
        np.array([0.0, np.inf] * 100, np.float32),
    ],
)
def test_samples_that_are_no_waveform_are_refused(samples: NDArray[np.float32]) -> None:
    where = Isolation((), Interval(0.0, 0.01), (Interval(0.0, 0.01),))
    with pytest.raises(ValueError, match="samples must be"):
        measure(samples, where, transcript())


TIMES = st.floats(-1.0, 4.0) | st.just(float("nan"))


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(0, 40_000),
    edges=st.lists(st.tuples(TIMES, TIMES), max_size=5),
    words=st.lists(st.tuples(st.text(max_size=12), TIMES, TIMES), max_size=6),
    kind=st.sampled_from(["noise", "silence", "square", "impulse"]),
)
def test_hostile_input_never_gives_nan(
    size: int,
    edges: list[tuple[float, float]],
    words: list[tuple[str, float, float]],
    kind: str,
) -> None:
    samples = np.zeros(size, dtype=np.float32)
    if kind == "noise":
        samples = np.random.default_rng(size).standard_normal(size).astype(np.float32)
    elif kind == "square":
        samples[::2] = 1.0
    elif size:
        samples[size // 2] = float(kind == "impulse")
    where = Isolation((), Interval(0.0, 2.5), tuple(Interval(*edge) for edge in edges))
    assert_accounted(measure(samples, where, transcript(*words)))


def test_importing_stays_light() -> None:
    code = "import sys, vmaudit.delivery; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
