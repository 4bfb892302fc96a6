"""The fundamental of the voice, frame by frame: found once, shared by all that need it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.frames import (
    DIGITAL_SILENCE,
    FRAME_LENGTH,
    HOP_LENGTH,
    HOP_S,
    MessageAudio,
    decibels,
)
from vmaudit.records import SAMPLE_RATE_HZ

PITCH_RANGE_HZ = (60.0, 500.0)  # a low male voice to a high female one
MIN_VOICED_S = 0.2
_DECIMATION = 2  # periods are found at 8 kHz, with half as many lags of half as many samples
_YIN_LENGTH = 2 * FRAME_LENGTH // _DECIMATION  # 64 ms: nearly four periods at 60 Hz
_MIN_HARMONICITY = 0.5
_BLOCK = 256  # windows: few enough that YIN's arrays stay in a core's cache
_QUIETEST_VOICE_DB = 25.0  # below the level of the speech


@dataclass(frozen=True, slots=True, eq=False)
class PitchTrack:
    """The pitch of a message, at ``MessageAudio.times_s``.

    ``f0_hz``: shape ``(frames,)``, NaN where unvoiced. ``harmonicity``: shape ``(frames,)``,
    how well a frame repeats itself after one period, as a correlation in [-1, 1]; 0 outside
    speech and where the voice is too soft to tell.
    """

    f0_hz: NDArray[np.float64]
    harmonicity: NDArray[np.float64]

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """The frames that have a pitch, shape ``(frames,)``."""
        return ~np.isnan(self.f0_hz)


def pitch_track(audio: MessageAudio) -> PitchTrack:
    """Follow the fundamental of a voice through its message.

    YIN (de Cheveigne and Kawahara 2002, doi 10.1121/1.1458024) looks for the period, so the
    telephone may take the fundamental itself away. What it finds outside 0.75 of the first
    quartile and 1.5 of the third (De Looze and Hirst 2008) is looked for again inside, which
    mends most octave errors. A frame is voiced when it lies in speech, is at most 25 dB below
    it, and repeats itself after one period with a correlation of 0.5 or more.
    """
    track = PitchTrack(np.full(len(audio.times_s), np.nan), np.zeros(len(audio.times_s)))
    frames = _loud_frames(audio)
    if not frames.size:
        return track
    windows = _windows(audio.samples, frames)
    f0_hz = _yin(windows, PITCH_RANGE_HZ)
    harmonicity = _harmonicity(audio.samples, frames, f0_hz)
    range_hz = _range_of(f0_hz[_voiced(f0_hz, harmonicity, PITCH_RANGE_HZ)])
    stray = np.flatnonzero(~_inside(f0_hz, range_hz))
    if stray.size:
        f0_hz[stray] = _yin(windows[stray], range_hz)
        harmonicity[stray] = _harmonicity(audio.samples, frames[stray], f0_hz[stray])
    track.f0_hz[frames] = np.where(_voiced(f0_hz, harmonicity, range_hz), f0_hz, np.nan)
    track.harmonicity[frames] = harmonicity
    return track


def _loud_frames(audio: MessageAudio) -> NDArray[np.intp]:
    speaking = audio.frames_within(audio.speech) & (audio.rms > DIGITAL_SILENCE)
    if not speaking.any():
        return np.empty(0, dtype=np.intp)
    speech_db = 10 * math.log10(float(np.mean(np.square(audio.rms[speaking]))))
    return np.flatnonzero(speaking & (decibels(audio.rms) >= speech_db - _QUIETEST_VOICE_DB))


def _windows(samples: NDArray[np.float32], frames: NDArray[np.intp]) -> NDArray[np.float32]:
    """Cut what YIN sees of each frame: shape ``(frames, _YIN_LENGTH)``, centred."""
    # Three taps keep what would alias off the harmonics that tell a period; a sharper filter
    # costs more than YIN gains by it.
    padded = np.pad(samples, _YIN_LENGTH * _DECIMATION // 2 + 1)
    decimated = (padded[:-2:2] + padded[2::2]) / 4 + padded[1:-1:2] / 2
    every = np.lib.stride_tricks.sliding_window_view(decimated, _YIN_LENGTH)
    return np.asarray(every[frames * (HOP_LENGTH // _DECIMATION)], dtype=np.float32)


def _yin(windows: NDArray[np.float32], range_hz: tuple[float, float]) -> NDArray[np.float64]:
    # Laid end to end, with a hop of one window: frames that are of no interest cost nothing.
    f0_hz = [
        librosa.yin(
            windows[start : start + _BLOCK].reshape(-1),
            fmin=range_hz[0],
            fmax=range_hz[1],
            sr=SAMPLE_RATE_HZ // _DECIMATION,
            frame_length=_YIN_LENGTH,
            hop_length=_YIN_LENGTH,
            center=False,
        )
        for start in range(0, len(windows), _BLOCK)
    ]
    return np.concatenate(f0_hz).astype(np.float64)


def _range_of(voiced_hz: NDArray[np.float64]) -> tuple[float, float]:
    if voiced_hz.size * HOP_S < MIN_VOICED_S:
        return PITCH_RANGE_HZ
    first, third = (float(quartile) for quartile in np.percentile(voiced_hz, [25, 75]))
    floor_hz, ceiling_hz = PITCH_RANGE_HZ
    return max(floor_hz, 0.75 * first), min(ceiling_hz, 1.5 * third)


def _inside(f0_hz: NDArray[np.float64], range_hz: tuple[float, float]) -> NDArray[np.bool_]:
    # A minimum at the edge of the search is where it was stopped, not a period.
    inside: NDArray[np.bool_] = (f0_hz > range_hz[0] * 1.01) & (f0_hz < range_hz[1] * 0.99)
    return inside


def _voiced(
    f0_hz: NDArray[np.float64], harmonicity: NDArray[np.float64], range_hz: tuple[float, float]
) -> NDArray[np.bool_]:
    voiced: NDArray[np.bool_] = (harmonicity >= _MIN_HARMONICITY) & _inside(f0_hz, range_hz)
    return voiced


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
