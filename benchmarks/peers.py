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
    """Ways to use faster-whisper on all cores, greedy and with word times, by name."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(
        model_name, device="cpu", compute_type=compute_type, cpu_threads=os.cpu_count() or 1
    )
    batched = BatchedInferencePipeline(model)
    greedy = {"language": "en", "beam_size": 1, "word_timestamps": True}

    def whole(path: Path) -> tuple[str, list[PeerWord]]:
        return _collect(model.transcribe(str(path), condition_on_previous_text=False, **greedy))

    def speech_only(path: Path) -> tuple[str, list[PeerWord]]:
        return _collect(
            model.transcribe(str(path), condition_on_previous_text=False, vad_filter=True, **greedy)
        )

    def in_batches(path: Path) -> tuple[str, list[PeerWord]]:
        return _collect(batched.transcribe(str(path), batch_size=BATCH_SIZE, **greedy))

    return {
        f"faster-whisper {compute_type}": whole,
        f"faster-whisper {compute_type}, VAD": speech_only,
        f"faster-whisper {compute_type}, batched": in_batches,
    }


def _collect(answer: tuple[Any, Any]) -> tuple[str, list[PeerWord]]:
    segments, _ = answer
    words = [word for segment in segments for word in segment.words or ()]
    text = "".join(word.word for word in words).strip()
    return text, [PeerWord(word.word, word.start, word.end) for word in words]
