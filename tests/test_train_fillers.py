"""The teacher of filled pauses: what it labels, learns and counts, on frames made up."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
N_STATE = 6
FRAME_S = 0.02


@pytest.fixture(scope="module")
def tool() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield importlib.import_module("train_fillers")


def clip_of(tool: Any, fillers_s: list[tuple[float, float]], seed: int, voice: str = "a") -> Any:
    """Ten seconds of noise in which the first value is high where somebody hesitates."""
    rng = np.random.default_rng(seed)
    frames = rng.normal(scale=0.3, size=(500, N_STATE)).astype(np.float32)
    for start_s, end_s in fillers_s:
        frames[round(start_s / FRAME_S) : round(end_s / FRAME_S), 0] += 8.0
    return tool.Clip(voice, frames, np.array(fillers_s).reshape(-1, 2))


def some_clips(tool: Any, voice: str, first_seed: int) -> list[Any]:
    fillers_s = [[(1.0, 1.5), (4.0, 4.3)], [(2.0, 2.6)], []]
    return [clip_of(tool, one, first_seed + n, voice) for n, one in enumerate(fillers_s)]


def test_frames_whose_middle_is_in_a_filler_are_labelled(tool: Any) -> None:
    labels: NDArray[np.bool_] = clip_of(tool, [(1.0, 1.1), (9.96, 12.0)], 0).labels
    assert np.flatnonzero(labels).tolist() == [50, 51, 52, 53, 54, 498, 499]
    assert not clip_of(tool, [], 0).labels.any()
    assert not clip_of(tool, [(-2.0, -1.0)], 0).labels.any()  # of the clip before


def test_each_frame_comes_with_those_beside_it(tool: Any) -> None:
    clip = clip_of(tool, [], 0)
    joined = clip.with_neighbours.reshape(500, len(tool.OFFSETS), N_STATE)
    for column, offset in enumerate(tool.OFFSETS):
        assert (joined[100, column] == clip.frames[100 + offset]).all()
    assert (joined[0, 0] == clip.frames[0]).all()


def test_what_it_learns_finds_the_fillers_of_another_voice(tool: Any) -> None:
    detector = tool.fitted(some_clips(tool, "a", 0) * 8)
    assert tool.counts(detector, some_clips(tool, "b", 50)).tolist() == [3, 3, 3]
    nothing = [clip_of(tool, [], 80)]
    assert tool.counts(detector, nothing).tolist() == [0, 0, 0]


def test_a_filler_counts_in_the_clip_that_holds_its_middle(tool: Any) -> None:
    detector = tool.fitted(some_clips(tool, "a", 0) * 8)
    across = clip_of(tool, [(9.9, 10.4)], 90)  # its middle is in the next clip
    said, _, _ = tool.counts(detector, [across]).tolist()
    assert said == 0
