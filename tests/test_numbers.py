"""Spoken and written forms of phone numbers, read back to their digits."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from renderings import REGIONS, abroad, american, group, listed, message, messages, said

from vmaudit.content.callback import find_callback
from vmaudit.content.plan import national_digits
from vmaudit.content.sayings import find_statements
from vmaudit.errors import ConfigError
from vmaudit.records import Word


def read(text: str, region: str = "US") -> list[str]:
    return [statement.digits for statement in find_statements(said(text), region=region)]


def times(text: str, region: str = "US") -> dict[str, int]:
    return dict(Counter(read(text, region)))


FORMS = [
    # as a recogniser writes them
    ("240-555-0142", "2405550142"),
    ("240-555-0142.", "2405550142"),
    ("2405550142.", "2405550142"),
    ("(240) 555 01 42", "2405550142"),
    ("(240)555-0142", "2405550142"),
    ("(240 )555 -0142", "2405550142"),
    ("240.555.0142", "2405550142"),
    ("240 .555 .0142,", "2405550142"),
    ("240-5550142", "2405550142"),
    ("240555-0142", "2405550142"),
    ("240 5550142", "2405550142"),
    ("24055 50142", "2405550142"),
    ("240 -555 -0142.", "2405550142"),
    ("+1 240 555 0142", "2405550142"),
    ("+12405550142", "2405550142"),
    ("1-240-555-0142", "2405550142"),
    ("1 -800 -555 -0142", "8005550142"),
    ("12405550142", "2405550142"),
    ("1.240.555.0142", "2405550142"),
    ("2-4-0-5-5-5-0-1-4-2", "2405550142"),
    ("2 4 0, 5 5 5, 0 1 4 2.", "2405550142"),
    ("2, 4, 0, 5, 5, 5, 0, 1, 4, 2.", "2405550142"),
    ("240, 555, 0142", "2405550142"),
    ("240,555,0142", "2405550142"),
    ("240. 555. 0142.", "2405550142"),
    ("240\u2013555\u20130142", "2405550142"),
    ("240-555- 0142", "2405550142"),
    ("240... 555... 0142", "2405550142"),
    # as people say them
    ("two four zero five five five zero one four two", "2405550142"),
    ("Two four zero, five five five, zero one four two.", "2405550142"),
    ("two four oh five five five oh one four two", "2405550142"),
    ("two four o five five five o one four two", "2405550142"),
    ("two forty five five five oh one four two", "2405550142"),
    ("two forty, five fifty five, oh one forty two", "2405550142"),
    ("two forty five fifty five oh one forty two", "2405550142"),
    ("two forty five fifty-five oh one forty-two", "2405550142"),
    ("two-four-zero five-five-five oh-one-four-two", "2405550142"),
    ("two four zero triple five zero one four two", "2405550142"),
    ("two four oh, double five five, oh one four two", "2405550142"),
    ("two four zero, five double-five, oh one four two", "2405550142"),
    ("two forty 555 oh one 42", "2405550142"),
    ("240 five five five oh one 42", "2405550142"),
    ("240 555 oh-one-four-two", "2405550142"),
    ("240 triple 5 0142", "2405550142"),
    ("one two four zero five five five zero one four two", "2405550142"),
    ("plus one two forty five five five oh one four two", "2405550142"),
    ("eight hundred five five five zero one four two", "8005550142"),
    ("one eight hundred, five five five, oh one forty two", "8005550142"),
    ("8 hundred 555 0142", "8005550142"),
    ("two four zero five five five nineteen hundred", "2405551900"),
    ("240 555 19 hundred", "2405551900"),
    ("240 555 eighty four eighty seven", "2405558487"),
    ("240 555 eighty four hundred", "2405558400"),
    ("240 555 five thousand", "2405555000"),
    ("two forty five five five fifteen fifteen", "2405551515"),
    ("three oh one, five fifty five, oh one eleven", "3015550111"),
    ("three zero one five five five double oh double one", "3015550011"),
    ("nine one nine five five five zero one niner zero", "9195550190"),
    ("two oh two five five five oh one twenty", "2025550120"),
    # with what people put inside
    ("area code 240, 555-0142", "2405550142"),
    ("area code two four zero, and the number is 555 0142", "2405550142"),
    ("240, um, 555, uh, 0142", "2405550142"),
    ("two four zero um five five five and that's zero one four two", "2405550142"),
    ("two four zero. Five five five. Again, zero one four two.", "2405550142"),
    ("240 dash 555 dash 0142", "2405550142"),
    ("240 555, oh, 0142", "2405550142"),
    ("240, you know, 555 0142", "2405550142"),
    # beside other digits and words
    ("The new one. 240 555 0142. One of us will answer.", "2405550142"),
    ("Call before 5, 240-555-0142.", "2405550142"),
    ("stock number 48213, 240-555-0142", "2405550142"),
    ("It is $24,995 today, 240-555-0142", "2405550142"),
    ("240 555, 240 555 0142", "2405550142"),
    ("240 555 0142 240 555", "2405550142"),
    ("Oh, 240 555 0142", "2405550142"),
    ("240-555-0142. Sorry I missed you.", "2405550142"),
    ("240-555-0142. It is a 2024 with 24,995 miles", "2405550142"),
    ("just in case, 240-555-0142", "2405550142"),
    ("I handle your account. 240-555-0142", "2405550142"),
    ("our customer service number is 240-555-0142", "2405550142"),
    ("I have questions about your account, 240-555-0142", "2405550142"),
    ("we would love to earn the job, 240-555-0142", "2405550142"),
    ("I can go over the quote, 240 555 0142", "2405550142"),
    ("I'm holding the unit 240-555-0142", "2405550142"),
    ("just trying to reach you, 240-555-0142", "2405550142"),
    ("we would love to have you, 240-555-0142", "2405550142"),
    ("tell me either way, if not, 240-555-0142", "2405550142"),
    ("that is why I'm calling, 240-555-0142", "2405550142"),
    ("call from your cell, 240-555-0142", "2405550142"),
    ("we have it in stock 240-555-0142", "2405550142"),
]


@pytest.mark.parametrize(("spoken", "digits"), FORMS)
def test_reads_a_number_in_any_form(spoken: str, digits: str) -> None:
    assert read(f"Reach me at {spoken}") == [digits]


@pytest.mark.parametrize(
    ("spoken", "digits"),
    [
        ("020 7946 0958", "2079460958"),
        ("oh two oh, seven nine four six, oh nine five eight", "2079460958"),
        ("+44 20 7946 0958", "2079460958"),
        ("plus four four two oh seven nine four six 0958", "2079460958"),
        ("07700 900142", "7700900142"),
        ("oh double seven double oh, nine hundred, one four two", "7700900142"),
    ],
)
def test_reads_the_plan_of_another_region(spoken: str, digits: str) -> None:
    assert read(f"Ring me on {spoken}", region="GB") == [digits]


HARD = Path(__file__).parent / "data" / "hard_numbers.jsonl"
CASES = [json.loads(line) for line in HARD.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:60] for case in CASES])
def test_reads_what_recognisers_write(case: dict[str, Any]) -> None:
    region = case.get("region", "US")
    callback = find_callback(said(case["text"]), direct_number=None, region=region)
    assert {number.digits: number.times for number in callback.numbers} == case["numbers"]
    assert [partial.digits for partial in callback.partials] == case.get("partials", [])
    extensions = {number.extension for number in callback.numbers} - {None}
    assert extensions == {case[name] for name in ("extension",) if name in case}


NO_NUMBERS = [
    "$24,995", "$24 ,995", "24,995 dollars", "twenty four nine ninety five", "24 995 dollars",
    "0.9 percent", "0 .9 %", "zero point nine percent for sixty months", "99.6 percent",
    "2405550142 dollars", "$2,405,550,142", "2,405,550,142",
    "a 2024 or a 2025", "twenty twenty four", "the 2023, 2024 and 2025 models",
    "stock number 48213", "stock # 48213", "stock #48213", "unit number four eight two one three",
    "1200 Main Street", "zip code 20852", "20852-1234", "zip 20852 1234",
    "5 30 pm", "5:30", "five thirty", "from 9 to 5", "between 10 30 and 11 45",
    "two hundred horsepower", "2 hundred horsepower", "24/7", "March 15th, 2026", "2026-03-02",
    "extension 12", "my extension is four one two", "ext. 4412",
    "account number 2405550142", "account number is two four zero five five five zero one four two",
    "your account ending in 240 555 0142", "order number 2405550142, again 2405550142",
    "fax 240-555-0142", "the number I have for you is 301-555-0123", "I tried you at 301-555-0123",
    "your number is 301 555 0123", "I called you at 301-555-0123",
    "555-0142", "five five five oh one four two", "240 555", "240 555 014", "240 555 01423",
    "two four zero five five five zero one four two two",
    "2, 4, 0, 5, 5, 5, 0, 1, 4, 2, 7", "2 two four zero five five five zero one four two",
    "140 555 0142", "240 155 0142", "040 555 0142", "+2 405 550 142", "123-45-6789",
    "oh no", "oh oh oh", "double", "triple", "one hundred", "hundred", "one more time", "plus",
]  # fmt: skip


@pytest.mark.parametrize("spoken", NO_NUMBERS)
def test_other_digits_are_no_statement(spoken: str) -> None:
    assert read(f"Hi it has {spoken} thanks") == []


@pytest.mark.parametrize("spoken", ["7946 0958", "79 460 958", "+1 240 555 0142", "1234"])
def test_a_trunk_prefix_or_country_code_marks_a_national_number(spoken: str) -> None:
    assert read(spoken, region="GB") == []


CORRECTIONS = [
    ("two four zero five five five, sorry, five five six oh one four two", ["2405560142"]),
    ("240 555, sorry, 556 0142", ["2405560142"]),
    ("240 555 0143, sorry, 0142", ["2405550142"]),
    ("two four zero five five five zero one four three, I mean four two", ["2405550142"]),
    ("240 555 0143, sorry, 240 555 0142", ["2405550142"]),
    ("240-555-0143. No, wait, 240-555-0142.", ["2405550142"]),
    ("240 5, oh sorry, 240 555 0142", ["2405550142"]),
    (
        "two four zero five five, sorry, two four zero, five five five, zero one four two",
        ["2405550142"],
    ),
    ("240, sorry, 555 0142", ["2405550142"]),
    ("240 555 0143, oh sorry, that's 240 555 0142. Again, 240 555 0142", ["2405550142"] * 2),
    ("240 555 0142, sorry, 555 0142", ["2405550142"] * 2),
    ("240 555 0142. No, 10 30 is fine.", ["2405550142"]),
    ("240 555 0142. Wait 30 minutes.", ["2405550142"]),
]


@pytest.mark.parametrize(("spoken", "digits"), CORRECTIONS)
def test_only_the_corrected_number_counts(spoken: str, digits: list[str]) -> None:
    assert read(f"Reach me at {spoken}") == digits


TWICE = [
    "240 555 0142, again 240 555 0142",
    "240 555 0142 240 555 0142",
    "24055501422405550142",
    "2405550142 2405550142",
    "two four zero five five five zero one four two two four zero five five five zero one four two",
    "two forty five five five oh one forty two two forty five five five oh one forty two",
    "240-555-0142. That's 2-4-0, 5-5-5, 0-1-4-2.",
    "1 240 555 0142, one more time, 1 240 555 0142",
    "240-555-0142, or 555-0142 if you are local",
    "555-0142, area code 240, 555-0142",
]


@pytest.mark.parametrize("spoken", TWICE)
def test_two_sayings_are_two_statements(spoken: str) -> None:
    assert read(spoken) == ["2405550142", "2405550142"]


def test_times_text_rate_and_confidence_are_those_of_the_digit_words() -> None:
    words = [
        Word("at", 1.0, 1.2, 0.1),
        Word("one", 1.5, 1.8, 0.2),
        Word("240,", 2.0, 3.0, 0.9),
        Word("um,", 3.0, 3.5, 0.3),
        Word("555", 3.5, 4.5, 0.7),
        Word("-0142.", 4.5, 7.0, 0.8),
        Word("Bye.", 8.0, 8.4, 0.1),
    ]
    (statement,) = find_statements(words)
    assert (statement.start_s, statement.end_s) == (2.0, 7.0)
    assert statement.text == "240, um, 555-0142."
    assert statement.digits_per_second == pytest.approx(2.0)
    assert statement.confidence == 0.7


def test_rate_is_none_without_duration() -> None:
    (statement,) = find_statements([Word("240-555-0142", 1.0, 1.0, 0.9)])
    assert statement.digits_per_second is None


def test_rate_of_a_local_saying_counts_the_digits_said() -> None:
    words = [Word("240-555-0142", 0.0, 5.0, 0.9), Word("555-0142", 6.0, 8.0, 0.9)]
    whole, local = find_statements(words)
    assert whole.digits_per_second == pytest.approx(2.0)
    assert local.digits_per_second == pytest.approx(3.5)


def test_a_pause_parts_a_number_from_a_digit_before_it() -> None:
    words = said("two two four zero five five five zero one four two")
    assert find_statements(words) == ()
    later = [words[0]] + [
        Word(word.text, word.start_s + 1, word.end_s + 1, word.confidence) for word in words[1:]
    ]
    assert [statement.digits for statement in find_statements(later)] == ["2405550142"]


def test_unknown_region_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="'XX'"):
        find_statements(said("240 555 0142"), region="XX")


@pytest.mark.parametrize(
    "written",
    ["240-555-0142", "(240) 555-0142", "+1 240 555 0142", "1.240.555.0142", "2405550142.0",
     " 240 555 0142 ext. 12", "tel:+1-240-555-0142"],
)  # fmt: skip
def test_written_numbers_become_national_digits(written: str) -> None:
    assert national_digits(written) == "2405550142"


@pytest.mark.parametrize("written", ["", "n/a", "555-0142", "12", "240-555-01422222222222", "\0"])
def test_what_is_no_whole_number_has_no_national_digits(written: str) -> None:
    assert national_digits(written) is None


nanp = st.from_regex("[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True).filter(str.isascii)


@given(st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_any_rendering_reads_back(draw: Random) -> None:
    rendered = message(draw)
    assert times(rendered.text) == rendered.numbers


@pytest.mark.parametrize("region", REGIONS)
@given(draw=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_any_rendering_of_another_plan_reads_back(region: str, draw: Random) -> None:
    rendered = abroad(region, draw)
    assert times(rendered.text, region) == rendered.numbers


def test_a_thousand_seeded_renderings_read_back() -> None:
    for rendered in messages(1000, seed=20):
        assert times(rendered.text, rendered.region) == rendered.numbers, rendered.text


@given(nanp, st.data(), st.sampled_from([",", ". Again,", " that's", " um", " one more time"]))
@settings(max_examples=200)
def test_said_twice_is_two_statements(digits: str, data: st.DataObject, between: str) -> None:
    draw = data.draw(st.randoms(use_true_random=False))
    first, second = (" ".join(american(digits, draw)) for _ in range(2))
    assert read(f"{first.rstrip(',.')}{between} {second}") == [digits, digits]


@given(nanp)
def test_twenty_digits_in_a_row_split_by_the_plan(digits: str) -> None:
    assert read(digits * 2) == [digits, digits]
    assert read(" ".join(digits * 2)) == [digits, digits]


@given(nanp)
def test_a_sentence_parts_local_digits_from_the_whole_number(digits: str) -> None:
    whole, local = " ".join(digits), " ".join(digits[3:])
    assert read(f"{local}. {whole}.") == [digits, digits]
    assert read(f"{whole}. {local}.") == [digits, digits]


@given(nanp)
def test_an_area_code_may_follow_its_local_digits(digits: str) -> None:
    area, local = " ".join(digits[:3]), " ".join(digits[3:])
    assert read(f"{local}, area code {area}") == [digits]
    assert read(f"{local}, area code {area}, {local}") == [digits, digits]


@given(nanp, st.randoms(use_true_random=False), st.sampled_from([str.upper, str.title, str.lower]))
def test_case_changes_nothing(digits: str, draw: Random, change: Callable[[str], str]) -> None:
    atoms = [atom for part in (digits[:3], digits[3:6], digits[6:]) for atom in group(part, draw)]
    assert read(change(" ".join(atoms))) == [digits]


@given(nanp, st.integers(0, 9), st.integers(1, 9))
def test_a_digit_off_is_another_number(digits: str, place: int, shift: int) -> None:
    other = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    found = read(f"{digits}, again {other}")
    assert found[0] == digits
    assert set(found[1:]) <= {other}


VOCABULARY = listed(
    "two four zero oh forty fifteen double triple hundred thousand plus area code extension x to "
    "sorry no, um again that's 240 555 -0142 0142. 2405550142 +1 $24,995 ,995 % percent account "
    "number 1 5:30 240-555-0142 (240) the . - , \u0662 \u00bd ext.12 1,2,3 ((( + CARS C-A-R-S or "
    "C-56 240-555-CARS for"
)
texts = st.lists(st.sampled_from(VOCABULARY) | st.text(max_size=8), max_size=40)


@given(texts, st.sampled_from([("US", 1), ("GB", 44), ("DE", 49)]))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_only_numbers_of_the_plan_in_time_order(
    heard: list[str], plan: tuple[str, int]
) -> None:
    region, country_code = plan
    words = [Word(text, index * 0.3, index * 0.3 + 0.2, 0.5) for index, text in enumerate(heard)]
    statements = find_statements(words, region=region)
    for statement in statements:
        assert national_digits(f"+{country_code}{statement.digits}") == statement.digits
        assert 0 <= statement.start_s <= statement.end_s <= words[-1].end_s
    starts = [statement.start_s for statement in statements]
    assert starts == sorted(starts)


def calls_made(texts: Sequence[str]) -> int:
    """Python calls that reading takes: a measure of work that no busy machine disturbs."""
    words = said(" ".join(texts))
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        find_statements(words)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "pattern",
    [
        ["two", "four", "zero", "five"], ["240", "555", "0142"], ["forty", "five", "oh"],
        ["240,", "um"], ["240", "to"], ["240", "CARS"],
        ["so"], ["is", "5"], ["ext."], ["five", "sorry", "two"], ["1", "word"],
    ],
)  # fmt: skip
def test_work_grows_with_the_words_and_no_faster(pattern: list[str]) -> None:
    calls_made(pattern * 40)  # fills the plan's caches
    some, more, most = (calls_made(pattern * times) for times in (50, 100, 200))
    assert most - more < 2.6 * (more - some)
