"""Voice activity: where somebody speaks, by Silero VAD on one CPU thread.

What is done around the network; ``docs/isolation.md`` has the figures:

- the signal is brought to ``_TARGET_LEVEL_DBFS`` first, because the network misses
  speech that was recorded at -60 dBFS;
- digital silence at either end is cut off and replaced by ``_LEAD_S`` of it, because the
  network needs some context before the first word;
- a recording in which nothing is found is searched once more at 0.7 of the threshold,
  because whispered speech scores low.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmaudit.config import SpeechOptions
from vmaudit.errors import ModelError
from vmaudit.records import SAMPLE_RATE_HZ, Interval

__all__ = ["VoiceActivity"]

_FRAME_SAMPLES = 512  # 32 ms, the step of Silero VAD at 16 kHz
_TARGET_LEVEL_DBFS = -18.0
_LEAD_S = 0.25
_SECOND_LOOK = 0.7  # of the threshold
_SILENCE = 1e-8  # -160 dBFS, below the last bit of 24
_MS_PER_S = 1000

_import_lock = threading.Lock()


class VoiceActivity:
    """Finds speech. Keeps no state between recordings, so threads may share one.

    Raises ``ModelError`` when the network that the silero-vad package carries cannot be
    loaded.
    """

    def __init__(self, options: SpeechOptions) -> None:
        self._options = options
        self._model, self._timestamps = _load()

    def detect(self, samples: NDArray[np.float32]) -> tuple[Interval, ...]:
        """Return the stretches of speech in ``samples``, in time order, disjoint.

        ``samples``: finite mono float32 of shape ``(n,)`` at ``SAMPLE_RATE_HZ``, of any
        level. The intervals are in seconds from the first sample and lie inside the
        array; an empty, silent or very short array has none. Raises ``ValueError`` for
        another shape or a sample that is not finite.
        """
        if samples.ndim != 1:
            raise ValueError(f"samples must have shape (n,), not {samples.shape}")
        sounding = np.flatnonzero(samples)
        if not len(sounding):
            return ()
        first, last = int(sounding[0]), int(sounding[-1]) + 1
        loud = samples[first:last] * np.float32(_gain(samples[first:last]))
        lead = np.zeros(round(_LEAD_S * SAMPLE_RATE_HZ), dtype=np.float32)
        padded = np.concatenate((lead, loud, lead))
        found = self._find(padded, self._options.threshold)
        if not found:
            found = self._find(padded, self._options.threshold * _SECOND_LOOK)
        intervals = []
        for stamp in found:
            start = max(stamp["start"] - len(lead) + first, 0)
            end = min(stamp["end"] - len(lead) + first, len(samples))
            if end > start:
                intervals.append(Interval(start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ))
        return tuple(intervals)

    def _find(self, samples: NDArray[np.float32], threshold: float) -> list[dict[str, int]]:
        return self._timestamps(
            samples,
            self._model,
            threshold=threshold,
            sampling_rate=SAMPLE_RATE_HZ,
            min_speech_duration_ms=round(self._options.min_speech_s * _MS_PER_S),
            min_silence_duration_ms=round(self._options.min_silence_s * _MS_PER_S),
            speech_pad_ms=round(self._options.padding_s * _MS_PER_S),
        )


def _load() -> tuple[Any, Callable[..., list[dict[str, int]]]]:
    """Load the ONNX form of Silero VAD and its front-end; torch keeps its threads.

    Imported here, not above: silero_vad brings torch, and its import sets torch to one
    thread for the whole process.
    """
    # ONNX Runtime from 1.29 on reports to its maker unless this is set before it is loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    torch = import_module("torch")
    with _import_lock:
        threads = torch.get_num_threads()
        try:
            model = import_module("silero_vad").load_silero_vad(sequence=True)
            front_end = import_module("silero_vad.sequence_vad")
        except Exception as error:  # onnxruntime's errors have no common base below Exception
            raise ModelError(f"the voice activity model cannot be loaded: {error}") from error
        finally:
            torch.set_num_threads(threads)
    return model, front_end.get_speech_timestamps_sequence


def _gain(samples: NDArray[np.float32]) -> float:
    """Return the factor that brings the loud half of the energy to the target level.

    The level is the energy-weighted median over frames: half of the recording's energy
    lies in frames at least that loud. Silence around a voice does not move it, nor does
    one click. Raises ``ValueError`` when a sample is not finite.
    """
    whole = samples[: len(samples) // _FRAME_SAMPLES * _FRAME_SAMPLES]
    frames = whole.reshape(-1, _FRAME_SAMPLES) if len(whole) else samples[np.newaxis]
    energy = np.sort(np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / frames.shape[1])
    cumulative = np.cumsum(energy)
    if not np.isfinite(cumulative[-1]) or not np.isfinite(samples[len(whole) :]).all():
        raise ValueError("samples must be finite")
    level = float(np.sqrt(energy[np.searchsorted(cumulative, cumulative[-1] / 2)]))
    return float(10 ** (_TARGET_LEVEL_DBFS / 20)) / max(level, _SILENCE)
