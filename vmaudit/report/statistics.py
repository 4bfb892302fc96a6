"""Shares, means and changes with the intervals that few recordings deserve.

``error`` is the share of intervals that may miss the truth. Who asks several questions at once
divides it by their number (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

from scipy.special import stdtrit

ERROR = 0.05
MIN_MESSAGES = 8  # on either side of a change; below, none is told
PRIOR_MESSAGES = 8  # what the team's share counts for beside a rep's own messages


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``count`` messages with an interval, all of it in [0, 1]."""

    hits: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Hits over count."""
        return self.hits / self.count

    @property
    def misses(self) -> int:
        """Those of the count that are no hits."""
        return self.count - self.hits


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with Student's interval; without one (None) where a single value stands alone."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """How the later messages differ from the earlier; ``low`` and ``high`` bound the difference."""

    before: float
    after: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Later minus earlier."""
        return self.after - self.before

    @property
    def is_clear(self) -> bool:
        """Whether no change lies outside the interval."""
        return self.low > 0 or self.high < 0


def share_of(hits: int, count: int, *, error: float = ERROR) -> Share:
    """A share with its score interval; ``count`` is over 0.

    Source: E. B. Wilson 1927, "Probable inference, the law of succession, and statistical
    inference", JASA 22.
    """
    z = NormalDist().inv_cdf(1 - error / 2)
    share, weight = hits / count, z**2 / count
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    # At 0 and at 1 the share is an end of its interval, which rounding may miss.
    low, high = max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
    return Share(hits, count, low, high)


def share_met(verdicts: Sequence[bool]) -> Share | None:
    """How many are true; None of nothing."""
    return share_of(sum(verdicts), len(verdicts)) if verdicts else None


def shrunk(own: Share, team: Share) -> float:
    """A rep's share, drawn to the team's the more the fewer messages there are.

    (hits + m * team) / (count + m) with m = ``PRIOR_MESSAGES``: the mean of a beta-binomial
    posterior whose prior is the team's share.
    """
    return (own.hits + PRIOR_MESSAGES * team.share) / (own.count + PRIOR_MESSAGES)


def mean_of(values: Sequence[float], *, most: float = math.inf) -> Mean | None:
    """The mean of values in [0, ``most``], which its interval does not leave; None of nothing."""
    if not values:
        return None
    count, mean = len(values), fmean(values)
    if count == 1:
        return Mean(mean, None, None)
    half = float(stdtrit(count - 1, 1 - ERROR / 2)) * math.sqrt(variance(values) / count)
    return Mean(mean, max(0.0, mean - half), min(most, mean + half))


def share_change(
    before: Sequence[bool], after: Sequence[bool], *, error: float = ERROR
) -> Change | None:
    """The difference of two shares; None under ``MIN_MESSAGES`` on either side.

    Source: R. G. Newcombe 1998, "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, method 10.
    """
    if min(len(before), len(after)) < MIN_MESSAGES:
        return None
    first = share_of(sum(before), len(before), error=error)
    second = share_of(sum(after), len(after), error=error)
    difference = second.share - first.share
    low = math.hypot(second.share - second.low, first.high - first.share)
    high = math.hypot(second.high - second.share, first.share - first.low)
    return Change(first.share, second.share, difference - low, difference + high)


def mean_change(
    before: Sequence[float], after: Sequence[float], *, error: float = ERROR
) -> Change | None:
    """The difference of two means (Welch's interval); None under ``MIN_MESSAGES`` on a side."""
    if min(len(before), len(after)) < MIN_MESSAGES:
        return None
    squares = [variance(values) / len(values) for values in (before, after)]
    difference, square, half = fmean(after) - fmean(before), math.fsum(squares), 0.0
    if square > 0:
        sizes = (len(before) - 1, len(after) - 1)
        freedom = square**2 / sum(s**2 / size for s, size in zip(squares, sizes, strict=True))
        half = float(stdtrit(freedom, 1 - error / 2)) * math.sqrt(square)
    return Change(fmean(before), fmean(after), difference - half, difference + half)
