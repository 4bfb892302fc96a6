"""Short-time power spectra of the speech, taken once for all that need them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.signal import get_window

from vmaudit.delivery.frames import DIGITAL_SILENCE, FRAME_LENGTH, HOP_LENGTH, MessageAudio
from vmaudit.records import SAMPLE_RATE_HZ

BIN_HZ = SAMPLE_RATE_HZ / FRAME_LENGTH  # 31.25
_EVERY = 2  # frames of 32 ms every 20 ms still overlap


@dataclass(frozen=True, slots=True, eq=False)
class SpeechSpectra:
    """``power``: shape ``(k, FRAME_LENGTH / 2 + 1)``, bins of ``BIN_HZ``, Hann window.

    ``frames``: shape ``(k,)``, indices into ``MessageAudio.times_s``. Only ratios of power mean
    anything.
    """

    frames: NDArray[np.intp]
    power: NDArray[np.float32]

    def band(self, low_hz: float, high_hz: float) -> NDArray[np.float64]:
        """Return the power of each frame from ``low_hz`` up to ``high_hz``, shape ``(k,)``."""
        bins = slice(round(low_hz / BIN_HZ), round(high_hz / BIN_HZ))
        return np.asarray(self.power[:, bins].sum(axis=1, dtype=np.float64))


def speech_spectra(audio: MessageAudio) -> SpeechSpectra:
    """Take the spectra of every second frame of speech."""
    speaking = audio.frames_within(audio.speech) & (audio.rms > DIGITAL_SILENCE)
    frames = np.flatnonzero(speaking)[::_EVERY]
    padded = np.pad(audio.samples, FRAME_LENGTH // 2)
    every = np.lib.stride_tricks.sliding_window_view(padded, FRAME_LENGTH)
    window = get_window("hann", FRAME_LENGTH).astype(np.float32)
    spectra = scipy.fft.rfft(every[frames * HOP_LENGTH] * window, axis=1)
    return SpeechSpectra(frames, np.square(spectra.real) + np.square(spectra.imag))
