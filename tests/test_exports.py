"""The files people take away: they agree, and no text in them acts on its reader."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import read_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from stored_audits import AUDIT, NOTHING

from vmaudit.errors import StoreError
from vmaudit.records import (
    AudioInfo,
    Audit,
    Callback,
    Delivery,
    Disfluency,
    Evidence,
    Failure,
    Filler,
    Interval,
    Pause,
    PhoneNumber,
    Score,
    Scores,
    Signal,
    Span,
    Statement,
    Track,
    Transcript,
    Versions,
    Word,
    to_json,
)
from vmaudit.report import exports, replacing, summarise, write_exports, write_json
from vmaudit.report.exports import FORMULA_STARTS
from vmaudit.report.files import json_line
from vmaudit.report.table import SCHEMA, flat_row
from vmaudit.store import Store, StoreBatch, StoredAudit

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1")
PLAIN = ("Nina", "it's = fine", "", " =1", "206-555-0142", 'say "hi", twice', "Zoë\u2028Ng")


def export(
    store: Store, out: Path, *audits: Audit, failures: tuple[Failure, ...] = ()
) -> list[dict[str, str]]:
    """Write the files and return the rows of the CSV."""
    store.write(StoreBatch(1, {}, tuple((audit, "k") for audit in audits), failures))
    write_exports(store, out)
    with (out / "messages.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_formats_say_the_same(store: Store, tmp_path: Path) -> None:
    rows = export(store, tmp_path, AUDIT, NOTHING)
    lines = read_lines(tmp_path / "messages.jsonl")
    table = pq.read_table(tmp_path / "messages.parquet")
    assert lines == [to_json(AUDIT), to_json(NOTHING)]
    assert table.schema.equals(SCHEMA)
    for row, columns in zip(rows, table.to_pylist(), strict=True):
        assert {name: _as_text(value) for name, value in columns.items()} == row
    first = table.to_pylist()[0]
    assert (first["number"], first["number_times"]) == ("2065550142", 2)
    assert (first["number_roster"], first["number_partials"]) == ("match", 0)
    assert (first["value_probability"], first["clarity_probability"]) == (None, 0.5)
    assert first["outcomes"] == "left_message; prerecorded"
    assert first["same_audio_as"] == "a.wav; ray/b.wav"
    assert (first["overall"], first["text"], first["codec"]) == (78, "Hi Angela", "pcm_mulaw")


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def test_numbers_stay_numbers(store: Store, tmp_path: Path) -> None:
    (row,) = export(store, tmp_path, AUDIT)
    assert (row["level_dbfs"], row["filler_count"]) == ("-21.5", "2")
    (columns,) = pq.read_table(tmp_path / "messages.parquet").to_pylist()
    assert columns["level_dbfs"] == -21.5
    assert type(columns["filler_count"]) is int


@pytest.mark.parametrize("audits", [(), (NOTHING,)])
def test_types_hold_without_values(audits: tuple[Audit, ...], store: Store, tmp_path: Path) -> None:
    rows = export(store, tmp_path, *audits)
    table = pq.read_table(tmp_path / "messages.parquet")
    assert table.schema.equals(SCHEMA)
    assert table.num_rows == len(rows) == len(audits)
    assert table.schema.field("words_per_minute").type == pa.float64()
    header = (tmp_path / "messages.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",") == SCHEMA.names
    assert (tmp_path / "failures.jsonl").read_text() == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(text: str, store: Store, tmp_path: Path) -> None:
    hostile = replace(
        AUDIT,
        path=text,
        rep=text,
        prospect=text,
        reasons=(text,),
        same_audio_as=(text,),
        audio=replace(AUDIT.audio, codec=text),
        transcript=Transcript(text, "en", text, 0.5, ()),
        callback=Callback(True, 1.0, (PhoneNumber(text, 2, "match", ()),)),
        versions=replace(AUDIT.versions, speech_model=text, vmaudit=text),
    )
    (row,) = export(store, tmp_path, hostile)
    columns = ("path", "rep", "prospect", "reasons", "codec", "text", "number", "speech_model")
    columns += ("same_audio_as",)
    assert [row[name] for name in columns] == ["'" + text] * len(columns)
    numbers = {field.name for field in SCHEMA if field.type != pa.string()}
    assert not [
        name
        for name, cell in row.items()
        if name not in numbers and cell.startswith(FORMULA_STARTS)
    ]
    (columns_row,) = pq.read_table(tmp_path / "messages.parquet").to_pylist()
    assert columns_row["path"] == text  # Parquet has types: nothing to mend


@given(text=st.text() | st.sampled_from(HOSTILE + PLAIN))
def test_cell_is_the_text_itself_or_quoted(text: str) -> None:
    cell = exports._cell(text)
    assert not cell.startswith(FORMULA_STARTS)
    assert cell == ("'" + text if text.startswith(FORMULA_STARTS) else text)
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerow(["a", cell])
    assert next(csv.reader(io.StringIO(file.getvalue(), newline=""))) == ["a", cell]


@given(value=st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False))
def test_cell_of_a_number_is_the_number(value: object) -> None:
    assert exports._cell(value) is value


@given(text=st.text())
def test_a_json_line_is_one_line_for_every_reader(text: str) -> None:
    line = json_line({"path": text, text: 1})
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {"path": text, text: 1}


def test_line_breaks_in_names_do_not_break_lines(store: Store, tmp_path: Path) -> None:
    names = ("a\nb", "c\u2028d", "e\u2029f", "g\x85h", "i\r\nj")
    audits = [replace(AUDIT, path=name, rep=name, prospect=name) for name in names]
    failures = (Failure("k\u2028l", "find", "x\ny"),)
    rows = export(store, tmp_path, *audits, failures=failures)
    text = (tmp_path / "messages.jsonl").read_text(encoding="utf-8")
    assert {json.loads(line)["rep"] for line in text.splitlines()} == set(names)
    assert {row["prospect"] for row in rows} == set(names)
    assert read_lines(tmp_path / "failures.jsonl") == [to_json(failures[0])]


def test_many_messages_are_written_in_chunks(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PARQUET_CHUNK", 2)
    audits = [replace(AUDIT, path=f"{index}.wav") for index in range(5)]
    rows = export(store, tmp_path, *audits)
    table = pq.read_table(tmp_path / "messages.parquet")
    paths = [f"{index}.wav" for index in range(5)]
    assert [row["path"] for row in rows] == table.column("path").to_pylist() == paths
    assert pq.ParquetFile(tmp_path / "messages.parquet").num_row_groups == 3


def test_failed_export_leaves_the_old_files(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(store, tmp_path, AUDIT)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("messages.*")}

    def broken() -> Iterator[StoredAudit]:
        yield StoredAudit("x.wav", "a" * 64, "k", to_json(replace(AUDIT, path="x.wav")))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "audits", broken)
    with pytest.raises(StoreError, match="No space left"):
        write_exports(store, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("messages.*")} == before
    assert list(tmp_path.glob(".*partial")) == []


@pytest.mark.parametrize("name", ["messages.csv", "messages.parquet", "failures.jsonl"])
def test_place_that_cannot_be_written_is_a_clear_error(
    name: str, store: Store, tmp_path: Path
) -> None:
    (tmp_path / name / "in the way").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot write the results"):
        export(store, tmp_path, AUDIT)
    assert list(tmp_path.glob(".*partial")) == []


def test_json_document_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_json(path, {"folder": "/calls/\udcff", "text": "é"})
    assert json.loads(path.read_bytes()) == {"folder": "/calls/\udcff", "text": "é"}
    with pytest.raises(TypeError):
        write_json(path, {"at": object()})
    assert json.loads(path.read_bytes())["text"] == "é"
    with pytest.raises(StoreError, match="nowhere"):
        write_json(tmp_path / "nowhere/run.json", {})


def test_interrupted_replacement_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write() -> None:
        with replacing(path) as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_summary_counts_per_rep() -> None:
    audits = [
        AUDIT,
        replace(AUDIT, path="b.wav", delivery=replace(AUDIT.delivery or Delivery(), message_s=20)),
        replace(NOTHING, rep="nina"),
        NOTHING,
        replace(AUDIT, rep="Zed", callback=Callback(False, 0.0, ())),
    ]
    stored = [StoredAudit(a.path, a.id, "k", to_json(a)) for a in audits]
    zed, nina, nobody = summarise(stored)
    assert (zed.rep, nina.rep, nobody.rep) == ("Zed", "nina", "no rep known")
    assert (nina.messages, nina.not_scorable, nina.mismatches) == (3, 1, 2)
    assert nina.median_message_s == 26.0
    assert (nina.median_words_per_minute, nina.repeated_share) == (None, 1.0)
    assert (zed.repeated_share, zed.mismatches) == (0.0, 0)
    assert (nobody.messages, nobody.not_scorable, nobody.repeated_share) == (1, 1, None)


# Every record of the contract, from plain values: 4 decimals, and times with whole-minute zones.
FLOATS = st.floats(-1e6, 1e6).map(lambda value: round(value, 4))
TEXTS = st.text(max_size=8)
MOMENTS = st.datetimes(
    timezones=st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


INTERVALS = st.builds(Interval, FLOATS, FLOATS)
EVIDENCE = some(st.builds(Evidence, FLOATS, FLOATS, TEXTS))
SCORES = st.builds(Score, maybe(FLOATS), EVIDENCE, maybe(TEXTS))
STATEMENTS = st.builds(Statement, FLOATS, FLOATS, TEXTS, TEXTS, maybe(FLOATS), FLOATS)
NUMBERS = st.builds(
    PhoneNumber,
    TEXTS,
    st.integers(0, 9),
    st.sampled_from(["match", "mismatch", "unknown"]),
    some(STATEMENTS),
    maybe(TEXTS),
)
DELIVERIES = st.builds(
    Delivery,
    message_s=maybe(FLOATS),
    filler_count=maybe(st.integers(0, 99)),
    fillers=some(st.builds(Filler, TEXTS, FLOATS, FLOATS, st.just("acoustic"), FLOATS)),
    disfluencies=some(st.builds(Disfluency, st.just("restart"), TEXTS, FLOATS, FLOATS)),
    pauses=some(st.builds(Pause, FLOATS, FLOATS, maybe(st.just("inside")))),
    dropouts=some(INTERVALS),
    pitch_over_time=maybe(st.builds(Track, FLOATS, FLOATS, some(maybe(FLOATS)))),
    pitch_median_hz=maybe(FLOATS),
    unmeasured=st.dictionaries(TEXTS, TEXTS, max_size=2),
)
AUDITS = st.builds(
    Audit,
    id=TEXTS,
    path=TEXTS,
    status=st.sampled_from(["scored", "not_scorable"]),
    reasons=some(TEXTS),
    outcomes=some(st.sampled_from(["left_message", "dead_tail", "prerecorded"])),
    same_audio_as=some(TEXTS),
    rep=maybe(TEXTS),
    recorded_at=maybe(MOMENTS),
    prospect=maybe(TEXTS),
    lead=st.dictionaries(TEXTS, TEXTS | st.integers(), max_size=2),
    audio=st.builds(AudioInfo, FLOATS, st.integers(1), st.integers(1), TEXTS, st.just("left")),
    segments=some(st.builds(Span, st.just("beep"), FLOATS, FLOATS, maybe(FLOATS))),
    transcript=maybe(
        st.builds(
            Transcript,
            TEXTS,
            TEXTS,
            TEXTS,
            maybe(FLOATS),
            some(st.builds(Word, TEXTS, FLOATS, FLOATS, FLOATS)),
        )
    ),
    delivery=maybe(DELIVERIES),
    relative_to_rep=st.dictionaries(TEXTS, FLOATS, max_size=2),
    callback=maybe(st.builds(Callback, maybe(st.booleans()), maybe(FLOATS), some(NUMBERS))),
    signals=st.dictionaries(TEXTS, st.builds(Signal, FLOATS, EVIDENCE), max_size=2),
    scores=maybe(st.builds(Scores, SCORES, SCORES, SCORES, maybe(st.integers(0, 100)))),
    advice=some(TEXTS),
    versions=st.builds(Versions, TEXTS, TEXTS, maybe(TEXTS), maybe(TEXTS)),
)


@given(audit=AUDITS)
@settings(max_examples=60, deadline=None)
def test_an_audit_survives_its_json(audit: Audit) -> None:
    payload = json.loads(json_line(to_json(audit)))
    assert TypeAdapter(Audit).validate_python(payload) == audit


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_could_not_be_measured_is_never_a_number(value: float) -> None:
    with pytest.raises(ValueError, match="finite or None"):
        to_json(Delivery(snr_db=value))


@pytest.mark.parametrize(
    ("value", "error"),
    [(object(), TypeError), ({1: object()}, TypeError), ([float("nan")], ValueError)],
)
def test_what_has_no_json_form_is_refused(value: object, error: type[Exception]) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        to_json(value)
    assert caught.type is error


def test_new_columns_hold_what_the_scorer_found(store: Store, tmp_path: Path) -> None:
    scored = replace(
        AUDIT,
        scores=Scores(
            Score(0.81, level=2, level_sd=0.4),
            Score(0.7, level=3),
            Score(0.97),
            overall=78,
            band="good",
            needs_review=True,
            review_reasons=("levels far apart", "short"),
        ),
        advice=("Say the number twice.", "Slow down."),
        versions=Versions("0.1.0", "base@1", "heads@1", "default"),
    )
    (row,) = export(store, tmp_path, scored)
    assert (row["value_level"], row["clarity_level"], row["band"]) == ("2", "3", "good")
    assert (row["needs_review"], row["review_reasons"]) == ("True", "levels far apart; short")
    assert row["advice"] == "Say the number twice.; Slow down."
    assert (row["scorer"], row["rubric"]) == ("heads@1", "default")


def test_audits_of_an_older_program_are_exported_too() -> None:
    payload = to_json(AUDIT)
    for name in ("outcomes", "same_audio_as", "greeting_text", "relative_to_rep"):
        del payload[name]
    for name in ("band", "needs_review", "review_reasons"):
        del payload["scores"][name]
    for name in ("value", "clarity", "callback"):
        payload["scores"][name] = {"probability": None, "evidence": [], "reason": "none"}
    payload["delivery"] = {"message_s": 32.0, "words_per_minute": 150.0, "fillers_per_minute": 1.0}
    del payload["callback"]["partials"], payload["callback"]["pattern"]
    row = flat_row(payload)
    assert row.keys() == set(SCHEMA.names)
    assert (row["outcomes"], row["value_level"], row["needs_review"]) == ("", None, None)
    assert row["number"] == "2065550142"
    (summary,) = summarise([StoredAudit(AUDIT.path, AUDIT.id, "k", payload)])
    assert (summary.needs_review, summary.median_overall) == (0, 78)
