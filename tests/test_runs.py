"""Runs over a folder: complete, resumable at any moment, and never ended by one file."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from helpers import (
    CUTS,
    AtOnce,
    Listener,
    auditor_for,
    content_id,
    exported,
    failures,
    messages,
    say,
    script_for,
    write_cut,
)

from vmaudit.asr import Passage
from vmaudit.config import Config
from vmaudit.errors import ConfigError, StoreError
from vmaudit.runs import Progress, RunReport, audit_folder
from vmaudit.store import Store, store_address

TESTS = Path(__file__).resolve().parent
ROSTER = "rep,name,direct_number\nnina,Nina Whitlow,206-555-0142\n"
CALLS = (
    "file,rep,recorded_at,prospect,attempt\n"
    "nina/vega.wav,nina,2026-03-02T10:24:00-08:00,Angela Vega,1\n"
    "gone.wav,nina,,,\n"
)
# The names that messages.jsonl promises: some may be added, none may go.
CONTRACT: dict[str, Any] = {
    "id": str,
    "path": str,
    "status": str,
    "reasons": list,
    "rep": str,
    "recorded_at": str,
    "prospect": str,
    "lead": {"attempt": int},
    "audio": {"duration_s": float, "sample_rate_hz": int, "channels": int, "codec": str},
    "segments": [{"kind": str, "start_s": float, "end_s": float}],
    "transcript": {
        "text": str,
        "language": str,
        "model": str,
        "confidence": float,
        "words": [{"text": str, "start_s": float, "end_s": float, "confidence": float}],
    },
    "delivery": {
        "message_s": float,
        "speech_s": float,
        "words_per_minute": float,
        "syllables_per_second": float,
        "filler_count": int,
        "fillers_per_minute": float,
        "fillers": list,
        "pause_count": int,
        "longest_pause_s": float,
        "pauses": [{"start_s": float, "end_s": float}],
        "level_dbfs": float,
        "level_range_db": float,
        "snr_db": float,
        "clipped_fraction": float,
        "pitch_median_hz": float,
        "pitch_sd_semitones": float,
        "unmeasured": {},
    },
    "callback": {
        "repeated": bool,
        "probability": float,
        "numbers": [
            {
                "digits": str,
                "times": int,
                "roster": str,
                "statements": [
                    {"start_s": float, "end_s": float, "text": str, "digits_per_second": float}
                ],
            }
        ],
    },
    "signals": {},
    "scores": {
        "value": {"probability": float, "evidence": list, "level": int, "level_sd": float},
        "clarity": {"probability": float, "evidence": list, "level": int, "level_sd": float},
        "callback": {
            "probability": float,
            "evidence": [{"start_s": float, "end_s": float, "text": str}],
        },
        "overall": int,
        "band": str,
        "needs_review": bool,
        "review_reasons": list,
    },
    "advice": list,
    "versions": {"vmaudit": str, "speech_model": str, "scorer": str, "rubric": str},
}


def audit(
    folder: Path, out: Path, listener: Listener, config: dict[str, Any] | None = None
) -> RunReport:
    options = Config.model_validate({"run": {"jobs": 1}} | (config or {}))
    return audit_folder(folder, out, options, auditor=auditor_for(listener, options))


def assert_shape(value: Any, shape: Any, where: str = "message") -> None:
    if isinstance(shape, dict):
        assert set(shape) <= set(value), where
        for name, inner in shape.items():
            assert_shape(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, list):
        assert value, where
        for item in value:
            assert_shape(item, shape[0], f"{where}[]")
    elif shape is None:
        assert value is None, where
    else:
        assert type(value) is shape, where


def test_first_run_leaves_everything_the_contract_names(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    out = tmp_path / "new/out"
    calls, roster = tmp_path / "calls.csv", tmp_path / "roster.csv"
    calls.write_text(CALLS)
    roster.write_text(ROSTER)
    (folder / "broken.wav").write_text("no audio")
    (folder / "notes.txt").write_text("no recording")
    report = audit(folder, out, listener, {"recordings": {"metadata": calls, "roster": roster}})

    assert report.exit_code == 3
    assert (report.state, report.found, report.audited, report.failed) == ("complete", 6, 5, 1)
    assert (report.heard, report.unchanged, report.ignored) == (5, 0, 1)
    assert report.unmatched_rows == ("gone.wav",)
    assert len(report.without_metadata) == 4
    assert {path.name for path in out.iterdir()} == {
        ".lock",
        "failures.jsonl",
        "messages.csv",
        "messages.jsonl",
        "messages.parquet",
        "run.json",
        "vmaudit.db",
    }
    vega = messages(out)["nina/vega.wav"]
    assert_shape(vega, CONTRACT)
    assert vega["id"] == content_id(folder / "nina/vega.wav")
    assert (vega["rep"], vega["prospect"]) == ("nina", "Angela Vega")
    assert vega["recorded_at"] == "2026-03-02T10:24:00-08:00"
    assert vega["callback"]["numbers"][0]["roster"] == "match"
    assert vega["scores"]["callback"]["level"] == 3
    assert vega["scores"]["band"] in {"strong", "solid", "weak", "poor"}
    assert vega["versions"]["rubric"].startswith("default@")
    assert failures(out)["broken.wav"]["stage"] == "find"


def test_what_is_null_has_a_reason(folder: Path, tmp_path: Path, listener: Listener) -> None:
    audit(folder, tmp_path / "out", listener)
    silent = messages(tmp_path / "out")["silent.wav"]
    assert (silent["status"], silent["reasons"]) == ("not_scorable", ["no speech"])
    assert (silent["scores"], silent["callback"]) == (None, None)
    for message in messages(tmp_path / "out").values():
        delivery = message["delivery"]
        nulls = {name for name, value in delivery.items() if value is None}
        assert set(delivery["unmeasured"]) == nulls
        assert all(delivery["unmeasured"].values())


def test_files_agree_with_each_other(folder: Path, tmp_path: Path, listener: Listener) -> None:
    out = tmp_path / "out"
    report = audit(folder, out, listener)
    lines = messages(out)
    with (out / "messages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = pq.read_table(out / "messages.parquet").to_pylist()
    store = Store(store_address(out))
    stored = {audit.path: audit.payload for audit in store.audits()}
    store.close()
    assert stored == lines
    assert list(lines) == sorted(lines)
    assert [row["path"] for row in rows] == [row["path"] for row in columns] == list(lines)
    for row, column in zip(rows, columns, strict=True):
        line = lines[row["path"]]
        assert row["status"] == column["status"] == line["status"]
        assert row["id"] == column["id"] == line["id"]
        assert column["level_dbfs"] == line["delivery"]["level_dbfs"]
        assert column["text"] == line["transcript"]["text"]
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (run["audited"], run["found"], run["state"]) == (5, 5, "complete")
    assert run["folder"] == str(folder)
    assert run["speech_model"] == report.speech_model == "scripted"
    assert run["config"]["run"]["jobs"] == 1


def test_second_run_hears_nothing_and_changes_nothing(
    folder: Path, tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    (folder / "broken.wav").write_bytes(b"")
    audit(folder, out, listener)
    before = exported(out)
    listener.heard.clear()
    monkeypatch.setattr("vmaudit.pipeline.hearing.DecodePool", None)
    monkeypatch.setattr("hashlib.file_digest", None)  # nor is any file read
    again = audit(folder, out, listener)
    assert (again.audited, again.heard, again.unchanged, again.failed) == (0, 0, 5, 1)
    assert listener.heard == []
    assert exported(out) == before


def test_changed_roster_or_metadata_needs_no_audio(
    folder: Path, tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, calls, roster = tmp_path / "out", tmp_path / "calls.csv", tmp_path / "roster.csv"
    calls.write_text(CALLS)
    roster.write_text(ROSTER)
    tables = {"recordings": {"metadata": calls, "roster": roster}}
    audit(folder, out, listener, tables)
    before = exported(out)
    listener.heard.clear()
    monkeypatch.setattr("vmaudit.pipeline.hearing.DecodePool", None)
    monkeypatch.setattr("vmaudit.pipeline.hearing.measure", None)

    roster.write_text(ROSTER.replace("0142", "0143"))
    report = audit(folder, out, listener, tables)
    assert (report.audited, report.heard, report.unchanged) == (1, 0, 4)
    assert messages(out)["nina/vega.wav"]["callback"]["numbers"][0]["roster"] == "mismatch"

    calls.write_text(CALLS.replace("Angela", "Angelo"))
    report = audit(folder, out, listener, tables)
    assert (report.audited, report.heard) == (1, 0)
    assert messages(out)["nina/vega.wav"]["prospect"] == "Angelo Vega"

    # And back: judged from what the store kept, the bytes are those of the first run.
    calls.write_text(CALLS)
    roster.write_text(ROSTER)
    audit(folder, out, listener, tables)
    assert exported(out) == before
    assert listener.heard == []


def test_another_model_or_force_hears_everything_again(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    out = tmp_path / "out"
    audit(folder, out, listener)
    before = exported(out)
    newer = Listener(script_for(folder), version="scripted-2")
    assert audit(folder, out, newer).heard == 5
    assert messages(out)["silent.wav"]["versions"]["speech_model"] == "scripted-2"
    audit(folder, out, listener)
    assert exported(out) == before
    listener.heard.clear()
    forced = audit(folder, out, listener, {"run": {"jobs": 1, "force": True}})
    assert (forced.audited, forced.heard, forced.unchanged) == (5, 5, 0)
    assert len(listener.heard) == 5
    assert exported(out) == before


def test_force_reads_a_file_that_only_looks_unchanged(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    out, path = tmp_path / "out", folder / "ray/leak.wav"
    audit(folder, out, listener)
    status = path.stat()
    write_cut(path, "ray/leak.wav", shift_s=0.5)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    audit(folder, out, listener, {"run": {"jobs": 1, "force": True}})
    assert messages(out)["ray/leak.wav"]["id"] == content_id(path)


def test_new_changed_and_deleted_files(folder: Path, tmp_path: Path, listener: Listener) -> None:
    out, bad = tmp_path / "out", folder / "bad.wav"
    bad.write_bytes(b"")
    audit(folder, out, listener)
    kept = messages(out)["marcus/brandt.wav"]
    listener.heard.clear()

    new = write_cut(folder / "new.wav", "ray/leak.wav", shift_s=0.25)
    changed = write_cut(folder / "ray/leak.wav", "ray/leak.wav", shift_s=0.5)
    (folder / "marcus/brandt.wav").unlink()
    bad.unlink()
    report = audit(folder, out, listener)
    assert (report.audited, report.unchanged, report.failed) == (2, 3, 0)
    assert sorted(listener.heard) == sorted([content_id(new), content_id(changed)])
    lines = messages(out)
    assert sorted(lines) == sorted([*CUTS, "new.wav", "silent.wav"])
    assert lines["ray/leak.wav"]["id"] == content_id(changed)
    assert lines["marcus/brandt.wav"] == kept  # history
    assert failures(out) == {}


def test_a_file_that_goes_bad_is_a_failure_and_no_message(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    out, path = tmp_path / "out", folder / "ray/leak.wav"
    audit(folder, out, listener)
    good = path.read_bytes()
    path.write_bytes(good[:50])
    assert audit(folder, out, listener).exit_code == 3
    assert "ray/leak.wav" not in messages(out)
    assert set(failures(out)) == {"ray/leak.wav"}
    path.write_bytes(good)
    listener.heard.clear()
    assert audit(folder, out, listener).exit_code == 0
    assert listener.heard == []  # its words were kept
    assert failures(out) == {}


def test_copies_are_heard_once_and_listed_each(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    out, calls = tmp_path / "out", tmp_path / "calls.csv"
    shutil.copy(folder / "nina/vega.wav", folder / "copy.wav")
    calls.write_text("file,rep,prospect\ncopy.wav,marcus,Ted Oakley\nnina/vega.wav,nina,Angela\n")
    report = audit(folder, out, listener, {"recordings": {"metadata": calls}})
    assert (report.audited, report.heard, report.duplicates) == (6, 5, 1)
    assert listener.heard.count(content_id(folder / "copy.wav")) == 1
    lines = messages(out)
    assert (lines["copy.wav"]["rep"], lines["nina/vega.wav"]["rep"]) == ("marcus", "nina")
    assert lines["copy.wav"]["prospect"] == "Ted Oakley"
    assert lines["copy.wav"]["id"] == lines["nina/vega.wav"]["id"]
    assert lines["copy.wav"]["transcript"] == lines["nina/vega.wav"]["transcript"]


def huge_wav() -> bytes:
    """Six hours of silence at 8 kHz, µ-law, as the header claims and a sparse file holds."""
    size = 6 * 3600 * 8000
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 7, 1, 8000, 8000, 1, 8)
    return (
        b"RIFF" + struct.pack("<I", size + 36) + b"WAVE" + form + b"data" + struct.pack("<I", size)
    )


def make_hostile(folder: Path) -> dict[str, str]:
    """Fill ``folder`` with what goes wrong; return the stage at which each file fails."""
    good = (folder / "ray/leak.wav").read_bytes()
    (folder / "empty.wav").write_bytes(b"")
    (folder / "header only.wav").write_bytes(good[:44])
    (folder / "text.wav").write_text("Dear customer,\n")
    (folder / "random.mp3").write_bytes(bytes(range(7, 256)) * 40)
    (folder / "dangling.wav").symlink_to(folder / "nowhere.wav")
    (folder / "loop.wav").symlink_to(folder / "loop.wav")
    os.mkfifo(folder / "pipe.wav")
    with (folder / "six hours.wav").open("wb") as file:
        file.write(huge_wav())
        file.truncate(44 + 6 * 3600 * 8000)
    (folder / "directory.wav").mkdir()
    return {
        "empty.wav": "find",
        "header only.wav": "decode",
        "text.wav": "find",
        "random.mp3": "find",
        "dangling.wav": "find",
        "loop.wav": "find",
        "pipe.wav": "find",
        "six hours.wav": "decode",
    }


def test_hostile_folder_in_one_go(folder: Path, tmp_path: Path, listener: Listener) -> None:
    out = tmp_path / "out"
    expected = make_hostile(folder)
    names = [
        "=cmd()|'x'!A1.wav",
        "a b.wav",
        "quote\"and'.wav",
        "new\nline.wav",
        "Zoë 電話.wav",
        "[bold]:bomb:.wav",
        "sep\u2028arated.wav",
    ]
    for index, name in enumerate(names):
        write_cut(folder / name, "ray/leak.wav", shift_s=0.1 + index / 100)
    raw = os.fsencode(folder) + b"/byte\xff.wav"
    Path(os.fsdecode(raw)).write_bytes((folder / "ray/leak.wav").read_bytes())
    (folder / "cut off.wav").write_bytes((folder / "ray/leak.wav").read_bytes()[:60_000])
    report = audit(folder, out, listener)

    assert report.exit_code == 3
    rows = failures(out)
    assert {path: row["stage"] for path, row in rows.items()} == expected
    assert all(row["reason"] for row in rows.values())
    assert "more than 1800 s" in rows["six hours.wav"]["reason"]
    lines = messages(out)
    assert set(lines) == {
        *CUTS,
        "silent.wav",
        "=cmd()|'x'!A1.wav",
        "a b.wav",
        "quote\"and'.wav",
        "new\\nline.wav",
        "Zoë 電話.wav",
        "[bold]:bomb:.wav",
        "sep\\u2028arated.wav",
        "byte\\udcff.wav",
        "cut off.wav",
    }
    assert lines["cut off.wav"]["audio"]["duration_s"] == pytest.approx(1.87, abs=0.01)
    assert lines["byte\\udcff.wav"]["id"] == lines["ray/leak.wav"]["id"]
    with (out / "messages.csv").open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    assert "'=cmd()|'x'!A1.wav" in paths
    assert len(paths) == len(lines)
    before = exported(out)
    audit(folder, out, listener)
    assert exported(out) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_unreadable_file_is_a_failure(folder: Path, tmp_path: Path, listener: Listener) -> None:
    (folder / "ray/leak.wav").chmod(0)
    assert audit(folder, tmp_path / "out", listener).failed == 1
    assert failures(tmp_path / "out")["ray/leak.wav"]["reason"] == "permission denied"


def test_folder_without_recordings(tmp_path: Path, listener: Listener) -> None:
    folder, out = tmp_path / "calls", tmp_path / "out"
    folder.mkdir()
    (folder / "notes.txt").write_text("nothing here")
    report = audit(folder, out, listener)
    assert (report.exit_code, report.found, report.audited) == (0, 0, 0)
    assert messages(out) == failures(out) == {}
    assert pq.read_table(out / "messages.parquet").num_rows == 0


def test_folder_may_have_any_name(recordings: Path, tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/calls\xff?"))
    shutil.copytree(recordings / "ray", folder)
    out = folder / "results #1"  # also inside the folder
    for _ in range(2):
        audit(folder, out, Listener({}))
    assert set(messages(out)) == {"leak.wav"}
    assert json.loads((out / "run.json").read_bytes())["folder"] == str(folder)


def test_progress_reaches_the_total(folder: Path, tmp_path: Path, listener: Listener) -> None:
    (folder / "bad.wav").write_bytes(b"")
    seen: list[Progress] = []
    audit_folder(folder, tmp_path / "out", auditor=auditor_for(listener), progress=seen.append)
    assert (seen[0].done, seen[0].total, seen[0].failed) == (1, 6, 1)
    assert (seen[-1].done, seen[-1].total, seen[-1].failed) == (6, 6, 1)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert len(seen) > 2  # as it goes


def test_ctrl_c_keeps_what_is_done(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, script = tmp_path / "out", script_for(folder)
    monkeypatch.setattr("vmaudit.pipeline.hearing.ThreadPoolExecutor", AtOnce)

    def interrupt(number: int, passage: Passage) -> None:
        if number == 2:
            raise KeyboardInterrupt

    stopped = Listener(script, before=interrupt)
    report = audit(folder, out, stopped)
    assert (report.state, report.exit_code, report.audited) == ("interrupted", 130, 1)
    assert len(messages(out)) == 1
    assert json.loads((out / "run.json").read_bytes())["state"] == "interrupted"
    after = Listener(script)
    assert audit(folder, out, after).state == "complete"
    assert len(after.heard) == 4
    assert stopped.heard[0] not in after.heard
    undisturbed = tmp_path / "undisturbed"
    audit(folder, undisturbed, Listener(script))
    assert exported(out) == exported(undisturbed)


# Runs in a process of its own, which for each moment makes a child that kills itself there.
KILLED = """
    import os, signal, sys
    from pathlib import Path
    import helpers, vmaudit.pipeline.hearing as hearing, vmaudit.runs as runs
    import silero_vad.sequence_vad
    from vmaudit.store import store

    def die_at(function, number):
        calls = []
        def dying(*args, **options):
            calls.append(1)
            if len(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **options)
        return dying

    def run(folder, out, place, number):
        before = lambda number, passage: None
        if place == "transcribe":
            before = die_at(before, number)
        elif place == "write":
            store._replace = die_at(store._replace, number)
        elif place == "export":
            os.fsync = die_at(os.fsync, number)
        listener = helpers.Listener(helpers.script_for(folder), before=before)
        runs.audit_folder(folder, out, helpers.CONFIG, auditor=helpers.auditor_for(listener))

    hearing.ThreadPoolExecutor = helpers.AtOnce
    folder, *moments = sys.argv[1:]
    for moment in moments:
        out, place, number = moment.split("|")
        child = os.fork()
        if not child:
            run(Path(folder), Path(out), place, int(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status))
"""
# The place, and the call there at which it dies: before the third passage; in the transaction of
# the second result; when only the Parquet file is new; and when only run.json is not.
MOMENTS = (("transcribe", 3), ("write", 12), ("export", 2), ("export", 5))


def test_kill_at_any_moment_loses_nothing_that_was_kept(recordings: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    audit(recordings, undisturbed, Listener(script_for(recordings)))
    outs = [tmp_path / f"{place}-{number}" for place, number in MOMENTS]
    moments = [f"{out}|{out.name.replace('-', '|')}" for out in outs]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(recordings), *moments],
        env={**os.environ, "PYTHONPATH": str(TESTS), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout.split() == [str(-signal.SIGKILL)] * len(MOMENTS), done.stderr
    everything = {line["id"] for line in messages(undisturbed).values()}
    kept_counts = []
    for out in outs:
        kept = kept_content(out)
        kept_counts.append(len(kept))
        listener = Listener(script_for(recordings))
        audit(recordings, out, listener)
        assert set(listener.heard) == everything - kept, out.name
        assert exported(out) == exported(undisturbed), out.name
        assert not list(out.glob(".*partial")), out.name
    assert kept_counts == [2, 1, 5, 5]


def kept_content(out: Path) -> set[str]:
    store = Store(store_address(out))
    kept = {content for content, _ in store.audit_keys().values()}
    store.close()
    return kept


def test_two_runs_at_once_on_one_out(folder: Path, tmp_path: Path, listener: Listener) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with (
        FileLock(out / ".lock"),
        pytest.raises(StoreError, match=r"another run is writing to .*out"),
    ):
        audit(folder, out, listener)
    assert not (out / "vmaudit.db").exists()
    assert audit(folder, out, listener).exit_code == 0


def test_one_out_belongs_to_one_folder(
    folder: Path, recordings: Path, tmp_path: Path, listener: Listener
) -> None:
    out = tmp_path / "out"
    audit(folder, out, listener)
    before = exported(out)
    with pytest.raises(ConfigError, match=r"holds the audit of .*give another --out"):
        audit(recordings, out, listener)
    moved = folder.rename(tmp_path / "moved")
    report = audit(moved, out, listener)
    assert (report.unchanged, report.audited) == (5, 0)
    assert exported(out) == before
    with pytest.raises(ConfigError, match="moved"):
        audit(recordings, out, listener)


def test_a_folder_out_of_reach_is_not_taken_for_a_moved_one(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    audit(folder, out, listener)
    before = exported(out)
    folder.rename(tmp_path / "elsewhere")
    write_cut(other / "ray/leak.wav", "marcus/brandt.wav")
    with pytest.raises(ConfigError, match="holds the audit of"):
        audit(other, out, listener)
    assert exported(out) == before


def test_a_run_that_could_not_start_claims_nothing(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    out, empty = tmp_path / "out", tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ConfigError):
        audit(empty, out, listener, {"recordings": {"metadata": tmp_path / "missing.csv"}})
    assert audit(folder, out, listener).audited == 5


def test_a_limit_does_not_hide_the_failures_it_leaves_out(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    out = tmp_path / "out"
    (folder / "zz.wav").write_bytes((folder / "ray/leak.wav").read_bytes()[:50])
    assert audit(folder, out, listener).exit_code == 3
    assert audit(folder, out, listener, {"recordings": {"limit": 1}}).exit_code == 0
    assert set(failures(out)) == {"zz.wav"}


def test_a_word_without_a_finite_confidence_costs_its_recording_only(
    folder: Path, tmp_path: Path, recordings: Path
) -> None:
    script = script_for(recordings)
    content = content_id(folder / "ray/leak.wav")
    script[content] = say("Hello there", 0.5, 3.0, confidence=float("nan"))
    out = tmp_path / "out"
    assert audit(folder, out, Listener(script)).exit_code == 3
    assert failures(out)["ray/leak.wav"]["stage"] == "measure"
    assert len(messages(out)) == 4


def test_names_that_fit_no_pattern_are_counted(
    folder: Path, tmp_path: Path, listener: Listener
) -> None:
    pattern = {"recordings": {"name_pattern": "{rep}_{date}.wav"}}
    assert audit(folder, tmp_path / "out", listener, pattern).unmatched_names == 5


def test_places_that_cannot_be_used(folder: Path, tmp_path: Path, listener: Listener) -> None:
    with pytest.raises(ConfigError, match="is not a folder"):
        audit(tmp_path / "nowhere", tmp_path / "out", listener)
    assert not (tmp_path / "out").exists()
    taken = tmp_path / "taken"
    taken.write_text("a file")
    for out in (taken, taken / "below"):
        with pytest.raises(StoreError, match="cannot write to"):
            audit(folder, out, listener)


def test_fault_of_the_program_is_not_called_a_full_disk(
    folder: Path, tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("the network is gone")

    monkeypatch.setattr("vmaudit.runs.scan", fail)
    with pytest.raises(OSError, match="the network is gone"):
        audit(folder, tmp_path / "out", listener)
