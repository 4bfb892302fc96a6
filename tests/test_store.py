"""The store: all of a batch or none, readable while written, clear when it cannot be used."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import CONFIG, say
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vmaudit.errors import StoreError
from vmaudit.pipeline import Heard
from vmaudit.pipeline.judge import judge
from vmaudit.records import (
    AudioInfo,
    Audit,
    Delivery,
    Failure,
    Interval,
    Isolation,
    Recording,
    audit_from_json,
    to_json,
)
from vmaudit.scoring import DEFAULT_RUBRIC, make_judge
from vmaudit.store import Store, StoreBatch, store, store_address

CONTENT = "a" * 64


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    opened = Store(store_address(tmp_path))
    yield opened
    opened.close()


def make_audit(path: str, content: str = CONTENT) -> Audit:
    message = Interval(0.0, 6.0)
    heard = Heard(
        AudioInfo(6.0, 8000, 1, "pcm_mulaw"),
        Isolation((), message, (message,)),
        say("call me at 206-555-0142", 1.0, 5.0),
    )
    recording = Recording(content, Path(path), path, 1)
    scoring = make_judge(DEFAULT_RUBRIC)
    return judge(recording, heard, Delivery(), rep=None, config=CONFIG, scoring=scoring)


def batch(
    *audits: Audit,
    failures: tuple[Failure, ...] = (),
    stages: dict[tuple[str, str], tuple[str, Any]] | None = None,
    key: str = "k",
) -> StoreBatch:
    return StoreBatch(1, stages or {}, tuple((audit, key) for audit in audits), failures)


def test_an_early_audit_of_this_schema_can_be_read() -> None:
    """Where this fails, the contract has changed: raise SCHEMA_VERSION, and renew the file.

    A value with a default may be added: a night's work is not refused for lacking it.
    """
    kept = Path(__file__).parent / "data" / "audit.json"
    payload = json.loads(kept.read_text(encoding="utf-8"))
    audit = audit_from_json(payload)
    assert audit.transcript is not None
    assert (audit.transcript.filled_pauses, audit.transcript.digit_sounds) == ((), ())
    again = to_json(audit)
    for since in ("filled_pauses", "digit_sounds"):
        del again["transcript"][since]
    assert again == payload


def test_audits_come_back_as_they_were(opened: Store) -> None:
    audit = make_audit("nina/vega.wav")
    opened.write(batch(audit, key="first"))
    stored = opened.audit("nina/vega.wav")
    assert stored is not None
    assert (stored.path, stored.content_id, stored.key) == ("nina/vega.wav", CONTENT, "first")
    assert stored.payload == to_json(audit)
    assert opened.audit_keys() == {"nina/vega.wav": (CONTENT, "first")}
    assert opened.audit("nina") is None


def test_later_audit_takes_the_place_of_the_earlier(opened: Store) -> None:
    opened.write(batch(make_audit("a.wav")))
    opened.write(batch(make_audit("a.wav", "b" * 64), key="second"))
    assert opened.audit_keys() == {"a.wav": ("b" * 64, "second")}


@pytest.mark.parametrize(("content_id", "kept"), [(None, 1), (CONTENT, 1), ("c" * 64, 0)])
def test_a_failure_ends_the_audit_of_other_content_only(
    opened: Store, content_id: str | None, kept: int
) -> None:
    failure = Failure("a.wav", "decode", "out of reach", content_id)
    opened.write(batch(make_audit("a.wav")))
    opened.write(batch(failures=(failure,)))
    assert opened.failures() == [failure]
    assert len(list(opened.audits())) == kept


def test_an_audit_ends_the_failure(opened: Store) -> None:
    opened.write(batch(failures=(Failure("a.wav", "decode", "truncated", CONTENT),)))
    opened.write(batch(make_audit("a.wav")))
    assert opened.failures() == []
    assert [audit.path for audit in opened.audits()] == ["a.wav"]


def test_audits_are_ordered_however_many_are_read_at_once(
    opened: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "READ_CHUNK", 2)
    names = ["é.wav", "b.wav", "a.wav", "c d.wav", "Z.wav"]
    opened.write(batch(*map(make_audit, names)))
    assert [audit.path for audit in opened.audits()] == sorted(names)


def test_a_batch_is_kept_whole_or_not_at_all(opened: Store) -> None:
    good = make_audit("a.wav")
    sound = replace(good.audio, duration_s=math.nan)
    bad = replace(make_audit("b.wav"), audio=sound)
    stages = {(CONTENT, "speech"): ("k", {"words": 1})}
    with pytest.raises(ValueError, match="finite"):
        opened.write(batch(good, bad, stages=stages))
    assert list(opened.audits()) == []
    assert opened.stage(CONTENT, "speech", "k") is None


def test_stage_is_known_under_exactly_its_key(opened: Store) -> None:
    opened.write(batch(stages={(CONTENT, "speech"): ("old", {"n": 1})}))
    opened.write(batch(stages={(CONTENT, "speech"): ("new", {"n": 2})}))
    assert opened.stage(CONTENT, "speech", "new") == {"n": 2}
    assert opened.stage(CONTENT, "speech", "old") is None
    assert opened.stage(CONTENT, "delivery", "new") is None
    assert opened.stage("b" * 64, "speech", "new") is None


def test_known_content_follows_the_file(opened: Store) -> None:
    opened.remember_content({("a.wav", 5, 10**18): "a" * 64, ("b.wav", 5, 1): "b" * 64})
    opened.remember_content({("a.wav", 6, 10**18 + 1): "c" * 64})
    assert opened.known_content() == {
        ("a.wav", 6, 10**18 + 1): "c" * 64,
        ("b.wav", 5, 1): "b" * 64,
    }


def test_forgets_the_failures_it_is_told_to(opened: Store) -> None:
    failures = tuple(Failure(name, "find", "empty file") for name in ("a.wav", "b.wav"))
    opened.write(batch(failures=failures))
    opened.forget_failures(["a.wav", "unknown.wav"])
    assert opened.failures() == [failures[1]]


def test_runs_are_numbered_and_end_with_their_report(opened: Store, tmp_path: Path) -> None:
    first, second = opened.begin_run(), opened.begin_run()
    assert second > first
    opened.finish_run(second, {"state": "complete"})
    with sqlite3.connect(tmp_path / "vmaudit.db") as connection:
        rows = connection.execute("select id, finished_at is null, report from runs").fetchall()
    connection.close()
    assert rows == [(first, 1, None), (second, 0, '{"state": "complete"}')]


def test_another_reader_sees_what_was_committed(opened: Store, tmp_path: Path) -> None:
    opened.write(batch(make_audit("a.wav")))
    reader = Store(store_address(tmp_path))
    opened.write(batch(make_audit("b.wav")))
    assert [audit.path for audit in reader.audits()] == ["a.wav", "b.wav"]
    reader.close()


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        opened = Store(store_address(tmp_path))
        opened.write(batch(make_audit(name)))
        opened.close()
    opened = Store(store_address(tmp_path))
    assert sorted(opened.audit_keys()) == ["a.wav", "b.wav"]
    opened.close()


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_kept(opened: Store, text: str) -> None:
    failure = Failure(f"x{text}.wav", "find", text)
    opened.set_fact("folder", text)
    opened.write(batch(failures=(failure,)))
    assert opened.fact("folder") == text
    assert failure in opened.failures()


@pytest.mark.parametrize("name", ["what?x=1#y", "50%25", "a b", "é:@", "semi;colon"])
def test_folder_of_results_may_have_any_name(name: str, tmp_path: Path) -> None:
    out = tmp_path / name
    out.mkdir()
    Store(store_address(out)).close()
    assert (out / "vmaudit.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_another_schema_is_refused_by_name(tmp_path: Path) -> None:
    opened = Store(store_address(tmp_path))
    opened.set_fact("schema_version", "999")
    opened.close()
    with pytest.raises(StoreError, match=r"schema 999.*another --out"):
        Store(store_address(tmp_path))


@pytest.mark.parametrize("content", [b"not a database at all " * 50, b"SQLite format 3\0" * 60])
def test_damaged_database_is_a_clear_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "vmaudit.db").write_bytes(content)
    with pytest.raises(StoreError, match=r"vmaudit\.db: file is not a database"):
        Store(store_address(tmp_path))


def test_pages_overwritten_later_are_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "vmaudit.db"
    opened = Store(store_address(tmp_path))
    opened.write(batch(*(make_audit(f"{index}.wav") for index in range(40))))
    opened.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError, match="malformed"):
        Store(store_address(tmp_path))


@pytest.mark.parametrize("address", ["nosuch://x", "sqlite:////nowhere/at/all/x.db", "gibberish"])
def test_address_that_leads_nowhere_is_a_clear_error(address: str) -> None:
    with pytest.raises(StoreError, match=r"cannot (open|use) "):
        Store(address)


def test_passwords_stay_out_of_messages() -> None:
    with pytest.raises(StoreError) as caught:
        Store("nosuch://nina:hunter2@db.example/x")
    assert "hunter2" not in str(caught.value)
