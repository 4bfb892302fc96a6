"""Another rubric scores what is stored anew; nothing is heard again."""

from __future__ import annotations

import csv
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
    Delivery,
    Interval,
    Isolation,
    Recording,
    Transcript,
    Word,
    audit_from_json,
    to_json,
)
from vmaudit.rescoring import kept_rubric, moves
from vmaudit.scoring import DEFAULT_RUBRIC, Judge, Rubric, load_rubric
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
