"""Shares, means and changes with the intervals that few recordings deserve.

All intervals are of 95 % confidence, each on its own: of twenty arrows one may be chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from scipy.special import stdtrit

MIN_MESSAGES = 8  # on either side of a change; below, no trend is told
PRIOR_MESSAGES = 8  # what the team's share counts for beside a rep's own messages
Z = 1.959964  # normal quantile of 97.5 %


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``count`` messages, with Wilson's interval; all of it in [0, 1].

    Source: E. B. Wilson 1927, "Probable inference, the law of succession, and statistical
    inference".
    """

    hits: int
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with Student's interval; without one (None) where a single value stands alone."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """How the later messages differ from the earlier ones; ``clear``: 0 is outside."""

    before: float
    after: float
    difference: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether chance alone would hardly make so much."""
        return self.low > 0 or self.high < 0


def share_of(verdicts: Sequence[bool]) -> Share | None:
    """How many are true; None of nothing."""
    count, hits = len(verdicts), sum(verdicts)
    if not count:
        return None
    share = hits / count
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    spread = share * (1 - share) / count + Z**2 / (4 * count**2)
    half = Z * math.sqrt(spread) / (1 + Z**2 / count)
    return Share(hits, count, share, max(0.0, middle - half), min(1.0, middle + half))


def shrunk(own: Share, team: Share) -> float:
    """A rep's share, drawn to the team's the more the fewer messages there are.

    (hits + m * team) / (count + m) with m = ``PRIOR_MESSAGES``: the mean of a beta-binomial
    posterior whose prior is the team's share.
    """
    return (own.hits + PRIOR_MESSAGES * team.share) / (own.count + PRIOR_MESSAGES)


def mean_of(values: Sequence[float]) -> Mean | None:
    """Their mean; None of nothing."""
    if not values:
        return None
    count, mean = len(values), fmean(values)
    if count == 1:
        return Mean(mean, None, None)
    half = float(stdtrit(count - 1, 0.975)) * math.sqrt(variance(values) / count)
    return Mean(mean, mean - half, mean + half)


def share_change(before: Sequence[bool], after: Sequence[bool]) -> Change | None:
    """The difference of two shares; None under ``MIN_MESSAGES`` on either side.

    Source: R. G. Newcombe 1998, "Interval estimation for the difference between independent
    proportions", method 10: the Wilson intervals of both, combined.
    """
    if min(len(before), len(after)) < MIN_MESSAGES:
        return None
    first, second = share_of(before), share_of(after)
    if first is None or second is None:
        return None
    difference = second.share - first.share
    low = math.hypot(second.share - second.low, first.high - first.share)
    high = math.hypot(second.high - second.share, first.share - first.low)
    return Change(first.share, second.share, difference, difference - low, difference + high)


def mean_change(before: Sequence[float], after: Sequence[float]) -> Change | None:
    """The difference of two means (Welch's interval); None under ``MIN_MESSAGES`` on a side."""
    if min(len(before), len(after)) < MIN_MESSAGES:
        return None
    errors = [variance(values) / len(values) for values in (before, after)]
    difference, error = fmean(after) - fmean(before), math.fsum(errors)
    half = 0.0
    if error > 0:
        sizes = (len(before) - 1, len(after) - 1)
        freedom = error**2 / sum(e**2 / size for e, size in zip(errors, sizes, strict=True))
        half = float(stdtrit(freedom, 0.975)) * math.sqrt(error)
    return Change(fmean(before), fmean(after), difference, difference - half, difference + half)
