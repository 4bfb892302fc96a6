"""The words of a message as the scorer reads them: classes in the place of names and figures."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.records import Interval, Word
from vmaudit.scoring.wording import as_text, read_wording


def words(text: str) -> list[Word]:
    return [Word(word, float(k), k + 0.8, 0.9) for k, word in enumerate(text.split(" "))]


def read(text: str, prospect: str | None = None) -> str:
    return as_text(read_wording(words(text), prospect=prospect))


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("it is 10% off", "it is PERCENT off"),
        ("at 9:30 or at 4pm", "at CLOCK or at CLOCK"),
        ("by noon on Tuesday.", "by CLOCK on DAY"),
        ("open on Saturdays", "open on DAY"),
        ("until the 15th of March", "until the ORDINAL of MONTH"),
        ("on the twenty-third", "on the ORDINAL"),
        ("the year 2024 model", "the year NUMBER model"),
        ("twenty-five left", "NUMBER left"),
        ("one second please", "one second please"),
        ("Hi, this is Marcus Webb at Pinecrest Auto.", "hi this is NAME at NAME"),
        ("Well, I'm glad. I'll wait", "well i'm glad i'll wait"),
        ("it's Nina's truck", "it's NAME truck"),
        ("Um, so, uh, we're, erm, open.", "so we're open"),
    ],
)
def test_classes_take_the_place_of_figures_and_names(said: str, read_as: str) -> None:
    assert read(said) == read_as


def test_amounts_read_alike_as_figures_and_as_words() -> None:
    assert read("save $2,000 today") == "save MONEY today"
    assert read("save two thousand dollars today") == "save NUMBER MONEY today"
    assert read("save 50 bucks today") == "save NUMBER MONEY today"


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("the sale ends in May", "the sale ends in MONTH"),
        ("you may call", "you may call"),
        ("Thanks. May I ask", "thanks may i ask"),
        ("we march on", "we march on"),
        ("it starts March first", "it starts MONTH first"),
    ],
)
def test_may_is_a_month_and_a_verb(said: str, read_as: str) -> None:
    assert read(said) == read_as


@pytest.mark.parametrize(
    ("prospect", "said", "read_as"),
    [
        ("Will Turner", "Hi Will, I will call", "hi YOURNAME i will call"),
        ("Will Turner", "hi will turner", "hi will YOURNAME"),
        ("Angela Vega", "Angela, it's Angela's car", "YOURNAME it's YOURNAME car"),
        ("Angela Vega", "hi angela", "hi YOURNAME"),
    ],
)
def test_the_prospects_name_is_told_from_a_word_like_it(
    prospect: str, said: str, read_as: str
) -> None:
    assert read(said, prospect) == read_as


def test_callback_numbers_and_the_interest_are_one_token_each() -> None:
    said = words("call two oh six about the silver auto today")
    tokens = read_wording(said, numbers=[Interval(1.0, 3.9)], asked=[Interval(6.0, 7.9)])
    assert as_text(tokens) == "call PHONE about the ASKED today"
    assert [(token.first, token.last) for token in tokens[1:2]] == [(1, 3)]


SCRIPT = (
    "Hi {prospect}, this is {rep} at {company}. I spoke with {other} about the roof. "
    "So {prospect}, call {rep} before Friday, thanks from {company}."
)


@given(st.permutations(["Nina", "Oduya", "Mr. Whitlow", "Kowalczyk", "O'Brien", "Zoë", "Lakeside"]))
def test_other_names_are_the_same_tokens(names: list[str]) -> None:
    given_names = dict(zip(("rep", "company", "other"), names[:3], strict=True))
    plain = {"rep": "Ray", "company": "Pinecrest", "other": "Rosa"}
    first = read(SCRIPT.format(prospect="Angela", **plain), "Angela Vega")
    assert read(SCRIPT.format(prospect="Ted", **given_names), "Ted Oakley") == first


@given(
    st.lists(st.text(max_size=12), max_size=30),
    st.none() | st.text(max_size=12),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0, 30)), max_size=3),
)
def test_any_words_give_tokens_in_order_inside_the_words(
    said: list[str], prospect: str | None, numbers: list[tuple[float, float]]
) -> None:
    heard = [Word(text, float(k), k + 0.5, 0.5) for k, text in enumerate(said)]
    tokens = read_wording(
        heard, numbers=[Interval(min(one), max(one)) for one in numbers], prospect=prospect
    )
    edges = [at for token in tokens for at in (token.first, token.last)]
    assert edges == sorted(edges)
    assert all(0 <= at < len(said) for at in edges)
    assert all(before.last < after.first for before, after in pairwise(tokens))
    assert all(token.text for token in tokens)
