"""Recordings as a speech model's encoder has them, to teach what lies in its frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from whisper.model import Whisper

from vmaudit.asr.whisper.context import Context
from vmaudit.asr.whisper.encoder import MEL_FRAMES_PER_FRAME, Encoder
from vmaudit.asr.whisper.mel import log_mel
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.audio import decode
from vmaudit.config import AudioOptions
from vmaudit.records import SAMPLE_RATE_HZ

CLIP_S = 28.0  # less than Whisper's 30


@dataclass(frozen=True, slots=True, eq=False)
class EncodedClip:
    """Encoded frames, shape ``(n, n_state)``; the first begins at ``start_s`` of its recording."""

    start_s: float
    frames: NDArray[np.float32]


class ClipEncoder:
    """Encodes recordings as an audit would, but cut without regard to pauses."""

    def __init__(self, model: Whisper) -> None:
        self._model = model
        self._encoder, self._context = Encoder(model.encoder, torch.float32), Context()

    def clips(self, path: Path) -> Iterator[EncodedClip]:
        """The clips of a recording, in order."""
        dims = self._model.dims
        samples = decode(path, AudioOptions()).samples
        for start_s in np.arange(0.0, len(samples) / SAMPLE_RATE_HZ, CLIP_S):
            first, last = (round(at_s * SAMPLE_RATE_HZ) for at_s in (start_s, start_s + CLIP_S))
            clip = samples[first:last]
            frames = min(self._context.frames(len(clip)), dims.n_audio_ctx)
            mel_frames = frames * MEL_FRAMES_PER_FRAME
            mel = log_mel(clip, dims.n_mels, self._model.device, frames=mel_frames)
            with torch.inference_mode():
                encoded = self._encoder(mel[np.newaxis])[0].cpu().numpy()
            yield EncodedClip(start_s, encoded[: round(len(clip) / SAMPLE_RATE_HZ / FRAME_S)])
