"""Fits the heads to labelled messages.

Each head's three logistic models see word n-grams and inputs together. An input whose weight
would point the wrong way is left out and the rest is fitted again, so that common sense holds:
more noise never raises clarity. The chances are calibrated on messages of groups that the fit
had not seen (Platt 1999), and the calibration is folded into the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from vmaudit.scoring.examples import Example
from vmaudit.scoring.heads import LEVELS, Head, Vector
from vmaudit.scoring.inputs import INPUTS, HeadName
from vmaudit.scoring.scorer import Scorer

__all__ = ["YES_FROM", "fit_scorer"]

NGRAMS: Mapping[str, Any] = {
    "ngram_range": (1, 2),
    "lowercase": False,  # classes are told from words by their capitals
    "token_pattern": r"\S+",
}
MIN_GROUPS = 3  # in which an n-gram must be said to be learnt from
WORDING_C, INPUT_SCALE = 14.0, 0.15  # inverse of the penalty; how freely inputs are used beside
CALIBRATION_FOLDS = 6
YES_FROM: Mapping[HeadName, int] = {"value": 2, "clarity": 2, "callback": 3}


def fit_scorer(examples: Sequence[Example]) -> Scorer:
    """Fit the three heads. Raises ``ValueError`` where a head has too few labels or groups."""
    vectoriser = TfidfVectorizer(vocabulary=_common_ngrams(examples), sublinear_tf=True, **NGRAMS)
    wording = vectoriser.fit_transform(example.wording for example in examples)
    heads = {name: _fit_head(name, examples, wording) for name in YES_FROM}
    return Scorer(vectoriser, heads)


def _common_ngrams(examples: Sequence[Example]) -> list[str]:
    """What several groups say, in order: a name or a habit of one of them is nothing to learn."""
    counter = CountVectorizer(binary=True, **NGRAMS)
    said = counter.fit_transform(example.wording for example in examples)
    names, groups = np.unique([example.group for example in examples], return_inverse=True)
    belongs = sparse.csr_matrix(
        (np.ones(len(examples)), (groups, np.arange(len(examples)))), (len(names), len(examples))
    )
    sharing = np.asarray((belongs @ said > 0).sum(axis=0)).ravel()
    ngrams = counter.get_feature_names_out()
    return [str(ngram) for ngram in ngrams[sharing >= min(MIN_GROUPS, len(names))]]


def _fit_head(name: HeadName, examples: Sequence[Example], wording: sparse.csr_matrix) -> Head:
    rows = [row for row, example in enumerate(examples) if name in example.levels]
    chosen = [examples[row] for row in rows]
    groups = [example.group for example in chosen]
    if len(set(groups)) < 2:
        raise ValueError(f"too few labels for {name}: they must be of two groups or more")
    inputs = tuple(key for key, one in INPUTS.items() if name in one.directions)
    values = np.array([[example.inputs[key] for key in inputs] for example in chosen])
    scale = INPUT_SCALE / (values.std(axis=0) + 0.1)
    words = wording[rows] if name != "callback" else sparse.csr_matrix((len(rows), 0))
    features = sparse.hstack([words, sparse.csr_matrix(values * scale)]).tocsr()
    signs = np.array([0] * words.shape[1] + [INPUTS[key].directions[name] for key in inputs])
    levels = np.array([example.levels[name] for example in chosen])
    weights = np.array([example.weight for example in chosen])
    fits = [
        _Binary(f"{name} {level}", features, levels >= level, signs, weights).calibrated(groups)
        for level in range(1, LEVELS)
    ]
    coefficients = np.array([fit.weights for fit in fits])
    return Head(
        inputs=inputs,
        wording_weights=coefficients[:, : words.shape[1]],
        input_weights=coefficients[:, words.shape[1] :] * scale,
        intercepts=np.array([fit.intercept for fit in fits]),
        yes_from=YES_FROM[name],
    )


@dataclass(frozen=True)
class _Line:
    """A linear decision."""

    weights: Vector
    intercept: float

    def __call__(self, features: sparse.csr_matrix) -> Vector:
        return np.asarray(features @ self.weights + self.intercept)


@dataclass(frozen=True)
class _Binary:
    """One yes-or-no question to fit: features, answers, and the sign each weight may have.

    ``name`` is the head and the level from which the answer is yes.
    """

    name: str
    features: sparse.csr_matrix
    answers: NDArray[np.bool_]
    signs: NDArray[np.int_]
    weights: Vector

    def fit(self, rows: NDArray[np.int_]) -> _Line:
        """Fit to some rows, leaving out what would point the wrong way until nothing does."""
        if len(set(self.answers[rows].tolist())) < 2:
            raise ValueError(f"too few labels to tell {self.name} from less, in several groups")
        used = np.ones(self.features.shape[1], dtype=bool)
        while True:
            model = LogisticRegression(C=WORDING_C, solver="liblinear", random_state=0)
            model.fit(self.features[rows][:, used], self.answers[rows], self.weights[rows])
            wrong = model.coef_[0] * self.signs[used] < 0
            if not wrong.any():
                break
            used[np.flatnonzero(used)[wrong]] = False
        weights = np.zeros(len(used))
        weights[used] = model.coef_[0]
        return _Line(weights, float(model.intercept_[0]))

    def calibrated(self, groups: Sequence[str]) -> _Line:
        """Fit to all rows, with chances that are right for groups it has not seen."""
        unseen = np.zeros(len(self.answers))
        folds = GroupKFold(min(CALIBRATION_FOLDS, len(set(groups))))
        for seen, left_out in folds.split(unseen, groups=groups):
            unseen[left_out] = self.fit(seen)(self.features[left_out])
        platt = LogisticRegression(C=1e3).fit(unseen[:, np.newaxis], self.answers, self.weights)
        slope, offset = max(float(platt.coef_[0, 0]), 0.0), float(platt.intercept_[0])
        line = self.fit(np.arange(len(self.answers)))
        return _Line(line.weights * slope, line.intercept * slope + offset)
