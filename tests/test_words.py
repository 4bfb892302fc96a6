"""Words in a row as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmaudit.records import joined


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["at", "206", "-555", "-0142."], "at 206-555-0142."),
        (["under", "$24", ",995,", "at", "5", "%", "off"], "under $24,995, at 5% off"),
        (["-555", "again"], "-555 again"),
        (["well", "-", "no", "..."], "well - no ..."),  # a dash of its own is no part of a number
        ([], ""),
    ],
)
def test_what_a_recogniser_parted_is_one_again(words: list[str], text: str) -> None:
    assert joined(words) == text


@given(words=st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1)))
def test_no_letter_is_lost_and_no_two_words_run_together(words: list[str]) -> None:
    text = joined(words)
    assert text.replace(" ", "") == "".join(words)
    assert all(word in text for word in words)
