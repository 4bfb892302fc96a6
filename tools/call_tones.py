"""The tones of composed calls: ringing, beeps, and what follows when the line goes down.

Signals are as in ``telephone``: mono float64 at ``LINE_RATE_HZ``, shape ``(n,)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from telephone import LINE_RATE_HZ, RINGBACK_HZ, Signal, silence

Part = Literal["tuning", "testing"]
BeepKind = Literal[
    "single", "harmonics", "double", "triple", "two_tone", "falling", "rising", "bong"
]

_REPEATS = {"double": 2, "triple": 3}
_REPEAT_GAP_S = 0.13
_HARMONICS = (1.0, 0.12, 0.05)  # amplitudes: a beep of a cheap oscillator
_BONG = (1.0, 0.4, 0.15)
_BONG_DECAY = 5.0  # natural logarithm of how far it falls until it is cut
_CADENCE_FADE_S = 0.005


@dataclass(frozen=True, slots=True)
class Cadence:
    """Frequencies that sound together; ``on_off_s``: sound, silence, sound, silence, ..."""

    frequencies_hz: tuple[float, ...]
    on_off_s: tuple[float, ...]


# ITU-T E.180 supplement 2: the tones of national networks.
RINGS: Mapping[str, Cadence] = {
    "us": Cadence(RINGBACK_HZ, (2.0, 4.0)),
    "uk": Cadence((400.0, 450.0), (0.4, 0.2, 0.4, 2.0)),
    "european": Cadence((425.0,), (1.0, 4.0)),
}
HANG_UPS: Mapping[str, Cadence] = {
    "busy": Cadence((480.0, 620.0), (0.5, 0.5)),
    "reorder": Cadence((480.0, 620.0), (0.25, 0.25)),
    "dial": Cadence((350.0, 440.0), (1.0,)),
}


@dataclass(frozen=True, slots=True)
class Ringing:
    """``rings`` rings without the pause after the last; the rest is cut off at either end."""

    cadence: str
    rings: int
    cut_start_s: float = 0.0
    cut_end_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HangUpTone:
    """What the network plays when the other side is gone."""

    cadence: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Beep:
    """A mailbox's beep. ``sounding_s``: of one part of a double or triple one."""

    kind: BeepKind
    frequencies_hz: tuple[float, ...]
    sounding_s: float
    fade_s: float

    @property
    def duration_s(self) -> float:
        """From the first to the last moment of sound."""
        repeats = _REPEATS.get(self.kind, 1)
        return repeats * self.sounding_s + (repeats - 1) * _REPEAT_GAP_S


@dataclass(frozen=True, slots=True)
class BeepRange:
    """What the beeps of one part are drawn from; ``pairs_hz`` for kinds with two tones."""

    kinds: tuple[BeepKind, ...]
    pitches_hz: tuple[float, ...]
    pairs_hz: tuple[tuple[float, float], ...]
    bongs_hz: tuple[float, ...]
    durations_s: tuple[float, ...]

    def draw(self, rng: np.random.Generator) -> Beep:
        """Any of them, half with hard edges."""
        kind = self.kinds[int(rng.integers(len(self.kinds)))]
        duration_s = self.durations_s[int(rng.integers(len(self.durations_s)))]
        fade_s = (0.0, 0.01)[int(rng.integers(2))]
        if kind in ("two_tone", "falling", "rising"):
            pair = self.pairs_hz[int(rng.integers(len(self.pairs_hz)))]
            ordered = sorted(pair, reverse=kind == "falling")
            return Beep(kind, tuple(ordered), max(duration_s, 0.24), fade_s)
        if kind == "bong":
            pitch = self.bongs_hz[int(rng.integers(len(self.bongs_hz)))]
            return Beep(kind, (pitch,), max(duration_s, 0.5), 0.0)
        pitch = self.pitches_hz[int(rng.integers(len(self.pitches_hz)))]
        if kind in _REPEATS:
            duration_s = min(duration_s, 0.4)
        return Beep(kind, (pitch,), duration_s, fade_s)


# "single" stands twice: most mailboxes have a plain one.
BEEPS: Mapping[Part, BeepRange] = {
    "tuning": BeepRange(
        kinds=("single", "single", "harmonics", "double", "two_tone", "falling"),
        pitches_hz=(440.0, 523.0, 620.0, 784.0, 950.0, 1000.0, 1100.0, 1400.0, 1750.0),
        pairs_hz=((853.0, 960.0), (600.0, 1300.0), (770.0, 1150.0)),
        bongs_hz=(),
        durations_s=(0.15, 0.2, 0.3, 0.4, 0.6, 1.0),
    ),
    "testing": BeepRange(
        kinds=("single", "single", "harmonics", "triple", "two_tone", "rising", "bong"),
        pitches_hz=(480.0, 560.0, 700.0, 850.0, 1020.0, 1250.0, 1600.0, 2000.0),
        pairs_hz=((900.0, 1230.0), (520.0, 660.0), (1050.0, 1900.0)),
        bongs_hz=(415.0, 550.0, 660.0),
        durations_s=(0.12, 0.18, 0.25, 0.5, 0.8, 1.4),
    ),
}


def ringing(ring: Ringing) -> Signal:
    """The rings from the first to the last moment of sound, cut as ordered; peak 1."""
    cadence = RINGS[ring.cadence]
    line = np.tile(_period(cadence), ring.rings)
    line = line[: len(line) - round(cadence.on_off_s[-1] * LINE_RATE_HZ)]
    start, end = (round(cut_s * LINE_RATE_HZ) for cut_s in (ring.cut_start_s, ring.cut_end_s))
    return line[start : len(line) - end]


def hang_up_tone(tone: HangUpTone) -> Signal:
    """As many periods as fit the duration, the last one cut; peak 1."""
    period = _period(HANG_UPS[tone.cadence])
    count = round(tone.duration_s * LINE_RATE_HZ)
    return np.resize(period, count)


def beep(order: Beep) -> Signal:
    """The beep as ordered; its loudest partial has a peak of about 1."""
    first = order.frequencies_hz[0]
    match order.kind:
        case "harmonics":
            partials = [(first * (n + 1), level) for n, level in enumerate(_HARMONICS)]
            return _partials(partials, order.sounding_s, order.fade_s)
        case "double" | "triple":
            sound = _partials([(first, 1.0)], order.sounding_s, order.fade_s)
            gap = silence(_REPEAT_GAP_S)
            return np.concatenate([sound, *[gap, sound] * (_REPEATS[order.kind] - 1)])
        case "falling" | "rising":
            half_s = order.sounding_s / 2
            pieces = [_partials([(f, 1.0)], half_s, order.fade_s) for f in order.frequencies_hz]
            return np.concatenate(pieces)
        case "bong":
            partials = [(first * (n + 1), level) for n, level in enumerate(_BONG)]
            sound = _partials(partials, order.sounding_s, order.fade_s)
            return sound * np.exp(-_BONG_DECAY * np.linspace(0, 1, len(sound)))
    return _partials([(f, 1.0) for f in order.frequencies_hz], order.sounding_s, order.fade_s)


def _period(cadence: Cadence) -> Signal:
    """One period of on and off."""
    pieces = []
    for index, duration_s in enumerate(cadence.on_off_s):
        if index % 2:
            pieces.append(silence(duration_s))
        else:
            # A tone that never stops has no edges to soften.
            fade_s = _CADENCE_FADE_S if len(cadence.on_off_s) > 1 else 0.0
            partials = [(f, 1 / len(cadence.frequencies_hz)) for f in cadence.frequencies_hz]
            pieces.append(_partials(partials, duration_s, fade_s))
    return np.concatenate(pieces)


def _partials(partials: list[tuple[float, float]], duration_s: float, fade_s: float) -> Signal:
    """Sines of (frequency in Hz, amplitude), with linear edges."""
    time_s = np.arange(round(duration_s * LINE_RATE_HZ)) / LINE_RATE_HZ
    line = np.zeros(len(time_s))
    for frequency_hz, amplitude in partials:
        line += amplitude * np.sin(2 * np.pi * frequency_hz * time_s)
    if fade_s:
        line *= np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / fade_s)
    return line
