"""What every speech engine promises, checked over all of them."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from helpers import sample, say
from numpy.typing import NDArray

from vmaudit.asr import (
    Passage,
    ScriptedTranscriber,
    Transcriber,
    load_transcriber,
    model_in_use,
    weights,
)
from vmaudit.asr.whisper.recogniser import HeardClip, HeardDigits, Recogniser
from vmaudit.asr.whisper.transcriber import WhisperTranscriber
from vmaudit.config import AsrOptions
from vmaudit.errors import ConfigError, ModelError
from vmaudit.records import SAMPLE_RATE_HZ, DigitReading, DigitStretch, Interval, Transcript

MODEL = "base"
BATCH_SIZE = 2
LONG = "two windows"  # a silence between them that no window spans
EMPTY = "no speech"
NUMBER = "206-555-0142"
NUMBER_S = (2.7, 6.6)  # in its cut
LEAD_START_S = 0.6
# Sample, start and end of the cut in seconds, at pauses, and the words put over it.
CUTS = {
    "question": ("harborview-motors/2026-03-03_marcus_brandt.wav", 18.0, 22.0, "Seats seven?"),
    "greeting": ("harborview-motors/2026-03-02_nina_oakley.m4a", 10.8, 17.0, "Hi Ted, it's Nina."),
    "number": ("harborview-motors/2026-03-02_nina_vega.WAV", 16.5, 24.2, f"Call {NUMBER}."),
}
SPOKEN = tuple(CUTS)

Heard = dict[str, Transcript | Exception]


def passage(name: str) -> Passage:
    """One of ``CUTS``, as if its speech filled it."""
    sample_name, start_s, end_s, _ = CUTS[name]
    samples = sample(sample_name)[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
    duration_s = len(samples) / SAMPLE_RATE_HZ
    speech = Interval(0.1, duration_s - 0.1)
    return Passage(name, samples, (speech,), Interval(0.0, duration_s))


def long_passage() -> Passage:
    first, second = passage(SPOKEN[0]), passage(SPOKEN[2])
    gap = np.zeros(6 * SAMPLE_RATE_HZ, dtype=np.float32)
    samples = np.concatenate([first.samples, gap, second.samples])
    later_s = (len(first.samples) + len(gap)) / SAMPLE_RATE_HZ
    [part] = second.speech
    speech = (*first.speech, Interval(later_s + part.start_s, later_s + part.end_s))
    return Passage(LONG, samples, speech, Interval(0.0, len(samples) / SAMPLE_RATE_HZ))


def all_passages() -> list[Passage]:
    silence = np.zeros(3 * SAMPLE_RATE_HZ, dtype=np.float32)
    empty = Passage(EMPTY, silence, (), Interval(0.0, 3.0))
    return [passage(SPOKEN[0]), empty, long_passage(), *(passage(name) for name in SPOKEN[1:])]


def script() -> dict[str, Transcript]:
    texts = {name: CUTS[name][3] for name in SPOKEN}
    texts[LONG] = f"{texts[SPOKEN[0]]} {texts[SPOKEN[2]]}"
    return {
        one.id: say(texts[one.id], one.speech[0].start_s, one.speech[-1].end_s)
        for one in all_passages()
        if one.speech
    }


@dataclass(frozen=True)
class Engine:
    """A loaded engine, and what it hears in ``all_passages`` together."""

    transcriber: Transcriber
    expected_version: str
    order: list[str]
    heard: Heard


def options(engine: str) -> AsrOptions:
    return AsrOptions.model_validate(
        {
            "model": MODEL,
            "engine": engine,
            "device": "cpu",
            "batch_size": BATCH_SIZE,
        }
    )


def loaded(name: str, models: Path) -> tuple[Transcriber, str]:
    """Load a network from a folder of our own, for what an engine adds beside the weights."""
    if name == "ct2" and find_spec("ctranslate2") is None:
        pytest.skip("ctranslate2 is not installed; run: pip install 'vmaudit[ct2]'")
    installed = weights.installed_path(MODEL)
    if installed is None:
        pytest.skip(f"{MODEL} is not installed; run: vmaudit models pull {MODEL}")
    for path in (installed, installed.with_suffix(".json")):
        (models / path.name).symlink_to(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VMAUDIT_MODEL_DIR", str(models))
        return load_transcriber(options(name)), model_in_use(options(name))


@pytest.fixture(
    scope="module",
    params=[
        "scripted",
        *(pytest.param(name, marks=pytest.mark.model) for name in ("torch", "ct2")),
    ],
)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    if request.param == "scripted":
        readings = {"number": [DigitReading(*NUMBER_S, "2065550142", -0.1)]}
        transcriber: Transcriber = ScriptedTranscriber(script(), readings, version="script")
        version = "script"
    else:
        transcriber, version = loaded(request.param, tmp_path_factory.mktemp("models"))
    answers = [(one.id, answer) for one, answer in transcriber.transcribe(all_passages())]
    return Engine(transcriber, version, [name for name, _ in answers], dict(answers))


@pytest.fixture
def network(engine: Engine) -> WhisperTranscriber:
    if not isinstance(engine.transcriber, WhisperTranscriber):
        pytest.skip("this engine has no network that could fail")
    return engine.transcriber


def transcripts(heard: Heard) -> dict[str, Transcript]:
    for answer in heard.values():
        assert isinstance(answer, Transcript), answer
    return {name: answer for name, answer in heard.items() if isinstance(answer, Transcript)}


def texts(heard: Heard) -> dict[str, list[str]]:
    return {name: [word.text for word in found.words] for name, found in transcripts(heard).items()}


def hear(transcriber: Transcriber, passages: Sequence[Passage]) -> Heard:
    return {one.id: answer for one, answer in transcriber.transcribe(passages)}


def test_the_configuration_offers_the_engines_tested_here() -> None:
    assert get_args(AsrOptions.model_fields["engine"].annotation) == ("torch", "ct2")


def test_version_is_stable_and_stands_in_each_transcript(engine: Engine) -> None:
    assert engine.transcriber.version == engine.expected_version
    spoken = {name: t for name, t in transcripts(engine.heard).items() if t.words}
    if not isinstance(engine.transcriber, ScriptedTranscriber):  # which repeats what it was given
        assert {t.model for t in spoken.values()} == {engine.expected_version}
        assert engine.expected_version.startswith(f"{MODEL}@")


def test_each_passage_comes_back_once(engine: Engine) -> None:
    assert sorted(engine.order) == sorted(one.id for one in all_passages())


def test_words_are_heard(engine: Engine) -> None:
    digits = {
        name: "".join(c for c in found.text if c.isdigit())
        for name, found in transcripts(engine.heard).items()
    }
    assert "2065550142" in digits["number"]
    assert "2065550142" in digits[LONG]
    assert transcripts(engine.heard)[LONG].language == "en"


def test_words_are_ordered_and_inside_the_recording(engine: Engine) -> None:
    for one in all_passages():
        words = transcripts(engine.heard)[one.id].words
        end_s = len(one.samples) / SAMPLE_RATE_HZ
        assert all(0 <= word.start_s <= word.end_s <= end_s + 1e-6 for word in words)
        assert all(a.start_s <= b.start_s for a, b in itertools.pairwise(words))
        assert all(0 <= word.confidence <= 1 for word in words)


def test_words_lie_where_their_part_of_the_recording_was_spoken(engine: Engine) -> None:
    one = long_passage()
    words = transcripts(engine.heard)[LONG].words
    if not isinstance(engine.transcriber, ScriptedTranscriber):
        later_s = one.speech[1].start_s
        assert [w.text for w in words if w.start_s < one.speech[0].end_s][:1] == [words[0].text]
        assert any(word.start_s >= later_s for word in words)
        assert not [w for w in words if one.speech[0].end_s < w.start_s < later_s - 0.05]


def test_no_speech_gives_an_empty_transcript(engine: Engine) -> None:
    empty = transcripts(engine.heard)[EMPTY]
    assert (empty.text, empty.words, empty.confidence) == ("", (), None)
    assert empty.model == engine.expected_version


def test_a_batch_equals_its_singles(engine: Engine) -> None:
    together = transcripts(engine.heard)
    for one in (long_passage(), passage(SPOKEN[1])):
        alone = transcripts(hear(engine.transcriber, [one]))[one.id]
        assert [word.text for word in alone.words] == [w.text for w in together[one.id].words]
        for a, b in zip(alone.words, together[one.id].words, strict=True):
            assert a.start_s == pytest.approx(b.start_s, abs=0.05)
            assert a.end_s == pytest.approx(b.end_s, abs=0.05)


def test_two_calls_give_the_same(engine: Engine) -> None:
    again = hear(engine.transcriber, list(reversed(all_passages())))
    assert texts(again) == texts(engine.heard)


def test_passages_are_taken_only_as_they_are_needed(engine: Engine) -> None:
    taken = 0

    def endless() -> Iterator[Passage]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield replace(passage(SPOKEN[0]), id=f"{number}")

    answers = engine.transcriber.transcribe(endless())
    next(answers)
    assert taken < 50
    if isinstance(answers, Generator):
        answers.close()  # ends its threads


@pytest.mark.parametrize("lead", ["", "text me on my direct line,"])
def test_a_stretch_is_heard_as_its_digits(engine: Engine, lead: str) -> None:
    start_s, end_s = NUMBER_S
    lead_s = LEAD_START_S if lead else start_s
    stretch = DigitStretch(start_s, end_s, "206555142", (0.5,) * 9, lead, lead_s)
    readings = engine.transcriber.spell(passage("number"), stretch)
    assert readings[0].digits == "2065550142"
    assert all((one.start_s, one.end_s) == NUMBER_S for one in readings)
    assert all(one.log_probability <= 0 for one in readings)
    assert engine.transcriber.spell(passage("number"), stretch) == readings


def test_no_passages_give_no_answers(engine: Engine) -> None:
    assert list(engine.transcriber.transcribe([])) == []


def silent_but_said_to_speak() -> Passage:
    return replace(
        passage(SPOKEN[1]),
        id="silent_but_said_to_speak",
        samples=np.zeros(112_000, dtype=np.float32),
    )


def not_a_number() -> Passage:
    good = passage(SPOKEN[1])
    return replace(good, id="not_a_number", samples=np.full_like(good.samples, np.nan))


def speech_past_the_end() -> Passage:
    good = passage(SPOKEN[1])
    return replace(good, id="speech_past_the_end", samples=good.samples[:SAMPLE_RATE_HZ])


def test_damaged_passages_harm_no_other(engine: Engine) -> None:
    good = [passage(name) for name in SPOKEN[::2]]
    bad = [silent_but_said_to_speak(), not_a_number(), speech_past_the_end()]
    heard = hear(engine.transcriber, [good[0], *bad, good[1]])
    assert set(heard) == {one.id for one in (*good, *bad)}
    for one in good:
        answer, expected = heard[one.id], transcripts(engine.heard)[one.id]
        assert isinstance(answer, Transcript)
        assert [word.text for word in answer.words] == [word.text for word in expected.words]


class Choking:
    """A recogniser that fails when a clip of a certain start is among those it is given."""

    def __init__(self, inner: Recogniser, first_sample: float) -> None:
        self._inner, self._first_sample = inner, first_sample
        self.version, self.batch_size, self.streams = (
            inner.version,
            inner.batch_size,
            inner.streams,
        )

    def recognise(self, clips: Sequence[NDArray[np.float32]], *, alone: bool) -> list[HeardClip]:
        if any(clip[0] == np.float32(self._first_sample) for clip in clips):
            raise ArithmeticError("choked")
        return self._inner.recognise(clips, alone=alone)

    def spell(self, clip: NDArray[np.float32], lead: str) -> tuple[HeardDigits, ...]:
        return self._inner.spell(clip, lead)


def test_what_fails_in_one_passage_is_its_own_answer(
    engine: Engine, network: WhisperTranscriber
) -> None:
    marked = passage(SPOKEN[1])
    marked = replace(marked, samples=marked.samples.copy())
    marked.samples[0] = 0.4321
    choking = WhisperTranscriber(Choking(network.recogniser, 0.4321))
    others = [passage(name) for name in SPOKEN[::2]]
    heard = hear(choking, [others[0], marked, others[1]])
    assert isinstance(heard.pop(marked.id), ArithmeticError)
    assert texts(heard) == {one.id: texts(engine.heard)[one.id] for one in others}


@pytest.mark.parametrize(("precision", "device"), [("float16", "cpu"), ("bfloat16", "cpu")])
def test_ct2_refuses_a_number_format_that_it_lacks(
    precision: str, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctranslate2 = pytest.importorskip("ctranslate2", reason="the ct2 engine is not installed")
    from vmaudit.asr.whisper.ct2_core import ct2_workload

    def offered(kind: str, index: int = 0) -> set[str]:
        return {"float32", "int8", "int8_float32"}

    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", offered)
    with pytest.raises(ConfigError, match=f"no {precision} on this {device}; give auto, float32"):
        ct2_workload(device, precision, None)
    assert ct2_workload(device, "auto", None).compute_type == "int8"
    assert ct2_workload("cuda:1", "float32", 5).batch_size == 5
    with pytest.raises(ConfigError, match="float16"):
        ct2_workload("cuda", "auto", None)


def test_ct2_without_ctranslate2_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'vmaudit\[ct2\]'"):
        load_transcriber(options("ct2"))


def test_ct2_names_a_folder_that_it_cannot_load(tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2", reason="the ct2 engine is not installed")
    from vmaudit.asr.whisper.ct2_core import Ct2Core, ct2_workload

    with pytest.raises(ModelError, match="cannot load"):
        Ct2Core(tmp_path, version="none", workload=ct2_workload("cpu", "int8", 1))
