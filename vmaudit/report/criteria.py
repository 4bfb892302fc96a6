"""What a message is held against, a yes or no each, and where to listen when it is a no.

Reads the contract's JSON, that of an older vmaudit too. What is aimed at in a delivery value is
for the caller to say: the store holds no rubric.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

__all__ = ["Band", "Criterion", "Moment", "criteria_for"]

GOOD_LEVEL = 2  # of 0 to 3
GOOD_PROBABILITY = 0.5
EDGE_S = 5.0  # what opening and close are in docs/delivery.md
# How much more a miss costs than a pause too long; this program's choice.
DEAD_END, NO_WAY_BACK = 3.0, 2.0

Payload = Mapping[str, Any]  # one audit in the contract's JSON


class Band(Protocol):
    """A range aimed at; as a string it reads "120 to 220"."""

    def place(self, value: float) -> str:
        """``within``, or on which side a value misses."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where to listen in a recording, and what is heard there."""

    path: str
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to do well.

    ``met`` is None where a message does not tell; ``moment`` shows a miss. ``weight`` is how much a
    miss costs beside others.
    """

    key: str
    label: str
    aim: str
    advice: str
    met: Callable[[Payload], bool | None]
    moment: Callable[[Payload], Moment]
    weight: float = 1.0


def criteria_for(bands: Mapping[str, Band]) -> tuple[Criterion, ...]:
    """All criteria; ``bands`` maps names of ``Delivery`` values to what is aimed at."""
    return (*GENERAL, *(_of_band(name, band) for name, band in bands.items()))


def _of_band(name: str, band: Band) -> Criterion:
    label, advice = DELIVERY.get(name, (name.replace("_", " "), "Bring it into the band."))
    return Criterion(
        key=name,
        label=label,
        aim=str(band),
        advice=advice,
        met=partial(_within, name, band),
        moment=partial(_delivered, name),
    )


DELIVERY = {
    "message_s": ("length, s", "One reason, one number, done."),
    "words_per_minute": ("words per minute", "Slow down for names and numbers."),
    "fillers_per_minute": ("fillers per min", "A short pause is better than an um."),
    "pause_count": ("pauses", "Pause after the reason, and before the number."),
    "longest_pause_s": ("longest pause, s", "Have the next sentence ready."),
    "onset_delay_s": ("silent start, s", "Begin right after the beep."),
    "opening_pace_ratio": ("opening pace", "Say your name as slowly as the rest."),
    "closing_pace_ratio": ("closing pace", "Do not run off with the end."),
    "number_pace_ratio": ("number's pace", "Say the number slower, in groups."),
}


def _scored(audit: Payload) -> bool:
    return bool(audit["status"] == "scored")


# What came of the call, and the number


def _left(audit: Payload) -> bool | None:
    outcomes = audit.get("outcomes", ())
    if "hang_up" in outcomes:
        return False
    return True if _scored(audit) and outcomes else None


def _own_number(audit: Payload) -> bool | None:
    told = [n["roster"] for n in _numbers(audit) if n["roster"] != "unknown"]
    return "mismatch" not in told if told else None


def _repeated(audit: Payload) -> bool | None:
    return audit["callback"]["repeated"] if _scored(audit) and audit["callback"] else None


def _numbers(audit: Payload) -> list[Payload]:
    return list(audit["callback"]["numbers"]) if _scored(audit) and audit["callback"] else []


def _wrong_statement(audit: Payload) -> Moment:
    wrong = (n for n in _numbers(audit) if n["roster"] == "mismatch")
    return _moment(audit, next((s for n in wrong for s in n["statements"]), None))


def _statement(audit: Payload) -> Moment:
    """The number as it was said, else the end, where it is missing."""
    said = [s for number in _numbers(audit) for s in number["statements"]]
    return _moment(audit, min(said, key=lambda s: float(s["start_s"]), default=_close(audit)))


# Trained scores


def _good(name: str, audit: Payload) -> bool | None:
    score = (audit["scores"] or {}).get(name, {})
    if score.get("level") is not None:
        return bool(score["level"] >= GOOD_LEVEL)
    probability = score.get("probability")
    return None if probability is None else bool(probability >= GOOD_PROBABILITY)


def _costliest(name: str, audit: Payload) -> Moment:
    evidence = audit["scores"][name]["evidence"]
    against = [one for one in evidence if (one.get("contribution") or 0.0) < 0]
    return _moment(audit, min(against, key=lambda one: float(one["contribution"]), default=None))


# Delivery


def _within(name: str, band: Band, audit: Payload) -> bool | None:
    value = (audit["delivery"] or {}).get(name) if _scored(audit) else None
    return None if value is None else band.place(value) == "within"


def _delivered(name: str, audit: Payload) -> Moment:
    shown = MOMENTS.get(name, _opening)(audit)
    return _moment(audit, shown, f"{audit['delivery'][name]:.3g}")


def _message(audit: Payload) -> tuple[float, float]:
    for segment in audit["segments"]:
        if segment["kind"] == "message":
            return segment["start_s"], segment["end_s"]
    return 0.0, audit["audio"]["duration_s"]


def _opening(audit: Payload) -> Payload:
    start_s, end_s = _message(audit)
    return {"start_s": start_s, "end_s": min(end_s, start_s + EDGE_S)}


def _close(audit: Payload) -> Payload:
    start_s, end_s = _message(audit)
    return {"start_s": max(start_s, end_s - EDGE_S), "end_s": end_s, "text": ""}


def _filler(audit: Payload) -> Payload:
    return next(iter(audit["delivery"].get("fillers", ())), _opening(audit))


def _pause(audit: Payload) -> Payload:
    pauses = audit["delivery"].get("pauses", ())
    return max(pauses, key=lambda p: float(p["end_s"] - p["start_s"]), default=_opening(audit))


def _fastest(audit: Payload) -> Payload:
    said = [s for number in _numbers(audit) for s in number["statements"]]
    return max(said, key=lambda s: s["digits_per_second"] or 0.0, default=_close(audit))


MOMENTS: Mapping[str, Callable[[Payload], Payload]] = {
    "message_s": _close,
    "fillers_per_minute": _filler,
    "longest_pause_s": _pause,
    "closing_pace_ratio": _close,
    "number_pace_ratio": _fastest,
}


def _moment(audit: Payload, shown: Payload | None, text: str | None = None) -> Moment:
    shown = shown or _opening(audit)
    told = text if text is not None else shown.get("text", "")
    return Moment(audit["path"], shown["start_s"], shown["end_s"], told)


def _general() -> Iterator[Criterion]:
    yield Criterion(
        "own_number",
        "own number",
        "the roster's",
        "Check the number before the call, or mend the roster.",
        _own_number,
        _wrong_statement,
        DEAD_END,
    )
    yield Criterion(
        "number_repeated",
        "number twice",
        "said twice",
        "Say the number, and once more at the end.",
        _repeated,
        _statement,
        NO_WAY_BACK,
    )
    yield Criterion(
        "message_left",
        "message left",
        "no hang-up",
        "Know your first sentence before you dial.",
        _left,
        lambda audit: _moment(audit, None),
    )
    for name, label, advice in (
        ("value", "a reason to call", "Name a fact on the very thing that was asked for."),
        ("clarity", "clearly said", "Slow down for the name, the reason and the number."),
    ):
        met, moment = partial(_good, name), partial(_costliest, name)
        yield Criterion(name, label, f"level {GOOD_LEVEL} or 3", advice, met, moment)


GENERAL = tuple(_general())
