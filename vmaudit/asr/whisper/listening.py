"""What a recogniser is to hear, whichever network it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from vmaudit.asr.whisper.context import Context
from vmaudit.asr.whisper.hesitation import FilledPauseDetector, filled_pauses
from vmaudit.asr.whisper.recogniser import HeardPause
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.verbatim import LANGUAGE
from vmaudit.records import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Listening:
    """``language`` is a Whisper code. ``context``: how much of Whisper's 30 s a clip is encoded in.

    ``verbatim``: filled pauses are looked for, between the words that were found and, by the
    ``detector``, in the sound; in English alone.
    """

    language: str = "en"
    context: Context = field(default_factory=Context)
    verbatim: bool = True
    detector: FilledPauseDetector | None = None

    @property
    def hears_filled_pauses(self) -> bool:
        """Whether they are asked for and can be heard in this language."""
        return self.verbatim and self.language == LANGUAGE

    def filled_pauses(self, features: Tensor, samples: int) -> Sequence[HeardPause]:
        """Those in a clip of so many ``samples``, encoded as ``features`` ``(frames, n_state)``.

        None are found where nobody asked for them or no detector is there.
        """
        if self.detector is None or not self.hears_filled_pauses:
            return ()
        frames = round(samples / SAMPLE_RATE_HZ / FRAME_S)  # behind them is what fills the context
        return filled_pauses(self.detector.probabilities(features[:frames]))
