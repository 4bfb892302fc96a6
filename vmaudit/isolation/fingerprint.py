"""A fingerprint of a message: the same audio gives nearly the same bits behind any codec.

    message ──> 8 kHz ──> energy of 33 bands every 32 ms ──> 32 signs a step

After J. Haitsma and T. Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002,
in the band that a telephone leaves. A bit says whether the energy of a band less that of its
upper neighbour has grown. Codecs, level and noise leave most of these signs as they are; the
same sentence spoken again has its own.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from vmaudit.records import SAMPLE_RATE_HZ

__all__ = ["MAX_BIT_ERROR_RATE", "STEP_S", "Fingerprint", "Stretch", "best_stretch", "fingerprint"]

Words = NDArray[np.uint32]

_WORD_BITS = 32
_RATE_HZ = 8_000
_STEP = 256
STEP_S = _STEP / _RATE_HZ
_FRAME = 3072  # 384 ms: steps overlap so far that a cut between two of them matters little
_SPAN_STEPS = 2  # a sign compares energies so many steps apart
_BLOCK_FRAMES = 1024  # 33 s at a time: 12 MB of samples, 13 MB of spectra
_BAND_HZ = (300.0, 3_400.0)  # ITU-T G.712

_MAX_BELOW_LOUD_DB = 20.0
_LOUD_PERCENTILE, _SOFT_PERCENTILE = 95.0, 5.0
_MIN_RANGE_DB = 6.0  # speech has pauses; steady noise and tones keep their level
_MIN_CHANGE = 0.05  # of the energy: a steady tone changes by rounding errors
_MIN_POWER = 1e-10  # below is digital silence with rounding errors

# Haitsma and Kalker take 0.35. Here the same audio behind two codecs has at most 0.27, most of
# it under 0.23; a synthetic voice that says a text again 5 % faster has 0.23 in half of it.
MAX_BIT_ERROR_RATE = 0.28
_POPCOUNT = np.array([bin(value).count("1") for value in range(1 << 16)], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``data``: one little-endian 32-bit word every ``STEP_S``, 0 where nothing was heard."""

    data: bytes

    def __post_init__(self) -> None:
        if len(self.data) % 4:
            raise ValueError(f"a fingerprint is words of 4 bytes, not {len(self.data)} bytes")

    @property
    def words(self) -> Words:
        """Shape ``(n,)``; not to be written to."""
        return np.frombuffer(self.data, dtype="<u4")

    def to_text(self) -> str:
        """Base64, 167 characters per second of audio."""
        return base64.b64encode(self.data).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> Fingerprint:
        """Read what ``to_text`` made. Raises ``ValueError`` for anything else."""
        try:
            return cls(base64.b64decode(text, validate=True))
        except ValueError as error:
            raise ValueError(f"no fingerprint: {error}") from error


@dataclass(frozen=True, slots=True)
class Stretch:
    """What two fingerprints share at one offset.

    ``heard_s``: its length without what was not heard in both. ``bit_error_rate``: in [0, 1],
    0.5 for sounds that have nothing to do with each other.
    """

    heard_s: float
    bit_error_rate: float


def fingerprint(samples: NDArray[np.float32]) -> Fingerprint:
    """Take the fingerprint of a message.

    ``samples``: finite mono float32 of shape ``(n,)`` at ``SAMPLE_RATE_HZ``, of any level.
    Less than 0.45 s gives no words, as does sound that keeps its level or its spectrum.
    """
    line = scipy.signal.resample_poly(samples, 1, SAMPLE_RATE_HZ // _RATE_HZ)
    energies = _band_energies(line)
    if len(energies) <= _SPAN_STEPS:
        return Fingerprint(b"")
    tilt = energies[:, :-1] - energies[:, 1:]
    growth = tilt[_SPAN_STEPS:] - tilt[:-_SPAN_STEPS]
    words = np.packbits(growth > 0, axis=1, bitorder="little").view("<u4")[:, 0]
    words[~_heard(energies, growth)] = 0
    return Fingerprint(words.tobytes())


def best_stretch(one: Words, other: Words, offset: int) -> Stretch:
    """Find the stretch in which ``other``, moved on by ``offset`` steps, is most like ``one``.

    It is the run of steps with the most correct bits above what ``MAX_BIT_ERROR_RATE``
    demands: the maximum subarray, by differences of cumulative sums.
    """
    start, end = max(offset, 0), min(len(one), len(other) + offset)
    if end <= start:
        return Stretch(0.0, 1.0)
    mine, yours = one[start:end], other[start - offset : end - offset]
    both = (mine != 0) & (yours != 0)
    halves = _POPCOUNT[(mine ^ yours).view(np.uint16)].reshape(-1, 2)
    errors = np.where(both, halves.sum(axis=1, dtype=np.int64), 0)
    gains = np.cumsum(np.where(both, MAX_BIT_ERROR_RATE * _WORD_BITS - errors, 0.0))
    gains = np.concatenate([[0.0], gains])
    last = int(np.argmax(gains - np.minimum.accumulate(gains)))
    first = int(np.argmin(gains[: last + 1]))
    heard = int(np.count_nonzero(both[first:last]))
    if not heard:
        return Stretch(0.0, 1.0)
    return Stretch(heard * STEP_S, int(errors[first:last].sum()) / (_WORD_BITS * heard))


def _band_energies(line: NDArray[np.float32]) -> NDArray[np.float32]:
    """Energies of shape ``(frames, 33)``, in bands that widen with frequency by one factor."""
    edges_hz = np.geomspace(*_BAND_HZ, _WORD_BITS + 2)
    edges = np.round(edges_hz * _FRAME / _RATE_HZ).astype(np.intp)
    if len(line) < _FRAME:
        return np.zeros((0, _WORD_BITS + 1), dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(line, _FRAME)[::_STEP]
    window = scipy.signal.get_window("hann", _FRAME).astype(np.float32)
    blocks = []
    for start in range(0, len(frames), _BLOCK_FRAMES):
        spectra = scipy.fft.rfft(frames[start : start + _BLOCK_FRAMES] * window, axis=1)
        inside = spectra[:, : edges[-1]]
        power = np.square(inside.real) + np.square(inside.imag)
        blocks.append(np.add.reduceat(power, edges[:-1], axis=1))
    return np.concatenate(blocks)


def _heard(energies: NDArray[np.float32], growth: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether the bits of each step come from a sound, and from one that changes."""
    total = energies.sum(axis=1) / (_FRAME * _FRAME)
    level_db = 10 * np.log10(np.maximum(total, _MIN_POWER))
    soft_db, loud_db = np.percentile(level_db, (_SOFT_PERCENTILE, _LOUD_PERCENTILE))
    steady = loud_db - soft_db < _MIN_RANGE_DB
    if steady:
        return np.zeros(len(growth), dtype=np.bool_)
    here, before = total[_SPAN_STEPS:], total[:-_SPAN_STEPS]
    change = np.abs(growth).sum(axis=1) / (_FRAME * _FRAME)
    loud = np.maximum(level_db[_SPAN_STEPS:], level_db[:-_SPAN_STEPS])
    heard: NDArray[np.bool_] = loud > loud_db - _MAX_BELOW_LOUD_DB
    heard &= change > _MIN_CHANGE * (here + before)
    return heard
