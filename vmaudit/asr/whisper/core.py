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
from vmaudit.asr.whisper.network import Decoder, EncodedAudio
from vmaudit.asr.whisper.recogniser import HeardClip
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.workload import Workload, give_memory_back
from vmaudit.records import SAMPLE_RATE_HZ
from vmaudit.timing import stage

Clips = Sequence[NDArray[np.float32]]


class TorchCore:
    """openai-whisper's weights, run as the hardware likes it best; see ``Recogniser``.

    bfloat16 keeps eight bits of a number: enough where a word is plain, not where two are
    nearly as likely. So there it is a first pass, and the clips whose greedy words are unsure
    are heard again in float32.
    """

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
        self.version = version
        self.batch_size, self.streams = workload.batch_size, workload.streams
        self._workload = workload
        context = context or Context()
        is_coarse = workload.dtype == torch.bfloat16
        final = torch.float32 if is_coarse else workload.dtype
        self._first_pass = _Pass(model, workload.dtype, language, context) if is_coarse else None
        self._final_pass = _Pass(model, final, language, context)

    @torch.inference_mode()
    def recognise(self, clips: Clips, *, alone: bool = True) -> list[HeardClip]:
        """Transcribe clips of at most 30 s; see ``Recogniser``."""
        give_memory_back()
        self._workload.take_threads(alone=alone)
        if self._first_pass is None:
            return self._final_pass.hear(clips)
        heard = self._first_pass.hear_plain(clips)
        unsure = [index for index, clip in enumerate(heard) if clip is None]
        again = iter(self._final_pass.hear([clips[index] for index in unsure]))
        return [next(again) if clip is None else clip for clip in heard]


class _Pass:
    """The whole network in one number format."""

    def __init__(self, model: Whisper, dtype: torch.dtype, language: str, context: Context) -> None:
        self._context = context
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

    def hear(self, clips: Clips) -> list[HeardClip]:
        """Hear every clip, by beams and draws where its greedy words are unsure."""
        if not clips:
            return []
        audio = self._look_at(clips)
        with stage("decode"):
            found = self._search.decode(audio, [_facts(clip) for clip in clips])
        return self._with_times(audio, found, clips)

    def hear_plain(self, clips: Clips) -> list[HeardClip | None]:
        """Hear the clips whose greedy words are sure; None stands for the others."""
        audio = self._look_at(clips)
        with stage("decode"):
            found = self._search.greedy(audio, [_facts(clip) for clip in clips])
        heard = self._with_times(audio, found, clips)
        return [None if h.is_unsure else clip for h, clip in zip(found, heard, strict=True)]

    def _look_at(self, clips: Clips) -> EncodedAudio:
        with stage("encode"):
            return self._decoder.look_at(self._encode(clips))

    def _encode(self, clips: Clips) -> list[torch.Tensor]:
        """Encode each clip in its own context; on a GPU those of one context together."""
        encoded: list[torch.Tensor] = [torch.empty(0)] * len(clips)
        groups = self._context.groups(clips, max_frames=self._max_frames)
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

    def _with_times(
        self, audio: EncodedAudio, found: Sequence[Hypothesis], clips: Clips
    ) -> list[HeardClip]:
        spoken = [
            _spoken(hypothesis, len(clip) / SAMPLE_RATE_HZ)
            for hypothesis, clip in zip(found, clips, strict=True)
        ]
        with stage("align"):
            words = self._aligner.align(audio, spoken)
        return [h.as_heard(said) for h, said in zip(found, words, strict=True)]


def _facts(clip: NDArray[np.float32]) -> ClipFacts:
    return ClipFacts(len(clip) / SAMPLE_RATE_HZ, zlib.crc32(clip.tobytes()))


def _spoken(hypothesis: Hypothesis, clip_s: float) -> SpokenTokens:
    """The words to be timed, and the audio that they may lie in."""
    if hypothesis.is_silence:
        return SpokenTokens((), (), 0)
    heard_s = clip_s if hypothesis.rest_s is None else min(hypothesis.rest_s, clip_s)
    frames = max(1, round(heard_s / FRAME_S))
    return SpokenTokens(hypothesis.text_tokens, hypothesis.probabilities, frames)
