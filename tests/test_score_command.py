"""``vmaudit score``: transcripts that somebody has already, scored without sound."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from helpers import Run
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorer import NUMBER, judge, small_scorer

from vmaudit.report.exports import json_line
from vmaudit.transcripts import read_transcribed, score_transcribed

WHO = "Hi Ted, this is Nina Whitlow at Harborview Motors."
REASON = "The silver hybrid that you asked about came in, with the tow package."
GOOD = {
    "id": "call-1",
    "text": f"{WHO} {REASON} Call me back at {NUMBER}, that's {NUMBER}.",
    "rep": "nina",
    "prospect": "Ted Oakley",
    "interest": "silver hybrid",
    "direct_number": NUMBER,
}
CHECKING = {"text": f"{WHO} I was just checking in. Call me at {NUMBER}."}
TIMES = {"start_s", "end_s", "digits_per_second", "group_gaps_s", "writable"}


def write(folder: Path, *lines: Any, name: str = "transcripts.jsonl") -> Path:
    path = folder / name
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path


def scored(row: Mapping[str, Any]) -> dict[str, Any]:
    return score_transcribed(read_transcribed(row), judge(), name="line 1", region="US")


def pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Every name in some JSON, with its value."""
    if isinstance(value, dict):
        yield from value.items()
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from pairs(inner)


# the command


def test_a_good_file_is_scored_line_by_line(tmp_path: Path, run: Run) -> None:
    ended = run("score", write(tmp_path, GOOD, "", CHECKING))
    assert (ended.code, ended.err) == (0, "")
    first, second = map(json.loads, ended.out.splitlines())
    assert (first["id"], second["id"], second["path"]) == ("call-1", "line 3", "line 3")
    assert first["scores"]["overall"] > second["scores"]["overall"]
    assert first["callback"]["repeated"]
    assert first["callback"]["numbers"][0]["roster"] == "match"
    assert first["versions"]["rubric"].startswith("default@")


def test_a_file_of_results_and_another_rubric_and_scorer(tmp_path: Path, run: Run) -> None:
    mine, out = tmp_path / "mine.skops", tmp_path / "scores.jsonl"
    small_scorer().save(mine)
    source = write(tmp_path, GOOD)
    options = ("--out", out, "--rubric", "dealer", "--scorer", mine)
    assert run("score", source, *options).code == 0
    [line] = out.read_text(encoding="utf-8").splitlines()
    versions = json.loads(line)["versions"]
    assert versions["rubric"].startswith("dealer@")
    assert len(versions["scorer"]) == 64
    first = out.read_bytes()
    run("score", source, *options)
    assert out.read_bytes() == first


HOSTILE = {
    "bad JSON": "{",
    "a number": "7",
    "a list": "[]",
    "nothing in it": "{}",
    "text that is no text": '{"text": ["a"]}',
    "a word that is no text": '{"words": [{"text": {}}]}',
    "an empty word": '{"words": [{"text": ""}]}',
    "half a surrogate": '{"text": "hi \\ud800"}',
    "words out of order": (
        '{"words": [{"text": "a", "start_s": 2, "end_s": 3}, {"text": "b", "start_s": 1, '
        '"end_s": 2}]}'
    ),
    "a word that ends before it starts": '{"words": [{"text": "a", "start_s": 2, "end_s": 1}]}',
    "no moment": '{"words": [{"text": "a", "start_s": NaN, "end_s": 1}]}',
    "too sure": '{"words": [{"text": "a", "confidence": 1.1}]}',
    "too deep": "[" * 200_000,
}


def test_each_hostile_line_is_named_and_the_rest_is_scored(tmp_path: Path, run: Run) -> None:
    ended = run("score", write(tmp_path, *HOSTILE.values(), GOOD))
    assert ended.code == 3
    said = ended.err.splitlines()
    assert len(said) == len(HOSTILE), ended.err
    for number, line in enumerate(said, start=1):
        assert f"transcripts.jsonl line {number}: " in line
        assert "_Row" not in line
    [line] = ended.out.splitlines()
    assert json.loads(line)["id"] == "call-1"


def test_a_line_that_is_no_text_is_one_line_only(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"text": "hi"}\n{"text": "caf\xe9"}\n' + json.dumps(GOOD).encode()
    )
    ended = run("score", path)
    assert ended.code == 3
    assert "latin.jsonl line 2: " in ended.err
    assert [json.loads(line)["path"] for line in ended.out.splitlines()] == ["line 1", "line 3"]


def test_files_that_cannot_be_used(tmp_path: Path, run: Run) -> None:
    none = run("score", tmp_path / "none.jsonl")
    assert (none.code, none.err.count("\n")) == (2, 1)
    assert "cannot read" in none.err
    good = write(tmp_path, GOOD)
    nowhere = run("score", good, "--out", tmp_path / "no" / "where.jsonl")
    assert (nowhere.code, "cannot write" in nowhere.err) == (2, True)
    assert run("score", good, "--rubric", "none").code == 2
    assert run("score", good, "--region", "XX").code == 2
    assert run("score", good, "--scorer", good).code == 1


# without sound


def test_no_time_is_invented(tmp_path: Path) -> None:
    found = scored({**CHECKING, "text": CHECKING["text"] + " Two oh six, five five five."})
    assert found["delivery"] is None
    assert found["audio"] is None
    told = list(pairs(found))
    assert {name for name, _ in told} >= TIMES
    assert {value for name, value in told if name in TIMES} == {None}
    texts = [str(value) for name, value in told if name == "text"] + found["advice"]
    assert not any(re.search(r"\d:\d\d|\d s\b|digits/s|a minute", text) for text in texts)


@pytest.mark.parametrize(
    "number",
    [NUMBER, "two oh six five five five oh one four two", "2 0 6 5 5 5 0 1 4 2", "2065550142"],
)
def test_how_fast_a_number_was_said_is_not_known_of_text(number: str) -> None:
    message = read_transcribed({"text": f"Call me at {number} today."}).message()
    said = message.numbers[0].statements[0]
    assert (said.writable, said.digits_per_second, said.group_gaps_s) == (None, None, ())
    assert message.delivery.number_pace_ratio is None


def test_times_that_are_given_are_kept() -> None:
    words = [
        {"text": word, "start_s": 3.0 + k / 2, "end_s": 3.4 + k / 2, "confidence": 0.8}
        for k, word in enumerate(CHECKING["text"].split())
    ]
    found = scored({"words": words})
    assert found["transcript"]["words"][0] == words[0]
    statement = found["callback"]["numbers"][0]["statements"][0]
    assert statement["start_s"] == words[-1]["start_s"]
    assert statement["confidence"] == 0.8
    assert any(", at 0:" in text for text in found["advice"])
    assert found["delivery"] is None


def test_words_without_all_their_times_have_none() -> None:
    words: list[dict[str, Any]] = [{"text": "Hi", "start_s": 1.0, "end_s": 1.2}, {"text": "Ted."}]
    found = scored({"words": words})
    assert [word["start_s"] for word in found["transcript"]["words"]] == [None, None]


@pytest.mark.parametrize("row", [{"text": ""}, {"text": " \u2003\n"}, {"text": "... - !"}])
def test_nothing_said_is_not_scored(row: dict[str, str]) -> None:
    found = scored(row)
    assert (found["status"], found["reasons"], found["scores"]) == (
        "not_scorable",
        ["no words"],
        None,
    )


@settings(deadline=None, max_examples=60)
@given(
    st.fixed_dictionaries(
        {"text": st.text(max_size=60) | st.just(CHECKING["text"])},
        optional={
            name: st.text(max_size=12) | st.integers(0, 10**12)
            for name in ("rep", "prospect", "interest", "notes", "company", "direct_number")
        },
    )
)
def test_any_text_gives_a_line_or_a_reason(row: dict[str, Any]) -> None:
    try:
        found = scored(row)
    except ValueError:
        return
    assert json.loads(json_line(found)) == found
    assert json_line(found) == json_line(scored(row))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(0, 1e308), min_size=2, max_size=40).map(sorted),
    st.sampled_from(["two", "206-555-0142", "call", "$", "May"]),
)
def test_any_times_give_a_line(edges: list[float], text: str) -> None:
    words = [
        {"text": text, "start_s": start, "end_s": end}
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    assert scored({"words": words})["status"] in {"scored", "not_scorable"}


# plain sense, by the scorer that comes with the program


def overall(tmp_path: Path, run: Run, *texts: str) -> list[dict[str, Any]]:
    rows = ({"text": text, "prospect": "Ted", "interest": "silver hybrid"} for text in texts)
    ended = run("score", write(tmp_path, *rows))
    return [json.loads(line)["scores"] for line in ended.out.splitlines()]


def test_a_reason_scores_above_checking_in_and_twice_above_once(tmp_path: Path, run: Run) -> None:
    checking, reason, twice = overall(
        tmp_path,
        run,
        f"{WHO} I was just checking in to see if you are still in the market. Call {NUMBER}.",
        f"{WHO} {REASON} Call {NUMBER}.",
        f"{WHO} {REASON} Call {NUMBER}. Again, that's {NUMBER}.",
    )
    assert checking["value"]["probability"] < 0.5 < reason["value"]["probability"]
    assert checking["overall"] < reason["overall"] < twice["overall"]
    assert reason["callback"]["probability"] < 0.5 < twice["callback"]["probability"]
    assert [one["callback"]["level"] for one in (reason, twice)] == [2, 3]


def test_a_message_that_says_nothing_scores_lowest(tmp_path: Path, run: Run) -> None:
    mumbled, plain = overall(tmp_path, run, "Hey, um, it's me, so, yeah.", GOOD["text"])
    assert mumbled["clarity"]["probability"] < plain["clarity"]["probability"]
    assert mumbled["overall"] < 30 < plain["overall"]
