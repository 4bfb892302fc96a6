"""A report brought up to date is as one written anew, and little of it is written."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_audits import made_up_audits, place_recordings, store_of

from vmaudit.errors import StoreError
from vmaudit.records import Audit
from vmaudit.report.pages import build_report, rendering, site
from vmaudit.report.pages.folder import MANIFEST
from vmaudit.report.pages.rendering import Renderer
from vmaudit.scoring import load_rubric

RUBRIC, OTHER = load_rubric(), load_rubric("b2b")
AUDITS = tuple(made_up_audits(12))
REPS = 4

Report = Callable[..., Path]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the pages that were made from their templates."""
    names: list[str] = []
    page = Renderer.page

    def noted(self: Renderer, name: str, template: str, **values: Any) -> str:
        names.append(name)
        return page(self, name, template, **values)

    monkeypatch.setattr(Renderer, "page", noted)
    return names


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return lambda audits, **options: report_of(tmp_path / "out", audits, **options)


def report_of(out: Path, audits: Sequence[Audit], **options: Any) -> Path:
    """Write the report of ``audits`` into ``out``, over one that may be there."""
    (out / "vmaudit.db").unlink(missing_ok=True)
    store = store_of(out, audits, recordings=out.parent / "recordings")
    try:
        return build_report(store, out / "report", options.pop("rubric", RUBRIC), **options).parent
    finally:
        store.close()


def files_of(report: Path) -> dict[str, str]:
    """A digest of each file, but for when the first page was made, and of what run it tells."""
    return {
        path.relative_to(report).as_posix(): hashlib.sha256(
            re.sub(rb"[0-9-]{10} [0-9:]{5} UTC", b"", path.read_bytes())
        ).hexdigest()
        for path in report.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def changed(audit: Audit) -> Audit:
    assert audit.delivery
    return replace(audit, delivery=replace(audit.delivery, words_per_minute=99.0))


# What is made again


def test_nothing_is_made_again_where_nothing_changed(report: Report, made: list[str]) -> None:
    report(AUDITS)
    assert len(made) == len(AUDITS) + REPS + 2
    made.clear()
    report(AUDITS)
    assert sorted(made) == ["index.html", "messages.html"]


def test_new_message_touches_the_one_before_it_and_the_reps(
    report: Report, made: list[str]
) -> None:
    first, (new,) = AUDITS[:-1], AUDITS[-1:]
    report(first)
    made.clear()
    report([*first, new])
    kinds = [name.partition("/")[0] for name in made]
    assert (kinds.count("messages"), kinds.count("reps")) == (2, REPS)
    assert any(new.path[-9:-4] in name for name in made)


def test_page_that_somebody_changed_is_made_again(report: Report, made: list[str]) -> None:
    root = report(AUDITS)
    before = files_of(root)
    edited, cut, gone = sorted((root / "messages").iterdir())[:3]
    edited.write_text(edited.read_text().replace("Harborview", "Harbourvie"))  # as long
    cut.write_bytes(cut.read_bytes()[:100])
    gone.unlink()
    made.clear()
    assert files_of(report(AUDITS)) == before
    assert {Path(name).name for name in made} >= {edited.name, cut.name, gone.name}
    assert len(made) == 3 + 2


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"[]",
        b'{"pages": {"messages/x.html": 1}}',
        b'{"pages": {"../x": ["a", 1, 1]}}',
        b"\xff",
    ],
)
def test_manifest_that_is_no_manifest_is_passed_over(report: Report, manifest: bytes) -> None:
    root = report(AUDITS)
    before = files_of(root)
    (root / MANIFEST).write_bytes(manifest)
    assert files_of(report(AUDITS)) == before
    assert len(json.loads((root / MANIFEST).read_bytes())["pages"]) == len(AUDITS) + REPS


# It is what a new one would be

Step = tuple[frozenset[int], frozenset[int], dict[str, Any]]
steps = st.tuples(
    st.frozensets(st.integers(0, len(AUDITS) - 1)),  # which are there
    st.frozensets(st.integers(0, len(AUDITS) - 1), max_size=3),  # which of them are changed
    st.fixed_dictionaries(
        {
            "rubric": st.sampled_from((RUBRIC, OTHER)),
            "redacted": st.booleans(),
            "audio": st.sampled_from(("link", "none")),
        }
    ),
)


def taken(step: Step) -> tuple[list[Audit], dict[str, Any]]:
    there, others, options = step
    audits = [changed(AUDITS[k]) if k in others else AUDITS[k] for k in sorted(there)]
    return audits, dict(options)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(course=st.lists(steps, min_size=2, max_size=4))
def test_whatever_changes_it_is_as_if_made_anew(
    tmp_path_factory: pytest.TempPathFactory, course: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("again")
    place_recordings(folder / "recordings", AUDITS[::2])
    for step in course:
        audits, options = taken(step)
        again = report_of(folder / "out", audits, **options)
    audits, options = taken(course[-1])
    anew = report_of(folder / "new", audits, **options)
    assert files_of(again) == files_of(anew)


def interrupted(names: Iterator[int]) -> Callable[..., str]:
    """A ``Renderer.page`` that fails when the numbers have run out."""
    page = Renderer.page

    def fails_in_the_end(self: Renderer, name: str, template: str, **values: Any) -> str:
        if next(names, None) is None:
            raise OSError("no space left on device")
        return page(self, name, template, **values)

    return fails_in_the_end


@pytest.mark.parametrize("pages", [0, 5, 14])
def test_report_cut_short_is_mended_by_the_next(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    before = files_of(report(AUDITS))
    with monkeypatch.context() as patched:
        patched.setattr(Renderer, "page", interrupted(iter(range(pages))))
        with pytest.raises(StoreError, match="no space left"):
            report(AUDITS, redacted=True)
    # Some pages are masked now; to go by what was known of them before would leave them so.
    assert files_of(report(AUDITS)) == before


@pytest.mark.parametrize("pages", [0, 5])
def test_redaction_cut_short_leaves_nothing_unmasked(
    tmp_path: Path, report: Report, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    place_recordings(tmp_path / "recordings", AUDITS)
    root = report(AUDITS, audio="copy")
    left = root / "messages" / f".{next((root / 'messages').iterdir()).name}.partial"
    left.write_text("Angela")  # by a report that was killed
    with monkeypatch.context() as patched:
        patched.setattr(Renderer, "page", interrupted(iter(range(pages))))
        with pytest.raises(StoreError, match="no space left"):
            report(AUDITS, redacted=True)
    texts = [path.read_text() for path in root.rglob("*.html*")]
    assert len(texts) == pages
    assert not any("Angela" in text or "Oakley" in text for text in texts)
    assert not list(root.glob("audio/*"))


def test_redacted_report_is_brought_up_to_date_too(report: Report, made: list[str]) -> None:
    report(AUDITS, redacted=True)
    made.clear()
    report(AUDITS, redacted=True)
    assert sorted(made) == ["index.html", "messages.html"]


def test_page_that_cannot_be_written_leaves_the_one_before_it(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = report(AUDITS)
    before = files_of(root)

    def fails(self: Path, target: Path) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fails)
        with pytest.raises(StoreError, match="no space left"):
            report(AUDITS[:3])
    assert files_of(root) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"version": lambda package: "another"},
        {"files": lambda package: Path(__file__).parent / "data"},
        {"getsource": lambda module: "class Band: ..."},
    ],
)
def test_other_code_makes_every_page_again(
    report: Report, made: list[str], monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    report(AUDITS)
    for name, patched in changes.items():
        monkeypatch.setattr(rendering, name, patched)
    made.clear()
    report(AUDITS)
    assert len(made) == len(AUDITS) + REPS + 2


def test_recording_that_is_gone_is_no_longer_linked(report: Report, tmp_path: Path) -> None:
    recordings = place_recordings(tmp_path / "recordings", AUDITS)
    page = next((report(AUDITS) / "messages").glob("00003-*"))
    assert "<audio" in page.read_text()
    (recordings / AUDITS[3].path).unlink()
    report(AUDITS)
    assert "The recording is not where it was." in page.read_text()


def test_bundle_holds_no_manifest(tmp_path: Path) -> None:
    store = store_of(tmp_path, AUDITS[:2])
    site.bundle_report(store, tmp_path / "report.zip", RUBRIC)
    store.close()
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        assert not any(MANIFEST in name for name in archive.namelist())
