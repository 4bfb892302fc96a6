"""The teacher of digits: what it labels, learns and counts, on frames made up."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
FRAME_S = 0.02


@pytest.fixture(scope="module")
def tool() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield importlib.import_module("train_digits")


def clip_of(tool: Any, words: list[str], seed: int, voice: str = "a") -> Any:
    """Words of 0.3 s in noise, each third of which is high in a value of its own."""
    rng = np.random.default_rng(seed)
    frames = rng.normal(scale=0.3, size=(20 + 25 * len(words), tool.CLASSES))
    digits = []
    for number, word in enumerate(words):
        first = 10 + 25 * number
        for frame in range(15):
            part = tool.PARTS * frame // 15
            frames[first + frame, 1 + tool.PARTS * tool.WORDS.index(word) + part] += 8.0
        times = {"start_s": first * FRAME_S, "end_s": (first + 15) * FRAME_S}
        digits.append({"word": word} | times)
    return tool.Clip(voice, frames.astype(np.float16), digits)


def some_clips(tool: Any, voice: str, first_seed: int) -> list[Any]:
    rng = np.random.default_rng(first_seed)
    return [clip_of(tool, [*rng.permutation(tool.WORDS)], first_seed + n, voice) for n in range(4)]


def test_frames_are_labelled_by_the_third_of_a_digit_that_holds_their_middle(tool: Any) -> None:
    labels = clip_of(tool, ["two"], 0).labels
    first = 1 + tool.PARTS * 2
    assert labels[10:25].tolist() == [first] * 5 + [first + 1] * 5 + [first + 2] * 5
    assert not labels[:10].any()
    assert not labels[25:].any()


def test_each_example_comes_with_the_frames_beside_it(tool: Any) -> None:
    clip = clip_of(tool, ["two", "oh"], 0)
    joined = clip.examples().reshape(-1, len(tool.OFFSETS), tool.CLASSES)
    for column, offset in enumerate(tool.OFFSETS):
        assert (joined[5, column] == clip.frames[5 * tool.EVERY + offset]).all()
    assert (joined[0, 0] == clip.frames[0]).all()


def test_what_it_learns_hears_the_digits_of_another_voice(tool: Any) -> None:
    detector = tool.fitted(some_clips(tool, "a", 0) * 3)
    assert tool.digit_errors(detector, some_clips(tool, "b", 50)) == (0, 44)


def test_digits_that_nobody_says_are_not_learnt(tool: Any) -> None:
    with pytest.raises(ValueError, match="7 classes of 34 are said"):
        tool.fitted([clip_of(tool, ["one", "two"], 0)] * 2)


def test_weights_are_kept_beside_those_of_other_models(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "MODELS", tmp_path)
    monkeypatch.setattr(tool, "model_version", lambda name: f"{name}@{name}0")
    detector = tool.fitted(some_clips(tool, "a", 0))
    for name in ("first", "second"):
        path = tool.keep(detector, name)
    with np.load(path, allow_pickle=False) as kept:
        assert set(kept.files) == {
            *("first0.weights", "first0.bias", "second0.weights", "second0.bias")
        }
        weights = kept["first0.weights"].astype(np.float32)
    assert (weights == detector.weights.numpy()).all()  # nothing is lost in keeping them
