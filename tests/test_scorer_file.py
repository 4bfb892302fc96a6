"""The files of a scorer and its examples: whole, or refused; nothing in them is run."""

from __future__ import annotations

import copy
import dataclasses
import gzip
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from small_scorer import NUMBER, examples, message, small_scorer

from vmaudit.errors import ModelError
from vmaudit.scoring import Judge, load_rubric, load_scorer, read_examples, write_examples
from vmaudit.scoring.inputs import HeadName
from vmaudit.scoring.scorer import FORMAT

SAID = message(f"Hi Ted, this is Nina. The silver hybrid came in. Call {NUMBER}.", prospect="Ted")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scorer") / "new" / "mine.skops"
    small_scorer().save(path)
    return path


def test_a_scorer_that_was_kept_gives_the_same_scores(saved: Path) -> None:
    rubric = load_rubric()
    loaded = load_scorer(saved)
    assert Judge(loaded, rubric).score(SAID) == Judge(small_scorer(), rubric).score(SAID)
    assert len(loaded.version) == 64
    assert loaded.version == load_scorer(saved).version


class _Bomb:
    """What a pickle may hold: a call."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    path, harm = tmp_path / "scorer.skops", tmp_path / "harm"
    path.write_bytes(pickle.dumps(_Bomb(harm)))
    with pytest.raises(ModelError, match="is no scorer"):
        load_scorer(path)
    assert not harm.exists()


class Foreign:
    """A type that is neither numpy's nor scikit-learn's."""

    def __setstate__(self, state: Any) -> None:
        raise AssertionError("it was made")


def content(**changes: Any) -> dict[str, Any]:
    return {"format": FORMAT, "vectoriser": small_scorer().vectoriser, "heads": {}} | changes


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (content(format=FORMAT + 1), f"has format {FORMAT + 1}; this vmaudit reads {FORMAT}"),
        (content(vectoriser=Foreign()), "Untrusted types"),
        (content(heads={"value": {}}), "is no scorer"),
        (content(), "is no scorer"),
        ([1, 2], "is no scorer"),
        ({"format": FORMAT}, "is no scorer"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(tmp_path: Path, kept: Any, said: str) -> None:
    path = tmp_path / "scorer.skops"
    skops.io.dump(kept, path)
    with pytest.raises(ModelError, match=said):
        load_scorer(path)


def altered(name: HeadName, **changes: Any) -> dict[str, Any]:
    """The content of a good scorer's file, with one head changed."""
    heads = {key: dataclasses.asdict(head) for key, head in small_scorer().heads.items()}
    heads[name] |= changes
    return content(heads=heads)


CLARITY = small_scorer().heads["clarity"]


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("value", {"wording_weights": np.zeros((3, 10))}, "value: wording_weights must be"),
        ("clarity", {"input_weights": CLARITY.input_weights[:, 1:]}, "clarity: input_weights"),
        ("clarity", {"input_weights": CLARITY.input_weights * np.nan}, "must be finite"),
        ("clarity", {"inputs": CLARITY.inputs[1:]}, "clarity: input_weights must be"),
        ("callback", {"intercepts": np.zeros(2)}, "callback: intercepts must be"),
        ("callback", {"intercepts": np.array([0.0, np.inf, 0.0])}, "must be finite"),
        ("callback", {"intercepts": "high"}, "is no scorer"),
        ("value", {"yes_from": 0}, "value: yes_from must be 1, 2 or 3, not 0"),
        ("value", {"yes_from": 4}, "value: yes_from must be 1, 2 or 3, not 4"),
        ("value", {"yes_from": 2.0}, "value: yes_from must be 1, 2 or 3, not 2.0"),
    ],
)
def test_a_head_that_could_not_score_is_refused(
    tmp_path: Path, name: HeadName, changes: dict[str, Any], said: str
) -> None:
    path = tmp_path / "scorer.skops"
    skops.io.dump(altered(name), path)
    assert load_scorer(path)
    skops.io.dump(altered(name, **changes), path)
    with pytest.raises(ModelError, match=said):
        load_scorer(path)


@pytest.mark.parametrize("changes", [{"hybrid": 10_000}, {"and": 0, "or": 1}])
def test_a_vocabulary_that_does_not_fit_its_weights_is_refused(
    tmp_path: Path, changes: dict[str, int]
) -> None:
    path, vectoriser = tmp_path / "scorer.skops", copy.deepcopy(small_scorer().vectoriser)
    vectoriser.vocabulary_ |= changes
    skops.io.dump(altered("value") | {"vectoriser": vectoriser}, path)
    with pytest.raises(ModelError, match="is no scorer"):
        load_scorer(path)


@pytest.mark.parametrize("part", [0.0, 0.5, 0.95])
def test_a_truncated_file_is_refused(tmp_path: Path, saved: Path, part: float) -> None:
    path = tmp_path / "scorer.skops"
    path.write_bytes(saved.read_bytes()[: int(part * saved.stat().st_size)])
    with pytest.raises(ModelError, match="is no scorer"):
        load_scorer(path)


def test_a_text_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.skops").write_text("value = 3\n")
    with pytest.raises(ModelError, match="is no scorer"):
        load_scorer(tmp_path / "text.skops")
    for path in (tmp_path, tmp_path / "none.skops"):
        with pytest.raises(ModelError, match="cannot read the scorer"):
            load_scorer(path)


def test_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot write the scorer"):
        small_scorer().save(tmp_path)


def test_a_scorer_stands_until_another_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.skops"
    small_scorer().save(path)
    before = path.read_bytes()

    def cut_short(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", cut_short)
    with pytest.raises(KeyboardInterrupt):
        small_scorer().save(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["mine.skops"]


def test_examples_are_kept_and_read_again(tmp_path: Path) -> None:
    first, second = tmp_path / "a.gz", tmp_path / "b.gz"
    write_examples(examples(), first)
    kept = read_examples(first)
    assert [one.id for one in kept] == [one.id for one in examples()]
    assert kept[3].inputs == pytest.approx(examples()[3].inputs, abs=1e-4)
    write_examples(kept, second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    "damaged",
    [
        b"no archive",
        gzip.compress(b"[1]\n"),
        gzip.compress(b"{}\n"),
        gzip.compress(b"\xff\n"),
        gzip.compress(b"x" * 1000)[:20],
        gzip.compress(b"x" * 1000)[:12] + b"\xff" * 12,
    ],
)
def test_damaged_examples_are_refused(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "examples.gz"
    path.write_bytes(damaged)
    with pytest.raises(ModelError, match="holds no examples"):
        read_examples(path)
