"""How well the line carried the voice: noise, clipping and bandwidth."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.frames import (
    DIGITAL_SILENCE,
    FRAME_LENGTH,
    HOP_S,
    MessageAudio,
    Unmeasured,
)
from vmaudit.delivery.spectrum import BIN_HZ, SpeechSpectra
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Isolation

_MARGIN_S = 0.05  # of every gap's end, where the voice fades in or out
_MIN_NOISE_S = 0.1
_RAIL_TOLERANCE = (
    1e-4  # of the peak: three 16-bit steps; narrower than any tone's crest above 40 Hz
)
_MIN_RUN = 3  # samples
# Samples that stay at the rail against those in the 6 % below it: a crest is thin, a
# clipped one piles up. 6 % is the widest step of mu-law near its top.
_BAND_BELOW = 0.0625
_MIN_PILE_UP = 0.25
_MIN_SPECTRA = 25  # half a second of them
_BAND_BINS = 4  # 125 Hz: averages over the wobble of single bins
_MIN_SWING_DB = 12.0
_DEEPEST_DB = 50.0


def snr_db(audio: MessageAudio, quiet: NDArray[np.bool_]) -> float | Unmeasured:
    """Measure 10 log10 of speech power over noise power, in dB.

    Noise is the median short-time power where nobody speaks: between the speech of the
    message or, where that is under 0.1 s, also up to 1 s around it outside any ring,
    greeting, beep or menu. Its power is taken off that of the speech it lies under.
    """
    if np.count_nonzero(quiet) * HOP_S < _MIN_NOISE_S:
        return Unmeasured(f"less than {_MIN_NOISE_S:g} s without speech in or around the message")
    levels = audio.rms[quiet]
    levels = levels[levels > DIGITAL_SILENCE]
    if levels.size * HOP_S < _MIN_NOISE_S:
        return Unmeasured("digital silence where nobody speaks: the line's noise is not heard")
    noise_power = float(np.median(levels)) ** 2
    speech = audio.speech_samples().astype(np.float64)
    speech_power = float(np.mean(np.square(speech))) - noise_power
    if speech_power <= 0:
        return Unmeasured("the speech is no louder than the noise")
    return 10 * math.log10(speech_power / noise_power)


def quiet_frames(audio: MessageAudio, isolation: Isolation) -> NDArray[np.bool_]:
    """Mark the frames of the line's noise, at least 50 ms away from speech: shape ``(frames,)``."""
    # Half a frame more, so that no frame reaches into the margin.
    margin_s = _MARGIN_S + FRAME_LENGTH / SAMPLE_RATE_HZ / 2
    near_speech = np.zeros(len(audio.times_s), dtype=np.bool_)
    for interval in audio.speech:
        near_speech |= (audio.times_s > interval.start_s - margin_s) & (
            audio.times_s < interval.end_s + margin_s
        )
    in_message = audio.frames_within([audio.message]) & ~near_speech
    if np.count_nonzero(in_message) * HOP_S >= _MIN_NOISE_S:
        return in_message
    elsewhere = np.zeros(len(audio.times_s), dtype=np.bool_)
    for span in isolation.spans:
        if span.kind not in {"message", "tail"}:
            elsewhere |= audio.frames_within([Interval(span.start_s, span.end_s)])
    quiet: NDArray[np.bool_] = ~near_speech & ~elsewhere
    return quiet


def bandwidth_hz(spectra: SpeechSpectra) -> float | Unmeasured:
    """Measure the upper edge of what the line carries of the speech, in Hz, to 125 Hz.

    It is that of the highest band that comes and goes with the speech, by 12 dB or more between
    the 10th and the 95th percentile of its frames, and then reaches to within 50 dB of the
    strongest band. Noise does not change that much, and what lies lower is a filter's slope.
    """
    if len(spectra.frames) < _MIN_SPECTRA:
        return Unmeasured("too little speech to see its spectrum")
    edges = np.arange(0, spectra.power.shape[1] - _BAND_BINS, _BAND_BINS)
    bands = np.add.reduceat(spectra.power[:, :-1], edges, axis=1, dtype=np.float64)
    low, high = np.percentile(10 * np.log10(np.maximum(bands, 1e-20)), [10, 95], axis=0)
    carried = np.flatnonzero((high - low >= _MIN_SWING_DB) & (high >= high.max() - _DEEPEST_DB))
    if not carried.size:
        return Unmeasured("no band of the spectrum changes with the speech")
    return float((carried[-1] + 1) * _BAND_BINS * BIN_HZ)


def clipped_fraction(audio: MessageAudio) -> float | Unmeasured:
    """Measure the share of the message's samples that stay at a rail, in [0, 1].

    A rail is the message's own positive or negative peak, for mu-law tops out below full
    scale; at it are runs of three or more samples equal within 0.01 % of the peak. Audio
    brought from 8 to 16 kHz keeps its flat tops in every second sample alone, so those are
    looked at too. Resampling from other rates and lossy codecs round flat tops off: what was
    clipped before them is not seen.
    """
    samples = audio.cut(audio.message)
    if float(np.max(np.abs(samples))) <= DIGITAL_SILENCE:
        return Unmeasured("the message is digital silence")
    views = [view for view in (samples, samples[::2], samples[1::2]) if len(view) >= _MIN_RUN]
    return max((_share_at_rails(view) for view in views), default=0.0)


def _share_at_rails(samples: NDArray[np.float32]) -> float:
    at_rails = _count_at_rail(samples) + _count_at_rail(-samples)
    return at_rails / len(samples)


def _count_at_rail(samples: NDArray[np.float32]) -> int:
    peak = float(samples.max())
    if peak <= 0:
        return 0
    at_peak = samples >= peak * (1 - _RAIL_TOLERANCE)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], at_peak, [False]]).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    count = int(lengths[lengths >= _MIN_RUN].sum())
    below = int(np.count_nonzero(samples >= peak * (1 - _BAND_BELOW))) - int(at_peak.sum())
    return count if count >= _MIN_PILE_UP * below else 0
