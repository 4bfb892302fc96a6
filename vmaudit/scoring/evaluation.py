"""How good scores are, held against labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, confusion_matrix
from sklearn.model_selection import GroupKFold

from vmaudit.scoring.examples import Example
from vmaudit.scoring.heads import LEVELS, Levels
from vmaudit.scoring.inputs import HeadName
from vmaudit.scoring.training import YES_FROM, fit_scorer

__all__ = ["Measures", "cross_validated", "measure"]

CALIBRATION_BINS = 10
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Measures:
    """One head on labelled messages.

    ``accuracy`` is of yes or no, ``kappa`` the quadratic weighted kappa of the levels,
    ``calibration_error`` the expected one, over bins of equally many messages; each interval is
    that of 95 in 100 resamplings by group. ``confusion[true][given]`` counts levels. ``curve`` has
    the mean chance and the share of yes in each bin.
    """

    count: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    kappa: float
    kappa_interval: tuple[float, float]
    brier: float
    calibration_error: float
    confusion: tuple[tuple[int, ...], ...]
    curve: tuple[tuple[float, float], ...]


def measure(
    name: HeadName, given: Sequence[Levels], labels: Sequence[int], groups: Sequence[str]
) -> Measures:
    """Hold the levels that were given against the labels. Raises ``ValueError`` for none."""
    if not labels:
        raise ValueError(f"no message has a label for {name}")
    chances = np.array([one.probability for one in given])
    medians = np.array([one.median for one in given])
    true = np.array(labels)
    yes = true >= YES_FROM[name]
    curve = _curve(chances, yes)
    errors = [abs(chance - share) * count for chance, share, count in curve]

    def accuracy(rows: NDArray[np.int_]) -> float:
        return float(np.mean((chances[rows] >= 0.5) == yes[rows]))

    def kappa(rows: NDArray[np.int_]) -> float:
        return _kappa(true[rows], medians[rows])

    every = np.arange(len(true))
    samples = _resampled(groups)
    return Measures(
        count=len(true),
        accuracy=accuracy(every),
        accuracy_interval=_interval([accuracy(rows) for rows in samples]),
        kappa=kappa(every),
        kappa_interval=_interval([kappa(rows) for rows in samples]),
        brier=float(brier_score_loss(yes, chances, pos_label=True)),
        calibration_error=sum(errors) / len(true),
        confusion=tuple(
            tuple(int(count) for count in row)
            for row in confusion_matrix(true, medians, labels=range(LEVELS))
        ),
        curve=tuple((chance, share) for chance, share, _ in curve),
    )


def cross_validated(
    examples: Sequence[Example], *, also: Sequence[Example] = (), folds: int = 10
) -> dict[str, dict[HeadName, Levels]]:
    """The levels given to each example by a scorer that has not seen its group, by id.

    ``also`` are examples that are learnt from and not judged.
    """
    groups = [example.group for example in examples]
    splits = GroupKFold(min(folds, len(set(groups)))).split(examples, groups=groups)
    given: dict[str, dict[HeadName, Levels]] = {}
    for seen, unseen in splits:
        left_out = {groups[row] for row in unseen}
        known = [example for example in also if example.group not in left_out]
        scorer = fit_scorer([*(examples[row] for row in seen), *known])
        for row in unseen:
            given[examples[row].id] = scorer.levels_of(examples[row].wording, examples[row].inputs)
    return given


def _curve(chances: NDArray[np.float64], yes: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Mean chance, share of yes and count in each bin of the chances in order."""
    order = np.argsort(chances, kind="stable")
    bins = [rows for rows in np.array_split(order, CALIBRATION_BINS) if len(rows)]
    return [(float(chances[r].mean()), float(yes[r].mean()), len(r)) for r in bins]


def _kappa(true: NDArray[np.int_], given: NDArray[np.int_]) -> float:
    """Quadratic weighted kappa: the mean squared difference against that of random pairs.

    scikit-learn's takes a millisecond, a thousand times for every slice.
    """
    apart = np.mean((true - given) ** 2)
    by_chance = np.mean(true**2) + np.mean(given**2) - 2 * np.mean(true) * np.mean(given)
    return float(1 - apart / by_chance) if by_chance else 1.0


def _resampled(groups: Sequence[str]) -> list[NDArray[np.int_]]:
    """Rows of as many groups as there are, drawn with replacement."""
    rng = np.random.default_rng(0)
    rows = {name: np.flatnonzero(np.array(groups) == name) for name in sorted(set(groups))}
    names = list(rows)
    return [
        np.concatenate([rows[names[n]] for n in rng.integers(len(names), size=len(names))])
        for _ in range(RESAMPLES)
    ]


def _interval(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
