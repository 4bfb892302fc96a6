"""The records that pass from room to room, all frozen.

Their field names are the output contract: one line of ``messages.jsonl`` is
``to_json(audit)``. Times are seconds from the start of the *recording*, so that a
player can seek. What could not be measured is ``None`` and its reason stands
beside it, never 0.
"""

from vmaudit.records.audit import (
    Audit,
    Evidence,
    Failure,
    Score,
    Scores,
    Signal,
    Stage,
    Status,
    Versions,
)
from vmaudit.records.callback import Callback, CallbackPattern, PhoneNumber, RosterMatch, Statement
from vmaudit.records.calls import (
    SAMPLE_RATE_HZ,
    AudioInfo,
    CallMetadata,
    Channel,
    HearingId,
    Recording,
    Rep,
    Waveform,
)
from vmaudit.records.delivery import (
    DELIVERY_VALUES,
    Delivery,
    Disfluency,
    Filler,
    FillerSource,
    Pause,
    Track,
)
from vmaudit.records.payload import audit_from_json, to_json
from vmaudit.records.spans import (
    Interval,
    Isolation,
    Outcome,
    SegmentKind,
    Span,
    Timed,
    those_within,
)
from vmaudit.records.words import (
    DigitReading,
    DigitSound,
    DigitStretch,
    FilledPause,
    Transcript,
    Word,
    goes_on,
    joined,
)

__all__ = [
    "DELIVERY_VALUES",
    "SAMPLE_RATE_HZ",
    "AudioInfo",
    "Audit",
    "CallMetadata",
    "Callback",
    "CallbackPattern",
    "Channel",
    "Delivery",
    "DigitReading",
    "DigitSound",
    "DigitStretch",
    "Disfluency",
    "Evidence",
    "Failure",
    "FilledPause",
    "Filler",
    "FillerSource",
    "HearingId",
    "Interval",
    "Isolation",
    "Outcome",
    "Pause",
    "PhoneNumber",
    "Recording",
    "Rep",
    "RosterMatch",
    "Score",
    "Scores",
    "SegmentKind",
    "Signal",
    "Span",
    "Stage",
    "Statement",
    "Status",
    "Timed",
    "Track",
    "Transcript",
    "Versions",
    "Waveform",
    "Word",
    "audit_from_json",
    "goes_on",
    "joined",
    "those_within",
    "to_json",
]
