"""The Auditor: one recording never ends a run, and equal content is heard once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from helpers import CONFIG, Listener, auditor_for, crash_on_name, say, script_for

import vmaudit.pipeline.hearing
from vmaudit.asr import Passage
from vmaudit.audio import DecodePool
from vmaudit.config import Config, RecordingOptions, RunOptions
from vmaudit.pipeline import Audited, Auditor, Heard, NothingKnown
from vmaudit.pipeline.judge import judge
from vmaudit.recordings import scan
from vmaudit.records import (
    AudioInfo,
    CallMetadata,
    Delivery,
    DigitReading,
    Failure,
    Interval,
    Isolation,
    Outcome,
    Recording,
    Rep,
    Span,
    Transcript,
)
from vmaudit.scoring import DEFAULT_RUBRIC, make_judge

SOUND = AudioInfo(6.0, 8000, 1, "pcm_mulaw")
RECORDING = Recording("0" * 64, Path("a.wav"), "a.wav", 1)


def audit_all(auditor: Auditor, folder: Path) -> dict[str, Audited | Failure]:
    found = scan(folder, RecordingOptions()).recordings
    results = [result for batch in auditor.audit(found) for result in batch]
    by_path = {_path_of(result): result for result in results}
    assert len(by_path) == len(results) == len(found)
    return by_path


def _path_of(result: Audited | Failure) -> str:
    return result.path if isinstance(result, Failure) else result.recording.relative_path


def the_failure(results: dict[str, Audited | Failure]) -> Failure:
    """The one failure; everything else was audited."""
    (failure,) = [result for result in results.values() if isinstance(result, Failure)]
    return failure


def test_each_recording_gives_one_result(recordings: Path, listener: Listener) -> None:
    results = audit_all(auditor_for(listener), recordings)
    audits = {path: r.audit for path, r in results.items() if isinstance(r, Audited)}
    assert {path: audit.status for path, audit in audits.items()} == {
        "marcus/brandt.wav": "scored",
        "nina/oakley.wav": "scored",
        "nina/vega.wav": "scored",
        "ray/leak.wav": "scored",
        "silent.wav": "not_scorable",
    }
    vega = audits["nina/vega.wav"]
    assert vega.callback is not None
    assert vega.callback.repeated
    assert vega.callback.numbers[0].digits == "2065550142"
    assert audits["silent.wav"].reasons == ("no speech",)
    assert audits["silent.wav"].scores is None


def test_engine_may_look_around_the_message_up_to_the_beep(
    recordings: Path, listener: Listener
) -> None:
    results = audit_all(auditor_for(listener), recordings)
    oakley = results["nina/oakley.wav"]
    assert isinstance(oakley, Audited)
    passage = listener.passages[oakley.recording.id]
    # The beep is at 10.104 to 10.505 s of the sample, which was cut at 8 s.
    assert passage.bounds.start_s == pytest.approx(2.505, abs=0.1)
    assert passage.bounds.end_s == pytest.approx(7.0)
    assert all(part.start_s >= passage.bounds.start_s for part in passage.speech)


class Backwards(Listener):
    """Hears everything, then answers from the last to the first, as any engine may."""

    def transcribe(
        self, passages: Iterable[Passage]
    ) -> Iterator[tuple[Passage, Transcript | Exception]]:
        yield from reversed(list(super().transcribe(passages)))


def test_results_do_not_depend_on_the_order_nor_on_how_many_work(recordings: Path) -> None:
    script = script_for(recordings)
    in_order = audit_all(auditor_for(Listener(script)), recordings)
    three = Config(run=RunOptions(jobs=3))
    assert audit_all(auditor_for(Listener(script), three), recordings) == in_order
    assert audit_all(auditor_for(Backwards(script), three), recordings) == in_order


def test_only_digits_in_doubt_are_heard_again(recordings: Path) -> None:
    script = script_for(recordings)
    plain = Listener(script)
    audit_all(auditor_for(plain), recordings)
    assert plain.spelled == []

    [content] = [content for content, one in script.items() if "again" in one.text]
    *words, last = script[content].words
    script[content] = replace(script[content], words=(*words, replace(last, text="206-55-0142.")))
    unheard = Listener(script)
    assert statements_of(audit_all(auditor_for(unheard), recordings), content) == 1
    [stretch] = unheard.spelled
    assert (stretch.digits, stretch.lead) == ("206550142", "again")
    reading = DigitReading(round(stretch.start_s, 4), round(stretch.end_s, 4), "2065550142", -0.2)
    heard = Listener(script, readings={content: (reading,)})
    assert statements_of(audit_all(auditor_for(heard), recordings), content) == 2


def test_the_pace_is_of_the_digits_as_both_hearings_have_them(recordings: Path) -> None:
    script = script_for(recordings)
    [content] = [content for content, one in script.items() if "again" in one.text]
    *words, last = script[content].words
    true = delivery_of(audit_all(auditor_for(Listener(script)), recordings), content)
    script[content] = replace(script[content], words=(*words, replace(last, text="206-55-0142.")))
    misheard = Listener(script)
    first = delivery_of(audit_all(auditor_for(misheard), recordings), content)
    [stretch] = misheard.spelled
    reading = DigitReading(round(stretch.start_s, 4), round(stretch.end_s, 4), "2065550142", -0.2)
    twice = Listener(script, readings={content: (reading,)})
    voted = delivery_of(audit_all(auditor_for(twice), recordings), content)
    assert first.words_per_minute != true.words_per_minute
    assert voted.words_per_minute == true.words_per_minute


def delivery_of(results: dict[str, Audited | Failure], content: str) -> Delivery:
    [found] = [
        r.delivery for r in results.values() if isinstance(r, Audited) and r.audit.id == content
    ]
    return found


def statements_of(results: dict[str, Audited | Failure], content: str) -> int:
    [audit] = [
        r.audit for r in results.values() if isinstance(r, Audited) and r.audit.id == content
    ]
    assert audit.callback is not None
    [number] = audit.callback.numbers
    assert number.digits == "2065550142"
    return number.times


def test_engine_that_fails_on_one_costs_one(recordings: Path) -> None:
    script = script_for(recordings)
    bad = sorted(script)[1]

    def fail(_: int, passage: Passage) -> None:
        if passage.id == bad:
            raise RuntimeError("no words for \udcff")  # as an undecodable file name would

    failure = the_failure(audit_all(auditor_for(Listener(script, before=fail)), recordings))
    assert (failure.id, failure.stage) == (bad, "transcribe")
    assert failure.reason == "unexpected RuntimeError: no words for \\udcff"


def fail_on_second(function: Callable[..., Any]) -> Callable[..., Any]:
    calls = []

    def failing(*args: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ZeroDivisionError("seven by none")
        return function(*args, **options)

    return failing


@pytest.mark.parametrize(
    ("name", "stage"),
    [("hearing.isolate", "isolate"), ("hearing.measure", "measure"), ("auditor.judge", "score")],
)
def test_fault_in_a_stage_costs_one_recording(
    name: str, stage: str, recordings: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = attrgetter(name)(vmaudit.pipeline)
    monkeypatch.setattr(f"vmaudit.pipeline.{name}", fail_on_second(function))
    failure = the_failure(audit_all(auditor_for(listener), recordings))
    assert failure.stage == stage
    assert failure.reason == "unexpected ZeroDivisionError: seven by none"


def test_decoder_that_crashes_costs_one_recording(
    folder: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "nina/vega.wav").rename(folder / "nina/crash.wav")
    pool = partial(DecodePool, decode_one=crash_on_name)
    monkeypatch.setattr("vmaudit.pipeline.hearing.DecodePool", pool)
    failure = the_failure(audit_all(auditor_for(listener), folder))
    assert (failure.path, failure.stage) == ("nina/crash.wav", "decode")
    assert "decoder process died" in failure.reason


def test_copies_are_heard_once_and_keep_their_own_metadata(
    recordings: Path, listener: Listener
) -> None:
    found = scan(recordings, RecordingOptions()).recordings
    first = next(item for item in found if item.relative_path == "nina/vega.wav")
    copies = [
        replace(first, relative_path=f"{rep}.wav", metadata=CallMetadata(rep=rep))
        for rep in ("nina", "marcus")
    ]
    roster = {
        "nina": Rep("nina", direct_number="206-555-0142"),
        "marcus": Rep("marcus", direct_number="206-555-0178"),
    }
    (results,) = auditor_for(listener).audit(copies, roster=roster)
    assert listener.heard == [first.id]
    audits = [result.audit for result in results if isinstance(result, Audited)]
    assert [(audit.path, audit.rep) for audit in audits] == [
        ("nina.wav", "nina"),
        ("marcus.wav", "marcus"),
    ]
    matches = [audit.callback.numbers[0].roster for audit in audits if audit.callback]
    assert matches == ["match", "mismatch"]


def test_copies_of_a_bad_file_all_fail(tmp_path: Path, listener: Listener) -> None:
    missing = Recording("0" * 64, tmp_path / "gone.wav", "gone.wav", 1)
    copies = [missing, replace(missing, relative_path="copy.wav")]
    (results,) = auditor_for(listener).audit(copies)
    assert [(r.path, r.stage) for r in results if isinstance(r, Failure)] == [
        ("gone.wav", "decode"),
        ("copy.wav", "decode"),
    ]


class WordsKnown(NothingKnown):
    """Has what was heard, but no delivery: it was measured by another version."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def heard(self, recording: Recording) -> Heard | None:
        return self._heard if recording.id else None


def test_known_words_are_measured_again_without_the_engine(
    recordings: Path, listener: Listener
) -> None:
    found = scan(recordings, RecordingOptions()).recordings[:1]
    ((first,),) = auditor_for(listener).audit(found)
    assert isinstance(first, Audited)
    silent = Listener({})
    ((again,),) = auditor_for(silent).audit(found, known=WordsKnown(first.heard))
    assert again == first
    assert silent.heard == []


@pytest.mark.parametrize(
    ("section", "change", "changed"),
    [
        ("audio", {"channel": "left"}, "speech"),
        ("audio", {"raw_codec": "alaw"}, "speech"),
        ("speech", {"threshold": 0.4}, "speech"),
        ("asr", {"language": "de"}, "speech"),
        ("asr", {"verbatim": False}, "speech"),
        ("content", {"region": "GB"}, "speech"),
        ("run", {"jobs": 3}, None),
        ("asr", {"batch_size": 3}, None),
        ("audio", {"max_duration_s": 60.0}, None),
    ],
)
def test_keys_change_with_what_the_result_depends_on(
    section: str, change: dict[str, Any], changed: str | None, listener: Listener
) -> None:
    before = auditor_for(listener)
    after = auditor_for(listener, Config.model_validate({section: change}))
    heard_again = changed == "speech"
    assert (before.speech_key(RECORDING) != after.speech_key(RECORDING)) is heard_again
    assert (before.delivery_key(RECORDING) != after.delivery_key(RECORDING)) is heard_again
    assert (before.audit_key(RECORDING, None) != after.audit_key(RECORDING, None)) is bool(changed)


def test_audit_key_depends_on_metadata_and_roster_row(listener: Listener) -> None:
    auditor = auditor_for(listener)
    nina = replace(RECORDING, metadata=CallMetadata(rep="nina"))
    keys = {
        auditor.audit_key(RECORDING, None),
        auditor.audit_key(nina, None),
        auditor.audit_key(nina, Rep("nina", direct_number="206-555-0142")),
        auditor.audit_key(nina, Rep("nina", direct_number="206-555-0143")),
    }
    assert len(keys) == 4


def heard(
    transcript: Transcript, *, speech_s: float = 5.0, outcome: Outcome = "left_message"
) -> Heard:
    message = Interval(0.0, 6.0)
    speech = (Interval(0.5, 0.5 + speech_s),)
    spans = (Span("message", 0.0, 6.0),)
    return Heard(SOUND, Isolation(spans, message, speech, (), (outcome,)), transcript)


@pytest.mark.parametrize(
    ("found", "reasons"),
    [
        (heard(say("Hallo hier ist Nina", 1, 5, language="de")), ("spoken in de, not en",)),
        (
            heard(say("Hi bye", 1, 2), speech_s=1.5, outcome="hang_up"),
            ("hang-up: 1.5 s of speech, 2 words",),
        ),
        (heard(say("Hi, this is", 1, 5), outcome="cut_off"), ()),
        (
            heard(say("mumble mumble", 1, 5, confidence=0.2)),
            ("too unclear to transcribe: word confidence 0.20",),
        ),
        (heard(say("", 1, 5, confidence=None)), ("no words were heard in the speech",)),
        (
            Heard(SOUND, Isolation((), None, (), ("no speech",)), say("", 0, 0, confidence=None)),
            ("no speech",),
        ),
        (heard(say("Hi, this is Nina", 1, 5)), ()),
    ],
)
def test_what_cannot_be_judged_gets_reasons_and_no_score(
    found: Heard, reasons: tuple[str, ...]
) -> None:
    scoring = make_judge(DEFAULT_RUBRIC)
    audit = judge(RECORDING, found, Delivery(), rep=None, config=CONFIG, scoring=scoring)
    assert audit.reasons == reasons
    assert audit.status == ("not_scorable" if reasons else "scored")
    assert (audit.scores is None) is bool(reasons)
