"""Whether two strings of digits are one number: alignment, agreement, and a vote.

The distance is an edit distance whose substitutions cost less where a recogniser confuses the
two digits. ``benchmarks/digit_confusions.py`` measures the confusions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Agreement", "Step", "agreement", "distance", "vote"]

# Share of a digit's mishearings that go to the other one, both ways together, for the pairs seen
# twice or more: `base` on human digits, benchmarks/results/digit_confusions.json.
CONFUSED = {
    frozenset("23"): 0.29,
    frozenset("59"): 0.25,
    frozenset("24"): 0.20,
    frozenset("26"): 0.20,
    frozenset("03"): 0.18,
}
CHANCE = 1 / 9  # a misheard digit is any of the nine others
LOST = 0.05  # digits left out or put in, per digit; from the same benchmark
DIFFERS = 0.02  # prior: in this place another digit, this very one, was said the second time
SUREST, LEAST_SURE = 0.99, 0.05  # recognisers claim more, and less, than they know

StepKind = Literal["match", "substitution", "insertion", "deletion"]


@dataclass(frozen=True, slots=True)
class Step:
    """One place of an alignment; ``first`` or ``second`` is empty where it has no digit."""

    kind: StepKind
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two strings of digits compare, place by place and as a whole.

    ``distance`` is what turning one into the other costs, at most 1 a digit. ``score``, in
    [0, 1], is how likely both are sayings of one number; 1.0 where they are equal.
    """

    steps: tuple[Step, ...]
    distance: float
    score: float


def agreement(
    first: str,
    second: str,
    *,
    first_confidences: Sequence[float],
    second_confidences: Sequence[float],
) -> Agreement:
    """Align two strings of digits and judge whether they are one number.

    Confidences are per digit, in [0, 1]. In each place that differs, the chance that one of
    the two was misheard is weighed against ``DIFFERS``, that they were said so. Raises
    ``ValueError`` where digits and confidences differ in number.
    """
    if (len(first), len(second)) != (len(first_confidences), len(second_confidences)):
        raise ValueError("agreement needs one confidence for each digit")
    steps, cost = _align(first, second)
    score, i, j = 1.0, 0, 0
    for step in steps:
        if step.kind == "substitution":
            error = _misheard(step, _bounded(first_confidences[i]), _bounded(second_confidences[j]))
            score *= error / (error + DIFFERS)
        elif step.kind != "match":
            score *= LOST / (LOST + DIFFERS)
        i, j = i + len(step.first), j + len(step.second)
    return Agreement(steps, cost, score)


def distance(first: str, second: str) -> float:
    """Weighted edit distance; 0.0 where the digits are equal."""
    return _align(first, second)[1]


def vote(sayings: Sequence[tuple[str, Sequence[float]]]) -> tuple[str, tuple[float, ...]]:
    """The likeliest digits of sayings of one length, and the probability of each.

    A saying is its digits and their confidences. Places vote apart, by likelihood, and the
    sayings count as independent hearings. Raises ``ValueError`` where lengths differ.
    """
    digits, probabilities = [], []
    for place in zip(*(zip(said, sure, strict=True) for said, sure in sayings), strict=True):
        odds: dict[str, float] = defaultdict(lambda: 1.0)  # against a digit that nobody heard
        for digit, sure in place:
            odds[digit] *= _bounded(sure) / ((1 - _bounded(sure)) * CHANCE)
        best = max(odds, key=lambda digit: odds[digit])
        digits.append(best)
        probabilities.append(odds[best] / (sum(odds.values()) + 10 - len(odds)))
    return "".join(digits), tuple(probabilities)


def _misheard(step: Step, first: float, second: float) -> float:
    """Chance that one digit was said where two hearings differ so."""
    confused = CONFUSED.get(frozenset((step.first, step.second)), CHANCE)
    return (first * (1 - second) + (1 - first) * second) * confused


def _bounded(confidence: float) -> float:
    return min(max(confidence, LEAST_SURE), SUREST)


def _substitution(first: str, second: str) -> float:
    """Cost in [0, 1]: the less the oftener the two digits are confused."""
    return 0.0 if first == second else 1 - CONFUSED.get(frozenset((first, second)), 0.0)


def _align(first: str, second: str) -> tuple[tuple[Step, ...], float]:
    """The cheapest alignment and its cost (Needleman and Wunsch 1970)."""
    costs = [[float(i + j) for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            replaced = costs[i - 1][j - 1] + _substitution(a, b)
            costs[i][j] = min(replaced, costs[i - 1][j] + 1, costs[i][j - 1] + 1)
    steps: list[Step] = []
    i, j = len(first), len(second)
    while i or j:
        if i and costs[i][j] == costs[i - 1][j] + 1:
            steps.append(Step("deletion", first[i - 1], ""))
            i -= 1
        elif j and costs[i][j] == costs[i][j - 1] + 1:
            steps.append(Step("insertion", "", second[j - 1]))
            j -= 1
        else:
            same = first[i - 1] == second[j - 1]
            steps.append(Step("match" if same else "substitution", first[i - 1], second[j - 1]))
            i, j = i - 1, j - 1
    return tuple(reversed(steps)), costs[-1][-1]
