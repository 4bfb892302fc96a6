"""What the training messages are, and how far two labelling passes over them agree.

    python benchmarks/labels.py

Quadratic weighted kappa (Cohen 1968), exact agreement, and agreement on what is asked of a
message: that it has value, that it is clear (a label of 2 or more), and its callback numbers.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from common import ROOT, report
from sklearn.metrics import accuracy_score, cohen_kappa_score

TRAINING = ROOT / "models" / "training"
ENOUGH = 2  # a message has value, or is clear, from this label on


def main() -> None:
    """Print and keep the agreement."""
    first = {row["id"]: row for row in read(TRAINING / "messages.jsonl")}
    second = read(TRAINING / "second_labels.jsonl")
    pairs = [(first[row["id"]], row) for row in second]
    figures: dict[str, Any] = {"messages": len(pairs)}
    lines = [*described(list(first.values())), f"{len(pairs)} of them labelled twice"]
    for name in ("value", "clarity"):
        one, other = ([row[name] for row in column] for column in zip(*pairs, strict=True))
        found = {
            "kappa": round(float(cohen_kappa_score(one, other, weights="quadratic")), 3),
            "exact": round(float(accuracy_score(one, other)), 3),
            "enough": round(
                sum((a >= ENOUGH) == (b >= ENOUGH) for a, b in zip(one, other, strict=True))
                / len(pairs),
                3,
            ),
        }
        figures[name] = found
        lines.append(
            f"{name}: quadratic weighted kappa {found['kappa']}, same label {found['exact']:.1%}, "
            f"same side of {ENOUGH} {found['enough']:.1%}"
        )
    same = sum(numbers(one) == numbers(other) for one, other in pairs)
    figures["numbers_same"] = round(same / len(pairs), 3)
    lines.append(f"callback numbers and how often each was stated: the same in {same}")
    report("labels", lines, {"data": "models/training", **figures})


def described(rows: list[dict[str, Any]]) -> list[str]:
    """What there is of them, in words."""
    lengths = [len(row["text"].split()) for row in rows]
    cells = Counter((row["value"], row["clarity"]) for row in rows).values()
    industries, styles = ({row[name] for row in rows} for name in ("industry", "style"))
    twins = {row["twin_of"] for row in rows} - {None}
    return [
        f"{len(rows)} messages, {min(lengths)} to {max(lengths)} words, median {median(lengths):g}",
        f"{len(industries)} industries, {len(styles)} styles, {len(twins)} groups of near twins",
        f"{min(cells)} to {max(cells)} messages for each pair of labels",
    ]


def read(path: Path) -> list[dict[str, Any]]:
    """One object per line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def numbers(row: dict[str, Any]) -> list[tuple[str, int]]:
    """Each number with how often it was stated, in order of the digits."""
    return sorted((one["digits"], one["times"]) for one in row["numbers"])


if __name__ == "__main__":
    main()
