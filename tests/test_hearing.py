"""One pass over recordings: what comes out of its stages, how much waits, and what it leaves."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import soundfile
from helpers import CUTS, Listener, sample, say, wait_for, write_wav

import vmaudit.pipeline.hearing as module
from vmaudit.asr import Passage
from vmaudit.audio import decode
from vmaudit.config import AudioOptions, Config, RunOptions
from vmaudit.errors import NotAudio
from vmaudit.pipeline import Heard
from vmaudit.pipeline.hearing import Hearing, Measured, Unheard, kept
from vmaudit.records import (
    SAMPLE_RATE_HZ,
    AudioInfo,
    Delivery,
    FilledPause,
    Interval,
    Isolation,
    Recording,
    Span,
    Transcript,
)
from vmaudit.speech import VoiceActivity

VOICE_ACTIVITY = VoiceActivity(Config().speech)
SHORT_S = 2.0


def cut_of(path: Path, duration_s: float = SHORT_S) -> Path:
    """The beginning of one of the cuts, with somebody speaking."""
    name, start_s, _, _ = CUTS["marcus/brandt.wav"]
    start = round(start_s * SAMPLE_RATE_HZ)
    return write_wav(path, sample(name)[start : start + round(duration_s * SAMPLE_RATE_HZ)])


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    return cut_of(tmp_path / "spoken.wav")


def recordings_of(path: Path, count: int) -> list[Recording]:
    """One file under many ids."""
    return [Recording(f"{number:064}", path, f"{number}.wav", 1) for number in range(count)]


def known_words(recordings: list[Recording]) -> dict[str, Heard]:
    message = Interval(0.0, SHORT_S)
    heard = Heard(
        AudioInfo(SHORT_S, SAMPLE_RATE_HZ, 1, "pcm_s16le"),
        Isolation((Span("message", 0.0, SHORT_S),), message, (Interval(0.2, 1.8),)),
        Transcript("", "en", "scripted", None, ()),
    )
    return {recording.id: heard for recording in recordings}


def listen(
    listener: Listener,
    recordings: list[Recording],
    known: Mapping[str, Heard] | None = None,
    *,
    jobs: int = 1,
) -> Generator[Measured | Unheard, None, None]:
    config = Config(run=RunOptions(jobs=jobs))
    with Hearing(config, VOICE_ACTIVITY, listener) as hearing:
        yield from hearing.of(recordings, known or {})


def threads_of_a_pass() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("vmaudit-")]


@pytest.mark.parametrize("jobs", [1, 3])
def test_everything_comes_out_once_whatever_stage_it_ends_in(
    jobs: int, tmp_path: Path, spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = recordings_of(spoken, 9)
    odd = {"survey": 2.25, "measure": 2.5}  # told by how long they are

    def fail_at(name: str) -> None:
        function = getattr(module, name)

        def failing(samples: np.ndarray, *arguments: object, **others: object) -> object:
            if len(samples) == odd[name] * SAMPLE_RATE_HZ:
                raise ZeroDivisionError(name)
            return function(samples, *arguments, **others)

        monkeypatch.setattr(module, name, failing)

    def fail(_: int, passage: Passage) -> None:
        if passage.id == items[5].id:
            raise ZeroDivisionError("transcribe")

    (tmp_path / "bad.wav").write_text("no audio")
    items[1] = Recording("bad", tmp_path / "bad.wav", "bad.wav", 1)
    for stage, number in (("survey", 3), ("measure", 7)):
        fail_at(stage)
        path = cut_of(tmp_path / f"{stage}.wav", odd[stage])
        items[number] = Recording(stage, path, path.name, 1)
    known = known_words([items[4]])
    listener = Listener({}, before=fail)
    results = list(listen(listener, items, known, jobs=jobs))

    assert sorted(r.recording.id for r in results) == sorted(item.id for item in items)
    failed = {r.recording.id: r for r in results if isinstance(r, Unheard)}
    stages = {content: result.stage for content, result in failed.items()}
    assert stages == {
        "bad": "decode",
        "survey": "isolate",
        items[5].id: "transcribe",
        "measure": "measure",
    }
    assert isinstance(failed.pop("bad").error, NotAudio)
    assert {str(result.error) for result in failed.values()} == {"survey", "transcribe", "measure"}
    assert items[4].id not in listener.heard
    assert not threads_of_a_pass()


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_more_waits_to_be_measured_than_twice_the_jobs(
    jobs: int, spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def measure(*_: object) -> Delivery:
        assert go_on.wait(60)
        return Delivery()

    monkeypatch.setattr(module, "measure", measure)
    listener = Listener({})
    items = recordings_of(spoken, 12)
    results: list[Measured | Unheard] = []
    reader = threading.Thread(target=lambda: results.extend(listen(listener, items, jobs=jobs)))
    reader.start()
    try:
        stuck_at = 2 * jobs + 1  # so many wait, and one more was heard
        wait_for(lambda: len(listener.heard) >= stuck_at)
        reader.join(0.5)
        assert len(listener.heard) == stuck_at
    finally:
        go_on.set()
        reader.join(60)
    assert not reader.is_alive()
    assert sorted(r.recording.id for r in results) == [item.id for item in items]
    assert all(isinstance(result, Measured) for result in results)


def test_results_come_while_others_are_still_to_be_heard(
    spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "measure", lambda *_: Delivery())
    listener = Listener({})
    results = listen(listener, recordings_of(spoken, 12))
    for seen, _ in enumerate(results, start=1):
        # Two may wait to be measured, and one was just heard.
        assert len(listener.heard) <= seen + 2 + 1
    assert len(listener.heard) == 12


def test_known_words_are_measured_without_the_engine(spoken: Path) -> None:
    items = recordings_of(spoken, 5)
    listener = Listener({})
    results = list(listen(listener, items, known_words(items)))
    assert listener.heard == []
    assert [r.recording for r in results] == items
    for result in results:
        assert isinstance(result, Measured)
        assert result.heard == known_words(items)[result.recording.id]
        assert result.delivery.speech_s == pytest.approx(1.6)
        assert result.delivery.level_dbfs is not None


@pytest.mark.parametrize(("confidence", "begins_earlier"), [(0.9, True), (0.55, False)])
def test_a_message_begins_with_the_filled_pause_that_was_heard_before_its_first_word(
    confidence: float, begins_earlier: bool, tmp_path: Path
) -> None:
    quiet = np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)
    samples = np.concatenate([quiet, decode(cut_of(tmp_path / "cut.wav"), AudioOptions()).samples])
    [recording] = recordings_of(write_wav(tmp_path / "late.wav", samples), 1)
    hesitation = FilledPause(0.3, 0.6, confidence)
    said = say("Hi there.", 1.4, 2.6, filled_pauses=(hesitation,))
    [found] = listen(Listener({recording.id: said}), [recording])
    assert isinstance(found, Measured)
    message = found.heard.isolation.message
    assert message is not None
    assert (message.start_s == pytest.approx(0.2, abs=0.01)) == begins_earlier
    counted = [one.start_s for one in found.delivery.fillers]
    assert counted == ([hesitation.start_s] if begins_earlier else [])


@pytest.mark.parametrize("channel", ["left", "right"])
def test_known_words_are_measured_on_the_channel_they_were_heard_on(
    channel: Literal["left", "right"], tmp_path: Path
) -> None:
    name, start_s, _, _ = CUTS["marcus/brandt.wav"]
    start, length = round(start_s * SAMPLE_RATE_HZ), round(SHORT_S * SAMPLE_RATE_HZ)
    left = sample(name)[start : start + length]
    right = 0.1 * sample(name)[start + length : start + 2 * length]
    soundfile.write(tmp_path / "two.wav", np.stack([left, right], axis=1), SAMPLE_RATE_HZ)
    [item] = recordings_of(tmp_path / "two.wav", 1)
    [heard] = known_words([item]).values()
    heard = replace(heard, audio=replace(heard.audio, channels=2, channel=channel))
    [result] = listen(Listener({}), [item], {item.id: heard})
    assert isinstance(result, Measured)
    [alone] = listen(
        Listener({}),
        recordings_of(write_wav(tmp_path / "one.wav", left if channel == "left" else right), 1),
        known_words(recordings_of(tmp_path / "one.wav", 1)),
    )
    assert isinstance(alone, Measured)
    assert result.delivery.level_dbfs == pytest.approx(alone.delivery.level_dbfs, abs=0.1)


WHOLE = say("Leave a message. Call 206 -555 -0142 now.", 0.0, 4.0)
SPOKEN = replace(WHOLE, text="Leave a message. Call 206-555-0142 now.")


def test_some_words_of_a_transcript_keep_their_text_in_one_piece() -> None:
    rest = kept(SPOKEN, SPOKEN.words[3:])
    assert rest.text == "Call 206-555-0142 now."
    assert rest.words == SPOKEN.words[3:]
    assert kept(SPOKEN, SPOKEN.words[:3]).text == "Leave a message."
    assert kept(SPOKEN, SPOKEN.words) == SPOKEN
    nothing = kept(SPOKEN, ())
    assert (nothing.text, nothing.words, nothing.confidence) == ("", (), None)


def test_a_text_that_is_not_made_of_its_words_is_joined_anew() -> None:
    odd = replace(WHOLE, text="leave a message call two oh six")
    assert kept(odd, odd.words[3:]).text == "Call 206-555-0142 now."


def test_leaving_early_ends_threads_and_processes(
    spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "measure", lambda *_: Delivery())
    results = listen(Listener({}), recordings_of(spoken, 12), jobs=2)
    next(results)
    assert threads_of_a_pass()
    results.close()
    assert not threads_of_a_pass()
