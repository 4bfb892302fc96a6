"""Intervals with known answers, and what few messages may not tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from vmaudit.report.statistics import (
    MIN_MESSAGES,
    mean_change,
    mean_of,
    share_change,
    share_met,
    share_of,
    shrunk,
)


@given(
    count=st.integers(1, 400),
    error=st.sampled_from([0.05, 0.004]),
    data=st.data(),
)
def test_interval_is_wilsons(count: int, error: float, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, count))
    found = share_of(hits, count, error=error)
    known = binomtest(hits, count).proportion_ci(1 - error, method="wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-9)
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_share_of_verdicts() -> None:
    assert share_met([True, False, True]) == share_of(2, 3)
    assert share_of(2, 3).misses == 1
    assert share_met([]) is mean_of([]) is None


def test_mean_has_the_interval_of_student() -> None:
    mean = mean_of([1.0, 2.0, 3.0, 4.0, 5.0])
    assert mean
    half = 2.7764 * (2.5 / 5) ** 0.5
    assert (mean.low, mean.high) == pytest.approx((3 - half, 3 + half), abs=1e-3)
    alone = mean_of([7.0])
    assert alone
    assert (alone.mean, alone.low, alone.high) == (7.0, None, None)
    scores = mean_of([99.0, 36.0, 78.0], most=100)
    assert scores
    assert (scores.low, scores.high) == (0, 100)


def test_difference_of_shares_has_the_interval_that_newcombe_printed() -> None:
    # 56 of 70 against 48 of 80, the first example of Newcombe 1998: 0.0524 to 0.3339.
    change = share_change([True] * 48 + [False] * 32, [True] * 56 + [False] * 14)
    assert change
    assert (change.low, change.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert change.is_clear


@given(before=st.lists(st.booleans(), max_size=20), after=st.lists(st.booleans(), max_size=20))
def test_change_needs_messages_and_turns_round(before: list[bool], after: list[bool]) -> None:
    change, back = share_change(before, after), share_change(after, before)
    if min(len(before), len(after)) < MIN_MESSAGES:
        assert change is back is None
        return
    assert change
    assert back
    assert (change.low, change.high) == pytest.approx((-back.high, -back.low))
    assert change.low <= change.difference <= change.high


def test_difference_of_means_of_equal_spread_has_the_interval_of_student() -> None:
    before = [float(value) for value in range(8)]
    change = mean_change(before, [value + 3 for value in before])
    assert change
    half = 2.1448 * (6 / 8 + 6 / 8) ** 0.5  # t of 14 degrees of freedom; the variance is 6
    assert (change.low, change.high) == pytest.approx((3 - half, 3 + half), abs=1e-3)
    same = mean_change([1.0] * 8, [2.0] * 8)
    assert same
    assert (same.low, same.high) == (1.0, 1.0)
    assert mean_change([1.0, 2.0, 3.0], [9.0] * 50) is None


def test_who_asks_more_gets_wider_intervals() -> None:
    before, after = [True, False] * 8, [True] * 14 + [False] * 2
    for change, wide in (
        (share_change(before, after), share_change(before, after, error=0.005)),
        (mean_change(before, after), mean_change(before, after, error=0.005)),
    ):
        assert change
        assert wide
        assert wide.low < change.low < change.high < wide.high


@given(hits=st.integers(0, 50), misses=st.integers(0, 50), team=st.integers(0, 9))
def test_an_estimate_lies_between_rep_and_team(hits: int, misses: int, team: int) -> None:
    own, everybody = share_met([True] * hits + [False] * misses), share_of(team, 9)
    if own is None:
        return
    low, high = sorted((own.share, everybody.share))
    assert low - 1e-9 <= shrunk(own, everybody) <= high + 1e-9


def test_three_recordings_move_an_estimate_less_than_thirty() -> None:
    team = share_of(50, 100)
    assert shrunk(share_of(3, 3), team) == pytest.approx(7 / 11)
    assert shrunk(share_of(30, 30), team) == pytest.approx(34 / 38)
