"""A head: from what is known of a message to the chances of four levels, and why.

The levels 0 to 3 are in order, so three logistic models each give the chance of a level from 1, 2
or 3 on (Frank and Hall 2001, "A simple approach to ordinal classification"). They are linear, so
what each word and each input adds can be told exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

__all__ = ["LEVELS", "Head", "Levels"]

LEVELS = 4
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Levels:
    """The chances of the levels 0 to 3, and that of the level from which a head says yes."""

    chances: tuple[float, float, float, float]
    probability: float

    @property
    def median(self) -> int:
        """The level in the middle of the chances: as likely as not it is no higher."""
        return int(np.searchsorted(np.cumsum(self.chances), 0.5))

    @property
    def mean(self) -> float:
        """The level to expect, 0 to 3."""
        return float(np.dot(self.chances, range(LEVELS)))

    @property
    def sd(self) -> float:
        """Standard deviation of the level, 0 to 1.5."""
        spread = np.dot(self.chances, (np.arange(LEVELS) - self.mean) ** 2)
        return min(float(np.sqrt(spread)), (LEVELS - 1) / 2)


@dataclass(frozen=True)
class Head:
    """Weights on word n-grams and on inputs.

    ``wording_weights`` has shape ``(3, n)`` for n n-grams (none for a head that does not read
    words), ``input_weights`` ``(3, m)`` for the m ``inputs``, ``intercepts`` ``(3,)``: one row for
    each of the levels 1, 2 and 3. ``yes_from`` is the level from which the answer is yes.
    """

    inputs: tuple[str, ...]
    wording_weights: Vector
    input_weights: Vector
    intercepts: Vector
    yes_from: int

    def logits(self, wording: sparse.csr_matrix, inputs: Mapping[str, float]) -> Vector:
        """Log-odds of a level from 1, 2 and 3 on, shape ``(3,)``, for one message.

        ``wording`` is its row of n-gram weights, shape ``(1, n)``.
        """
        known = np.array([inputs[name] for name in self.inputs])
        logits = self.input_weights @ known + self.intercepts
        if self.wording_weights.size:
            logits = logits + np.asarray(wording @ self.wording_weights.T).ravel()
        return np.asarray(logits)

    def levels(self, logits: Vector) -> Levels:
        """The chances that log-odds of shape ``(3,)`` stand for."""
        first, second, third = (float(one) for one in np.minimum.accumulate(expit(logits)))
        return Levels(
            (1 - first, first - second, second - third, third),
            (first, second, third)[self.yes_from - 1],
        )

    def of_input(self, name: str, value: float) -> Vector:
        """What one of ``inputs`` adds to the log-odds, shape ``(3,)``."""
        return np.asarray(self.input_weights[:, self.inputs.index(name)] * value)

    def of_wording(self, ngrams: Sequence[int], weights: Sequence[float]) -> Vector:
        """What n-grams of these columns and weights add to the log-odds, shape ``(3,)``.

        Nothing where the head does not read words.
        """
        if not self.wording_weights.size:
            return np.zeros(LEVELS - 1)
        return np.asarray(self.wording_weights[:, list(ngrams)] @ np.asarray(weights))

    def alone(self, share: Vector) -> float:
        """How far a share of the log-odds alone would move an even chance of yes, -0.5 to 0.5."""
        return float(expit(share[self.yes_from - 1])) - 0.5
