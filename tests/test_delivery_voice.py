"""Pitch and its movement, frame by frame, in voices that were made to have them."""

from __future__ import annotations

import numpy as np
import pytest
from delivery_signals import Samples, isolation, noise, tone, transcript, voice

from vmaudit.delivery import measure
from vmaudit.delivery.frames import MessageAudio, Unmeasured, message_audio
from vmaudit.delivery.pitch import pitch_track
from vmaudit.delivery.voice import ask_pitch_range_semitones
from vmaudit.records import SAMPLE_RATE_HZ, Delivery, Interval, Track


def measured(samples: Samples, *speech: tuple[float, float]) -> Delivery:
    whole = (0.0, len(samples) / SAMPLE_RATE_HZ)
    return measure(samples, isolation(samples, speech or (whole,)), transcript())


def framed(samples: Samples, *speech: tuple[float, float]) -> MessageAudio:
    audio = message_audio(samples, isolation(samples, speech))
    assert isinstance(audio, MessageAudio)
    return audio


def test_track_follows_a_glide_frame_by_frame() -> None:
    glide_hz = np.geomspace(100, 200, 4 * SAMPLE_RATE_HZ)
    audio = framed(voice(glide_hz), (0.0, 4.0))
    track = pitch_track(audio)
    inner = slice(10, len(audio.times_s) - 10)  # half a window from either end
    true_hz = 100 * 2 ** (audio.times_s[inner] / 4)
    assert track.voiced[inner].all()
    assert track.f0_hz[inner] == pytest.approx(true_hz, rel=0.015)
    assert (track.harmonicity[inner] > 0.9).all()


def test_track_is_voiced_only_where_somebody_speaks() -> None:
    samples = np.concatenate([voice(np.full(48_000, 150.0)), noise(2.0, 0.05)])
    audio = framed(samples, (1.0, 2.0), (3.0, 5.0))
    track = pitch_track(audio)
    assert len(track.f0_hz) == len(track.harmonicity) == len(audio.times_s)
    assert not track.voiced[audio.times_s < 1.0].any()
    assert track.voiced[(audio.times_s > 1.1) & (audio.times_s < 1.9)].all()
    assert not track.harmonicity[(audio.times_s > 2.0) & (audio.times_s < 3.0)].any()
    assert track.voiced[audio.times_s > 3.1].mean() < 0.05
    assert np.abs(track.harmonicity).max() <= 1.0


def test_a_long_recording_is_tracked_like_its_parts() -> None:
    part = voice(np.geomspace(120, 180, 2 * SAMPLE_RATE_HZ))
    track = pitch_track(framed(np.tile(part, 4), (0.0, 8.0)))
    per_part = 200  # frames
    inner = slice(10, per_part - 10)
    first, last = track.f0_hz[:per_part][inner], track.f0_hz[3 * per_part : 4 * per_part][inner]
    assert last == pytest.approx(first, rel=0.001)


def test_range_of_an_even_glide() -> None:
    found = measured(voice(np.geomspace(110, 220, 4 * SAMPLE_RATE_HZ)))
    assert found.pitch_range_semitones == pytest.approx(0.8 * 12, rel=0.05)


def test_pitch_over_time_is_none_where_unvoiced() -> None:
    samples = np.concatenate(
        [voice(np.full(16_000, 120.0)), noise(1.0, 0.02), voice(np.full(16_000, 160.0))]
    )
    track = measured(samples, (0.0, 1.0), (2.0, 3.0)).pitch_over_time
    assert track is not None
    assert (track.start_s, track.step_s, len(track.values)) == (0.0, 0.1, 30)
    assert track.values[1:9] == pytest.approx([120.0] * 8, rel=0.01)
    assert track.values[11:19] == (None,) * 8
    assert track.values[21:29] == pytest.approx([160.0] * 8, rel=0.01)


@pytest.mark.parametrize("samples", [noise(3.0, 0.1), np.zeros(48_000, np.float32)])
def test_without_a_voice_every_value_of_it_has_a_reason(samples: Samples) -> None:
    found = measured(samples)
    for name in ("pitch_median_hz", "pitch_range_semitones", "pitch_over_time"):
        assert getattr(found, name) is None
        assert found.unmeasured[name]
    assert "spectral_balance_db" in found.unmeasured


def harmonics(above_db: float) -> Samples:
    """A voice of 200 Hz whose harmonics from 1 kHz have this much energy re those below."""
    low = [tone(hz, 3.0, 0.1) for hz in (400, 600, 800)]
    high = [tone(hz, 3.0, 0.1 * 10 ** (above_db / 20)) for hz in (1400, 2000, 2600)]
    return np.asarray(sum([tone(200, 3.0, 0.1), *low, *high]), dtype=np.float32)


@pytest.mark.parametrize("above_db", [-20.0, -6.0, 0.0])
def test_spectral_balance_of_known_harmonics(above_db: float) -> None:
    assert measured(harmonics(above_db)).spectral_balance_db == pytest.approx(above_db, abs=0.3)


STEADY = Track(1.0, 0.1, (100.0,) * 20)
MOVING = Track(0.0, 0.1, tuple(100 * 2 ** (k / 40) for k in range(40)))


def test_range_of_an_ask_needs_only_the_track() -> None:
    assert ask_pitch_range_semitones(STEADY, [Interval(1.0, 3.0)]) == 0.0
    whole = ask_pitch_range_semitones(MOVING, [Interval(0.0, 4.0)])
    assert whole == pytest.approx(0.8 * 39 / 40 * 12)
    half = ask_pitch_range_semitones(MOVING, [Interval(0.0, 1.0), Interval(3.0, 4.0)])
    assert isinstance(half, float)
    assert isinstance(whole, float)
    assert half > whole  # the middle is left out


@pytest.mark.parametrize(
    ("track", "asks", "reason"),
    [
        (STEADY, [], "nothing is asked"),
        (STEADY, [Interval(1.0, 1.4)], "0.5 s"),
        (STEADY, [Interval(7.0, 9.0)], "0.5 s"),
        (Track(0.0, 0.1, (None,) * 30), [Interval(0.0, 3.0)], "0.5 s"),
        (Track(0.0, 0.1, ()), [Interval(0.0, 3.0)], "0.5 s"),
    ],
)
def test_an_ask_without_enough_voice_has_a_reason(
    track: Track, asks: list[Interval], reason: str
) -> None:
    found = ask_pitch_range_semitones(track, asks)
    assert isinstance(found, Unmeasured)
    assert reason in found.reason
