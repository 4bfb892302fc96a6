"""Syllable nuclei counted in the sound alone, to check the pace that the words give.

de Jong and Wempe 2009, doi 10.3758/BRM.41.2.385: a nucleus is a peak of intensity, loud
enough, with a dip on either side, and voiced.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, find_peaks, sosfilt

from vmaudit.delivery.frames import (
    FRAME_LENGTH,
    HOP_LENGTH,
    HOP_S,
    MessageAudio,
    Unmeasured,
    decibels,
)
from vmaudit.delivery.pace import MIN_MESSAGE_S, TOO_SHORT
from vmaudit.records import SAMPLE_RATE_HZ

_DIP_DB = 2.0
_QUIETEST_DB = 25.0  # below the loudest peaks
_BAND_HZ = (300, 2500)  # vowels on a telephone, without hum and hiss
_SMOOTHING_S = 0.02


def syllable_nuclei_per_second(
    audio: MessageAudio, voiced: NDArray[np.bool_]
) -> float | Unmeasured:
    """Count voiced peaks of the energy within 300 to 2500 Hz, per second of voice activity.

    ``voiced``: shape ``(frames,)``, at ``audio.times_s``.
    """
    if audio.message_s < MIN_MESSAGE_S:
        return TOO_SHORT
    speaking = audio.frames_within(audio.speech)
    level_db = _band_level_db(audio)
    floor_db = float(np.percentile(level_db[speaking], 99)) - _QUIETEST_DB
    peaks, _ = find_peaks(level_db, height=floor_db, prominence=_DIP_DB)
    speech_s = sum(interval.duration_s for interval in audio.speech)
    return float(np.count_nonzero((voiced & speaking)[peaks]) / speech_s)


def _band_level_db(audio: MessageAudio) -> NDArray[np.float64]:
    band = butter(2, _BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    power = np.square(sosfilt(band, audio.samples))
    half = FRAME_LENGTH // 2
    energy = np.concatenate([[0.0], np.cumsum(np.pad(power, half))])
    starts = HOP_LENGTH * np.arange(len(audio.times_s))
    mean = (energy[np.minimum(starts + FRAME_LENGTH, len(energy) - 1)] - energy[starts]) / (
        FRAME_LENGTH
    )
    smooth: NDArray[np.float64] = gaussian_filter1d(mean, _SMOOTHING_S / HOP_S)
    return decibels(np.sqrt(np.maximum(smooth, 0.0)))
