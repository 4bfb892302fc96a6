"""How the voice sounded: its pitch, how much that moved, and how much effort was in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.frames import HOP_S, MessageAudio, Unmeasured, over_time
from vmaudit.delivery.pitch import MIN_VOICED_S, PitchTrack
from vmaudit.delivery.spectrum import SpeechSpectra
from vmaudit.records import Interval, Track

_MIN_VOICED_SHARE = 0.3  # measured: whispers up to 0.26, voices 0.37 and more at 10 dB SNR
_WIDEST_QUARTILES = 2**1.5  # third over first, 18 semitones: loud noise, not a voice
_SEMITONES_PER_OCTAVE = 12
_STEP_S = 0.1
_MIN_ASKED_S = 0.5  # voiced, for a range of pitch within the asks
_BALANCE_EDGES_HZ = (300.0, 1000.0, 3400.0)  # what every telephone line carries, in two
_NAMES = (
    "pitch_median_hz",
    "pitch_sd_semitones",
    "pitch_range_semitones",
    "pitch_over_time",
    "spectral_balance_db",
)


def voice_values(
    audio: MessageAudio, track: PitchTrack, spectra: SpeechSpectra
) -> Mapping[str, float | Track | Unmeasured]:
    """Measure every value of the voice: one reason for all where it has no pitch.

    The spread is the root mean square distance from the median on a log scale, the range runs
    from the 10th to the 90th percentile.
    """
    obstacle = _obstacle(audio, track)
    if obstacle is not None:
        return dict.fromkeys(_NAMES, obstacle)
    f0_hz = track.f0_hz[track.voiced]
    median_hz = float(np.median(f0_hz))
    return {
        "pitch_median_hz": median_hz,
        "pitch_sd_semitones": float(np.sqrt(np.mean(np.square(_semitones(f0_hz / median_hz))))),
        "pitch_range_semitones": _range_semitones(f0_hz),
        "pitch_over_time": over_time(audio, track.f0_hz, step_s=_STEP_S, average=_median),
        "spectral_balance_db": spectral_balance_db(track, spectra),
    }


def spectral_balance_db(track: PitchTrack, spectra: SpeechSpectra) -> float | Unmeasured:
    """Measure the energy of voiced speech from 1,000 to 3,400 Hz over that from 300 Hz, in dB.

    A voice that makes an effort has more of it above: the alpha ratio of eGeMAPS (Eyben et al.
    2016, doi 10.1109/TAFFC.2015.2457417), within the telephone band. The line and the
    microphone tilt it as well, so it says something only beside other messages of the same rep.
    """
    voiced = track.voiced[spectra.frames]
    low_hz, middle_hz, high_hz = _BALANCE_EDGES_HZ
    below = float(spectra.band(low_hz, middle_hz)[voiced].sum())
    above = float(spectra.band(middle_hz, high_hz)[voiced].sum())
    if below <= 0 or above <= 0:
        return Unmeasured("no energy in one half of the telephone band")
    return 10 * math.log10(above / below)


def ask_pitch_range_semitones(track: Track, asks: Sequence[Interval]) -> float | Unmeasured:
    """Measure the range of pitch while something is asked, 10th to 90th percentile.

    ``track`` is ``Delivery.pitch_over_time``; a step counts when its middle lies in an ask.
    """
    if not asks:
        return Unmeasured("nothing is asked")
    values = np.array([math.nan if hz is None else hz for hz in track.values], dtype=np.float64)
    middles_s = track.start_s + (np.arange(len(values)) + 0.5) * track.step_s
    inside = np.zeros(len(values), dtype=np.bool_)
    for ask in asks:
        inside |= (middles_s >= ask.start_s) & (middles_s < ask.end_s)
    asked_hz = values[inside & ~np.isnan(values)]
    if asked_hz.size * track.step_s < _MIN_ASKED_S:
        return Unmeasured(f"less than {_MIN_ASKED_S:g} s of voiced sound in what is asked")
    return _range_semitones(asked_hz)


def _obstacle(audio: MessageAudio, track: PitchTrack) -> Unmeasured | None:
    f0_hz = track.f0_hz[track.voiced]
    if f0_hz.size * HOP_S < MIN_VOICED_S:
        return Unmeasured(f"less than {MIN_VOICED_S:g} s of voiced sound")
    if f0_hz.size < _MIN_VOICED_SHARE * np.count_nonzero(audio.frames_within(audio.speech)):
        return Unmeasured(f"less than {_MIN_VOICED_SHARE:.0%} of the speech is voiced")
    first, third = (float(quartile) for quartile in np.percentile(f0_hz, [25, 75]))
    if third > first * _WIDEST_QUARTILES:
        return Unmeasured("what repeats in the speech spans too many octaves to be one voice")
    return None


def _semitones(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(_SEMITONES_PER_OCTAVE * np.log2(ratio))


def _range_semitones(f0_hz: NDArray[np.float64]) -> float:
    low, high = np.percentile(f0_hz, [10, 90])
    return _SEMITONES_PER_OCTAVE * math.log2(high / low)


def _median(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.nanmedian(steps, axis=1), dtype=np.float64)
