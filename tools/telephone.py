"""What a telephone line does to speech, the tones it makes, and the files that record it.

Signals are mono float64 at ``LINE_RATE_HZ``, shape ``(n,)``, full scale 1.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray
from scipy import signal

Signal = NDArray[np.float64]
NoiseKind = Literal["hiss", "street", "hum"]

LINE_RATE_HZ = 8_000
BAND_HZ = (300.0, 3_400.0)  # the voice band of ITU-T G.712
RINGBACK_HZ = (440.0, 480.0)  # North American audible ringing, 2 s on and 4 s off
MAINS_HZ = 60
RING_ON_S, RING_OFF_S = 2.0, 4.0
_FADE_S = 0.005  # tones start and stop without a click
_FRAME_S = 0.02
_ACTIVE_BELOW_PEAK_DB = 30.0  # frames softer than this are no speech


@dataclass(frozen=True, slots=True)
class Format:
    """A container and codec as PyAV names them; ``bit_rate`` in bit/s where it has one."""

    container: str
    codec: str
    bit_rate: int | None = None


GSM = Format("wav", "gsm_ms")  # WAV49; PyAV reads it only, so libsndfile writes it
FORMATS = {
    "wav-pcm": Format("wav", "pcm_s16le"),
    "wav-mulaw": Format("wav", "pcm_mulaw"),
    "wav-alaw": Format("wav", "pcm_alaw"),
    "wav-ima": Format("wav", "adpcm_ima_wav"),
    "wav-gsm": GSM,
    "amr": Format("amr", "libopencore_amrnb", 12_200),
    "mp3": Format("mp3", "libmp3lame", 24_000),
    "m4a": Format("ipod", "aac", 24_000),
    "ogg-opus": Format("ogg", "libopus", 16_000),
    "flac": Format("flac", "flac"),
}


def to_line_rate(samples: NDArray[np.float32], rate_hz: int) -> Signal:
    """Resample to ``LINE_RATE_HZ``; ``rate_hz`` must be a whole multiple of it."""
    factor, rest = divmod(rate_hz, LINE_RATE_HZ)
    if rest:
        raise ValueError(f"rate_hz must be a multiple of {LINE_RATE_HZ}, not {rate_hz}")
    resampled: Signal = signal.resample_poly(samples.astype(np.float64), 1, factor)
    return resampled


def silence(duration_s: float) -> Signal:
    """Zeros."""
    return np.zeros(round(duration_s * LINE_RATE_HZ))


def tone(*frequencies_hz: float, duration_s: float) -> Signal:
    """Equal sines that add up to a peak of at most 1."""
    time_s = np.arange(round(duration_s * LINE_RATE_HZ)) / LINE_RATE_HZ
    mixed = sum(np.sin(2 * np.pi * frequency * time_s) for frequency in frequencies_hz)
    fade = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / _FADE_S)
    return np.asarray(mixed * fade / len(frequencies_hz))


def ringback(rings: int) -> Signal:
    """``rings`` rings; the pause after the last is left to the caller."""
    ring = tone(*RINGBACK_HZ, duration_s=RING_ON_S)
    pieces = [ring]
    for _ in range(rings - 1):
        pieces += [silence(RING_OFF_S), ring]
    return np.concatenate(pieces)


def breath(duration_s: float, rng: np.random.Generator) -> Signal:
    """A breath in: noise around 1.5 kHz that swells and stops, active level about 1."""
    count = round(duration_s * LINE_RATE_HZ)
    envelope = np.sin(np.pi * np.linspace(0, 1, count) ** 1.6)
    shape = signal.butter(2, (700, 2_400), "bandpass", fs=LINE_RATE_HZ, output="sos")
    return np.asarray(_unit_rms(signal.sosfilt(shape, rng.standard_normal(count))) * envelope)


def click(rng: np.random.Generator) -> Signal:
    """The receiver goes down: 40 ms of decaying noise, peak about 1."""
    count = round(0.04 * LINE_RATE_HZ)
    return np.asarray(rng.uniform(-1, 1, count) * np.exp(-np.linspace(0, 8, count)))


def noise(kind: NoiseKind, count: int, rng: np.random.Generator) -> Signal:
    """``count`` samples of line noise; RMS 1.

    Hiss with a little hum, a street with passing cars, or the harmonics of the mains with a
    little hiss.
    """
    time_s = np.arange(count) / LINE_RATE_HZ
    white = rng.standard_normal(count)
    if kind == "hiss":
        return _unit_rms(band_limit(white + 0.8 * _hum(time_s, (3, 5, 7))))
    if kind == "hum":
        return _unit_rms(band_limit(0.02 * white + _hum(time_s, range(3, 16, 2))))
    rumble = signal.sosfilt(signal.butter(1, 500, "lowpass", fs=LINE_RATE_HZ, output="sos"), white)
    cars = 1 + 0.6 * np.sin(2 * np.pi * time_s / 7.3 + rng.uniform(0, 2 * np.pi))
    return _unit_rms(band_limit(rumble * cars + 0.08 * rng.standard_normal(count)))


def band_limit(line: Signal, band_hz: tuple[float, float] = BAND_HZ) -> Signal:
    """Keep the telephone band, or a narrower one, without delay."""
    band = signal.butter(4, band_hz, "bandpass", fs=LINE_RATE_HZ, output="sos")
    limited: Signal = signal.sosfiltfilt(band, line)
    return limited


def active_rms(line: Signal) -> float:
    """RMS over the 20 ms frames within 30 dB of the loudest: the level of the speech."""
    frame = round(_FRAME_S * LINE_RATE_HZ)
    count = len(line) // frame
    powers = np.mean(line[: count * frame].reshape(count, frame) ** 2, axis=1)
    active = powers > powers.max() * 10 ** (-_ACTIVE_BELOW_PEAK_DB / 10)
    return float(np.sqrt(np.mean(powers[active])))


def at_level(line: Signal, level_dbfs: float) -> Signal:
    """Scale to an active level in dB re full scale RMS 1."""
    return line * (10 ** (level_dbfs / 20) / active_rms(line))


def encode(path: Path, channels: NDArray[np.float64], form: Format) -> None:
    """Write ``channels``, shape ``(channels, n)``, at ``LINE_RATE_HZ``.

    The bytes depend on the samples and the encoder's version only. Raises ``ValueError``
    when the samples exceed full scale.
    """
    peak = float(np.max(np.abs(channels)))
    if peak > 1:
        raise ValueError(f"{path.name}: peak {peak:.2f} exceeds full scale, lower its level")
    path.parent.mkdir(parents=True, exist_ok=True)
    pcm = np.round(channels * 32_767).astype(np.int16)
    if form == GSM:
        soundfile = importlib.import_module("soundfile")  # untyped; only GSM needs it
        soundfile.write(path, pcm.T, LINE_RATE_HZ, format="WAV", subtype="GSM610")
        return
    layout = "mono" if len(pcm) == 1 else "stereo"
    options = {"fflags": "+bitexact"}  # no dates, no random serial numbers
    with av.open(path, "w", format=form.container, options=options) as container:
        stream = container.add_stream(form.codec, rate=LINE_RATE_HZ, layout=layout)
        assert isinstance(stream, av.AudioStream)  # FORMATS names audio codecs only
        if form.bit_rate is not None:
            stream.bit_rate = form.bit_rate
        packed = np.ascontiguousarray(pcm.T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
        frame.sample_rate = LINE_RATE_HZ
        frame.pts = 0  # so that encoders which start early say by how much
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


def _hum(time_s: Signal, harmonics: Iterable[int]) -> Signal:
    sines = [np.sin(2 * np.pi * harmonic * MAINS_HZ * time_s) / harmonic for harmonic in harmonics]
    return np.asarray(sum(sines))


def _unit_rms(line: Signal) -> Signal:
    return np.asarray(line / np.sqrt(np.mean(line**2)))
