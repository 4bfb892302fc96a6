"""The torch core: clips of up to 30 s in, words with times out, a batch at a time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from whisper.model import Whisper
from whisper.tokenizer import get_tokenizer

from vmaudit.asr.whisper.alignment import Aligner, SpokenTokens
from vmaudit.asr.whisper.context import Context
from vmaudit.asr.whisper.decoding import BatchDecoder, ClipFacts, Hypothesis
from vmaudit.asr.whisper.encoder import MEL_FRAMES_PER_FRAME, Encoder
from vmaudit.asr.whisper.mel import log_mel
from vmaudit.asr.whisper.network import Decoder
from vmaudit.asr.whisper.recogniser import HeardClip
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.workload import Workload, give_memory_back
from vmaudit.records import SAMPLE_RATE_HZ
from vmaudit.timing import stage


class TorchCore:
    """openai-whisper's weights, run as the hardware likes it best; see ``Recogniser``."""

    def __init__(
        self,
        model: Whisper,
        *,
        version: str,
        workload: Workload,
        language: str = "en",
        context: Context | None = None,
    ) -> None:
        """Take a loaded model on the device where it shall run.

        ``context`` says how much of Whisper's 30 s a clip is encoded in.
        """
        dtype = workload.dtype
        self.version = version
        self._workload = workload
        self._context = context or Context()
        self._n_mels, self._max_frames = model.dims.n_mels, model.dims.n_audio_ctx
        self._device = model.device
        tokenizer = get_tokenizer(
            model.is_multilingual,
            num_languages=model.num_languages,
            language=language,
            task="transcribe",
        )
        heads = [(layer, head) for layer, head in model.alignment_heads.indices().T.tolist()]
        self._encoder = Encoder(model.encoder, dtype)
        self._decoder = Decoder(model.decoder, dtype)
        self._search = BatchDecoder(self._decoder, tokenizer)
        self._aligner = Aligner(self._decoder, tokenizer, heads)

    @property
    def batch_size(self) -> int:
        """See ``Recogniser``."""
        return self._workload.batch_size

    @property
    def streams(self) -> int:
        """See ``Recogniser``."""
        return self._workload.streams

    @torch.inference_mode()
    def recognise(
        self, clips: Sequence[NDArray[np.float32]], *, alone: bool = True
    ) -> list[HeardClip]:
        """Transcribe clips of at most 30 s; see ``Recogniser``."""
        give_memory_back()
        self._workload.take_threads(alone=alone)
        with stage("encode"):
            audio = self._decoder.look_at(self._encode(clips))
        with stage("decode"):
            found = self._search.decode(audio, [_facts(clip) for clip in clips])
        spoken = [
            _spoken(hypothesis, len(clip) / SAMPLE_RATE_HZ)
            for hypothesis, clip in zip(found, clips, strict=True)
        ]
        with stage("align"):
            words = self._aligner.align(audio, spoken)
        return [
            HeardClip(
                tuple(said), None if h.is_silence else h.rest_s, h.language, h.language_probability
            )
            for said, h in zip(words, found, strict=True)
        ]

    def _encode(self, clips: Sequence[NDArray[np.float32]]) -> list[torch.Tensor]:
        """Encode each clip in its own context; on a GPU those of one context together."""
        groups: dict[int, list[int]] = {}
        for index, clip in enumerate(clips):
            frames = min(self._context.frames(len(clip)), self._max_frames)
            groups.setdefault(frames, []).append(index)
        encoded: list[torch.Tensor] = [torch.empty(0)] * len(clips)
        for frames, members in groups.items():
            rows = len(members) if self._device.type == "cuda" else 1
            for start in range(0, len(members), rows):
                some = members[start : start + rows]
                mel = [
                    log_mel(
                        clips[index],
                        self._n_mels,
                        self._device,
                        frames=frames * MEL_FRAMES_PER_FRAME,
                    )
                    for index in some
                ]
                for index, features in zip(some, self._encoder(torch.stack(mel)), strict=True):
                    encoded[index] = features
        return encoded


def _facts(clip: NDArray[np.float32]) -> ClipFacts:
    return ClipFacts(len(clip) / SAMPLE_RATE_HZ, zlib.crc32(clip.tobytes()))


def _spoken(hypothesis: Hypothesis, clip_s: float) -> SpokenTokens:
    """The words to be timed, and the audio that they may lie in."""
    if hypothesis.is_silence:
        return SpokenTokens((), (), 0)
    heard_s = clip_s if hypothesis.rest_s is None else min(hypothesis.rest_s, clip_s)
    frames = max(1, round(heard_s / FRAME_S))
    return SpokenTokens(hypothesis.text_tokens, hypothesis.probabilities, frames)
