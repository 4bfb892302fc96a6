"""Teach a speech model's encoder to tell filled pauses, from composed messages.

    pip install -e '.[samples]'
    python tools/compose_fillers.py --part tuning --count 480
    python tools/train_fillers.py .cache/composed-fillers/tuning [--model base]

A logistic regression on the frames that the encoder gives, each frame labelled by the times of
``truth.jsonl``. Writes the weights under the speech model's digest into
``models/filled-pauses.json``, beside those of other speech models, and says how well the like
finds the fillers of voices that it was not taught with. The same messages give the same weights.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from encoded import ClipEncoder
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.linear_model import LogisticRegression
from whisper.model import Whisper

from vmaudit.asr.weights import load, model_version
from vmaudit.asr.whisper.hesitation import (
    FILE_NAME,
    OFFSETS,
    FilledPauseDetector,
    filled_pauses,
    neighbours,
)
from vmaudit.asr.whisper.rules import FRAME_S

MODELS = Path(__file__).resolve().parents[1] / "models"
REGULARISATION = 0.003  # scikit-learn's C: smaller is stronger
EVERY = 3  # frames one is learnt from: those beside it are much the same
FOLDS = 4  # of voices, to see how well it does on others
TOLERANCE_S = 0.3
DIGITS = 5  # of a weight, as it is kept


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Encoded frames, shape ``(n, n_state)``, and the fillers in them, in seconds."""

    voice: str
    frames: NDArray[np.float32]
    fillers_s: NDArray[np.float64]

    @property
    def with_neighbours(self) -> NDArray[np.float32]:
        """Each frame with those beside it, shape ``(n, len(OFFSETS) * n_state)``."""
        joined: NDArray[np.float32] = self.frames[neighbours(len(self.frames))]
        return joined.reshape(len(self.frames), -1)

    @property
    def labels(self) -> NDArray[np.bool_]:
        """Which frames have their middle in a filler."""
        middles_s = (np.arange(len(self.frames)) + 0.5) * FRAME_S
        inside = (self.fillers_s[:, :1] <= middles_s) & (middles_s < self.fillers_s[:, 1:])
        labels: NDArray[np.bool_] = inside.any(axis=0)
        return labels


def clips(folder: Path, model: Whisper) -> Iterator[Clip]:
    """Encode the messages of a folder of ``tools/compose_fillers.py``."""
    encoder = ClipEncoder(model)
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth: Mapping[str, Any] = json.loads(line)
        fillers_s = np.array([(one["start_s"], one["end_s"]) for one in truth["fillers"]])
        for clip in encoder.clips(folder / truth["file"]):
            yield Clip(truth["voice"], clip.frames, fillers_s.reshape(-1, 2) - clip.start_s)


def fitted(some: Sequence[Clip]) -> FilledPauseDetector:
    """Learn from clips."""
    learner = LogisticRegression(C=REGULARISATION, max_iter=1000)
    learner.fit(
        np.concatenate([clip.with_neighbours[::EVERY] for clip in some]),
        np.concatenate([clip.labels[::EVERY] for clip in some]),
    )
    weights = learner.coef_[0].reshape(len(OFFSETS), -1).round(DIGITS)
    return FilledPauseDetector(
        torch.tensor(weights, dtype=torch.float32), round(float(learner.intercept_[0]), DIGITS)
    )


def counts(detector: FilledPauseDetector, some: Sequence[Clip]) -> NDArray[np.int64]:
    """Fillers said, found, and both, where the middles lie within ``TOLERANCE_S``."""
    total = np.zeros(3, dtype=np.int64)
    for clip in some:
        found = filled_pauses(detector.probabilities(torch.from_numpy(clip.frames)))
        said_s = clip.fillers_s.mean(axis=1)
        said_s = said_s[(said_s >= 0) & (said_s < len(clip.frames) * FRAME_S)]
        found_s = np.array([(one.start_s + one.end_s) / 2 for one in found])
        near = np.abs(said_s[:, np.newaxis] - found_s) <= TOLERANCE_S
        pairs = linear_sum_assignment(near, maximize=True)
        total += (len(said_s), len(found_s), int(near[pairs].sum()))
    return total


def keep(detector: FilledPauseDetector, model: str) -> Path:
    """Write the weights for a speech model beside those of others; where they are kept."""
    path = MODELS / FILE_NAME
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    # float32 has more digits in float64 than were kept.
    numbers = np.round(detector.weights.numpy().astype(np.float64), DIGITS).tolist()
    name, _, digest = model_version(model).rpartition("@")
    kept[digest] = {"name": name, "bias": detector.bias, "weights": numbers}
    path.write_text(json.dumps(kept, sort_keys=True) + "\n", encoding="utf-8")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, learn, and keep the weights."""
    parser = argparse.ArgumentParser(description="Teach an encoder to tell filled pauses.")
    parser.add_argument("folder", type=Path, help="the tuning part of tools/compose_fillers.py")
    parser.add_argument("--model", default="base")
    options = parser.parse_args(arguments)
    every = list(clips(options.folder, load(options.model)))
    total = np.zeros(3, dtype=np.int64)
    voices = sorted({clip.voice for clip in every})
    for left_out in (set(voices[fold::FOLDS]) for fold in range(FOLDS)):
        detector = fitted([clip for clip in every if clip.voice not in left_out])
        total += counts(detector, [clip for clip in every if clip.voice in left_out])
    said, found, hits = total.tolist()
    f1 = 2 * hits / (said + found)
    print(f"voices left out: {said} said, {found} found, {hits} right, F1 {f1:.3f}")
    path = keep(fitted(every), options.model)
    print(f"{path.relative_to(MODELS.parent)}: the weights for {options.model}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
