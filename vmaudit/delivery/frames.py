"""The stretch of a recording that is measured, cut into short-time frames.

Frames are 32 ms (512 samples, two periods of a 62.5 Hz voice) every 10 ms, centred on
their time. Every other module of this room takes its audio from here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import librosa  # itself lazy: its first use loads numba, about 2 s
import numpy as np
from numpy.typing import NDArray

from vmaudit.records import SAMPLE_RATE_HZ, Interval, Isolation, Track

FRAME_LENGTH = 512  # samples
HOP_LENGTH = 160  # samples
HOP_S = HOP_LENGTH / SAMPLE_RATE_HZ
_SHORTEST_S = 2 / SAMPLE_RATE_HZ  # less may hold no sample
CONTEXT_S = 1.0  # kept on either side of the message, where the line's noise may be heard
DIGITAL_SILENCE = 1e-5  # RMS re full scale 1.0: -100 dBFS, a third of one 16-bit step


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Why a value could not be measured."""

    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class MessageAudio:
    """A message with its context, cut from the recording.

    ``samples``: shape ``(n,)`` float32, the message's mean (the line's offset) removed.
    ``rms``: shape ``(frames,)``, re full scale 1.0, at ``times_s`` of the recording.
    ``speech``: sorted, disjoint, within ``message``.
    """

    samples: NDArray[np.float32]
    origin_s: float
    message: Interval
    speech: tuple[Interval, ...]
    rms: NDArray[np.float64]
    times_s: NDArray[np.float64]

    @property
    def message_s(self) -> float:
        """Seconds from the first to the last voice activity."""
        return self.speech[-1].end_s - self.speech[0].start_s

    def cut(self, stretch: Interval) -> NDArray[np.float32]:
        """Return the samples of one stretch, shape ``(k,)``."""
        start, end = (
            max(0, round((time_s - self.origin_s) * SAMPLE_RATE_HZ))
            for time_s in (stretch.start_s, stretch.end_s)
        )
        return self.samples[start:end]

    def speech_samples(self) -> NDArray[np.float32]:
        """Return the samples of all voice activity, joined."""
        return np.concatenate([self.cut(interval) for interval in self.speech])

    def frames_within(self, stretches: Sequence[Interval]) -> NDArray[np.bool_]:
        """Mark the frames whose centre lies in one of the sorted, disjoint stretches."""
        edges = [edge for stretch in stretches for edge in (stretch.start_s, stretch.end_s)]
        inside: NDArray[np.bool_] = np.searchsorted(edges, self.times_s, side="right") % 2 == 1
        return inside


def message_audio(samples: NDArray[np.float32], isolation: Isolation) -> MessageAudio | Unmeasured:
    """Cut the message and up to ``CONTEXT_S`` on either side out of a recording.

    Raises ``ValueError`` when ``samples`` are not one finite channel.
    """
    if samples.ndim != 1 or not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(
            f"samples must be floats of shape (n,), not {samples.dtype}{samples.shape}"
        )
    if isolation.message is None:
        return Unmeasured("; ".join(isolation.reasons) or "no message was found")
    recording = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    message = union([isolation.message], within=recording)
    if not message:
        return Unmeasured("the message lies outside the recording")
    speech = union(isolation.speech, within=message[0])
    if not speech:
        return Unmeasured("no voice activity in the message")
    start, stop = _bounds(message[0], len(samples))
    kept = np.asarray(samples[start:stop], dtype=np.float32)
    if not np.isfinite(kept).all():
        raise ValueError("samples must be finite; found NaN or infinity")
    first, last = (round(edge * SAMPLE_RATE_HZ) for edge in (message[0].start_s, message[0].end_s))
    kept = kept - samples[first:last].mean(dtype=np.float64).astype(np.float32)
    rms = _short_time_rms(kept)
    origin_s = start / SAMPLE_RATE_HZ
    return MessageAudio(
        samples=kept,
        origin_s=origin_s,
        message=message[0],
        speech=speech,
        rms=rms,
        times_s=origin_s + np.arange(len(rms), dtype=np.float64) * HOP_S,
    )


def union(stretches: Sequence[Interval], within: Interval) -> tuple[Interval, ...]:
    """Clip stretches to ``within``, drop the empty ones, and join those that touch or overlap."""
    clipped = [
        Interval(max(one.start_s, within.start_s), min(one.end_s, within.end_s))
        for one in stretches
    ]
    # Written so that a NaN is dropped too.
    kept = [one for one in clipped if one.duration_s >= _SHORTEST_S]
    joined: list[Interval] = []
    for one in sorted(kept, key=lambda interval: interval.start_s):
        if joined and one.start_s <= joined[-1].end_s:
            joined[-1] = Interval(joined[-1].start_s, max(joined[-1].end_s, one.end_s))
        else:
            joined.append(one)
    return tuple(joined)


def gaps(stretches: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return what lies between sorted, disjoint stretches."""
    return tuple(Interval(before.end_s, after.start_s) for before, after in pairwise(stretches))


def over_time(
    audio: MessageAudio,
    values: NDArray[np.float64],
    *,
    step_s: float,
    average: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Track:
    """Average frames step by step, from the first speech to the last, to a tenth of their unit.

    ``values``: shape ``(frames,)``, NaN where unknown. ``average`` takes shape ``(steps, frames
    per step)``, every row with something known in it, and returns shape ``(steps,)``. A step
    with nothing known is None.
    """
    first, last = np.searchsorted(audio.times_s, [audio.speech[0].start_s, audio.speech[-1].end_s])
    per_step = round(step_s / HOP_S)
    steps = np.full((math.ceil((last - first) / per_step), per_step), np.nan)
    steps.reshape(-1)[: last - first] = values[first:last]
    known = np.asarray(~np.isnan(steps).all(axis=1))
    averages = np.full(len(steps), np.nan)
    if known.any():
        averages[known] = average(steps[known])
    return Track(
        start_s=audio.origin_s + float(first) * HOP_S,
        step_s=step_s,
        values=tuple(None if math.isnan(one) else round(float(one), 1) for one in averages),
    )


def decibels(amplitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 20 log10 of an amplitude re full scale 1.0, floored at digital silence."""
    level: NDArray[np.float64] = 20 * np.log10(np.maximum(amplitude, DIGITAL_SILENCE))
    return level


def _bounds(message: Interval, size: int) -> tuple[int, int]:
    """Whole hops of context, so that frames keep their place relative to the message."""
    first = round(message.start_s * SAMPLE_RATE_HZ)
    context = round(CONTEXT_S / HOP_S)
    start = first - HOP_LENGTH * min(context, first // HOP_LENGTH)
    stop = round((message.end_s + CONTEXT_S) * SAMPLE_RATE_HZ)
    return start, min(stop, size)


def _short_time_rms(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    rms = librosa.feature.rms(y=samples, frame_length=FRAME_LENGTH, hop_length=HOP_LENGTH)
    return np.asarray(rms[0], dtype=np.float64)
