"""The report's data and files: what is counted, what is escaped, what is linked."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from helpers import SAMPLES, Run
from hypothesis import given
from hypothesis import strategies as st
from stored_audits import (
    hostile_audit,
    made_up_audit,
    made_up_audits,
    place_recordings,
    recording_of,
    store_of,
)

from vmaudit.errors import StoreError
from vmaudit.records import AudioInfo, Audit, Callback, Evidence, Failure, Interval, Signal, to_json
from vmaudit.report.criteria import criteria_of
from vmaudit.report.facts import Facts, facts_of, read_audit
from vmaudit.report.pages import build_report, bundle_report
from vmaudit.report.pages.audio import AudioMode, AudioShelf, playable_suffix
from vmaudit.report.pages.changes import last_run
from vmaudit.report.pages.charts import WeekPoint, histogram, monday_of, weekly
from vmaudit.report.pages.digits import align, number_tables
from vmaudit.report.pages.headline import headline
from vmaudit.report.pages.listing import COLUMNS, listing_script
from vmaudit.report.pages.message import message_view
from vmaudit.report.pages.names import is_page_name, page_name
from vmaudit.report.pages.overview import Overview, overview_of
from vmaudit.report.pages.pictures import rep_pictures
from vmaudit.report.pages.timeline import timeline_of
from vmaudit.report.pages.transcript import transcript_lines
from vmaudit.report.scorecard import team_of
from vmaudit.report.sources import Source
from vmaudit.report.wording import clock, number
from vmaudit.scoring import load_rubric
from vmaudit.store import StoredRun

RUBRIC = load_rubric()
CRITERIA = criteria_of(RUBRIC)


def one(**changes: Any) -> Audit:
    return replace(made_up_audit(random.Random(1), 0), **changes)


def facts(audits: Sequence[Audit]) -> list[Facts]:
    return [facts_of(audit, CRITERIA, is_new=False) for audit in audits]


def source(audit: Audit) -> Source:
    return Source(audit, to_json(audit), audit.path)


def summed(messages: Sequence[Facts]) -> Overview:
    return overview_of(messages, team_of(messages), CRITERIA)


# What the overview counts


def test_overview_counts_what_is_there() -> None:
    audits = list(made_up_audits(34))
    overview = summed(facts(audits))
    assert (overview.messages, overview.scored) == (34, 32)
    assert overview.not_scorable == (("hang-up", 2),)
    repeated = next(row for row in overview.criteria if row.criterion.key == "number_repeated")
    truth = [a.callback.repeated for a in audits if a.scores and a.callback]
    assert (repeated.share.hits, repeated.share.count) == (sum(map(bool, truth)), 32)
    assert sum(row.messages for row in overview.reps) == 34
    scores = [message.overall for message in overview.worst + overview.best[::-1]]
    assert scores == sorted(scores, key=lambda overall: overall or 0)
    assert not {m.path for m in overview.worst} & {m.path for m in overview.best}


def test_headline_holds_medians_against_their_bands() -> None:
    messages = facts(list(made_up_audits(34)))
    tiles = {t.label: t for t in headline(summed(messages), messages)}
    paces = sorted(m.values["words_per_minute"] for m in messages if m.scored)
    assert tiles["Pace"].value == f"{(paces[15] + paces[16]) / 2:.0f}"
    assert tiles["Pace"].note.startswith("median; aim 120 to 220 words/min, met by ")
    assert "of 100" in tiles["Overall, mean"].note
    assert headline(summed([]), []) == []


def test_without_a_scorer_messages_are_ordered_by_aims_met() -> None:
    overview = summed(facts(list(made_up_audits(30, scored=False))))
    assert overview.overall is None
    assert {row.criterion.key for row in overview.criteria} >= {"number_repeated", "message_s"}
    assert not {"value", "clarity"} & {row.criterion.key for row in overview.criteria}
    shares = [message.met_share or 0 for message in overview.worst]
    assert shares == sorted(shares)
    assert shares[0] < (overview.best[0].met_share or 0)


def test_what_costs_points_is_summed_under_one_name() -> None:
    audit = one()
    assert audit.scores
    assert audit.transcript
    sentence = " ".join(word.text for word in audit.transcript.words[:6])
    audits = [
        replace(
            audit,
            path=f"{index}.wav",
            scores=replace(
                audit.scores,
                value=replace(
                    audit.scores.value,
                    evidence=(
                        Evidence(1.0, 2.0, f"boasting: number {index} dealer", -0.10),
                        Evidence(1.0, 2.0, sentence, -0.02),
                    ),
                ),
                clarity=replace(
                    audit.scores.clarity,
                    evidence=(Evidence(3.0, 4.0, f"a pause of {index}.5 s", -0.05),),
                ),
            ),
        )
        for index in range(3)
    ]
    overview = summed(facts(audits))
    found = [(c.score, c.what, c.messages, round(c.points, 6)) for c in overview.costs]
    assert found == [
        ("value", "boasting", 3, 10.0),
        ("clarity", "a pause of … s", 3, 5.0),
        ("value", "the wording of a sentence", 3, 2.0),
    ]


def test_signals_are_counted_where_they_are_likely() -> None:
    unlikely = {"boasting": Signal(0.4, ()), "direct_line": Signal(0.6, ())}
    audits = [one(), one(path="b.wav", signals=unlikely)]
    found = summed(facts(audits)).signals
    assert [(name, share.hits, share.count) for name, share in found] == [
        ("mentions_interest", 1, 2),
        ("direct_line", 1, 2),
    ]


def test_a_wrong_number_is_a_miss_and_an_unknown_one_says_nothing() -> None:
    audit = one()
    assert audit.callback
    wrong, unknown = (
        replace(
            audit,
            callback=replace(
                audit.callback,
                numbers=tuple(replace(n, roster=roster) for n in audit.callback.numbers),
            ),
        )
        for roster in ("mismatch", "unknown")
    )
    first, second = facts([wrong, unknown])
    assert first.verdicts["own_number"] is False
    assert first.moments["own_number"].start_s == audit.callback.numbers[0].statements[0].start_s
    assert "own_number" not in second.verdicts


def test_every_miss_has_a_moment_inside_the_recording() -> None:
    missed = set()
    for message in facts(list(made_up_audits(120))):
        for key, met in message.verdicts.items():
            if not met:
                moment = message.moments[key]
                missed.add(key)
                assert 0 <= moment.start_s <= moment.end_s <= 13.2, key
    assert missed >= {"number_repeated", "words_per_minute", "message_s", "fillers_per_minute"}


# Time


def test_few_messages_give_no_weeks() -> None:
    a_week_each = [one(path=f"{k}", recorded_at=datetime(2026, 3, 2 + 7 * k)) for k in range(4)]
    assert rep_pictures(facts(a_week_each)).trends == ()
    assert len(rep_pictures(facts(list(made_up_audits(120)))).trends) == 2


def test_dates_with_and_without_a_zone_are_put_in_one_order() -> None:
    naive = one(path="b", recorded_at=datetime(2026, 3, 2, 12))
    aware = one(path="a", recorded_at=datetime(2026, 3, 2, 13, tzinfo=UTC))
    first, second = facts([naive, aware])
    assert (first.time_s or 0) < (second.time_s or 0)
    assert monday_of(datetime(2026, 3, 8, 23, 59)) == datetime(2026, 3, 2)


# One message


@pytest.mark.parametrize(
    ("reference", "said", "cells"),
    [
        ("2065550142", "2065550142", list("2065550142")),
        ("2065550142", "2065550149", [*list("206555014"), "9"]),
        ("2065550142", "206555142", [*"206555", "", *"142"]),
        ("2065550142", "5550142", ["", "", "", *"5550142"]),
        ("12", "123", ["1", "23"]),
        ("12", "", ["", ""]),
    ],
)
def test_digits_stand_where_they_belong(reference: str, said: str, cells: list[str]) -> None:
    places = align(reference, said)
    assert ["".join(said[k] for k in place) for place in places] == cells


DIGITS = st.text("0123456789", max_size=12)


@given(reference=st.text("0123456789", min_size=1, max_size=12), said=DIGITS)
def test_no_digit_is_lost_or_doubled(reference: str, said: str) -> None:
    places = align(reference, said)
    assert len(places) == len(reference)
    assert sorted(index for place in places for index in place) == list(range(len(said)))


def test_number_is_set_against_the_rosters() -> None:
    audit = one()
    assert audit.callback
    number = audit.callback.numbers[0]
    off = replace(number, digits="2065550149", roster="mismatch")
    (table,) = number_tables(replace(audit.callback, numbers=(off,)))
    assert (table.reference, table.is_roster) == ("2065550142", True)
    stray = replace(number.statements[0], digits="55501", complete=False, of=None)
    strays = number_tables(Callback(False, 0.0, (), partials=(stray,)))
    assert [table.number for table in strays] == [None]


def test_transcript_keeps_every_word_and_marks_what_is_special() -> None:
    audit = one()
    assert audit.transcript
    tokens = [token for line in transcript_lines(audit) for token in line.tokens]
    assert [t.text for t in tokens if t.kind != "pause"] == [
        word.text for word in audit.transcript.words
    ]
    assert [t.text for t in tokens if t.kind == "filler"] == ["um"]
    assert [t.text for t in tokens if t.kind == "pause"] == ["1.1 s"]
    assert [t.text for t in tokens if t.unsure] == ["buyer"]
    assert not any(line.tokens[0].joined for line in transcript_lines(audit))


def test_timeline_stays_within_the_recording() -> None:
    for audit in made_up_audits(20):
        timeline = timeline_of(audit)
        for stretch in (*timeline.spans, *timeline.marks):
            assert 0 <= stretch.left <= stretch.left + stretch.width <= 100.01
        assert timeline.energy.count("M") == 24
    assert timeline_of(one(segments=(), audio=AudioInfo(0.0, 8000, 1, "pcm"))).duration_s > 0


def test_measures_say_where_they_lie() -> None:
    audit = one()
    assert audit.delivery
    slow = replace(audit, delivery=replace(audit.delivery, words_per_minute=90.0, snr_db=12.0))
    measures = {m.label: m for m in message_view(slow, RUBRIC).measures}
    assert (measures["Pace"].place, measures["Pace"].value) == ("low", "90 words/min")
    assert measures["Pace"].aim == "120 to 220"
    assert measures["Speech over noise"].place is None


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (-0.04, "0.0"), (-1.26, "−1.3"), (0.0, "0.0"), (12.0, "12.0")]
)
def test_numbers_for_people(value: float | None, text: str) -> None:
    assert number(value, 1) == text


def test_lead_is_told_in_words() -> None:
    audit = one(prospect="Ted", lead={"lead_at": "2026-03-02T14:51:00-08:00", "line": "business"})
    assert message_view(audit, RUBRIC).lead == (
        ("prospect", "Ted"),
        ("lead at", "2026-03-02 14:51"),
        ("line", "business"),
    )
    odd = one(prospect=None, lead={"lead_at": "soon", "deal_size": 3})
    assert message_view(odd, RUBRIC).lead == (("lead at", "soon"), ("deal size", "3"))


def test_clock_tells_minutes_and_seconds() -> None:
    assert [clock(t) for t in (0.0, 59.9, 60.0, 754.2)] == ["0:00", "0:59", "1:00", "12:34"]


# Charts


def test_charts_carry_no_inline_style_and_the_pages_colours() -> None:
    chart = histogram([float(v) for v in range(30)], title="Pace", band=None)
    weeks = [WeekPoint(datetime(2026, 3, 2 + 7 * k), 50, 40, 60) for k in range(4)]
    line = weekly(weeks, title="Number said twice, %", ceiling=100)
    assert chart
    assert line
    for drawn in (chart, line):
        assert "style=" not in drawn.svg
        assert "<script" not in drawn.svg
        assert "var(--accent)" in drawn.svg
    assert chart.summary == "Pace of 30 messages: 0 to 29, median 14"
    assert "Mar 02" in line.svg  # the Monday, wherever the machine stands


def test_too_little_is_not_drawn() -> None:
    assert histogram([1.0, 2.0], title="Pace") is None
    assert weekly([WeekPoint(datetime(2026, 3, 2), 1, 1, 1)], title="", ceiling=None) is None


# Files

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&\u202e\u2028.wav"


def report_of(out: Path, audits: Sequence[Audit], **changes: Any) -> Path:
    store = store_of(out, audits, **changes)
    try:
        return build_report(store, out / "report", RUBRIC).parent
    finally:
        store.close()


def pages_of(report: Path) -> dict[str, str]:
    return {
        path.relative_to(report).as_posix(): path.read_text(encoding="utf-8")
        for path in report.rglob("*.html")
    }


def test_every_link_in_the_report_leads_somewhere(tmp_path: Path) -> None:
    audits = list(made_up_audits(20))
    recordings = place_recordings(tmp_path / "calls #1", audits)
    report = report_of(tmp_path / "out", audits, recordings=recordings)
    links = 0
    for name, html in pages_of(report).items():
        for target in re.findall(r'(?:href|src|data-audio)="([^"#]+)[^"]*"', html):
            path = (report / name).parent / target.replace("%20", " ").replace("%23", "#")
            assert path.resolve().is_file(), (name, target)
            links += 1
    assert links > 200
    assert len(list((report / "messages").iterdir())) == 20
    assert len(list((report / "reps").iterdir())) == 4


def test_every_page_has_the_policy_and_no_inline_code(tmp_path: Path) -> None:
    audits = list(made_up_audits(20))
    for name, html in pages_of(report_of(tmp_path, audits)).items():
        assert "default-src &#39;none&#39;; script-src &#39;self&#39;" in html, name
        assert "unsafe" not in html
        assert not re.search(
            r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?://(?!www.w3)", html
        )


def test_hostile_text_is_escaped_everywhere(tmp_path: Path) -> None:
    failure = Failure(HOSTILE, "decode", HOSTILE)
    report = report_of(
        tmp_path,
        [replace(hostile_audit(one(), HOSTILE), path=f"{HOSTILE}/{HOSTILE}")],
        failures=[failure],
    )
    for name, html in pages_of(report).items():
        assert "<img" not in html, name
        scripts = re.findall("<script[^>]*>", html)
        assert all(re.fullmatch(r'<script src="[./]*assets/\w+\.js" defer>', s) for s in scripts)
    data = (report / "assets" / "messages.js").read_text(encoding="utf-8")
    assert "<" not in data
    assert "\u2028" not in data


def test_a_name_with_signs_of_an_address_leads_to_its_audio(tmp_path: Path) -> None:
    audit = one(path="50% of #1/ü?.wav")
    recordings = place_recordings(tmp_path / "in", [audit])
    report = report_of(tmp_path / "out", [audit], recordings=recordings)
    (page,) = (report / "messages").iterdir()
    assert 'src="../../../in/50%25%20of%20%231/%C3%BC%3F.wav"' in page.read_text(encoding="utf-8")


def test_list_of_messages_is_a_script_with_every_message() -> None:
    messages = facts(list(made_up_audits(18)))
    text = listing_script(messages)
    data = json.loads(text.removeprefix("window.vmauditMessages = ").removesuffix(";\n"))
    assert data["columns"] == list(COLUMNS)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in data["rows"]]
    assert [row["path"] for row in rows] == [message.path for message in messages]
    assert [row["flags"] for row in rows if "not_scorable" in row["flags"]] == [["not_scorable"]]


@given(text=st.text(st.characters(codec=None), max_size=60))
def test_page_names_are_safe_anywhere(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{9,60}\.html", page_name(text))
    assert is_page_name(page_name(text))


def test_page_names_tell_paths_apart_and_stay() -> None:
    assert page_name("a/x.wav") != page_name("b/x.wav")
    assert page_name("ray/kitchen leak.wav") == page_name("ray/kitchen leak.wav")
    assert page_name("ray/kitchen leak.wav").startswith("kitchen-leak-")


def test_a_second_report_drops_what_is_gone(tmp_path: Path) -> None:
    audits = list(made_up_audits(6))
    report = report_of(tmp_path, audits)
    before = set((report / "messages").iterdir())
    (tmp_path / "vmaudit.db").unlink()
    again = report_of(tmp_path, audits[:2])
    after = set((again / "messages").iterdir())
    assert len(before) == 6
    assert len(after) == 2
    assert after < before


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "report" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(StoreError, match="holds other files"):
        report_of(tmp_path, [one()])
    assert [path.name for path in mine.parent.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    "name", ["audio/precious.wav", "messages/call.wav", "reps/2026/nina.html", "assets/mine.js"]
)
def test_a_folder_of_other_things_in_folders_is_left_alone(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "report" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(StoreError, match="holds other files"):
        report_of(tmp_path, [one()])
    assert [path for path in (tmp_path / "report").rglob("*") if path.is_file()] == [mine]


def test_hidden_files_of_others_stay(tmp_path: Path) -> None:
    mine = tmp_path / "report" / "audio" / ".directory"
    mine.parent.mkdir(parents=True)
    mine.write_text("by the system")
    report_of(tmp_path, [one()])
    assert mine.read_text() == "by the system"


def test_a_report_that_was_cut_short_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "report" / "messages").mkdir(parents=True)
    (tmp_path / "report" / "messages" / "old-0123456789.html").write_text("half")
    (tmp_path / "report" / ".DS_Store").write_text("by the system")
    report = report_of(tmp_path, [one(rep=None)])
    assert [path.name for path in (report / "messages").iterdir()] == [page_name("nina/00000.wav")]
    assert [path.name for path in (report / "reps").iterdir()] == ["unknown.html"]


def test_unknown_share_of_aims_has_no_unit(tmp_path: Path) -> None:
    *_, nobody_spoke = made_up_audits(17)
    index = (report_of(tmp_path, [nobody_spoke]) / "index.html").read_text(encoding="utf-8")
    assert "–" in index
    assert "– %" not in index


def test_messages_of_the_same_sound_are_redacted_each_by_itself(tmp_path: Path) -> None:
    twins = [
        one(id="a" * 64, path=f"camp/{prospect}.wav", prospect=prospect, rep=rep)
        for prospect, rep in (("Angela Vega", "nina"), ("Ted Oakley", "marcus"))
    ]
    store = store_of(tmp_path, twins)
    report = build_report(store, tmp_path / "report", RUBRIC, redacted=True).parent
    store.close()
    assert len(list((report / "messages").iterdir())) == 2


def test_an_empty_store_gives_a_report(tmp_path: Path) -> None:
    report = report_of(tmp_path, [])
    assert "0 messages" in (report / "index.html").read_text(encoding="utf-8")


def test_an_audit_that_cannot_be_read_is_named() -> None:
    with pytest.raises(StoreError, match=r"of another vmaudit"):
        read_audit({**to_json(one()), "delivery": "fast"})


# Audio


@pytest.mark.parametrize(
    ("name", "codec", "suffix"),
    [
        ("cedar-finch-roofing/ray/estimate-follow-up.wav", "pcm_mulaw", ".wav"),
        ("harborview-motors/2026-03-04_marcus_fisk", "pcm_alaw", ".wav"),
        ("cedar-finch-roofing/imogen/quote.mp3", "mp3", ".mp3"),
        ("harborview-motors/2026-03-02_nina_oakley.m4a", "aac", ".m4a"),
        ("quillmark-systems/oliver_stroud.flac", "flac", ".flac"),
        ("cedar-finch-roofing/ray/kitchen-leak.wav", "gsm_ms", None),
        ("quillmark-systems/priya_marsh.amr", "amr_nb", None),
        ("quillmark-systems/oliver_whitcombe.ogg", "opus", None),
        ("README.md", "pcm_mulaw", None),
        ("nowhere.wav", "pcm_mulaw", None),
    ],
)
def test_what_browsers_play_is_known(name: str, codec: str, suffix: str | None) -> None:
    assert playable_suffix(SAMPLES / name, AudioInfo(1.0, 8000, 1, codec)) == suffix


def of_sample(name: str, audio: AudioInfo | None = None) -> Audit:
    identity = hashlib.sha256((SAMPLES / name).read_bytes()).hexdigest()
    return one(path=name, id=identity, audio=audio or one().audio)


def test_what_browsers_do_not_play_is_converted_once(tmp_path: Path) -> None:
    import av

    audit = of_sample("quillmark-systems/priya_marsh.amr", AudioInfo(23.2, 8000, 1, "amr_nb"))
    shelf = AudioShelf(SAMPLES, tmp_path, "link", {})
    link = shelf.link(source(audit))
    (made,) = shelf.kept
    assert link.href == f"../audio/{made.name}"
    with av.open(str(made)) as sound:
        assert sound.streams.audio[0].codec_context.name.startswith("mp3")
        assert sound.duration
        assert sound.duration / av.time_base == pytest.approx(23.2, abs=0.1)
    time_ns = made.stat().st_mtime_ns
    assert shelf.link(source(audit)) == link
    assert made.stat().st_mtime_ns == time_ns


def test_what_cannot_be_played_says_so(tmp_path: Path) -> None:
    broken, gone = source(of_sample("README.md")), source(one(path="gone.wav"))
    assert "nor can it be converted" in AudioShelf(SAMPLES, tmp_path, "link", {}).link(broken).note
    assert "not where it was" in AudioShelf(SAMPLES, tmp_path, "link", {}).link(gone).note
    assert "not where it was" in AudioShelf(None, tmp_path, "copy", {}).link(gone).note
    assert "without audio" in AudioShelf(SAMPLES, tmp_path, "none", {}).link(broken).note
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize(("mode", "muted"), [("link", None), ("copy", None), ("copy", ())])
def test_recording_that_was_replaced_is_not_played(
    tmp_path: Path, mode: AudioMode, muted: tuple[Interval, ...] | None
) -> None:
    told = replace(source(one()), muted=muted)
    recording = place_recordings(tmp_path, [told.audit]) / told.path
    stat = recording.stat()
    seen = {(told.path, stat.st_size, stat.st_mtime_ns): told.audit.id}
    shelf = AudioShelf(tmp_path, tmp_path / "report", mode, seen)
    assert shelf.link(told).href
    recording.write_bytes((SAMPLES / "cedar-finch-roofing/imogen/quote.mp3").read_bytes())
    link = shelf.link(told)
    assert (link.href, link.note) == (None, "The recording has changed since it was audited.")


def test_copied_recording_is_known_by_more_than_size_and_time(tmp_path: Path) -> None:
    audit = one()
    recording = place_recordings(tmp_path, [audit]) / audit.path
    time_ns = recording.stat().st_mtime_ns
    seen = {(audit.path, recording.stat().st_size, time_ns): audit.id}
    recording.write_bytes(recording.read_bytes()[::-1])
    os.utime(recording, ns=(time_ns, time_ns))
    link = AudioShelf(tmp_path, tmp_path / "report", "copy", seen).link(source(audit))
    assert "has changed" in link.note


def test_bundle_holds_pages_and_audio(tmp_path: Path) -> None:
    audits = list(made_up_audits(3))
    recordings = place_recordings(tmp_path / "calls", audits)
    store = store_of(tmp_path / "out", audits, recordings=recordings)
    bundle_report(store, tmp_path / "report.zip", RUBRIC)
    store.close()
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        names = archive.namelist()
        page = archive.read(next(n for n in names if n.startswith("report/messages/"))).decode()
        sound = next(n for n in names if n.startswith("report/audio/"))
        assert archive.read(sound) in [recording_of(audit.recorded_at) for audit in audits]
    assert "report/index.html" in names
    assert sum(name.startswith("report/audio/") for name in names) == 3
    assert 'src="../audio/' in page
    assert not list(tmp_path.glob(".*partial"))


def test_bundle_is_made_beside_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    store = store_of(tmp_path / "out", [])
    (tmp_path / "bundles").mkdir()
    bundle_report(store, tmp_path / "bundles" / "report.zip", RUBRIC)
    store.close()
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == ["report.zip"]


def test_bundle_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    store = store_of(tmp_path / "out", [])
    with pytest.raises(StoreError, match="nowhere"):
        bundle_report(store, tmp_path / "nowhere" / "report.zip", RUBRIC)
    store.close()


# Runs


def test_last_run_is_set_against_the_one_before() -> None:
    config = {"asr": {"model": "base"}}
    old = {"state": "complete", "found": 4, "failed": 0, "speech_model": "a", "config": config}
    new = {**old, "found": 6, "speech_model": "b", "config": {"asr": {"model": "turbo"}}}
    at = datetime(2026, 3, 2, tzinfo=UTC)
    runs = [StoredRun(3, at, None), StoredRun(2, at, new), StoredRun(1, at, old)]
    run = last_run(runs)
    assert run
    assert (run.id, run.counts[0].now, run.counts[0].before) == (2, 6, 4)
    assert run.audited == 0
    assert run.settings == ("speech model: a → b", "asr.model: base → turbo")
    first = last_run(runs[2:])
    assert first
    assert (first.is_first, run.is_first) == (True, False)
    assert last_run(runs[:1]) is None


def test_what_the_first_run_audited_is_not_new(tmp_path: Path) -> None:
    audits = list(made_up_audits(3))
    assert '"new"' not in (report_of(tmp_path, audits) / "assets" / "messages.js").read_text()
    again = report_of(tmp_path, audits[:1])
    assert (again / "assets" / "messages.js").read_text().count('"new"') == 1


def test_store_tells_what_a_run_audited(tmp_path: Path) -> None:
    store = store_of(tmp_path, list(made_up_audits(3)))
    (run,) = store.runs()
    assert run.report
    assert run.report["audited"] == 3
    assert len(store.audited_in(run.id)) == 3
    assert store.audited_in(run.id + 1) == set()
    store.close()


# Commands


def test_audit_writes_a_report_and_says_where(run: Run, folder: Path) -> None:
    ended = run("audit", folder, "--out", "out", "--jobs", "1")
    assert "report: out/report/index.html" in ended.err
    assert "nina/vega.wav" in Path("out/report/assets/messages.js").read_text(encoding="utf-8")
    assert run("audit", folder, "--out", "other", "--no-report").code == 0
    assert not Path("other/report").exists()
    again = run("report", "other", "--no-audio")
    assert (again.code, again.out) == (0, "other/report/index.html\n")
    assert not any("<audio" in page for page in pages_of(Path("other/report")).values())
    assert run("report", "out", "--bundle", "r.zip").out == "r.zip\n"
    assert zipfile.is_zipfile("r.zip")
    assert run("report", "out", "--redact").code == 0
    pages = pages_of(Path("out/report"))
    assert all("Redacted by rules" in page for page in pages.values())
    assert not any("<audio" in page for page in pages.values())
    assert run("report", "out", "--redact", "--bundle", "m.zip").out == "m.zip\n"
    with zipfile.ZipFile("m.zip") as archive:
        muted = re.compile(r".*/audio/[0-9a-f]{20}-[0-9a-f]{10}\.mp3")
        assert any(map(muted.fullmatch, archive.namelist()))


def test_report_of_nothing_is_wrong_usage(run: Run) -> None:
    ended = run("report", "nowhere")
    assert ended.code == 2
    assert "holds no results" in ended.err
