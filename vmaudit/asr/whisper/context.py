"""How much context the encoder sees behind a clip.

Whisper was trained on 30 s. Its work grows with the context, so a clip gets little more than its
own length; but in a short context the network may say a word or two over and over again,
so a short clip gets all of it. docs/performance.md has the figures behind the defaults.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.windows import CONTEXT_S
from vmaudit.records import SAMPLE_RATE_HZ

STEP_S = 1.0  # clips of equal context may be encoded together


@dataclass(frozen=True, slots=True)
class Context:
    """A clip of ``short_clip_s`` or more gets its own length and ``margin_s``, else 30 s."""

    margin_s: float = 1.0
    short_clip_s: float = 10.0

    def frames(self, samples: int) -> int:
        """Encoder frames for a clip of so many samples, up to the next whole step."""
        clip_s = samples / SAMPLE_RATE_HZ
        context_s = clip_s + self.margin_s if clip_s >= self.short_clip_s else CONTEXT_S
        steps = math.ceil(min(context_s, CONTEXT_S) / STEP_S)
        return round(steps * STEP_S / FRAME_S)

    def groups(
        self, clips: Sequence[NDArray[np.float32]], *, max_frames: int
    ) -> dict[int, list[int]]:
        """Indices of the clips that may be encoded together, by their encoder frames."""
        found: dict[int, list[int]] = {}
        for index, clip in enumerate(clips):
            found.setdefault(min(self.frames(len(clip)), max_frames), []).append(index)
        return found


# Digits alone come twice in less than 30 s ("802802"), unless words lead to them (decision 8).
_BARE_DIGITS = Context(short_clip_s=CONTEXT_S)
_LED_DIGITS = Context(margin_s=4.0, short_clip_s=0.0)


def spelling_context(lead: str) -> Context:
    """The context in which digits are heard alone, after the words of ``lead``."""
    return _LED_DIGITS if lead else _BARE_DIGITS
