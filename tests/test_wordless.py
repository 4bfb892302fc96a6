"""Speech that got no words is heard once more by itself, and filled pauses alone are taken."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fake_recogniser import Clip, Hears, clip_s, passage_of
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.asr import Passage
from vmaudit.asr.whisper.recogniser import HeardClip, HeardPause, HeardSounds, HeardWord
from vmaudit.asr.whisper.transcriber import WhisperTranscriber
from vmaudit.asr.whisper.wordless import only_filled_pauses, wordless
from vmaudit.records import Interval, Transcript, Word

# Something is said, twice a sound of 0.4 s comes, and something else is said.
SPEECH = [(1.0, 3.0), (4.0, 4.4), (5.0, 5.4), (7.0, 9.0)]


def says(*words: str, at_s: float, each_s: float = 0.5) -> HeardClip:
    timed = (
        HeardWord(f" {word}", at_s + each_s * i, at_s + each_s * (i + 1), 0.8)
        for i, word in enumerate(words)
    )
    return HeardClip(tuple(timed), None, "en", 0.99)


def heard(
    between: HeardClip,
    speech: Sequence[tuple[float, float]] = SPEECH,
    *,
    sounds: HeardSounds = HeardSounds(),  # noqa: B008 - it is frozen
    asks: bool = True,
) -> tuple[Transcript, Hears]:
    """Transcribe a passage whose first and last stretch of speech have words."""

    def answer(clip: Clip) -> HeardClip:
        if clip_s(clip) < 6.0:
            return between
        before, after = says("Hello", "there", at_s=1.0), says("Call", "back", at_s=7.0)
        return HeardClip((*before.words, *after.words), None, "en", 0.99, sounds)

    recogniser = Hears(answer)
    transcriber = WhisperTranscriber(recogniser, asks_wordless=asks)
    [(_, found)] = transcriber.transcribe([passage_of(1, speech)])
    assert isinstance(found, Transcript)
    return found, recogniser


def test_a_series_between_sentences_is_written_where_it_was_said() -> None:
    found, recogniser = heard(says("uh,", "uh", at_s=1.5, each_s=1.0))
    assert found.text == "Hello there uh, uh Call back"
    assert [(w.text, round(w.start_s, 2), round(w.end_s, 2)) for w in found.words[2:4]] == [
        ("uh,", 4.0, 4.4),
        ("uh", 5.0, 5.4),
    ]
    assert [len(call) for call in recogniser.calls] == [1, 1]
    assert recogniser.calls[1] == [pytest.approx(4.4, abs=0.01)]  # with a margin of 1.5 s


@pytest.mark.parametrize("words", [("No.",), ("Thank", "you."), ("uh", "so"), ()])
def test_nothing_but_filled_pauses_is_taken(words: tuple[str, ...]) -> None:
    found, recogniser = heard(says(*words, at_s=2.0))
    assert found.text == "Hello there Call back"
    assert len(recogniser.calls) == 2


@pytest.mark.parametrize(("words", "count"), [(("No.",), 3), (("um",), 3), ((), 2)])
def test_a_sound_that_is_nothing_by_itself_is_no_filled_pause(
    words: tuple[str, ...], count: int
) -> None:
    """Of three: over a word, in the first place without words, and behind that place."""
    pauses = (HeardPause(1.0, 1.3, 0.9), HeardPause(4.1, 4.3, 0.9), HeardPause(6.0, 6.3, 0.9))
    found, _ = heard(says(*words, at_s=2.0), sounds=HeardSounds(pauses))
    assert len(found.filled_pauses) == count


def test_speech_that_has_words_is_heard_once() -> None:
    every = [SPEECH[0], SPEECH[3]]
    assert len(heard(says("uh", at_s=2.0), every)[1].calls) == 1
    assert len(heard(says("uh", at_s=2.0), asks=False)[1].calls) == 1


def test_where_no_word_was_heard_at_all_nothing_is_asked() -> None:
    recogniser = Hears(lambda _: says(at_s=0.0))
    passages: list[Passage] = [passage_of(1, SPEECH)]
    [(_, found)] = WhisperTranscriber(recogniser, asks_wordless=True).transcribe(passages)
    assert (found, len(recogniser.calls)) == (Transcript("", "en", "fake@0", None, ()), 1)


def test_each_place_without_words_is_asked_by_itself() -> None:
    found, recogniser = heard(says("um", at_s=0.5), [*SPEECH, (10.0, 10.4), (11.0, 11.5)])
    assert found.text == "Hello there um Call back um"
    assert [len(call) for call in recogniser.calls] == [1, 1, 1]


def test_what_a_filled_pause_is() -> None:
    assert only_filled_pauses(says("Um,", "uh...", "Hmm.", at_s=0.0).words)
    assert not only_filled_pauses(says("um", "hum", at_s=0.0).words)
    assert not only_filled_pauses(())


@st.composite
def spoken(draw: st.DrawFn) -> tuple[list[Word], list[Interval], Interval]:
    edges = sorted(draw(st.lists(st.integers(0, 300), max_size=16, unique=True)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    speech = [Interval(start / 10, end / 10) for start, end in pairs]
    starts = sorted(draw(st.lists(st.integers(0, 300), max_size=8)))
    words = [Word("a", at / 10, at / 10 + draw(st.integers(1, 30)) / 10, 0.5) for at in starts]
    return words, speech, Interval(0.0, 40.0)


@given(spoken())
def test_what_is_found_is_all_the_speech_that_no_word_touches(
    case: tuple[list[Word], list[Interval], Interval],
) -> None:
    words, speech, bounds = case
    found = wordless(words, speech, bounds)
    alone = [
        s for s in speech if not any(w.start_s < s.end_s and w.end_s > s.start_s for w in words)
    ]
    assert [s for one in found for s in one.speech] == alone
    places = [one.before for one in found]
    assert places == sorted(set(places))
    for one in found:
        assert one.bounds.start_s <= one.speech[0].start_s
        assert one.speech[-1].end_s <= one.bounds.end_s
        assert not any(w.start_s < one.bounds.end_s and w.end_s > one.bounds.start_s for w in words)
        assert all(w.start_s >= one.bounds.end_s for w in words[one.before :])
