"""Delivery set against what was said: the number, and what is asked."""

from __future__ import annotations

import pytest

from vmaudit.delivery import set_against
from vmaudit.records import Delivery, Interval, Isolation, Track, Word

MESSAGE = Interval(0.0, 20.0)
WHERE = Isolation((), MESSAGE, (MESSAGE,))
# Two syllables a second, and one in the number from 10 to 16 s.
WORDS = tuple(
    Word("six" if 10 <= at_s < 16 else "so", at_s, at_s + 0.3, 0.9)
    for at_s in [*(k / 2 for k in range(20)), *range(10, 16), *(16 + k / 2 for k in range(8))]
)
NUMBER, ASK = Interval(10.0, 16.0), Interval(16.0, 18.0)
# An octave up in the ask.
PITCH = Track(0.0, 0.1, tuple(100.0 if k < 160 else 100.0 + 10 * (k - 160) for k in range(171)))
MEASURED = Delivery(
    speech_s=20.0,
    pitch_over_time=PITCH,
    unmeasured={"number_pace_ratio": "later", "ask_pitch_range_semitones": "later", "snr_db": "?"},
)


def test_the_number_and_the_ask_are_measured() -> None:
    found = set_against(MEASURED, WHERE, WORDS, numbers=[NUMBER], asks=[ASK])
    assert found.number_pace_ratio == pytest.approx(0.5, abs=0.05)
    assert found.ask_pitch_range_semitones == pytest.approx(9.5, abs=0.5)
    assert found.unmeasured == {"snr_db": "?"}


def test_what_was_not_said_leaves_its_reason() -> None:
    found = set_against(MEASURED, WHERE, WORDS, numbers=[], asks=[])
    assert (found.number_pace_ratio, found.ask_pitch_range_semitones) == (None, None)
    assert found.unmeasured == {
        "number_pace_ratio": "no number was stated",
        "ask_pitch_range_semitones": "nothing is asked",
        "snr_db": "?",
    }


def test_a_message_that_was_not_measured_stays_as_it_is() -> None:
    nothing = Delivery(unmeasured={"number_pace_ratio": "no speech"})
    for where in (WHERE, Isolation((), None, ())):
        assert set_against(nothing, where, WORDS, numbers=[NUMBER], asks=[ASK]) == nothing


def test_statements_may_overlap_and_lie_outside_the_message() -> None:
    one = set_against(MEASURED, WHERE, WORDS, numbers=[NUMBER], asks=[ASK])
    more = [Interval(15.0, 16.0), NUMBER, Interval(30.0, 40.0)]
    assert set_against(MEASURED, WHERE, WORDS, numbers=more, asks=[ASK, ASK]) == one


def test_twice_gives_the_same() -> None:
    one = set_against(MEASURED, WHERE, WORDS, numbers=[NUMBER], asks=[ASK])
    assert set_against(one, WHERE, WORDS, numbers=[NUMBER], asks=[ASK]) == one
