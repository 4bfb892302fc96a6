"""Whether two strings of digits are one number: alignment, agreement and vote."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.content.agreement import Agreement, agreement, distance, vote

digits = st.text("0123456789", max_size=12)


def compare(first: str, second: str, sure: float = 0.9) -> Agreement:
    return agreement(
        first,
        second,
        first_confidences=[sure] * len(first),
        second_confidences=[sure] * len(second),
    )


@given(digits, digits)
def test_steps_spell_both_sayings_and_the_distance_counts_them(first: str, second: str) -> None:
    found = compare(first, second)
    assert "".join(step.first for step in found.steps) == first
    assert "".join(step.second for step in found.steps) == second
    differing = sum(step.kind != "match" for step in found.steps)
    assert found.distance <= differing
    assert (found.distance == 0) == (first == second) == (differing == 0)
    assert 0 <= found.score <= 1


@given(digits, digits, digits)
def test_the_distance_is_symmetric_and_bounded_by_the_longer(a: str, b: str, c: str) -> None:
    assert distance(a, b) == pytest.approx(distance(b, a))
    assert distance(a, b) <= max(len(a), len(b))
    assert distance(a + c, b + c) <= distance(a, b) + 1e-9


@pytest.mark.parametrize(
    ("first", "second", "kinds"),
    [
        ("2405550142", "2405550142", []),
        ("2405550142", "2405550143", ["substitution"]),
        ("2405550142", "240550142", ["deletion"]),
        ("240550142", "2405550142", ["insertion"]),
        ("0142", "", ["deletion"] * 4),
    ],
)
def test_what_differs_is_named(first: str, second: str, kinds: list[str]) -> None:
    found = compare(first, second)
    assert [step.kind for step in found.steps if step.kind != "match"] == kinds


def test_digits_that_sound_alike_are_nearer() -> None:
    assert distance("2405550145", "2405550149") < distance("2405550142", "2405550147")


def test_the_less_sure_the_likelier_one_number() -> None:
    scores = [compare("2405550142", "2405550143", sure).score for sure in (0.99, 0.9, 0.6)]
    assert scores == sorted(scores)
    assert scores[0] < 0.3
    assert compare("2405550142", "2405550142", 0.1).score == 1.0


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10), st.floats(0, 1))
def test_every_further_difference_makes_one_number_less_likely(
    places: Sequence[int], sure: float
) -> None:
    first = "2405550142"
    scores = []
    for count in range(len(places) + 1):
        other = [str((int(d) + 1 + p % 8) % 10) for d, p in zip(first, places, strict=True)]
        second = "".join(other[:count]) + first[count:]
        kinds = [step.kind for step in compare(first, second, sure).steps]
        if "insertion" not in kinds:
            scores.append(compare(first, second, sure).score)
    assert scores == sorted(scores, reverse=True)


def test_confidences_must_be_one_for_each_digit() -> None:
    with pytest.raises(ValueError, match="one confidence for each digit"):
        agreement("12", "12", first_confidences=[1.0], second_confidences=[1.0, 1.0])


def test_the_surer_digit_wins_the_vote_and_agreement_adds_up() -> None:
    said, sure = vote([("0142", [0.9] * 4), ("0143", [0.9, 0.9, 0.9, 0.3])])
    assert said == "0142"
    assert sure[0] > 0.99
    assert sure[3] < 0.9


def test_two_beat_one_that_is_surer() -> None:
    assert vote([("5", [0.8]), ("5", [0.8]), ("9", [0.95])])[0] == "5"


@given(st.text("0123456789", min_size=1, max_size=12), st.floats(0.2, 1))
def test_one_saying_elects_itself(said: str, sure: float) -> None:
    digits, probabilities = vote([(said, [sure] * len(said))])
    assert digits == said
    assert probabilities == pytest.approx([min(sure, 0.99)] * len(said))
