"""What is known of a call, and the sound of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000  # every waveform inside vmaudit: mono float32 at Whisper's rate

Channel = Literal["left", "right"]
HearingId = tuple[str, Channel | None]


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
