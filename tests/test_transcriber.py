"""Passages in, transcripts out: batches, memory, faults and ends, with a recogniser of our own."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence

import pytest
from fake_recogniser import (
    Clip,
    Hears,
    Source,
    clip_s,
    heard_as,
    its_number,
    passage_of,
    short,
    text_of,
)
from helpers import wait_for
from hypothesis import given, settings
from hypothesis import strategies as st

from vmaudit.asr import Passage
from vmaudit.asr.whisper.recogniser import HeardClip
from vmaudit.asr.whisper.transcriber import WAITING_BATCHES, WhisperTranscriber
from vmaudit.asr.whisper.windows import CONTEXT_S
from vmaudit.records import Transcript


def speech_threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("vmaudit-speech")]


@st.composite
def speeches(draw: st.DrawFn) -> list[tuple[float, float]]:
    parts, time_s = [], 0.0
    for gap_s, length_s in draw(
        st.lists(st.tuples(st.floats(0.1, 6), st.floats(0.3, 40)), max_size=4)
    ):
        parts.append((time_s + gap_s, time_s + gap_s + length_s))
        time_s = parts[-1][1]
    return parts


@settings(max_examples=60, deadline=None)
@given(st.lists(speeches(), max_size=14), st.integers(1, 5), st.integers(1, 3))
def test_every_passage_comes_back_once_in_batches_that_fit(
    speech: list[list[tuple[float, float]]], batch: int, streams: int
) -> None:
    passages = [passage_of(number, parts) for number, parts in enumerate(speech)]
    recogniser = Hears(batch=batch, streams=streams)
    outcomes = Source(passages).through(recogniser)
    assert sorted(p.id for p, _ in outcomes) == sorted(p.id for p in passages)
    for passage, outcome in outcomes:
        said = text_of(outcome).split()
        assert set(said) == ({passage.id} if passage.speech else set())
        assert isinstance(outcome, Transcript)
        assert len(outcome.words) == len(said)
        times = [word.start_s for word in outcome.words]
        assert times == sorted(times)
    assert all(1 <= len(call) <= batch for call in recogniser.calls)
    assert all(0 < length <= CONTEXT_S + 1e-3 for call in recogniser.calls for length in call)
    assert not recogniser.disturbed
    assert not speech_threads()


@settings(max_examples=25, deadline=None)
@given(st.lists(speeches(), max_size=9), st.integers(2, 5), st.integers(2, 3))
def test_transcripts_do_not_depend_on_the_batches(
    speech: list[list[tuple[float, float]]], batch: int, streams: int
) -> None:
    def answer(clip: Clip) -> HeardClip:
        rest_s = clip_s(clip) / 2 if clip_s(clip) > 10 else None
        return heard_as(f"{int(clip[0])}/{clip_s(clip):.3f}", rest_s=rest_s)

    passages = [passage_of(number, parts) for number, parts in enumerate(speech)]
    together = Source(passages).through(Hears(answer, batch=batch, streams=streams))
    found = {passage.id: outcome for passage, outcome in together}
    for passage in passages:
        [(_, alone)] = Source([passage]).through(Hears(answer, batch=1, streams=1))
        assert found[passage.id] == alone


def test_nothing_is_taken_before_it_is_asked_for() -> None:
    source, recogniser = Source([short(i) for i in range(100)]), Hears(batch=2, streams=2)
    transcripts = WhisperTranscriber(recogniser).transcribe(source)
    assert (source.taken, recogniser.calls, speech_threads()) == (0, [], [])
    next(transcripts)
    assert source.taken <= (WAITING_BATCHES + recogniser.streams) * recogniser.batch_size
    assert isinstance(transcripts, Generator)
    transcripts.close()


def test_what_has_no_speech_comes_back_at_once() -> None:
    source = Source([passage_of(0, []), *(short(i) for i in range(1, 50))])
    recogniser = Hears()
    passage, outcome = next(WhisperTranscriber(recogniser).transcribe(source))
    assert (passage.id, source.taken, recogniser.calls) == ("0", 1, [])
    assert outcome == Transcript("", "en", "fake@0", None, ())


@pytest.mark.parametrize(("batch", "streams"), [(1, 1), (2, 2), (3, 1)])
@pytest.mark.parametrize("duration_s", [5.0, 100.0, 600.0, 1800.0])
def test_no_more_audio_is_open_than_the_batches_need(
    duration_s: float, batch: int, streams: int
) -> None:
    """A batch holds ``CONTEXT_S`` a clip; some of them wait, and one passage may go beyond."""
    passages = [passage_of(i, [(1.0, 3.0)], duration_s) for i in range(60)]
    source, recogniser = Source(passages), Hears(batch=batch, streams=streams)
    assert len(source.through(recogniser)) == 60
    room_s = (WAITING_BATCHES + streams) * batch * CONTEXT_S
    assert source.most_open * duration_s <= room_s + duration_s
    assert source.most_open <= (WAITING_BATCHES + streams) * batch


def busy_through(passages: Sequence[Passage], *, batch: int) -> Hears:
    """Hear all with one stream, so slow that as many windows as may always wait."""
    source, full = Source(passages), (WAITING_BATCHES + 1) * batch

    def answer(clip: Clip) -> HeardClip:
        wait_for(
            lambda: source.taken == len(passages) or source.taken - source.returned >= full, 30.0
        )
        return its_number(clip)

    recogniser = Hears(answer, batch=batch, streams=1)
    heard = [text_of(outcome) for _, outcome in source.through(recogniser)]
    assert sorted(heard) == sorted(passage.id for passage in passages)
    return recogniser


def test_windows_of_like_length_travel_together() -> None:
    lengths_s = [2.0, 20.0, 7.0, 26.0] * 25
    calls = busy_through([short(i, s) for i, s in enumerate(lengths_s)], batch=5).calls
    waiting_s = sum(max(call) * len(call) - sum(call) for call in calls)
    in_order = [lengths_s[i : i + 5] for i in range(0, 100, 5)]
    otherwise_s = sum(max(some) * 5 - sum(some) for some in in_order)
    assert waiting_s < otherwise_s / 3


def test_full_batches_until_the_last_which_are_shared_out() -> None:
    recogniser = Hears(batch=8, streams=2)
    Source([short(i, 2.0 + i) for i in range(6)]).through(recogniser)
    assert sorted(map(len, recogniser.calls)) == [3, 3]
    recogniser = Hears(batch=8, streams=1)
    Source([short(i) for i in range(80)]).through(recogniser)
    assert [len(call) for call in recogniser.calls] == [8] * 10


def test_the_last_are_shared_with_a_stream_that_is_still_busy() -> None:
    def answer(clip: Clip) -> HeardClip:
        if clip[0] < 8:  # the first batch is slow
            wait_for(lambda: len(recogniser.calls) == 4, 30.0)
        return its_number(clip)

    recogniser = Hears(answer, batch=8, streams=2)
    Source([short(i) for i in range(14)]).through(recogniser)
    assert [len(call) for call in recogniser.calls] == [8, 3, 2, 1]


def test_the_longest_of_the_last_go_first() -> None:
    _, *last = busy_through([short(i, 1.0 + i) for i in range(8)], batch=2).calls
    longest = [max(call) for call in last]
    assert longest == sorted(longest, reverse=True)
    assert len(last) == 3


def test_streams_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=30)

    def answer(clip: Clip) -> HeardClip:
        both.wait()  # breaks unless another call is there at the same time
        return its_number(clip)

    recogniser = Hears(answer, batch=1, streams=2)
    outcomes = Source([short(i) for i in range(8)]).through(recogniser)
    assert sorted(text_of(outcome) for _, outcome in outcomes) == [str(i) for i in range(8)]
    assert recogniser.alone == [False] * 8


def test_one_alone_is_told_so() -> None:
    recogniser = Hears(batch=4, streams=3)
    Source([short(0)]).through(recogniser)
    assert recogniser.alone == [True]
    long = Hears(batch=4, streams=3)
    Source([passage_of(0, [(1.0, 100.0)])]).through(long)
    assert len(long.alone) >= 4
    assert all(long.alone)


# faults and ends


@pytest.mark.parametrize("batch", [1, 4, 16])
def test_a_clip_that_cannot_be_heard_costs_its_passage_alone(batch: int) -> None:
    def answer(clip: Clip) -> HeardClip:
        if int(clip[0]) in (3, 7):
            raise ZeroDivisionError(f"no words in {int(clip[0])}")
        return its_number(clip)

    outcomes = Source([short(i) for i in range(10)]).through(Hears(answer, batch=batch))
    found = {passage.id: outcome for passage, outcome in outcomes}
    assert len(outcomes) == len(found) == 10
    for number in ("3", "7"):
        error = found.pop(number)
        assert isinstance(error, ZeroDivisionError)
        assert str(error) == f"no words in {number}"
        assert error.__traceback__ is None  # it would keep the whole batch alive
    assert all(text_of(outcome) == number for number, outcome in found.items())


def test_a_fault_in_a_later_window_comes_once_and_ends_the_passage() -> None:
    def answer(clip: Clip) -> HeardClip:
        if len(recogniser.calls) == 2:
            raise ZeroDivisionError
        return its_number(clip)

    recogniser = Hears(answer, batch=1, streams=1)
    [(passage, outcome)] = Source([passage_of(5, [(1.0, 95.0)])]).through(recogniser)
    assert passage.id == "5"
    assert isinstance(outcome, ZeroDivisionError)
    assert len(recogniser.calls) == 2


def test_closing_early_ends_the_threads() -> None:
    transcripts = WhisperTranscriber(Hears()).transcribe(short(i) for i in range(50))
    next(transcripts)
    assert speech_threads()
    assert isinstance(transcripts, Generator)
    transcripts.close()
    assert not speech_threads()


def test_a_source_that_breaks_ends_the_threads_and_is_heard_of() -> None:
    def source() -> Iterator[Passage]:
        yield from (short(i) for i in range(20))
        raise KeyboardInterrupt

    transcripts = WhisperTranscriber(Hears(batch=1)).transcribe(source())
    with pytest.raises(KeyboardInterrupt):
        list(transcripts)
    assert not speech_threads()
