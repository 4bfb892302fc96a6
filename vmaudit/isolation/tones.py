"""Steady tones: the narrow, stationary sounds that switches and machines make.

Two steps. Short frames find runs in which one or two spectral peaks hold nearly all
energy and stay where they are. One long spectrum over each run then tells a generated
tone from a voice: the line of a tone of duration T is no wider than the main lobe of the
window, 4/T between zeros for Hann (Harris, "On the use of windows for harmonic analysis with the
discrete Fourier transform", Proc. IEEE 66(1), 1978), while the pitch of a voice moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from vmaudit.records import SAMPLE_RATE_HZ

__all__ = ["HOP_S", "SteadyTone", "steady_tones"]

_HOP = 160  # 10 ms
HOP_S = _HOP / SAMPLE_RATE_HZ
_FRAME = 1024  # 64 ms
_BIN_HZ = SAMPLE_RATE_HZ / _FRAME
_BLOCK_FRAMES = 4096  # 41 s at a time: 8 MB of power spectra
_LOW_HZ, _HIGH_HZ = 90.0, 3800.0  # from above mains hum: the pitch of a voice counts against it
_LOW_BIN, _HIGH_BIN = round(_LOW_HZ / _BIN_HZ), round(_HIGH_HZ / _BIN_HZ)
_LOBE_BINS = 3  # half the main lobe of Hann is 2 bins; one more for a pair 40 Hz apart

_MIN_PURITY = 0.8  # share of the band's energy in the two strongest peaks of a frame
_MAX_STEP_HZ = 12.0  # from one frame to the next
_MAX_BELOW_LOUDEST_DB = 45.0
_MIN_RUN_FRAMES = 8
_EDGE_FRAMES = 3  # half a frame: nearer to an edge, the window reaches over it
_NEAR_FRAMES, _FAR_FRAMES = 5, 14  # with half a frame either way: 20 to 170 ms from a run
_MAX_DROP_DB = 100.0
_MAX_LINE_FRAMES = 200  # longer runs are measured on their middle
_MAX_LINES = 4
_MIN_LINE_SHARE = 0.02
_MIN_LINES_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class SteadyTone:
    """One run of a generated tone.

    ``lines_hz``: its components, strongest first, and ``shares`` the part of the energy
    between 90 and 3,800 Hz that each holds, in [0, 1]. ``wobble_hz`` is the standard
    deviation of the strongest component from frame to frame, away from the edges.
    ``drops_db``: by how much the loudest sound 20 to 170 ms before the run, and after it,
    is softer than the run, at most 100 dB; negative where it is louder, 0 where the
    recording does not reach so far.
    """

    start_s: float
    end_s: float
    lines_hz: tuple[float, ...]
    shares: tuple[float, ...]
    wobble_hz: float
    drops_db: tuple[float, float]

    @property
    def duration_s(self) -> float:
        """End minus start."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, eq=False)
class _Peaks:
    """Per frame: two strongest peaks in Hz, shape (n, 2); their share; the energy."""

    frequency_hz: NDArray[np.float32]
    purity: NDArray[np.float32]
    energy: NDArray[np.float32]


def steady_tones(samples: NDArray[np.float32]) -> tuple[SteadyTone, ...]:
    """Find the runs of steady tone in mono float32 ``samples``, shape ``(n,)``, any level.

    Ordered and disjoint, each at least 80 ms; edges are good to about 20 ms.
    """
    if not len(samples):
        return ()
    peaks = _short_time_peaks(np.pad(samples, _FRAME // 2))
    tones = []
    for first, last in _runs(peaks):
        tone = _measure(samples, first, min(last, len(samples) // _HOP), peaks)
        if tone is not None:
            tones.append(tone)
    return tuple(tones)


def _short_time_peaks(samples: NDArray[np.float32]) -> _Peaks:
    """Measure every frame, in blocks so that an hour of audio needs little memory."""
    window = scipy.signal.get_window("hann", _FRAME).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    parts = []
    for start in range(0, len(frames), _BLOCK_FRAMES):
        spectrum = scipy.fft.rfft(frames[start : start + _BLOCK_FRAMES] * window)
        band = spectrum[:, _LOW_BIN:_HIGH_BIN]
        parts.append(_two_peaks(band.real**2 + band.imag**2))
    return _Peaks(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _two_peaks(power: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Take the two strongest peaks of each row of ``power``; the rows are used up."""
    energy = power.sum(axis=1)
    rows = np.arange(len(power))[:, np.newaxis]
    reach = np.arange(-_LOBE_BINS, _LOBE_BINS + 1)
    frequency = np.empty((len(power), 2), dtype=np.float32)
    held = np.zeros(len(power), dtype=np.float32)
    tiny = np.finfo(np.float32).tiny
    for peak in range(2):
        top = np.clip(power.argmax(axis=1), _LOBE_BINS, power.shape[1] - 1 - _LOBE_BINS)
        bins = top[:, np.newaxis] + reach
        lobe = power[rows, bins]
        lobe_energy = lobe.sum(axis=1)
        centroid = (lobe * bins).sum(axis=1) / np.maximum(lobe_energy, tiny)
        frequency[:, peak] = (_LOW_BIN + centroid) * _BIN_HZ
        held += lobe_energy
        power[rows, bins] = 0
    return frequency, held / np.maximum(energy, tiny), energy


def _runs(peaks: _Peaks) -> Iterator[tuple[int, int]]:
    """Yield the first and last frame of the runs whose peaks are pure, loud and steady.

    An edge is where the energy has fallen by 6 dB: half of the window is then outside.
    """
    loudest = float(peaks.energy.max())
    floor = loudest * 10 ** (-_MAX_BELOW_LOUDEST_DB / 10)
    pure = (peaks.purity >= _MIN_PURITY) & (peaks.energy > floor)
    now, before = peaks.frequency_hz[1:, :1], peaks.frequency_hz[:-1]
    steady = (np.abs(now - before) <= _MAX_STEP_HZ).any(axis=1)
    joined = pure[1:] & pure[:-1] & steady
    edges = np.flatnonzero(np.diff(joined.astype(np.int8), prepend=0, append=0))
    for first, last in edges.reshape(-1, 2):
        energy = peaks.energy[first : last + 1]
        inside = np.flatnonzero(energy >= np.median(energy) / 4)
        if inside[-1] - inside[0] >= _MIN_RUN_FRAMES:
            yield int(first + inside[0]), int(first + inside[-1])


def _measure(
    samples: NDArray[np.float32], first: int, last: int, peaks: _Peaks
) -> SteadyTone | None:
    """Look for narrow lines in one spectrum over the run; None when there is none."""
    cut = max(last - first - _MAX_LINE_FRAMES, 0) // 2
    lines = _lines(samples[(first + cut) * _HOP : (last - cut) * _HOP])
    if sum(share for _, share in lines) < _MIN_LINES_SHARE:
        return None
    edge = min(_EDGE_FRAMES, (last - first) // 2 - 1)
    wobble_hz = float(peaks.frequency_hz[first + edge : last - edge + 1, 0].std())
    frequencies, shares = zip(*lines, strict=True)
    drops_db = _drops_db(peaks.energy, first, last)
    return SteadyTone(first * HOP_S, last * HOP_S, frequencies, shares, wobble_hz, drops_db)


def _drops_db(energy: NDArray[np.float32], first: int, last: int) -> tuple[float, float]:
    """Compare the run from frame ``first`` to ``last`` with what lies before and after it."""
    level = float(np.median(energy[first : last + 1]))
    floor = level * 10 ** (-_MAX_DROP_DB / 10)
    sides_db = []
    for start in (first - _FAR_FRAMES, last + _NEAR_FRAMES):
        end = start + _FAR_FRAMES - _NEAR_FRAMES + 1
        known = start >= 0 and end <= len(energy)
        loudest = max(float(energy[start:end].max()), floor) if known else level
        sides_db.append(10 * math.log10(level / loudest))
    return sides_db[0], sides_db[1]


def _lines(run: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Return (frequency in Hz, share of the energy) of the narrow lines, strongest first."""
    size = scipy.fft.next_fast_len(2 * len(run), real=True)
    spectrum = scipy.fft.rfft(run * scipy.signal.get_window("hann", len(run)), n=size)
    bin_hz = SAMPLE_RATE_HZ / size
    low = round(_LOW_HZ / bin_hz)
    power = np.abs(spectrum[low : round(_HIGH_HZ / bin_hz)]) ** 2
    total = float(power.sum()) or 1.0
    reach = round(2 * size / len(run)) + 1
    lines: list[tuple[float, float]] = []
    while len(lines) < _MAX_LINES:
        top = int(power.argmax())
        near = slice(max(top - reach, 0), top + reach + 1)
        share = float(power[near].sum()) / total
        if share < _MIN_LINE_SHARE:
            break
        lines.append(((low + top) * bin_hz, share))
        power[near] = 0
    return lines
