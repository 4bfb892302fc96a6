"""Digits by their sound: a linear layer over the encoder's own frames, and the path through it.

Whisper's decoder counts repeated digits badly and makes words of what it does not understand. Its
encoder hears every digit at its place: weights on a frame and on four beside it tell which part of
which digit is being said (docs/decisions/0017-digits-by-their-sound.md). They ship as numbers,
``models/spoken-digits.npz``, for each speech model that ``tools/train_digits.py`` has taught.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import librosa
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vmaudit.asr.whisper.recogniser import HeardDigit
from vmaudit.asr.whisper.rules import FRAME_S

FILE_NAME = "spoken-digits.npz"
OFFSETS = (-8, -4, 0, 4, 8)  # frames of 20 ms
WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "oh",
)
DIGITS = "01234567890"  # what the words stand for
# The classes: no digit, then the beginning, the middle and the end of each word.
NO_DIGIT = 0
PARTS = 3
CLASSES = 1 + PARTS * len(WORDS)

MIN_FRAMES = (2, 3, 2)  # of each part: seven digits a second
BEGINS = 0.004  # how likely a frame without a digit is followed by a given one
STAYS = 0.9  # ... a part goes on, having lasted its frames
ENDS, GOES_ON = 0.25, 0.05  # ... a word is followed by none, or by another, at once
AUDIBLE = 0.5  # a frame is looked at where it is this likely of a digit, and
MARGIN_FRAMES = 25  # those so near


@dataclass(frozen=True, slots=True, eq=False)
class DigitDetector:
    """A softmax regression on encoder features, and on those ``OFFSETS`` frames away.

    ``weights``: shape ``(len(OFFSETS), n_state, CLASSES)``; ``bias``: shape ``(CLASSES,)``.
    """

    weights: Tensor
    bias: Tensor

    def probabilities(self, features: Tensor) -> NDArray[np.float32]:
        """How likely each frame is of each class, ``(frames, CLASSES)``.

        ``features`` has shape ``(frames, n_state)``.
        """
        found = features.float()
        places = torch.arange(len(found), device=found.device)
        scores = self.bias.to(found.device).expand(len(found), -1)
        for offset, weights in zip(OFFSETS, self.weights.to(found.device), strict=True):
            beside = (places + offset).clamp(0, max(len(found) - 1, 0))
            scores = scores + (found @ weights)[beside]
        likely: NDArray[np.float32] = scores.softmax(dim=1).cpu().numpy()
        return likely


def detector_for(model_version: str) -> DigitDetector | None:
    """The shipped detector for a speech model, such as base@2cc244ce7f33; None if there is none."""
    digest = model_version.rpartition("@")[2]
    file = importlib.resources.files("vmaudit.models") / FILE_NAME
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
        if f"{digest}.weights" not in kept:
            return None
        weights, bias = (
            kept[f"{digest}.{name}"].astype(np.float32) for name in ("weights", "bias")
        )
    return DigitDetector(torch.from_numpy(weights), torch.from_numpy(bias))


def spoken_digits(probabilities: NDArray[np.float32]) -> tuple[HeardDigit, ...]:
    """The likeliest digits, in order, in seconds from the first frame.

    ``probabilities``: shape ``(frames, CLASSES)``. That of a digit is its frames' mean.
    """
    return tuple(
        digit
        for start, end in _audible(probabilities)
        for digit in _path(probabilities[start:end], start)
    )


def _audible(probabilities: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """Where digits may be, with what is around them."""
    audible = np.flatnonzero(probabilities[:, NO_DIGIT] < AUDIBLE)
    if not len(audible):
        return
    for some in np.split(audible, np.flatnonzero(np.diff(audible) > 2 * MARGIN_FRAMES) + 1):
        start, end = some[0] - MARGIN_FRAMES, some[-1] + 1 + MARGIN_FRAMES
        yield max(int(start), 0), min(int(end), len(probabilities))


def _path(probabilities: NDArray[np.float32], first: int) -> Iterator[HeardDigit]:
    """The digits on the likeliest path; ``first`` is the number of its first frame."""
    transitions, classes = _states()
    begins_with_none = np.eye(1, len(classes)).ravel()
    path = librosa.sequence.viterbi(
        np.ascontiguousarray(probabilities[:, classes].T), transitions, p_init=begins_with_none
    ).astype(np.int64)
    per_word = sum(MIN_FRAMES)
    words = (path - 1) // per_word  # -1: no digit
    is_first = (path % per_word == 1 % per_word) & (path > 0)
    changes = np.flatnonzero((np.diff(words, prepend=-1) != 0) | is_first)
    for start, end in pairwise([*changes, len(path)]):
        if words[start] < 0:
            continue
        digit = int(DIGITS[words[start]])
        likely = _of_digits(probabilities[start:end])
        rival = int(np.argmax(np.where(np.arange(len(likely)) == digit, -1.0, likely)))
        yield HeardDigit(
            str(digit),
            float((first + start) * FRAME_S),
            float((first + end) * FRAME_S),
            float(likely[digit]),
            str(rival),
            float(likely[rival]),
        )


def _of_digits(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """How likely each of the ten digits is, on the whole, in all the frames of one."""
    words = probabilities[:, 1:].reshape(-1, len(WORDS), PARTS).sum(axis=2).mean(axis=0)
    likely: NDArray[np.float64] = np.zeros(10)
    np.add.at(likely, [int(digit) for digit in DIGITS], words)
    return likely


@cache
def _states() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Which state follows which, and the class of each.

    The first is no digit; a word is a row of states, as many for each part as it lasts at least.
    """
    per_word = sum(MIN_FRAMES)
    firsts = 1 + per_word * np.arange(len(WORDS))
    transitions = np.zeros((1 + per_word * len(WORDS),) * 2)
    classes = np.zeros(len(transitions), dtype=np.int64)
    transitions[0, firsts] = BEGINS
    transitions[0, 0] = 1 - BEGINS * len(WORDS)
    for word, first in enumerate(firsts):
        state = first
        for part, frames in enumerate(MIN_FRAMES):
            classes[state : state + frames] = 1 + PARTS * word + part
            for _ in range(frames - 1):
                transitions[state, state + 1] = 1.0
                state += 1
            transitions[state, state] = STAYS
            transitions[state, state + 1 : state + 2] = 1 - STAYS
            state += 1
        last = state - 1
        transitions[last] = 0.0
        transitions[last, firsts] = GOES_ON / len(WORDS)
        transitions[last, 0] = ENDS
        transitions[last, last] = 1 - ENDS - GOES_ON
    return transitions, classes
