"""What the pipeline gives back, and what it may be told is known already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import TypeAdapter

from vmaudit.records import AudioInfo, Audit, Delivery, Isolation, Recording, Transcript


@dataclass(frozen=True, slots=True)
class Heard:
    """What the speech stage found in one content: the costly part of an audit."""

    audio: AudioInfo
    isolation: Isolation
    transcript: Transcript


_HEARD, _DELIVERY = TypeAdapter(Heard), TypeAdapter(Delivery)


def heard_from_json(payload: Any) -> Heard:
    """Read what ``to_json`` made of one."""
    return _HEARD.validate_python(payload)


def delivery_from_json(payload: Any) -> Delivery:
    """Read what ``to_json`` made of one."""
    return _DELIVERY.validate_python(payload)


@dataclass(frozen=True, slots=True)
class Audited:
    """One recording done. ``heard`` and ``delivery`` belong to its content."""

    recording: Recording
    audit: Audit
    heard: Heard
    delivery: Delivery


class Known(Protocol):
    """What earlier runs found, looked up by content id under the auditor's present keys."""

    def heard(self, content_id: str) -> Heard | None:
        """The speech stage's result, if it still holds."""

    def delivery(self, content_id: str) -> Delivery | None:
        """The delivery stage's result, if it still holds."""


class NothingKnown:
    """A first run."""

    def heard(self, content_id: str) -> Heard | None:
        """Know nothing."""
        del content_id
        return None

    def delivery(self, content_id: str) -> Delivery | None:
        """Know nothing."""
        del content_id
        return None
