"""One file to one waveform, through the FFmpeg libraries inside PyAV.

This is the only place where errors of PyAV and of the file system are turned into ours.
Files come from telephone systems and may be hostile, so only the demuxers named here may
open them, they read from the one open file, and nothing inside a file (a playlist, a
reference) can make them open another.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from vmaudit.audio.resample import PcmCollector
from vmaudit.config import AudioOptions
from vmaudit.errors import LimitExceeded, NotAudio, UnreadableFile
from vmaudit.records import AudioInfo, Waveform

__all__ = ["available_codecs", "decode"]

DEMUXERS = "wav,w64,aiff,au,caf,mp3,aac,amr,flac,ogg,mov,matroska,asf,avi,nistsphere,voc,ilbc,qcp"
# These two estimate their length from the first frames, so their "header" is a guess.
ESTIMATED_LENGTH = frozenset({"mp3", "aac"})
MIN_BIT_RATE_BPS = 1000  # no speech codec goes lower: a longer claim is more than the file holds
MIN_DURATION_S = 0.1  # less is what is left of a file that was cut off, and no message
CODEC_PADDING_S = 0.25  # block codecs in WAV end on a whole block, at most this far past the end
RAW_SAMPLE_RATE_HZ = 8000  # ITU-T G.711
GSM_FRAME_BYTES = 33  # one 20 ms frame of GSM 06.10, which starts with the nibble 0xD
GSM_FRAMES_CHECKED = 3
BYTES_PER_MB = 1_000_000
TELEPHONE_DECODERS = (
    "pcm_mulaw", "pcm_alaw", "pcm_s16le", "gsm", "gsm_ms", "amrnb", "amrwb", "adpcm_ima_wav",
    "adpcm_ms", "g722", "g726", "g729", "mp3", "aac", "opus", "vorbis", "speex", "flac",
)  # fmt: skip


class _Source:
    """The open file without its name, so that no ending sways how it is recognised."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


class _Claim(NamedTuple):
    """How long the header says it is; None where it does not say."""

    duration_s: float | None
    samples: int | None


def decode(path: Path, options: AudioOptions) -> Waveform:
    """Read the best audio stream of ``path`` as mono float32 in [-1, 1] at 16 kHz.

    The length is ``round(n * 16000 / rate)`` for ``n`` samples in the file. A file that
    was cut off keeps what can be decoded, if that is at least 0.1 s. Content that is not
    recognised counts as headerless G.711 at 8 kHz where ``raw_codec`` says so. The rule for
    which channel is kept, and what the other party's is, stands in ``vmaudit.audio.channels``.

    Raises ``UnreadableFile``; ``LimitExceeded`` for more than ``max_size_mb`` (10**6
    bytes each) or ``max_duration_s``; ``NotAudio`` for anything else that is no audio.
    """
    try:
        with _open_regular(path) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if size_bytes > options.max_size_mb * BYTES_PER_MB:
                size_mb = size_bytes / BYTES_PER_MB
                raise LimitExceeded(f"{size_mb:.0f} MB, more than {options.max_size_mb:g} MB")
            if size_bytes == 0:
                raise NotAudio("empty file")
            with _open_container(file, options) as container:
                return _decode_container(container, size_bytes, options)
    except av.FFmpegError as error:
        if isinstance(error.__cause__ or error.__context__, OSError):
            raise UnreadableFile("cannot be read to its end") from error
        raise NotAudio(f"cannot be decoded as audio: {_plain(error)}") from error
    except MemoryError as error:
        raise LimitExceeded("decoding needs more memory than there is") from error
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {_plain(error)}") from error


def available_codecs() -> Mapping[str, bool]:
    """Say for each codec that telephone systems record in whether PyAV can decode it."""
    return {name: name in av.codecs_available for name in TELEPHONE_DECODERS}


def _plain(error: OSError | av.FFmpegError) -> str:
    return (error.strerror or "unknown error").lower()


def _open_regular(path: Path) -> BinaryIO:
    """Open without waiting for a writer, as a pipe would, and only if it is a regular file."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableFile("not a regular file")
    return os.fdopen(descriptor, "rb")


def _open_container(file: BinaryIO, options: AudioOptions) -> InputContainer:
    # Tags are not read, and old ones are not always UTF-8.
    opened = partial(av.open, mode="r", metadata_errors="replace")
    closed = {"protocol_whitelist": "none"}
    if _is_raw_gsm(file):
        return opened(_Source(file), format="gsm", options=closed)
    try:
        return opened(_Source(file), options=closed | {"format_whitelist": DEMUXERS})
    except av.FFmpegError:
        if options.raw_codec is None:
            raise
    file.seek(0)
    raw = {"sample_rate": str(RAW_SAMPLE_RATE_HZ), "ch_layout": "mono"}
    return opened(_Source(file), format=options.raw_codec, options=closed | raw)


def _is_raw_gsm(file: BinaryIO) -> bool:
    """Whether frames start where they must. Idle A-law is 0xD5 and 0x55 throughout: not GSM."""
    head = file.read(GSM_FRAME_BYTES * GSM_FRAMES_CHECKED)
    file.seek(0)
    starts = head[::GSM_FRAME_BYTES]
    idle = sum(byte >> 4 in (0xD, 0x5) for byte in head)
    return (
        len(head) >= GSM_FRAME_BYTES
        and all(first >> 4 == 0xD for first in starts)
        and idle <= len(head) / 3
    )


def _decode_container(
    container: InputContainer, size_bytes: int, options: AudioOptions
) -> Waveform:
    stream = container.streams.best("audio")
    if not isinstance(stream, AudioStream):
        raise NotAudio("no audio stream in it")
    if stream.codec_context is None:
        raise NotAudio("its audio is in a codec that is not known")
    claim = _claimed_length(container, stream)
    _refuse_claimed_length(claim, stream, size_bytes, options.max_duration_s)
    collector = PcmCollector(keep=options.channel, max_duration_s=options.max_duration_s)
    _read_packets(container, stream, collector)
    collector.finish(claim.samples, CODEC_PADDING_S)
    duration_s = collector.duration_s
    if duration_s == 0:
        raise NotAudio("no audio samples in it")
    if duration_s < MIN_DURATION_S:
        raise NotAudio(f"truncated: only {duration_s:.3f} s of audio in it")
    kept = collector.mono()
    info = AudioInfo(
        duration_s=duration_s,
        sample_rate_hz=collector.sample_rate_hz,
        channels=collector.channels,
        codec=stream.codec_context.codec.canonical_name,
        channel=kept.name,
    )
    return Waveform(kept.samples, info, kept.other_party)


def _claimed_length(container: InputContainer, stream: AudioStream) -> _Claim:
    """Return what the header says. WAV counts samples: its "fact" chunk or its data size."""
    if container.format.name in ESTIMATED_LENGTH:
        return _Claim(None, None)
    duration_s = samples = None
    if stream.duration is not None and stream.time_base is not None:
        duration_s = float(stream.duration * stream.time_base)
        if container.format.name == "wav":
            samples = stream.duration
    elif container.duration is not None:
        duration_s = container.duration / av.time_base
    return _Claim(duration_s, samples)


def _refuse_claimed_length(
    claim: _Claim, stream: AudioStream, size_bytes: int, max_duration_s: float
) -> None:
    """Refuse before decoding, unless the file is too small to hold what it claims.

    Recorders that stream write a huge length first and may never correct it. Such a file
    is decoded, and ``PcmCollector`` stops where it is really too long.
    """
    if claim.duration_s is None:
        return
    bit_rate_bps = max(stream.codec_context.bit_rate or 0, MIN_BIT_RATE_BPS)
    possible_s = size_bytes * 8 / bit_rate_bps
    if min(claim.duration_s, possible_s) > max_duration_s:
        raise LimitExceeded(f"{claim.duration_s:.0f} s long, more than {max_duration_s:g} s")


def _read_packets(container: InputContainer, stream: AudioStream, collector: PcmCollector) -> None:
    """Decode all that can be; packets that cannot are passed over while they are the fewer."""
    good = bad = 0
    try:
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                bad += 1
                continue
            good += 1
            for frame in frames:
                if isinstance(frame, AudioFrame):
                    collector.add(frame)
    except av.FFmpegError:
        if collector.duration_s < MIN_DURATION_S:
            raise
    if bad > good:
        raise NotAudio(f"damaged: {bad} of {bad + good} packets cannot be decoded")
