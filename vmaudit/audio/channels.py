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

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vmaudit.records import SAMPLE_RATE_HZ

__all__ = ["ChannelName", "KeptChannel", "Wanted", "keep_channel"]

Wanted = Literal["auto", "left", "right", "mix"]
ChannelName = Literal["mono", "left", "right", "mix"]

SILENT_DBFS = -70.0  # below the comfort noise of a telephone line
SILENT_POWER = 10 ** (SILENT_DBFS / 10)
SAME_SIGNAL_DB = -30.0  # what differs, relative to what is shared: codec noise of a copied channel
SAME_SIGNAL_RATIO = 10 ** (SAME_SIGNAL_DB / 10)
FRAME_SAMPLES = 512  # 32 ms
BAND_HZ = (300.0, 3400.0)
FLOOR_PERCENTILE = 20.0
OVER_FLOOR = 4.0  # 6 dB
TONE_BINS = 8  # two sinusoids, each four bins wide behind a Hann window


@dataclass(frozen=True, slots=True, eq=False)
class KeptChannel:
    """The channel that counts, shape ``(n,)``, and which it is.

    ``other_party`` has the same shape: the channel beside it, where that holds a party of its
    own.
    """

    samples: NDArray[np.float32]
    name: ChannelName
    other_party: NDArray[np.float32] | None = None


def keep_channel(samples: NDArray[np.float32], wanted: Wanted) -> KeptChannel:
    """Reduce ``samples``, shape ``(n, channels)``, to one channel of shape ``(n,)``.

    One channel is kept as it is. Two that carry the same signal, even inverted, give the
    first and the name ``mono``; where one of two is silent the other is kept; else the
    module's rule decides, and a tie gives the mean. More than two are averaged unless
    ``left`` (the first) or ``right`` (the second) is wanted.

    Where left or right of two is kept, the one beside it is the other party, unless it is
    silent or the same signal, at whatever level.
    """
    channels = samples.shape[1]
    if channels == 1:
        return KeptChannel(samples[:, 0], "mono")
    if channels > 2 or wanted == "mix":
        return _reduced(samples, "mix" if wanted == "auto" else wanted)
    pair = _Pair.of(samples)
    kept = _reduced(samples, _auto(samples, pair) if wanted == "auto" else wanted)
    other = 0 if kept.name == "right" else 1
    if kept.name == "mix" or pair.powers[other] <= SILENT_POWER or pair.same_but_for_level:
        return kept
    return replace(kept, other_party=samples[:, other])


class _Pair(NamedTuple):
    """Two channels compared: their mean squares, and the mean of their product."""

    powers: tuple[float, float]
    product: float

    @classmethod
    def of(cls, samples: NDArray[np.float32]) -> _Pair:
        left, right = samples[:, 0], samples[:, 1]
        powers = _mean_product(left, left), _mean_product(right, right)
        return cls(powers, _mean_product(left, right))

    @property
    def same(self) -> bool:
        """Whether their difference, or their sum, is next to nothing."""
        return _next_to_nothing(sum(self.powers) / 2, self.product)

    @property
    def same_but_for_level(self) -> bool:
        """Whether they would be the same if they were equally loud."""
        return _next_to_nothing((self.powers[0] * self.powers[1]) ** 0.5, self.product)


def _next_to_nothing(power: float, product: float) -> bool:
    """Compare power of difference and sum: ``2 * (power - product)``, ``2 * (power + product)``."""
    return power > 0 and power - abs(product) <= SAME_SIGNAL_RATIO * (power + abs(product))


def _reduced(samples: NDArray[np.float32], name: ChannelName) -> KeptChannel:
    if name == "mix":
        return KeptChannel(samples.mean(axis=1, dtype=np.float32), name)
    return KeptChannel(samples[:, 1 if name == "right" else 0], name)


def _auto(samples: NDArray[np.float32], pair: _Pair) -> ChannelName:
    left_power, right_power = pair.powers
    if left_power <= SILENT_POWER or right_power <= SILENT_POWER:
        if left_power == right_power:
            return "mono"
        return "left" if left_power > right_power else "right"
    if pair.same:
        return "mono"
    half = len(samples) // 2
    for start in (half, 0):  # the whole only where nobody speaks in the second half
        left_speech, right_speech = (_speech_energy(samples[start:, side]) for side in (0, 1))
        if left_speech != right_speech:
            return "left" if left_speech > right_speech else "right"
    return "mix"


def _mean_product(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.mean(np.multiply(one, other, dtype=np.float64))) if len(one) else 0.0


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
