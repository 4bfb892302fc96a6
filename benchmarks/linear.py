"""Cost grows with the number of files and no faster: files per second and memory by count.

    python benchmarks/linear.py [--model tiny.en] [--counts 100 1000 5000] [--seconds 2.5]

One process with loaded models audits folders of different sizes into fresh result folders, store
and exports included. Every recording is made as in memory.py, from synthetic speech; no two are
alike. Every run starts its decode processes anew. A count below 1,000 is run three times, and the
run in the middle counts: a busy moment weighs more there. Counts that are not asked for keep their
last figures.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common import RESULTS, report
from memory import KIB_PER_MIB, make_recordings

from vmaudit.config import Config
from vmaudit.pipeline import Auditor
from vmaudit.runs import audit_folder

WARM_UP = 40
SMALL, RUNS_OF_SMALL = 1000, 3


def main() -> None:
    """Audit every count once and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 1000, 5000])
    parser.add_argument("--seconds", type=float, default=2.5)
    options = parser.parse_args()
    config = Config.model_validate({"asr": {"model": options.model}})
    auditor = Auditor(config)
    data = {"data": f"{options.seconds} s of synthetic speech each", "model": options.model}
    figures = _last_figures(data)
    _run(auditor, config, WARM_UP, options.seconds)
    for count in options.counts:
        runs = [
            _run(auditor, config, count, options.seconds)
            for _ in range(RUNS_OF_SMALL if count < SMALL else 1)
        ]
        figures[count] = sorted(runs, key=lambda run: run["elapsed_s"])[len(runs) // 2]
    rates = [figures[count]["files_per_s"] for count in sorted(figures)]
    spread = max(rates) / min(rates) - 1
    report(
        "linear",
        [f"files per second {rates}: the fastest is {100 * spread:.1f} % over the slowest"],
        {
            **data,
            "figures": [figures[count] for count in sorted(figures)],
            "spread": round(spread, 4),
        },
    )


def _run(auditor: Auditor, config: Config, count: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "recordings"
        make_recordings(folder, count, seconds, speech_every=1)
        found = audit_folder(folder, Path(name) / "out", config, auditor=auditor)
    figures = {
        "files": count,
        "failed": found.failed,
        "elapsed_s": round(found.elapsed_s, 2),
        "files_per_s": round(count / found.elapsed_s, 3),
        "resident_mib": _resident_mib(),
    }
    print(figures, flush=True)
    return figures


def _last_figures(data: Mapping[str, str]) -> dict[int, dict[str, Any]]:
    """The figures that are kept, by count, where they are of the same data and model."""
    path = RESULTS / "linear.json"
    last = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    same = all(last.get(name) == value for name, value in data.items())
    return {one["files"]: one for one in last["figures"]} if same else {}


def _resident_mib() -> int | None:
    """Resident memory of this process, where the system tells (Linux)."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    found = re.search(r"^VmRSS:\s+(\d+) kB", status.read_text(encoding="ascii"), re.M)
    return int(found[1]) // KIB_PER_MIB if found else None


if __name__ == "__main__":
    main()
