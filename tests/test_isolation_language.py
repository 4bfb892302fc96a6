"""Phrases of greetings, mailboxes and callers, in sentences as people say them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vmaudit.isolation import language
from vmaudit.isolation.language import plain

Tells = Callable[[str], bool]

TELLERS: tuple[Tells, ...] = (
    language.answers_the_phone,
    language.asks_to_leave_a_message,
    language.begins_a_message,
    language.comes_from_a_mailbox,
    language.greets_back,
    language.introduces,
    language.is_a_mere_hello,
    language.mailbox_ran_out,
    language.speaks_to_a_caller,
    language.states_a_purpose,
)

GREETINGS = (
    "You've reached Ted Marsh. Please leave a message after the beep.",
    "Hi, this is Dana. I can't come to the phone right now.",
    "I'm sorry, the person you are calling is not available.",
    "Your call has been forwarded to an automatic voice message system.",
    "At the tone, please record your message. When you have finished recording, you may hang up.",
    "Leave your name, number and a brief message.",
    "Well, leave me one and I will call you.",
    "You have reached the voicemail box of 5-5-5, 0-1-0-0.",
    "Thank you for calling Marsh and Sons. Our office hours are nine to five.",
    "I'm either away from my desk or on another call.",
    "We'll get back to you as soon as we can.",
    "I'm on vacation until Monday.",
    "Sorry we missed your call.",
    "You know what to do.",
)
MENUS = (
    "To send this message, press one.",
    "To listen to your message, press 2. To re-record, press 3.",
    "Your message has been sent.",
    "If you are satisfied with your message, press pound.",
    "Are you still there?",
    "For more options, press star.",
    "Thank you for using our service. Main menu.",
    "If you'd like to make a call, please hang up and try again.",
)
RAN_OUT = (
    "You have reached the maximum recording time.",
    "You have reached the end of your time limit.",
    "The mailbox is now full.",
    "There is no more recording space.",
)
OPENINGS = (
    "Hi Ted, this is Nina with Harborview Motors.",
    "Good morning, Mr. Marsh, my name is Nina.",
    "Hey, Ted. It's Nina.",
    "Yes, hello, I'm calling about the truck.",
    "Ted, this is Nina from Harborview Motors.",
    "Um, hi.",
)
PURPOSES = (
    "I'm calling about the truck you asked for.",
    "I am just following up on the estimate.",
    "The reason for my call is the kitchen window.",
    "We got your request on Monday.",
    "Sorry I missed you.",
    "Please call me back at 5-5-5, 0-1-0-1.",
    "Give me a ring when you can.",
    "I've sent the papers on Tuesday.",
)
INTRODUCTIONS = (
    "This is Nina with Harborview Motors.",
    "My name is Nina.",
    "It's Nina Vega over at Harborview.",
    "My number is 5-5-5, 0-1-0-1.",
)
PICKING_UP = (
    "Hello?",
    "Yes, hello.",
    "Good afternoon, this is Dana. How can I help you?",
    "This is Dana.",
    "Speaking.",
)
TALK = (
    "Who's this?",
    "I'm not interested, thanks.",
    "Is this Ted?",
    "Can I speak to the owner?",
    "What is this about?",
    "Did I catch you at a bad time?",
    "How are you doing today?",
    "Take me off your list.",
    "He isn't here.",
)
HELLOS = ("Hello?", "Hello? Hello? Is anybody there?", "Oh, sorry, wrong number.", "Uh, hi. Um.")
NOBODY = (
    "The kitchen window on the second floor was measured.",
    "It has two doors and a red roof.",
    "That would be seven hundred dollars for both.",
)


def cases(tells: Tells, *sentences: str) -> list[tuple[Tells, str]]:
    return [(tells, sentence) for sentence in sentences]


SAID = [
    *cases(language.asks_to_leave_a_message, *GREETINGS),
    *cases(language.comes_from_a_mailbox, *MENUS, *RAN_OUT),
    *cases(language.mailbox_ran_out, *RAN_OUT),
    *cases(language.begins_a_message, *OPENINGS),
    *cases(language.states_a_purpose, *PURPOSES),
    *cases(language.introduces, *INTRODUCTIONS),
    *cases(language.answers_the_phone, *PICKING_UP),
    *cases(language.greets_back, "Hi, is this Ted?", "Yes, hello, Mr. Marsh.", "Oh, hey Ted."),
    *cases(language.speaks_to_a_caller, *TALK),
    *cases(language.is_a_mere_hello, *HELLOS),
]
NOT_SAID = [
    *((tells, sentence) for tells in TELLERS for sentence in NOBODY),
    *cases(
        language.asks_to_leave_a_message,
        *OPENINGS,
        *PURPOSES,
        *HELLOS,
        "You reached out to us on Monday.",
        "Thanks for calling back.",
        "Call me when you are home.",
        "I will bring the papers with the phone.",
        "Text me yes and I'll leave it up front.",
        "Let me leave you my number again.",
        "I just wanted to leave you a quick message.",
    ),
    *cases(
        language.comes_from_a_mailbox,
        *GREETINGS[:4],
        *OPENINGS,
        *PURPOSES,
        "I wanted to send you the papers.",
    ),
    *cases(
        language.mailbox_ran_out, *OPENINGS, *PURPOSES, "To send this message, press one.", "Max."
    ),
    *cases(
        language.begins_a_message,
        *MENUS,
        "You've reached Ted Marsh.",
        "Leave a message after the beep.",
        "The person at extension five is not available.",
    ),
    *cases(
        language.states_a_purpose,
        *GREETINGS[:5],
        *MENUS,
        "Hello?",
        "Hi, this is Dana.",
    ),
    *cases(language.introduces, *MENUS, "Hello?", "I'm calling about the truck."),
    *cases(
        language.answers_the_phone,
        *PURPOSES,
        "Hi Ted, this is Nina with Harborview Motors, how are you?",
        "Hello, you've reached Ted Marsh.",
    ),
    *cases(language.greets_back, "Who is this?", "I said hello to him.", "This is Nina."),
    *cases(
        language.speaks_to_a_caller,
        *GREETINGS[:4],
        *MENUS,
        "Is this still something you want?",
        "Hi Ted, Nina here.",
    ),
    *cases(
        language.is_a_mere_hello,
        "",
        "Hello, this is Nina.",
        "hello " * 9,
        "Call me.",
    ),
]


def named(case: object) -> str:
    return getattr(case, "__name__", str(case))


@pytest.mark.parametrize(("tells", "sentence"), SAID, ids=named)
def test_is_told_by_what_is_said(tells: Tells, sentence: str) -> None:
    assert tells(plain([sentence]))


@pytest.mark.parametrize(("tells", "sentence"), NOT_SAID, ids=named)
def test_is_not_told_by_other_words(tells: Tells, sentence: str) -> None:
    assert not tells(plain([sentence]))


@pytest.mark.parametrize(("tells", "sentence"), SAID, ids=named)
def test_case_punctuation_and_spaces_do_not_matter(tells: Tells, sentence: str) -> None:
    bare = "".join(c if c.isalnum() or c in "'- " else " " for c in sentence)
    for written in (
        sentence.upper(),
        sentence.lower(),
        bare,
        f"  ...{sentence.replace(' ', '  ')}!",
        sentence.replace("'", "\u2019"),
    ):
        assert plain([written]) == plain([sentence])
        assert tells(plain(written.split()))


@pytest.mark.parametrize(
    ("tells", "sentence"),
    [
        (language.asks_to_leave_a_message, "leave a message after the beep"),
        (language.comes_from_a_mailbox, "to send this message press one"),
        (language.mailbox_ran_out, "you have reached the maximum recording time"),
        (language.states_a_purpose, "i am calling about the truck"),
        (language.introduces, "this is nina with harborview"),
        (language.speaks_to_a_caller, "who is this"),
    ],
)
@given(
    before=st.lists(st.sampled_from(["zebra", "lemon", "quartz"]), max_size=4),
    after=st.lists(st.sampled_from(["zebra", "lemon", "quartz"]), max_size=4),
)
def test_a_phrase_is_heard_amid_other_words(
    tells: Tells, sentence: str, before: list[str], after: list[str]
) -> None:
    assert tells(" ".join([*before, sentence, *after]))
    assert not tells(" ".join([*before, *after]))


@pytest.mark.parametrize(
    "sentence",
    [
        "i am calling about the truck",
        "you have reached ted marsh",
        "to send this message press one",
    ],
)
def test_a_phrase_is_whole_words(sentence: str) -> None:
    glued = "x" + sentence.replace(" ", "x") + "x"
    assert not any(tells(glued) for tells in TELLERS)


def test_plain_joins_words_as_a_recogniser_gives_them() -> None:
    assert plain(["You\u2019ve", "reached", "TED'S", "phone\u2014", "...", "555-0100."]) == (
        "youve reached teds phone 555 0100"
    )
    assert plain([]) == plain(["", "?!", " \n"]) == ""


@given(st.lists(st.text()))
@example(["\u0130", "\u1e9e"])  # lower-casing the first adds a combining mark
def test_plain_text_is_plain_already(words: list[str]) -> None:
    text = plain(words)
    assert plain([text]) == plain(text.split()) == text
    assert "  " not in text
    assert text == text.strip()


WORDS = sorted({word for _, sentence in SAID for word in plain([sentence]).split()})


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)))
@example("the " * 5000)
@example("leave " + "your name and " * 3000)
@example("hello " * 5000)
@example("yes this is " * 3000)
def test_any_text_is_taken(text: str) -> None:
    for tells in TELLERS:
        assert tells(text) in (True, False)
        assert tells(plain([text])) in (True, False)


@given(st.lists(st.sampled_from(["hello", "hi", "um", "sorry"]), min_size=1, max_size=20))
def test_a_mere_hello_is_short(words: list[str]) -> None:
    assert language.is_a_mere_hello(" ".join(words)) == (len(words) <= 8)


@pytest.mark.parametrize(
    "text", ["four one five", "2065550142", "number four two oh", "double five"]
)
def test_digits_are_numbers_however_written(text: str) -> None:
    assert language.says_a_number(text)


@pytest.mark.parametrize("text", ["", "one of the two trucks is here", "call me", "hello"])
def test_a_digit_in_passing_is_no_number(text: str) -> None:
    assert not language.says_a_number(text)
