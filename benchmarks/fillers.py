"""Filled pauses: how many of those that are said are found, and at their time.

    python tools/compose_fillers.py --part testing
    python benchmarks/fillers.py .cache/composed-fillers/testing [--model base]

Composed messages whose fillers are known (synthetic voices); and people: clips in which a known
number of fillers is said, and clips in which none is. All take the whole path a user's
recordings take. A filler of a composed message is found when the middle of what was found lies
within 0.3 s of its own, each counted once; of people's, few times are known, so they are counted.
Each source is held against them alone, and both together, as delivery counts them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import audit_set, auditor_for, human_rows, report
from scipy.optimize import linear_sum_assignment

from vmaudit.config import RecordingOptions
from vmaudit.delivery.fillers import filled_pauses
from vmaudit.pipeline import Audited, Auditor
from vmaudit.recordings import scan
from vmaudit.records import Failure, Filler

TOLERANCE_S = 0.3
NOISY_DB = 25.0
FLUENT_SETS = ("read_wer", "an4", "speechocean762")
FILLED = "mfa_fillers"
WRITTEN, HEARD, BOTH = "written", "heard", "both"
COUNTED = ("um", "uh", "hm", "er")  # of the manifest's kinds


Sources = Mapping[str, Sequence[Filler]]


@dataclass(frozen=True, slots=True)
class Tally:
    """Fillers that were said, found, and both, in so many minutes."""

    said: int = 0
    found: int = 0
    hits: int = 0
    minutes: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.said + other.said,
            self.found + other.found,
            self.hits + other.hits,
            self.minutes + other.minutes,
        )

    def figures(self) -> dict[str, float]:
        """Counts and false alarms per minute; where any was said, recall and F1 in [0, 1]."""
        figures: dict[str, float] = {"said": self.said, "found": self.found, "right": self.hits}
        if self.said:
            figures["recall"] = round(self.hits / self.said, 3)
            figures["f1"] = round(2 * self.hits / (self.said + self.found), 3)
        figures["false_alarms_per_minute"] = round((self.found - self.hits) / self.minutes, 2)
        return figures


def main() -> None:
    """Measure on composed messages and on people, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the testing part of tools/compose_fillers.py")
    parser.add_argument("--model", default="base")
    options = parser.parse_args()
    auditor = auditor_for(options.model)
    tallies = _composed(options.folder, auditor)
    for name in (FILLED, *FLUENT_SETS):
        tallies |= _counted(name, auditor)
    figures = {name: tally.figures() for name, tally in tallies.items()}
    report(
        "fillers",
        (f"{name}: {values}" for name, values in figures.items()),
        {
            "data": f"{options.folder.name} part of tools/compose_fillers.py; people's recordings",
            "model": auditor.speech_model,
            "figures": figures,
        },
    )


def _composed(folder: Path, auditor: Auditor) -> dict[str, Tally]:
    """Figures over all composed messages, by codec and in noise."""
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, Sources] = {}
    for batch in auditor.audit(scan(folder, RecordingOptions()).recordings):
        found |= {_path(one): _sources(one) for one in batch}
    tallies: dict[str, Tally] = {}
    for truth in map(json.loads, lines):
        groups = ["composed", f"composed, {truth['codec']}"]
        groups += ["composed, noisy"] if truth["snr_db"] < NOISY_DB else []
        groups += [] if truth["fillers"] else ["composed, fluent"]
        for source, fillers in found[truth["file"]].items():
            tally, places = _tally(truth, fillers), groups if source == BOTH else groups[:1]
            for name in (f"{group}: {source}" for group in places):
                tallies[name] = tallies.get(name, Tally()) + tally
    return tallies


def _tally(truth: Mapping[str, Any], found: Sequence[Filler]) -> Tally:
    """Pair what was said with what was found, as many as lie near enough."""
    said_s = np.array([(one["start_s"] + one["end_s"]) / 2 for one in truth["fillers"]])
    found_s = np.array([(one.start_s + one.end_s) / 2 for one in found])
    near = np.abs(said_s[:, np.newaxis] - found_s) <= TOLERANCE_S
    pairs = linear_sum_assignment(near, maximize=True)
    return Tally(len(said_s), len(found_s), int(near[pairs].sum()), truth["duration_s"] / 60)


def _path(result: Audited | Failure) -> str:
    return result.path if isinstance(result, Failure) else result.audit.path


def _sources(result: Audited | Failure) -> Sources:
    """What each source finds by itself, and what is counted."""
    if isinstance(result, Failure):
        return {WRITTEN: (), HEARD: (), BOTH: ()}
    transcript = result.heard.transcript
    return {
        WRITTEN: filled_pauses(transcript.words, ()),
        HEARD: filled_pauses((), transcript.filled_pauses),
        BOTH: result.delivery.fillers,
    }


def _counted(name: str, auditor: Auditor) -> dict[str, Tally]:
    """Figures over people's recordings whose words are known, by count."""
    results = audit_set(name, auditor)
    tallies: dict[str, Tally] = {}
    for row in human_rows(name):
        said = sum(
            count for kind, count in json.loads(row["fillers"] or "{}").items() if kind in COUNTED
        )
        if name == FILLED or row["ref_text"].strip():
            for source, fillers in _sources(results[row["path"]]).items():
                found, minutes = len(fillers), float(row["duration_s"]) / 60
                tally = Tally(said, found, min(said, found), minutes)
                label = f"{name}: {source}"
                tallies[label] = tallies.get(label, Tally()) + tally
    return tallies


if __name__ == "__main__":
    main()
