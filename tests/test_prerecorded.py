"""Whole runs: a message that was left elsewhere is marked, whichever run heard it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from helpers import (
    AtOnce,
    Listener,
    auditor_for,
    content_id,
    exported,
    messages,
    sample,
    say,
    write_wav,
)

from vmaudit.asr import Passage
from vmaudit.cohort import MAX_TWINS_NAMED, relate
from vmaudit.config import Config, RunOptions
from vmaudit.pipeline.keys import fingerprint_key
from vmaudit.records import SAMPLE_RATE_HZ
from vmaudit.runs import RunReport, audit_folder
from vmaudit.scoring import DEFAULT_RUBRIC, make_judge
from vmaudit.store import Store, store_address

SAMPLE, LENGTH_S = "harborview-motors/2026-03-02_nina_vega.WAV", 9.0
OTHER_SAMPLE = "quillmark-systems/oliver_stroud.flac"


def write_message(
    path: Path, *, name: str = SAMPLE, lead_s: float = 0.0, gain: float = 1.0
) -> Path:
    """The start of a sample, behind ``lead_s`` of silence: other bytes of the same audio."""
    spoken = sample(name)[: round(LENGTH_S * SAMPLE_RATE_HZ)] * np.float32(gain)
    lead = np.zeros(round(lead_s * SAMPLE_RATE_HZ), dtype=np.float32)
    return write_wav(path, np.concatenate([lead, spoken]))


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Two calls with the same audio and one with another."""
    folder = tmp_path / "calls"
    write_message(folder / "first.wav")
    write_message(folder / "late/second.wav", lead_s=0.73, gain=0.5)
    write_message(folder / "other.wav", name=OTHER_SAMPLE)
    return folder


def listener_for(folder: Path, before: Callable[[int, Passage], None] | None = None) -> Listener:
    """An engine that hears words in each message from its first second to its end."""
    script = {}
    for path in folder.rglob("*.wav"):
        end_s = path.stat().st_size / 2 / SAMPLE_RATE_HZ
        text = "Hi this is Nina about the hybrid, call me at 206-555-0142."
        script[content_id(path)] = say(text, end_s - LENGTH_S + 1.1, end_s - 0.1)
    return Listener(script, before=before)


def audit(folder: Path, out: Path, *, force: bool = False) -> RunReport:
    config = Config(run=RunOptions(jobs=1, force=force))
    auditor = auditor_for(listener_for(folder), config)
    return audit_folder(folder, out, config, auditor=auditor)


def twins(out: Path) -> dict[str, list[str]]:
    """What each message names, for those that are marked; a mark and names go together."""
    found = {}
    for path, message in messages(out).items():
        marked = message["outcomes"].count("prerecorded")
        assert marked == bool(message["same_audio_as"])
        if marked:
            assert message["outcomes"][-1] == "prerecorded"
            found[path] = message["same_audio_as"]
    return found


BOTH = {"first.wav": ["late/second.wav"], "late/second.wav": ["first.wav"]}


def test_same_audio_in_two_files_is_marked_in_every_file_and_still_scored(
    calls: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    audit(calls, out)
    assert twins(out) == BOTH
    lines = messages(out)
    assert lines["other.wav"]["same_audio_as"] == []
    assert {line["status"] for line in lines.values()} == {"scored"}
    with (out / "messages.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    columns = {row["path"]: row for row in pq.read_table(out / "messages.parquet").to_pylist()}
    for path, line in lines.items():
        for name in ("outcomes", "same_audio_as"):
            assert rows[path][name] == columns[path][name] == "; ".join(line[name])


def test_second_run_writes_nothing(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    audit(calls, out)
    before, store = exported(out), Store(store_address(out))
    keys = store.audit_keys()
    written: list[object] = []
    monkeypatch.setattr("vmaudit.store.store.sql_update", written.append)
    relate(store, fingerprint_key(), make_judge(DEFAULT_RUBRIC))
    assert written == []
    monkeypatch.undo()
    report = audit(calls, out)
    assert (report.audited, report.unchanged) == (0, 3)
    assert exported(out) == before
    assert store.audit_keys() == keys
    store.close()


def test_a_later_twin_marks_the_earlier_message_too(calls: Path, tmp_path: Path) -> None:
    out, later = tmp_path / "out", tmp_path / "later.wav"
    (calls / "late/second.wav").rename(later)
    audit(calls, out)
    assert twins(out) == {}
    (calls / "late").rmdir()
    later.rename(calls / "zz.wav")
    report = audit(calls, out)
    assert (report.audited, report.unchanged) == (1, 2)
    assert twins(out) == {"first.wav": ["zz.wav"], "zz.wav": ["first.wav"]}


def test_a_file_that_is_gone_counts_and_one_with_other_audio_does_not(
    calls: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    audit(calls, out)
    (calls / "late/second.wav").unlink()
    audit(calls, out)
    assert twins(out) == BOTH  # its audit is kept, and so is what it says of the other
    write_message(calls / "late/second.wav", name=OTHER_SAMPLE, lead_s=0.4)
    audit(calls, out)
    assert twins(out) == {"late/second.wav": ["other.wav"], "other.wav": ["late/second.wav"]}


def test_a_twin_that_goes_bad_takes_the_mark_along(calls: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    audit(calls, out)
    (calls / "late/second.wav").write_bytes((calls / "first.wav").read_bytes()[:50])
    assert audit(calls, out).exit_code == 3
    assert twins(out) == {}


def test_copies_of_one_file_are_no_twins(calls: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (calls / "late/second.wav").unlink()
    shutil.copy(calls / "first.wav", calls / "copy.wav")
    audit(calls, out)
    assert twins(out) == {}
    write_message(calls / "twin.wav", lead_s=0.2)
    audit(calls, out)
    assert twins(out) == {
        "copy.wav": ["twin.wav"],
        "first.wav": ["twin.wav"],
        "twin.wav": ["copy.wav", "first.wav"],
    }


def test_of_many_twins_the_first_few_are_named(calls: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    names = [f"many/{index:02}.wav" for index in range(MAX_TWINS_NAMED + 2)]
    for index, name in enumerate(names):
        write_message(calls / name, lead_s=1 + index / 10)
    audit(calls, out)
    found = twins(out)
    assert found["many/00.wav"] == ["first.wav", "late/second.wav", *names[1:9]]
    assert found["first.wav"] == ["late/second.wav", *names[:9]]
    assert set(found) == {"first.wav", "late/second.wav", *names}


def test_marks_are_the_same_after_an_interrupt_and_with_force(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, undisturbed = tmp_path / "out", tmp_path / "undisturbed"
    audit(calls, undisturbed)
    monkeypatch.setattr("vmaudit.pipeline.hearing.ThreadPoolExecutor", AtOnce)

    def interrupt(number: int, passage: Passage) -> None:
        if number == 3:
            raise KeyboardInterrupt

    config = Config(run=RunOptions(jobs=1))
    stopped = auditor_for(listener_for(calls, interrupt), config)
    report = audit_folder(calls, out, config, auditor=stopped)
    assert (report.state, report.audited) == ("interrupted", 2)
    assert twins(out) == BOTH
    for force in (False, True):
        audit(calls, out, force=force)
        assert exported(out) == exported(undisturbed)
