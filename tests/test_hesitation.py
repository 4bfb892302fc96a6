"""Filled pauses by their sound: from a frame's likelihood to what is counted and shown."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from delivery_signals import noise, transcript
from fake_recogniser import Hears, Source, heard_as, passage_of, short, text_of
from helpers import sample
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from stored_audits import made_up_audit
from tiny_whisper import N_STATE, hypothesis, tiny_model

from vmaudit.asr import Passage, load_transcriber, weights
from vmaudit.asr.weights import registry
from vmaudit.asr.whisper import decoding, verbatim
from vmaudit.asr.whisper.core import TorchCore
from vmaudit.asr.whisper.hesitation import (
    EDGE_PROBABILITY,
    MAX_DIP_FRAMES,
    MIN_FRAMES,
    MIN_PROBABILITY,
    OFFSETS,
    SMOOTHED_OVER,
    FilledPauseDetector,
    confirmed,
    detector_for,
    filled_pauses,
)
from vmaudit.asr.whisper.listening import Listening
from vmaudit.asr.whisper.recogniser import HeardClip, HeardPause, HeardSounds, HeardWord
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.workload import Workload
from vmaudit.config import AsrOptions
from vmaudit.delivery import fillers, measure
from vmaudit.pipeline.hearing import kept
from vmaudit.records import SAMPLE_RATE_HZ, FilledPause, Filler, Interval, Isolation, Transcript
from vmaudit.report.pages.transcript import transcript_lines

# A frame's likelihood


def test_frames_are_as_likely_as_scikit_learn_says_of_them_and_their_neighbours() -> None:
    rng = np.random.default_rng(3)
    frames = rng.normal(size=(200, 8)).astype(np.float32)
    beside = [np.roll(frames, -offset, axis=0) for offset in OFFSETS]
    known = np.concatenate(beside, axis=1)
    learner = LogisticRegression().fit(
        known, frames[:, 0] + beside[0][:, 1] - beside[-1][:, 2] > 0.5
    )
    weights_ = torch.tensor(learner.coef_[0].reshape(len(OFFSETS), 8), dtype=torch.float32)
    detector = FilledPauseDetector(weights_, float(learner.intercept_[0]))
    found = detector.probabilities(torch.from_numpy(frames))
    around = np.ones(SMOOTHED_OVER) / SMOOTHED_OVER
    smooth = expit(np.convolve(learner.decision_function(known), around, mode="same"))
    margin = OFFSETS[-1] + SMOOTHED_OVER // 2  # rolled over the ends
    assert found[margin:-margin] == pytest.approx(smooth[margin:-margin], abs=1e-5)


def test_a_clip_without_frames_has_none() -> None:
    assert len(EVERYWHERE.probabilities(torch.empty(0, N_STATE))) == 0


def test_a_detector_ships_for_the_model_that_ships_with_packages() -> None:
    assert detector_for("nobody@000000000000") is None
    spec = registry.load_registry()["base"]
    assert spec.tensor_digest
    detector = detector_for(f"a copy@{spec.tensor_digest[:12]}")
    assert detector is not None
    assert detector.weights.shape == (len(OFFSETS), 512)


# From frames to stretches


def likely(*parts: tuple[float, int]) -> NDArray[np.float32]:
    return np.concatenate([np.full(frames, p, dtype=np.float32) for p, frames in parts])


def test_a_stretch_begins_and_ends_where_its_frames_do() -> None:
    (found,) = filled_pauses(likely((0.0, 50), (0.9, 20), (0.1, 30)))
    assert (found.start_s, found.end_s) == pytest.approx((1.0, 1.4))
    assert found.probability == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("parts", "count"),
    [
        ([(0.0, 100)], 0),
        ([(0.95, 100)], 1),
        ([(0.95, MIN_FRAMES - 1), (0.0, 20)], 0),
        ([(0.95, MIN_FRAMES), (0.0, 20)], 1),
        ([(0.45, 50)], 0),  # not likely enough on the whole
        ([(0.4, 5), (0.9, 20), (0.4, 5)], 1),
        ([(0.9, 20), (0.0, MAX_DIP_FRAMES), (0.9, 20)], 1),
        ([(0.9, 20), (0.0, MAX_DIP_FRAMES + 1), (0.9, 20)], 2),
    ],
)
def test_what_is_short_or_doubtful_is_none(parts: list[tuple[float, int]], count: int) -> None:
    assert len(filled_pauses(likely(*parts))) == count


@given(arrays.arrays(np.float32, st.integers(0, 200), elements=st.floats(0, 1, width=32)))
def test_stretches_are_apart_in_order_and_long_and_likely_enough(
    probabilities: NDArray[np.float32],
) -> None:
    end_s = 0.0
    for one in filled_pauses(probabilities):
        assert end_s <= one.start_s < one.end_s <= len(probabilities) * FRAME_S + 1e-9
        assert MIN_PROBABILITY <= one.probability <= 1
        frames = probabilities[round(one.start_s / FRAME_S) : round(one.end_s / FRAME_S)]
        assert len(frames) >= MIN_FRAMES
        assert frames[[0, -1]].min() >= np.float32(EDGE_PROBABILITY)
        end_s = one.end_s


# In the speech core


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "TEMPERATURES", (0.0,))
    monkeypatch.setattr(decoding.Hypothesis, "is_unsure", False)
    monkeypatch.setattr(decoding.Hypothesis, "is_silence", False)


def heard(listening: Listening, seconds: float) -> HeardClip:
    """What a network hears that finds every frame a filled pause."""
    workload = Workload(torch.float32, batch_size=1, streams=1, threads=torch.get_num_threads())
    core = TorchCore(tiny_model(), version="tiny@0", workload=workload, listening=listening)
    rng = np.random.default_rng(5)
    clip = rng.normal(scale=0.1, size=round(seconds * SAMPLE_RATE_HZ)).astype(np.float32)
    (found,) = core.recognise([clip])
    return found


EVERYWHERE = FilledPauseDetector(torch.zeros(len(OFFSETS), N_STATE), 3.0)
NOWHERE = FilledPauseDetector(torch.zeros(len(OFFSETS), N_STATE), -3.0)


@pytest.mark.usefixtures("_quick")
def test_it_hears_the_clip_and_not_what_fills_its_context() -> None:
    (found,) = heard(Listening(hesitation=EVERYWHERE), 3.5).sounds.filled_pauses
    assert (found.start_s, found.end_s) == pytest.approx((0.0, 3.5))
    assert found.probability == pytest.approx(0.9526, abs=1e-3)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    "listening",
    [
        Listening(),
        Listening(hesitation=NOWHERE),
        Listening(verbatim=False, hesitation=EVERYWHERE),
        Listening("de", hesitation=EVERYWHERE),
    ],
)
def test_nobody_listens_without_a_detector_or_unasked(listening: Listening) -> None:
    assert heard(listening, 2.0).sounds.filled_pauses == ()


def test_none_counts_in_silence_or_behind_the_rest() -> None:
    first, second = HeardPause(1.0, 1.3, 0.9), HeardPause(5.0, 5.3, 0.9)
    both = HeardSounds((first, second))
    part = replace(hypothesis(" Hi."), rest_s=4.0)
    assert part.as_heard([], both).sounds.filled_pauses == (first,)
    whole = replace(part, rest_s=None)
    assert whole.as_heard([], both).sounds.filled_pauses == (first, second)
    silent = replace(whole, no_speech_probability=1.0, mean_log_probability=-5.0)
    assert silent.as_heard([], both).sounds.filled_pauses == ()


# Between the words


def put_in(text: str, start_s: float, end_s: float) -> HeardWord:
    return HeardWord(text, start_s, end_s, 0.9, restored=True)


def test_one_put_between_the_words_stays_where_there_is_a_sound() -> None:
    sound = likely((0.2, 100), (0.35, 2), (0.0, 100))  # at 2.0 s
    near = [put_in(" um", 1.5, 1.75), put_in(" um", 2.3, 2.5), put_in(" uh", 1.0, 3.0)]
    far = [put_in(" um", 0.5, 1.6), put_in(" um", 2.5, 3.0), put_in(" um", 9.0, 9.2)]
    written = HeardWord(" Um,", 3.5, 3.9, 0.9)  # the search's own
    assert confirmed([*near, *far, written], sound) == [*near, written]
    assert confirmed([*far, written], None) == [*far, written]
    assert confirmed([], sound) == []
    assert confirmed(near, sound[:0]) == []


@pytest.mark.usefixtures("_quick")
def test_where_no_sound_is_none_is_put(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [hypothesis(" Hi there.")]
    monkeypatch.setattr(decoding.BatchDecoder, "greedy", lambda *_: said)
    monkeypatch.setattr(verbatim, "MIN_PROBABILITY", 1e-9)

    def pauses(listening: Listening) -> int:
        return sum(word.restored for word in heard(listening, 4.0).words)

    assert pauses(Listening()) == pauses(Listening(hesitation=EVERYWHERE)) > 0
    assert pauses(Listening(hesitation=NOWHERE)) == 0
    assert pauses(Listening(verbatim=False, hesitation=EVERYWHERE)) == 0


# In a recording


def with_pause(clip: NDArray[np.float32]) -> HeardClip:
    return replace(heard_as(str(int(clip[0]))), sounds=HeardSounds((HeardPause(0.5, 0.8, 0.9),)))


def test_times_are_the_recordings() -> None:
    apart = [(1.0, 10.0), (20.0, 29.0)]  # so far that each is a window
    [(_, found)] = Source([passage_of(7, apart)]).through(Hears(with_pause))
    assert isinstance(found, Transcript)
    assert text_of(found) == "7 7"
    word_starts_s = [word.start_s for word in found.words]  # 0.6 s into their windows
    starts_s = [pause.start_s for pause in found.filled_pauses]
    assert starts_s == pytest.approx([at_s - 0.1 for at_s in word_starts_s])


def test_a_sound_too_short_to_be_believed_holds_none() -> None:
    def doubtful(clip: NDArray[np.float32]) -> HeardClip:
        return replace(with_pause(clip), words=heard_as("Thank", probability=0.2).words)

    [(_, found)] = Source([short(0, 0.6)]).through(Hears(doubtful))
    assert isinstance(found, Transcript)
    assert (found.words, found.filled_pauses) == ((), ())


def test_those_of_the_greeting_are_not_the_messages() -> None:
    said = transcript(("Hello.", 1.0, 1.5), ("Hi", 5.0, 5.2))
    pauses = (FilledPause(2.0, 2.4, 0.9), FilledPause(5.5, 5.9, 0.9))
    said = replace(said, filled_pauses=pauses)
    assert kept(said, said.words[1:], Interval(4.0, 9.0)).filled_pauses == pauses[1:]
    assert kept(said, said.words, Interval(0.0, 9.0)) == said
    assert kept(said, said.words[:1]).filled_pauses == ()


# Both sources


def sources(*said: tuple[str, float, float], by_sound: Sequence[FilledPause]) -> list[Filler]:
    return list(fillers.filled_pauses(transcript(*said).words, by_sound))


def test_one_that_is_written_and_heard_counts_once() -> None:
    by_sound = (FilledPause(1.1, 1.5, 0.8),)
    (found,) = sources(("Um,", 0.9, 1.05), ("hi", 1.5, 1.8), by_sound=by_sound)
    assert (found.text, found.source) == ("um", "both")
    assert (found.start_s, found.end_s) == (1.1, 1.5)
    assert 0.8 < found.probability < 1


def test_each_source_may_find_one_alone_and_the_sound_if_it_is_sure() -> None:
    said = (("um", 0.5, 0.9), ("hi", 1.5, 1.8), ("uh", 5.0, 5.3))
    sure, doubtful = FilledPause(3.0, 3.4, 0.9), FilledPause(4.0, 4.4, 0.5)
    found = sources(*said, by_sound=(sure, doubtful, FilledPause(5.1, 5.4, 0.5)))
    assert [one.source for one in found] == ["transcript", "acoustic", "both"]
    assert [one.text for one in found] == ["um", "uh", "uh"]
    assert [one.start_s for one in found] == [0.5, 3.0, 5.1]


def test_what_is_heard_outside_the_message_does_not_count() -> None:
    samples = noise(10.0, 0.1)
    where = Isolation((), Interval(4.0, 10.0), (Interval(4.0, 10.0),))
    said = transcript(("Greeting.", 1.0, 1.5), ("Hi", 5.0, 5.2))
    pauses = (FilledPause(2.0, 2.4, 0.9), FilledPause(6.0, 6.4, 0.9))
    found = measure(samples, where, replace(said, filled_pauses=pauses))
    assert [one.start_s for one in found.fillers] == [6.0]
    assert found.filler_count == 1


def test_two_beside_each_other_are_two() -> None:
    by_sound = (FilledPause(1.0, 1.3, 0.8), FilledPause(1.4, 1.7, 0.8))
    found = sources(("uh,", 1.0, 1.3), ("uh", 1.4, 1.7), by_sound=by_sound)
    assert [one.source for one in found] == ["both", "both"]
    assert len(sources(("uh", 1.0, 1.3), by_sound=by_sound)) == 2


@given(
    st.lists(st.tuples(st.sampled_from(["um", "so"]), st.floats(0, 30), st.floats(0.05, 1))),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0.16, 1), st.floats(0.5, 1))),
)
def test_merging_neither_loses_nor_doubles(
    said: list[tuple[str, float, float]], by_sound: list[tuple[float, float, float]]
) -> None:
    words = [(text, at_s, at_s + length_s) for text, at_s, length_s in said]
    pauses = [FilledPause(at_s, at_s + length_s, p) for at_s, length_s, p in sorted(by_sound)]
    found = sources(*words, by_sound=pauses)
    by_source = Counter(one.source for one in found)
    assert by_source["transcript"] + by_source["both"] == sum(text == "um" for text, *_ in words)
    sure = len(fillers.those_sure(pauses))
    assert sure <= by_source["acoustic"] + by_source["both"] <= len(pauses)
    assert [one.start_s for one in found] == sorted(one.start_s for one in found)


def test_the_report_shows_what_was_heard_and_not_written() -> None:
    audit = made_up_audit(random.Random(3), 0)
    assert audit.delivery
    heard_alone = Filler("uh", 1.0, 1.3, "acoustic", 0.8)
    audit = replace(audit, delivery=replace(audit.delivery, fillers=(heard_alone,)))
    tokens = [token for line in transcript_lines(audit) for token in line.tokens]
    assert [token.text for token in tokens if token.kind == "filler"] == ["(uh)"]


# On speech


@pytest.mark.model
@pytest.mark.parametrize("engine", ["torch", "ct2"])
def test_hesitations_are_heard_and_a_fluent_message_has_none(engine: str) -> None:
    if weights.installed_path("base") is None:
        pytest.skip("base is not installed; run: vmaudit models pull base")
    options = AsrOptions.model_validate({"model": "base", "device": "cpu", "engine": engine})
    names = ("quillmark-systems/oliver_delgado.wav", "harborview-motors/2026-03-02_nina_vega.WAV")
    passages = []
    for name in names:
        samples = sample(name)
        whole = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
        passages.append(Passage(name, samples, (whole,), whole))
    found = {one.id: said for one, said in load_transcriber(options).transcribe(passages)}
    hesitant, fluent = (found[name] for name in names)
    assert isinstance(hesitant, Transcript)
    assert isinstance(fluent, Transcript)
    assert len(hesitant.filled_pauses) >= 3
    assert fillers.those_sure(fluent.filled_pauses) == ()
