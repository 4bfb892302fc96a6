"""Finding recordings, reading tables and names, and joining them."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import struct
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vmaudit.config import RecordingOptions
from vmaudit.errors import ConfigError
from vmaudit.recordings import Scan, scan
from vmaudit.recordings.dates import parse_date
from vmaudit.recordings.find import printable
from vmaudit.recordings.kinds import audio_kind, describe
from vmaudit.recordings.naming import NamePattern
from vmaudit.records import to_json

HUMAN = Path(__file__).resolve().parents[2] / "shared" / "audio"
FUZZ = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def wav_bytes(seed: int = 0) -> bytes:
    """A short µ-law WAV whose bytes differ with ``seed``."""
    data = struct.pack("<I", seed) * 400
    form = struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)
    return (
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", len(form))
        + form + b"data" + struct.pack("<I", len(data)) + data
    )  # fmt: skip


def put(folder: Path, *names: str) -> None:
    """Write one recording per relative path, each with other bytes."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav_bytes(int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:4])))


def scan_with(folder: Path, **options: Any) -> Scan:
    return scan(folder, RecordingOptions.model_validate(options))


def paths_of(result: Scan) -> list[str]:
    return [recording.relative_path for recording in result.recordings]


def reasons_of(result: Scan) -> dict[str, str]:
    assert all(failure.stage == "find" for failure in result.failures)
    return {failure.path: failure.reason for failure in result.failures}


def table(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


# --- finding


def test_recordings_by_content_in_order_with_their_id(folder: Path) -> None:
    put(folder, "b.WAV", "a/c.g711", "a/b.adpcm", "z.gsm", "no ending", "m.txt")
    result = scan_with(folder)
    assert paths_of(result) == ["a/b.adpcm", "a/c.g711", "b.WAV", "m.txt", "no ending", "z.gsm"]
    for recording in result.recordings:
        content = recording.path.read_bytes()
        assert recording.id == hashlib.sha256(content).hexdigest()
        assert recording.size_bytes == len(content)
    assert (result.failures, result.ignored, result.skipped) == ((), 0, 0)
    assert result.without_metadata == ()


MAGIC = {
    "wav": wav_bytes(),
    "amr": b"#!AMR\n\x3c",
    "amr-wb": b"#!AMR-WB\n\x3c",
    "mp3": b"ID3\x04" + bytes(20),
    "flac": b"fLaC\0\0\0\x22",
    "ogg": b"OggS\0\x02",
    "mp4": b"\0\0\0\x20ftyp3gp4" + bytes(20),
    "au": b".snd\0\0\0\x18",
    "caf": b"caff\0\x01",
    "aiff": b"FORM\0\0\0\x10AIFC",
    "matroska": b"\x1aE\xdf\xa3",
}


@pytest.mark.parametrize("kind", MAGIC)
def test_magic(kind: str) -> None:
    assert audio_kind(MAGIC[kind]) == kind


def test_two_frames_in_a_row_are_mpeg_audio() -> None:
    mp3_frame = b"\xff\xfb\x90\x00" + bytes(413)  # MPEG-1 layer III, 128 kbit/s, 44.1 kHz
    adts_frame = b"\xff\xf1\x50\x80\x03\x1f\xfc" + bytes(17)  # 24 bytes
    assert audio_kind(mp3_frame * 2) == "mp3"
    assert audio_kind(adts_frame * 3) == "aac"
    assert audio_kind(b"junk" + mp3_frame * 2) is None
    assert audio_kind(b"junk" + mp3_frame * 2, ".mp3") == "mp3"
    assert audio_kind(mp3_frame + bytes(500)) is None
    assert audio_kind(b"\xff" * 4096) is None  # idle µ-law
    assert audio_kind(b"\xd5" * 4096) is None  # idle A-law
    assert audio_kind(b"\0\0\0\x20ftypheic" + bytes(20)) is None


@FUZZ
@given(head=st.binary(max_size=200))
def test_any_bytes_have_a_kind_or_a_description(head: bytes) -> None:
    assert audio_kind(head, ".mp3") is None or head
    assert describe(head)


def test_what_only_looks_like_a_recording_is_a_failure(folder: Path) -> None:
    contents = {
        "empty.wav": b"",
        "text.MP3": "kein Ton, schön".encode() * 400,
        "page.gsm": b"  <!DOCTYPE html><p>404",
        "zip.ogg": b"PK\x03\x04" + bytes(50),
        "zero.raw": bytes(100),
        "raw.ulaw": os.urandom(32) + b"\x80\xfe\x01",
        "image.wav": b"\x89PNG\r\n\x1a\n" + bytes(50),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "notes.txt").write_text("text")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(50))
    result = scan_with(folder)
    assert paths_of(result) == []
    assert result.ignored == 2
    assert reasons_of(result) == {
        "empty.wav": "empty file",
        "image.wav": "not audio: an image",
        "page.gsm": "not audio: a web page",
        "raw.ulaw": "not audio: unknown content",
        "text.MP3": "not audio: text",
        "zero.raw": "not audio: zero bytes only",
        "zip.ogg": "not audio: a ZIP archive",
    }


def test_headerless_files_count_only_when_told(folder: Path) -> None:
    for name in ("a.ul", "b.raw", "c.wav", "d.bin"):
        (folder / name).write_bytes(b"\xfe\x7e\xff\x00\x81" * 100)
    (folder / "text.raw").write_text("no sound")
    result = scan(folder, RecordingOptions(), raw_codec="mulaw")
    assert paths_of(result) == ["a.ul", "b.raw"]
    assert set(reasons_of(result)) == {"c.wav", "text.raw"}
    assert paths_of(scan_with(folder)) == []


@pytest.mark.timeout(30)
def test_odd_entries_neither_block_nor_crash(folder: Path, tmp_path: Path) -> None:
    put(folder, "x.wav/inside.wav", "plain.wav")
    put(tmp_path, "outside/away.wav")
    os.mkfifo(folder / "pipe.wav")
    os.mkfifo(folder / "pipe")
    (folder / "gone.wav").symlink_to("nowhere.wav")
    (folder / "self.wav").symlink_to("self.wav")
    (folder / "loop").symlink_to(folder)
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "linked.wav").symlink_to(tmp_path / "outside" / "away.wav")
    (folder / "null.wav").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "s.wav"))
        result = scan_with(folder)
    assert paths_of(result) == ["linked.wav", "plain.wav", "x.wav/inside.wav"]
    assert set(reasons_of(result)) == {"gone.wav", "self.wav", "pipe.wav", "s.wav", "null.wav"}
    assert reasons_of(result)["pipe.wav"] == "not a regular file"
    assert result.ignored == 3  # the nameless pipe and two links to folders


def test_hidden_files_and_tables_are_no_recordings(folder: Path) -> None:
    put(folder, "a.wav", "._a.wav", ".git/b.wav", ".DS_Store")
    calls = table(folder / "calls.csv", "file,rep\na.wav,Dana\n")
    roster = table(folder / "roster.csv", "rep\nDana\n")
    result = scan_with(folder, metadata=calls, roster=roster)
    assert paths_of(result) == ["a.wav"]
    assert result.ignored == 3


def test_no_permission(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "a.wav", "locked.wav", "sub/b.wav")
    real_open, real_scandir = os.open, os.scandir

    def refusing_open(path: Any, *rest: Any) -> int:
        if str(path).endswith("locked.wav"):
            raise PermissionError(13, "Permission denied")
        return real_open(path, *rest)

    def refusing_scandir(path: Any) -> Any:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return real_scandir(path)

    monkeypatch.setattr(os, "open", refusing_open)
    monkeypatch.setattr(os, "scandir", refusing_scandir)
    result = scan_with(folder)
    assert paths_of(result) == ["a.wav"]
    assert reasons_of(result) == {
        "locked.wav": "permission denied",
        "sub": "cannot list the folder: permission denied",
    }


def test_file_that_vanishes_before_it_is_read(folder: Path) -> None:
    put(folder, "a.wav", "b.wav")

    def vanishing(path: str, size_bytes: int, mtime_ns: int) -> str | None:
        (folder / "b.wav").unlink(missing_ok=True)
        return None

    result = scan(folder, RecordingOptions(), known_id=vanishing)
    assert paths_of(result) == ["a.wav"]
    assert set(reasons_of(result)) == {"b.wav"}


ODD_NAMES = [
    "with space.wav",
    "quote'\".wav",
    "new\nline.wav",
    "=cmd()|'x'!A0.wav",
    "ünïcode-\u4f60\u597d.wav",
    "back\\slash.wav",
    "rtl-\u202egpj.wav",
    "bell\a.wav",
    "\U0001f469\u200d\U0001f4bb.wav",
    "-rf.wav",
]


def test_odd_names_are_printable_and_still_open(folder: Path) -> None:
    names = [*ODD_NAMES, os.fsdecode(b"latin\xe9.wav"), os.fsdecode(b"\xff\xfe.wav")]
    put(folder, *names)
    result = scan_with(folder)
    assert len(result.recordings) == len(names)
    assert len(set(paths_of(result))) == len(names)
    for recording in result.recordings:
        assert recording.path.read_bytes().startswith(b"RIFF")
        json.dumps(to_json(recording.relative_path), ensure_ascii=False).encode("utf-8")
        assert not any(ord(char) < 32 or char == "\u202e" for char in recording.relative_path)
    assert "ünïcode-\u4f60\u597d.wav" in paths_of(result)


@FUZZ
@given(first=st.text(max_size=8), second=st.text(max_size=8))
def test_printable_is_one_to_one(first: str, second: str) -> None:
    assert (printable(first) == printable(second)) == (first == second)
    printable(first).encode("utf-8")


@pytest.mark.parametrize("name", ["missing", "a.wav"])
def test_folder_that_cannot_be_listed(folder: Path, name: str) -> None:
    put(folder, "a.wav")
    with pytest.raises(ConfigError, match="cannot list the folder"):
        scan_with(folder / name)


def test_same_bytes_have_one_id_and_are_counted(folder: Path) -> None:
    put(folder, "b.wav", "c.wav")
    (folder / "a.wav").write_bytes((folder / "b.wav").read_bytes())
    result = scan_with(folder)
    assert paths_of(result) == ["a.wav", "b.wav", "c.wav"]
    assert result.recordings[0].id == result.recordings[1].id != result.recordings[2].id
    assert result.duplicates == 1


def test_ids_of_one_scan_save_the_next_from_reading(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "a.wav", "b.wav")
    first = scan_with(folder)
    monkeypatch.setattr(hashlib, "file_digest", None)
    ids = first.content_ids
    again = scan(folder, RecordingOptions(), known_id=lambda *key: ids.get(key))
    assert again == first


def test_known_id_saves_reading(folder: Path) -> None:
    put(folder, "a.wav", "b.wav")
    status = (folder / "a.wav").stat()
    known = {("a.wav", status.st_size, status.st_mtime_ns): "a" * 64}
    result = scan(folder, RecordingOptions(), known_id=lambda *key: known.get(key))
    assert result.recordings[0].id == "a" * 64
    assert result.recordings[1].id == hashlib.sha256((folder / "b.wav").read_bytes()).hexdigest()


def test_since_and_limit(folder: Path) -> None:
    put(folder, "a.wav", "b.wav", "c.wav", "d.wav")
    old = datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp()
    for name in ("a.wav", "b.wav", "c.wav"):
        os.utime(folder / name, (old, old))
    new = datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp()
    os.utime(folder / "d.wav", (new, new))
    calls = table(folder / "calls.csv", "file,recorded_at\na.wav,2026-03-02\nb.wav,2026-03-01\n")
    result = scan_with(folder, metadata=calls, since="2026-03-02")
    assert paths_of(result) == ["a.wav", "d.wav"]
    assert result.skipped == 2
    result = scan_with(folder, metadata=calls, since="2026-03-02", limit=1)
    assert paths_of(result) == ["a.wav"]
    assert result.skipped == 3
    with pytest.raises(ConfigError, match="since"):
        scan_with(folder, since="last week")


# --- names


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        (
            "{rep}_{date}_{phone}.wav",
            "sub/dana_20260302-142000_+1 240-555-0142.WAV",
            {
                "rep": "dana",
                "recorded_at": datetime(2026, 3, 2, 14, 20),
                "phone": "+1 240-555-0142",
            },
        ),
        (
            "{rep}_{date}_{time}_{line}.wav",
            "mary_ann_2026-03-02_14-20-05_Business.wav",
            {
                "rep": "mary_ann",
                "recorded_at": datetime(2026, 3, 2, 14, 20, 5),
                "line": "business",
            },
        ),
        (
            "{rep}/{date}/{ignore}-{attempt}.wav",
            "dana/2026-03-02T14-20-00/x-y-3.wav",
            {"rep": "dana", "recorded_at": datetime(2026, 3, 2, 14, 20), "attempt": 3},
        ),
        (
            "{prospect} ({company}) {date}.{ignore}",
            "Pat Quill (Fictional Co) 20260302.gsm",
            {
                "prospect": "Pat Quill",
                "company": "Fictional Co",
                "recorded_at": datetime(2026, 3, 2),
            },
        ),
    ],
)
def test_name_pattern(pattern: str, path: str, expected: dict[str, Any]) -> None:
    metadata = NamePattern(pattern).match(path)
    assert metadata is not None
    values = {name: getattr(metadata, name) for name in type(metadata).__slots__}
    assert {name: value for name, value in values.items() if value} == expected


@pytest.mark.parametrize(
    "name", ["dana.wav", "dana_20261340_2405550142.wav", "dana_20260302_x.wav"]
)
def test_names_that_do_not_fit_have_no_metadata(folder: Path, name: str) -> None:
    put(folder, name, "dana_20260302_2405550142.wav")
    result = scan_with(folder, name_pattern="{rep}_{date}_{phone}.wav")
    assert result.unmatched_names == 1
    by_path = {recording.relative_path: recording.metadata for recording in result.recordings}
    assert by_path[name].rep is None
    assert by_path["dana_20260302_2405550142.wav"].phone == "2405550142"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{rep}_{when}.wav", r"\{when\}"),
        ("{rep}_{rep}.wav", "twice"),
        ("{rep", "brace"),
        ("rep}_{date}", "brace"),
        ("{}.wav", "unknown field"),
        ("fixed.wav", "no field"),
        ("{ignore}.wav", "no field"),
        ("{rep}_{time}.wav", "needs"),
    ],
)
def test_bad_pattern_says_what_is_wrong(folder: Path, pattern: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        scan_with(folder, name_pattern=pattern)


def test_no_name_makes_matching_slow() -> None:
    pattern = NamePattern("{rep}_{prospect}_{company}_{ignore}_{ignore}_{ignore}_{date}.wav")
    started = time.perf_counter()
    assert pattern.match("a_" * 120 + ".wav") is None
    assert time.perf_counter() - started < 2


@FUZZ
@given(
    rep=st.text("abcXYZ-. é", min_size=1).map(str.strip).filter(bool),
    when=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    attempt=st.integers(1, 99),
)
def test_names_made_from_a_pattern_are_read_back(rep: str, when: datetime, attempt: int) -> None:
    name = f"{attempt}_{rep}_{when:%Y%m%d-%H%M%S}.wav"
    metadata = NamePattern("{attempt}_{rep}_{date}.wav").match(name)
    assert metadata is not None
    assert (metadata.rep, metadata.attempt) == (rep, attempt)
    assert metadata.recorded_at == when.replace(microsecond=0)


@FUZZ
@given(name=st.text(max_size=60))
def test_any_name_can_be_tried(name: str) -> None:
    metadata = NamePattern("{rep}{ignore}").match(name)
    assert metadata is None or metadata.rep is None or metadata.rep in name


# --- dates

DATES = {
    "2026-03-02T14:20:00-05:00": datetime(2026, 3, 2, 14, 20, tzinfo=timezone(timedelta(hours=-5))),
    "2026-03-02T14:20:00Z": datetime(2026, 3, 2, 14, 20, tzinfo=UTC),
    "2026-03-02 14:20": datetime(2026, 3, 2, 14, 20),
    "2026-03-02": datetime(2026, 3, 2),
    "20260302": datetime(2026, 3, 2),
    "20260302-142000": datetime(2026, 3, 2, 14, 20),
    "2026-03-02T14-20-00": datetime(2026, 3, 2, 14, 20),
    "3/2/2026 2:20 PM": datetime(2026, 3, 2, 14, 20),
    "3/2/2026 2:20\u202fpm": datetime(2026, 3, 2, 14, 20),
    "03/02/2026 12:05:09 AM": datetime(2026, 3, 2, 0, 5, 9),
    "3/2/2026 12:05 p.m.": datetime(2026, 3, 2, 12, 5),
    "3/2/2026 14:20": datetime(2026, 3, 2, 14, 20),
    "3/2/2026": datetime(2026, 3, 2),
    "2026/03/02 14:20": datetime(2026, 3, 2, 14, 20),
}


@pytest.mark.parametrize("text", DATES)
def test_dates(text: str) -> None:
    read = parse_date(text)
    assert read == DATES[text]
    assert read.tzinfo == DATES[text].tzinfo


@pytest.mark.parametrize(
    "text",
    ["", "soon", "13/2/2026", "3/2/26", "2026-02-30", "3/2/2026 13:00 PM", "0/0/0", "1/1/1/1"],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_date(text)


@FUZZ
@given(text=st.one_of(st.text(max_size=30), st.text("0123456789-/:T PMam.", max_size=24)))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        read: datetime | None = parse_date(text)
    except ValueError:
        read = None
    assert read is None or parse_date(read.isoformat()) == read


# --- tables


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_calls_csv_in_any_dialect(folder: Path, bom: str, delimiter: str, end: str) -> None:
    put(folder, "a.wav", "b.wav")
    rows = [
        ["Recorded At", "FILE", "Rep", "line", "Attempt", "CRM Id", "notes", "lead_at"],
        ["2026-03-02 14:20", "a.wav", "Dana", "Business", "2", "X-1", '"two\nlines, ; here"', ""],
        ["", "b.wav", "", "", "", "", "", "3/2/2026 2:20 PM"],
    ]
    text = bom + end.join(delimiter.join(row) for row in rows) + end
    result = scan_with(folder, metadata=table(folder / "calls.csv", text))
    assert result.warnings == ()
    first, second = (recording.metadata for recording in result.recordings)
    assert first.recorded_at == datetime(2026, 3, 2, 14, 20)
    assert (first.rep, first.line, first.attempt) == ("Dana", "business", 2)
    assert first.notes == "two\nlines, ; here"
    assert first.extra == {"CRM Id": "X-1"}
    assert second.rep is None
    assert second.lead_at == datetime(2026, 3, 2, 14, 20)


def test_rows_find_their_files(folder: Path) -> None:
    put(folder, "a/One.wav", "a/two.wav", "b/two.wav", "b/three.WAV", "café.wav", "lone.wav")
    rows = {
        "a\\One.wav": "slash",
        "b/TWO.wav": "case",
        "three.wav": "bare",
        "./lone.wav": "dot",
        "cafe\u0301.wav": "decomposed",
        str(folder / "a" / "two.wav"): "absolute",
    }
    text = "file,rep\n" + "".join(f"{file},{rep}\n" for file, rep in rows.items())
    result = scan_with(
        folder, metadata=table(folder / "calls.csv", text + "two.wav,x\nnone.wav,x\n")
    )
    assert {r.relative_path: r.metadata.rep for r in result.recordings} == {
        "a/One.wav": "slash",
        "a/two.wav": "absolute",
        "b/three.WAV": "bare",
        "b/two.wav": "case",
        "café.wav": "decomposed",
        "lone.wav": "dot",
    }
    assert result.unmatched_rows == ("two.wav", "none.wav")
    assert result.without_metadata == ()


def test_exact_case_comes_first(folder: Path) -> None:
    put(folder, "a.wav", "A.wav")
    calls = table(folder / "calls.csv", "file,rep\nA.wav,upper\na.wav,lower\n")
    result = scan_with(folder, metadata=calls)
    assert {r.relative_path: r.metadata.rep for r in result.recordings} == {
        "A.wav": "upper",
        "a.wav": "lower",
    }


def test_odd_names_match_their_rows(folder: Path) -> None:
    put(folder, *ODD_NAMES)
    quoted = "".join('"{}",{}\n'.format(n.replace('"', '""'), i) for i, n in enumerate(ODD_NAMES))
    result = scan_with(folder, metadata=table(folder / "calls.csv", "file,rep\n" + quoted))
    assert result.unmatched_rows == ()
    assert {r.metadata.rep for r in result.recordings} == {str(i) for i in range(len(ODD_NAMES))}


def test_table_beats_name_beats_nothing(folder: Path) -> None:
    put(folder, "dana_20260302.wav", "lee_20260303.wav")
    calls = table(folder / "calls.csv", "file,rep,company\ndana_20260302.wav,Robin,Fictional Co\n")
    result = scan_with(folder, metadata=calls, name_pattern="{rep}_{date}.wav")
    first, second = (recording.metadata for recording in result.recordings)
    assert (first.rep, first.company) == ("Robin", "Fictional Co")
    assert first.recorded_at == datetime(2026, 3, 2)
    assert second.rep == "lee"
    assert result.without_metadata == ("lee_20260303.wav",)


def test_bad_cells_and_repeated_rows_warn(folder: Path) -> None:
    put(folder, "a.wav")
    text = (
        "file,recorded_at,attempt,line,rep\n"
        "a.wav,yesterday,zero,fax,Dana\n"
        ",2026-03-02,1,consumer,Lee\n"
        "\n"
        "a.wav,2026-03-02,,,Robin\n"
    )
    result = scan_with(folder, metadata=table(folder / "calls.csv", text))
    assert result.recordings[0].metadata.rep == "Robin"
    assert len(result.warnings) == 5
    for words in ("row 2, recorded_at", "row 2, attempt", "row 2, line", "row 3", "row 5"):
        assert any(words in warning for warning in result.warnings), words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"path,rep\na.wav,x\n", "no column 'file' .*path, rep"),
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"file,rep\na.wav,Ren\xe9\n", "not UTF-8"),
        (b"file,File\na,b\n", "twice"),
        (b'file,notes\na.wav,"' + b"x" * 200_000 + b'"\n', "line"),
    ],
)
def test_tables_that_cannot_be_used(folder: Path, content: bytes, words: str) -> None:
    (folder / "calls.csv").write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        scan_with(folder, metadata=folder / "calls.csv")


def test_missing_table(folder: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        scan_with(folder, roster=folder / "roster.csv")


@FUZZ
@given(content=st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
def test_any_table_is_read_or_refused(folder: Path, content: bytes) -> None:
    put(folder, "a.wav")
    (folder / "calls.csv").write_bytes(b"file,rep,recorded_at\n" + content)
    try:
        result: Scan | None = scan_with(folder, metadata=folder / "calls.csv")
    except ConfigError:
        result = None
    assert result is None or paths_of(result) == ["a.wav"]


def test_roster(folder: Path) -> None:
    put(folder, "a.wav", "b.wav")
    roster = table(
        folder / "roster.csv",
        "direct_number;Name;REP;team\n240-555-0142;Dana Fable;Dana;East\n;Lee Fable;lee;\n",
    )
    calls = table(folder / "calls.csv", "file,rep\na.wav,DANA\nb.wav,Nobody\n")
    result = scan_with(folder, roster=roster, metadata=calls)
    assert [recording.metadata.rep for recording in result.recordings] == ["Dana", "Nobody"]
    assert result.roster["Dana"].direct_number == "240-555-0142"
    assert result.roster["Dana"].team == "East"
    assert result.roster["lee"].direct_number is None


def test_roster_last_row_wins(folder: Path) -> None:
    roster = table(folder / "roster.csv", "rep,team\nDana,East\nDana,West\n")
    result = scan_with(folder, roster=roster)
    assert result.roster["Dana"].team == "West"
    assert len(result.warnings) == 1


@pytest.mark.parametrize(
    ("written", "channel"),
    [("left", "left"), ("Right", "right"), (" L ", "left"), ("R", "right"), ("", None)],
)
def test_roster_says_which_channel_is_the_reps(
    folder: Path, written: str, channel: str | None
) -> None:
    put(folder, "dana.wav", "other.wav")
    roster = table(folder / "roster.csv", f"rep,Channel\nDana,{written}\nLee,right\n")
    calls = table(folder / "calls.csv", "file,rep\ndana.wav,DANA\n")
    result = scan_with(folder, roster=roster, metadata=calls)
    assert [recording.channel for recording in result.recordings] == [channel, None]
    assert result.roster["Dana"].channel == channel
    assert result.warnings == ()


def test_row_of_a_call_beats_the_roster(folder: Path) -> None:
    put(folder, "a.wav", "b.wav", "c.wav", "dana.wav")
    roster = table(folder / "roster.csv", "rep,channel\nDana,left\n")
    calls = table(
        folder / "calls.csv",
        "file,rep,channel\na.wav,Dana,RIGHT\nb.wav,Dana,\nc.wav,Nobody,right\n",
    )
    result = scan_with(folder, roster=roster, metadata=calls, name_pattern="{rep}.wav")
    channels = {item.relative_path: item.channel for item in result.recordings}
    assert channels == {"a.wav": "right", "b.wav": "left", "c.wav": "right", "dana.wav": "left"}
    assert all(item.metadata.extra == {} for item in result.recordings)


@pytest.mark.parametrize("written", ["0", "1", "2", "both", "mix", "auto", "agent", "left right"])
def test_channel_that_is_none_is_left_open_with_a_warning(folder: Path, written: str) -> None:
    put(folder, "a.wav", "b.wav")
    roster = table(folder / "roster.csv", f"rep,channel\nLee,{written}\nDana,left\n")
    calls = table(
        folder / "calls.csv", f"file,rep,channel\na.wav,Dana,{written}\nb.wav,Lee,{written}\n"
    )
    result = scan_with(folder, roster=roster, metadata=calls)
    assert [recording.channel for recording in result.recordings] == ["left", None]
    said = f"channel: must be left or right, not '{written}'"
    assert result.warnings == (
        f"roster.csv row 2, {said}",
        f"calls.csv row 2, {said}",
        f"calls.csv row 3, {said}",
    )


# --- recordings of people


@pytest.mark.human
def test_every_human_recording_is_found() -> None:
    if not HUMAN.is_dir():
        pytest.skip(f"no human recordings: {HUMAN} is absent")
    result = scan_with(HUMAN / "azure_voicemail")
    assert len(result.recordings) == 27
    assert result.failures == ()
