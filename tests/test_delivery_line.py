"""Bandwidth and lost packets: what the line took away, in signals from which it was taken."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from delivery_signals import Samples, isolation, noise, transcript, voice
from scipy.signal import firwin, oaconvolve

from vmaudit.delivery import measure
from vmaudit.records import SAMPLE_RATE_HZ, Delivery

SPEECH = ((0.5, 4.0), (5.0, 8.5))


def speechlike(noise_rms: float) -> Samples:
    """Syllables of noise and voice up to 8 kHz, in two phrases, over a line's noise."""
    time_s = np.arange(9 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    syllables = np.square(np.sin(2 * np.pi * 2 * time_s)) + 0.02
    spoken = sum((time_s >= start_s) & (time_s < end_s) for start_s, end_s in SPEECH)
    source = noise(9.0, 0.05) + voice(np.full(len(time_s), 140.0))
    line = noise(9.0, 1.0, seed=3) * noise_rms
    return np.asarray(source * syllables * spoken + line, dtype=np.float32)


def measured(samples: Samples) -> Delivery:
    return measure(samples, isolation(samples, SPEECH), transcript())


@pytest.mark.parametrize("edge_hz", [1500, 2500, 3400, 5000, 7000])
def test_bandwidth_is_where_the_line_ends(edge_hz: int) -> None:
    narrowed = oaconvolve(speechlike(0.0), firwin(511, edge_hz, fs=SAMPLE_RATE_HZ), mode="same")
    samples = narrowed.astype(np.float32) + noise(9.0, 1e-5)
    assert measured(samples).bandwidth_hz == pytest.approx(edge_hz, abs=250)


def test_noise_does_not_widen_the_band() -> None:
    narrowed = oaconvolve(speechlike(0.0), firwin(511, 3400, fs=SAMPLE_RATE_HZ), mode="same")
    samples = narrowed.astype(np.float32) + noise(9.0, 0.003)
    assert measured(samples).bandwidth_hz == pytest.approx(3400, abs=250)


def test_steady_noise_has_no_bandwidth_of_speech() -> None:
    found = measured(noise(9.0, 0.1))
    assert found.bandwidth_hz is None
    assert "changes with the speech" in found.unmeasured["bandwidth_hz"]


def with_holes(samples: Samples, holes: Sequence[tuple[float, float]]) -> Samples:
    cut = samples.copy()
    for start_s, end_s in holes:
        cut[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)] = 0
    return cut


@pytest.mark.parametrize("noise_rms", [0.0, 0.0005, 0.003])
def test_holes_in_the_speech_are_dropouts(noise_rms: float) -> None:
    holes = [(1.1, 1.12), (2.1, 2.2), (6.1, 6.6)]
    found = measured(with_holes(speechlike(noise_rms), holes))
    assert found.dropout_count == 3
    edges = [edge for one in found.dropouts for edge in (one.start_s, one.end_s)]
    assert edges == pytest.approx([edge for hole in holes for edge in hole], abs=0.006)


@pytest.mark.parametrize("noise_rms", [0.0, 0.0005, 0.003])
def test_speech_and_its_pauses_hold_no_dropout(noise_rms: float) -> None:
    found = measured(speechlike(noise_rms))
    assert (found.dropout_count, found.dropouts) == (0, ())


@pytest.mark.parametrize("hole", [(1.1, 1.11), (1.1, 1.9), (4.4, 4.6)])
def test_what_is_too_short_too_long_or_cuts_nothing_is_no_dropout(
    hole: tuple[float, float],
) -> None:
    assert measured(with_holes(speechlike(0.003), [hole])).dropout_count == 0


def test_a_line_that_holds_its_last_sample_has_dropped_out() -> None:
    samples = speechlike(0.003)
    start, end = (round(at_s * SAMPLE_RATE_HZ) for at_s in (2.1, 2.2))
    samples[start:end] = samples[start]
    assert measured(samples).dropout_count == 1
