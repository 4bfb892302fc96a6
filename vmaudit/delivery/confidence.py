"""How intelligible the message was, as far as the recogniser's own doubt tells.

A word that Whisper is unsure of was often mumbled, swallowed or drowned in noise; its
confidence says nothing of whether the wording was good.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vmaudit.delivery.fillers import is_filled_pause
from vmaudit.delivery.frames import MessageAudio, Unmeasured, union
from vmaudit.delivery.pace import NO_WORDS
from vmaudit.records import Filler, Interval, Timed, Word

_UNSURE = 0.5
_LOW_PERCENTILE = 10
_SLACK_S = 0.1  # by which word times and voice activity may disagree at either end


def confidence_values(
    audio: MessageAudio, words: Sequence[Word], fillers: Sequence[Filler]
) -> dict[str, float | Unmeasured]:
    """Measure word confidences and the share of mumbled speech, all in [0, 1].

    A filled pause is no word here: doubt of an "um" is no mumbling.

    ``mumbled_share`` is the share of the voice activity that no word of confidence 0.5 or more
    and none of the ``fillers`` covers, each reaching 0.1 s further on either side.
    """
    names = ("word_confidence_median", "word_confidence_low", "unsure_word_share", "mumbled_share")
    meant = [word for word in words if not is_filled_pause(word)]
    if not meant:
        return dict.fromkeys(names, NO_WORDS)
    confidences = np.asarray([word.confidence for word in meant])
    plain: list[Timed] = [word for word in meant if word.confidence >= _UNSURE]
    sure = [Interval(one.start_s - _SLACK_S, one.end_s + _SLACK_S) for one in (*plain, *fillers)]
    speech_s = sum(one.duration_s for one in audio.speech)
    clear_s = sum(
        clear.duration_s for stretch in audio.speech for clear in union(sure, within=stretch)
    )
    values = (
        float(np.median(confidences)),
        float(np.percentile(confidences, _LOW_PERCENTILE)),
        float(np.mean(confidences < _UNSURE)),
        max(0.0, 1.0 - clear_s / speech_s),
    )
    return dict(zip(names, values, strict=True))
