"""Teach a speech model's encoder to tell spoken digits, from composed recordings.

    pip install -e '.[samples]'
    python tools/compose_digits.py
    python tools/train_digits.py .cache/composed-digits [--model base]

A softmax regression on the frames that the encoder gives, each labelled by the times of
``truth.jsonl``. Writes the weights under the speech model's digest into
``models/spoken-digits.npz``, beside those of other speech models, and says how well the like
hears the digits of voices that it was not taught with. The same recordings give the same weights.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import torch
from encoded import ClipEncoder
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from vmaudit.asr.weights import load, model_version
from vmaudit.asr.whisper.digits import (
    CLASSES,
    DIGITS,
    FILE_NAME,
    NO_DIGIT,
    OFFSETS,
    PARTS,
    WORDS,
    DigitDetector,
    spoken_digits,
)
from vmaudit.asr.whisper.rules import FRAME_S

MODELS = Path(__file__).resolve().parents[1] / "models"
REGULARISATION = 1.0  # scikit-learn's C: smaller is stronger
MAX_ITERATIONS = 100  # by then it gets no better on voices left out
EVERY = 4  # frames one is learnt from: those beside it are much the same
FOLDS = 3  # of voices, to see how well it does on others


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Encoded frames, shape ``(n, n_state)``, and the digits in them."""

    voice: str
    frames: NDArray[np.float16]
    digits: Sequence[Mapping[str, Any]]

    @property
    def labels(self) -> NDArray[np.int64]:
        """The class of each frame, by its middle: a third of a digit, or none."""
        middles_s = (np.arange(len(self.frames)) + 0.5) * FRAME_S
        labels = np.full(len(middles_s), NO_DIGIT)
        for digit in self.digits:
            start_s, end_s = digit["start_s"], digit["end_s"]
            inside = (start_s <= middles_s) & (middles_s < end_s)
            parts = (PARTS * (middles_s[inside] - start_s) / (end_s - start_s)).astype(np.int64)
            labels[inside] = 1 + PARTS * WORDS.index(digit["word"]) + parts
        return labels

    @property
    def said(self) -> str:
        """The digits as they are dialled."""
        return "".join(DIGITS[WORDS.index(digit["word"])] for digit in self.digits)

    def examples(self) -> NDArray[np.float32]:
        """Some frames, each with those beside it, shape ``(n, len(OFFSETS) * n_state)``."""
        places = np.arange(0, len(self.frames), EVERY)[:, np.newaxis] + np.array(OFFSETS)
        joined = self.frames[places.clip(0, len(self.frames) - 1)]
        examples: NDArray[np.float32] = joined.reshape(len(joined), -1).astype(np.float32)
        return examples


def clips(folder: Path, model: str) -> Iterator[Clip]:
    """Encode the recordings of a folder of ``tools/compose_digits.py``, a clip each."""
    encoder = ClipEncoder(load(model))
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth: Mapping[str, Any] = json.loads(line)
        [clip] = encoder.clips(folder / truth["file"])
        yield Clip(truth["voice"], clip.frames.astype(np.float16), truth["digits"])


def fitted(some: Sequence[Clip]) -> DigitDetector:
    """Learn from clips."""
    scaler = StandardScaler()
    learner = LogisticRegression(C=REGULARISATION, max_iter=MAX_ITERATIONS)
    examples = scaler.fit_transform(np.concatenate([clip.examples() for clip in some]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped early, on purpose
        learner.fit(examples, np.concatenate([clip.labels[::EVERY] for clip in some]))
    if len(learner.classes_) != CLASSES:
        raise ValueError(f"{len(learner.classes_)} classes of {CLASSES} are said")
    weights = (learner.coef_ / scaler.scale_).astype(np.float16)  # as they are kept
    bias = learner.intercept_ - weights.astype(np.float64) @ scaler.mean_
    parted = weights.reshape(CLASSES, len(OFFSETS), -1).transpose(1, 2, 0)
    return DigitDetector(
        torch.from_numpy(parted.astype(np.float32)), torch.from_numpy(bias.astype(np.float32))
    )


def digit_errors(detector: DigitDetector, some: Sequence[Clip]) -> tuple[int, int]:
    """Digits wrong, missed or added; and digits said."""
    said = [" ".join(clip.said) for clip in some if clip.said]
    heard = [
        " ".join(digit.digit for digit in spoken_digits(detector.probabilities(_frames(clip))))
        for clip in some
        if clip.said
    ]
    counted = jiwer.process_words(said, heard)
    wrong = counted.substitutions + counted.deletions + counted.insertions
    return wrong, counted.hits + counted.substitutions + counted.deletions


def _frames(clip: Clip) -> torch.Tensor:
    return torch.from_numpy(clip.frames)


def keep(detector: DigitDetector, model: str) -> Path:
    """Write the weights for a speech model beside those of others; where they are kept."""
    path = MODELS / FILE_NAME
    kept: dict[str, NDArray[Any]] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as before:
            kept = {name: before[name] for name in before.files}
    digest = model_version(model).rpartition("@")[2]
    kept[f"{digest}.weights"] = detector.weights.numpy().astype(np.float16)
    kept[f"{digest}.bias"] = detector.bias.numpy()
    np.savez(path, allow_pickle=False, **kept)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, learn, and keep the weights."""
    parser = argparse.ArgumentParser(description="Teach an encoder to tell spoken digits.")
    parser.add_argument("folder", type=Path, help="of tools/compose_digits.py")
    parser.add_argument("--model", default="base")
    options = parser.parse_args(arguments)
    every = list(clips(options.folder, options.model))
    voices = sorted({clip.voice for clip in every})
    wrong = total = 0
    for left_out in (set(voices[fold::FOLDS]) for fold in range(FOLDS)):
        detector = fitted([clip for clip in every if clip.voice not in left_out])
        some = digit_errors(detector, [clip for clip in every if clip.voice in left_out])
        wrong, total = wrong + some[0], total + some[1]
    print(f"voices left out: {total} digits, {wrong} wrong, missed or added")
    path = keep(fitted(every), options.model)
    print(f"{path.relative_to(MODELS.parent)}: the weights for {options.model}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
