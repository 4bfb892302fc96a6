"""Frames of any rate, format and channel count to float32 samples at 16 kHz."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from vmaudit.audio.channels import ChannelName, KeptChannel, Wanted, keep_channel
from vmaudit.errors import LimitExceeded
from vmaudit.records import SAMPLE_RATE_HZ

__all__ = ["PcmCollector"]

MAX_KEPT_CHANNELS = 2  # more are reduced while decoding, so that memory stays bounded


@dataclass
class _Segment:
    """What was decoded since the last change of rate or layout."""

    sample_rate_hz: int
    resampler: av.AudioResampler
    samples_in: int = 0
    chunks: list[NDArray[np.float32]] = field(default_factory=list)


class PcmCollector:
    """Takes decoded frames one by one and gives one waveform at the end.

    A stream may change its rate or its channels midway; each stretch is then resampled
    on its own. Memory is bounded by ``max_duration_s``.
    """

    def __init__(self, *, keep: Wanted, max_duration_s: float) -> None:
        self._keep: Wanted = keep
        self._max_duration_s = max_duration_s
        self._segments: list[_Segment] = []
        self._form: tuple[str, str, int] | None = None
        self._reduced: ChannelName | None = None
        self.channels = 0
        self.sample_rate_hz = 0

    @property
    def duration_s(self) -> float:
        """Length of everything taken so far, at the rates of the file."""
        return sum(part.samples_in / part.sample_rate_hz for part in self._segments)

    def add(self, frame: AudioFrame) -> None:
        """Take one frame. Raises ``LimitExceeded`` once it is too long."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            self._start_segment(frame)
            self._form = form
        segment = self._segments[-1]
        segment.samples_in += frame.samples
        self._take(segment, segment.resampler.resample(frame))
        if self.duration_s > self._max_duration_s:
            raise LimitExceeded(f"longer than {self._max_duration_s:g} s")

    def finish(self, claimed_samples: int | None, padding_s: float) -> None:
        """Flush. What ends up to ``padding_s`` past ``claimed_samples`` is codec padding: cut."""
        self._flush()
        if claimed_samples is None or len(self._segments) != 1:
            return
        segment = self._segments[0]
        if 0 <= segment.samples_in - claimed_samples <= padding_s * segment.sample_rate_hz:
            segment.samples_in = claimed_samples

    def mono(self) -> KeptChannel:
        """Return the channel that counts, shape ``(n,)``, finite and in [-1, 1]."""
        parts = [_joined(segment) for segment in self._segments]
        if len({part.shape[1] for part in parts}) > 1:
            parts = [part.mean(axis=1, keepdims=True, dtype=np.float32) for part in parts]
            self._reduced = "mix"
        kept = keep_channel(np.concatenate(parts), self._keep)
        return kept if self._reduced is None else replace(kept, name=self._reduced)

    def _start_segment(self, frame: AudioFrame) -> None:
        self._flush()
        # Packed, not planar: PyAV 18 reads past the end when it copies over 8 planes to NumPy.
        resampler = av.AudioResampler("flt", frame.layout, SAMPLE_RATE_HZ)
        self._segments.append(_Segment(frame.sample_rate, resampler))
        if self.channels == 0:
            self.channels = frame.layout.nb_channels
            self.sample_rate_hz = frame.sample_rate

    def _flush(self) -> None:
        if self._form is not None:
            self._take(self._segments[-1], self._segments[-1].resampler.resample(None))
            self._form = None

    def _take(self, segment: _Segment, frames: Sequence[AudioFrame]) -> None:
        for frame in frames:
            channels = frame.layout.nb_channels
            chunk = frame.to_ndarray().reshape(-1, channels).astype(np.float32, copy=False)
            if channels > MAX_KEPT_CHANNELS:
                kept = keep_channel(_bounded(chunk), self._keep)
                chunk, self._reduced = kept.samples[:, np.newaxis], kept.name
            segment.chunks.append(chunk)


def _bounded(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Float PCM may hold anything: not-a-number becomes 0, and what is over full scale clips."""
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    bounded: NDArray[np.float32] = np.clip(finite, -1.0, 1.0).astype(np.float32, copy=False)
    return bounded


def _joined(segment: _Segment) -> NDArray[np.float32]:
    """Join the chunks to the exact length; the resampler may end a sample or so off."""
    length = round(segment.samples_in * SAMPLE_RATE_HZ / segment.sample_rate_hz)
    if not segment.chunks:  # shorter than the resampler's filter
        return np.zeros((length, 1), dtype=np.float32)
    samples = _bounded(np.concatenate(segment.chunks)[:length])
    return np.pad(samples, ((0, length - len(samples)), (0, 0)))
