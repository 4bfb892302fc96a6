"""From tones and voice activity to ring, greeting, beep, message and tail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from vmaudit.isolation.contrast import stands_out
from vmaudit.isolation.signals import Signal, SignalKind, classify
from vmaudit.isolation.tones import steady_tones
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Isolation, SegmentKind, Span

__all__ = ["isolate", "mute_tones"]

_MIN_MESSAGE_S = 0.3  # of speech; one spoken digit is about that long
_MIN_PIECE_S = 0.1  # what a tone leaves of an interval of speech
_MARGIN_S = 0.1  # kept around speech: soft consonants lie outside the voice activity
_MIN_TAIL_S = 0.1
_EDGE_S = 0.02  # how well the edges of a tone are known
_LABELS: Mapping[SignalKind, SegmentKind] = {"ring": "ring", "beep": "beep"}
_MAX_RING_GAP_S = 5.0  # North American ringback pauses for 4 s
_END_S = 1.5  # a beep with less than this after it ends the recording
_MAX_GREETING_S = 30.0  # few greetings last so long, and few mailboxes allow less for a message
_MIN_DOUBT_S = 8.0  # of speech: shorter is a greeting, with hardly a message's worth of words


def isolate(samples: NDArray[np.float32], speech: Sequence[Interval]) -> Isolation:
    """Find the rep's own message in one recording from acoustic evidence alone.

    ``samples``: finite mono float32 of shape ``(n,)`` at ``SAMPLE_RATE_HZ``, of any level;
    ``speech``: voice activity in ``mute_tones(samples)``, in time order. Returns ordered,
    disjoint spans in seconds from the first sample. The message runs from the first to the
    last speech after the last beep that has speech after it; without a beep, or with one
    beep only that a mailbox full after 30 s or more has made, over all speech after the
    ring. It is None, with its reasons, where less than 0.3 s of speech is left. Method and
    figures: ``docs/isolation.md``. Raises ``ValueError`` for another shape or a sample that
    is not finite.
    """
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise ValueError(f"samples must be finite and of shape (n,), here {samples.shape}")
    duration_s = len(samples) / SAMPLE_RATE_HZ
    signals = classify(steady_tones(samples))
    tones = [Interval(signal.start_s, signal.end_s) for signal in signals]
    voiced = stands_out(samples, _without(speech, signals), tones)
    opened_s = _opening(signals, voiced, duration_s)
    closed_s = _closing(signals, voiced, opened_s, duration_s)
    inside = _clip(voiced, opened_s, closed_s)
    if _total_s(inside) < _MIN_MESSAGE_S:
        spans = _spans(signals, voiced, None, duration_s)
        return Isolation(spans, None, (), _reasons(signals, voiced, duration_s))
    message = Interval(
        max(inside[0].start_s - _MARGIN_S, opened_s),
        min(inside[-1].end_s + _MARGIN_S, closed_s),
    )
    return Isolation(_spans(signals, voiced, message, duration_s), message, inside)


def mute_tones(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Silence ringing, beeps, DTMF and the other signals of the line.

    Same shape as ``samples``; a copy where there was anything to silence. Meant for voice
    activity: a network that remembers misses quiet words right after a loud beep.
    """
    signals = classify(steady_tones(samples))
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


def _opening(signals: Sequence[Signal], voiced: Sequence[Interval], duration_s: float) -> float:
    """Return when the message may begin at the earliest, in seconds.

    Infinity when beeps were heard, nothing was said after any of them, and what was said
    before is no message cut off by the mailbox.
    """
    if _before_end_beep_s(signals, voiced, duration_s) >= _MAX_GREETING_S:
        return 0.0
    kinds: tuple[SignalKind, ...] = ("beep", "ring")
    for kind in kinds:
        ends_s = [signal.end_s for signal in signals if signal.kind == kind]
        for end_s in reversed(ends_s):
            if _total_s(_clip(voiced, end_s, inf)) >= _MIN_MESSAGE_S:
                return end_s
        if kind == "beep" and ends_s:
            return inf
    return 0.0


def _before_end_beep_s(
    signals: Sequence[Signal], voiced: Sequence[Interval], duration_s: float
) -> float:
    """How long somebody spoke before the beep that ends the recording, pauses included.

    0 where there is no such beep, where it is not the only one, and where the call rang
    before it: the first voice is then the greeting's.
    """
    beeps = [signal for signal in signals if signal.kind == "beep"]
    rang = any(signal.kind == "ring" for signal in signals)
    if rang or len(beeps) != 1 or duration_s - beeps[0].end_s >= _END_S:
        return 0.0
    if _total_s(_clip(voiced, beeps[0].end_s, inf)) >= _MIN_MESSAGE_S:
        return 0.0
    before = _clip(voiced, 0.0, beeps[0].start_s)
    return before[-1].end_s - before[0].start_s if before else 0.0


def _closing(
    signals: Sequence[Signal], voiced: Sequence[Interval], opened_s: float, duration_s: float
) -> float:
    """Return when the message ends at the latest: at the first tone of a line hung up."""
    for signal in signals:
        after = signal.kind == "hangup" and signal.start_s > opened_s
        if after and _total_s(_clip(voiced, opened_s, signal.start_s)) >= _MIN_MESSAGE_S:
            return signal.start_s
    return duration_s


def _clip(speech: Iterable[Interval], start_s: float, end_s: float) -> tuple[Interval, ...]:
    inside = (Interval(max(i.start_s, start_s), min(i.end_s, end_s)) for i in speech)
    return tuple(interval for interval in inside if interval.duration_s > 0)


def _total_s(speech: Iterable[Interval]) -> float:
    return sum(interval.duration_s for interval in speech)


def _reasons(
    signals: Sequence[Signal], voiced: Sequence[Interval], duration_s: float
) -> tuple[str, ...]:
    if any(signal.kind == "beep" for signal in signals):
        doubtful = _before_end_beep_s(signals, voiced, duration_s) >= _MIN_DOUBT_S
        nothing = "no speech after the beep"
        return (nothing, "the speech before it may be the message") if doubtful else (nothing,)
    if voiced:
        return ("too little speech",)
    return ("only tones",) if signals else ("no speech",)


def _spans(
    signals: Sequence[Signal],
    voiced: Sequence[Interval],
    message: Interval | None,
    duration_s: float,
) -> tuple[Span, ...]:
    """Label what is known, in time order; without a message, the tail follows the last beep."""
    beeps = [signal for signal in signals if signal.kind == "beep"]
    if message is not None:
        heard_s, tail_s = message.start_s, message.end_s
    else:
        heard_s = tail_s = beeps[-1].end_s if beeps else duration_s
    spans = list(_before(signals, voiced if message or beeps else (), heard_s))
    if message is not None:
        spans.append(Span("message", message.start_s, message.end_s))
    if duration_s - tail_s >= _MIN_TAIL_S:
        spans.append(Span("tail", tail_s, duration_s))
    return tuple(spans)


def _before(
    signals: Sequence[Signal], voiced: Sequence[Interval], end_s: float
) -> tuple[Span, ...]:
    """Label ring, greeting and beep up to ``end_s``.

    Bursts of ringing are one span, and so is a greeting with its pauses.
    """
    parts = [Span("greeting", i.start_s, i.end_s) for i in voiced if i.end_s <= end_s]
    for signal in signals:
        if signal.end_s <= end_s and signal.kind in _LABELS:
            label = _LABELS[signal.kind]
            parts.append(Span(label, signal.start_s, signal.end_s, signal.confidence))
    spans: list[Span] = []
    for part in sorted(parts, key=lambda part: part.start_s):
        if spans and _continues(spans[-1], part):
            spans[-1] = replace(spans[-1], end_s=part.end_s)
        else:
            spans.append(part)
    return tuple(spans)


def _continues(span: Span, part: Span) -> bool:
    if span.kind == "ring":
        return part.kind == "ring" and part.start_s - span.end_s <= _MAX_RING_GAP_S
    return span.kind == part.kind == "greeting"
