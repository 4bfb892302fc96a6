"""Which party of a recording to keep.

Call recorders write one party per channel. The representative speaks last: first comes
the other side's ring, greeting and beep, then the message. So ``auto`` keeps the channel
that carries more speech-like energy in the second half of the recording.

Speech-like energy is the energy between 300 and 3400 Hz (the telephone band, ITU-T
G.712) of 32 ms frames, counted only where it stands 6 dB over the channel's own floor
(its 20th percentile, so a steady hum or line noise counts for nothing), and weighted by
the share that lies outside the eight strongest bins (so a beep, a ring or a busy tone,
which are one or two sinusoids, counts for next to nothing).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vmaudit.records import SAMPLE_RATE_HZ

__all__ = ["keep_channel"]

Wanted = Literal["auto", "left", "right", "mix"]
Kept = Literal["mono", "left", "right", "mix"]

SILENT_DBFS = -70.0  # below the comfort noise of a telephone line
SAME_SIGNAL_DB = -30.0  # what differs, relative to what is shared: codec noise of a copied channel
FRAME_SAMPLES = 512  # 32 ms
BAND_HZ = (300.0, 3400.0)
FLOOR_PERCENTILE = 20.0
OVER_FLOOR = 4.0  # 6 dB
TONE_BINS = 8  # two sinusoids, each four bins wide behind a Hann window


def keep_channel(samples: NDArray[np.float32], wanted: Wanted) -> tuple[NDArray[np.float32], Kept]:
    """Reduce ``samples``, shape ``(n, channels)``, to one channel of shape ``(n,)``.

    One channel is kept as it is. Two that carry the same signal, even inverted, give the
    first and the name ``mono``; where one of two is silent the other is kept; else the
    module's rule decides, and a tie gives the mean. More than two are averaged unless
    ``left`` (the first) or ``right`` (the second) is wanted.
    """
    if samples.shape[1] == 1:
        return samples[:, 0], "mono"
    kept: Kept = wanted if wanted != "auto" else _auto(samples)
    if kept == "mix":
        return samples.mean(axis=1, dtype=np.float32), "mix"
    if kept == "right":
        return samples[:, 1], "right"
    return samples[:, 0], "left" if kept == "left" else "mono"


def _auto(samples: NDArray[np.float32]) -> Kept:
    if samples.shape[1] > 2:
        return "mix"
    left, right = samples[:, 0], samples[:, 1]
    left_power, right_power = _power(left), _power(right)
    silent = 10 ** (SILENT_DBFS / 10)
    if left_power <= silent or right_power <= silent:
        if left_power == right_power:
            return "mono"
        return "left" if left_power > right_power else "right"
    difference, total = _power(left - right), _power(left + right)
    if min(difference, total) <= 10 ** (SAME_SIGNAL_DB / 10) * max(difference, total):
        return "mono"
    half = len(samples) // 2
    for start in (half, 0):  # the whole only where nobody speaks in the second half
        left_speech, right_speech = _speech_energy(left[start:]), _speech_energy(right[start:])
        if left_speech != right_speech:
            return "left" if left_speech > right_speech else "right"
    return "mix"


def _power(signal: NDArray[np.float32]) -> float:
    return float(np.mean(np.square(signal, dtype=np.float64))) if len(signal) else 0.0


def _speech_energy(signal: NDArray[np.float32]) -> float:
    """Return the module's measure in squared full-scale units; only its order matters."""
    count = len(signal) // FRAME_SAMPLES
    if count == 0:
        return 0.0
    frames = signal[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)
    spectrum = np.fft.rfft(frames * np.hanning(FRAME_SAMPLES).astype(np.float32), axis=1)
    low, high = (round(edge * FRAME_SAMPLES / SAMPLE_RATE_HZ) for edge in BAND_HZ)
    power = np.abs(spectrum[:, low : high + 1]) ** 2
    energy = power.sum(axis=1)
    tonal = np.partition(power, -TONE_BINS, axis=1)[:, -TONE_BINS:].sum(axis=1)
    over = np.maximum(energy - OVER_FLOOR * np.percentile(energy, FLOOR_PERCENTILE), 0.0)
    spread = 1.0 - np.divide(tonal, energy, out=np.ones_like(energy), where=energy > 0)
    return float(np.sum(over * spread))
