"""The torch core as a recogniser: clips in, words with times out, on random weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tiny_whisper import tiny_model

from vmaudit.asr.protocol import Passage
from vmaudit.asr.whisper import decoding
from vmaudit.asr.whisper.context import STEP_S, Context
from vmaudit.asr.whisper.core import TorchCore
from vmaudit.asr.whisper.encoder import Encoder
from vmaudit.asr.whisper.recogniser import HeardClip
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.transcriber import WhisperTranscriber
from vmaudit.asr.whisper.windows import CONTEXT_S
from vmaudit.asr.whisper.workload import Workload
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Transcript

FLOAT32 = Workload(torch.float32, batch_size=2, streams=1, threads=1)
BFLOAT16 = Workload(torch.bfloat16, batch_size=2, streams=1, threads=1)
DURATIONS_S = (0.3, 3.0, 3.1, 12.0, 30.0)


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second look: what is tested here is what surrounds the search."""
    monkeypatch.setattr(decoding, "TEMPERATURES", (0.0,))
    monkeypatch.setattr(decoding.Hypothesis, "is_unsure", False)


def core_of(workload: Workload = FLOAT32) -> TorchCore:
    return TorchCore(tiny_model(), version="tiny@0", workload=workload)


def clips_of(durations_s: tuple[float, ...] = DURATIONS_S) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(5)
    return [
        rng.normal(scale=0.1, size=round(length_s * SAMPLE_RATE_HZ)).astype(np.float32)
        for length_s in durations_s
    ]


def assert_alike(one: HeardClip, other: HeardClip) -> None:
    assert [word.text for word in one.words] == [word.text for word in other.words]
    for ours, theirs in zip(one.words, other.words, strict=True):
        times = (theirs.start_s, theirs.end_s)
        assert (ours.start_s, ours.end_s) == pytest.approx(times, abs=0.021)
        assert ours.probability == pytest.approx(theirs.probability, abs=1e-3)
    assert one.rest_s == other.rest_s
    assert one.language == other.language
    assert one.language_probability == pytest.approx(other.language_probability, abs=1e-3)


@pytest.mark.usefixtures("_quick")
def test_a_batch_of_any_lengths_equals_its_singles() -> None:
    core, clips = core_of(), clips_of()
    together = core.recognise(clips, alone=False)
    assert any(heard.words for heard in together)
    for clip, heard in zip(clips, together, strict=True):
        [alone] = core.recognise([clip], alone=True)
        assert_alike(heard, alone)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("workload", [FLOAT32, BFLOAT16], ids=lambda w: str(w.dtype))
def test_words_are_in_order_and_probabilities_are_some(workload: Workload) -> None:
    found = core_of(workload).recognise(clips_of())
    assert any(heard.words for heard in found)
    for heard in found:
        times = [time_s for word in heard.words for time_s in (word.start_s, word.end_s)]
        assert times == sorted(times)
        assert all(time_s >= 0 for time_s in times)
        assert all(0 <= word.probability <= 1 for word in heard.words)
        assert heard.rest_s is None or 0 < heard.rest_s <= 30.0


@pytest.mark.usefixtures("_quick")
def test_silence_is_heard_without_a_fault() -> None:
    [heard] = core_of().recognise([np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)])
    assert isinstance(heard, HeardClip)


@pytest.mark.usefixtures("_quick")
def test_what_the_model_takes_for_silence_has_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    clips = clips_of((3.0, 5.0))
    assert all(heard.words for heard in core_of().recognise(clips))
    monkeypatch.setattr(decoding, "MAX_NO_SPEECH_PROBABILITY", -1.0)
    monkeypatch.setattr(decoding, "MIN_MEAN_LOG_PROBABILITY", 0.0)
    for heard in core_of().recognise(clips):
        assert (heard.words, heard.rest_s) == ((), None)


@pytest.mark.usefixtures("_quick")
def test_a_stream_takes_the_threads_of_its_workload() -> None:
    core = core_of(Workload(torch.float32, batch_size=2, streams=3, threads=1))
    [clip] = clips_of((0.2,))
    core.recognise([clip], alone=True)
    assert torch.get_num_threads() == 3
    core.recognise([clip], alone=False)
    assert torch.get_num_threads() == 1
    assert (core.batch_size, core.streams, core.version) == (2, 3, "tiny@0")


@given(st.integers(1, 30 * SAMPLE_RATE_HZ), st.floats(0.0, 30.0))
def test_context_holds_the_clip_and_its_margin_and_little_more(
    samples: int, margin_s: float
) -> None:
    needed_s = min(samples / SAMPLE_RATE_HZ + margin_s, CONTEXT_S)
    context_s = Context(margin_s, short_clip_s=0.0).frames(samples) * FRAME_S
    assert needed_s - 1e-6 <= context_s < needed_s + STEP_S + 1e-6


@pytest.mark.parametrize(
    ("clip_s", "context_s"), [(0.5, 30.0), (9.9, 30.0), (10.0, 11.0), (30, 30)]
)
def test_a_short_clip_gets_all_of_the_context(clip_s: float, context_s: float) -> None:
    assert Context().frames(round(clip_s * SAMPLE_RATE_HZ)) * FRAME_S == pytest.approx(context_s)


@pytest.mark.usefixtures("_quick")
def test_passages_are_transcribed_without_a_fault() -> None:
    engine = WhisperTranscriber(core_of())
    passages = [
        Passage(str(i), clip, (Interval(0.1, len(clip) / SAMPLE_RATE_HZ - 0.1),), Interval(0, 60))
        for i, clip in enumerate(clips_of((2.0, 4.0, 45.0)))
    ]
    silent = Passage("silent", clips_of((3.0,))[0], (), Interval(0.0, 3.0))
    found = {p.id: transcript for p, transcript in engine.transcribe([*passages, silent])}
    assert set(found) == {"0", "1", "2", "silent"}
    assert found["silent"] == Transcript("", "en", "tiny@0", None, ())
    for passage in passages:
        transcript = found[passage.id]
        assert isinstance(transcript, Transcript)
        times = [word.start_s for word in transcript.words]
        assert times == sorted(times)
        assert all(word.end_s <= len(passage.samples) / SAMPLE_RATE_HZ for word in transcript.words)
        assert transcript.model == "tiny@0"
    assert list(engine.transcribe([])) == []


def test_clips_of_one_context_are_grouped_and_none_is_lost() -> None:
    clips = clips_of((0.3, 12.0, 12.4, 30.0, 11.9))
    assert Context().groups(clips, max_frames=1500) == {1500: [0, 3], 650: [1, 4], 700: [2]}
    assert Context().groups(clips, max_frames=600) == {600: [0, 1, 2, 3, 4]}
    assert Context().groups([], max_frames=1500) == {}


def words_of(core: TorchCore, clips: list[NDArray[np.float32]]) -> list[list[str]]:
    return [[word.text for word in heard.words] for heard in core.recognise(clips)]


def test_what_is_unsure_in_bfloat16_is_heard_as_in_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Random weights are unsure of everything; the second look's words are the likelier ones."""
    monkeypatch.setattr(decoding, "TEMPERATURES", (0.0,))
    clips = clips_of((12.0, 14.5))
    exact, coarse = core_of(FLOAT32), core_of(BFLOAT16)
    assert words_of(coarse, clips) == words_of(exact, clips)


@pytest.mark.usefixtures("_quick")
def test_what_is_sure_in_bfloat16_is_not_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    core, clips = core_of(BFLOAT16), clips_of((3.0, 12.0))
    formats = []

    def noted(encoder: Encoder, mel: torch.Tensor) -> torch.Tensor:
        found = encode(encoder, mel)
        formats.append(found.dtype)
        return found

    encode = Encoder.__call__
    monkeypatch.setattr(Encoder, "__call__", noted)
    assert any(words_of(core, clips))
    assert set(formats) == {torch.bfloat16}
