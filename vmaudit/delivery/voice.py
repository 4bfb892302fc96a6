"""How the voice sounded: level and pitch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import librosa
import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.frames import (
    DIGITAL_SILENCE,
    FRAME_LENGTH,
    HOP_LENGTH,
    HOP_S,
    MessageAudio,
    Unmeasured,
    decibels,
)
from vmaudit.records import SAMPLE_RATE_HZ, Interval

_MIN_SPEECH_S = 0.5  # for a spread of levels
_MIN_VOICED_S = 0.2
_PITCH_RANGE_HZ = (60.0, 500.0)  # a low male voice to a high female one
_YIN_LENGTH = 2 * FRAME_LENGTH  # 64 ms: nearly four periods at 60 Hz
_MIN_VOICED_SHARE = 0.3  # measured: whispers up to 0.26, voices 0.37 and more at 10 dB SNR
_MIN_HARMONICITY = 0.5  # normalised autocorrelation at the period
_QUIETEST_VOICE_DB = 25.0  # below the level of the speech
_WIDEST_QUARTILES = 2**1.5  # third over first, 18 semitones: loud noise, not a voice
_SEMITONES_PER_OCTAVE = 12
_UNVOICED = Unmeasured(f"less than {_MIN_VOICED_S:g} s of voiced sound")


def level_dbfs(audio: MessageAudio) -> float | Unmeasured:
    """Measure the RMS level of the speech re full scale 1.0, in dBFS.

    A full-scale sine is at -3.01 dBFS, a full-scale square wave at 0.
    """
    rms = float(np.sqrt(np.mean(np.square(audio.speech_samples(), dtype=np.float64))))
    if rms <= DIGITAL_SILENCE:
        return Unmeasured("the speech is digital silence")
    return 20 * math.log10(rms)


def level_range_db(audio: MessageAudio, pauses: Sequence[Interval]) -> float | Unmeasured:
    """Measure the 95th minus the 10th percentile of short-time speech level, in dB.

    Frames are those of voice activity outside the silent ``pauses``.
    """
    speaking = audio.frames_within(audio.speech) & ~audio.frames_within(pauses)
    levels = audio.rms[speaking]
    levels = levels[levels > DIGITAL_SILENCE]
    if levels.size * HOP_S < _MIN_SPEECH_S:
        return Unmeasured(f"less than {_MIN_SPEECH_S:g} s of speech to compare levels in")
    low, high = np.percentile(decibels(levels), [10, 95])
    return float(high - low)


def pitch(audio: MessageAudio) -> tuple[float, float] | Unmeasured:
    """Measure the median of the fundamental in Hz and its spread in semitones.

    The spread is the root mean square distance from the median on a log scale. YIN
    (de Cheveigne and Kawahara 2002, doi 10.1121/1.1458024) looks for the period, so the
    telephone may take the fundamental itself away. It runs twice, the second time within
    0.75 of the first quartile and 1.5 of the third (De Looze and Hirst 2008), which drops
    most octave errors. A frame counts when it lies in speech, is at most 25 dB below it, and
    repeats itself after one period with a correlation of 0.5 or more.
    """
    f0_hz = _voiced_f0_hz(audio, *_PITCH_RANGE_HZ)
    if f0_hz.size * HOP_S < _MIN_VOICED_S:
        return _UNVOICED
    if f0_hz.size < _MIN_VOICED_SHARE * np.count_nonzero(audio.frames_within(audio.speech)):
        return Unmeasured(f"less than {_MIN_VOICED_SHARE:.0%} of the speech is voiced")
    first, third = (float(quartile) for quartile in np.percentile(f0_hz, [25, 75]))
    if third > first * _WIDEST_QUARTILES:
        return Unmeasured("what repeats in the speech spans too many octaves to be one voice")
    floor_hz, ceiling_hz = _PITCH_RANGE_HZ
    f0_hz = _voiced_f0_hz(audio, max(floor_hz, 0.75 * first), min(ceiling_hz, 1.5 * third))
    if f0_hz.size * HOP_S < _MIN_VOICED_S:
        return _UNVOICED
    median_hz = float(np.median(f0_hz))
    semitones = _SEMITONES_PER_OCTAVE * np.log2(f0_hz / median_hz)
    return median_hz, float(np.sqrt(np.mean(np.square(semitones))))


def _voiced_f0_hz(audio: MessageAudio, floor_hz: float, ceiling_hz: float) -> NDArray[np.float64]:
    speaking = audio.frames_within(audio.speech)
    if len(audio.samples) < _YIN_LENGTH or not speaking.any():
        return np.empty(0)
    f0_hz = librosa.yin(
        audio.samples,
        fmin=floor_hz,
        fmax=ceiling_hz,
        sr=SAMPLE_RATE_HZ,
        frame_length=_YIN_LENGTH,
        hop_length=HOP_LENGTH,
    )
    level_db = decibels(audio.rms)
    loud = level_db >= _mean_level_db(audio.rms[speaking]) - _QUIETEST_VOICE_DB
    candidates = np.flatnonzero(speaking & loud & (audio.rms > DIGITAL_SILENCE))
    harmonic = _harmonicity(audio.samples, candidates, f0_hz[candidates]) >= _MIN_HARMONICITY
    # A minimum at the edge of the search is where it was stopped, not a period.
    inside = (f0_hz[candidates] > floor_hz * 1.01) & (f0_hz[candidates] < ceiling_hz * 0.99)
    return np.asarray(f0_hz[candidates[harmonic & inside]], dtype=np.float64)


def _mean_level_db(rms: NDArray[np.float64]) -> float:
    return 20 * math.log10(max(float(np.sqrt(np.mean(np.square(rms)))), DIGITAL_SILENCE))


def _harmonicity(
    samples: NDArray[np.float32], frames: NDArray[np.intp], f0_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Correlate each frame with itself one period later: shape ``(frames,)``, in [-1, 1]."""
    lags = np.rint(SAMPLE_RATE_HZ / f0_hz).astype(np.intp)
    # Centre both windows together on the frame.
    starts = frames * HOP_LENGTH - (FRAME_LENGTH + lags) // 2 + FRAME_LENGTH
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(samples, FRAME_LENGTH), FRAME_LENGTH)
    now, later = windows[starts], windows[starts + lags]
    energy = np.einsum("ij,ij->i", now, now) * np.einsum("ij,ij->i", later, later)
    product = np.einsum("ij,ij->i", now, later)
    return np.asarray(product / np.sqrt(np.maximum(energy, 1e-20)), dtype=np.float64)
