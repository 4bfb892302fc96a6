"""The scorecard: shares with their intervals, and nothing told that few recordings cannot tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from helpers import Run
from stored_audits import AUDIT, NOTHING

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
    Track,
    to_json,
)
from vmaudit.report.criteria import Criterion, criteria_of, verdicts
from vmaudit.report.facts import distinct, facts_of, read_audit
from vmaudit.report.pages import build_report
from vmaudit.report.scorecard import Scorecard, Standing, scorecard_of, team_of
from vmaudit.report.statistics import share_of
from vmaudit.scoring import load_rubric
from vmaudit.store import Store, StoreBatch, store_address

RUBRIC = load_rubric()
CRITERIA = criteria_of(RUBRIC)
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
    messages = distinct(facts_of(audit, CRITERIA) for audit in audits)
    own = [message for message in messages if message.rep == rep]
    return scorecard_of(own, team_of(messages), CRITERIA)


def criterion(key: str) -> Criterion:
    (found,) = (one for one in CRITERIA if one.key == key)
    return found


def standing(card: Scorecard, key: str) -> Standing:
    (found,) = (one for one in card.standings if one.criterion.key == key)
    return found


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
    assert verdicts(message(1, **changes), CRITERIA) == {"message_left": True, **told}


def test_what_cannot_be_scored_tells_of_hang_ups_alone() -> None:
    spoken = Delivery(words_per_minute=150.0)
    audit = replace(NOTHING, outcomes=("hang_up",), callback=number(), delivery=spoken)
    assert verdicts(audit, CRITERIA) == {"message_left": False}
    moment = facts_of(audit, CRITERIA).moments["message_left"]
    assert (moment.end_s, moment.text) == (32.5, "hung up")
    assert facts_of(audit, CRITERIA).met_share is None


def test_an_older_audit_tells_what_it_can() -> None:
    payload = to_json(message(1, callback=number(times=2), outcomes=()))
    del payload["scores"]["needs_review"]
    payload["delivery"] = {"words_per_minute": 150.0}
    payload["scores"]["value"] = {"probability": 0.2, "evidence": [], "reason": None}
    found = card([read_audit(payload)])
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
TRACKED = replace(DELIVERED, pace_over_time=Track(10.0, 1.0, (4.0, None, 7.0, 5.0)))


@pytest.mark.parametrize(
    ("key", "changes", "start_s", "text"),
    [
        ("own_number", {"callback": number("mismatch")}, 5.0, "206-555-0142"),
        ("number_repeated", {"callback": number()}, 5.0, "said once: 206-555-0142"),
        ("number_repeated", {"callback": Callback(False, 0.0, ())}, 27.5, "no number was said"),
        ("words_per_minute", {"delivery": DELIVERED}, 0.5, "300 words/min"),
        ("words_per_minute", {"delivery": TRACKED}, 9.5, "300 words/min"),  # around the fastest
        ("fillers_per_minute", {"delivery": DELIVERED}, 6.0, "20.0/min"),
        ("longest_pause_s", {"delivery": DELIVERED}, 11.0, "5.0 s"),
        ("closing_pace_ratio", {"delivery": DELIVERED}, 27.5, "2.00 of the whole"),
    ],
)
def test_moment_shows_the_miss(
    key: str, changes: Mapping[str, Any], start_s: float, text: str
) -> None:
    audit = message(1, **changes)
    assert criterion(key).met(audit) is False
    moment = criterion(key).moment(audit)
    assert (moment.start_s, moment.text) == (start_s, text)
    assert moment.end_s > moment.start_s


def test_moment_of_a_score_is_what_cost_most() -> None:
    evidence = (
        Evidence(3.0, 4.0, "biggest selection", -0.1),
        Evidence(7.0, 8.0, "checking in", -0.3),
        Evidence(9.0, 9.5, "the blue one", 0.2),
    )
    scores = Scores(Score(0.2, evidence), Score(0.2), Score(None))
    audit = message(1, scores=scores)
    assert criterion("value").moment(audit).text == "checking in"
    assert criterion("clarity").moment(audit).start_s == 0.5  # nothing is named: the opening


# The card


def test_counts() -> None:
    review = Scores(Score(None), Score(None), Score(None), needs_review=True)
    found = card(
        [
            message(1),
            message(2, scores=review),
            message(3, status="not_scorable", scores=None, outcomes=("hang_up",)),
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
    assert found.to_hear == ()


def test_thing_to_work_on_is_what_costs_most() -> None:
    rushed = Delivery(opening_pace_ratio=1.5)
    often = [message(k, callback=number(times=2), delivery=rushed) for k in range(9)]
    found = card([*often, message(9, callback=number("mismatch", times=2))])
    assert found.work_on
    assert found.work_on.criterion.key == "opening_pace_ratio"
    found = card([*often[:5], *(message(k, callback=number("mismatch", 2)) for k in (6, 7, 8))])
    assert found.work_on
    assert found.work_on.criterion.key == "own_number"
    assert [heard.message.path for heard in found.to_hear] == ["nina/8.wav", "nina/7.wav"]  # latest


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
    found = card(audits[::-1])  # order is by date, not place
    assert [trend.label for trend in found.trends] == ["Number said twice"] * told
    assert bool(found.no_trend) is not told
    if told:
        assert (found.trends[0].change.high > 0) is after[-1]
    assert card(replace(audit, recorded_at=None) for audit in audits).trends == ()


@pytest.mark.parametrize(("later", "told"), [(172.0, False), (190.0, True)])
def test_a_change_of_pace_that_nobody_hears_is_not_told(later: float, told: bool) -> None:
    audits = [
        message(k, delivery=Delivery(words_per_minute=(160.0 if k < 10 else later) + k % 3))
        for k in range(20)
    ]
    assert [trend.label for trend in card(audits).trends] == ["Pace"] * told


def test_what_everybody_does_comes_last_among_strengths() -> None:
    others = [
        message(k, rep, callback=number(times=1)) for rep in ("ray", "zed") for k in range(20)
    ]
    found = card([*others, *(message(k, callback=number(times=2)) for k in range(10))])
    assert [one.criterion.key for one in found.strengths] == [
        "number_repeated",
        "own_number",
        "message_left",
    ]


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
        "Own number (the roster's): met in 24 of 24",
        "Number said twice (twice or more): met in 12 of 24",
        "play nina/11.wav  0:05.00 to 0:08.00  said once: 206-555-0142",
        "Number said twice: 0 to 100 %; by ",
    ):
        assert text in ended.out
    assert "ray" not in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines())


def test_scorecard_of_few_messages_says_so(run: Run, out: Path) -> None:
    ended = run("scorecard", "out", "--rep", "[b]z")
    assert "[b]z  2 messages" in ended.out
    assert "a first impression, no verdict" in ended.out
    assert "No aim is met often enough yet" in ended.out
    assert "there are 2 in all" in ended.out
    assert "nina" not in ended.out


def test_scorecard_of_nobody_is_a_clear_error(run: Run, out: Path) -> None:
    ended = run("scorecard", "out", "--rep", "nin")
    assert (ended.code, ended.err) == (2, "error: no rep is called nin; is it nina?\n")


def test_the_page_tells_what_the_terminal_tells(run: Run, out: Path) -> None:
    told = run("scorecard", "out", "--rep", "nina").out
    store = Store(store_address(out))
    report = build_report(store, out / "report", RUBRIC).parent
    store.close()
    (path,) = (report / "reps").glob("nina-*")
    html = re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8"))
    page = " ".join(unescape(html).split())
    work_on = told[told.index("To work on") :].splitlines()
    label, _, rest = work_on[1].strip().partition(" (")
    assert f"{label} : missed in 12 of 24 messages. {work_on[2].strip()}" in page
    assert rest.endswith("met in 12 of 24")
    for line in work_on[3:5]:
        assert line.split("  ")[-1] in page
    strengths = told[told.index("Strengths") : told.index("To work on")].splitlines()[1:-1]
    for line in strengths:
        assert f"{line.strip().partition(' (')[0]} : 24 of 24 messages" in page
    assert "Number said twice 0 % 100 %" in page
