"""Two parties, a channel each: both come out of decoding, and tables may say whose is which."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from helpers import CUTS, Listener, auditor_for, content_id, messages, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from vmaudit.audio import DecodePool, decode
from vmaudit.audio.channels import Wanted, keep_channel
from vmaudit.config import AudioOptions, Config
from vmaudit.errors import RecordingError
from vmaudit.records import SAMPLE_RATE_HZ, Channel, Recording, Waveform
from vmaudit.runs import RunReport, audit_folder

DEFAULT = AudioOptions()
Samples = NDArray[np.float32]


def noise(seed: int, count: int = SAMPLE_RATE_HZ, level: float = 0.1) -> Samples:
    return (level * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def write_wav(path: Path, *channels: Samples, rate_hz: int = 8000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        frames = np.clip(np.stack(channels, axis=1), -1.0, 1.0)
        file.writeframes(np.round(frames * 32_767).astype("<i2").tobytes())
    return path


def told(channel: str) -> AudioOptions:
    return AudioOptions.model_validate({"channel": channel})


# --- which channel is the other party's


@pytest.mark.parametrize("channel", ["left", "right"])
def test_where_one_is_kept_the_other_is_the_other_party(channel: Channel) -> None:
    left, right = noise(1), noise(2)
    kept = keep_channel(np.stack([left, right], axis=1), channel)
    own, other = (left, right) if channel == "left" else (right, left)
    assert kept.name == channel
    np.testing.assert_array_equal(kept.samples, own)
    assert kept.other_party is not None
    np.testing.assert_array_equal(kept.other_party, other)


def test_auto_gives_the_other_party_too() -> None:
    far, near = noise(1), noise(2)
    far[SAMPLE_RATE_HZ // 2 :] *= 0.01  # falls silent for the message, as a mailbox does
    near[: SAMPLE_RATE_HZ // 2] *= 0.01
    near[::512] *= 2  # no steady noise
    kept = keep_channel(np.stack([far, near], axis=1), "auto")
    assert kept.name == "right"
    np.testing.assert_array_equal(kept.samples, near)
    assert kept.other_party is not None
    np.testing.assert_array_equal(kept.other_party, far)


VOICE = noise(3)
ONE_PARTY: dict[str, list[Samples]] = {
    "one channel": [VOICE],
    "the same twice": [VOICE, VOICE],
    "the same, inverted": [VOICE, -VOICE],
    "a softer copy, through a codec": [VOICE, (0.3 * VOICE + noise(4, level=0.0003))],
    "a louder copy, inverted": [VOICE, -3 * VOICE],
    "a channel of zeros": [VOICE, np.zeros_like(VOICE)],
    "a channel of less than line noise": [VOICE, noise(5, level=10 ** (-75 / 20))],
    "three channels": [VOICE, noise(6), noise(7)],
    "silence twice": [np.zeros_like(VOICE), np.zeros_like(VOICE)],
    "no samples": [VOICE[:0], VOICE[:0]],
}


@pytest.mark.parametrize("wanted", ["auto", "left", "mix"])
@pytest.mark.parametrize("name", ONE_PARTY)
def test_without_a_second_party_there_is_none(name: str, wanted: Wanted) -> None:
    samples = np.stack(ONE_PARTY[name], axis=1)
    assert keep_channel(samples, wanted).other_party is None


def test_a_mix_has_both_parties_in_it() -> None:
    assert keep_channel(np.stack([noise(1), noise(2)], axis=1), "mix").other_party is None


def test_a_rep_who_said_nothing_still_has_another_party() -> None:
    kept = keep_channel(np.stack([np.zeros_like(VOICE), VOICE], axis=1), "left")
    assert not kept.samples.any()
    assert kept.other_party is not None
    np.testing.assert_array_equal(kept.other_party, VOICE)


def test_crosstalk_makes_no_copy() -> None:
    left, right = noise(1), noise(2)
    kept = keep_channel(np.stack([left + 0.1 * right, right + 0.1 * left], axis=1), "left")
    assert kept.other_party is not None


@settings(max_examples=200, deadline=None)
@given(
    samples=arrays(
        np.float32,
        st.tuples(st.integers(0, 40), st.integers(1, 4)),
        elements=st.floats(-1, 1, width=32),
    ),
    wanted=st.sampled_from(get_args(Wanted)),
)
def test_whatever_is_kept_the_other_party_is_the_channel_beside(
    samples: Samples, wanted: Wanted
) -> None:
    kept = keep_channel(samples, wanted)
    assert kept.samples.shape == (len(samples),)
    assert kept.samples.dtype == np.float32
    if kept.other_party is not None:
        assert samples.shape[1] == 2
        pair = (kept.samples, kept.other_party)
        pair = pair if kept.name == "left" else pair[::-1]
        np.testing.assert_array_equal(np.stack(pair, axis=1), samples)


# --- files


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 16_000, 44_100])
def test_each_party_is_what_a_file_of_its_own_would_give(tmp_path: Path, rate_hz: int) -> None:
    count = rate_hz + 7
    left, right = noise(1, count), noise(2, count)
    both = decode(write_wav(tmp_path / "a.wav", left, right, rate_hz=rate_hz), told("left"))
    lone = decode(write_wav(tmp_path / "b.wav", right, rate_hz=rate_hz), DEFAULT)
    assert both.other_party is not None
    assert both.other_party.dtype == np.float32
    assert both.samples.shape == both.other_party.shape == lone.samples.shape
    assert len(lone.samples) == round(count * SAMPLE_RATE_HZ / rate_hz)
    np.testing.assert_allclose(both.other_party, lone.samples, atol=1e-5)
    assert lone.other_party is None


# --- the pool


def recording(path: Path, channel: Channel | None = None) -> Recording:
    return Recording("0" * 64, path, path.name, 1, channel=channel)


def as_it_is(item: Recording, waveform: Waveform) -> Waveform:
    return waveform


def assert_equal(one: Waveform | RecordingError, other: Waveform) -> None:
    assert isinstance(one, Waveform)
    assert one.info == other.info
    np.testing.assert_array_equal(one.samples, other.samples)
    assert (one.other_party is None) is (other.other_party is None)
    if one.other_party is not None and other.other_party is not None:
        np.testing.assert_array_equal(one.other_party, other.other_party)
        assert one.other_party.dtype == np.float32


@pytest.mark.parametrize("configured", ["auto", "left", "mix"])
def test_a_recordings_own_channel_comes_before_the_options(tmp_path: Path, configured: str) -> None:
    stereo = write_wav(tmp_path / "stereo.wav", noise(1), noise(2))
    mono = write_wav(tmp_path / "mono.wav", noise(3))
    wanted: list[tuple[Path, Channel | None]] = [
        (stereo, "right"),
        (mono, "right"),
        (stereo, None),
        (stereo, "left"),
        (mono, None),
    ]
    with DecodePool(told(configured), jobs=2) as pool:
        items = [recording(path, channel) for path, channel in wanted]
        outcomes = [out for _, out in pool.imap(items, max_pending=3, then=as_it_is)]
    for (path, channel), outcome in zip(wanted, outcomes, strict=True):
        assert_equal(outcome, decode(path, told(channel or configured)))
    names = [outcome.info.channel for outcome in outcomes if isinstance(outcome, Waveform)]
    assert (names[0], names[1], names[3], names[4]) == ("right", "mono", "left", "mono")


# --- whole runs


def make_calls(folder: Path) -> dict[str, str]:
    """Four stereo calls, the rep on the left: content id by path."""
    for number, cut in enumerate(CUTS):
        name, start_s, end_s, _ = CUTS[cut]
        start, end = (round(at_s * SAMPLE_RATE_HZ) for at_s in (start_s, end_s))
        rep = sample(name)[start:end]
        write_wav(folder / cut, rep, noise(number, len(rep), 0.01), rate_hz=SAMPLE_RATE_HZ)
    return {cut: content_id(folder / cut) for cut in CUTS}


class Tables:
    """A roster and calls.csv beside the folder, to be written again between runs."""

    def __init__(self, folder: Path) -> None:
        self.roster, self.calls = folder / "roster.csv", folder / "calls.csv"

    def write(self, reps: dict[str, str], files: dict[str, str] | None = None) -> None:
        """Give each rep, and each file, its channel; the rep is the file's folder."""
        rows = "".join(f"{rep},{channel}\n" for rep, channel in reps.items())
        self.roster.write_text("rep,channel\n" + rows, encoding="utf-8")
        own = files or {}
        rows = "".join(f"{path},{path.split('/')[0]},{own.get(path, '')}\n" for path in CUTS)
        self.calls.write_text("file,rep,channel\n" + rows, encoding="utf-8")


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path)


def audit(folder: Path, out: Path, listener: Listener, tables: Tables) -> RunReport:
    options = Config.model_validate(
        {
            "recordings": {"roster": tables.roster, "metadata": tables.calls},
            "run": {"jobs": 1},
        }
    )
    listener.heard.clear()
    return audit_folder(folder, out, options, auditor=auditor_for(listener, options))


def kept(out: Path) -> dict[str, str]:
    return {path: message["audio"]["channel"] for path, message in messages(out).items()}


def test_another_channel_is_heard_again_and_no_other_rep_is(tmp_path: Path, tables: Tables) -> None:
    folder, out = tmp_path / "calls", tmp_path / "out"
    ids, listener = make_calls(folder), Listener({})
    nina = {"nina/oakley.wav", "nina/vega.wav"}

    tables.write({"nina": "left", "ray": "left", "marcus": ""})
    report = audit(folder, out, listener, tables)
    assert (report.heard, report.warnings) == (4, ())
    assert set(kept(out).values()) == {"left"}
    assert audit(folder, out, listener, tables).audited == 0

    tables.write({"nina": "Right", "ray": "left", "marcus": ""})
    report = audit(folder, out, listener, tables)
    assert (report.heard, report.audited, report.unchanged) == (2, 2, 2)
    assert set(listener.heard) == {ids[path] for path in nina}
    assert {path for path, channel in kept(out).items() if channel == "right"} == nina

    tables.write({"nina": "right", "ray": "left", "marcus": ""}, {"nina/vega.wav": "left"})
    report = audit(folder, out, listener, tables)
    assert (report.heard, report.audited) == (1, 1)
    assert listener.heard == [ids["nina/vega.wav"]]
    assert kept(out)["nina/vega.wav"] == "left"
    assert kept(out)["nina/oakley.wav"] == "right"


def test_an_impossible_channel_is_warned_of_and_left_to_auto(
    tmp_path: Path, tables: Tables
) -> None:
    make_calls(tmp_path / "calls")
    tables.write({"nina": "2", "ray": "left", "marcus": ""}, {"ray/leak.wav": "agent"})
    report = audit(tmp_path / "calls", tmp_path / "out", Listener({}), tables)
    assert report.warnings == (
        "roster.csv row 2, channel: must be left or right, not '2'",
        "calls.csv row 5, channel: must be left or right, not 'agent'",
    )
    told = kept(tmp_path / "out")
    assert told["ray/leak.wav"] == "left"
    tables.write({"ray": "left"})
    audit(tmp_path / "calls", tmp_path / "auto", Listener({}), tables)
    assert told == kept(tmp_path / "auto")


def test_copies_are_heard_once_for_each_channel(tmp_path: Path, tables: Tables) -> None:
    folder, out = tmp_path / "calls", tmp_path / "out"
    ids, listener = make_calls(folder), Listener({})
    original = folder / "nina/vega.wav"
    for path in ("nina/oakley.wav", "ray/leak.wav"):
        (folder / path).write_bytes(original.read_bytes())
    tables.write({"nina": "left", "ray": "right", "marcus": "left"})
    report = audit(folder, out, listener, tables)
    assert report.heard == 3
    assert sorted(listener.heard) == sorted([ids["marcus/brandt.wav"], *[ids["nina/vega.wav"]] * 2])
    assert kept(out) == {
        "marcus/brandt.wav": "left",
        "nina/oakley.wav": "left",
        "nina/vega.wav": "left",
        "ray/leak.wav": "right",
    }
    again = audit(folder, out, listener, tables)
    assert (again.audited, again.heard, again.unchanged) == (0, 0, 4)


def test_keys_tell_channels_apart() -> None:
    item = Recording("0" * 64, Path("a.wav"), "a.wav", 1)
    auditor = auditor_for(Listener({}))
    channels: tuple[Channel | None, ...] = (None, "left", "right")
    asked = {channel: replace(item, channel=channel) for channel in channels}
    speech = {channel: auditor.speech_key(one) for channel, one in asked.items()}
    delivery = {channel: auditor.delivery_key(one) for channel, one in asked.items()}
    assert len(set(speech.values())) == len(set(delivery.values())) == 3
    for channel in ("left", "right"):
        configured = auditor_for(Listener({}), Config(audio=told(channel)))
        assert configured.speech_key(item) == speech[channel]
        assert configured.delivery_key(item) == delivery[channel]
        assert configured.speech_key(asked["left"]) == speech["left"]
