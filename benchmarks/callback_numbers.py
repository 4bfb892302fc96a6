"""How surely callback numbers are read from words.

    python benchmarks/callback_numbers.py --text [--count 100000]

``--text``: random numbers rendered as people say them and recognisers write them
(``tests/renderings.py``), the hand-written transcripts of ``tests/data/hard_numbers.jsonl``, and
the training messages, whose labels say which numbers are in them: the reader was made on parts a
to f, and mended after parts k to v had been read once; w to z came later. A message counts as read
where its numbers, and how often each was stated, are exact.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from typing import Any

from common import ROOT, report

from vmaudit.content import find_callback
from vmaudit.records import Callback

HARD = ROOT / "tests" / "data" / "hard_numbers.jsonl"
TRAINING = ROOT / "models" / "training" / "messages.jsonl"
PARTS = ("a to f", "g to j", "k to v", "w to z")
SHOWN = 5  # failures of each kind


def main() -> None:
    """Run the part that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", action="store_true", help="read what is written")
    parser.add_argument("--count", type=int, default=100_000, help="renderings")
    options = parser.parse_args()
    if options.text:
        measure_text(options.count)


def measure_text(count: int) -> None:
    """Read what is written, print the shares and the first failures."""
    sys.path.insert(0, str(ROOT / "tests"))
    figures: dict[str, Any] = {
        "renderings": _renderings(count),
        "hard_cases": _hard_cases(),
        **{f"training messages, {parts}": _training(parts) for parts in PARTS},
    }
    lines = [
        f"{name}: {figure['exact']} of {figure['count']} exact"
        + (f", {figure['median_ms']:.2f} ms each" if "median_ms" in figure else "")
        for name, figure in figures.items()
    ]
    report("numbers_text", lines, figures)


def _renderings(count: int) -> dict[str, Any]:
    from renderings import messages, said

    exact: Counter[str] = Counter()
    total: Counter[str] = Counter()
    took_ms = []
    for rendered in messages(count, seed=0):
        words, region = said(rendered.text), rendered.region
        start = time.perf_counter()
        callback = find_callback(words, direct_number=None, region=region)
        took_ms.append(1000 * (time.perf_counter() - start))
        total[region] += 1
        exact[region] += _times(callback) == rendered.numbers
        if _times(callback) != rendered.numbers and total[region] - exact[region] <= SHOWN:
            print(f"{region}: {rendered.text!r} is {rendered.numbers}, read {_times(callback)}")
    return {
        "count": count,
        "exact": exact.total(),
        "exact_by_region": dict(exact),
        "count_by_region": dict(total),
        "median_ms": sorted(took_ms)[count // 2],
    }


def _hard_cases() -> dict[str, Any]:
    from renderings import said

    cases = [json.loads(line) for line in HARD.read_text(encoding="utf-8").splitlines()]
    wrong: Counter[str] = Counter()
    for case in cases:
        region = case.get("region", "US")
        callback = find_callback(said(case["text"]), direct_number=None, region=region)
        partials = [partial.digits for partial in callback.partials]
        if (_times(callback), partials) != (case["numbers"], case.get("partials", [])):
            wrong[case["kind"]] += 1
            print(f"{case['text']!r}: read {_times(callback)}, partials {partials}")
    return {"count": len(cases), "exact": len(cases) - wrong.total(), "wrong": dict(wrong)}


def _training(parts: str) -> dict[str, Any]:
    from renderings import said

    first, last = parts.split(" to ")
    rows = [json.loads(line) for line in TRAINING.read_text(encoding="utf-8").splitlines()]
    chosen = [row for row in rows if first <= row["id"][0] <= last]
    wrong = []
    for row in chosen:
        labelled = {one["digits"]: one["times"] for one in row["numbers"]}
        if _times(find_callback(said(row["text"]), direct_number=None)) != labelled:
            wrong.append(row["id"])
    return {"count": len(chosen), "exact": len(chosen) - len(wrong), "wrong": wrong}


def _times(callback: Callback) -> dict[str, int]:
    return {number.digits: number.times for number in callback.numbers}


if __name__ == "__main__":
    main()
