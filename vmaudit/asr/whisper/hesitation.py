"""Filled pauses by their sound, written or not: a linear layer over the encoder's own frames.

Whisper's decoder learnt to leave an "um" out; its encoder hears one all the same, and so plainly
that weights on a frame and on six beside it tell it (docs/decisions/0016-hesitation.md). They ship
as numbers, ``models/filled-pauses.json``, for each speech model that ``tools/train_fillers.py``
has taught.
"""

from __future__ import annotations

import importlib.resources
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.special import expit
from torch import Tensor

from vmaudit.asr.whisper.recogniser import HeardPause, HeardWord
from vmaudit.asr.whisper.rules import FRAME_S

FILE_NAME = "filled-pauses.json"
OFFSETS = (-12, -8, -4, 0, 4, 8, 12)  # frames of 20 ms
SMOOTHED_OVER = 3  # frames: one alone says little
# One begins and ends where a frame is this likely, and is this likely on the whole.
EDGE_PROBABILITY = 0.3
MIN_PROBABILITY = 0.5
MIN_FRAMES = 7  # shorter: a vowel
MAX_DIP_FRAMES = 2  # within one
BESIDE_S = 0.3  # of the words' times: how far from one that was put in the sound may be


@dataclass(frozen=True, slots=True, eq=False)
class FilledPauseDetector:
    """A logistic regression on encoder features, and on those ``OFFSETS`` frames away.

    ``weights``: shape ``(len(OFFSETS), n_state)``.
    """

    weights: Tensor
    bias: float

    def probabilities(self, features: Tensor) -> NDArray[np.float32]:
        """How likely each frame is of a filled pause; ``features`` ``(frames, n_state)``."""
        parts = (features.float() @ self.weights.to(features.device).T).cpu().numpy()
        places = neighbours(len(parts))
        scores = np.take_along_axis(parts, places, axis=0).sum(axis=1) + self.bias
        found: NDArray[np.float32] = expit(uniform_filter1d(scores, SMOOTHED_OVER, mode="nearest"))
        return found


def neighbours(frames: int) -> NDArray[np.int64]:
    """Each frame and those ``OFFSETS`` away, shape ``(frames, len(OFFSETS))``; the ends go on."""
    places: NDArray[np.int64] = np.arange(frames)[:, np.newaxis] + np.array(OFFSETS)
    return places.clip(0, max(frames - 1, 0))


def detector_for(model_version: str) -> FilledPauseDetector | None:
    """The shipped detector for a speech model, such as base@2cc244ce7f33; None if there is none."""
    file = importlib.resources.files("vmaudit.models") / FILE_NAME
    kept = json.loads(file.read_text(encoding="utf-8")).get(model_version.rpartition("@")[2])
    return kept and FilledPauseDetector(torch.tensor(kept["weights"]), kept["bias"])


def filled_pauses(probabilities: NDArray[np.float32]) -> tuple[HeardPause, ...]:
    """The stretches of frames that may be filled pauses, in seconds from the first frame.

    ``probabilities``: shape ``(frames,)``. That of a stretch is its frames' mean.
    """
    likely = np.flatnonzero(probabilities >= EDGE_PROBABILITY)
    stretches = np.split(likely, np.flatnonzero(np.diff(likely) > MAX_DIP_FRAMES + 1) + 1)
    return tuple(
        HeardPause(float(start * FRAME_S), float(end * FRAME_S), probability)
        for start, end in ((some[0], some[-1] + 1) for some in stretches if len(some))
        if end - start >= MIN_FRAMES
        and (probability := float(probabilities[start:end].mean())) >= MIN_PROBABILITY
    )


def confirmed(
    words: Sequence[HeardWord], probabilities: NDArray[np.float32] | None
) -> list[HeardWord]:
    """The words but for restored ones that have no frame of ``EDGE_PROBABILITY`` near them.

    ``probabilities``: shape ``(frames,)``, from the clip's start; None confirms all.
    """
    if probabilities is None:
        return list(words)
    return [
        word
        for word in words
        if not word.restored or _peak_near(word, probabilities) >= EDGE_PROBABILITY
    ]


def _peak_near(word: HeardWord, probabilities: NDArray[np.float32]) -> float:
    first = max(math.floor((word.start_s - BESIDE_S) / FRAME_S), 0)
    last = math.ceil((word.end_s + BESIDE_S) / FRAME_S)
    return float(probabilities[first:last].max(initial=0.0))
