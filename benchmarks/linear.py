"""Cost grows with the number of files and no faster: files per second and memory by count.

    python benchmarks/linear.py [--model tiny.en] [--counts 100 1000 5000] [--seconds 2.5]

One process with loaded models audits folders of different sizes into fresh result folders, store
and exports included. Every recording is made as in memory.py, from synthetic speech; no two are
alike. Every run starts its decode processes anew.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from common import report
from memory import KIB_PER_MIB, make_recordings

from vmaudit.config import Config
from vmaudit.pipeline import Auditor
from vmaudit.runs import audit_folder

WARM_UP = 40


def main() -> None:
    """Audit every count once and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 1000, 5000])
    parser.add_argument("--seconds", type=float, default=2.5)
    options = parser.parse_args()
    config = Config.model_validate({"asr": {"model": options.model}})
    auditor = Auditor(config)
    figures = []
    for count in (WARM_UP, *options.counts):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "recordings"
            make_recordings(folder, count, options.seconds, speech_every=1)
            found = audit_folder(folder, Path(name) / "out", config, auditor=auditor)
        figures.append(
            {
                "files": count,
                "failed": found.failed,
                "elapsed_s": round(found.elapsed_s, 2),
                "files_per_s": round(count / found.elapsed_s, 3),
                "resident_mib": _resident_mib(),
            }
        )
        print(figures[-1], flush=True)
    rates = [figure["files_per_s"] for figure in figures[1:]]
    spread = max(rates) / min(rates) - 1
    report(
        "linear",
        [f"files per second {rates}: the fastest is {100 * spread:.1f} % over the slowest"],
        {
            "data": f"{options.seconds} s of synthetic speech each",
            "model": options.model,
            "figures": figures[1:],
            "spread": round(spread, 4),
        },
    )


def _resident_mib() -> int | None:
    """Resident memory of this process, where the system tells (Linux)."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    found = re.search(r"^VmRSS:\s+(\d+) kB", status.read_text(encoding="ascii"), re.M)
    return int(found[1]) // KIB_PER_MIB if found else None


if __name__ == "__main__":
    main()
