"""Level, loudness and fading of signals that were made to have them."""

from __future__ import annotations

import numpy as np
import pytest
from delivery_signals import Samples, isolation, noise, tone, transcript

from vmaudit.delivery import measure
from vmaudit.records import SAMPLE_RATE_HZ, Delivery


def measured(samples: Samples, *speech: tuple[float, float]) -> Delivery:
    whole = (0.0, len(samples) / SAMPLE_RATE_HZ)
    return measure(samples, isolation(samples, speech or (whole,)), transcript())


@pytest.mark.parametrize(("amplitude", "loudness_lufs"), [(1.0, -3.01), (0.1, -23.01)])
def test_loudness_of_the_reference_tone(amplitude: float, loudness_lufs: float) -> None:
    """ITU-R BS.1770-4: a full-scale sine of 997 Hz in one channel reads -3.01 LKFS."""
    found = measured(tone(997, 5.0, amplitude))
    assert found.loudness_lufs == pytest.approx(loudness_lufs, abs=0.1)


def test_pauses_do_not_lower_the_loudness() -> None:
    spoken = tone(997, 4.0, 0.1)
    pause = noise(4.0, 0.0005)
    found = measured(np.concatenate([spoken, pause, spoken]), (0.0, 4.0), (8.0, 12.0))
    assert found.loudness_lufs == pytest.approx(-23.01, abs=0.3)


@pytest.mark.parametrize(
    ("samples", "reason"),
    [(tone(997, 0.39), "0.4 s"), (tone(997, 3.0, 1e-4), "-70 LUFS"), (tone(0, 3.0), "-70 LUFS")],
)
def test_loudness_that_no_meter_shows(samples: Samples, reason: str) -> None:
    found = measured(samples)
    assert found.loudness_lufs is None
    assert reason in found.unmeasured["loudness_lufs"]


def test_level_over_time_follows_the_level_and_leaves_pauses_out() -> None:
    samples = np.concatenate([tone(400, 2.0, 0.5), noise(1.0, 0.001), tone(400, 2.0, 0.05)])
    track = measured(samples, (0.0, 2.0), (3.0, 5.0)).level_over_time
    assert track is not None
    assert (track.start_s, track.step_s) == (0.0, 0.5)
    assert track.values[:4] == pytest.approx([-9.03] * 4, abs=0.3)
    assert track.values[4:6] == (None, None)
    assert track.values[7:] == pytest.approx([-29.03] * 3, abs=0.3)


def fading(drop_db: float, start_s: float = 8.0) -> Samples:
    """Ten seconds of syllables, four a second, that drop at ``start_s``."""
    samples = noise(10.0, 0.1)
    time_s = np.arange(len(samples)) / SAMPLE_RATE_HZ
    syllables = np.abs(np.sin(2 * np.pi * 2 * time_s)) + 0.01
    drop = np.where(time_s < start_s, 1.0, 10 ** (drop_db / 20))
    return np.asarray(samples * syllables * drop, dtype=np.float32)


@pytest.mark.parametrize("drop_db", [-12.0, -6.0, 0.0, 3.0])
def test_fading_at_the_end_is_the_drop(drop_db: float) -> None:
    assert measured(fading(drop_db)).level_fade_db == pytest.approx(drop_db, abs=0.7)


def test_one_shout_before_the_end_is_no_fading() -> None:
    samples = fading(0.0)
    shout = slice(4 * SAMPLE_RATE_HZ, round(4.3 * SAMPLE_RATE_HZ))
    samples[shout] *= 8
    assert measured(samples).level_fade_db == pytest.approx(0.0, abs=1.0)


def test_fading_counts_speech_not_pauses() -> None:
    samples = fading(-6.0)
    silence = noise(3.0, 0.0001)
    cut = 9 * SAMPLE_RATE_HZ
    found = measured(
        np.concatenate([samples[:cut], silence, samples[cut:]]), (0.0, 9.0), (12.0, 13.0)
    )
    assert found.level_fade_db == pytest.approx(-6.0, abs=0.8)


def test_a_short_message_has_no_end_to_fade() -> None:
    found = measured(noise(5.9, 0.1))
    assert found.level_fade_db is None
    assert "6 s" in found.unmeasured["level_fade_db"]
