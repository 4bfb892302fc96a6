"""faster-whisper, the peer that the benchmarks compare with: its own reading, its own best use.

Not a dependency: ``pip install faster-whisper``. ``--peer-model`` takes what faster-whisper
takes, a name that it fetches itself or a folder; the weights must be those vmaudit uses.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A voice of a few seconds is heard best alone; these are the settings its own README names.
BATCH_SIZE = 8


@dataclass(frozen=True, slots=True)
class PeerWord:
    """A word of a peer's transcript, in seconds of the recording."""

    text: str
    start_s: float
    end_s: float


Transcribe = Callable[[Path], tuple[str, list[PeerWord]]]


def faster_whisper_settings(model_name: str, compute_type: str = "int8") -> dict[str, Transcribe]:
    """Ways to use faster-whisper on all cores, greedy and with word times, by name.

    By default it samples at random where greedy words are bad; "once" leaves them. Its batched
    pipeline always does.
    """
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(
        model_name, device="cpu", compute_type=compute_type, cpu_threads=os.cpu_count() or 1
    )
    batched = BatchedInferencePipeline(model)
    greedy = {"language": "en", "beam_size": 1, "word_timestamps": True}
    alone = {**greedy, "condition_on_previous_text": False}
    ways: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        "": (model.transcribe, alone),
        ", VAD": (model.transcribe, {**alone, "vad_filter": True}),
        ", once": (model.transcribe, {**alone, "temperature": 0.0}),
        ", VAD, once": (model.transcribe, {**alone, "vad_filter": True, "temperature": 0.0}),
        ", batched": (batched.transcribe, {**greedy, "batch_size": BATCH_SIZE}),
    }

    def by(way: Callable[..., Any], options: dict[str, Any]) -> Transcribe:
        return lambda path: _collect(way(str(path), **options))

    return {f"faster-whisper {compute_type}{name}": by(*way) for name, way in ways.items()}


def _collect(answer: tuple[Any, Any]) -> tuple[str, list[PeerWord]]:
    segments, _ = answer
    words = [word for segment in segments for word in segment.words or ()]
    text = "".join(word.word for word in words).strip()
    return text, [PeerWord(word.word, word.start, word.end) for word in words]
