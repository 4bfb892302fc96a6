"""The scorecard: shares with their intervals, and nothing told that few recordings cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers import Run
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from test_exports import AUDIT, NOTHING

from vmaudit.records import (
    Audit,
    Callback,
    Delivery,
    Evidence,
    Filler,
    Pause,
    PhoneNumber,
    RosterMatch,
    Score,
    Scores,
    Statement,
    to_json,
)
from vmaudit.report.criteria import criteria_for
from vmaudit.report.scorecard import Scorecard, Standing, scorecard, share_change, share_of
from vmaudit.scoring import load_rubric
from vmaudit.store import Store, StoreBatch, StoredAudit, store_address

BANDS = load_rubric().bands
DAY = datetime(2026, 3, 2)


def message(index: int, rep: str = "nina", **changes: Any) -> Audit:
    """A message of its own: nothing said of it but what ``changes`` say."""
    return replace(
        AUDIT,
        **{
            "id": f"{rep}{index}",
            "path": f"{rep}/{index}.wav",
            "rep": rep,
            "recorded_at": DAY + timedelta(days=index),
            "delivery": Delivery(),
            "callback": Callback(None, None, ()),
            "scores": Scores(Score(None), Score(None), Score(None)),
            **changes,
        },
    )


def number(roster: RosterMatch = "match", times: int = 1) -> Callback:
    said = tuple(
        Statement(10.0 * k + 5, 10.0 * k + 8, "206-555-0142", "2065550142", 3.0, 0.9)
        for k in range(times)
    )
    return Callback(times > 1, 0.9, (PhoneNumber("2065550142", times, roster, said),))


def card(audits: Iterable[Audit], rep: str = "nina") -> Scorecard:
    stored = [StoredAudit(a.path, a.id, "k", to_json(a)) for a in audits]
    return scorecard(stored, rep, BANDS)


def standing(card: Scorecard, key: str) -> Standing:
    (found,) = (one for one in card.standings if one.criterion.key == key)
    return found


# Statistics


@given(count=st.integers(1, 400), data=st.data())
def test_interval_is_wilsons(count: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, count))
    found = share_of(hits, count)
    known = binomtest(hits, count).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-9)
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_change_has_newcombes_interval() -> None:
    # 56 of 70 against 48 of 80, the first example of Newcombe 1998: 0.0524 to 0.3339.
    change = share_change([True] * 48 + [False] * 32, [True] * 56 + [False] * 14)
    assert change
    assert (change.low, change.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert change.is_clear


@given(before=st.lists(st.booleans(), max_size=20), after=st.lists(st.booleans(), max_size=20))
def test_change_needs_messages_and_turns_round(before: list[bool], after: list[bool]) -> None:
    change, back = share_change(before, after), share_change(after, before)
    if min(len(before), len(after)) < 8:
        assert change is back is None
        return
    assert change
    assert back
    assert (change.low, change.high) == pytest.approx((-back.high, -back.low))
    assert change.low <= change.after.share - change.before.share <= change.high


# What a message tells


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"callback": number(times=2)}, {"own_number": True, "number_repeated": True}),
        ({"callback": number("mismatch")}, {"own_number": False, "number_repeated": False}),
        ({"callback": number("unknown")}, {"number_repeated": False}),
        ({"delivery": Delivery(words_per_minute=300.0)}, {"words_per_minute": False}),
        ({"delivery": Delivery(words_per_minute=150.0)}, {"words_per_minute": True}),
        (
            {"scores": Scores(Score(0.6), Score(0.4), Score(None))},
            {"value": True, "clarity": False},
        ),
        ({"scores": Scores(Score(0.6, level=1), Score(None), Score(None))}, {"value": False}),
        ({"scores": None}, {}),
    ],
)
def test_what_a_message_meets(changes: Mapping[str, Any], told: dict[str, bool]) -> None:
    payload = to_json(message(1, **changes))
    met = {c.key: c.met(payload) for c in criteria_for(BANDS)}
    assert {key: verdict for key, verdict in met.items() if verdict is not None} == {
        "message_left": True,
        **told,
    }


def test_what_cannot_be_scored_tells_of_hang_ups_alone() -> None:
    payload = to_json(replace(NOTHING, outcomes=("hang_up",)))
    met = {c.key: c.met(payload) for c in criteria_for(BANDS)}
    assert {key for key, verdict in met.items() if verdict is not None} == {"message_left"}
    assert met["message_left"] is False


def test_an_older_audit_tells_what_it_can() -> None:
    payload = to_json(message(1, callback=number(times=2)))
    del payload["outcomes"], payload["scores"]["needs_review"]
    payload["delivery"] = {"words_per_minute": 150.0}
    payload["scores"]["value"] = {"probability": 0.2, "evidence": [], "reason": None}
    found = scorecard([StoredAudit("a.wav", "a", "k", payload)], "nina", BANDS)
    assert {one.criterion.key: one.own.hits for one in found.standings} == {
        "own_number": 1,
        "number_repeated": 1,
        "value": 0,
        "words_per_minute": 1,
    }


# Moments


DELIVERED = Delivery(
    words_per_minute=300.0,
    fillers_per_minute=20.0,
    fillers=(Filler("um", 6.0, 6.4, "transcript", 1.0),),
    longest_pause_s=5.0,
    pauses=(Pause(8.0, 9.0), Pause(11.0, 16.0)),
    closing_pace_ratio=2.0,
)


@pytest.mark.parametrize(
    ("key", "changes", "start_s", "text"),
    [
        ("own_number", {"callback": number("mismatch")}, 5.0, "206-555-0142"),
        ("number_repeated", {"callback": number()}, 5.0, "206-555-0142"),
        ("number_repeated", {"callback": Callback(False, 0.0, ())}, 27.5, ""),  # the end
        ("words_per_minute", {"delivery": DELIVERED}, 0.5, "300"),
        ("fillers_per_minute", {"delivery": DELIVERED}, 6.0, "20"),
        ("longest_pause_s", {"delivery": DELIVERED}, 11.0, "5"),
        ("closing_pace_ratio", {"delivery": DELIVERED}, 27.5, "2"),
    ],
)
def test_moment_shows_the_miss(
    key: str, changes: Mapping[str, Any], start_s: float, text: str
) -> None:
    payload = to_json(message(1, **changes))
    (criterion,) = (one for one in criteria_for(BANDS) if one.key == key)
    assert criterion.met(payload) is False
    moment = criterion.moment(payload)
    assert (moment.path, moment.start_s, moment.text) == ("nina/1.wav", start_s, text)
    assert moment.end_s > moment.start_s


def test_moment_of_a_score_is_what_cost_most() -> None:
    evidence = (
        Evidence(3.0, 4.0, "biggest selection", -0.1),
        Evidence(7.0, 8.0, "checking in", -0.3),
        Evidence(9.0, 9.5, "the blue one", 0.2),
    )
    scores = Scores(Score(0.2, evidence), Score(0.2), Score(None))
    (value, clarity) = (c for c in criteria_for({}) if c.key in ("value", "clarity"))
    payload = to_json(message(1, scores=scores))
    assert value.moment(payload).text == "checking in"
    assert clarity.moment(payload).start_s == 0.5  # nothing is named: the opening


# The card


def test_counts() -> None:
    review = Scores(Score(None), Score(None), Score(None), needs_review=True)
    found = card(
        [
            message(1),
            message(2, scores=review),
            message(3, status="not_scorable", outcomes=("hang_up",)),
            message(4, recorded_at=None),
            message(5, "ray"),
            message(6, path="nina/copy.wav", id="nina1"),  # the file of the first message
            message(7, rep=None),
        ]
    )
    assert (found.messages, found.not_scorable, found.hang_ups) == (4, 1, 1)
    assert (found.needs_review, found.dated) == (1, 3)
    assert standing(found, "message_left").own == share_of(3, 4)


def test_strengths_are_what_is_surely_done() -> None:
    assert card(message(k, callback=number(times=2)) for k in range(3)).strengths == ()
    found = card(message(k, callback=number(times=2)) for k in range(4))
    assert [one.criterion.key for one in found.strengths] == [
        "own_number",
        "number_repeated",
        "message_left",
    ]
    assert found.work_on is None
    assert found.moments == ()


def test_thing_to_work_on_is_what_costs_most() -> None:
    rushed = Delivery(opening_pace_ratio=1.5)
    often = [message(k, callback=number(times=2), delivery=rushed) for k in range(9)]
    found = card([*often, message(9, callback=number("mismatch", times=2))])
    assert found.work_on
    assert found.work_on.criterion.key == "opening_pace_ratio"
    found = card([*often[:5], *(message(k, callback=number("mismatch", 2)) for k in (6, 7, 8))])
    assert found.work_on
    assert found.work_on.criterion.key == "own_number"
    assert [moment.path for moment in found.moments] == ["nina/8.wav", "nina/7.wav"]  # the latest


def test_few_messages_are_drawn_to_the_team() -> None:
    others = [
        message(k, rep, callback=number(times=2)) for rep in ("ray", "zed") for k in range(20)
    ]
    found = standing(card([*others, message(1, callback=number())]), "number_repeated")
    assert found.own.share == 0
    assert found.team == share_of(40, 41)
    assert 0.8 < found.estimate < 0.9


@pytest.mark.parametrize(("reps", "shown"), [(("ray",), False), (("ray", "zed"), True)])
def test_team_is_shown_where_it_is_no_single_colleague(reps: Sequence[str], shown: bool) -> None:
    others = [message(k, rep, callback=number()) for rep in reps for k in range(5)]
    found = card([*others, message(1, callback=number())])
    assert all((one.team is not None) is shown for one in found.standings)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([False] * 12, [True] * 12, True),
        ([False] * 7, [True] * 7, False),  # too few
        ([True, False] * 8, [True] * 8 + [False, True] * 4, False),  # too little
        ([True] * 12, [False] * 12, True),
    ],
)
def test_change_is_told_where_it_is_clear(
    before: list[bool], after: list[bool], told: bool
) -> None:
    audits = [
        message(k, callback=number(times=2 if twice else 1))
        for k, twice in enumerate(before + after)
    ]
    change = standing(card(audits[::-1]), "number_repeated").change  # order is by date, not place
    assert (change is not None) is told
    if change:
        assert (change.high > 0) is after[-1]
    undated = [replace(audit, recorded_at=None) for audit in audits]
    assert standing(card(undated), "number_repeated").change is None


# In the terminal


@pytest.fixture
def out(tmp_path: Path) -> Path:
    audits = [
        *(message(k, callback=number(times=1 if k < 12 else 2)) for k in range(24)),
        *(message(k, rep, callback=number("mismatch")) for rep in ("ray", "[b]z") for k in (1, 2)),
    ]
    folder = tmp_path / "out"
    folder.mkdir()
    store = Store(store_address(folder))
    store.write(StoreBatch(1, {}, tuple((audit, "k") for audit in audits), ()))
    store.close()
    return folder


def test_scorecard_in_the_terminal(run: Run, out: Path) -> None:
    ended = run("scorecard", "out", "--rep", "NINA")
    assert (ended.code, ended.err) == (0, "")
    for text in (
        "nina  24 messages, 0 not scorable, 0 hung up",
        "own number (the roster's): in 24 of 24",
        "number twice (said twice): in 12 of 24",
        "play nina/11.wav  0:05.00 to 0:08.00  206-555-0142",
        "number twice: 0% to 100%; by ",
    ):
        assert text in ended.out
    assert "ray" not in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines())


def test_scorecard_of_few_messages_says_so(run: Run, out: Path) -> None:
    ended = run("scorecard", "out", "--rep", "[b]z")
    assert "[b]z  2 messages" in ended.out
    assert "too few messages to be sure of any" in ended.out
    assert "there are 2 in all" in ended.out
    assert "nina" not in ended.out


def test_scorecard_of_nobody_is_a_clear_error(run: Run, out: Path) -> None:
    ended = run("scorecard", "out", "--rep", "nin")
    assert (ended.code, ended.err) == (2, "error: no rep is called nin; is it nina?\n")
