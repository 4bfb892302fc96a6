"""One figure from 0 to 100: what a rubric makes of the scores, the delivery and the signals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vmaudit.records import Delivery
from vmaudit.scoring.inputs import HeadName
from vmaudit.scoring.rubric import Band, Rubric

__all__ = ["Marks", "delivery_share", "overall", "parts", "points"]

_MISSED = 0.5  # of a band's share, for a value just outside it; nothing far outside


@dataclass(frozen=True, slots=True)
class Marks:
    """What the overall score is made of.

    ``levels`` are those to expect, 0 to 3; ``delivery`` is the share of what the rubric aims at, 0
    to 1, None where nothing of it was measured; ``signals`` those that were found.
    """

    levels: Mapping[HeadName, float]
    delivery: float | None
    signals: frozenset[str]


def overall(marks: Marks, rubric: Rubric) -> float:
    """The overall score, 0 to 100, not rounded."""
    return min(max(sum(parts(marks, rubric).values()), 0.0), 100.0)


def parts(marks: Marks, rubric: Rubric) -> dict[str, float]:
    """What the overall score is the sum of: the weighted shares of 100, the signals' points."""
    weights: dict[str, float] = {name: getattr(rubric.weights, name) for name in marks.levels}
    shares: dict[str, float] = {name: level / 3 for name, level in marks.levels.items()}
    if marks.delivery is not None:
        weights["delivery"] = rubric.weights.delivery
        shares["delivery"] = marks.delivery
    total = sum(weights.values())
    earned = {name: 100 * weights[name] * share / total for name, share in shares.items() if total}
    return earned | points(marks.signals, rubric)


def points(found: Collection[str], rubric: Rubric) -> dict[str, float]:
    """What each signal adds to or takes from the overall score, by name; 0 is left out."""
    given: dict[str, float] = {}
    for name, rule in rubric.signals.items():
        if rule.want == "welcome" and name in found:
            given[name] = rule.points
        elif (rule.want == "required") is (name not in found) and rule.want != "welcome":
            given[name] = -rule.points
    return given


def delivery_share(delivery: Delivery, bands: Mapping[str, Band]) -> float | None:
    """How much of what is aimed at was met, 0 to 1; None where nothing was measured."""
    met = []
    for name, band in bands.items():
        value = getattr(delivery, name)
        if value is not None:
            place = band.place(value)
            met.append(1.0 if place == "within" else 0.0 if place.startswith("far") else _MISSED)
    return sum(met) / len(met) if met else None
