"""The CTranslate2 core: the same clips in and words out as the torch core, in int8 on a CPU.

CTranslate2 encodes, decodes and aligns; what is a window's rest, a loop, a guess or silence is
judged by the torch core's own rules. It wants one context for a whole batch, so clips are
heard in groups of equal context.
"""

from __future__ import annotations

import dataclasses
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import torch
from numpy.typing import NDArray
from whisper.tokenizer import get_tokenizer

from vmaudit.asr.whisper.alignment import MEDIAN_FRAMES, SpokenTokens, to_words
from vmaudit.asr.whisper.context import spelling_context
from vmaudit.asr.whisper.decoding import (
    BEAM_SIZE,
    TEMPERATURES,
    Hypothesis,
    better,
    compression_ratio,
    repeats_itself,
    split_at_rest,
)
from vmaudit.asr.whisper.encoder import MEL_FRAMES_PER_FRAME
from vmaudit.asr.whisper.listening import Listening
from vmaudit.asr.whisper.mel import log_mel
from vmaudit.asr.whisper.recogniser import HeardClip, HeardDigits, HeardWord
from vmaudit.asr.whisper.rules import (
    FORBIDDEN,
    FRAME_S,
    MAX_INITIAL_TIMESTAMP_S,
    suppressed_tokens,
)
from vmaudit.asr.whisper.sampled import goes_in_circles
from vmaudit.asr.whisper.spelling import MAX_DIGITS, READINGS, digit_tokens, ranked, spelling_prompt
from vmaudit.asr.whisper.windows import CONTEXT_S
from vmaudit.errors import ConfigError, ModelError
from vmaudit.machine import available_cores
from vmaudit.records import SAMPLE_RATE_HZ

MAX_CONTEXT_FRAMES = round(CONTEXT_S / FRAME_S)
CPU_BATCH_SIZE = 8
GPU_BATCH_SIZE = 16  # a clip of the largest model takes about 0.25 GB in float16
GPU_STREAMS = 1
PRECISIONS = frozenset({"float32", "bfloat16", "float16", "int8"})

CPU = torch.device("cpu")  # features are a small part of the work
# The seed of random draws is the whole process's.
_RANDOM = threading.Lock()

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Ct2Workload:
    """``batch_size`` clips at a time in each of ``streams``; on a CPU a stream has one core.

    ``device`` is cpu, cuda or cuda:N; ``compute_type`` is one of CTranslate2's names.
    """

    device: str
    compute_type: str
    batch_size: int
    streams: int

    def load(self, folder: Path, *, workers: int | None = None) -> Any:
        """Load CTranslate2's files from ``folder``. Raises ``ModelError``."""
        kind, _, index = self.device.partition(":")
        try:
            return ctranslate2.models.Whisper(
                str(folder),
                device=kind,
                device_index=int(index or 0),
                compute_type=self.compute_type,
                inter_threads=workers or self.streams,
                intra_threads=1,
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"CTranslate2 cannot load {folder}: {error}") from error


def ct2_workload(device: str, precision: str, batch_size: int | None) -> Ct2Workload:
    """Choose number format, batch and streams for ``device``.

    Raises ``ConfigError`` for a precision that CTranslate2 does not offer there.
    """
    kind, _, index = device.partition(":")
    on_gpu = kind == "cuda"
    if precision == "auto":
        precision = "float16" if on_gpu else "int8"
    try:
        offered = ctranslate2.get_supported_compute_types(kind, int(index or 0))
    except (RuntimeError, ValueError) as error:  # built without CUDA, or no such device
        raise ConfigError(f"device: CTranslate2 cannot use {device}: {error}") from error
    if precision not in offered:
        choices = ", ".join(["auto", *sorted(offered & PRECISIONS)])
        raise ConfigError(
            f"precision: the ct2 engine has no {precision} on this {kind}; give {choices}"
        )
    streams = GPU_STREAMS if on_gpu else available_cores()  # no step waits for another core
    batch_size = batch_size or (GPU_BATCH_SIZE if on_gpu else CPU_BATCH_SIZE)
    return Ct2Workload(device, precision, batch_size, streams)


class Ct2Core:
    """A Whisper in CTranslate2; see ``Recogniser``."""

    def __init__(
        self,
        folder: Path,
        *,
        version: str,
        workload: Ct2Workload,
        listening: Listening | None = None,
    ) -> None:
        """Load CTranslate2's files from ``folder``. Raises ``ModelError``.

        Filled pauses are heard by their sound; it has no way to ask for them between the words.
        """
        self.version = version
        self._listening = listening or Listening()
        self.batch_size, self.streams = workload.batch_size, workload.streams
        self._folder, self._workload = folder, workload
        self._model = workload.load(folder)
        self._tokenizer = get_tokenizer(
            self._model.is_multilingual,
            num_languages=self._model.num_languages,
            language=self._listening.language,
            task="transcribe",
        )
        self._suppressed = list(suppressed_tokens(self._tokenizer))
        self._digits = {
            token: str(digit)
            for digit, tokens in enumerate(digit_tokens(self._tokenizer))
            for token in tokens
        }

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows more than English."""
        return bool(self._model.is_multilingual)

    def recognise(
        self, clips: Sequence[NDArray[np.float32]], *, alone: bool = True
    ) -> list[HeardClip]:
        """Transcribe clips of at most 30 s; see ``Recogniser``.

        A worker has one core, so ``alone`` changes nothing.
        """
        heard: dict[int, HeardClip] = {}
        groups = self._listening.context.groups(clips, max_frames=MAX_CONTEXT_FRAMES)
        for frames, members in groups.items():
            together = [clips[index] for index in members]
            heard |= dict(zip(members, self._hear(together, frames), strict=True))
        return [heard[index] for index in range(len(clips))]

    def spell(self, clip: NDArray[np.float32], lead: str) -> tuple[HeardDigits, ...]:
        """Hear digits alone in a clip; see ``Recogniser``.

        CTranslate2 ends its search with the first readings that end, and parts those that
        differ in spelling alone ("oh", "zero"): it finds fewer than the torch core.
        """
        tokenizer = self._tokenizer
        frames = min(spelling_context(lead).frames(len(clip)), MAX_CONTEXT_FRAMES)
        prompt = spelling_prompt(tokenizer, lead)
        [result] = self._model.generate(
            _view(self._encode([clip], frames)),
            [prompt],
            beam_size=2 * READINGS,
            num_hypotheses=READINGS,
            return_scores=True,
            max_length=2 * max(MAX_DIGITS, len(prompt)),  # it takes off the prompt, or halves
            suppress_tokens=sorted(set(range(tokenizer.eot)) - set(self._digits)),
        )
        return self._spelled(result)

    def _spelled(self, result: Any) -> tuple[HeardDigits, ...]:
        found: dict[str, float] = {}
        for tokens, score in zip(result.sequences_ids, result.scores, strict=True):
            digits = "".join(self._digits.get(token, "") for token in tokens)
            gain = score * len(tokens)
            found[digits] = float(np.logaddexp(found.get(digits, FORBIDDEN), gain))
        return ranked(found)

    def _hear(self, clips: Sequence[NDArray[np.float32]], frames: int) -> list[HeardClip]:
        audio = self._encode(clips, frames)
        found = self._decode(audio, [zlib.crc32(clip.tobytes()) for clip in clips])
        words = self._align(audio, found, [len(clip) / SAMPLE_RATE_HZ for clip in clips])
        return [
            hypothesis.as_heard(said, self._listening.sounds(torch.from_numpy(features), len(clip)))
            for hypothesis, said, features, clip in zip(found, words, audio, clips, strict=True)
        ]

    def _encode(self, clips: Sequence[NDArray[np.float32]], frames: int) -> Array:
        """Return encoder features, shape ``(clips, frames, n_state)``."""
        mel_frames = frames * MEL_FRAMES_PER_FRAME
        mel = [log_mel(clip, self._model.n_mels, CPU, frames=mel_frames).numpy() for clip in clips]
        encoded = self._model.encode(_view(np.stack(mel)), to_cpu=True)
        if encoded.dtype == ctranslate2.DataType.bfloat16:  # which NumPy has not
            encoded = encoded.to(ctranslate2.DataType.float32)
        return np.array(encoded)

    def _decode(self, audio: Array, seeds: Sequence[int]) -> list[Hypothesis]:
        """Decode greedily; look at unsure clips with a beam; sample failed ones again."""
        best = self._greedy(audio)
        unsure = [row for row, hypothesis in enumerate(best) if hypothesis.is_unsure]
        if unsure:
            results = self._generate(self._model, audio[unsure], beam_size=BEAM_SIZE)
            for row, result in zip(unsure, results, strict=True):
                best[row] = better(best[row], self._judged(result, best[row]))
        for row, hypothesis in enumerate(best):
            if not (hypothesis.is_good or hypothesis.is_silence):
                best[row] = self._sample(audio[row : row + 1], hypothesis, seeds[row])
        return best

    def _greedy(self, audio: Array) -> list[Hypothesis]:
        found = []
        languages = self._languages(audio)
        results = self._generate(self._model, audio, beam_size=1)
        for result, (language, probability) in zip(results, languages, strict=True):
            glance = Hypothesis(
                text_tokens=(),
                probabilities=(),
                rest_s=None,
                mean_log_probability=0.0,
                compression_ratio=0.0,
                no_speech_probability=result.no_speech_prob,
                language=language,
                language_probability=probability,
                temperature=TEMPERATURES[0],
                looped=False,
            )
            found.append(self._judged(result, glance))
        return found

    def _languages(self, audio: Array) -> list[tuple[str, float]]:
        if not self.is_multilingual:
            return [("en", 1.0)] * len(audio)
        ranked = self._model.detect_language(_view(audio))
        return [(best[0][0].strip("<|>"), best[0][1]) for best in ranked]

    def _sample(self, audio: Array, hypothesis: Hypothesis, seed: int) -> Hypothesis:
        """Draw one clip's words at rising temperatures until they pass the checks.

        CTranslate2 seeds a worker at its first draw and never again. A worker of the clip's
        own, loaded for it, makes the draws the same in whatever batch the clip comes.
        """
        with _RANDOM:
            ctranslate2.set_random_seed(seed)
            model = self._workload.load(self._folder, workers=1)
            for temperature in TEMPERATURES[1:]:
                [result] = self._generate(
                    model, audio, beam_size=1, sampling_topk=0, sampling_temperature=temperature
                )
                drawn = dataclasses.replace(hypothesis, temperature=temperature)
                hypothesis = better(hypothesis, self._judged(result, drawn))
                if hypothesis.is_good or hypothesis.is_silence:
                    break
        return hypothesis

    def _generate(self, model: Any, audio: Array, **search: float) -> list[Any]:
        results: list[Any] = model.generate(
            _view(audio),
            [list(self._tokenizer.sot_sequence)] * len(audio),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed,
            max_initial_timestamp_index=round(MAX_INITIAL_TIMESTAMP_S / FRAME_S),
            **search,
        )
        return results

    def _judged(self, result: Any, first: Hypothesis) -> Hypothesis:
        """What was generated, with what ``first`` says of the clip before any word.

        Probabilities of tokens are known once they are aligned.
        """
        tokens = result.sequences_ids[0]
        circling = goes_in_circles(torch.tensor([tokens]), self._tokenizer.timestamp_begin)
        complete, rest_s = split_at_rest(tokens, self._tokenizer.timestamp_begin)
        # The score is the log probability of all, the end included, per token before the end.
        text = self._tokenizer.decode(tokens).strip()
        total = result.scores[0] * len(tokens)
        return dataclasses.replace(
            first,
            text_tokens=tuple(token for token in complete if token < self._tokenizer.eot),
            rest_s=rest_s,
            mean_log_probability=total / (len(tokens) + 1),
            compression_ratio=compression_ratio(text),
            looped=bool(circling[0]) or repeats_itself(text),
        )

    def _align(
        self, audio: Array, found: Sequence[Hypothesis], lengths_s: Sequence[float]
    ) -> list[list[HeardWord]]:
        """Time the words of each clip inside what was heard of it."""
        words: list[list[HeardWord]] = [[] for _ in found]
        rows = [row for row, h in enumerate(found) if h.text_tokens and not h.is_silence]
        if not rows:
            return words
        ends_s = [found[row].rest_s or lengths_s[row] for row in rows]
        frames = [max(1, round(end_s / FRAME_S)) for end_s in ends_s]
        tokens = [list(found[row].text_tokens) for row in rows]
        aligned = self._model.align(
            _view(audio[rows]),
            list(self._tokenizer.sot_sequence),
            tokens,
            [count * MEL_FRAMES_PER_FRAME for count in frames],
            median_filter_width=MEDIAN_FRAMES,
        )
        for row, text, count, one in zip(rows, tokens, frames, aligned, strict=True):
            spoken = SpokenTokens(text, one.text_token_probs, count)
            words[row] = to_words(self._tokenizer, spoken, _token_starts(one.alignments))
        return words


def _token_starts(path: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """The frame in which a path of (token, frame) enters each token's row."""
    starts: dict[int, int] = {}
    for token, frame in path:
        starts.setdefault(token, frame)
    return np.array([starts[token] for token in sorted(starts)], dtype=np.int64)


def _view(array: Array) -> Any:
    """CTranslate2's view of an array, which keeps it alive."""
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))
