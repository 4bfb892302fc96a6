"""Another rubric scores what is stored anew; nothing is heard again."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import Listener, Run, exported, messages
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorer import NUMBER, small_scorer
from small_scorer import judge as scorer_judge

from vmaudit.config import Config
from vmaudit.pipeline import Heard
from vmaudit.pipeline.judge import judge
from vmaudit.records import (
    AudioInfo,
    Audit,
    Delivery,
    Interval,
    Isolation,
    Recording,
    Transcript,
    Word,
    audit_from_json,
    to_json,
)
from vmaudit.rescoring import keep_rubric, kept_rubric, moves, rescore
from vmaudit.scoring import DEFAULT_RUBRIC, Judge, Rubric, Scorer, load_rubric
from vmaudit.store import Store, store_address

SCORED = ("marcus/brandt.wav", "nina/oakley.wav", "nina/vega.wav", "ray/leak.wav")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scorer that comes with the program is a small one here."""
    for module in ("vmaudit.runs", "vmaudit.scoring", "vmaudit.scoring.score"):
        monkeypatch.setattr(f"{module}.shipped_scorer", small_scorer)


@pytest.fixture
def out(recordings: Path, tmp_path: Path, run: Run) -> Path:
    """The results of an audit by the default rubric."""
    ended = run("audit", recordings, "--out", tmp_path / "out", "--jobs", "1", "--quiet")
    assert ended.code == 0, ended
    return tmp_path / "out"


def audited(recordings: Path, out: Path, run: Run, *options: str) -> dict[str, dict[str, Any]]:
    ended = run("audit", recordings, "--out", out, "--jobs", "1", "--quiet", *options)
    assert ended.code == 0, ended
    return messages(out)


def rubrics(out: Path) -> set[str]:
    return {line["versions"]["rubric"].split("@")[0] for line in messages(out).values()}


def overall(out: Path) -> dict[str, int]:
    return {path: messages(out)[path]["scores"]["overall"] for path in SCORED}


def test_a_dry_run_says_who_moves_and_why_and_writes_nothing(
    out: Path, run: Run, listener: Listener
) -> None:
    before = exported(out)
    listener.heard.clear()
    ended = run("rescore", out, "--rubric", "dealer", "--dry-run")
    assert ended.code == 0, ended
    said = " ".join(ended.out.split())
    assert "messages move" in said
    assert "nothing was written (--dry-run)" in said
    assert "callback" in said
    assert exported(out) == before
    assert rubrics(out) == {DEFAULT_RUBRIC}
    store = Store(store_address(out))
    assert kept_rubric(store) == load_rubric()
    store.close()
    assert listener.heard == []


def test_moves_are_those_that_rescoring_makes(out: Path, run: Run) -> None:
    store = Store(store_address(out))
    expected = {
        move.path: move for move in moves(store, Judge(small_scorer(), load_rubric("dealer")))
    }
    store.close()
    before = overall(out)
    assert run("rescore", out, "--rubric", "dealer").code == 0
    after = overall(out)
    assert set(expected) >= {path for path in SCORED if before[path] != after[path]}
    assert expected
    for path, move in expected.items():
        assert (move.before, move.after) == (before[path], after[path])
        assert move.band_after == messages(out)[path]["scores"]["band"]
        unclipped = 0 < move.after < 100 and 0 < move.before < 100
        if unclipped:
            assert sum(move.parts.values()) == pytest.approx(move.after - move.before, abs=1.5)


def test_scores_versions_and_exports_change_and_nothing_is_heard(
    out: Path, run: Run, listener: Listener
) -> None:
    before = exported(out)
    listener.heard.clear()
    ended = run("rescore", out, "--rubric", "dealer")
    assert ended.code == 0, ended
    assert f"scored by {load_rubric('dealer').version}" in " ".join(ended.out.split())
    assert listener.heard == []
    assert rubrics(out) == {"dealer"}
    assert exported(out)["messages.jsonl"] != before["messages.jsonl"]
    with (out / "messages.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    for path in SCORED:
        assert int(rows[path]["overall"]) == messages(out)[path]["scores"]["overall"]
    silent = messages(out)["silent.wav"]
    assert (silent["status"], silent["scores"]) == ("not_scorable", None)


def test_there_and_back_again_changes_nothing(out: Path, run: Run) -> None:
    before = exported(out)
    run("rescore", out, "--rubric", "dealer")
    once = exported(out)
    again = run("rescore", out, "--rubric", "dealer")
    assert "0 messages move" in again.out
    assert exported(out) == once
    run("rescore", out, "--rubric", "default")
    assert exported(out) == before


def test_rescoring_by_the_same_rubric_changes_nothing(out: Path, run: Run) -> None:
    before = exported(out)
    ended = run("rescore", out)
    assert "0 messages move" in ended.out
    assert exported(out) == before


def test_a_later_audit_keeps_the_rubric(
    recordings: Path, out: Path, run: Run, listener: Listener
) -> None:
    run("rescore", out, "--rubric", "dealer")
    before = exported(out)
    listener.heard.clear()
    audited(recordings, out, run)
    assert exported(out) == before
    assert listener.heard == []


def test_an_audit_by_another_rubric_scores_everything_anew(
    recordings: Path, out: Path, run: Run, listener: Listener
) -> None:
    listener.heard.clear()
    audited(recordings, out, run, "--rubric", "insurance")
    assert listener.heard == []
    assert rubrics(out) == {"insurance"}
    by_audit = exported(out)
    run("rescore", out, "--rubric", "default")
    run("rescore", out, "--rubric", "insurance")
    assert exported(out) == by_audit


def test_a_rubric_of_ones_own_is_kept_without_its_file(
    recordings: Path, out: Path, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(own_rubric(), encoding="utf-8")
    run("rescore", out, "--rubric", str(path))
    path.unlink()
    audited(recordings, out, run)
    assert rubrics(out) == {"ours"}


def test_another_scorer_moves_messages(out: Path, tmp_path: Path, run: Run) -> None:
    mine = tmp_path / "mine.skops"
    small_scorer().save(mine)
    ended = run("rescore", out, "--scorer", mine)
    assert "0 messages move" in ended.out
    assert {line["versions"]["scorer"] for line in messages(out).values()} != {"unsaved"}


def test_a_band_that_is_called_otherwise_is_a_move(out: Path) -> None:
    rubric = load_rubric()
    renamed = [grade.model_copy(update={"name": f"new {grade.name}"}) for grade in rubric.grades]
    other: Rubric = rubric.model_copy(update={"grades": tuple(renamed)})
    store = Store(store_address(out))
    found = list(moves(store, Judge(small_scorer(), other)))
    store.close()
    assert [move.path for move in found] == sorted(SCORED)
    assert all(move.band_after == f"new {move.band_before}" for move in found)
    assert all(move.before == move.after for move in found)


def test_what_cannot_be_rescored_is_named(out: Path, tmp_path: Path, run: Run) -> None:
    before = exported(out)
    for arguments in (
        (tmp_path / "none", "--rubric", "dealer"),
        (out, "--rubric", "none"),
    ):
        ended = run("rescore", *arguments)
        assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert run("rescore", out, "--scorer", tmp_path / "none.skops").code == 1
    assert exported(out) == before


def own_rubric() -> str:
    return """
name = "ours"
summary = "What we agreed on"
[weights]
value = 1
clarity = 0
callback = 0
delivery = 0
kind = "yours"
source = "our own choice"
[bands]
[[grades]]
name = "any"
at_least = 0
"""


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0.5, 1.0), min_size=22, max_size=22))
def test_an_audit_is_scored_as_it_will_be_read_from_the_store(confidences: list[float]) -> None:
    texts = f"Hi Ted, this is Nina at Harborview. Call {NUMBER}, that's {NUMBER}.".split()
    words = tuple(
        Word(text, k / 2, k / 2 + 0.4, round(sure, 4))
        for k, (text, sure) in enumerate(zip(texts, confidences, strict=False))
    )
    whole = Interval(0.0, words[-1].end_s)
    heard = Heard(
        AudioInfo(12.0, 8000, 1, "pcm_mulaw"),
        Isolation((), whole, (whole,), (), ("left_message",)),
        Transcript(" ".join(texts), "en", "base", 0.9, words),
    )
    by = scorer_judge("dealer")
    found = judge(
        Recording("0" * 64, Path("a.wav"), "a.wav", 1),
        heard,
        Delivery(snr_db=12.0),
        rep=None,
        config=Config(),
        scoring=by,
    )
    assert to_json(by.rescore(audit_from_json(to_json(found)))) == to_json(found)


# a rubric that was valid once


@pytest.fixture
def outdated(out: Path) -> Path:
    """Results whose rubric has a band for a value that this program does not measure."""
    store = Store(store_address(out))
    kept = json.loads(load_rubric().model_dump_json())
    kept["bands"]["charm"] = {"low": 1, "kind": "yours", "source": "a test"}
    store.set_fact("rubric", json.dumps(kept))
    store.close()
    return out


def test_a_rubric_that_is_none_any_more_is_told_in_one_line(
    recordings: Path, outdated: Path, run: Run
) -> None:
    for arguments in (
        ("audit", recordings, "--out", outdated, "--jobs", "1", "--quiet"),
        ("rescore", outdated),
        ("show", outdated, SCORED[0]),
        ("report", outdated),
        ("report", outdated, "--bundle", outdated / "report.zip"),
    ):
        ended = run(*arguments)
        assert (ended.code, ended.err.count("\n")) == (1, 1), ended
        assert "bands: " in ended.err
        assert "charm" in ended.err
        assert "--rubric" in ended.err


def test_another_rubric_takes_the_place_of_one_that_is_none_any_more(
    recordings: Path, outdated: Path, run: Run
) -> None:
    dry = run("rescore", outdated, "--rubric", "dealer", "--dry-run")
    assert "callback" in dry.out  # the scores are of the default rubric, which is known
    assert run("rescore", outdated, "--rubric", "dealer").code == 0
    assert rubrics(outdated) == {"dealer"}
    assert run("show", outdated, SCORED[0]).code == 0


def test_an_audit_by_another_rubric_mends_one_that_is_none_any_more(
    recordings: Path, outdated: Path, run: Run
) -> None:
    audited(recordings, outdated, run, "--rubric", "insurance")
    assert rubrics(outdated) == {"insurance"}
    assert run("report", outdated).code == 0


# what the scores before were made by


def another(scorer: Scorer) -> Scorer:
    """One that finds less value."""
    value = scorer.heads["value"]
    less = replace(value, intercepts=value.intercepts - 3.0)
    return replace(scorer, heads={**scorer.heads, "value": less}, version="another")


def test_a_rescoring_that_is_cut_short_is_finished_by_the_next_audit(
    recordings: Path, out: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vmaudit.store.store.READ_CHUNK", 1)
    store = Store(store_address(out))
    wanted = Judge(another(small_scorer()), load_rubric("dealer"))
    scored = []

    def killed(judge: Judge, audit: Audit) -> Audit:
        if len(scored) == 2:
            raise KeyboardInterrupt
        scored.append(audit.path)
        return original(judge, audit)

    original = Judge.rescore
    with monkeypatch.context() as patched:
        patched.setattr(Judge, "rescore", killed)
        with pytest.raises(KeyboardInterrupt):
            rescore(store, wanted)
    made = {audit.payload["versions"]["scorer"] for audit in store.audits()}
    assert made == {"another", "unsaved"}
    why = {
        move.path: (move.another_scorer, bool(move.parts))
        for move in moves(store, Judge(small_scorer(), load_rubric("dealer")))
    }
    store.close()
    assert scored[0] in why
    for path, told in why.items():
        assert told == ((True, False) if path in scored else (False, True)), path
    lines = audited(recordings, out, run).values()
    assert {line["versions"]["scorer"] for line in lines} == {"unsaved"}
    assert rubrics(out) == {"dealer"}
    by_rescoring = overall(out)
    run("rescore", out, "--rubric", "default")
    run("rescore", out, "--rubric", "dealer")
    assert overall(out) == by_rescoring


def test_a_rubric_that_nobody_knows_any_more_is_told_from_another_scorer(
    out: Path, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(own_rubric(), encoding="utf-8")
    run("rescore", out, "--rubric", path)
    store = Store(store_address(out))
    keep_rubric(store, load_rubric())  # as after a kill at the next rescoring's start
    found = list(moves(store, Judge(small_scorer(), load_rubric())))
    by_another = list(moves(store, Judge(another(small_scorer()), load_rubric())))
    store.close()
    assert found
    assert all(not move.parts and not move.another_scorer for move in found)
    assert by_another
    assert all(not move.parts and move.another_scorer for move in by_another)
    shown = run("rescore", out, "--dry-run").out
    assert "another rubric" in " ".join(shown.split())
    assert "another scorer" not in " ".join(shown.split())
