"""Delivery where it matters most: in the number, and in what is asked. Needs no audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vmaudit.delivery.frames import Unmeasured, union
from vmaudit.delivery.pace import number_pace_ratio
from vmaudit.delivery.voice import ask_pitch_range_semitones
from vmaudit.records import Delivery, Interval, Isolation, Word, those_within


def set_against(
    delivery: Delivery,
    isolation: Isolation,
    words: Sequence[Word],
    *,
    numbers: Sequence[Interval],
    asks: Sequence[Interval],
) -> Delivery:
    """Add what depends on what was said, and when, to what ``measure`` found.

    ``numbers`` are the statements of callback numbers, ``asks`` where the listener is asked for
    something. A message that could not be measured keeps its reasons.
    """
    message = isolation.message
    if message is None or delivery.speech_s is None:
        return delivery
    speech = union(isolation.speech, within=message)
    inside = those_within(words, message)
    found: dict[str, Any] = {
        "number_pace_ratio": number_pace_ratio(inside, speech, union(numbers, within=message)),
        "ask_pitch_range_semitones": Unmeasured("the message has no pitch")
        if delivery.pitch_over_time is None
        else ask_pitch_range_semitones(delivery.pitch_over_time, union(asks, within=message)),
    }
    values = {name: one for name, one in found.items() if not isinstance(one, Unmeasured)}
    reasons = {name: one.reason for name, one in found.items() if isinstance(one, Unmeasured)}
    kept = {name: reason for name, reason in delivery.unmeasured.items() if name not in found}
    return replace(delivery, **values, unmeasured={**kept, **reasons})
