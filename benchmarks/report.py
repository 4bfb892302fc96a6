"""How long a report of many messages takes to write, and its pages to open in Chromium.

    PYTHONPATH=tests python benchmarks/report.py [--messages 10000]

It is written from nothing, again with nothing changed, and again with 100 new messages. They are
made up (tests/stored_audits.py) and have no recordings. A page counts as open when its scripts have
run and the browser has laid it out; the browser is started before.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from chromium import CHROMIUM, FLAGS
from common import report
from playwright.sync_api import sync_playwright
from stored_audits import made_up_audits, store_of

from vmaudit.report.pages import build_report
from vmaudit.scoring import load_rubric
from vmaudit.store import StoreBatch

NEW = 100  # messages
TRIALS = 3
NODES = "document.querySelectorAll('*').length"


def main() -> None:
    """Write the report, open its pages and print the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--messages", type=int, default=10_000)
    count = parser.parse_args().messages
    with tempfile.TemporaryDirectory(prefix="vmaudit-") as folder:
        written_s = _write(Path(folder), count)
        root = Path(folder) / "report"
        size_mb = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) / 1e6
        rep, message = (sorted((root / name).iterdir())[0] for name in ("reps", "messages"))
        opened = _open([root / "index.html", root / "messages.html", rep, message])
    report(
        "report",
        [
            f"{count} messages, {size_mb:.0f} MB",
            *(f"written {how} in {s:.1f} s" for how, s in written_s.items()),
            *(f"{name:10s} open in {s:.2f} s, {nodes} elements" for name, s, nodes in opened),
        ],
        {
            "messages": count,
            "written_s": {how: round(s, 1) for how, s in written_s.items()},
            "size_mb": round(size_mb),
            "opened_s": {name: round(open_s, 2) for name, open_s, _ in opened},
            "elements": {name: nodes for name, _, nodes in opened},
        },
    )


def _write(folder: Path, count: int) -> dict[str, float]:
    """Seconds for each way of writing it."""
    audits = list(made_up_audits(count + NEW))
    store = store_of(folder, audits[:count])

    def write() -> float:
        start_s = time.perf_counter()
        build_report(store, folder / "report", load_rubric())
        return time.perf_counter() - start_s

    try:
        written_s = {"from nothing": write(), "with nothing changed": write()}
        new = tuple((audit, "key") for audit in audits[count:])
        store.write(StoreBatch(store.begin_run(), {}, new, ()))
        return written_s | {f"with {NEW} new": write()}
    finally:
        store.close()


def _open(pages: list[Path]) -> list[tuple[str, float, int]]:
    """Name, slowest time of ``TRIALS`` and number of elements of each page."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        opened = [(_name(path), *_slowest(browser, path)) for path in pages]
        browser.close()
    return opened


def _name(path: Path) -> str:
    return path.stem if path.parent.name == "report" else path.parent.name[:-1]


def _slowest(browser: Any, path: Path) -> tuple[float, int]:
    times, nodes = [], 0
    for _ in range(TRIALS):
        page = browser.new_page()
        start_s = time.perf_counter()
        page.goto(path.as_uri())
        nodes = page.evaluate(NODES)  # after the load event, when the scripts have run
        page.evaluate("document.body.offsetHeight")
        times.append(time.perf_counter() - start_s)
        page.close()
    return max(times), nodes


if __name__ == "__main__":
    main()
