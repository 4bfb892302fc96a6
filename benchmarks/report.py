"""How long a report of many messages takes to write, and its pages to open in Chromium.

    PYTHONPATH=tests python benchmarks/report.py [--messages 10000]

The messages are made up (tests/stored_audits.py) and have no recordings. A page counts as open
when its scripts have run and the browser has laid it out; the browser is started before.
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

TRIALS = 3
NODES = "document.querySelectorAll('*').length"


def main() -> None:
    """Write the report, open its pages and print the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--messages", type=int, default=10_000)
    count = parser.parse_args().messages
    with tempfile.TemporaryDirectory(prefix="vmaudit-") as folder:
        start_s = time.perf_counter()
        root = _write(Path(folder), count)
        written_s = time.perf_counter() - start_s
        size_mb = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) / 1e6
        rep, message = (sorted((root / name).iterdir())[0] for name in ("reps", "messages"))
        opened = _open([root / "index.html", root / "messages.html", rep, message])
    report(
        "report",
        [
            f"{count} messages: written in {written_s:.1f} s, {size_mb:.0f} MB",
            *(f"{name:10s} open in {s:.2f} s, {nodes} elements" for name, s, nodes in opened),
        ],
        {
            "messages": count,
            "written_s": round(written_s, 1),
            "size_mb": round(size_mb),
            "opened_s": {name: round(open_s, 2) for name, open_s, _ in opened},
            "elements": {name: nodes for name, _, nodes in opened},
        },
    )


def _write(folder: Path, count: int) -> Path:
    store = store_of(folder, list(made_up_audits(count)))
    try:
        return build_report(store, folder / "report", load_rubric()).parent
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
