"""The batched Whisper core: passages in, transcripts with word times out."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from whisper.model import Whisper
from whisper.tokenizer import get_tokenizer

from vmaudit.asr.protocol import Passage
from vmaudit.asr.whisper.alignment import AlignedWord, align_batch
from vmaudit.asr.whisper.decoding import BatchDecoder, Hypothesis
from vmaudit.asr.whisper.mel import log_mel_batch
from vmaudit.asr.whisper.network import half_precision
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.windows import CONTEXT_S, next_window, speech_after
from vmaudit.asr.whisper.word_times import fit_to_speech
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Transcript, Word

CPU_BATCH_SIZE = 8
GPU_BATCH_SIZE = 64
SURE_OF_LANGUAGE = 0.5
# A laugh or a cough becomes "Thank you." in Whisper; so short a sound must be heard clearly.
SHORT_SPEECH_S = 1.0
SURE_OF_SHORT_SPEECH = 0.6


@dataclass(frozen=True, slots=True)
class _Window:
    passage: int
    span: Interval


@dataclass(frozen=True, slots=True)
class _Decoded:
    window: _Window
    hypothesis: Hypothesis
    words: list[AlignedWord]


class WhisperTranscriber:
    """openai-whisper's weights, decoded in batches of windows that cross file borders."""

    def __init__(
        self,
        model: Whisper,
        *,
        version: str,
        language: str = "en",
        batch_size: int | None = None,
    ) -> None:
        """Take a loaded model; its device decides the precision (float16 on a GPU)."""
        on_gpu = model.device.type == "cuda"
        self._model = half_precision(model) if on_gpu else model
        self._version = version
        self._language = language
        self._batch_size = batch_size or (GPU_BATCH_SIZE if on_gpu else CPU_BATCH_SIZE)
        self._tokenizer = get_tokenizer(
            model.is_multilingual,
            num_languages=model.num_languages,
            language=language,
            task="transcribe",
        )
        self._decoder = BatchDecoder(self._model, self._tokenizer)

    @property
    def version(self) -> str:
        """Model name and digest."""
        return self._version

    @property
    def batch_s(self) -> float:
        """A few batches' worth, so that windows can be sorted by length."""
        return 4 * self._batch_size * CONTEXT_S

    @torch.inference_mode()
    def transcribe(self, batch: Sequence[Passage]) -> list[Transcript]:
        """Transcribe each passage; see ``Transcriber``."""
        decoded: list[list[_Decoded]] = [[] for _ in batch]
        remaining = {
            i: (passage.speech, passage.bounds) for i, passage in enumerate(batch) if passage.speech
        }
        while remaining:
            windows = [
                _Window(i, next_window(speech, batch[i].samples, bounds))
                for i, (speech, bounds) in remaining.items()
            ]
            # Windows of like length finish together, so fewer rows wait for the slowest.
            windows.sort(key=lambda window: window.span.duration_s, reverse=True)
            for group in _chunks(windows, self._batch_size):
                for result in self._transcribe_windows(batch, group):
                    index, resume_s = result.window.passage, _resume_s(result)
                    decoded[index].append(result)
                    speech = speech_after(remaining[index][0], resume_s)
                    remaining[index] = speech, Interval(resume_s, batch[index].bounds.end_s)
            remaining = {i: (speech, bounds) for i, (speech, bounds) in remaining.items() if speech}
        return [
            self._join(passage, sorted(results, key=lambda r: r.window.span.start_s))
            for passage, results in zip(batch, decoded, strict=True)
        ]

    def _transcribe_windows(
        self, batch: Sequence[Passage], windows: Sequence[_Window]
    ) -> list[_Decoded]:
        clips = [_clip(batch[window.passage].samples, window.span) for window in windows]
        mel = log_mel_batch(clips, self._model.dims.n_mels, self._model.device)
        features = self._model.encoder(mel.to(next(self._model.parameters()).dtype))
        hypotheses = self._decoder.decode(features, [zlib.crc32(clip.tobytes()) for clip in clips])
        texts = [() if h.is_silence else h.text_tokens for h in hypotheses]
        heard_s = [
            window.span.duration_s if hypothesis.rest_s is None else hypothesis.rest_s
            for window, hypothesis in zip(windows, hypotheses, strict=True)
        ]
        frames = [max(1, round(length_s / FRAME_S)) for length_s in heard_s]
        words = align_batch(self._model, self._tokenizer, features, texts, frames)
        return [
            _Decoded(window, hypothesis, aligned)
            for window, hypothesis, aligned in zip(windows, hypotheses, words, strict=True)
        ]

    def _join(self, passage: Passage, results: Sequence[_Decoded]) -> Transcript:
        words: list[Word] = []
        for result in results:
            offset_s = result.window.span.start_s
            words.extend(
                Word(w.text.strip(), offset_s + w.start_s, offset_s + w.end_s, w.probability)
                for w in result.words
            )
        words = fit_to_speech(words, passage.speech, len(passage.samples) / SAMPLE_RATE_HZ)
        confidence = float(np.mean([word.confidence for word in words])) if words else None
        if confidence is not None and _is_invented(passage, confidence):
            results, words, confidence = [], [], None
        texts = ("".join(word.text for word in result.words).strip() for result in results)
        return Transcript(
            text=" ".join(text for text in texts if text),
            language=self._spoken_language(results),
            model=self._version,
            confidence=confidence,
            words=tuple(words),
        )

    def _spoken_language(self, results: Sequence[_Decoded]) -> str:
        """The language most of the audio is in, or the configured one in doubt."""
        votes: dict[str, float] = {}
        total_s = 0.0
        for result in results:
            h, duration_s = result.hypothesis, result.window.span.duration_s
            votes[h.language] = votes.get(h.language, 0.0) + h.language_probability * duration_s
            total_s += duration_s
        best = max(votes, key=votes.__getitem__, default=self._language)
        return best if votes.get(best, 0.0) > SURE_OF_LANGUAGE * total_s else self._language


def _is_invented(passage: Passage, confidence: float) -> bool:
    speech_s = sum(part.duration_s for part in passage.speech)
    return speech_s < SHORT_SPEECH_S and confidence < SURE_OF_SHORT_SPEECH


def _resume_s(result: _Decoded) -> float:
    """Where the next window of the passage takes over, in seconds of the recording.

    An unfinished last segment is decoded again with what follows it.
    """
    span, rest_s = result.window.span, result.hypothesis.rest_s
    if rest_s is None or result.hypothesis.is_silence:
        return span.end_s
    return min(span.start_s + rest_s, span.end_s)


def _clip(samples: NDArray[np.float32], span: Interval) -> NDArray[np.float32]:
    return samples[round(span.start_s * SAMPLE_RATE_HZ) : round(span.end_s * SAMPLE_RATE_HZ)]


def _chunks(windows: Sequence[_Window], size: int) -> Iterator[Sequence[_Window]]:
    for start in range(0, len(windows), size):
        yield windows[start : start + size]
