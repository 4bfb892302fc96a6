"""Why a score is what it is: quotes and measurements, with the sign of their effect."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorer import NUMBER, judge, message, small_scorer

from vmaudit.records import Delivery, Evidence, Pause, Score, to_json
from vmaudit.scoring import Judge, Message, load_rubric
from vmaudit.scoring.evidence import LEAST_CONTRIBUTION, LONGEST_WORDS, MOST, evidence_of
from vmaudit.scoring.heads import Head
from vmaudit.scoring.inputs import HeadName
from vmaudit.scoring.review import review_reasons
from vmaudit.scoring.scorer import Reading, Scorer

SAID = (
    "Hi Ted, this is Nina Whitlow at Harborview Motors. I was just checking in to see if you are "
    f"still in the market. The silver hybrid came in. Call me at {NUMBER}, that's {NUMBER}."
)
NOISY = Delivery(
    snr_db=1.0,
    words_per_minute=270.0,
    fillers_per_minute=20.0,
    longest_pause_s=4.0,
    pauses=(Pause(2.0, 2.5), Pause(5.0, 9.0)),
)


def evidence(said: Message, name: str) -> tuple[Evidence, ...]:
    score: Score = getattr(judge().score(said).scores, name)
    return score.evidence


def quotes(said: Message, one: Evidence) -> str:
    """The words that were heard from its start to its end."""
    inside = [w for w in said.words if one.start_s <= w.start_s and w.end_s <= one.end_s]
    return " ".join(word.text for word in inside)


@pytest.mark.parametrize("name", ["value", "clarity", "callback"])
def test_quotes_lie_in_the_transcript_at_their_times(name: str) -> None:
    said = message(SAID)
    found = evidence(said, name)
    assert found
    for one in found:
        assert quotes(said, one) == one.text or one.text.endswith(quotes(said, one))


def test_evidence_has_the_sign_of_its_effect() -> None:
    bad = next(e for e in evidence(message(SAID), "value") if "just checking in" in e.text)
    good = next(e for e in evidence(message(SAID), "value") if "silver hybrid" in e.text)
    assert bad.contribution is not None
    assert good.contribution is not None
    assert bad.contribution < 0 < good.contribution


def test_the_strongest_is_first_and_there_are_few() -> None:
    found = [abs(e.contribution or 0.0) for e in evidence(message(SAID, NOISY), "clarity")]
    assert found == sorted(found, reverse=True)
    assert len(found) <= MOST
    assert max(found) <= 0.5


def test_hesitations_of_a_transcript_are_counted_and_shown_where_the_first_is() -> None:
    said = message("Hi Ted, um, this is uh Nina. Um, so, uh, call me.")
    head = Head(("hesitations",), np.zeros((3, 0)), np.full((3, 1), -2.0), np.zeros(3), 2)
    (found,) = evidence_of(small_scorer(), head, small_scorer().read(said))
    assert found.text == "um and uh: 4"
    assert quotes(said, found) == "um,"


def test_measurements_are_told_with_their_figures() -> None:
    said = message("Hello there, this is about the thing from the other day.", NOISY)
    told = {one.text: one for one in evidence_of(*reading_of(said))}
    assert told["signal to noise 1 dB"].contribution is not None
    assert told["signal to noise 1 dB"].contribution < 0
    assert told["signal to noise 1 dB"].end_s == said.words[-1].end_s
    assert (told["a pause of 4.0 s"].start_s, told["a pause of 4.0 s"].end_s) == (5.0, 9.0)


def reading_of(said: Message, name: HeadName = "clarity") -> tuple[Scorer, Head, Reading]:
    scorer = small_scorer()
    return scorer, scorer.heads[name], scorer.read(said)


INTEREST = ("mentions_interest", "interest_words", "unmentioned_interest")


def of_interest(said: Message) -> list[Evidence]:
    """What a head tells that reads nothing but how much is said of what was asked for."""
    weights = np.array([[0.5, 2.0, -1.2]] * 3)
    head = Head(INTEREST, np.zeros((3, 0)), weights, np.zeros(3), 2)
    return evidence_of(small_scorer(), head, small_scorer().read(said))


def test_what_was_asked_for_is_quoted_once_with_all_that_it_adds() -> None:
    said = message("Hi Ted, the silver hybrid came in.", interest="silver hybrid")
    quote = said.signals["mentions_interest"].evidence[0]
    (told,) = of_interest(said)
    assert told.text == f"mentions interest: {quote.text}"
    assert (told.start_s, told.end_s) == (quote.start_s, quote.end_s)
    added = 0.5 * said.signals["mentions_interest"].probability + 2.0 * 2 / 3
    assert told.contribution == pytest.approx(1 / (1 + np.exp(-added)) - 0.5)


@pytest.mark.parametrize(
    ("text", "told", "added"),
    [
        ("The hybrid came in.", "touches on what was asked for", 2.0 / 3 - 1.2),
        ("We have great deals.", "no word of what was asked for", -1.2),
    ],
)
def test_little_or_nothing_of_what_was_asked_for_is_told_once(
    text: str, told: str, added: float
) -> None:
    said = message(text, interest="silver hybrid, tow package, leather seats")
    assert "mentions_interest" not in said.signals
    expected = 1 / (1 + np.exp(-added)) - 0.5
    (found,) = of_interest(said)
    assert found.text == f"{told}: {said.interest}"
    assert found.contribution == pytest.approx(expected)


def test_half_a_number_is_quoted_with_its_time() -> None:
    said = message("Hi Ted. Call me at 206-555.")
    head = Head(("number_partial",), np.zeros((3, 0)), np.full((3, 1), -1.0), np.zeros(3), 2)
    (told,) = evidence_of(small_scorer(), head, small_scorer().read(said))
    partial = said.callback.partials[0]
    assert told.text == f"only part of a number: {partial.text}"
    assert (told.start_s, told.end_s) == (partial.start_s, partial.end_s)
    assert told.contribution is not None
    assert told.contribution < 0


def test_a_sentence_without_end_is_quoted_in_parts() -> None:
    said = message("the silver hybrid that you asked about came in " * 12)
    for one in evidence(said, "value"):
        assert len(one.text.split()) <= LONGEST_WORDS + 3  # and what it stands for


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["Hi", "Ted,", "in.", "the", "silver hybrid", "?", "May", "$5", "Zoë's", "in"]
        )
        | st.text(min_size=1, max_size=6).filter(lambda text: text.strip() != ""),
        min_size=1,
        max_size=40,
    )
)
def test_any_words_can_be_explained(texts: list[str]) -> None:
    said = message("hi", words=[{"text": text} for text in texts])
    for one in evidence_of(*reading_of(said)):
        assert 0 <= one.start_s <= one.end_s <= said.words[-1].end_s


@given(st.lists(st.sampled_from(SAID.replace(".", "").split()), min_size=1, max_size=18))
@settings(deadline=None, max_examples=60)
def test_a_sentence_is_told_with_all_that_its_words_add(texts: list[str]) -> None:
    scorer, head, reading = reading_of(message(" ".join(texts)), "value")
    added = head.alone(np.asarray(reading.wording @ head.wording_weights.T).ravel())
    told = evidence_of(scorer, head, reading)
    if abs(added) >= LEAST_CONTRIBUTION and len(told) < MOST:
        quoted = [one.contribution for one in told if one.text == " ".join(texts)]
        assert quoted == [pytest.approx(added)]


# determinism


def test_the_same_message_twice_gives_the_same_bytes() -> None:
    said = message(SAID, NOISY, prospect="Ted Oakley", interest="silver hybrid")
    first, second = (json.dumps(to_json(judge().score(said))) for _ in range(2))
    assert first == second


# when somebody should listen


def test_reasons_to_listen_are_named() -> None:
    said = message(SAID, Delivery(snr_db=2.0, unsure_word_share=0.4), direct_number="206-555-0178")
    scores = {"value": Score(0.52), "clarity": Score(0.97), "callback": Score(None)}
    reasons = review_reasons(said, scores, load_rubric())
    assert reasons == (
        "value is a close call (0.52)",
        "the number 2065550142 is not the rep's 2065550178",
        "40% of the words are unsure",
        "the recording is noisy (2 dB)",
    )


def test_what_a_rubric_forbids_is_a_reason_to_listen() -> None:
    rubric = load_rubric()
    rule = rubric.signals["just_checking_in"].model_copy(update={"want": "forbidden"})
    strict = rubric.model_copy(update={"signals": {"just_checking_in": rule}})
    reasons = Judge(small_scorer(), strict).score(message(SAID)).scores.review_reasons
    assert "just checking in was found" in reasons


def test_nothing_to_listen_for() -> None:
    sure = {"value": Score(0.9), "clarity": Score(0.1), "callback": Score(1.0)}
    assert review_reasons(message(SAID), sure, load_rubric()) == ()
    scored = judge().score(replace(message(SAID), signals={})).scores
    assert scored.needs_review == bool(scored.review_reasons)
