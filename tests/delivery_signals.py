"""Signals whose delivery is known beforehand, and the records around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from vmaudit.records import SAMPLE_RATE_HZ, Interval, Isolation, Span, Transcript, Word

Samples = NDArray[np.float32]
RNG_SEED = 7


def seconds(duration_s: float) -> NDArray[np.float64]:
    return np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def tone(frequency_hz: float, duration_s: float, amplitude: float = 0.5) -> Samples:
    return (amplitude * np.sin(2 * np.pi * frequency_hz * seconds(duration_s))).astype(np.float32)


def noise(duration_s: float, rms: float, seed: int = RNG_SEED) -> Samples:
    rng = np.random.default_rng(seed)
    return (rms * rng.standard_normal(round(duration_s * SAMPLE_RATE_HZ))).astype(np.float32)


def voice(f0_hz: NDArray[np.float64]) -> Samples:
    """Harmonics up to 4 kHz under a falling spectrum, as a glottis and a vowel make."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE_HZ
    orders = np.arange(1, int(4000 / f0_hz.max()) + 1)
    made = sum(np.cos(order * phase + order**2) / order for order in orders)
    return (0.1 * np.asarray(made)).astype(np.float32)


def telephone(samples: Samples) -> Samples:
    """Leave 300 to 3,400 Hz: the fundamental of most voices is gone."""
    band = butter(8, (300, 3400), "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sosfilt(band, samples), dtype=np.float32)


def isolation(
    samples: Samples, speech: Sequence[tuple[float, float]], spans: tuple[Span, ...] = ()
) -> Isolation:
    message = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    return Isolation(spans, message, tuple(Interval(*one) for one in speech))


def transcript(*words: tuple[str, float, float]) -> Transcript:
    heard = tuple(Word(text, start_s, end_s, 0.9) for text, start_s, end_s in words)
    return Transcript(" ".join(word.text for word in heard), "en", "test", 0.9, heard)


def spaced(text: str, duration_s: float) -> Transcript:
    words = text.split()
    step = duration_s / len(words)
    return transcript(*((word, i * step, (i + 1) * step) for i, word in enumerate(words)))
