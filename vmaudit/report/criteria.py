"""What a message is held against, one yes or no each, with the moment that shows a no."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vmaudit.records import Audit, Delivery, Evidence, Score
from vmaudit.report.moments import costliest, delivered, edge, single_statement, wrong_statement
from vmaudit.report.rubric import Band, Rubric
from vmaudit.report.wording import measure_wording, with_unit

__all__ = ["Criterion", "criteria_of", "verdicts"]

GOOD_LEVEL = 2  # of 0 to 3
GOOD_PROBABILITY = 0.5
# How much more a miss costs than a pause too long; this program's choice.
DEAD_END, NO_WAY_BACK = 3.0, 2.0


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to do well. ``met`` is None where a message does not tell.

    ``moment`` finds where to listen in a message that misses it. ``kind`` and ``source`` say
    what stands behind the aim, ``weight`` how much a miss costs beside others.
    ``of_all_calls``: calls that cannot be scored tell it too.
    """

    key: str
    label: str
    aim: str
    kind: str
    source: str
    advice: str
    met: Callable[[Audit], bool | None]
    moment: Callable[[Audit], Evidence]
    weight: float = 1.0
    of_all_calls: bool = False


def criteria_of(rubric: Rubric) -> tuple[Criterion, ...]:
    """All criteria, those that cost most calls first."""
    return (*_GENERAL, *(_of_band(*item) for item in rubric.bands.items()))


def verdicts(audit: Audit, criteria: Iterable[Criterion]) -> dict[str, bool]:
    """Which criteria a message meets; those that it does not tell are left out."""
    scored = audit.status == "scored"
    met = {c.key: c.met(audit) for c in criteria if scored or c.of_all_calls}
    return {key: verdict for key, verdict in met.items() if verdict is not None}


def _of_band(name: str, band: Band) -> Criterion:
    return Criterion(
        key=name,
        label=measure_wording(name).label,
        aim=with_unit(str(band), measure_wording(name).unit),
        kind=band.kind,
        source=band.source,
        advice=_ADVICE.get(name, "Bring it into the band."),
        met=lambda audit: _within(band, _value(audit.delivery, name)),
        moment=lambda audit: delivered(audit, name, band),
    )


def _within(band: Band, value: float | None) -> bool | None:
    return None if value is None else band.place(value) == "within"


def _value(delivery: Delivery | None, name: str) -> float | None:
    return getattr(delivery, name) if delivery else None


def _own_number(audit: Audit) -> bool | None:
    """Whether every number is the roster's; None where none can be compared."""
    numbers = audit.callback.numbers if audit.callback else ()
    compared = [number.roster == "match" for number in numbers if number.roster != "unknown"]
    return all(compared) if compared else None


def _repeated(audit: Audit) -> bool | None:
    return audit.callback.repeated if audit.callback else None


def _left(audit: Audit) -> bool | None:
    if "hang_up" in audit.outcomes:
        return False
    return True if audit.status == "scored" and audit.outcomes else None


def _good(score: Score | None) -> bool | None:
    if score is None or score.probability is None:
        return None
    if score.level is not None:
        return score.level >= GOOD_LEVEL
    return score.probability >= GOOD_PROBABILITY


_GENERAL = (
    Criterion(
        "own_number",
        "Own number",
        "the roster's",
        "practice",
        "A number that does not reach the rep brings no call.",
        "Check the direct number before the call, or correct the roster.",
        _own_number,
        wrong_statement,
        weight=DEAD_END,
    ),
    Criterion(
        "number_repeated",
        "Number said twice",
        "twice or more",
        "practice",
        "Car dealers' trainers: repeat the number at the end.",
        "Say the number, then say it once more at the end.",
        _repeated,
        single_statement,
        weight=NO_WAY_BACK,
    ),
    Criterion(
        "message_left",
        "Message left",
        "no hang-up",
        "practice",
        "A call without a message brings no call.",
        "Know your first sentence before you dial.",
        _left,
        lambda audit: edge(audit, closing=True, text="hung up"),
        of_all_calls=True,
    ),
    Criterion(
        "value",
        "A reason to call back",
        f"level {GOOD_LEVEL} or 3 of 3",
        "practice",
        "Car dealers' and B2B trainers: say something of value.",
        "Name one fact on the very thing that was asked for.",
        lambda audit: _good(audit.scores.value if audit.scores else None),
        lambda audit: costliest(audit, audit.scores.value if audit.scores else None),
    ),
    Criterion(
        "clarity",
        "Clearly spoken",
        f"level {GOOD_LEVEL} or 3 of 3",
        "practice",
        "A contractors' trainer: pleasant, professional, neither rushed nor drawn out.",
        "Slow down where it matters: name, reason, number.",
        lambda audit: _good(audit.scores.clarity if audit.scores else None),
        lambda audit: costliest(audit, audit.scores.clarity if audit.scores else None),
    ),
)

_ADVICE = {
    "message_s": "One reason, one number, done: aim for the length in the band.",
    "words_per_minute": "Keep the pace in the band; slow down for names and numbers.",
    "fillers_per_minute": "Know the first sentence before the beep; a short pause beats an um.",
    "pause_count": "Leave a pause after the reason and before the number.",
    "longest_pause_s": "Have the next sentence ready: a long pause sounds like a lost thread.",
    "onset_delay_s": "Begin right after the beep.",
    "opening_pace_ratio": "Start no faster than you go on: nobody knows your name yet.",
    "closing_pace_ratio": "Do not run off with the end.",
    "number_pace_ratio": "Say the number slower than the rest, in groups.",
}
