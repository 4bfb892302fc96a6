"""Where the listener is asked for something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.content import find_asks
from vmaudit.records import Word

WORD_S, GAP_S = 0.3, 0.1


def words_of(text: str) -> list[Word]:
    step_s = WORD_S + GAP_S
    return [
        Word(one, index * step_s, index * step_s + WORD_S, 0.9)
        for index, one in enumerate(text.split())
    ]


def asked(text: str) -> list[str]:
    words = words_of(text)
    return [
        " ".join(w.text for w in words if ask.start_s <= w.start_s and w.end_s <= ask.end_s)
        for ask in find_asks(words)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It came in. Give me a call when you can. Thanks.", ["Give me a call when you can."]),
        ("So, call me back at 240-555-0142. Bye.", ["call me back at 240-555-0142."]),
        ("You can also text me here. Or reach us online.", ["text me here.", "reach us online."]),
        ("If Thursday works, just let me know.", ["let me know."]),
        ("Please return my call.", ["return my call."]),
        ("And then, uh, get back to us about it?", ["get back to us about it?"]),
        ("When you get a sec shoot me an e-mail.", ["shoot me an e-mail."]),
        ("If you haven't already, give me a ring.", ["give me a ring."]),
        ("Stop by any time before six.", ["Stop by any time before six."]),
        ("Please don't hesitate to give me a call.", ["give me a call."]),
        ("If you're not interested, let me know.", ["let me know."]),
        ("I hope we connect, give me a call.", ["give me a call."]),
    ],
)
def test_an_ask_runs_to_the_end_of_its_sentence(text: str, expected: list[str]) -> None:
    assert asked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "You don't have to call me back.",
        "There is no need to call us.",
        "I'll call you back tomorrow.",
        "You called us about the roof.",
        "I will stop by on Friday.",
        "We'll send a note with the details.",
        "It was a call back in March.",
        "",
    ],
)
def test_what_asks_for_nothing(text: str) -> None:
    assert asked(text) == []


def test_an_ask_without_a_full_stop_is_cut() -> None:
    (ask,) = find_asks(words_of("call me " + "and so on " * 30))
    assert 5.0 < ask.end_s - ask.start_s <= 6.0


@given(
    st.lists(
        st.sampled_from(
            [
                "call",
                "me",
                "back",
                "give",
                "us",
                "a",
                "ring.",
                "text.",
                "don't",
                "to",
                "know",
                "let",
            ]
        )
    )
)
def test_asks_are_in_order_and_inside(said: list[str]) -> None:
    words = words_of(" ".join(said))
    asks = find_asks(words)
    edges = [edge for ask in asks for edge in (ask.start_s, ask.end_s)]
    assert edges == sorted(edges)
    assert all(words[0].start_s <= edge <= words[-1].end_s for edge in edges)
