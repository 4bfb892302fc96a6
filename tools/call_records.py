"""The records of a composed call: its plan as steps on a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from call_speech import Voice
from call_tones import Beep, HangUpTone, Part, Ringing
from telephone import NoiseKind

from vmaudit.records import Outcome

SpanKind = Literal[
    "ring", "greeting", "beep", "message", "menu", "tail", "rep_early", "rep", "prospect"
]
Side = Literal["prospect", "rep"]
Case = Literal[
    "no_lead_in",
    "no_beep",
    "after_beep",
    "menu",
    "dead_tail",
    "cut_off",
    "breath",
    "hang_up",
    "no_speech",
    "picked_up",
    "early",
]
_REP_KINDS: tuple[SpanKind, ...] = ("message", "rep", "rep_early")


@dataclass(frozen=True, slots=True)
class Breath:
    """The rep breathes in at the receiver."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class Click:
    """The rep's receiver goes down."""


Sound = Voice | Ringing | Beep | HangUpTone | Breath | Click


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a message is broken off: near ``at`` of its length, in a gap or inside a word."""

    at: float
    where: Literal["gap", "word"]


@dataclass(frozen=True, slots=True)
class Step:
    """A sound ``gap_s`` after everything before it; negative: over the end of it."""

    kind: SpanKind
    sound: Sound
    gap_s: float
    level_dbfs: float
    cut: Cut | None = None

    @property
    def side(self) -> Side:
        """The side of the line on which it sounds."""
        is_rep = self.kind in _REP_KINDS or isinstance(self.sound, Breath | Click)
        return "rep" if is_rep else "prospect"


@dataclass(frozen=True, slots=True)
class Line:
    """What carries and records the call. ``leak_db``: crosstalk between stereo channels."""

    codec: str
    noise: NoiseKind
    noise_dbfs: float
    snr_db: float
    stereo: bool
    rep_channel: Literal["left", "right"]
    leak_db: float | None
    greeting_band_hz: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One call. ``closing_s``: line noise after the last step; ``seed``: of its noises."""

    name: str
    part: Part
    case: Case
    outcomes: tuple[Outcome, ...]
    steps: tuple[Step, ...]
    closing_s: float
    line: Line
    seed: int
