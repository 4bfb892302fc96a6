"""Texts that were left in almost the same words: found, marked and scored as such."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorer import NUMBER, judge, message
from stored_audits import BARE

from vmaudit.cohort import relate
from vmaudit.content import Likeness, find_canned
from vmaudit.records import Audit, Transcript
from vmaudit.scoring import CANNED
from vmaudit.store import Store, StoreBatch

KEY = "fingerprints of no kind"
SCRIPT = (
    "Hi {name}, this is Nina at Harborview Motors, the number one dealer in the valley. I was just "
    "calling to let you know that our year end event is on, and that every vehicle on the lot is "
    "marked down. Call me at {number} and ask for me by name. Have a great day, {name}."
)
OWN_WORDS = (
    "Hello Rosa, it's Nina from the shop on Lake Street. Your brake pads came in this morning, so "
    "I have put you down for Thursday at nine unless you would rather come on Friday afternoon."
)
FILLED = {
    "a": SCRIPT.format(name="Ted", number=NUMBER),
    "b": SCRIPT.format(name="Angela", number="206-555-0178"),
    "c": SCRIPT.format(name="Mr. Oduya", number="2065550199").replace(
        " event is on", " event is, is on"
    ),
}


# likeness


def test_one_script_with_other_names_and_numbers_is_found() -> None:
    found = find_canned({**FILLED, "own": OWN_WORDS})
    assert set(found) == set(FILLED)
    assert found["a"].other in {"b", "c"}
    assert all(0.7 <= one.similarity <= 1.0 for one in found.values())


def test_a_script_with_half_of_it_replaced_is_not() -> None:
    half = " ".join(FILLED["a"].split()[:25]) + " " + OWN_WORDS
    assert find_canned({"a": FILLED["b"], "half": half}) == {}


def test_short_messages_are_alike_by_chance() -> None:
    short = "Hi Ted, this is Nina at Harborview Motors, please call me back today, thanks."
    assert find_canned({"a": short, "b": short}) == {}
    assert find_canned({}) == {}
    assert find_canned({"a": FILLED["a"]}) == {}


@settings(deadline=None, max_examples=10)
@given(st.permutations([*FILLED.items(), ("own", OWN_WORDS), ("again", OWN_WORDS)]))
def test_order_does_not_matter(texts: list[tuple[str, str]]) -> None:
    expected = find_canned({**FILLED, "own": OWN_WORDS, "again": OWN_WORDS})
    assert find_canned(dict(texts)) == expected
    assert expected["own"] == Likeness("again", pytest.approx(1.0))


def test_texts_without_words_in_it_are_like_nothing() -> None:
    digits = "2 0 6 5 5 5 0 1 4 2 2 0 6 5 5 5 0 1 4 2 2 0 6"
    assert find_canned({"a": digits, "b": digits}) == {}


# in a store


def audit(path: str, text: str, rep: str | None = "nina", content: str | None = None) -> Audit:
    said = message(text)
    return replace(
        BARE,
        id=content or f"content of {path}",
        path=path,
        rep=rep,
        transcript=Transcript(text, "en", "base", 0.9, said.words),
        delivery=said.delivery,
        callback=said.callback,
        signals=said.signals,
    )


def keep(store: Store, *audits: Audit) -> dict[str, dict[str, Any]]:
    store.write(StoreBatch(1, {}, tuple((one, "key") for one in audits), ()))
    relate(store, KEY, judge("dealer"))
    return {one.path: dict(one.payload) for one in store.audits()}


def test_the_signal_comes_and_goes_and_the_scores_follow(store: Store) -> None:
    alone = keep(store, audit("a.wav", FILLED["a"]), audit("own.wav", OWN_WORDS))
    assert not any(CANNED in one["signals"] for one in alone.values())
    both = keep(store, audit("b.wav", FILLED["b"]))
    found = both["a.wav"]["signals"][CANNED]
    assert found["evidence"][0]["text"] == "almost the words of b.wav"
    assert found["evidence"][0]["end_s"] == both["a.wav"]["transcript"]["words"][-1]["end_s"]
    assert CANNED not in both["own.wav"]["signals"]
    lost = alone["a.wav"]["scores"]["overall"] - both["a.wav"]["scores"]["overall"]
    assert lost == pytest.approx(6, abs=1) or both["a.wav"]["scores"]["overall"] == 0
    gone = keep(store, audit("b.wav", OWN_WORDS.replace("Rosa", "Ted"), content="another"))
    assert gone["a.wav"] == alone["a.wav"]
    assert CANNED in gone["own.wav"]["signals"]


def test_other_reps_texts_are_not_compared(store: Store) -> None:
    found = keep(store, audit("a.wav", FILLED["a"]), audit("b.wav", FILLED["b"], rep="omar"))
    assert not any(CANNED in one["signals"] for one in found.values())


def test_a_copy_of_one_file_is_not_the_same_text_twice(store: Store) -> None:
    one = audit("a.wav", FILLED["a"])
    found = keep(store, one, replace(one, path="copy.wav"))
    assert not any(CANNED in each["signals"] for each in found.values())


def test_relating_again_changes_nothing(store: Store) -> None:
    first = keep(store, *(audit(f"{name}.wav", text) for name, text in FILLED.items()))
    assert keep(store) == first
