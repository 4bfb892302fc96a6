"""The result of one recording: an audit or a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from vmaudit.records.callback import Callback
from vmaudit.records.calls import AudioInfo
from vmaudit.records.delivery import Delivery
from vmaudit.records.spans import Outcome, Span
from vmaudit.records.words import Transcript

Stage = Literal["find", "decode", "isolate", "transcribe", "measure", "score"]
Status = Literal["scored", "not_scorable"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A moment to play back, and what it says: words that were heard, or what was measured.

    ``contribution``, in [-0.5, 0.5], is how far it alone would move an even chance; None where it
    is not weighed.
    """

    start_s: float
    end_s: float
    text: str
    contribution: float | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """Something said, such as ``direct_line``; ``probability`` is in [0, 1]."""

    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A probability in [0, 1] with its evidence, or None with the reason.

    ``level`` is the median of 0 to 3 by their chances, ``level_sd`` how far the levels that are
    likely lie apart: their standard deviation. docs/scoring.md says what the levels mean.
    """

    probability: float | None
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None
    level: int | None = None
    level_sd: float | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one message by one rubric; ``overall`` is 0 to 100, ``band`` its name.

    ``review_reasons`` say why somebody should listen before relying on the scores.
    """

    value: Score
    clarity: Score
    callback: Score
    overall: int | None = None
    band: str | None = None
    needs_review: bool = False
    review_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """What made the result, so that it can be made again."""

    vmaudit: str
    speech_model: str
    scorer: str | None
    rubric: str | None


@dataclass(frozen=True, slots=True)
class Audit:
    """One audited message: one line of ``messages.jsonl``.

    ``outcomes`` are the isolation's; where other messages are known to hold the same audio there is
    ``prerecorded`` too, and their paths are ``same_audio_as``. ``greeting_text`` is what was heard
    beside the message, where its words were needed to find it; else it is empty.
    ``relative_to_rep`` maps names of delivery values to how far they are from the median of the
    rep's messages, where there are enough of them.
    """

    id: str
    path: str
    status: Status
    reasons: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    same_audio_as: tuple[str, ...] = field(default=(), kw_only=True)
    rep: str | None
    recorded_at: datetime | None
    prospect: str | None
    lead: Mapping[str, Any]
    audio: AudioInfo
    segments: tuple[Span, ...]
    transcript: Transcript | None
    greeting_text: str = field(default="", kw_only=True)
    delivery: Delivery | None
    relative_to_rep: Mapping[str, float] = field(default_factory=dict, kw_only=True)
    callback: Callback | None
    signals: Mapping[str, Signal]
    scores: Scores | None
    advice: tuple[str, ...]
    versions: Versions


@dataclass(frozen=True, slots=True)
class Failure:
    """One recording that could not be audited: one line of ``failures.jsonl``."""

    path: str
    stage: Stage
    reason: str
    id: str | None = None
