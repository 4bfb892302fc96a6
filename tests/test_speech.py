"""Voice activity: invariants on made-up sound, and human speech where it is available."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import vmaudit.speech
from vmaudit.audio import decode
from vmaudit.config import AudioOptions, SpeechOptions
from vmaudit.errors import ModelError
from vmaudit.records import SAMPLE_RATE_HZ
from vmaudit.speech import VoiceActivity

AUDIO = Path(__file__).resolve().parents[2] / "shared" / "audio"
FRAME_S = 0.032


@pytest.fixture(scope="module")
def activity():
    return VoiceActivity(SpeechOptions())


@pytest.fixture(scope="module")
def spoken():
    return read("azure_voicemail/en-US_lpcm.wav")


def read(name):
    path = AUDIO / name
    if not path.exists():
        pytest.skip(f"no human recordings at {AUDIO}")
    return decode(path, AudioOptions()).samples


def total_s(intervals):
    return sum(interval.duration_s for interval in intervals)


@pytest.mark.parametrize("length", [0, 1, 100, 511, 512, 16_000])
def test_silence_has_no_speech(activity, length):
    assert activity.detect(np.zeros(length, np.float32)) == ()


@pytest.mark.parametrize("length", [1, 100, 511])
def test_a_click_is_not_speech(activity, length):
    assert activity.detect(np.full(length, 0.5, np.float32)) == ()


def test_noise_and_hum_are_not_speech(activity):
    time_s = np.arange(5 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    noise = np.random.default_rng(1).normal(0, 0.05, len(time_s))
    hum = 0.2 * np.sin(2 * np.pi * 60 * time_s)
    assert activity.detect(noise.astype(np.float32)) == ()
    assert activity.detect(hum.astype(np.float32)) == ()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("position", [0, 700, 999])
def test_refuses_samples_that_are_not_finite(activity, bad, position):
    samples = np.full(1000, 0.1, np.float32)
    samples[position] = bad
    with pytest.raises(ValueError, match="finite"):
        activity.detect(samples)


def test_refuses_two_channels(activity):
    with pytest.raises(ValueError, match="shape"):
        activity.detect(np.zeros((2, 100), np.float32))


@settings(max_examples=25, deadline=None)
@given(
    hnp.arrays(
        np.float32,
        st.integers(0, 6000),
        elements=st.floats(-1, 1, width=32),
    )
)
def test_intervals_are_ordered_and_inside_the_array(samples):
    intervals = VoiceActivity(SpeechOptions()).detect(samples)
    edges = [edge for i in intervals for edge in (i.start_s, i.end_s)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(samples) / SAMPLE_RATE_HZ for edge in edges)


def test_torch_keeps_its_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        VoiceActivity(SpeechOptions())
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)


def test_the_first_load_in_a_process_keeps_torch_threads():
    code = (
        "import torch; torch.set_num_threads(3)\n"
        "from vmaudit.config import SpeechOptions\n"
        "from vmaudit.speech import VoiceActivity\n"
        "VoiceActivity(SpeechOptions()); print(torch.get_num_threads())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "3"


def test_importing_the_module_loads_no_network():
    code = (
        "import sys, vmaudit.speech\n"
        "print(sorted({'torch', 'silero_vad', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_network_that_cannot_be_loaded_is_a_model_error(monkeypatch):
    import silero_vad

    def broken(*, sequence):
        raise OSError("damaged file")

    monkeypatch.setattr(silero_vad, "load_silero_vad", broken)
    with pytest.raises(ModelError, match="damaged file"):
        vmaudit.speech.VoiceActivity(SpeechOptions())


@pytest.mark.human
@pytest.mark.parametrize("gain", [0.1, 0.003, 0.0003])
def test_level_does_not_matter(activity, spoken, gain):
    loud, quiet = activity.detect(spoken), activity.detect(spoken * np.float32(gain))
    assert total_s(loud) > 3
    assert len(quiet) == len(loud)
    for one, other in zip(loud, quiet, strict=True):
        assert other.start_s == pytest.approx(one.start_s, abs=FRAME_S)
        assert other.end_s == pytest.approx(one.end_s, abs=FRAME_S)


@pytest.mark.human
def test_silence_in_front_shifts_the_speech(activity, spoken):
    lead = np.zeros(SAMPLE_RATE_HZ, np.float32)
    plain, late = activity.detect(spoken), activity.detect(np.concatenate((lead, spoken)))
    assert [i.start_s + 1 for i in plain] == pytest.approx([i.start_s for i in late])
    assert [i.end_s + 1 for i in plain] == pytest.approx([i.end_s for i in late])


@pytest.mark.human
def test_threads_share_one_detector(activity, spoken):
    half = spoken[: len(spoken) // 2]
    alone = [activity.detect(spoken), activity.detect(half)] * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(activity.detect, [spoken, half] * 4))
    assert together == alone


@pytest.mark.human
def test_a_stricter_threshold_hears_less(spoken):
    strict = VoiceActivity(SpeechOptions(threshold=0.95)).detect(spoken)
    lenient = VoiceActivity(SpeechOptions(threshold=0.3)).detect(spoken)
    assert 0 < total_s(strict) < total_s(lenient)


@pytest.mark.human
@pytest.mark.parametrize("name", ["mfa_fillers/whisper2.flac", "mfa_fillers/mfa_whisper.flac"])
def test_whispered_speech_is_heard(activity, name):
    assert total_s(activity.detect(read(name))) >= 0.3
