"""Spoken words and syllables of written tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.delivery.syllables import Spoken, spoken

# General American; where several are usual, the one that the dictionary puts first.
COUNTED = {
    1: "hi hey this is with from the your you're it's I'll can't don't won't call called "
    "calls make makes time times price please leave left name phone line cell text truck trucks "
    "sale trade trades back best great thanks fixed missed talked asked stopped liked seemed "
    "voice choice change through thought eight nine league um hmm real there's here's",
    2: "hello about again because before number direct dealer service looking calling wanted "
    "needed message reaches boxes table little going being doing seeing player enjoy isn't "
    "didn't couldn't wouldn't it'll that'll something someone maybe business lately "
    "homework client quiet science giant people special question million onion tourist nineteen",
    3: "telephone tomorrow customer importance vehicle area idea video radio media every different "
    "premium appointment everyone afternoon another September tourism audio direction dealership's",
    4: "information appreciate material certificate everybody television "
    "automatic continuous interested",
}
# Made up, or too rare for the dictionary.
BY_RULE = {
    1: "Thwaite Brimes mm shh",
    2: "Quillmark Whitcombe Brindled Lindqvist McTev",
    3: "Harborview Kiaro Toyara",
}


@pytest.mark.parametrize("count", COUNTED)
def test_common_words(count: int) -> None:
    wrong = {word: spoken(word).syllables for word in COUNTED[count].split()}
    assert {word: found for word, found in wrong.items() if found != count} == {}


@pytest.mark.parametrize("count", BY_RULE)
def test_words_outside_the_dictionary(count: int) -> None:
    wrong = {word: spoken(word).syllables for word in BY_RULE[count].split()}
    assert {word: found for word, found in wrong.items() if found != count} == {}


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("2405550142", Spoken(10, 12)),  # two four zero five five five zero one four two
        ("240-555-0142.", Spoken(10, 12)),
        ("(555)", Spoken(3, 3)),
        ("-0142", Spoken(4, 5)),
        ("07", Spoken(2, 4)),  # zero seven
        ("7", Spoken(1, 2)),
        ("25", Spoken(2, 3)),
        ("15%", Spoken(2, 4)),
        ("$500", Spoken(3, 5)),
        ("$25,000,", Spoken(4, 7)),
        (",000", Spoken(1, 2)),  # the rest of 25,000 when cut in two
        (",500", Spoken(3, 5)),
        ("10:30", Spoken(2, 3)),
        ("10th", Spoken(1, 1)),
        ("BMW", Spoken(1, 5)),
        ("F-150", Spoken(4, 5)),
        ("twenty-five", Spoken(2, 3)),
        ("can\u2019t", Spoken(1, 1)),
        ("Hello,", Spoken(1, 2)),
        ("—", Spoken(0, 0)),
        ("", Spoken(0, 0)),
    ],
)
def test_tokens_as_they_are_spoken(token: str, said: Spoken) -> None:
    assert spoken(token) == said


@given(st.text(max_size=40))
def test_any_text_gives_at_least_a_syllable_a_word(token: str) -> None:
    said = spoken(token)
    assert 0 <= said.words <= said.syllables


@given(st.text(alphabet="0123456789", min_size=3, max_size=30))
def test_a_long_number_is_said_digit_by_digit(digits: str) -> None:
    said = spoken(digits)
    assert said.words == len(digits)
    assert said.syllables == len(digits) + digits.count("0") + digits.count("7")
