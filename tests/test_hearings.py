"""Digits heard twice: what is worth a second hearing, and how both hearings vote."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.content import find_callback, find_statements, numbering_plan
from vmaudit.content.digit_words import without_points
from vmaudit.content.hearings import heard_twice, vote
from vmaudit.content.stretches import DOUBTED_CONFIDENCE, digit_stretches, stretches_in_doubt
from vmaudit.records import DigitReading, DigitSound, DigitStretch, Transcript, Word

US = numbering_plan("US")
NUMBER = "2405550142"


def said(text: str, *, confidence: float = 0.9, pause_s: float = 0.1) -> list[Word]:
    """Words of 0.3 s each; "|" is a pause of a second."""
    words, at_s = [], 1.0
    for piece in text.split():
        if piece == "|":
            at_s += 1.0
            continue
        words.append(Word(piece, at_s, at_s + 0.3, confidence))
        at_s += 0.3 + pause_s
    return words


def heard(words: Sequence[Word], sounds: Sequence[DigitSound] = ()) -> Transcript:
    text = " ".join(word.text for word in words)
    return Transcript(text, "en", "test", 0.9, tuple(words), digit_sounds=tuple(sounds))


def stretches_of(words: Sequence[Word]) -> tuple[DigitStretch, ...]:
    return tuple(stretch for _, stretch in digit_stretches(heard(words), US))


def stretch_of(digits: str, confidence: float = 0.9, start_s: float = 1.0) -> DigitStretch:
    return DigitStretch(
        start_s, start_s + 4.0, digits, (confidence,) * len(digits), "call", start_s - 0.5
    )


def readings_of(
    found: dict[str, float], stretch: DigitStretch | None = None
) -> tuple[DigitReading, ...]:
    place = stretch or stretch_of(NUMBER)
    return tuple(DigitReading(place.start_s, place.end_s, d, gain) for d, gain in found.items())


# stretches


def test_a_stretch_has_its_digits_their_confidences_and_what_leads_to_them() -> None:
    words = said("so call me at 240 -555, -0142. Thanks")
    words[5] = Word("-555,", words[5].start_s, words[5].end_s, 0.4)
    [stretch] = stretches_of(words)
    assert stretch.digits == NUMBER
    assert stretch.confidences == (0.9,) * 3 + (0.4,) * 3 + (0.9,) * 4
    assert (stretch.start_s, stretch.end_s) == (words[4].start_s, words[6].end_s)
    assert stretch.lead == "so call me at"
    assert stretch.lead_start_s == words[0].start_s


def test_a_lead_is_short_and_holds_no_digits() -> None:
    words = said("one two three four five six seven eight nine ten 5 my number is 240 5550142")
    stretch = stretches_of(words)[-1]
    assert stretch.lead == "my number is"
    [late] = stretches_of(said(" ".join(["well"] * 30 + [NUMBER])))
    assert late.start_s - late.lead_start_s < 4.0
    assert late.lead.startswith("well well")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2, 4, 0, five five five, oh 1 4 2.", [NUMBER]),
        ("+1 (240)5550142", ["1" + NUMBER]),
        ("240.555.0142", [NUMBER]),
        ("for $250 or 20% off, a C-56 at 5pm", []),
        ("240 555 0142 | 240 555 0142", [NUMBER, NUMBER]),
        ("2405550142 2405550142", [NUMBER * 2]),
        ("240 | 555 | 0142", [NUMBER]),
        ("I'll be here at 6 or call 5550142", ["6", "5550142"]),
        ("", []),
    ],
)
def test_digits_in_a_row(text: str, expected: list[str]) -> None:
    assert [stretch.digits for stretch in stretches_of(said(text))] == expected


# doubt


@pytest.mark.parametrize(
    ("stretches", "doubted"),
    [
        ([stretch_of(NUMBER)], []),
        ([stretch_of("1" + NUMBER)], []),
        ([stretch_of("5550142")], []),
        ([stretch_of(NUMBER * 2)], []),
        ([stretch_of("240550142")], [0]),  # a five was lost
        ([stretch_of("24055550142")], [0]),
        ([stretch_of(NUMBER, DOUBTED_CONFIDENCE - 0.01)], [0]),
        ([stretch_of(NUMBER), stretch_of("2405550143", start_s=9.0)], [0, 1]),
        ([stretch_of(NUMBER), stretch_of("3035550187", start_s=9.0)], []),
        ([stretch_of(NUMBER), stretch_of("240555014", start_s=9.0)], [1]),
        ([stretch_of("2026"), stretch_of("15000", 0.1)], []),
        ([], []),
    ],
)
def test_what_is_worth_a_second_hearing(stretches: list[DigitStretch], doubted: list[int]) -> None:
    assert stretches_in_doubt(stretches, US, ()) == tuple(stretches[index] for index in doubted)


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        ("at 240 -555 -0142. One more time, 240 -555 -0142.", 0),  # a digit too many, explained
        ("at 240 555 01 for 2, thanks", 0),  # the reader knows what "for" was
        ("at 240 -555 -014 2. thanks", 0),
        ("at 240 -55 -0142. thanks", 1),
        ("at 240 -555 -0142 0142 01 thanks", 1),  # too many for one number
    ],
)
def test_what_was_read_whole_is_not_heard_again(text: str, doubted: int) -> None:
    words = said(text)
    assert len(stretches_in_doubt(stretches_of(words), US, find_statements(words))) == doubted


@pytest.mark.parametrize(
    "text", ["at 240 -555 -0142. thanks", "at 240 -555 -0142. so that's 555 -0142."]
)
def test_a_number_read_by_unsure_words_is_heard_again(text: str) -> None:
    words = said(text, confidence=DOUBTED_CONFIDENCE - 0.01)
    stretches = stretches_of(words)
    assert stretches_in_doubt(stretches, US, find_statements(words)) == stretches


def test_points_between_the_groups_of_a_number_stay() -> None:
    words = said("call 240.555.0142. Thanks")
    assert without_points(words, US) == tuple(words)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("My line is 2 .40, 55501 .42. I'm in", NUMBER),
        ("My line is 2.40. 5.5501.42. I'm in", NUMBER),
        ("It went from 240.55 to 50142", None),
        ("They are 9 .99, 19 .99 each", None),
    ],
)
def test_points_in_a_whole_number_are_none(text: str, number: str | None) -> None:
    found = find_callback(said(text), direct_number=None).numbers
    assert [one.digits for one in found] == ([number] if number else [])


def test_what_is_whole_depends_on_the_plan() -> None:
    british = stretch_of("02079460142")
    assert stretches_in_doubt([british], US, ()) == (british,)
    assert stretches_in_doubt([british], numbering_plan("GB"), ()) == ()


# votes


def test_a_lost_digit_comes_back_from_the_second_hearing() -> None:
    voted = vote(stretch_of("240550142"), readings_of({NUMBER: -0.3, "240550142": -2.0}), US)
    assert voted.digits == NUMBER
    assert not voted.agreed
    # Which of three equal digits was lost cannot be told; one of them is the least sure.
    assert min(voted.confidences) == min(voted.confidences[3:6]) < 1.0


def test_hearings_that_agree_are_sure() -> None:
    voted = vote(stretch_of(NUMBER), readings_of({NUMBER: -0.2, "2405550143": -4.0}), US)
    assert (voted.digits, voted.agreed) == (NUMBER, True)
    assert voted.confidences[:9] == pytest.approx((1.0,) * 9, abs=0.05)
    assert 0.5 < voted.confidences[9] < 1.0


def test_a_whole_number_wins_over_a_likelier_scrap() -> None:
    assert vote(stretch_of(NUMBER), readings_of({"571658": -0.9}), US).digits == NUMBER
    found = readings_of({"240550142": -0.6, NUMBER: -1.4})
    assert vote(stretch_of("24055501"), found, US).digits == NUMBER


def test_without_readings_the_first_hearing_stands() -> None:
    voted = vote(stretch_of("240550142", 0.4), (), US)
    assert (voted.digits, voted.confidences) == ("240550142", (0.4,) * 9)


DIGITS = st.text("0123456789", max_size=14)


@given(
    DIGITS,
    st.dictionaries(DIGITS, st.floats(-30, 0), max_size=5),
    st.floats(0, 1),
)
def test_a_vote_is_for_something_heard(
    digits: str, found: dict[str, float], confidence: float
) -> None:
    voted = vote(stretch_of(digits, confidence), readings_of(found), US)
    assert voted.digits in {digits, *found}
    assert len(voted.confidences) == len(voted.digits)
    assert all(0 <= share <= 1 and math.isfinite(share) for share in voted.confidences)


# words


def mended(text: str, found: dict[str, float]) -> tuple[Word, ...]:
    words = said(text, confidence=0.7)
    stretch = max(stretches_of(words), key=lambda one: len(one.digits))
    return heard_twice(heard(words), readings_of(found, stretch), US)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call 404 -5 -5 -0186. Thanks", "call 404 -5 -55 -0186. Thanks"),
        ("call 404, 5, 5, 5, 5, 0186", "call 404, 5, 5, 5, 0186"),
        ("call 4045550186 now", "call 4045550186 now"),
        ("call 404 five five five oh 186", "call 404 five five five oh 186"),
        ("call (404)5550187.", "call (4045550186."),
    ],
)
def test_words_take_the_voted_digits(text: str, expected: str) -> None:
    assert " ".join(word.text for word in mended(text, {"4045550186": -0.1})) == expected


def test_a_number_that_was_cut_short_is_found_after_the_vote() -> None:
    words = mended("call me at 404 -5 -5 -0186. Thanks", {"4045550186": -0.2})
    [number] = find_callback(words, direct_number="404-555-0186").numbers
    assert (number.digits, number.roster) == ("4045550186", "match")


def test_readings_of_another_stretch_change_nothing() -> None:
    words = said("call 404 -5 -5 -0186.")
    elsewhere = (DigitReading(90.0, 94.0, "4045550186", -0.1),)
    assert heard_twice(heard(words), elsewhere, US) == tuple(words)
    assert heard_twice(heard(words), (), US) == tuple(words)
