"""What a recogniser is to hear, whichever network it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from vmaudit.asr.whisper.context import Context
from vmaudit.asr.whisper.digits import DigitDetector, spoken_digits
from vmaudit.asr.whisper.hesitation import FilledPauseDetector, filled_pauses
from vmaudit.asr.whisper.recogniser import HeardSounds
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.verbatim import LANGUAGE
from vmaudit.records import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Listening:
    """``language`` is a Whisper code. ``context``: how much of Whisper's 30 s a clip is encoded in.

    ``verbatim``: filled pauses are looked for, between the words that were found and in the sound.
    The detectors are those of the speech model, where it has any; they know English alone.
    """

    language: str = "en"
    context: Context = field(default_factory=Context)
    verbatim: bool = True
    hesitation: FilledPauseDetector | None = None
    digits: DigitDetector | None = None

    @property
    def hears_filled_pauses(self) -> bool:
        """Whether they are asked for and can be heard in this language."""
        return self.verbatim and self.language == LANGUAGE

    def sounds(self, features: Tensor, samples: int) -> HeardSounds:
        """What a clip of so many ``samples`` holds, encoded as ``features`` ``(frames, n_state)``.

        Nothing is found that nobody asked for or that no detector is there for.
        """
        frames = round(samples / SAMPLE_RATE_HZ / FRAME_S)  # behind them is what fills the context
        heard = features[:frames]
        likely = None
        if self.hesitation and self.hears_filled_pauses:
            likely = self.hesitation.probabilities(heard)
        digits = self.digits if self.language == LANGUAGE else None
        return HeardSounds(
            filled_pauses(likely) if likely is not None else (),
            spoken_digits(digits.probabilities(heard)) if digits else (),
            likely,
        )
