"""The torch core: clips of up to 30 s in, words with times out, a batch at a time."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from whisper.model import Whisper
from whisper.tokenizer import get_tokenizer

from vmaudit.asr.whisper.alignment import Aligner, SpokenTokens
from vmaudit.asr.whisper.context import Context, spelling_context
from vmaudit.asr.whisper.decoding import BatchDecoder, ClipFacts, Hypothesis
from vmaudit.asr.whisper.encoder import MEL_FRAMES_PER_FRAME, Encoder
from vmaudit.asr.whisper.hesitation import confirmed
from vmaudit.asr.whisper.listening import Listening
from vmaudit.asr.whisper.mel import log_mel
from vmaudit.asr.whisper.network import Decoder, EncodedAudio
from vmaudit.asr.whisper.recogniser import HeardClip, HeardDigits, HeardSounds
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.spelling import Speller
from vmaudit.asr.whisper.verbatim import FilledPauses
from vmaudit.asr.whisper.workload import Workload, give_memory_back
from vmaudit.records import SAMPLE_RATE_HZ
from vmaudit.timing import stage

Clips = Sequence[NDArray[np.float32]]

# A shorter clip holds few words, and in its 30 s of context float32 costs as much as a message.
EXACT_FROM_S = 5.0


class TorchCore:
    """openai-whisper's weights, run as the hardware likes it best; see ``Recogniser``.

    Greedy words first; a clip of which these are unsure gets a second look by a wider search.
    bfloat16 keeps eight bits of a number: enough where a word is plain, not where two are
    nearly as likely, so then the second look at a clip of ``EXACT_FROM_S`` is in float32.
    """

    def __init__(
        self,
        model: Whisper,
        *,
        version: str,
        workload: Workload,
        listening: Listening | None = None,
    ) -> None:
        """Take a loaded model on the device where it shall run."""
        self.version = version
        self.batch_size, self.streams = workload.batch_size, workload.streams
        self._workload = workload
        listening = listening or Listening()
        self._swift = self._exact = _Network(model, workload.dtype, listening)
        if workload.dtype == torch.bfloat16:
            self._exact = _Network(model, torch.float32, listening)

    @torch.inference_mode()
    def recognise(self, clips: Clips, *, alone: bool = True) -> list[HeardClip]:
        """Transcribe clips of at most 30 s; see ``Recogniser``."""
        give_memory_back()
        self._workload.take_threads(alone=alone)
        looked = self._swift.look_at(clips)
        found = self._swift.greedy(looked)
        unsure = [index for index, one in enumerate(found) if one.is_unsure]
        exact = [index for index in unsure if self._is_worth_exactness(clips[index])]
        swift = {index: one for index, one in enumerate(found) if index not in exact}
        swift |= self._swift.look_again(looked, {i: found[i] for i in unsure if i in swift})
        heard = self._swift.timed(looked, swift)
        if exact:
            closer = self._exact.look_at([clips[index] for index in exact])
            first = {row: found[index] for row, index in enumerate(exact)}
            timed = self._exact.timed(closer, self._exact.look_again(closer, first))
            heard |= {index: timed[row] for row, index in enumerate(exact)}
        return [heard[index] for index in range(len(clips))]

    @torch.inference_mode()
    def spell(self, clip: NDArray[np.float32], lead: str) -> tuple[HeardDigits, ...]:
        """Hear digits alone in a clip of at most 30 s; see ``Recogniser``."""
        self._workload.take_threads(alone=False)
        return self._swift.spell(clip, lead)

    def _is_worth_exactness(self, clip: NDArray[np.float32]) -> bool:
        long = len(clip) >= EXACT_FROM_S * SAMPLE_RATE_HZ
        return self._exact is not self._swift and long


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """Clips, what their frames tell by themselves, and what one network's decoder sees of them."""

    clips: Clips
    sounds: Sequence[HeardSounds]
    audio: EncodedAudio

    def of(self, members: Sequence[int]) -> _Looked:
        """These clips alone."""
        if len(members) == len(self.clips):
            return self
        rows = torch.tensor(members, device=self.audio.keys[0].device)
        return _Looked(
            [self.clips[index] for index in members],
            [self.sounds[index] for index in members],
            self.audio.select(rows),
        )


class _Network:
    """The whole network in one number format."""

    def __init__(self, model: Whisper, dtype: torch.dtype, listening: Listening) -> None:
        self._listening = listening
        self._n_mels, self._max_frames = model.dims.n_mels, model.dims.n_audio_ctx
        self._device = model.device
        tokenizer = get_tokenizer(
            model.is_multilingual,
            num_languages=model.num_languages,
            language=listening.language,
            task="transcribe",
        )
        heads = [(layer, head) for layer, head in model.alignment_heads.indices().T.tolist()]
        self._encoder = Encoder(model.encoder, dtype)
        self._decoder = Decoder(model.decoder, dtype)
        self._search = BatchDecoder(self._decoder, tokenizer)
        self._speller = Speller(self._decoder, tokenizer)
        self._filled_pauses = None
        if listening.hears_filled_pauses:
            self._filled_pauses = FilledPauses(self._decoder, tokenizer)
        self._aligner = Aligner(self._decoder, tokenizer, heads)

    def look_at(self, clips: Clips, context: Context | None = None) -> _Looked:
        """Encode the clips, and project them for the decoder."""
        with stage("encode"):
            encoded = self._encode(clips, context or self._listening.context)
            sounds = [
                self._listening.sounds(features, len(clip))
                for features, clip in zip(encoded, clips, strict=True)
            ]
            return _Looked(clips, sounds, self._decoder.look_at(encoded))

    def greedy(self, looked: _Looked) -> list[Hypothesis]:
        """The likeliest words of every clip, a token at a time."""
        with stage("decode"):
            return self._search.greedy(looked.audio, [_facts(clip) for clip in looked.clips])

    def look_again(self, looked: _Looked, first: Mapping[int, Hypothesis]) -> dict[int, Hypothesis]:
        """Search wider for the words of some clips, by their indices."""
        if not first:
            return {}
        some = looked.of(list(first))
        with stage("decode"):
            found = self._search.look_again(
                some.audio, [_facts(clip) for clip in some.clips], list(first.values())
            )
        return dict(zip(first, found, strict=True))

    def timed(self, looked: _Looked, found: Mapping[int, Hypothesis]) -> dict[int, HeardClip]:
        """Give the words of some clips, by their indices, their times."""
        if not found:
            return {}
        some = looked.of(list(found))
        hypotheses = list(found.values())
        if self._filled_pauses:
            with stage("decode"):
                hypotheses = self._filled_pauses.restored(some.audio, hypotheses)
        spoken = [
            _spoken(one, len(clip) / SAMPLE_RATE_HZ)
            for one, clip in zip(hypotheses, some.clips, strict=True)
        ]
        with stage("align"):
            words = self._aligner.align(some.audio, spoken)
        return {
            index: one.as_heard(confirmed(said, sounds.hesitation), sounds)
            for (index, one), said, sounds in zip(found.items(), words, some.sounds, strict=True)
        }

    def spell(self, clip: NDArray[np.float32], lead: str) -> tuple[HeardDigits, ...]:
        """The likeliest digits of a clip."""
        looked = self.look_at([clip], spelling_context(lead))
        with stage("decode"):
            return self._speller.spell(looked.audio, lead)

    def _encode(self, clips: Clips, context: Context) -> list[torch.Tensor]:
        """Encode each clip in its own context; on a GPU those of one context together."""
        encoded: list[torch.Tensor] = [torch.empty(0)] * len(clips)
        groups = context.groups(clips, max_frames=self._max_frames)
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
    return SpokenTokens(
        hypothesis.text_tokens, hypothesis.probabilities, frames, hypothesis.restored
    )
