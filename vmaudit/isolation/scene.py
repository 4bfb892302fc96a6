"""What the sound of a recording says before any word is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from vmaudit.isolation.contrast import stands_out
from vmaudit.isolation.signals import Signal, SignalKind, classify
from vmaudit.isolation.tones import steady_tones
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Timed

__all__ = ["MIN_MESSAGE_S", "Scene", "clipped", "survey", "total_s", "with_speech"]

MIN_MESSAGE_S = 0.3  # of speech; one spoken digit is about that long
_MIN_PIECE_S = 0.1  # what a tone leaves of an interval of speech
_MIN_GREETING_S = 0.8
_MAX_OVERLAP = 0.5  # of the speech of whoever speaks less: people take turns
_MORE_SPEECH = 1.3  # a message is longer than what a mailbox says
_LONG_GAP_S = 3.0  # no pause of a message
_MIN_SECOND_S = 1.0  # of speech, to be believed at so low a level
_CROSSTALK_DB = 6.0  # so much softer than the other channel is no voice of one's own
_EDGE_S = 0.02  # how well the edges of a tone are known

Samples = NDArray[np.float32]
Detect = Callable[[Samples], Sequence[Interval]]


@dataclass(frozen=True, slots=True)
class Scene:
    """The sounds of one recording, in time order, in seconds from its first sample.

    ``voiced`` is speech without the signals. Where each party has a channel of its own,
    ``other`` is the speech of the one that is not judged, and the signals are those of both;
    else it is None. ``rep_is_other``: the rep was found on the channel given as the other party's.
    """

    duration_s: float
    signals: tuple[Signal, ...]
    voiced: tuple[Interval, ...]
    other: tuple[Interval, ...] | None = None
    rep_is_other: bool = False

    def of_kind(self, *kinds: SignalKind) -> list[Signal]:
        """The signals of these kinds."""
        return [signal for signal in self.signals if signal.kind in kinds]

    def spoken_s(self, start_s: float, end_s: float = inf) -> float:
        """How long somebody speaks between two times, pauses left out."""
        return total_s(clipped(self.voiced, start_s, end_s))


def survey(
    samples: Samples,
    detect: Detect,
    *,
    other_party: Samples | None = None,
    rep_is_told: bool = False,
) -> Scene:
    """Find signals and speech in one recording.

    ``samples``, and the channel of the ``other_party`` where it has one: finite mono float32 of
    shape ``(n,)`` at ``SAMPLE_RATE_HZ``, of any level. ``detect`` gives the voice activity of
    such an array; it is asked after the signals are silenced, because a network that
    remembers misses quiet words right after a loud beep. Unless ``rep_is_told``, the rep's channel
    is the one where ringing and beeps are softer, or that has far more speech. Raises
    ``ValueError`` for another shape or a sample that is not finite.
    """
    for channel in (samples, other_party):
        if channel is not None and not (channel.ndim == 1 and np.isfinite(channel).all()):
            raise ValueError(f"samples must be finite and of shape (n,), here {channel.shape}")
    duration_s = len(samples) / SAMPLE_RATE_HZ
    signals, voiced = _listen(samples, detect)
    if other_party is None:
        return Scene(duration_s, signals, voiced)
    others, other = _listen(other_party, detect)
    signals = _merged(signals, others)
    voiced, other = _louder(samples, other_party, voiced), _louder(other_party, samples, other)
    if _overlap_s(voiced, other) > _MAX_OVERLAP * min(total_s(voiced), total_s(other)):
        return Scene(duration_s, signals, voiced)  # one room, two microphones
    line = [signal for signal in signals if signal.kind in ("ring", "beep")]
    if line:
        swapped = sum(_power(samples, one) - _power(other_party, one) for one in line) > 0
    else:
        swapped = total_s(other) > _MORE_SPEECH * total_s(voiced)
    if swapped and not rep_is_told:
        return Scene(duration_s, signals, other, voiced, rep_is_other=True)
    return Scene(duration_s, signals, voiced, other)


def with_speech(scene: Scene, more: Sequence[Timed]) -> Scene:
    """Count more of a recording as speech, but for what is a signal."""
    merged: list[Interval] = []
    for one in sorted((*scene.voiced, *more), key=lambda one: one.start_s):
        if merged and one.start_s < merged[-1].end_s:
            merged[-1] = Interval(merged[-1].start_s, max(merged[-1].end_s, one.end_s))
        else:
            merged.append(Interval(one.start_s, one.end_s))
    return replace(scene, voiced=_without(merged, scene.signals)) if more else scene


def _listen(samples: Samples, detect: Detect) -> tuple[tuple[Signal, ...], tuple[Interval, ...]]:
    """Signals and speech of one channel.

    What lies between beeps is searched by itself: the greeting may be far louder than the
    message, and voice activity is found relative to the level of what it is shown.
    """
    signals = classify(steady_tones(samples))
    tones = [Interval(signal.start_s, signal.end_s) for signal in signals]
    muted = _muted(samples, signals)
    edges_s = [0.0, *(s.end_s for s in signals if s.kind == "beep"), len(samples) / SAMPLE_RATE_HZ]
    speech = [
        one for start_s, end_s in pairwise(edges_s) for one in _in(muted, detect, start_s, end_s)
    ]
    voiced = stands_out(samples, _without(speech, signals), tones)
    return _beeps_after_speech(signals, voiced), voiced


def _beeps_after_speech(
    signals: Sequence[Signal], voiced: Sequence[Interval]
) -> tuple[Signal, ...]:
    """One line near 425 Hz rings, unless somebody has spoken before it: then it is a beep."""
    return tuple(
        replace(one, kind="beep")
        if one.kind == "ring" and one.single and _spoken_before_s(voiced, one) >= _MIN_GREETING_S
        else one
        for one in signals
    )


def _spoken_before_s(voiced: Sequence[Interval], signal: Signal) -> float:
    return total_s(clipped(voiced, 0.0, signal.start_s))


def _in(samples: Samples, detect: Detect, start_s: float, end_s: float) -> list[Interval]:
    """Speech between two times; a long stretch without any is searched again by itself.

    Where nothing at all is found, ``detect`` has looked twice already.
    """
    first = _found(samples, detect, start_s, end_s)
    edges_s = [start_s, *(t for one in first for t in (one.start_s, one.end_s)), end_s]
    again: list[Interval] = []
    if first:
        for gap_start_s, gap_end_s in zip(edges_s[::2], edges_s[1::2], strict=True):
            if gap_end_s - gap_start_s >= _LONG_GAP_S:
                found = _found(samples, detect, gap_start_s, gap_end_s)
                again += found if total_s(found) >= _MIN_SECOND_S else []
    return sorted([*first, *again], key=lambda one: one.start_s)


def _found(samples: Samples, detect: Detect, start_s: float, end_s: float) -> list[Interval]:
    piece = samples[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
    found = detect(piece) if piece.any() else ()
    return [Interval(one.start_s + start_s, one.end_s + start_s) for one in found]


def _overlap_s(one: Sequence[Interval], other: Sequence[Interval]) -> float:
    """How long both channels speak at once."""
    return sum(total_s(clipped(other, part.start_s, part.end_s)) for part in one)


def _louder(own: Samples, other: Samples, speech: Sequence[Interval]) -> tuple[Interval, ...]:
    """The speech of a channel that is not the other party's, heard through from its channel."""
    least = 10 ** (-_CROSSTALK_DB / 10)
    return tuple(one for one in speech if _power(own, one) > _power(other, one) * least)


def _power(samples: Samples, where: Interval | Signal) -> float:
    """Mean square between two times."""
    first, last = (round(t * SAMPLE_RATE_HZ) for t in (where.start_s, where.end_s))
    part = samples[first : max(last, first + 1)]
    return float(np.mean(np.square(part, dtype=np.float64))) if len(part) else 0.0


def _muted(samples: Samples, signals: Sequence[Signal]) -> Samples:
    """The samples with the signals silenced; a copy where there are any."""
    if not signals:
        return samples
    muted = samples.copy()
    for signal in signals:
        start_s = max(signal.start_s - _EDGE_S, 0.0)
        end_s = signal.end_s + _EDGE_S
        muted[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)] = 0
    return muted


def _without(speech: Sequence[Interval], signals: Sequence[Signal]) -> tuple[Interval, ...]:
    """Cut the signals out of ``speech``; pieces too short to be a syllable go too."""
    pieces = []
    for interval in speech:
        start_s = interval.start_s
        for signal in signals:
            if signal.end_s <= start_s or signal.start_s >= interval.end_s:
                continue
            pieces.append(Interval(start_s, signal.start_s))
            start_s = signal.end_s
        pieces.append(Interval(start_s, interval.end_s))
    whole = set(speech)
    return tuple(p for p in pieces if p in whole or p.duration_s >= _MIN_PIECE_S)


def _merged(own: Sequence[Signal], others: Sequence[Signal]) -> tuple[Signal, ...]:
    """Signals of both channels; one that is heard on both counts once."""
    found = list(others)
    for signal in own:
        if all(signal.end_s <= one.start_s or one.end_s <= signal.start_s for one in others):
            found.append(signal)
    return tuple(sorted(found, key=lambda signal: signal.start_s))


def clipped(speech: Iterable[Interval], start_s: float, end_s: float) -> tuple[Interval, ...]:
    """What of ``speech`` lies between two times."""
    inside = (Interval(max(i.start_s, start_s), min(i.end_s, end_s)) for i in speech)
    return tuple(interval for interval in inside if interval.duration_s > 0)


def total_s(speech: Iterable[Interval]) -> float:
    """How long all intervals are together."""
    return sum(interval.duration_s for interval in speech)
