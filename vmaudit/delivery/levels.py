"""How loud the message was, how much that varied, and whether it faded away."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyloudnorm
from numpy.typing import NDArray

from vmaudit.delivery.frames import (
    DIGITAL_SILENCE,
    HOP_S,
    MessageAudio,
    Unmeasured,
    decibels,
    over_time,
)
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Track

_MIN_SPEECH_S = 0.5  # for a spread of levels
_LOUDNESS_BLOCK_S = 0.4  # the gating block of BS.1770
_STEP_S = 0.5
_ENDING_S = 2.0  # of speech: about the last sentence
_MIN_FADE_S = 6.0  # of speech: twice as much before the ending as in it


def level_values(
    audio: MessageAudio, pauses: Sequence[Interval]
) -> Mapping[str, float | Track | Unmeasured]:
    """Measure every value of level; ``pauses`` are the silent ones, sorted and disjoint."""
    speaking = audio.frames_within(audio.speech) & ~audio.frames_within(pauses)
    speaking &= audio.rms > DIGITAL_SILENCE
    return {
        "level_dbfs": level_dbfs(audio),
        "level_range_db": level_range_db(audio.rms[speaking]),
        "level_fade_db": level_fade_db(audio.rms[speaking]),
        "level_over_time": _level_over_time(audio, speaking),
        "loudness_lufs": loudness_lufs(audio),
    }


def level_dbfs(audio: MessageAudio) -> float | Unmeasured:
    """Measure the RMS level of the speech re full scale 1.0, in dBFS.

    A full-scale sine is at -3.01 dBFS, a full-scale square wave at 0.
    """
    rms = float(np.sqrt(np.mean(np.square(audio.speech_samples(), dtype=np.float64))))
    if rms <= DIGITAL_SILENCE:
        return Unmeasured("the speech is digital silence")
    return 20 * math.log10(rms)


def level_range_db(rms: NDArray[np.float64]) -> float | Unmeasured:
    """Measure the 95th minus the 10th percentile of the level of speaking frames, in dB."""
    if rms.size * HOP_S < _MIN_SPEECH_S:
        return Unmeasured(f"less than {_MIN_SPEECH_S:g} s of speech to compare levels in")
    low, high = np.percentile(decibels(rms), [10, 95])
    return float(high - low)


def level_fade_db(rms: NDArray[np.float64]) -> float | Unmeasured:
    """Measure how the last 2 s of speaking frames stand against those before, in dB.

    Negative: the voice fades. Upper quartiles are compared, which follow the vowels: pauses
    that were missed, soft consonants and a single shout weigh nothing.
    """
    if rms.size * HOP_S < _MIN_FADE_S:
        return Unmeasured(f"less than {_MIN_FADE_S:g} s of speech to hear its end against")
    ending = round(_ENDING_S / HOP_S)
    before, end = (
        float(np.percentile(decibels(part), 75)) for part in (rms[:-ending], rms[-ending:])
    )
    return end - before


def loudness_lufs(audio: MessageAudio) -> float | Unmeasured:
    """Measure the integrated loudness of the message by ITU-R BS.1770-4, in LUFS.

    A full-scale sine of 997 Hz is at -3.01. Stretches 10 LU below the rest, as pauses are,
    do not count.
    """
    samples = audio.cut(audio.message)
    if len(samples) <= _LOUDNESS_BLOCK_S * SAMPLE_RATE_HZ:
        return Unmeasured(f"shorter than the {_LOUDNESS_BLOCK_S:g} s block of a loudness meter")
    # De Man's filters are those of the recommendation at any sampling rate.
    meter = pyloudnorm.Meter(SAMPLE_RATE_HZ, "DeMan", _LOUDNESS_BLOCK_S)
    loudness = float(meter.integrated_loudness(samples.astype(np.float64)))
    if not math.isfinite(loudness):
        return Unmeasured("below the -70 LUFS at which a loudness meter begins")
    return loudness


def _level_over_time(audio: MessageAudio, speaking: NDArray[np.bool_]) -> Track | Unmeasured:
    if not speaking.any():
        return Unmeasured("the speech is digital silence")
    power = np.where(speaking, np.square(audio.rms), np.nan)
    return over_time(audio, power, step_s=_STEP_S, average=_mean_level_db)


def _mean_level_db(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return decibels(np.sqrt(np.nanmean(power, axis=1)))
