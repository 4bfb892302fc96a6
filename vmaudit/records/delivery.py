"""How a message was spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_type_hints

from vmaudit.records.spans import Interval

FillerSource = Literal["acoustic", "transcript", "both"]


@dataclass(frozen=True, slots=True)
class Filler:
    """A filled pause (um, uh) or a lexical filler (like, you know) at its time.

    ``source`` says where the evidence comes from; ``probability``, in [0, 1], how sure it is.
    """

    text: str
    start_s: float
    end_s: float
    source: FillerSource
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
