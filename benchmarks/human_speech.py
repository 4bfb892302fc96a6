"""Recordings of people as delivery sees them, and what a benchmark does to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import HUMAN, human_rows
from numpy.typing import NDArray

from vmaudit.audio import decode
from vmaudit.config import AudioOptions, SpeechOptions
from vmaudit.delivery import measure
from vmaudit.delivery.frames import MessageAudio, message_audio
from vmaudit.errors import RecordingError
from vmaudit.records import SAMPLE_RATE_HZ, Delivery, Interval, Isolation, Transcript
from vmaudit.speech import VoiceActivity

Samples = NDArray[np.float32]
_NO_WORDS = Transcript("", "en", "none", None, ())


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One recording, mono at 16 kHz, with its voice activity."""

    name: str
    samples: Samples
    speech: tuple[Interval, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / SAMPLE_RATE_HZ

    @property
    def isolation(self) -> Isolation:
        """The whole recording as the message."""
        return Isolation((), Interval(0.0, self.duration_s), self.speech)

    @property
    def speech_power(self) -> float:
        """Mean square over the voice activity."""
        parts = [
            self.samples[round(s.start_s * SAMPLE_RATE_HZ) : round(s.end_s * SAMPLE_RATE_HZ)]
            for s in self.speech
        ]
        return float(np.mean(np.square(np.concatenate(parts), dtype=np.float64)))

    def audio(self) -> MessageAudio:
        """The clip cut into frames."""
        audio = message_audio(self.samples, self.isolation)
        if not isinstance(audio, MessageAudio):
            raise ValueError(f"{self.name}: {audio.reason}")
        return audio

    def measured(self) -> Delivery:
        """Delivery without words."""
        return measure(self.samples, self.isolation, _NO_WORDS)


class Listener:
    """Finds the voice activity of recordings, and again of what becomes of them."""

    def __init__(self) -> None:
        self._activity = VoiceActivity(SpeechOptions())

    def clips(self, names: Iterable[str], *, first: int = 0, every: int = 1) -> Iterator[Clip]:
        """Yield the clips with speech of the sets named, from the ``first``, one in ``every``."""
        for name in names:
            for path in sorted({row["path"] for row in human_rows(name)})[first::every]:
                try:
                    clip = self.hear(path, decode(HUMAN / path, AudioOptions()).samples)
                except RecordingError:
                    continue
                if clip.speech:
                    yield clip

    def hear(self, name: str, samples: Samples) -> Clip:
        """Find the voice activity."""
        return Clip(Path(name).as_posix(), samples, self._activity.detect(samples))
