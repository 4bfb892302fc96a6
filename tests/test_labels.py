"""``vmaudit train`` and ``vmaudit evaluate``: people's labels, joined with what was said."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from helpers import Listener, Run, auditor_for
from small_scorer import NUMBER, examples, small_scorer

from vmaudit.config import Config, RunOptions
from vmaudit.errors import ConfigError
from vmaudit.labels import examples_of, read_labels
from vmaudit.runs import audit_folder
from vmaudit.scoring import load_scorer
from vmaudit.store import Store, store_address

WHO = "Hi Ted, this is Nina Whitlow at Harborview Motors."
REASONS = (
    "I was just checking in to see if you are still in the market.",
    "I wanted to tell you that we have great deals all month long.",
    "The new tax credit for heat pumps ends this Friday at noon.",
    "The silver hybrid that you asked about came in, with the tow package.",
)
FIELDS = ("text", "value", "clarity", "repeated", "rep", "accent")
Row = dict[str, Any]


def rows(value: Callable[[int], int] = lambda level: level) -> list[Row]:
    """24 messages of two reps; ``value`` gives the label for what a message is worth."""
    return [
        {
            "text": f"{WHO} {REASONS[k % 4]} Call {NUMBER}{f', {NUMBER}' * (k % 2)}, on day {k}.",
            "value": value(k % 4),
            "clarity": 3,
            "repeated": "yes" if k % 2 else "no",
            "rep": ("nina", "omar")[k // 4 % 2],
            "accent": ("northern", "southern")[k % 2],
        }
        for k in range(24)
    ]


def write(folder: Path, labelled: Sequence[Row], name: str = "labels.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            file.writelines(json.dumps(row) + "\n" for row in labelled)
        else:
            writer = csv.DictWriter(file, list(labelled[0]))
            writer.writeheader()
            writer.writerows(labelled)
    return path


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scorer that comes with the program is a small one here."""
    monkeypatch.setattr("vmaudit.teaching.shipped_examples", examples)
    for module in ("vmaudit.teaching", "vmaudit.scoring"):
        monkeypatch.setattr(f"{module}.shipped_scorer", small_scorer)


# reading


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl"])
def test_both_kinds_of_table_say_the_same(tmp_path: Path, name: str) -> None:
    found, warnings = read_labels(write(tmp_path, rows(), name), None)
    assert not warnings
    assert len(found) == 24
    assert found[0].levels == {"value": 0, "clarity": 3, "callback": 2}
    assert found[1].levels == {"value": 1, "clarity": 3, "callback": 3}
    assert (found[0].rep, found[0].slices) == ("nina", {"accent": "northern"})
    assert {one.group for one in examples_of(found)} == {"rep nina", "rep omar"}


def test_no_repeat_is_a_number_said_once_where_one_was_heard(tmp_path: Path) -> None:
    labelled = [
        {"text": "Call me at 240-555-0142.", "repeated": "no"},
        {"text": "Call me at 240-555-0142 or 240-555-0187.", "repeated": "no"},
        {"text": "Call me when you can.", "repeated": "no"},
        {"text": "Call me when you can.", "repeated": "yes"},
    ]
    found, _ = read_labels(write(tmp_path, labelled), None)
    assert [one.levels["callback"] for one in found] == [2, 1, 0, 3]


def test_a_message_that_is_labelled_twice_counts_twice(tmp_path: Path, run: Run) -> None:
    labels = write(tmp_path, [{**rows()[0], "value": level} for level in (0, 3)])
    found, _ = read_labels(labels, None)
    assert len({one.id for one in examples_of(found)}) == 2
    shown = run("evaluate", labels).out.split()
    assert shown[shown.index("value") + 1 : shown.index("value") + 3] == ["2", "0.500"]


def test_levels_are_read_as_pandas_writes_columns_with_gaps(tmp_path: Path) -> None:
    labelled = [
        {"text": REASONS[2], "value": "2.0", "clarity": "", "repeated": "1.0"},
        {"text": REASONS[2], "value": "0.0", "clarity": "3.0", "repeated": "0.0"},
        {"text": REASONS[2], "value": "2.5", "clarity": "", "repeated": ""},
    ]
    found, warnings = read_labels(write(tmp_path, labelled), None)
    assert [one.levels for one in found] == [
        {"value": 2, "callback": 3},
        {"value": 0, "clarity": 3, "callback": 0},
    ]
    assert warnings == ["labels.csv row 4: value must be 0, 1, 2 or 3, not '2.5'"]


def test_words_stand_for_their_text(tmp_path: Path) -> None:
    words = [
        {"text": text, "start_s": float(k), "end_s": k + 0.5}
        for k, text in enumerate(REASONS[2].split())
    ]
    labelled = [{"words": words, "value": 2}, {"text": REASONS[2], "value": 2}]
    found, warnings = read_labels(write(tmp_path, labelled, "labels.jsonl"), None)
    assert not warnings
    assert [one.name for one in found] == [REASONS[2]] * 2
    assert [word.end_s for word in found[0].message.words] == [word["end_s"] for word in words]
    assert found[0].slices == {}


@pytest.mark.parametrize(("region", "stated"), [("US", 0), ("GB", 1)])
def test_numbers_are_those_of_the_region(
    tmp_path: Path, run: Run, region: str, stated: int
) -> None:
    labels = write(tmp_path, [{"text": "Call me on 020 7946 0142.", "repeated": "no"}])
    found, _ = read_labels(labels, None, region=region)
    assert len(found[0].message.numbers) == stated
    row = f"{found[0].levels['callback']}: "
    shown = " ".join(run("evaluate", labels, "--region", region).out.split())
    assert re.search(rf"{row}[\d ]*1", shown), shown


def test_a_region_that_is_none_ends_with_two(tmp_path: Path, run: Run) -> None:
    labels = write(tmp_path, rows())
    for command in (("train", labels, "--to", tmp_path / "mine.skops"), ("evaluate", labels)):
        ended = run(*command, "--region", "XX")
        assert (ended.code, ended.err.count("\n")) == (2, 1), ended
        assert "XX" in ended.err


def test_bad_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    good = rows()[0]
    labelled = [
        good,
        {**good, "value": "4"},
        {**good, "value": "", "clarity": " ", "repeated": ""},
        {**good, "text": ""},
        {**good, "repeated": "perhaps"},
        {**good, "text": 'two\nlines, "quoted"'},
        {**good, "clarity": "x"},
    ]
    found, warnings = read_labels(write(tmp_path, labelled), None)
    assert [re.sub("'.*", "", text) for text in warnings] == [
        "labels.csv row 3: value must be 0, 1, 2 or 3, not ",
        "labels.csv row 4: no label is given: value, clarity or repeated",
        "labels.csv row 5: neither file nor text is given",
        "labels.csv row 6: repeated must be yes or no, not ",
        "labels.csv row 9: clarity must be 0, 1, 2 or 3, not ",
    ]
    assert [word.text for word in found[1].message.words] == ["two", "lines,", '"quoted"']


def test_bad_lines_of_json_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, rows()[:2], "labels.jsonl")
    bad = ["{", "[1]", "7", '{"text": 5}', '{"text": ["a"], "value": 1}', "[" * 200_000]
    separated = json.dumps({"text": "Hi\u2028Ted.", "value": 0}, ensure_ascii=False)
    path.write_text(path.read_text() + "\n".join([*bad, separated]), encoding="utf-8")
    found, warnings = read_labels(path, None)
    assert [text.split(":")[0] for text in warnings] == [
        f"labels.jsonl row {row}" for row in range(3, 9)
    ]
    assert len(found) == 3
    assert found[0].levels["value"] == 0


@pytest.mark.parametrize("content", [b"", b"text,value\n", b"\xff\xfe", b"text,value\nhi,9\n"])
def test_nothing_usable_ends_with_two(tmp_path: Path, run: Run, content: bytes) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    for command in (("train", path, "--to", tmp_path / "mine.skops"), ("evaluate", path)):
        ended = run(*command)
        assert ended.code == 2, ended
        assert "labels.csv" in ended.err
    assert run("evaluate", tmp_path / "none.csv").code == 2


# evaluate


def test_evaluate_shows_all_and_every_slice(tmp_path: Path, run: Run) -> None:
    ended = run("evaluate", write(tmp_path, [*rows(), {**rows()[0], "value": 9}]))
    assert ended.code == 0, ended
    assert ended.err == "warning: labels.csv row 26: value must be 0, 1, 2 or 3, not '9'\n"
    titles = [line for line in ended.out.splitlines() if line and not line.startswith(" ")]
    for title in ("all", "rep: nina", "rep: omar", "accent: northern", "accent: southern"):
        assert any(line.strip() == title for line in titles), ended.out
    assert "value, labelled level: how often 0 1 2 3 was given: 0: 6 0 0 0;" in " ".join(
        ended.out.split()
    )


def test_evaluate_makes_no_slice_of_reps_that_nobody_knows(tmp_path: Path, run: Run) -> None:
    labelled = [{key: row[key] for key in FIELDS if key != "rep"} for row in rows()]
    labelled[0] |= {"rep": "nina"}
    labels = write(tmp_path, labelled, "labels.jsonl")
    ended = run("evaluate", labels)
    titles = re.findall(r"^((?:rep|accent): .*?) *$", ended.out, re.M)
    assert titles == ["rep: nina", "accent: northern", "accent: southern"], ended.out
    found, _ = read_labels(labels, None)
    assert len({one.group for one in examples_of(found)}) == 24


def test_evaluate_one_message_with_one_label(tmp_path: Path, run: Run) -> None:
    ended = run("evaluate", write(tmp_path, [{"text": REASONS[3], "value": 3}]))
    assert ended.code == 0, ended
    assert "clarity" not in ended.out


def test_evaluate_another_scorer(tmp_path: Path, run: Run) -> None:
    path, labels = tmp_path / "mine.skops", write(tmp_path, rows())
    small_scorer().save(path)
    assert run("evaluate", labels, "--scorer", path).out == run("evaluate", labels).out
    assert run("evaluate", labels, "--scorer", labels).code == 1


@pytest.mark.skipif(not importlib.util.find_spec("matplotlib"), reason="matplotlib is not there")
def test_the_calibration_is_drawn(tmp_path: Path, run: Run) -> None:
    labels, picture = write(tmp_path, rows()), tmp_path / "curve.svg"
    assert run("evaluate", labels, "--picture", picture).code == 0
    assert picture.read_text(encoding="utf-8").count("<svg") == 1
    for wrong in (tmp_path / "curve.doc", tmp_path / "no" / "curve.svg"):
        ended = run("evaluate", labels, "--picture", wrong)
        assert ended.code == 2
        assert "cannot draw" in ended.err


def test_without_matplotlib_the_error_says_what_to_install(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    ended = run("evaluate", write(tmp_path, rows()), "--picture", tmp_path / "curve.svg")
    assert ended.code == 2
    assert "pip install 'vmaudit[pictures]'" in ended.err


# train


def test_labels_of_another_mind_make_a_better_scorer(tmp_path: Path, run: Run) -> None:
    labels, path = write(tmp_path, rows(lambda level: 3 - level)), tmp_path / "new" / "mine.skops"
    ended = run("train", labels, "--to", path)
    assert ended.code == 0, ended
    assert f"use it with --scorer {path}" in ended.out.replace("\n", "")
    taught = load_scorer(path)
    shown = run("evaluate", labels, "--scorer", path)
    assert shown.out != run("evaluate", labels).out
    assert set(taught.heads) == {"value", "clarity", "callback"}


def test_no_better_is_not_written_unless_told(tmp_path: Path, run: Run) -> None:
    labels, path = write(tmp_path, rows()[:8]), tmp_path / "mine.skops"
    ended = run("train", labels, "--to", path)
    assert ended.code == 1, ended
    assert "no better" in ended.err
    assert "8 labelled messages say little" in ended.err
    assert not path.exists()
    assert run("train", labels, "--to", path, "--force").code == 0
    assert path.exists()


def test_one_rep_is_not_enough_to_learn_from(tmp_path: Path, run: Run) -> None:
    labels = write(tmp_path, [{**row, "rep": "nina"} for row in rows()])
    ended = run("train", labels, "--to", tmp_path / "mine.skops")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "at least two reps" in ended.err


def test_too_few_labels_end_with_one_line(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vmaudit.teaching.shipped_examples", list)
    labels = write(tmp_path, rows())
    ended = run("train", labels, "--to", tmp_path / "mine.skops")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "too few labels" in ended.err


def test_a_scorer_goes_nowhere_it_cannot(tmp_path: Path, run: Run) -> None:
    labels = write(tmp_path, rows()[:8])
    ended = run("train", labels, "--to", tmp_path, "--force")
    assert ended.code == 1
    assert "cannot write the scorer" in ended.err


# what an audit heard


@pytest.fixture
def out(recordings: Path, listener: Listener, tmp_path: Path) -> Path:
    options = Config(run=RunOptions(jobs=1))
    audit_folder(recordings, tmp_path / "out", options, auditor=auditor_for(listener, options))
    return tmp_path / "out"


def test_labels_by_file_are_of_what_was_heard(tmp_path: Path, out: Path, run: Run) -> None:
    labelled = [
        {"file": "marcus/brandt.wav", "value": 0, "clarity": 2, "repeated": "no", "site": "east"},
        {"file": "nina/vega.wav", "value": 0, "clarity": 1, "repeated": "yes", "site": "west"},
        {"file": "nina/oakley.wav", "value": 2, "clarity": 2, "repeated": "no", "site": "west"},
        {"file": "silent.wav", "value": 0, "clarity": 0, "repeated": "no", "site": "west"},
        {"file": "none.wav", "value": 0, "clarity": 0, "repeated": "no", "site": "west"},
    ]
    labels = write(tmp_path, labelled)
    store = Store(store_address(out))
    found, warnings = read_labels(labels, store)
    store.close()
    assert [one.name for one in found] == [row["file"] for row in labelled[:3]]
    assert found[1].message.callback.repeated
    assert found[1].message.delivery.snr_db is not None
    assert warnings == [
        "labels.csv row 5: silent.wav cannot be scored: no speech",
        "labels.csv row 6: none.wav is in no audit that was given (--from)",
    ]
    ended = run("evaluate", labels, "--from", out)
    assert ended.code == 0, ended
    assert "site: west" in ended.out
    assert "noise: " in ended.out
    assert run("evaluate", labels, "--from", tmp_path).code == 2
    with pytest.raises(ConfigError, match="--from"):
        read_labels(labels, None)
