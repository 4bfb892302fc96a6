"""Advice: at most two changes, specific, each of which raises the overall score; and that score."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_scorer import NUMBER, judge, message, small_scorer

from vmaudit.content import SIGNALS
from vmaudit.records import Delivery, Evidence, Signal
from vmaudit.scoring import CANNED, Judge, Message, Rubric, load_rubric, rubric_names
from vmaudit.scoring.overall import Marks, delivery_share, overall, parts, points
from vmaudit.scoring.rubric import Band, SignalRule
from vmaudit.scoring.training import YES_FROM

REASON = "The silver hybrid that you asked about came in, with the tow package."
WHO = "Hi Ted, this is Nina Whitlow at Harborview Motors."


def timed(text: str, *, from_s: float = 10.0) -> Message:
    """Two words a second from ``from_s`` on: the times are the transcript's own."""
    rows = [
        {"text": word, "start_s": from_s + k / 2, "end_s": from_s + k / 2 + 0.4}
        for k, word in enumerate(text.split())
    ]
    return message(text, words=rows)


def advice(said: Message, rubric: str = "default") -> tuple[str, ...]:
    return judge(rubric).score(said).advice


def about(said: Message, start: str, rubric: str = "default") -> str:
    found = [text for text in advice(said, rubric) if text.startswith(start)]
    assert len(found) == 1, advice(said, rubric)
    return found[0]


# what is said


def test_a_number_said_once_is_named_with_its_time_and_duration() -> None:
    said = timed(f"{WHO} {REASON} Call {NUMBER} today.")
    at_s = said.numbers[0].statements[0].start_s
    told = about(said, "Say the number again")
    assert (
        told
        == f"Say the number again at the end: you said it once, at 0:{int(at_s):02d}, in 0.4 s."
    )


def test_no_times_where_the_transcript_had_none() -> None:
    told = about(message(f"{WHO} {REASON} Call {NUMBER} today."), "Say the number again")
    assert told == "Say the number again at the end: you said it once."
    checking = message(f"{WHO} I was just checking in. Call {NUMBER}, {NUMBER}.")
    assert not any(", at " in text or " s" in text.split(":")[-1] for text in advice(checking))


def test_two_numbers_once_each() -> None:
    said = message(f"{WHO} {REASON} Call {NUMBER}, or 206-555-0178.")
    assert "you gave 2, each once" in about(said, "Give one number and say it twice")


@pytest.mark.parametrize("again", [f", that's {NUMBER}", ""])
def test_a_number_that_is_not_the_reps_is_named_first_with_both(again: str) -> None:
    said = message(f"{WHO} {REASON} Call {NUMBER}{again}.", direct_number="(206) 555-0178")
    assert advice(said)[0] == "Check the number: you said 2065550142, your own is 2065550178."


def test_a_second_number_beside_the_reps_own_is_no_mistake() -> None:
    said = message(f"{WHO} Call {NUMBER}, or 206-555-0178.", direct_number=NUMBER)
    assert not any(text.startswith("Check the number") for text in advice(said))


def test_half_a_number_is_quoted() -> None:
    said = message(f"{WHO} {REASON} Call me at 206-555.")
    assert "206-555" in about(said, "Give your whole number") or not said.callback.partials


def test_a_reason_is_asked_for_with_what_they_asked_for() -> None:
    said = message(
        f"{WHO} I was just checking in. {NUMBER}, again {NUMBER}.", interest="silver hybrid"
    )
    told = about(said, "Give a reason to call instead of")
    assert "checking in" in told
    assert told.endswith("one fact about silver hybrid.")


@pytest.mark.parametrize("rubric", rubric_names())
@pytest.mark.parametrize(
    "text",
    [
        "Hi.",
        "Hey, it's me, just checking in to see if you are still in the market, sorry.",
        f"{WHO} {REASON} Please call me back at {NUMBER}, that's {NUMBER}.",
        f"Number one dealer here. Text me, e-mail me, call {NUMBER} or come by on Tuesday!",
    ],
)
def test_never_more_than_two_and_never_the_same_twice(rubric: str, text: str) -> None:
    told = advice(message(text, Delivery(words_per_minute=280.0, message_s=95.0)), rubric)
    assert len(told) == len(set(told)) <= 2
    assert sum("checking in" in one for one in told) <= 1


@pytest.mark.parametrize("rubric", ["insurance", "dealer", "b2b"])
@pytest.mark.parametrize("reason", ["I was just checking in.", "We have great deals."])
def test_what_they_asked_for_is_advised_once(rubric: str, reason: str) -> None:
    said = message(
        f"{WHO} {reason} Please call me back at {NUMBER}, that's {NUMBER}.",
        interest="silver hybrid",
    )
    told = advice(said, rubric)
    assert sum("asked for" in one or "silver hybrid" in one for one in told) == 1, told


@pytest.mark.parametrize(
    ("signal", "text", "advised"),
    [
        ("concrete_reason", "We have great deals.", "Give one concrete reason"),
        ("one_ask", "Text me, e-mail me, or come by the store.", "Ask for one thing only"),
    ],
)
def test_a_signal_that_a_rubric_wants_is_not_asked_for_beside_the_advice_that_brings_it(
    signal: str, text: str, advised: str
) -> None:
    said = message(f"{WHO} {text} Please call me back at {NUMBER}, that's {NUMBER}.")
    wanted = Judge(small_scorer(), rubric_of(**{signal: ("required", 20)}))
    told = wanted.score(said).advice
    assert told[0].startswith(advised), told
    assert not any(SIGNALS[signal] in one for one in told)


def test_a_hurried_number_under_a_rubric_without_a_band_for_it() -> None:
    statement = message(f"Call {NUMBER}.").numbers[0].statements[0]
    said = message(f"{WHO} {REASON} Call {NUMBER}.", Delivery(words_per_minute=160.0))
    number = replace(said.numbers[0], statements=(replace(statement, writable=False),))
    hurried = replace(said, callback=replace(said.callback, numbers=(number,)))
    rubric = load_rubric()
    bare = rubric.model_copy(
        update={"bands": {"words_per_minute": rubric.bands["words_per_minute"]}}
    )
    assert Judge(small_scorer(), bare).score(hurried).scores.overall is not None


# what comes of it


@pytest.mark.parametrize(
    ("advised", "before", "after"),
    [
        (
            "Say the number again",
            f"{WHO} {REASON} Call me back at {NUMBER}.",
            f"{WHO} {REASON} Call me back at {NUMBER}, that's {NUMBER}.",
        ),
        (
            "Give your whole number",
            f"{WHO} {REASON} Call me back.",
            f"{WHO} {REASON} Call me back at {NUMBER}, that's {NUMBER}.",
        ),
        (
            "Give a reason to call instead",
            f"{WHO} I was just checking in. Call me at {NUMBER}, that's {NUMBER}.",
            f"{WHO} {REASON} Call me at {NUMBER}, that's {NUMBER}.",
        ),
        (
            "Say who you are",
            f"Hello there. {REASON} Call me back at {NUMBER}, that's {NUMBER}.",
            f"{WHO} {REASON} Call me back at {NUMBER}, that's {NUMBER}.",
        ),
    ],
)
def test_what_is_advised_raises_the_score_when_it_is_done(
    advised: str, before: str, after: str
) -> None:
    assert about(message(before), advised)
    scores = [judge().score(message(text)).scores.overall for text in (before, after)]
    assert scores[0] is not None
    assert scores[1] is not None
    assert scores[1] > scores[0]
    assert not any(text.startswith(advised) for text in advice(message(after)))


def test_a_pace_that_is_aimed_at_raises_the_score() -> None:
    text = f"{WHO} {REASON} Please call me back at {NUMBER}, that's {NUMBER}."
    fast, even = Delivery(words_per_minute=290.0), Delivery(words_per_minute=170.0)
    assert about(message(text, fast), "Speak at") == "Speak at 120 to 220 words a minute, not 290."
    scores = [judge().score(message(text, one)).scores.overall or 0 for one in (fast, even)]
    assert scores[1] > scores[0]


def test_canned_text_is_named_where_it_counts() -> None:
    said = message(f"{WHO} {REASON} Please call me back at {NUMBER}, that's {NUMBER}.")
    found = Signal(0.9, (Evidence(0.0, 9.0, "almost the words of nina/two.wav"),))
    canned = replace(said, signals={**said.signals, CANNED: found})
    assert "almost the words of nina/two.wav" in about(canned, "Leave out", "dealer")
    scores = [judge("dealer").score(one).scores.overall or 0 for one in (said, canned)]
    assert scores[0] - scores[1] == pytest.approx(6, abs=1)


# the overall score


def rubric_of(**signals: tuple[str, float]) -> Rubric:
    """Value 50, clarity 30, callback 20 and delivery 100, in a mark of 200."""
    rules = {
        name: SignalRule.model_validate(
            {"want": want, "points": given, "kind": "yours", "source": "a test"}
        )
        for name, (want, given) in signals.items()
    }
    rubric = load_rubric()
    weights = {"value": 50, "clarity": 30, "callback": 20, "delivery": 100}
    return rubric.model_copy(
        update={"weights": rubric.weights.model_copy(update=weights), "signals": rules}
    )


def marks(level: float, delivery: float | None, *signals: str) -> Marks:
    return Marks(dict.fromkeys(YES_FROM, level), delivery, frozenset(signals))


@pytest.mark.parametrize(
    ("level", "delivery", "expected"),
    [(3.0, 1.0, 100), (0.0, 0.0, 0), (3.0, 0.0, 50), (0.0, 1.0, 50), (1.5, 0.5, 50)],
)
def test_overall_is_the_weighted_share(level: float, delivery: float, expected: float) -> None:
    assert overall(marks(level, delivery), rubric_of()) == pytest.approx(expected)


def test_without_delivery_the_rest_is_the_whole() -> None:
    assert overall(marks(3.0, None), rubric_of()) == pytest.approx(100)
    assert parts(marks(1.5, None), rubric_of()) == pytest.approx(
        {"value": 25, "clarity": 15, "callback": 10}
    )


def test_points_of_signals() -> None:
    rubric = rubric_of(
        direct_line=("welcome", 4),
        asks_callback=("required", 5),
        boasting=("unwelcome", 3),
        pressure=("forbidden", 20),
    )
    assert points(frozenset(), rubric) == {"asks_callback": -5}
    assert points({"asks_callback", "courtesy"}, rubric) == {}
    assert points({"direct_line", "asks_callback", "boasting", "pressure"}, rubric) == {
        "direct_line": 4,
        "boasting": -3,
        "pressure": -20,
    }


def test_overall_stays_between_its_ends() -> None:
    rubric = rubric_of(direct_line=("welcome", 40), pressure=("forbidden", 90))
    assert overall(marks(3.0, 1.0, "direct_line"), rubric) == 100
    assert overall(marks(0.5, 0.0, "pressure"), rubric) == 0


def test_share_of_the_delivery_that_was_aimed_at() -> None:
    band = Band(low=100, high=200, far_high=250, kind="yours", source="a test")
    bands = {"words_per_minute": band, "snr_db": Band(low=10, kind="yours", source="a test")}
    for pace, share in ((150.0, 1.0), (210.0, 0.5), (260.0, 0.0)):
        assert delivery_share(Delivery(words_per_minute=pace), bands) == share
    assert delivery_share(Delivery(words_per_minute=150.0, snr_db=5.0), bands) == 0.75
    assert delivery_share(Delivery(), bands) is None
