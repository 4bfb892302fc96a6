"""Make the shipped scorer from the training messages.

    python tools/render_training.py
    cd .cache
    vmaudit audit training-audio --metadata training-audio/calls.csv --out training-heard
    cd ..
    python tools/train_scorer.py --from .cache/training-heard

Without ``--from`` what was heard is read from ``models/training/heard.jsonl.gz``, where it was kept
by an earlier run with it. Writes ``models/examples.jsonl.gz`` and ``models/scorer.skops``;
``benchmarks/scoring.py`` says how good it is.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import training_data

from vmaudit.scoring import write_examples
from vmaudit.scoring.training import fit_scorer
from vmaudit.store import Store, store_address

ROOT = Path(__file__).resolve().parents[1]
AUDIO = ROOT / ".cache" / "training-audio"
EXAMPLES = ROOT / "models" / "examples.jsonl.gz"
SCORER = ROOT / "models" / "scorer.skops"
# Left out of what is kept: long, and nothing is learnt from it.
DROPPED = ("pace_over_time", "level_over_time", "pitch_over_time", "pauses", "dropouts")


def keep_heard(results: Path) -> None:
    """Keep the audits of the rendered messages, with what is known of each rendering."""
    made = {row["file"]: row for row in training_data.read(AUDIO / "truth.jsonl")}
    store = Store(store_address(results))
    try:
        rows = [
            {"made": made[audit.path], "audit": _slim(audit.payload)}
            for audit in store.audits()
            if audit.path in made
        ]
    finally:
        store.close()
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    training_data.HEARD.write_bytes(gzip.compress(lines.encode(), mtime=0))


def _slim(payload: Mapping[str, Any]) -> dict[str, Any]:
    delivery = {k: v for k, v in (payload["delivery"] or {}).items() if k not in DROPPED}
    unscored = {"scores": None, "advice": [], "relative_to_rep": {}}
    return {**payload, "delivery": delivery, **unscored}


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, and write the examples and the scorer."""
    parser = argparse.ArgumentParser(description="Make the shipped scorer.")
    parser.add_argument("--from", dest="results", metavar="OUT", type=Path)
    options = parser.parse_args(arguments)
    if options.results:
        keep_heard(options.results)
    examples = list(training_data.every_example())
    write_examples(examples, EXAMPLES)
    fit_scorer(examples).save(SCORER)
    heard = sum("callback" in example.levels for example in examples)
    print(f"{len(examples)} messages, {heard} of them heard: {SCORER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
