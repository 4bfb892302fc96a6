"""Whether brief voice activity stands out from what is heard around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from vmaudit.records import SAMPLE_RATE_HZ, Interval

__all__ = ["stands_out"]

_BRIEF_S = 1.0  # more speech than this is believed as it is
_MIN_CONTRAST_DB = 8.0
_BAND_HZ = (200.0, 3600.0)
_FRAME = 320  # 20 ms
_FRAME_S = _FRAME / SAMPLE_RATE_HZ
_REACH_S = 1.5  # how far around an interval its background is measured
_MIN_BACKGROUND_FRAMES = 5


def stands_out(
    samples: NDArray[np.float32], speech: Sequence[Interval], tones: Sequence[Interval]
) -> tuple[Interval, ...]:
    """Return the intervals of ``speech`` to believe; all of them from 1 s in total.

    Voice activity makes brief false alarms on hold music and babble, which go on at the
    same level before and after, while a word rises over its background. Of less than 1 s,
    only intervals whose loud quarter is 8 dB above the median within 1.5 s around them
    stay, and those that have no such background. ``tones`` are no background.
    """
    if not speech or sum(interval.duration_s for interval in speech) >= _BRIEF_S:
        return tuple(speech)
    energy_db = _frame_levels_db(samples)
    centre_s: NDArray[np.float64] = (np.arange(len(energy_db), dtype=np.float64) + 0.5) * _FRAME_S
    active = np.zeros(len(energy_db), dtype=bool)
    for interval in (*speech, *tones):
        active |= _within(centre_s, interval, 0.0)
    kept = []
    for interval in speech:
        voice = energy_db[_within(centre_s, interval, 0.0)]
        background = energy_db[~active & _within(centre_s, interval, _REACH_S)]
        lone = not len(voice) or len(background) < _MIN_BACKGROUND_FRAMES
        if lone or np.percentile(voice, 75) - np.median(background) >= _MIN_CONTRAST_DB:
            kept.append(interval)
    return tuple(kept)


def _frame_levels_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Level of each 20 ms in the telephone band, in dB re 1; silence is -300 dB."""
    band = scipy.signal.butter(2, _BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    filtered = scipy.signal.sosfilt(band, samples.astype(np.float64))
    frames = filtered[: len(filtered) // _FRAME * _FRAME].reshape(-1, _FRAME)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum((frames**2).mean(axis=1), 1e-30))
    return levels


def _within(centre_s: NDArray[np.float64], interval: Interval, reach_s: float) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (centre_s >= interval.start_s - reach_s) & (
        centre_s < interval.end_s + reach_s
    )
    return inside
