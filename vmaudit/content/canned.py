"""Which messages were left in almost the same words: a text read out, not a person talking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

__all__ = ["Likeness", "find_canned"]

ALIKE = 0.7  # cosine of the word triples; a script with another name and number in it has more
MIN_WORDS = 20  # fewer are alike by chance
_COLUMNS = 2**18
_ROWS_AT_ONCE = 500  # so that memory grows with the messages, not with their pairs
# What every call fills in anew: names, digits.
_FILLED_IN = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]+\b|\d[\d().-]*")
_WORDS = r"[a-z']+"


@dataclass(frozen=True, slots=True)
class Likeness:
    """The message that is most like another one, and how much, in [0, 1]."""

    other: str
    similarity: float


def find_canned(texts: Mapping[str, str]) -> dict[str, Likeness]:
    """By name, the likeness of each of one rep's messages that has almost the words of another.

    ``texts`` maps names to transcripts. What does not depend on order: the same texts give the
    same answer.
    """
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.preprocessing import normalize

    names = sorted(name for name, text in texts.items() if len(text.split()) >= MIN_WORDS)
    if len(names) < 2:
        return {}
    vectoriser = HashingVectorizer(
        n_features=_COLUMNS,
        ngram_range=(3, 3),
        analyzer="word",
        norm=None,
        alternate_sign=False,
        token_pattern=_WORDS,
        binary=True,
    )
    triples = vectoriser.transform(_FILLED_IN.sub(" ", texts[name]) for name in names)
    return dict(_likenesses(normalize(triples), names))


def _likenesses(triples: sparse.csr_matrix, names: list[str]) -> Iterator[tuple[str, Likeness]]:
    for start in range(0, len(names), _ROWS_AT_ONCE):
        rows = triples[start : start + _ROWS_AT_ONCE]
        similar = (rows @ triples.T).toarray()
        here = np.arange(rows.shape[0])
        similar[here, start + here] = 0.0
        for row, best in enumerate(similar.argmax(axis=1)):
            if similar[row, best] >= ALIKE:
                found = Likeness(names[best], min(float(similar[row, best]), 1.0))
                yield names[start + row], found
