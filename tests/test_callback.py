"""Which callback numbers a message holds, how often, and whether they are the rep's own."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.content.callback import find_callback
from vmaudit.errors import ConfigError
from vmaudit.records import Callback, PhoneNumber, Word, to_json

HUMAN = Path(__file__).resolve().parents[2] / "shared" / "audio" / "allison_phone_composed"

MESSAGE = (
    "Hi Dana, this is Robin at Example Motors. The silver hybrid you asked about came in this "
    "morning, stock number 48213. My direct line is 240-555-0142. I can hold it until 5 30 pm. "
    "Again, that's two forty, five five five, oh one four two. Thanks."
)


def words_of(text: str, confidence: float = 0.9) -> list[Word]:
    return [
        Word(piece, index * 0.3, index * 0.3 + 0.25, confidence)
        for index, piece in enumerate(text.split())
    ]


def find(text: str, direct_number: str | None = None) -> Callback:
    return find_callback(words_of(text), direct_number=direct_number)


def only_number(callback: Callback) -> PhoneNumber:
    (number,) = callback.numbers
    return number


def test_a_whole_message() -> None:
    callback = find(MESSAGE, "(240) 555-0142")
    number = only_number(callback)
    assert callback.repeated is True
    assert (number.digits, number.times, number.roster) == ("2405550142", 2, "match")
    first, second = number.statements
    assert first.text == "240-555-0142."
    assert second.text == "two forty, five five five, oh one four two."
    assert first.end_s < second.start_s


def test_no_words_is_unmeasured_not_unrepeated() -> None:
    assert find_callback([], direct_number="240-555-0142") == Callback(None, None, ())


@pytest.mark.parametrize("text", ["Hi, just checking in.", "My number is 240-555-0142."])
def test_words_without_two_statements_are_not_repeated(text: str) -> None:
    callback = find(text)
    assert callback.repeated is False
    assert callback.probability == 0.0


def test_one_digit_apart_is_two_numbers_and_no_repeat() -> None:
    callback = find("My number is 240-555-0142, again 240-555-0143.")
    assert callback.repeated is False
    assert [(n.digits, n.times) for n in callback.numbers] == [
        ("2405550142", 1),
        ("2405550143", 1),
    ]


def test_numbers_come_in_the_order_first_stated() -> None:
    callback = find("Cell 301-555-0199. Office 240-555-0142. Office again, 240-555-0142.")
    assert [(n.digits, n.times) for n in callback.numbers] == [
        ("3015550199", 1),
        ("2405550142", 2),
    ]
    assert callback.repeated is True


def test_a_corrected_slip_is_not_a_repeat_of_either() -> None:
    callback = find("Call 240 555 0143, sorry, 240 555 0142.")
    assert only_number(callback).digits == "2405550142"
    assert callback.repeated is False


def test_local_digits_repeat_the_number_said_with_its_area_code() -> None:
    number = only_number(find("I am at 240-555-0142. Again, 555-0142."))
    assert number.times == 2
    assert {statement.digits for statement in number.statements} == {"2405550142"}


def test_local_digits_that_fit_two_numbers_repeat_the_first() -> None:
    callback = find("I am at 240-555-0142 or 301-555-0142. Again, 555-0142.")
    assert [(n.digits, n.times) for n in callback.numbers] == [
        ("2405550142", 2),
        ("3015550142", 1),
    ]


def test_local_digits_alone_are_no_number_but_two_partial_sayings() -> None:
    callback = find("I am at 555-0142. Again, 555-0142.")
    assert callback.numbers == ()
    assert [(p.digits, p.of, p.complete) for p in callback.partials] == [
        ("5550142", None, False),
        ("5550142", None, False),
    ]
    assert (callback.repeated, callback.pattern) == (False, "partial")


@pytest.mark.parametrize(
    ("said_again", "digits"),
    [
        ("0142", "0142"),
        ("240-555", "240555"),
        ("240-555-014", "240555014"),
        ("240-555-142", "240555142"),
        ("240-5555-0142", "24055550142"),
        ("555-0143", "5550143"),
    ],
)
def test_a_partial_saying_names_the_number_it_is_of(said_again: str, digits: str) -> None:
    callback = find(f"I am at 240-555-0142. Again, {said_again}")
    (partial,) = callback.partials
    assert (partial.digits, partial.of, partial.complete) == (digits, "2405550142", False)
    assert only_number(callback).times == 1
    assert (callback.repeated, callback.pattern) == (False, "repeated_partly")


FILLED = "and the silver hybrid you asked about is here so come by before noon to see it "


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Hi Dana, just checking in.", "none"),
        (f"240-555-0142 {FILLED * 2}", "once_start"),
        (f"{FILLED} 240-555-0142 {FILLED}", "once_middle"),
        (f"{FILLED * 2} 240-555-0142", "once_end"),
        ("240-555-0142 or 301-555-0199", "two_numbers"),
        ("240-555-0142. Again, 0142.", "repeated_partly"),
        ("240-555-0142 or 301-555-0199, again 240-555-0142", "repeated"),
        ("My number is 240-555", "partial"),
    ],
)
def test_the_pattern_tells_how_the_numbers_were_given(text: str, pattern: str) -> None:
    assert find(text).pattern == pattern


def test_one_number_heard_twice_with_one_unsure_digit_is_voted() -> None:
    words = words_of("240-555-0142, again two four zero five five five zero one four five", 0.95)
    words[-1] = Word(words[-1].text, words[-1].start_s, words[-1].end_s, 0.1)
    callback = find_callback(words, direct_number="240-555-0142")
    number = only_number(callback)
    assert (number.digits, number.times, number.roster) == ("2405550142", 2, "match")
    assert [statement.digits for statement in number.statements] == ["2405550142", "2405550145"]
    assert callback.repeated is True


@pytest.mark.parametrize(
    ("text", "confidence", "roster"),
    [
        ("Call 240 555 0142.", 0.9, "match"),
        ("Call 240 555 0147.", 0.9, "mismatch"),
        ("Call 240 555 0147.", 0.2, "unknown"),
        ("Call 240 555 0147. Again, 240 555 0147.", 0.8, "mismatch"),
        ("Call 301 555 0199.", 0.2, "mismatch"),
    ],
)
def test_a_mismatch_must_be_more_than_mishearing(text: str, confidence: float, roster: str) -> None:
    callback = find_callback(words_of(text, confidence), direct_number="(240) 555-0142")
    number = only_number(callback)
    assert (number.roster, number.roster_digits) == (roster, "2405550142")
    assert number.roster_distance is not None
    assert (number.roster_distance == 0) == (number.digits == "2405550142")


def test_groups_are_parted_by_gaps_and_commas() -> None:
    words = [
        Word(text, start_s, end_s, confidence)
        for text, start_s, end_s, confidence in [
            ("at", 0.0, 0.2, 0.9),
            ("one", 0.3, 0.5, 0.9),
            ("two", 0.6, 0.8, 0.9),
            ("forty,", 0.8, 1.2, 0.5),
            ("555", 1.25, 2.0, 0.7),
            ("-0142.", 2.5, 3.5, 0.8),
        ]
    ]
    (statement,) = only_number(find_callback(words, direct_number=None)).statements
    assert statement.groups == ("240", "555", "0142")
    assert statement.group_gaps_s == pytest.approx((0.05, 0.5))
    assert statement.digit_confidences == (0.9, 0.5, 0.5, 0.7, 0.7, 0.7, 0.8, 0.8, 0.8, 0.8)
    assert statement.announced is False


@pytest.mark.parametrize(
    ("text", "announced"),
    [
        ("My number is 240-555-0142", True),
        ("You can call me back at, um, 240-555-0142", True),
        ("I'll be here. 240-555-0142", False),
    ],
)
def test_what_leads_up_to_a_number_announces_it(text: str, announced: bool) -> None:
    (statement,) = only_number(find(text)).statements
    assert statement.announced is announced


def spoken_at(rate: float, gap_s: float) -> list[Word]:
    """Ten digits one by one, with a gap behind the third and the sixth."""
    words, time_s = [], 0.0
    for place, digit in enumerate("2405550142", 1):
        words.append(Word(digit, time_s, time_s + 1 / rate, 0.9))
        time_s += 1 / rate + (gap_s if place in (3, 6) else 0.0)
    return words


@pytest.mark.parametrize(
    ("words", "writable"),
    [
        (spoken_at(3.0, 0.0), True),
        (spoken_at(6.0, 0.0), False),
        (spoken_at(6.0, 0.3), True),
        (spoken_at(8.0, 0.1), False),
        ([Word("240-555-0142", 0.0, 4.0, 0.9)], True),
        ([Word("240-555-0142", 0.0, 1.5, 0.9)], None),
        ([Word("240-555-0142", 0.0, 0.0, 0.9)], None),
    ],
)
def test_a_number_is_writable_slow_or_in_groups(words: list[Word], writable: bool | None) -> None:
    (statement,) = only_number(find_callback(words, direct_number=None)).statements
    assert statement.writable is writable


@pytest.mark.parametrize(
    "direct",
    ["240-555-0142", "(240) 555-0142", "+1 240 555 0142", "1-240-555-0142", "2405550142",
     "2405550142.0", "240.555.0142 x12", " 240 555 0142 "],
)  # fmt: skip
def test_the_direct_number_matches_however_it_is_written(direct: str) -> None:
    assert only_number(find("Call 240 555 0142.", direct)).roster == "match"


def test_another_number_than_the_reps_is_a_mismatch() -> None:
    assert only_number(find("Call 240 555 0142.", "240-555-0143")).roster == "mismatch"


@pytest.mark.parametrize("direct", [None, "", "ask at the desk", "12"])
def test_without_a_usable_direct_number_the_match_is_unknown(direct: str | None) -> None:
    assert only_number(find("Call 240 555 0142.", direct)).roster == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "Call 240-555-0142, extension 12.",
        "Call 240-555-0142 ext. 12.",
        "Call 240-555-0142 ext .12",
        "Call 240-555-0142 x12 please",
        "Call 240-555-0142 x 12",
        "Call 240-555-0142, and my extension is one two.",
        "Call 240-555-0142 extension number twelve, thanks",
        "Call 240-555-0142 extension 12 240-555-0142 again",
        "Call 240-555-0142 and ask for extension 12, again 240-555-0142.",
        "Call 240-555-0142. Again, 240-555-0142, extension 12, 240-555-0142.",
    ],
)
def test_an_extension_belongs_to_its_number(text: str) -> None:
    number = only_number(find(text))
    assert (number.digits, number.extension) == ("2405550142", "12")


@pytest.mark.parametrize(
    "text",
    [
        "Call 240-555-0142 about the X 5 you saw.",
        "Call 240-555-0142 any time before noon or leave a note at extension 12.",
        "Call 240-555-0142, extension 1234567.",
        "Call 240-555-0142, extension pending.",
    ],
)
def test_what_is_not_its_extension_stays_out(text: str) -> None:
    number = only_number(find(text))
    assert (number.digits, number.times, number.extension) == ("2405550142", 1, None)


def test_probability_is_the_product_of_the_two_surest_statements() -> None:
    words = [
        Word(text, start_s, start_s + 1, confidence)
        for text, start_s, confidence in [
            ("240-555-0142,", 0.0, 0.5),
            ("240-555-0142,", 2.0, 0.9),
            ("240-555-0142.", 4.0, 0.8),
            ("301-555-0199.", 6.0, 1.0),
        ]
    ]
    callback = find_callback(words, direct_number=None)
    assert callback.probability == pytest.approx(0.9 * 0.8)


def test_the_number_most_surely_repeated_gives_the_probability() -> None:
    sure = words_of("240-555-0142 240-555-0142 or", 0.9)
    unsure = words_of("301-555-0199 301-555-0199", 0.3)
    assert find_callback(unsure + sure, direct_number=None).probability == pytest.approx(0.81)


def test_one_unsure_digit_word_makes_its_statement_unsure() -> None:
    words = words_of("two four zero five five five zero one four two, 240-555-0142", 1.0)
    words[3] = Word(words[3].text, words[3].start_s, words[3].end_s, 0.25)
    assert find_callback(words, direct_number=None).probability == pytest.approx(0.25)


def test_another_region_by_its_own_plan() -> None:
    callback = find_callback(
        words_of("Ring me on 07700 900142. Again, oh double seven double oh, 900142."),
        direct_number="+44 7700 900142",
        region="GB",
    )
    number = only_number(callback)
    assert (number.digits, number.times, number.roster) == ("7700900142", 2, "match")


def test_an_unknown_region_is_refused_even_without_digits() -> None:
    with pytest.raises(ConfigError, match="'ZZ'"):
        find_callback(words_of("Hi Dana."), direct_number=None, region="ZZ")


confidences = st.floats(0, 1, allow_nan=False)
spoken = st.sampled_from(
    ["240-555-0142,", "301-555-0199.", "555-0142", "sorry,", "again", "extension", "12", "hi"]
)


@given(st.lists(st.tuples(spoken, confidences), max_size=12))
def test_what_is_found_hangs_together(heard: list[tuple[str, float]]) -> None:
    words = [
        Word(text, float(place), place + 0.5, confidence)
        for place, (text, confidence) in enumerate(heard)
    ]
    callback = find_callback(words, direct_number="240-555-0142")
    if not words:
        assert callback.repeated is None
        return
    assert callback.probability is not None
    assert 0 <= callback.probability <= 1
    assert callback.repeated == any(number.times >= 2 for number in callback.numbers)
    assert callback.repeated or callback.probability == 0
    digits = [number.digits for number in callback.numbers]
    assert len(set(digits)) == len(digits)
    for number in callback.numbers:
        assert number.times == len(number.statements) >= 1
        assert (number.roster == "match") == (number.digits == "2405550142")
        for statement in number.statements:
            said = "".join(statement.groups)
            assert statement.digits.endswith(said)
            assert len(statement.digit_confidences) == len(said)
            assert len(statement.group_gaps_s) == len(statement.groups) - 1
            assert statement.complete
    assert all(not partial.complete for partial in callback.partials)
    assert (callback.pattern == "repeated") == callback.repeated
    assert to_json(callback)["repeated"] == callback.repeated


@pytest.mark.human
def test_numbers_spoken_by_a_person_at_any_pace() -> None:
    """Exact words and times of one speaker; the digits stand in the file's name."""
    files = sorted(HUMAN.glob("ph_*.words.json"))
    if not files:
        pytest.skip(f"no human recordings at {HUMAN}")
    rates: dict[str, list[float]] = {}
    for file in files:
        named = re.match(r"ph_(\d{10})_(\w+)\.wav", file.name)
        assert named is not None
        heard = json.loads(file.read_text(encoding="utf-8"))["words"]
        words = [Word(word["word"], word["start"], word["end"], 1.0) for word in heard]
        number = only_number(find_callback(words, direct_number=named[1]))
        assert number.roster == "match", file.name
        for statement in number.statements:
            assert statement.digits_per_second is not None
            rates.setdefault(named[2], []).append(statement.digits_per_second)
    assert min(rates["fast"]) > max(rates["slow"])
