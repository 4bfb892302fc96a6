"""The records that pass from room to room, all frozen.

Their field names are the output contract: one line of ``messages.jsonl`` is
``to_json(audit)``. Times are seconds from the start of the *recording*, so that a
player can seek. What could not be measured is ``None`` and its reason stands
beside it, never 0.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_type_hints

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000  # every waveform inside vmaudit: mono float32 at Whisper's rate

SegmentKind = Literal["ring", "greeting", "beep", "message", "menu", "tail"]
Stage = Literal["find", "decode", "isolate", "transcribe", "measure", "score"]
RosterMatch = Literal["match", "mismatch", "unknown"]
CallbackPattern = Literal[
    "none",
    "partial",
    "once_start",
    "once_middle",
    "once_end",
    "two_numbers",
    "repeated_partly",
    "repeated",
]
Status = Literal["scored", "not_scorable"]
Channel = Literal["left", "right"]
HearingId = tuple[str, Channel | None]
Outcome = Literal[
    "left_message",
    "hang_up",
    "no_speech",
    "cut_off",
    "picked_up",
    "spoke_before_beep",
    "dead_tail",
    "prerecorded",
]


@dataclass(frozen=True, slots=True)
class CallMetadata:
    """What calls.csv, the roster or the file name say of one recording; all optional."""

    rep: str | None = None
    recorded_at: datetime | None = None
    prospect: str | None = None
    company: str | None = None
    phone: str | None = None
    line: Literal["consumer", "business"] | None = None
    attempt: int | None = None
    lead_at: datetime | None = None
    interest: str | None = None
    notes: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rep:
    """One row of the roster. ``direct_number`` is kept as written there.

    ``channel`` is the rep's in recordings with a channel per party.
    """

    key: str
    name: str | None = None
    team: str | None = None
    direct_number: str | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """One file to audit. ``id`` is the sha256 of its bytes; ``relative_path`` is POSIX.

    ``channel`` is the rep's where a table names it, else None: the options decide.
    """

    id: str
    path: Path
    relative_path: str
    size_bytes: int
    metadata: CallMetadata = field(default_factory=CallMetadata)
    channel: Channel | None = None

    @property
    def hearing_id(self) -> HearingId:
        """What is heard: copies are heard once for each channel that is asked for."""
        return self.id, self.channel


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the file held before conversion. ``channel`` is the one that was kept."""

    duration_s: float
    sample_rate_hz: int
    channels: int
    codec: str
    channel: Literal["mono", "left", "right", "mix"] = "mono"


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Mono float32 samples in [-1, 1] at ``SAMPLE_RATE_HZ``, shape ``(n,)``.

    ``other_party`` has the same shape: the channel of a stereo recording that was not kept,
    where each of the two holds a party of its own.
    """

    samples: NDArray[np.float32]
    info: AudioInfo
    other_party: NDArray[np.float32] | None = None

    @property
    def duration_s(self) -> float:
        """Length of the samples at ``SAMPLE_RATE_HZ``."""
        return len(self.samples) / SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time, such as voice activity or a silent pause."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """End minus start."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of the recording; ``confidence`` is in [0, 1]."""

    kind: SegmentKind
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Isolation:
    """Where the rep's own message is.

    ``message`` is None when nobody left one; ``reasons`` then says why.
    ``speech`` is the voice activity inside the message, in time order. ``outcomes`` says how
    the call went, the first what became of the message, the others what else is to be known.
    """

    spans: tuple[Span, ...]
    message: Interval | None
    speech: tuple[Interval, ...]
    reasons: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """One word as heard, punctuation attached; ``confidence`` is in [0, 1]."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of one message. Empty when nothing was said: ``confidence`` is then None."""

    text: str
    language: str
    model: str
    confidence: float | None
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class DigitStretch:
    """Digits said in a row, as first heard, each with the confidence of its word in [0, 1].

    ``lead`` is what was heard just before them, from ``lead_start_s`` on; empty where nothing was.
    """

    start_s: float
    end_s: float
    digits: str
    confidences: tuple[float, ...]
    lead: str
    lead_start_s: float


@dataclass(frozen=True, slots=True)
class DigitReading:
    """One way to hear a stretch of speech as digits and nothing else.

    ``log_probability``, at most 0, is of all its digits and their end together, among all that
    digits alone could be.
    """

    start_s: float
    end_s: float
    digits: str
    log_probability: float


@dataclass(frozen=True, slots=True)
class Filler:
    """A filled pause (um, uh) or a lexical filler (like, you know) at its time.

    ``source`` says where the evidence comes from; ``probability``, in [0, 1], how sure it is.
    """

    text: str
    start_s: float
    end_s: float
    source: Literal["acoustic", "transcript", "both"]
    probability: float


@dataclass(frozen=True, slots=True)
class Pause:
    """A silent pause; ``place`` is None where no words say what it stands between."""

    start_s: float
    end_s: float
    place: Literal["boundary", "inside"] | None = None

    @property
    def duration_s(self) -> float:
        """End minus start."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Disfluency:
    """Words said again ("I I"), or begun and given up ("we had, we have").

    The times are of the words that a fluent speaker would have left out.
    """

    kind: Literal["repetition", "restart"]
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Track:
    """What changes over a message: ``values[k]`` at ``start_s + k * step_s``, None: unknown."""

    start_s: float
    step_s: float
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the message was spoken; docs/delivery.md defines every value.

    ``unmeasured`` gives a reason for each None.
    """

    message_s: float | None = None
    speech_s: float | None = None
    words_per_minute: float | None = None
    articulation_words_per_minute: float | None = None
    syllables_per_second: float | None = None
    syllable_nuclei_per_second: float | None = None
    pace_over_time: Track | None = None  # syllables per second
    number_pace_ratio: float | None = None
    opening_pace_ratio: float | None = None
    closing_pace_ratio: float | None = None
    filler_count: int | None = None
    fillers_per_minute: float | None = None
    fillers: tuple[Filler, ...] = ()
    lexical_filler_count: int | None = None
    lexical_fillers: tuple[Filler, ...] = ()
    disfluency_count: int | None = None
    disfluencies: tuple[Disfluency, ...] = ()
    pause_count: int | None = None
    pauses_per_minute: float | None = None
    inside_phrase_pause_count: int | None = None
    longest_pause_s: float | None = None
    dead_air_s: float | None = None
    onset_delay_s: float | None = None
    pauses: tuple[Pause, ...] = ()
    level_dbfs: float | None = None
    level_range_db: float | None = None
    level_fade_db: float | None = None
    level_over_time: Track | None = None  # dBFS
    loudness_lufs: float | None = None
    spectral_balance_db: float | None = None
    snr_db: float | None = None
    clipped_fraction: float | None = None
    bandwidth_hz: float | None = None
    dropout_count: int | None = None
    dropouts: tuple[Interval, ...] = ()
    pitch_median_hz: float | None = None
    pitch_sd_semitones: float | None = None
    pitch_range_semitones: float | None = None
    ask_pitch_range_semitones: float | None = None
    pitch_over_time: Track | None = None  # Hz
    word_confidence_median: float | None = None
    word_confidence_low: float | None = None
    unsure_word_share: float | None = None
    mumbled_share: float | None = None
    unmeasured: Mapping[str, str] = field(default_factory=dict)


DELIVERY_VALUES: Mapping[str, type[int] | type[float]] = {
    name: kind
    for name, hint in get_type_hints(Delivery).items()
    for kind in (int, float)
    if hint == kind | None
}
"""The plain numbers among the fields of ``Delivery``."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One saying of a number; ``confidence`` is that of its least sure digit.

    ``groups`` are the digits said, as the speaker parted them, without a trunk prefix or country
    code; ``group_gaps_s`` the silences between them; ``digit_confidences`` are of those digits,
    in that order. ``digits`` are the same where the saying is ``complete``, but for a local
    saying, which stands for the whole number it repeats. A partial saying agrees with the
    number ``of``, None where with none that was said. ``writable``: slow or parted enough to be
    written down, None where the times do not tell.
    """

    start_s: float
    end_s: float
    text: str
    digits: str
    digits_per_second: float | None
    confidence: float
    digit_confidences: tuple[float, ...] = ()
    groups: tuple[str, ...] = ()
    group_gaps_s: tuple[float, ...] = ()
    announced: bool = False
    writable: bool | None = None
    complete: bool = True
    of: str | None = None


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One distinct callback number: national digits, and every complete statement of it.

    Where statements differ by what a recogniser confuses, ``digits`` are voted. ``roster_digits``
    are the rep's own number, and ``roster_distance`` how far from it this one is, in digits.
    """

    digits: str
    times: int
    roster: RosterMatch
    statements: tuple[Statement, ...]
    extension: str | None = None
    roster_digits: str | None = None
    roster_distance: float | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """The numbers a listener is asked to use; ``repeated``: one was stated twice.

    ``partials`` are sayings that are no whole number. ``pattern`` is how the numbers were given,
    None without words; it is "repeated" where ``repeated`` is true.
    """

    repeated: bool | None
    probability: float | None
    numbers: tuple[PhoneNumber, ...]
    partials: tuple[Statement, ...] = ()
    pattern: CallbackPattern | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A moment to play back."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Something said or not said, such as ``direct_line``."""

    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A probability in [0, 1] with its evidence, or None with the reason."""

    probability: float | None
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one message; ``overall`` is 0 to 100."""

    value: Score
    clarity: Score
    callback: Score
    overall: int | None = None


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


def to_json(record: Any) -> Any:
    """Turn a record into plain JSON values, keeping field names and order.

    Dates become ISO 8601, tuples lists, floats are rounded to 4 decimals. A float that
    is not finite raises ``ValueError``: a measurement that failed must be None.
    """
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: to_json(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, Mapping):
        return {str(key): to_json(value) for key, value in record.items()}
    if isinstance(record, Sequence) and not isinstance(record, str):
        return [to_json(item) for item in record]
    return _scalar_to_json(record)


def _scalar_to_json(value: Any) -> str | int | float | None:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a result must be finite or None, not {value}")
        return round(value, 4)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    raise TypeError(f"no JSON form for {type(value).__name__}")
