"""Draw the pictures of the report in docs/images, from made-up messages and from an audit.

    PYTHONPATH=tests python tools/draw_report.py RESULTS MESSAGE

RESULTS is the OUT of an audit of samples/ with its report; MESSAGE the page's name to show.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Literal

from chromium import CHROMIUM, FLAGS
from playwright.sync_api import Browser, sync_playwright
from stored_audits import made_up_audits, store_of

from vmaudit.report.pages import build_report
from vmaudit.scoring import load_rubric

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
WIDTH, HEIGHT = 1180, 1000  # px
MESSAGES = 240


def main() -> None:
    """Draw the overview in light and a message in dark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("message")
    options = parser.parse_args()
    message = next((options.results / "report" / "messages").glob(f"{options.message}-*.html"))
    with tempfile.TemporaryDirectory(prefix="vmaudit-") as folder, sync_playwright() as driver:
        store = store_of(Path(folder) / "harborview", list(made_up_audits(MESSAGES)))
        index = build_report(store, Path(folder) / "report", load_rubric())
        store.close()
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        _draw(browser, index, "light", IMAGES / "report-overview.png")
        _draw(browser, message, "dark", IMAGES / "report-message.png")
        browser.close()


def _draw(browser: Browser, page: Path, scheme: Literal["light", "dark"], target: Path) -> None:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme, device_scale_factor=1
    )
    tab = context.new_page()
    tab.goto(page.resolve().as_uri())
    tab.screenshot(path=target)
    context.close()


if __name__ == "__main__":
    main()
