"""What happens in each composed call: drawn from a script, before any sound is made.

A call is a list of steps on one timeline; each sounds on the prospect's side of the line or
on the rep's. Every draw comes from the seed, the part and the number of the call.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from call_records import (
    Breath,
    CallPlan,
    Case,
    Click,
    Cut,
    Line,
    Sound,
    SpanKind,
    Step,
)
from call_speech import Script, Spoken, Voice
from call_tones import BEEPS, HangUpTone, Part, Ringing
from telephone import NoiseKind

from vmaudit.records import Outcome

T = TypeVar("T")

# Shares of the calls of a part; they add up to 1.
CASES: Mapping[Case, float] = {
    "no_lead_in": 0.10,
    "no_beep": 0.125,
    "after_beep": 0.275,
    "menu": 0.10,
    "dead_tail": 0.08,
    "cut_off": 0.07,
    "breath": 0.035,
    "hang_up": 0.035,
    "no_speech": 0.05,
    "picked_up": 0.07,
    "early": 0.06,
}
_STEREO_SHARE = {"picked_up": 0.4, "early": 0.5}
_STEREO_SHARE_ELSE = 0.12
_HUMAN_SHARE = 0.36  # of the calls that may have people's recordings in them
_SYNTHETIC_ONLY = ("picked_up",)
_MONO_CODECS = ("wav-mulaw", "wav-pcm", "wav-gsm", "amr", "ogg-opus", "mp3")
_STEREO_CODECS = ("wav-mulaw", "wav-pcm", "ogg-opus", "mp3")
_QUIET_HUM_DB = 24.0  # at least: mains hum as loud as speech is a broken line
_REP_LEVEL_DBFS = (-32.0, -15.0)
_GREETING_LEVEL_DBFS = (-32.0, -14.0)


def plan_calls(script: Script, part: Part, count: int, seed: int) -> tuple[CallPlan, ...]:
    """Plan ``count`` calls of one part, their cases in the shares of ``CASES``."""
    cases = _cases(count)
    order = np.random.default_rng([seed, zlib.crc32(part.encode())]).permutation(count)
    return tuple(
        _Caller(script, part, index, seed, cases[int(place)]).plan()
        for index, place in enumerate(order)
    )


def _cases(count: int) -> list[Case]:
    """Largest remainders: the shares as near as whole calls can be."""
    counts = {case: int(share * count) for case, share in CASES.items()}
    by_rest = sorted(CASES, key=lambda case: counts[case] - CASES[case] * count)
    for case in by_rest[: count - sum(counts.values())]:
        counts[case] += 1
    return [case for case, number in counts.items() for _ in range(number)]


class _Caller:
    """Draws one call step by step."""

    def __init__(self, script: Script, part: Part, index: int, seed: int, case: Case) -> None:
        self._script, self._part, self._index, self._case = script, part, index, case
        self._seed = zlib.crc32(f"{seed}/{part}/{index}".encode())
        self._rng = np.random.default_rng(self._seed)
        self._steps: list[Step] = []
        self._rep_dbfs = self._uniform(*_REP_LEVEL_DBFS)
        low, high = _GREETING_LEVEL_DBFS
        self._greeting_dbfs = float(np.clip(self._rep_dbfs + self._uniform(-8, 8), low, high))
        self._choose_people()
        self._stereo = self._chance(_STEREO_SHARE.get(case, _STEREO_SHARE_ELSE))

    def plan(self) -> CallPlan:
        """Draw the whole call."""
        acts: Mapping[Case, Callable[[], tuple[tuple[Outcome, ...], float]]] = {
            "no_lead_in": lambda: self._left_message("nothing"),
            "no_beep": lambda: self._left_message("no_beep"),
            "after_beep": lambda: self._left_message("beep"),
            "menu": self._menu,
            "dead_tail": self._dead_tail,
            "cut_off": self._cut_off,
            "breath": self._breath,
            "hang_up": self._hang_up,
            "no_speech": self._no_speech,
            "picked_up": self._picked_up,
            "early": self._early,
        }
        outcomes, closing_s = acts[self._case]()
        return CallPlan(
            name=f"{self._part}/{self._index:03d}-{self._case.replace('_', '-')}",
            part=self._part,
            case=self._case,
            outcomes=outcomes,
            steps=tuple(self._steps),
            closing_s=closing_s,
            line=self._line(),
            seed=self._seed,
        )

    def _choose_people(self) -> None:
        """A greeting, a message and a hang-up of different speakers."""
        script = self._script
        human = self._case not in _SYNTHETIC_ONLY and self._chance(_HUMAN_SHARE)
        roles = self._pick((("message",), ("message",), ("greeting",), ("message", "greeting")))
        # Who speaks early must go on to leave the message, and people's recordings cannot.
        has_message = self._case not in ("early", "breath", "hang_up", "no_speech")
        wants_message = human and has_message and ("message" in roles or self._case == "no_lead_in")
        wants_greeting = human and (not wants_message or "greeting" in roles)
        self._greeting = self._pick((wants_greeting and script.human_greetings) or script.greetings)
        others = [m for m in script.messages if m.speaker != self._greeting.speaker]
        if isinstance(self._greeting, Spoken) and self._chance(0.5):
            gender = self._greeting.voice[1]
            others = [m for m in others if isinstance(m, Spoken) and m.voice[1] == gender]
        people = [m for m in script.human_messages if m.speaker != self._greeting.speaker]
        self._message: Voice = self._pick((wants_message and people) or others)
        quitters: Sequence[Voice] = (human and script.human_hang_ups) or script.hang_ups
        self._quitter = self._pick([q for q in quitters if q.speaker != self._greeting.speaker])

    def _left_message(self, lead_in: str) -> tuple[tuple[Outcome, ...], float]:
        self._lead_in(lead_in)
        self._leave_message()
        return ("left_message",), self._closing()

    def _menu(self) -> tuple[tuple[Outcome, ...], float]:
        self._lead_in(self._any_lead_in())
        self._leave_message()
        gap_s = self._uniform(0.8, 3.5)
        if self._chance(0.4):
            self._beep(gap_s)
            gap_s = self._uniform(0.2, 0.8)
        menus = [menu for menu in self._script.menus if menu.speaker != self._message.speaker]
        menu = self._pick(menus)
        self._add("menu", menu, gap_s, self._greeting_dbfs)
        if self._chance(0.25):  # nobody pressed a key
            self._add("menu", menu, self._uniform(1.5, 3.0), self._greeting_dbfs)
        return ("left_message",), self._closing()

    def _dead_tail(self) -> tuple[tuple[Outcome, ...], float]:
        self._lead_in(self._any_lead_in())
        self._leave_message()
        silence_s = self._uniform(4.3, 10.0)
        if self._chance(0.7):
            return ("left_message", "dead_tail"), silence_s
        self._add("tail", Click(), silence_s, self._tone_dbfs())
        return ("left_message", "dead_tail"), self._uniform(0.1, 0.5)

    def _cut_off(self) -> tuple[tuple[Outcome, ...], float]:
        self._lead_in(self._any_lead_in())
        ending = self._pick(("beep", "beep", "full", "network", "file"))
        at = self._uniform(0.4, 0.9)
        if ending == "file":
            self._leave_message(Cut(at, "word"))
            return ("cut_off",), 0.0
        self._leave_message(Cut(at, "gap"))
        gap_s = self._uniform(0.0, 0.25)
        if ending == "network":
            tone = HangUpTone(self._pick(("busy", "reorder")), self._uniform(1.5, 5.0))
            self._add("tail", tone, gap_s, self._tone_dbfs())
            return ("cut_off",), self._uniform(0.0, 0.5)
        self._beep(gap_s)
        if ending == "full":
            speakers = [f for f in self._script.full if f.speaker != self._message.speaker]
            full = self._pick(speakers)
            self._add("menu", full, self._uniform(0.3, 1.0), self._greeting_dbfs)
        return ("cut_off",), self._uniform(0.2, 1.5)

    def _breath(self) -> tuple[tuple[Outcome, ...], float]:
        self._lead_in("beep")
        breath_dbfs = self._rep_dbfs - self._uniform(6, 14)
        breath = Breath(self._uniform(0.3, 0.7))
        self._add("tail", breath, self._uniform(0.3, 1.5), breath_dbfs)
        self._add("tail", Click(), self._uniform(0.3, 1.2), self._rep_dbfs)
        return ("no_speech",), self._uniform(0.2, 1.5)

    def _hang_up(self) -> tuple[tuple[Outcome, ...], float]:
        self._lead_in("beep")
        self._add("rep", self._quitter, self._uniform(0.3, 1.5), self._rep_dbfs)
        if self._chance(0.5):
            self._add("tail", Click(), self._uniform(0.2, 1.0), self._rep_dbfs)
        return ("hang_up",), self._uniform(0.2, 1.5)

    def _no_speech(self) -> tuple[tuple[Outcome, ...], float]:
        variant = self._pick(("ring", "refusal", "beep", "silence"))
        if variant == "ring":
            self._ring(rings=int(self._rng.integers(2, 5)))
        elif variant == "refusal":
            self._ring(rings=int(self._rng.integers(0, 3)))
            refusal = self._pick(self._script.refusals)
            self._add("greeting", refusal, self._uniform(0.4, 1.5), self._greeting_dbfs)
        elif variant == "beep":
            self._lead_in("beep")
        return ("no_speech",), self._uniform(3.0, 10.0) if variant == "silence" else self._closing()

    def _picked_up(self) -> tuple[tuple[Outcome, ...], float]:
        self._ring(rings=int(self._rng.integers(0, 4)))
        for number, turn in enumerate(self._pick(self._script.dialogues)):
            gap_s = self._uniform(0.1, 0.9) if number else self._uniform(0.2, 1.2)
            if number % 2:
                self._add("rep", turn, gap_s, self._rep_dbfs)
            else:
                self._add("prospect", turn, gap_s, self._greeting_dbfs)
        return ("picked_up",), self._closing()

    def _early(self) -> tuple[tuple[Outcome, ...], float]:
        self._ring(rings=self._pick((0, 0, 1, 2)))
        self._greet()
        speaker = self._message.speaker
        words = next(early for early in self._script.early if early.voice == speaker)
        gap_s = self._uniform(0.2, 0.7)
        if self._stereo and self._chance(0.6):  # on one channel nobody could tell them apart
            gap_s = self._uniform(-0.9, -0.3)
        self._add("rep_early", words, gap_s, self._rep_dbfs)
        self._beep(self._uniform(0.15, 0.9))
        self._leave_message(gap_s=self._uniform(0.2, 2.0))
        return ("left_message", "spoke_before_beep"), self._closing()

    def _any_lead_in(self) -> str:
        return self._pick(("nothing", "no_beep", "beep", "beep", "beep", "beep", "beep"))

    def _lead_in(self, form: str) -> None:
        """Ring, greeting and beep: all, some or none of them."""
        if form == "nothing":
            return
        if form == "no_beep":
            self._ring(rings=self._pick((0, 0, 1, 2)))
            self._greet()
            return
        parts = self._pick(("all", "all", "all", "greeting", "greeting", "beep"))
        if parts == "all":
            self._ring(rings=self._pick((1, 1, 1, 2, 2, 3, 4)))
        if parts != "beep":
            self._greet()
        self._beep(self._uniform(0.1, 2.5))

    def _ring(self, rings: int) -> None:
        if not rings:
            return
        cadence = self._pick(("us", "us", "uk", "european"))
        # The shortest ring sounds for 0.4 s, so that something of it is left.
        cut_start_s = self._uniform(0.1, 0.3) if self._chance(0.3) else 0.0
        cut_end_s = self._uniform(0.05, 0.35) if self._chance(0.3) else 0.0
        if rings == 1 and cut_start_s:
            cut_end_s = 0.0
        ring = Ringing(cadence, rings, cut_start_s, cut_end_s)
        gap_s = 0.0 if cut_start_s else self._uniform(0.0, 0.8)
        self._add("ring", ring, gap_s, self._tone_dbfs())

    def _greet(self) -> None:
        gap_s = self._uniform(0.3, 2.0) if self._steps else self._uniform(0.0, 0.8)
        self._add("greeting", self._greeting, gap_s, self._greeting_dbfs)

    def _beep(self, gap_s: float) -> None:
        level_dbfs = min(self._greeting_dbfs + self._uniform(-3, 9), -10.0)
        self._add("beep", BEEPS[self._part].draw(self._rng), gap_s, level_dbfs)

    def _leave_message(self, cut: Cut | None = None, gap_s: float | None = None) -> None:
        if gap_s is None:
            gap_s = self._gap_before_message()
        self._add("message", self._message, gap_s, self._rep_dbfs, cut)

    def _gap_before_message(self) -> float:
        match self._steps[-1].kind if self._steps else None:
            case None:
                return self._pick((0.0, 0.0, 0.5))
            case "beep":
                return self._uniform(0.15, 3.0)
        return self._uniform(0.4, 2.0)

    def _closing(self) -> float:
        """How the recording ends, less than 4 s after the last word; silence in seconds."""
        ending = self._pick(("silence", "silence", "silence", "beep", "network", "dial", "click"))
        if ending == "beep" and self._case in ("no_lead_in", "no_beep", "after_beep", "early"):
            self._beep(self._uniform(0.6, 2.5))
            return self._uniform(0.2, 1.0)
        if ending in ("network", "dial"):
            cadence = "dial" if ending == "dial" else self._pick(("busy", "reorder"))
            tone = HangUpTone(cadence, self._uniform(1.0, 5.0))
            self._add("tail", tone, self._uniform(0.5, 2.0), self._tone_dbfs())
            return self._uniform(0.0, 0.5)
        if ending == "click":
            self._add("tail", Click(), self._uniform(0.3, 2.0), self._rep_dbfs)
            return self._uniform(0.1, 1.0)
        return self._uniform(0.2, 3.5)

    def _line(self) -> Line:
        snr_db = self._uniform(12.0, 45.0)
        noise: NoiseKind = self._pick(("hiss", "hiss", "street", "hum"))
        if noise == "hum":
            snr_db = max(snr_db, _QUIET_HUM_DB)
        return Line(
            codec=self._pick(_STEREO_CODECS if self._stereo else _MONO_CODECS),
            noise=noise,
            noise_dbfs=self._rep_dbfs - snr_db,
            snr_db=snr_db,
            stereo=self._stereo,
            rep_channel=self._pick(("left", "right")),
            leak_db=self._uniform(-45, -30) if self._chance(0.5) else None,
            greeting_band_hz=(self._uniform(250, 500), self._uniform(2400, 3300)),
        )

    def _add(
        self,
        kind: SpanKind,
        sound: Sound,
        gap_s: float,
        level_dbfs: float,
        cut: Cut | None = None,
    ) -> None:
        self._steps.append(Step(kind, sound, gap_s, level_dbfs, cut))

    def _tone_dbfs(self) -> float:
        return self._uniform(-30, -16)

    def _uniform(self, low: float, high: float) -> float:
        return float(self._rng.uniform(low, high))

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)

    def _pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._rng.integers(len(choices)))]
