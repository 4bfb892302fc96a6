"""The report in a real browser, from disk: it works, it is silent, and nothing in it acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM, FLAGS
from stored_audits import hostile_audit, made_up_audits, place_recordings, store_of

from vmaudit.records import Audit, Failure
from vmaudit.report.pages import build_report
from vmaudit.scoring import load_rubric

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium; Debian: apt-get install chromium"),
]
HOSTILE = "</script><img src=x onerror='document.title=1'>\"&\u202e{{ 7*7 }}"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1180, "height": 900}


def write_report(out: Path, audits: Sequence[Audit]) -> Path:
    recordings = place_recordings(out / "calls", audits)
    failures = [Failure(f"{HOSTILE}.wav", "decode", HOSTILE)]
    store = store_of(out, audits, failures=failures, recordings=recordings)
    try:
        return build_report(store, out / "report", load_rubric()).parent
    finally:
        store.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """118 messages over four weeks; the last is hostile."""
    *audits, last = made_up_audits(118)
    return write_report(tmp_path_factory.mktemp("browser"), [*audits, hostile_audit(last, HOSTILE)])


@pytest.fixture(scope="module")
def unscored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report without trained scores."""
    return write_report(tmp_path_factory.mktemp("unscored"), list(made_up_audits(10, scored=False)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


class Visit:
    """A page that keeps what it complained of and what it asked for."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(viewport=options.pop("viewport", DESK), **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: Path, anchor: str = "") -> Any:
        self.page.goto(path.as_uri() + anchor)
        return self.page


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    visit = Visit(browser)
    yield visit
    visit.context.close()


def message_page(report: Path, audit_path: str = "nina/00000.wav") -> Path:
    from vmaudit.report.pages.names import page_name

    return report / "messages" / page_name(audit_path)


def all_kinds(report: Path) -> list[Path]:
    rep = next(path for path in (report / "reps").iterdir() if path.name.startswith("nina"))
    gone = message_page(report, "nina/00016.wav")  # not scorable
    return [report / "index.html", report / "messages.html", rep, message_page(report), gone]


def test_pages_open_without_a_complaint_or_the_network(visit: Visit, report: Path) -> None:
    for path in all_kinds(report):
        page = visit.open(path)
        page.wait_for_load_state("load")
        assert page.locator("h1").is_visible()
    assert visit.complaints == []
    assert {url.partition(":")[0] for url in visit.requests} == {"file"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_serious_violation_of_accessibility(
    scheme: str, viewport: dict[str, int], browser: Any, report: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    visit = Visit(browser, color_scheme=scheme, viewport=viewport, bypass_csp=True)
    for path in all_kinds(report):
        page = visit.open(path)
        found = axe.Axe().run(page).response["violations"]
        serious = [
            (path.name, v["id"], [node["html"][:200] for node in v["nodes"][:3]])
            for v in found
            if v["impact"] in {"serious", "critical"}
        ]
        assert serious == []
        if viewport is PHONE:  # nothing sticks out to the right
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    visit.context.close()


def column(page: Any, table: str, index: int) -> list[str]:
    cells = page.locator(f"#{table} tbody tr:visible > :nth-child({index})")
    return [text.strip() for text in cells.all_inner_texts()]


def test_rep_table_sorts_and_filters(visit: Visit, report: Path) -> None:
    page = visit.open(report / "index.html")
    heading = page.locator("#rep-table th", has_text="Messages")
    heading.get_by_role("button").click()
    counts = [int(text) for text in column(page, "rep-table", 2)]
    assert counts == sorted(counts)
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.get_by_role("button").click()
    counts = [int(text) for text in column(page, "rep-table", 2)]
    assert counts == sorted(counts, reverse=True)
    page.get_by_label("Filter").fill("NIN")
    assert column(page, "rep-table", 1) == ["nina"]
    assert page.get_by_role("status").inner_text() == "1 of 5"


def test_list_of_messages_sorts_filters_and_draws_on(visit: Visit, report: Path) -> None:
    page = visit.open(report / "messages.html")
    rows = page.locator("#listing tbody tr")
    assert rows.count() == 100
    page.get_by_role("button", name="Show more").click()
    assert rows.count() == 118
    page.locator("#listing th", has_text="Overall").get_by_role("button").click()
    shown = [int(text) for text in column(page, "listing", 4) if text != "–"]
    assert shown == sorted(shown)
    page.locator("select[name=rep]").select_option("marcus")
    assert set(column(page, "listing", 2)) == {"marcus"}
    page.locator("select[name=show]").select_option("not_scorable")
    assert all("not scorable" in text for text in column(page, "listing", 13))
    page.get_by_label("Search").fill("nobody of that name")
    assert rows.count() == 0
    assert page.get_by_role("status").inner_text() == "0 of 118"


def test_reps_of_any_name_are_told_apart(visit: Visit, tmp_path: Path) -> None:
    names = (None, "no rep known", "Ann  Lee", "Ann Lee")
    audits = [
        replace(audit, rep=name) for audit, name in zip(made_up_audits(4), names, strict=True)
    ]
    page = visit.open(write_report(tmp_path, audits) / "messages.html")
    values = [one.get_attribute("value") for one in page.locator("select[name=rep] option").all()]
    assert len(set(values)) == 5
    found = set()
    for value in values[1:]:
        page.locator("select[name=rep]").select_option(value)
        (link,) = page.locator("#listing a").all()
        found.add(link.get_attribute("href"))
    assert len(found) == 4


def test_rep_page_leads_to_all_messages_of_the_rep(visit: Visit, report: Path) -> None:
    rep = next(path for path in (report / "reps").iterdir() if path.name.startswith("nina"))
    page = visit.open(rep)
    page.locator("a[href*='messages.html#rep=']").click()
    page.wait_for_url("**/messages.html#*")
    assert set(column(page, "listing", 2)) == {"nina"}


def test_a_miss_leads_to_the_messages_that_have_it(visit: Visit, report: Path) -> None:
    page = visit.open(report / "index.html")
    link = page.locator("a[href$='missed:number_repeated']")
    missed = link.inner_text().split()[0]
    link.click()
    page.wait_for_url("**/messages.html#*")
    assert page.get_by_role("status").inner_text() == f"{missed} of 118"
    assert set(column(page, "listing", 8)) == {"✗ no"}


def test_an_address_opens_a_filtered_list(visit: Visit, report: Path) -> None:
    page = visit.open(report / "messages.html", "#show=review")
    texts = column(page, "listing", 13)
    assert texts
    assert all("review" in text for text in texts)


def test_messages_of_a_filtered_list_follow_each_other(visit: Visit, report: Path) -> None:
    page = visit.open(report / "messages.html", "#show=missed:own_number")
    links = page.locator("#listing a")
    pages = [link.get_attribute("href") for link in links.all()]
    assert 2 < len(pages) < 20
    links.nth(1).click()
    page.wait_for_url((report / pages[1]).as_uri())
    page.keyboard.press("j")
    page.wait_for_url((report / pages[2]).as_uri())
    assert page.locator("#place").inner_text() == f"3 of {len(pages)} in the list"
    for path in (pages[1], pages[0]):
        page.keyboard.press("k")
        page.wait_for_url((report / path).as_uri())
    assert page.locator("#prev").is_hidden()
    visit.open(report / "index.html")
    visit.open(report / pages[0])
    assert page.locator("#place").inner_text() == ""


def player(page: Any, name: str) -> Any:
    """A property of the page's audio element."""
    return page.evaluate(f"document.getElementById('audio').{name}")


def until(page: Any, done: Callable[[], bool]) -> None:
    """Wait in Python: the page's policy forbids the expressions that Playwright would poll."""
    for _ in range(1000):
        if done():
            return
        page.wait_for_timeout(20)
    raise TimeoutError("not within 20 s")


def is_at(page: Any, time_s: float) -> Callable[[], bool]:
    return lambda: abs(player(page, "currentTime") - time_s) < 0.05


def ready(page: Any) -> None:
    until(page, lambda: player(page, "readyState") > 0)


def test_a_click_on_a_word_plays_from_it_and_words_light_up(visit: Visit, report: Path) -> None:
    page = visit.open(message_page(report))
    ready(page)
    word = page.locator(".w", has_text="buyer")
    start_s = float(word.get_attribute("data-start"))
    word.click()
    until(page, lambda: player(page, "currentTime") >= start_s)
    assert player(page, "currentTime") < start_s + 3
    lit = page.locator(".w.now")
    until(page, lambda: lit.count() == 1 and lit.inner_text() != "buyer")
    assert page.locator(".w.now").count() <= 1
    assert float(page.locator("#playhead").get_attribute("x").rstrip("%")) > 0
    assert visit.complaints == []


def test_a_moment_is_played_to_its_end(visit: Visit, report: Path) -> None:
    page = visit.open(message_page(report))
    ready(page)
    button = page.locator(".evidence .play").nth(1)
    until_s = float(button.get_attribute("data-until"))
    button.click()
    until(page, lambda: player(page, "paused") and player(page, "currentTime") >= until_s)
    assert player(page, "currentTime") < until_s + 0.5
    button.click()
    until(page, lambda: not player(page, "paused"))
    page.evaluate("document.getElementById('audio').currentTime = 11.5")
    until(page, lambda: player(page, "currentTime") > 12.2)  # it goes on where somebody jumped


def test_a_deep_link_opens_at_the_moment(visit: Visit, report: Path) -> None:
    page = visit.open(message_page(report), "#t=9.5")
    until(page, is_at(page, 9.5))
    lit = page.locator(".w.now")
    assert float(lit.get_attribute("data-start")) <= 9.5 <= float(lit.get_attribute("data-end"))
    page.evaluate("location.hash = '#t=3'")
    until(page, is_at(page, 3))


def test_keys_play_seek_and_turn_pages(visit: Visit, report: Path) -> None:
    page = visit.open(message_page(report), "#t=4")
    until(page, is_at(page, 4))
    page.keyboard.press("ArrowRight")
    until(page, is_at(page, 6))
    page.keyboard.press("ArrowLeft")
    until(page, is_at(page, 4))
    page.keyboard.press("Space")
    until(page, lambda: not player(page, "paused"))
    page.keyboard.press("Space")
    until(page, lambda: player(page, "paused"))
    until(page, lambda: "#t=" in page.url)
    page.keyboard.press("j")
    page.wait_for_url(message_page(report, "marcus/00001.wav").as_uri())
    page.keyboard.press("k")
    page.wait_for_url(message_page(report).as_uri())
    assert visit.complaints == []


def test_a_scorecard_plays_its_moments_and_prints_on_one_sheet(visit: Visit, report: Path) -> None:
    page = visit.open(all_kinds(report)[2])
    button = page.locator("[data-audio]").first
    with page.expect_request("**/*.wav"):
        button.click()
    for paper in ("A4", "Letter"):
        assert page.pdf(format=paper).count(b"/Type /Page\n") == 1, paper
    assert visit.complaints == []


def test_hostile_text_is_shown_and_does_nothing(visit: Visit, report: Path) -> None:
    path = message_page(report, "marcus/00117.wav")
    rep = next(path for path in (report / "reps").iterdir() if "onerror" in path.name)
    for place in (path, rep, report / "index.html", report / "messages.html"):
        page = visit.open(place)
        assert page.locator("img").count() == 0
        assert page.title() != "1"
    page = visit.open(path)
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.locator(".w").first.inner_text().startswith("</script>")
    page = visit.open(report / "messages.html")
    assert page.locator("#listing a", has_text="onerror").count() == 1
    assert visit.complaints == []


def test_a_report_without_scores_says_so(visit: Visit, unscored: Path) -> None:
    page = visit.open(unscored / "index.html")
    assert "no trained scorer" in page.locator("main").inner_text()
    assert page.locator("#rep-table th", has_text="Overall").count() == 0
    page = visit.open(message_page(unscored))
    assert "no scorer installed" in page.locator("main").inner_text()
    page = visit.open(unscored / "messages.html")
    assert page.locator("#listing tbody tr").count() == 10
    assert visit.complaints == []
