"""Decoding: known tones come back, and nothing hostile gets through or hangs."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vmaudit.audio import available_codecs, decode
from vmaudit.audio.channels import keep_channel
from vmaudit.config import AudioOptions
from vmaudit.errors import LimitExceeded, NotAudio, RecordingError, UnreadableFile
from vmaudit.records import SAMPLE_RATE_HZ, Waveform

HUMAN = Path(__file__).resolve().parents[2] / "shared" / "audio"
DEFAULT = AudioOptions()
TONE_HZ = 440.0
HALF_SCALE_RMS_DBFS = 20 * np.log10(0.5 / np.sqrt(2))


def tone(rate_hz: int, duration_s: float, hz: float = TONE_HZ) -> NDArray[np.float32]:
    times = np.arange(round(rate_hz * duration_s)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * hz * times)).astype(np.float32)


def write(path: Path, samples: NDArray[np.float32], rate_hz: int, codec: str, kind: str) -> Path:
    """Encode float samples of shape (n,) or (channels, n) with PyAV."""
    planar = np.atleast_2d(samples)
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(planar)]
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, av.AudioStream)
        size = stream.codec_context.frame_size or 1024
        for start in range(0, planar.shape[1], size):
            part = np.ascontiguousarray(planar[:, start : start + size], dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
            frame.sample_rate = rate_hz
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_pcm(path: Path, samples: NDArray[np.float32], rate_hz: int = 8000) -> Path:
    """Write 16-bit WAV; samples have shape (n,) or (n, channels)."""
    frames = np.atleast_2d(samples.T).T
    with wave.open(str(path), "wb") as file:
        file.setnchannels(frames.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.round(frames * 32767).astype("<i2").tobytes())
    return path


def mulaw_header(data_bytes: int, rate_hz: int = 8000) -> bytes:
    """RIFF header of G.711 µ-law that announces ``data_bytes``."""
    form = struct.pack("<HHIIHH", 7, 1, rate_hz, rate_hz, 1, 8)
    riff_bytes = min(data_bytes + 36, 0xFFFFFFFF)
    return (
        b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVEfmt " + struct.pack("<I", len(form))
        + form + b"data" + struct.pack("<I", data_bytes)
    )  # fmt: skip


def peak_hz(samples: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    return float(np.argmax(spectrum)) * SAMPLE_RATE_HZ / (1 << 18)


def level_dbfs(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20))


# codec, container, rate, samples the codec may add at the end, level tolerance in dB
CODECS = [
    ("pcm_mulaw", "wav", 8000, 0, 0.2),
    ("pcm_alaw", "wav", 8000, 0, 0.2),
    ("pcm_s16le", "wav", 8000, 0, 0.1),
    ("pcm_s24le", "wav", 44_100, 0, 0.1),
    ("pcm_f32le", "wav", 16_000, 0, 0.1),
    ("adpcm_ima_wav", "wav", 8000, 2048, 0.3),
    ("adpcm_ms", "wav", 8000, 2048, 0.3),
    ("pcm_mulaw", "au", 8000, 0, 0.2),
    ("pcm_s16be", "aiff", 8000, 0, 0.1),
    ("flac", "flac", 16_000, 0, 0.1),
    ("libmp3lame", "mp3", 16_000, 1152, 0.5),
    ("aac", "mp4", 16_000, 2048, 0.5),
    ("aac", "matroska", 16_000, 2048, 0.5),
    ("libopus", "ogg", 48_000, 960, 1.0),
    ("libopus", "webm", 48_000, 960, 1.0),
    ("libopencore_amrnb", "amr", 8000, 320, 1.5),
]


@pytest.mark.parametrize(("codec", "kind", "rate_hz", "padding", "tolerance_db"), CODECS)
def test_tone_comes_back(
    tmp_path: Path, codec: str, kind: str, rate_hz: int, padding: int, tolerance_db: float
) -> None:
    path = write(tmp_path / "no ending", tone(rate_hz, 2.0), rate_hz, codec, kind)
    waveform = decode(path, DEFAULT)
    samples = waveform.samples
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert waveform.info.channels == 1
    assert waveform.info.sample_rate_hz == rate_hz
    assert 0 <= waveform.duration_s - 2.0 <= padding / rate_hz + 1e-9
    middle = samples[SAMPLE_RATE_HZ // 4 : -SAMPLE_RATE_HZ // 4]
    assert peak_hz(middle) == pytest.approx(TONE_HZ, abs=1.0)
    assert level_dbfs(middle) == pytest.approx(HALF_SCALE_RMS_DBFS, abs=tolerance_db)


@pytest.mark.parametrize("codec", ["pcm_mulaw", "pcm_alaw", "pcm_s16le", "flac"])
def test_silence_stays_silence(tmp_path: Path, codec: str) -> None:
    kind = "flac" if codec == "flac" else "wav"
    silence = np.zeros(8000, dtype=np.float32)
    waveform = decode(write(tmp_path / "s", silence, 8000, codec, kind), DEFAULT)
    assert waveform.duration_s == 1.0
    assert np.max(np.abs(waveform.samples)) <= 16 / 32768  # A-law has no code for zero


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("count", [1600, 8001, 12_345])
def test_length_is_exact(tmp_path: Path, rate_hz: int, count: int) -> None:
    count = max(count, round(0.11 * rate_hz))
    path = write_pcm(tmp_path / "a.wav", np.zeros(count, dtype=np.float32), rate_hz)
    waveform = decode(path, DEFAULT)
    assert len(waveform.samples) == round(count * SAMPLE_RATE_HZ / rate_hz)
    assert waveform.info.duration_s == pytest.approx(count / rate_hz)


def test_resampling_keeps_time(tmp_path: Path) -> None:
    click = np.zeros(8000, dtype=np.float32)
    click[4000] = 0.9
    samples = decode(write_pcm(tmp_path / "a.wav", click), DEFAULT).samples
    assert int(np.argmax(np.abs(samples))) == 8000


def test_decoding_what_was_decoded_changes_nothing(tmp_path: Path) -> None:
    first = decode(write_pcm(tmp_path / "a.wav", tone(8000, 1.0)), DEFAULT).samples
    path = write(tmp_path / "b.wav", first, SAMPLE_RATE_HZ, "pcm_f32le", "wav")
    np.testing.assert_array_equal(decode(path, DEFAULT).samples, first)


def test_float_samples_become_finite_and_bounded(tmp_path: Path) -> None:
    samples = tone(SAMPLE_RATE_HZ, 1.0) * 8
    samples[100:103] = [np.nan, np.inf, -np.inf]
    path = write(tmp_path / "a.wav", samples, SAMPLE_RATE_HZ, "pcm_f32le", "wav")
    decoded = decode(path, DEFAULT).samples
    assert np.isfinite(decoded).all()
    assert decoded.min() == -1.0
    assert decoded.max() == 1.0


@pytest.mark.parametrize("raw_codec", ["mulaw", "alaw"])
def test_headerless_only_when_told(tmp_path: Path, raw_codec: str) -> None:
    path = write(tmp_path / "a.raw", tone(8000, 1.0), 8000, f"pcm_{raw_codec}", raw_codec)
    with pytest.raises(NotAudio):
        decode(path, DEFAULT)
    waveform = decode(path, AudioOptions.model_validate({"raw_codec": raw_codec}))
    assert waveform.duration_s == 1.0
    assert peak_hz(waveform.samples) == pytest.approx(TONE_HZ, abs=1.0)


def test_raw_codec_leaves_files_with_a_header_alone(tmp_path: Path) -> None:
    path = write_pcm(tmp_path / "a.wav", tone(8000, 1.0))
    assert decode(path, AudioOptions(raw_codec="mulaw")).info.codec == "pcm_s16le"


def test_headerless_gsm_is_recognised(tmp_path: Path) -> None:
    frame = bytes.fromhex(
        "d820a2e15a500049249249245000492492492450004924924924500049249249245"[:66]
    )
    (tmp_path / "a.gsm").write_bytes(frame * 50)
    waveform = decode(tmp_path / "a.gsm", DEFAULT)
    assert waveform.info.codec.startswith("gsm")
    assert waveform.duration_s == pytest.approx(1.0)


def test_idle_alaw_is_not_taken_for_gsm(tmp_path: Path) -> None:
    (tmp_path / "a.al").write_bytes(b"\xd5" * 8000)
    waveform = decode(tmp_path / "a.al", AudioOptions(raw_codec="alaw"))
    assert waveform.info.codec == "pcm_alaw"
    assert level_dbfs(waveform.samples) < -60


def test_audio_of_a_video_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width = video.height = 32
        video.pix_fmt = "yuv420p"
        sound = container.add_stream("aac", rate=16_000, layout="mono")
        for index in range(10):
            image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            image.pts = index
            container.mux(video.encode(image))
        samples = tone(16_000, 1.024)
        for start in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(
                samples[np.newaxis, start : start + 1024], format="fltp", layout="mono"
            )
            frame.sample_rate = 16_000
            frame.pts = start
            container.mux(sound.encode(frame))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    waveform = decode(path, DEFAULT)
    assert waveform.info.codec == "aac"
    assert peak_hz(waveform.samples) == pytest.approx(TONE_HZ, abs=2.0)


# --- channels


def speech_like(seconds: float, seed: int) -> NDArray[np.float32]:
    """Noise in the telephone band, switched four times a second as syllables are."""
    rng = np.random.default_rng(seed)
    count = round(seconds * SAMPLE_RATE_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    noise = np.fft.irfft(spectrum, count)
    envelope = np.sin(2 * np.pi * 2 * np.arange(count) / SAMPLE_RATE_HZ) > 0
    return (0.1 * noise / np.std(noise) * envelope).astype(np.float32)


def greeting_and_message() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    silence = np.full(SAMPLE_RATE_HZ * 6, 0.001, dtype=np.float32)
    silence *= np.random.default_rng(3).standard_normal(len(silence)).astype(np.float32)
    far = np.concatenate([3 * speech_like(4, 1), 0.5 * tone(SAMPLE_RATE_HZ, 1.0, 1000), silence])
    near = np.concatenate([silence[: 5 * SAMPLE_RATE_HZ], speech_like(6, 2)])
    return far, near


@pytest.mark.parametrize("rep_is", ["left", "right"])
def test_auto_keeps_who_speaks_last(rep_is: str) -> None:
    far, near = greeting_and_message()
    pair = (near, far) if rep_is == "left" else (far, near)
    kept = keep_channel(np.stack(pair, axis=1), "auto")
    assert kept.name == rep_is
    np.testing.assert_array_equal(kept.samples, near)


@pytest.mark.parametrize("hz", [(480.0, 620.0), (350.0, 440.0)])
def test_loud_tones_after_the_beep_do_not_win(hz: tuple[float, float]) -> None:
    _, near = greeting_and_message()
    seconds = len(near) / SAMPLE_RATE_HZ
    cadence = (np.arange(len(near)) // (SAMPLE_RATE_HZ // 2)) % 2
    busy = (tone(SAMPLE_RATE_HZ, seconds, hz[0]) + tone(SAMPLE_RATE_HZ, seconds, hz[1])) * cadence
    kept = keep_channel(np.stack([busy.astype(np.float32), near], axis=1), "auto")
    assert kept.name == "right"


def test_loud_steady_noise_does_not_win() -> None:
    _, near = greeting_and_message()
    noise = 0.3 * np.random.default_rng(5).standard_normal(len(near)).astype(np.float32)
    assert keep_channel(np.stack([noise, near], axis=1), "auto").name == "right"


@pytest.mark.parametrize("sign", [1, -1])
def test_same_signal_on_both_channels_is_mono(sign: int) -> None:
    _, near = greeting_and_message()
    kept = keep_channel(np.stack([near, sign * near], axis=1), "auto")
    assert kept.name == "mono"
    np.testing.assert_array_equal(kept.samples, near)


def test_silent_channel_is_left_out() -> None:
    far, _ = greeting_and_message()
    assert keep_channel(np.stack([np.zeros_like(far), far], axis=1), "auto").name == "right"
    both = np.zeros((100, 2), dtype=np.float32)
    assert keep_channel(both, "auto").name == "mono"


def test_told_channel_and_level(tmp_path: Path) -> None:
    left, right = tone(8000, 1.0, 400), tone(8000, 1.0, 900)
    path = write_pcm(tmp_path / "a.wav", np.stack([left, right], axis=1))
    for channel, hz in (("left", 400), ("right", 900)):
        waveform = decode(path, AudioOptions.model_validate({"channel": channel}))
        assert waveform.info.channel == channel
        assert waveform.info.channels == 2
        assert peak_hz(waveform.samples) == pytest.approx(hz, abs=1)
        assert level_dbfs(waveform.samples) == pytest.approx(HALF_SCALE_RMS_DBFS, abs=0.2)
    mixed = decode(path, AudioOptions(channel="mix"))
    assert mixed.info.channel == "mix"
    assert level_dbfs(mixed.samples) == pytest.approx(HALF_SCALE_RMS_DBFS - 3.01, abs=0.2)


@pytest.mark.parametrize("channels", [3, 5, 12, 64])
def test_many_channels_are_mixed_unless_told(tmp_path: Path, channels: int) -> None:
    frames = np.zeros((8000, channels), dtype=np.float32)
    frames[:, 1] = tone(8000, 1.0)
    path = write_pcm(tmp_path / "a.wav", frames)
    mixed = decode(path, DEFAULT)
    assert mixed.info.channel == "mix"
    assert mixed.info.channels == channels
    expected_dbfs = HALF_SCALE_RMS_DBFS - 20 * np.log10(channels)
    assert level_dbfs(mixed.samples) == pytest.approx(expected_dbfs, abs=0.3)
    told = decode(path, AudioOptions(channel="right"))
    assert told.info.channel == "right"
    assert level_dbfs(told.samples) == pytest.approx(HALF_SCALE_RMS_DBFS, abs=0.1)


# --- hostile and broken files


def outcome_of(path: Path, options: AudioOptions) -> Waveform | RecordingError:
    try:
        return decode(path, options)
    except RecordingError as error:
        return error


def not_audio(path: Path) -> str:
    with pytest.raises(NotAudio) as caught:
        decode(path, DEFAULT)
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"hello there\n" * 500,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile 'other.wav'\n",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"RIFF\xff\xff\xff\xffWAVE",
        b"#!AMR\n",
        b"fLaC",
        b"OggS",
        b"\0" * 10_000,
    ],
)
@pytest.mark.parametrize("ending", [".wav", ".mp3", ".m3u8", ""])
def test_what_is_no_audio_says_so(tmp_path: Path, content: bytes, ending: str) -> None:
    (tmp_path / f"a{ending}").write_bytes(content)
    assert not_audio(tmp_path / f"a{ending}")


def test_playlist_does_not_open_another_file(tmp_path: Path) -> None:
    write(tmp_path / "other.mp3", tone(16_000, 1.0), 16_000, "libmp3lame", "mp3")
    for name, text in {
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:{tmp_path}/other.mp3\n",
        "a.ffconcat": f"ffconcat version 1.0\nfile '{tmp_path}/other.mp3'\n",
    }.items():
        (tmp_path / name).write_text(text)
        assert not_audio(tmp_path / name)


def test_real_image(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with av.open(str(path), "w", format="image2pipe") as container:
        stream = container.add_stream("png", rate=1)
        stream.width = stream.height = 16
        stream.pix_fmt = "rgb24"
        image = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(image))
        container.mux(stream.encode(None))
    assert not_audio(path)


def test_empty_and_header_only(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    assert not_audio(tmp_path / "a.wav") == "empty file"
    (tmp_path / "b.wav").write_bytes(mulaw_header(0))
    assert not_audio(tmp_path / "b.wav") == "no audio samples in it"
    (tmp_path / "c.wav").write_bytes(mulaw_header(6 * 3600 * 8000))
    assert not_audio(tmp_path / "c.wav") == "no audio samples in it"


@pytest.mark.parametrize("announced", [0, 8000 * 60, 0x7FFFFFFF, 0xFFFFFFFF])
def test_wrong_announced_size_keeps_what_is_there(tmp_path: Path, announced: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(mulaw_header(announced) + b"\x90\x10" * 4000)
    assert decode(path, DEFAULT).duration_s == 1.0


def test_truncated_keeps_what_decodes_or_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(mulaw_header(80_000) + b"\x90\x10" * 2000)
    assert decode(path, DEFAULT).duration_s == 0.5
    path.write_bytes(mulaw_header(80_000) + b"\x90\x10" * 200)
    assert "truncated" in not_audio(path)
    mp3 = write(tmp_path / "b.mp3", tone(16_000, 4.0), 16_000, "libmp3lame", "mp3")
    mp3.write_bytes(mp3.read_bytes()[: mp3.stat().st_size // 2])
    assert decode(mp3, DEFAULT).duration_s == pytest.approx(2.0, abs=0.3)


def test_six_hours_in_the_header_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    data_bytes = 6 * 3600 * 8000
    with path.open("wb") as file:
        file.write(mulaw_header(data_bytes))
        file.truncate(44 + data_bytes)
    started = time.perf_counter()
    with pytest.raises(LimitExceeded, match="21600 s"):
        decode(path, DEFAULT)
    assert time.perf_counter() - started < 0.5


def test_length_that_no_header_tells_is_bounded_while_decoding(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    write(path, np.zeros(16_000 * 20, dtype=np.float32), 16_000, "libmp3lame", "mp3")
    with pytest.raises(LimitExceeded, match="longer than 5 s"):
        decode(path, AudioOptions(max_duration_s=5))
    assert decode(path, AudioOptions(max_duration_s=21)).duration_s == pytest.approx(20, abs=0.1)


def test_size_limit_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"not audio at all" * 1000)
    with pytest.raises(LimitExceeded, match="MB"):
        decode(path, AudioOptions(max_size_mb=0.001))


def _missing(folder: Path) -> Path:
    return folder / "missing.wav"


def _folder(folder: Path) -> Path:
    return folder


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.wav")
    return folder / "pipe.wav"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("make", [_missing, _folder, _pipe])
def test_what_cannot_be_read(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(UnreadableFile):
        decode(make(tmp_path), DEFAULT)


def test_odd_sample_rates_end_in_a_waveform_or_an_error(tmp_path: Path) -> None:
    for rate_hz in (1, 100, 3999, 768_000, 2**31 - 1):
        path = tmp_path / f"{rate_hz}.wav"
        path.write_bytes(mulaw_header(1000, rate_hz) + bytes(1000))
        outcome = outcome_of(path, DEFAULT)
        if isinstance(outcome, RecordingError):
            assert str(outcome)
        else:
            assert len(outcome.samples) == round(1000 * SAMPLE_RATE_HZ / rate_hz)


FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(data=st.binary(max_size=3000))
def test_random_bytes_end_in_an_error_or_bounded_samples(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    _decodes_or_fails_in_our_words(path)


def test_tags_in_an_old_encoding_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, tone(8000, 0.5), 8000, "pcm_mulaw", "wav")
    name = "Jürgen".encode("latin-1").ljust(8, b"\0")
    info = b"INFOIART" + len(name).to_bytes(4, "little") + name
    content = path.read_bytes() + b"LIST" + len(info).to_bytes(4, "little") + info
    path.write_bytes(content[:4] + (len(content) - 8).to_bytes(4, "little") + content[8:])
    assert decode(path, DEFAULT).duration_s == pytest.approx(0.5, abs=0.01)


def test_a_codec_that_nobody_knows_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, tone(8000, 0.5), 8000, "pcm_mulaw", "wav")
    content = bytearray(path.read_bytes())
    format_tag = content.index(b"fmt ") + 8
    content[format_tag : format_tag + 2] = (0x7F7F).to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(NotAudio, match="codec that is not known"):
        decode(path, DEFAULT)


@FUZZ
@given(data=st.data())
def test_damaged_files_end_in_an_error_or_bounded_samples(
    tmp_path: Path, data: st.DataObject
) -> None:
    codec, kind, rate_hz, _, _ = data.draw(st.sampled_from(CODECS))
    original = tmp_path / f"{codec}.{kind}"
    if not original.exists():
        write(original, tone(rate_hz, 0.3), rate_hz, codec, kind)
    content = bytearray(original.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    _decodes_or_fails_in_our_words(path)


def _decodes_or_fails_in_our_words(path: Path) -> None:
    outcome = outcome_of(path, AudioOptions(max_duration_s=60))
    if isinstance(outcome, RecordingError):
        assert str(outcome)
    else:
        assert outcome.samples.dtype == np.float32
        assert np.isfinite(outcome.samples).all()
        assert np.max(np.abs(outcome.samples)) <= 1.0
        assert 0 < outcome.duration_s <= 60


def test_no_noise_on_standard_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", tone(16_000, 1.0), 16_000, "libmp3lame", "mp3")
    path.write_bytes(path.read_bytes()[:1500] + b"garbage" * 100)
    code = (
        "import sys; from pathlib import Path; from vmaudit.audio import decode;"
        "from vmaudit.config import AudioOptions; from vmaudit.errors import RecordingError\n"
        "try: decode(Path(sys.argv[1]), AudioOptions())\n"
        "except RecordingError: pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout + done.stderr == ""


def test_codecs_of_telephone_systems_are_there() -> None:
    codecs = available_codecs()
    assert {"pcm_mulaw", "pcm_alaw", "gsm_ms", "amrnb", "amrwb", "adpcm_ima_wav", "mp3"} <= {
        name for name, available in codecs.items() if available
    }


# --- recordings of people


def human_folder(name: str) -> Path:
    folder = HUMAN / name
    if not folder.is_dir():
        pytest.skip(f"no human recordings: {folder} is absent")
    return folder


@pytest.mark.human
def test_every_voicemail_decodes_and_agrees_across_codecs() -> None:
    paths = sorted(human_folder("azure_voicemail").iterdir())
    assert len(paths) == 27
    lengths: dict[str, list[float]] = {}
    for path in paths:
        waveform = decode(path, DEFAULT)
        assert level_dbfs(waveform.samples) > -60
        if path.stem.endswith(("sample1", "sample2")):
            lengths.setdefault(path.stem[-1], []).append(waveform.duration_s)
    assert len(lengths["1"]) == len(lengths["2"]) == 7
    for same_message in lengths.values():
        assert max(same_message) - min(same_message) < 0.02  # AMR adds at most one 20 ms frame


@pytest.mark.human
def test_header_only_recording_has_no_samples() -> None:
    assert not_audio(human_folder("nonspeech") / "null_header_only.wav") == "no audio samples in it"
