"""Whether a small trained model finds signals better than the rules do.

    python benchmarks/signals_trained.py

For each signal, logistic regression over the words as the scorer reads them (names, amounts and
dates are classes), in runs of one to three, with the threshold of the best F1. Measured twice:
over the authors' parts a to f, each held out in turn; and, learnt from all of them, on g to j.
Beside it the rules, which were made on a to f.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import report
from numpy.typing import NDArray
from signals import HELD_OUT, TUNED, context_of, labelled, messages, spread
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import Pipeline

from vmaudit.content import SIGNALS, find_signals
from vmaudit.scoring.wording import as_text, read_wording

Flags = NDArray[np.bool_]
Labels = NDArray[np.str_]

MODEL = Pipeline(
    [
        (
            "words",
            TfidfVectorizer(
                ngram_range=(1, 3),
                min_df=2,
                binary=True,
                lowercase=False,
                tokenizer=str.split,
                token_pattern=None,
            ),
        ),
        ("weights", LogisticRegression(C=3, class_weight="balanced", solver="liblinear")),
    ]
)


def main() -> None:
    """Print and keep F1 of the rules and of the models."""
    rows = messages()
    parts: Labels = np.array([row["id"][0] for row in rows])
    tuned, held_out = np.isin(parts, list(TUNED)), np.isin(parts, list(HELD_OUT))
    texts, found = [], []
    for row in rows:
        words = spread(row["text"])
        context = context_of(row, words)
        tokens = read_wording(words, numbers=context.numbers, prospect=context.prospect)
        texts.append(as_text(tokens))
        found.append(find_signals(words, context))
    said: Labels = np.array(texts)
    figures: dict[str, Any] = {}
    for name in SIGNALS:
        wanted: Flags = np.array([name in labelled(row) for row in rows])
        ruled: Flags = np.array([name in one for one in found])
        learnt = predicted(said[tuned], wanted[tuned], parts[tuned], said[held_out])
        across = across_parts(said[tuned], wanted[tuned], parts[tuned])
        figures[name] = {
            "labelled_held_out": int(wanted[held_out].sum()),
            "rules_tuned": f1(wanted[tuned], ruled[tuned]),
            "trained_across_tuned": f1(wanted[tuned], across),
            "rules_held_out": f1(wanted[held_out], ruled[held_out]),
            "trained_held_out": f1(wanted[held_out], learnt),
        }
    report("signals_trained", table(figures), {"f1": figures})


def across_parts(said: Labels, wanted: Flags, parts: Labels) -> Flags:
    """What is predicted of each part by a model of the others."""
    flags = np.zeros(len(said), dtype=np.bool_)
    for learn, test in LeaveOneGroupOut().split(said, wanted, parts):
        flags[test] = predicted(said[learn], wanted[learn], parts[learn], said[test])
    return flags


def predicted(said: Labels, wanted: Flags, parts: Labels, others: Labels) -> Flags:
    """What a model of these messages predicts of others, at the threshold best across parts."""
    scores = cross_val_predict(
        MODEL, said, wanted, groups=parts, cv=LeaveOneGroupOut(), method="predict_proba"
    )[:, 1]
    precision, recall, thresholds = precision_recall_curve(wanted, scores)
    balance = precision * recall / np.maximum(precision + recall, 1e-9)
    threshold = thresholds[np.argmax(balance[:-1])]
    fitted = clone(MODEL).fit(said, wanted)
    return np.asarray(fitted.predict_proba(others)[:, 1] >= threshold, dtype=np.bool_)


def f1(wanted: Flags, found: Flags) -> float:
    """The harmonic mean of precision and recall."""
    return round(float(f1_score(wanted, found, zero_division=0.0)), 3)


def table(figures: dict[str, Any]) -> Iterator[str]:
    """One row per signal."""
    yield "| signal | labelled | rules | trained | rules, a to f | trained, across a to f |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, one in figures.items():
        keys = ("rules_held_out", "trained_held_out", "rules_tuned", "trained_across_tuned")
        cells = " | ".join(f"{one[key]:.2f}" for key in keys)
        yield f"| `{name}` | {one['labelled_held_out']} | {cells} |"


if __name__ == "__main__":
    main()
