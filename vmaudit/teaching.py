"""Scorers and people's labels: how good is one, and does teaching it make it better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from vmaudit.errors import ConfigError
from vmaudit.labels import Labelled, examples_of, read_labels
from vmaudit.scoring import Scorer, shipped_examples, shipped_scorer
from vmaudit.scoring.evaluation import Measures, cross_validated, measure
from vmaudit.scoring.examples import Example
from vmaudit.scoring.heads import Levels
from vmaudit.scoring.inputs import HeadName
from vmaudit.scoring.training import fit_scorer
from vmaudit.store import Store

__all__ = ["Evaluation", "Lesson", "draw_calibration", "hold_against", "teach"]

OWN_WEIGHT = 3.0  # of a label of the user's, against one that the shipped scorer learnt from
FEWEST = 20  # labelled messages; fewer say little of a new scorer

Heads = Mapping[HeadName, Measures]


@dataclass(frozen=True)
class Lesson:
    """What teaching came to. ``taught`` was measured on reps that the scorer had not seen."""

    scorer: Scorer
    shipped: Heads
    taught: Heads
    warnings: Sequence[str]

    @property
    def better(self) -> bool:
        """Whether the levels agree better with the labels, over all heads together."""
        gains = [self.taught[name].kappa - self.shipped[name].kappa for name in self.taught]
        return sum(gains) > 0


@dataclass(frozen=True)
class Evaluation:
    """Measures of all labelled messages, and of each slice of them."""

    heads: Heads
    slices: Mapping[str, Heads]
    warnings: Sequence[str]


def teach(labels: Path, store: Store | None, *, region: str = "US") -> Lesson:
    """Fit a scorer to the shipped examples and to labels. Raises ``ConfigError``."""
    labelled, warnings = read_labels(labels, store, region=region)
    mine = examples_of(labelled, weight=OWN_WEIGHT)
    known = shipped_examples()
    reps = {example.group for example in mine}
    if len(reps) < 2:
        raise ConfigError(f"{labels}: labels of at least two reps are needed to test on one unseen")
    if len(mine) < FEWEST:
        warnings.append(f"{len(mine)} labelled messages say little; {FEWEST} or more are better")
    try:
        given = cross_validated(mine, also=known)
        scorer = fit_scorer([*known, *mine])
    except ValueError as error:
        raise ConfigError(f"{labels}: {error}") from error
    return Lesson(
        scorer,
        _measures(mine, _given(mine, shipped_scorer())),
        _measures(mine, given),
        warnings,
    )


def hold_against(
    labels: Path, store: Store | None, scorer: Scorer, *, region: str = "US"
) -> Evaluation:
    """Measure a scorer on labels, in all and by slice. Raises ``ConfigError``."""
    labelled, warnings = read_labels(labels, store, region=region)
    examples = examples_of(labelled)
    given = _given(examples, scorer)
    slices = {
        name: _measures([examples[row] for row in rows], given)
        for name, rows in _slices(labelled).items()
    }
    return Evaluation(_measures(examples, given), slices, warnings)


def draw_calibration(heads: Heads, path: Path) -> None:
    """Draw the share of yes against the chances given. Raises ``ConfigError``."""
    try:
        figure_class = import_module("matplotlib.figure").Figure
    except ImportError as error:
        raise ConfigError("pictures need matplotlib: pip install 'vmaudit[pictures]'") from error
    figure = figure_class(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="perfect")
    for name, measures in heads.items():
        chances, shares = zip(*measures.curve, strict=True)
        axes.plot(chances, shares, marker="o", label=f"{name} ({measures.count})")
    axes.set(xlabel="chance given", ylabel="share that was so", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot draw {path}: {error}") from error


def _given(examples: Sequence[Example], scorer: Scorer) -> dict[str, dict[HeadName, Levels]]:
    return {one.id: scorer.levels_of(one.wording, one.inputs) for one in examples}


def _measures(
    examples: Sequence[Example], given: Mapping[str, Mapping[HeadName, Levels]]
) -> dict[HeadName, Measures]:
    """Of each head that some of the examples have a label for."""
    heads: tuple[HeadName, ...] = ("value", "clarity", "callback")
    measures: dict[HeadName, Measures] = {}
    for name in heads:
        chosen = [one for one in examples if name in one.levels]
        if chosen:
            measures[name] = measure(
                name,
                [given[one.id][name] for one in chosen],
                [one.levels[name] for one in chosen],
                [one.group for one in chosen],
            )
    return measures


def _slices(labelled: Sequence[Labelled]) -> dict[str, list[int]]:
    """Rows by slice: each rep that is known, each part of what else divides them."""
    rows: dict[str, list[int]] = {}
    for row, one in enumerate(labelled):
        reps = {"rep": one.rep} if one.rep else {}
        for name, part in {**reps, **one.slices}.items():
            rows.setdefault(f"{name}: {part}", []).append(row)
    return rows
