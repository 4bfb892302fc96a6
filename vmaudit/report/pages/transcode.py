"""Recordings as MP3: those that browsers do not play, such as GSM and AMR, and muted ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from vmaudit.records import AudioInfo, Interval

BIT_RATE = 48_000  # bit/s: transparent for one voice in telephone bandwidth
RATE_HZ = 16_000
_SIDES = {"left": 0, "right": 1}


def to_mp3(
    source: Path, target: Path, info: AudioInfo | None = None, muted: Sequence[Interval] = ()
) -> None:
    """Write ``source`` to ``target`` as mono MP3, without tags, silent where it is ``muted``.

    With ``info`` nothing but the channel that was audited is in it. Raises ``OSError`` or
    ``ValueError`` (PyAV's errors are one of them) where it holds no audio that can be read.
    """
    side = _SIDES.get(info.channel) if info else None
    with av.open(str(source)) as wanted, av.open(str(target), "w", format="mp3") as made:
        if not wanted.streams.audio:
            raise ValueError(f"no audio in {source}")
        stream = made.add_stream("mp3", rate=RATE_HZ, layout="mono")
        if not isinstance(stream, AudioStream):
            raise ValueError("this PyAV has no MP3 encoder")
        stream.bit_rate = BIT_RATE
        position = 0
        for samples in _decoded(wanted, side):
            _mute(samples, position, muted)
            frame = AudioFrame.from_ndarray(samples[np.newaxis], format="s16p", layout="mono")
            frame.sample_rate, frame.pts = RATE_HZ, position
            frame.time_base = Fraction(1, RATE_HZ)
            made.mux(stream.encode(frame))
            position += len(samples)
        made.mux(stream.encode(None))


def _decoded(wanted: InputContainer, side: int | None) -> Iterator[NDArray[np.int16]]:
    """Samples at ``RATE_HZ``, a frame at a time: of one side, else of all channels together."""
    layout = "mono" if side is None else "stereo"
    resampler = av.AudioResampler(format="s16p", layout=layout, rate=RATE_HZ)
    for frame in chain(wanted.decode(audio=0), [None]):
        for part in resampler.resample(frame):
            yield part.to_ndarray()[side or 0].copy()


def _mute(samples: NDArray[np.int16], position: int, muted: Sequence[Interval]) -> None:
    for interval in muted:
        start = int(interval.start_s * RATE_HZ) - position
        end = int(np.ceil(interval.end_s * RATE_HZ)) - position
        samples[max(0, start) : max(0, end)] = 0
