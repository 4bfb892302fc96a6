"""A closing that was said once is written once."""

from __future__ import annotations

import pytest

from vmaudit.asr.whisper.echoes import without_echo
from vmaudit.asr.whisper.recogniser import HeardWord
from vmaudit.records import Interval

SPEECH = (Interval(0.0, 2.0),)


def heard(*words: tuple[str, float, float]) -> tuple[HeardWord, ...]:
    return tuple(HeardWord(text, start_s, end_s, 0.9) for text, start_s, end_s in words)


def test_a_closing_repeated_in_silence_goes() -> None:
    words = heard(
        (" Thank", 1.0, 1.5), (" you.", 1.5, 1.9), (" Thank", 2.4, 2.6), (" you!", 2.6, 2.6)
    )
    assert without_echo(words, SPEECH) == words[:2]


def test_a_closing_repeated_in_no_time_goes() -> None:
    words = heard((" Bye.", 1.5, 1.9), (" Bye.", 1.95, 1.97))
    assert without_echo(words, SPEECH) == words[:1]


@pytest.mark.parametrize(
    "words",
    [
        heard((" Bye.", 1.0, 1.4), (" Bye.", 1.6, 1.9)),  # really said twice
        heard((" Thanks.", 1.5, 2.0), (" Bye.", 2.4, 2.4)),  # another word
        heard((" five", 1.0, 1.4), (" 5", 1.9, 2.0), (" 5", 2.4, 2.4)),  # a digit
        heard((" Bye.", 2.4, 2.4)),
        (),
    ],
)
def test_all_else_stays(words: tuple[HeardWord, ...]) -> None:
    assert without_echo(words, SPEECH) == words
