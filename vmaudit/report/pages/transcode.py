"""Recordings that browsers do not play, such as GSM and AMR, as MP3."""

from __future__ import annotations

from pathlib import Path

import av
from av.audio.stream import AudioStream

BIT_RATE = 48_000  # bit/s: transparent for one voice in telephone bandwidth
RATE_HZ = 16_000


def to_mp3(source: Path, target: Path) -> None:
    """Write ``source`` to ``target`` as mono MP3.

    Raises ``OSError`` or ``ValueError`` (PyAV's errors are one of them) where it holds no audio
    that can be read.
    """
    with av.open(str(source)) as wanted, av.open(str(target), "w", format="mp3") as made:
        if not wanted.streams.audio:
            raise ValueError(f"no audio in {source}")
        stream = made.add_stream("mp3", rate=RATE_HZ, layout="mono")
        if not isinstance(stream, AudioStream):
            raise ValueError("this PyAV has no MP3 encoder")
        stream.bit_rate = BIT_RATE
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE_HZ)
        for frame in wanted.decode(audio=0):
            for part in resampler.resample(frame):
                made.mux(stream.encode(part))
        for part in resampler.resample(None):
            made.mux(stream.encode(part))
        made.mux(stream.encode(None))
