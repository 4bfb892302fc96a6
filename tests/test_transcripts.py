"""What becomes of the words of a passage's windows: their times, confidence and language."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from fake_recogniser import (
    Clip,
    Hears,
    Source,
    heard_as,
    its_number,
    passage_of,
    short,
    text_of,
)

from vmaudit.asr import Passage
from vmaudit.asr.whisper.recogniser import HeardClip, HeardWord
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Transcript

# long passages


def test_a_long_passage_goes_on_where_it_was_heard_to_the_end() -> None:
    times_s = np.arange(80 * SAMPLE_RATE_HZ, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
    passage = Passage("clock", times_s, (Interval(1.0, 79.0),), Interval(0.0, 80.0))
    spans: list[tuple[float, float]] = []

    def answer(clip: Clip) -> HeardClip:
        spans.append((float(clip[0]), float(clip[-1])))
        words = tuple(
            HeardWord(f" {len(spans)}{x}", at, at + 0.2, 0.9) for x, at in (("a", 2.0), ("b", 5.0))
        )
        return HeardClip(words, 11.5 if len(spans) < 3 else None, "en", 0.99)

    [(_, outcome)] = Source([passage]).through(Hears(answer))
    for (start_s, _), (following_s, _) in pairwise(spans[:3]):
        assert following_s == pytest.approx(start_s + 11.5, abs=0.01)
    for (_, end_s), (following_s, _) in pairwise(spans[2:]):
        assert following_s == pytest.approx(end_s, abs=0.01)
    assert spans[-1][1] >= 78.9
    assert text_of(outcome).split() == [f"{i + 1}{x}" for i in range(len(spans)) for x in "ab"]
    assert isinstance(outcome, Transcript)
    expected = [start_s + at_s for start_s, _ in spans for at_s in (2.0, 5.0)]
    assert [word.start_s for word in outcome.words] == pytest.approx(expected, abs=0.01)


def test_a_rest_behind_the_window_is_its_end() -> None:
    recogniser = Hears(lambda clip: heard_as("yes", rest_s=40.0), batch=1, streams=1)
    [(_, outcome)] = Source([passage_of(0, [(1.0, 50.0)])]).through(recogniser)
    assert text_of(outcome) == "yes yes"
    assert sum(length for [length] in recogniser.calls) == pytest.approx(50.0, abs=2.1)


def test_long_and_short_passages_share_batches() -> None:
    recogniser = Hears(batch=4, streams=1)
    passages = [passage_of(0, [(1.0, 130.0)]), *(short(i, 24.0) for i in range(1, 12))]
    outcomes = Source(passages).through(recogniser)
    windows = sum(map(len, recogniser.calls))
    assert windows >= 5 + 11
    assert len(recogniser.calls) < windows - 5
    found = {passage.id: outcome for passage, outcome in outcomes}
    assert text_of(found["0"]).split() == ["0"] * (windows - 11)


# what is said of the words


def transcript_of(passage: Passage, answer: Callable[[Clip], HeardClip]) -> Transcript:
    [(_, outcome)] = Source([passage]).through(Hears(answer))
    assert isinstance(outcome, Transcript)
    return outcome


def test_confidence_is_the_mean_over_the_words() -> None:
    words = tuple(HeardWord(f" w{i}", 1.0 + i, 1.5 + i, p) for i, p in enumerate((0.2, 0.6, 1.0)))
    found = transcript_of(short(0, 8.0), lambda clip: HeardClip(words, None, "en", 0.9))
    assert found.confidence == pytest.approx(0.6)
    assert [word.confidence for word in found.words] == [0.2, 0.6, 1.0]
    assert (found.text, found.model) == ("w0 w1 w2", "fake@0")


@pytest.mark.parametrize(
    ("length_s", "probability", "text"),
    [(0.6, 0.5, ""), (0.6, 0.9, "Thank"), (2.0, 0.5, "Thank")],
)
def test_a_short_sound_must_be_heard_clearly(
    length_s: float, probability: float, text: str
) -> None:
    found = transcript_of(
        short(0, length_s), lambda clip: heard_as("Thank", probability=probability)
    )
    assert found.text == text
    assert (found.confidence is None) == (not text)
    assert len(found.words) == bool(text)


@pytest.mark.parametrize(
    ("guesses", "language"),
    [
        ([("de", 0.9), ("de", 0.8), ("en", 0.9)], "de"),
        ([("de", 0.6), ("en", 0.3), ("fr", 0.6)], "en"),  # in doubt: as configured
        ([("en", 0.9), ("en", 0.9), ("de", 0.9)], "en"),
    ],
)
def test_language_is_that_of_most_of_the_audio(
    guesses: list[tuple[str, float]], language: str
) -> None:
    answers = iter(guesses)

    def answer(clip: Clip) -> HeardClip:
        return HeardClip(its_number(clip).words, None, *next(answers))

    apart = [(1.0, 10.0), (20.0, 29.0), (40.0, 49.0)]  # so far that each is a window
    assert transcript_of(passage_of(0, apart), answer).language == language
