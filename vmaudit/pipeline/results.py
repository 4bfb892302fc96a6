"""What the pipeline gives back, and what it may be told is known already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import TypeAdapter

from vmaudit.isolation.fingerprint import Fingerprint
from vmaudit.records import (
    AudioInfo,
    Audit,
    Delivery,
    DigitReading,
    Isolation,
    Recording,
    Transcript,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the speech stage found in one content: the costly part of an audit.

    ``greeting_text`` is what was heard beside the message, to find it; ``digit_readings`` is
    what a second hearing gave for stretches of digits that were in doubt.
    """

    audio: AudioInfo
    isolation: Isolation
    transcript: Transcript
    greeting_text: str = ""
    digit_readings: tuple[DigitReading, ...] = ()


_HEARD, _DELIVERY = TypeAdapter(Heard), TypeAdapter(Delivery)


def heard_from_json(payload: Any) -> Heard:
    """Read what ``to_json`` made of one."""
    return _HEARD.validate_python(payload)


def delivery_from_json(payload: Any) -> Delivery:
    """Read what ``to_json`` made of one."""
    return _DELIVERY.validate_python(payload)


@dataclass(frozen=True, slots=True)
class Audited:
    """One recording done. ``heard``, ``delivery`` and ``fingerprint`` belong to its content.

    ``fingerprint`` is None where the delivery was known already: the audio was not read.
    """

    recording: Recording
    audit: Audit
    heard: Heard
    delivery: Delivery
    fingerprint: Fingerprint | None = None


class Known(Protocol):
    """What earlier runs found in a recording's content, under the auditor's present keys."""

    def heard(self, recording: Recording) -> Heard | None:
        """The speech stage's result, if it still holds."""

    def delivery(self, recording: Recording) -> Delivery | None:
        """The delivery stage's result, if it still holds."""


class NothingKnown:
    """A first run."""

    def heard(self, recording: Recording) -> Heard | None:
        """Know nothing."""
        del recording
        return None

    def delivery(self, recording: Recording) -> Delivery | None:
        """Know nothing."""
        del recording
        return None
