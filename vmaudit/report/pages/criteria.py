"""What a message is held against, one yes or no each, with the moment that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from vmaudit.records import Audit, Delivery, Evidence, Score, Statement
from vmaudit.report.pages.rubric import Band, Rubric
from vmaudit.report.pages.wording import measure, measure_wording, with_unit

GOOD_LEVEL = 2  # of 0 to 3
GOOD_PROBABILITY = 0.5
PACE_WINDOW_S = 5.0  # over which pace_over_time is taken
EDGE_S = 5.0  # what counts as the opening and the close of a message

Verdict = Callable[[Audit], bool | None]
Moment = Callable[[Audit], Evidence | None]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to do well. ``met`` is None where a message does not tell.

    ``moment`` finds where to listen in a message that misses it. ``kind`` and ``source`` say
    what stands behind the aim.
    """

    key: str
    label: str
    aim: str
    kind: str
    source: str
    advice: str
    met: Verdict
    moment: Moment


def criteria_of(rubric: Rubric) -> tuple[Criterion, ...]:
    """All criteria, those that cost most calls first."""
    return (*_NUMBER, *_SCORES, *(_of_band(*item) for item in rubric.bands.items()))


def _of_band(name: str, band: Band) -> Criterion:
    return Criterion(
        key=name,
        label=measure_wording(name).label,
        aim=with_unit(str(band), measure_wording(name).unit),
        kind=band.kind,
        source=band.source,
        advice=_ADVICE.get(name, "Bring it into the band."),
        met=lambda audit: _within(band, _value(audit.delivery, name)),
        moment=lambda audit: _moment_of(audit, name, band),
    )


def _within(band: Band, value: float | None) -> bool | None:
    return None if value is None else band.place(value) == "within"


def _value(delivery: Delivery | None, name: str) -> float | None:
    return getattr(delivery, name) if delivery else None


# The number


def _repeated(audit: Audit) -> bool | None:
    return audit.callback.repeated if audit.callback else None


def own_number(audit: Audit) -> bool | None:
    """Whether every number is the roster's; None where none can be compared."""
    numbers = audit.callback.numbers if audit.callback else ()
    compared = [number.roster == "match" for number in numbers if number.roster != "unknown"]
    return all(compared) if compared else None


def _statements(audit: Audit) -> list[Statement]:
    numbers = audit.callback.numbers if audit.callback else ()
    return sorted((s for n in numbers for s in n.statements), key=lambda s: s.start_s)


def _single_statement(audit: Audit) -> Evidence | None:
    for statement in _statements(audit):
        return Evidence(statement.start_s, statement.end_s, f"said once: {statement.text}")
    return _edge(audit, closing=True, text="no number was said")


def _foreign_statement(audit: Audit) -> Evidence | None:
    for number in audit.callback.numbers if audit.callback else ():
        for statement in number.statements:
            if number.roster == "mismatch":
                return Evidence(statement.start_s, statement.end_s, statement.text)
    return None


_NUMBER = (
    Criterion(
        "number_repeated",
        "Number said twice",
        "the callback number at least twice",
        "practice",
        "Car dealers' trainers: repeat the number at the end.",
        "Say the number, then say it once more at the end.",
        _repeated,
        _single_statement,
    ),
    Criterion(
        "own_number",
        "Own number",
        "the number that the roster has",
        "practice",
        "A number that does not reach the rep brings no call.",
        "Check the direct number before the call, or correct the roster.",
        own_number,
        _foreign_statement,
    ),
)


# Trained scores


def _good(score: Score | None) -> bool | None:
    if score is None or score.probability is None:
        return None
    if score.level is not None:
        return score.level >= GOOD_LEVEL
    return score.probability >= GOOD_PROBABILITY


def _worst_evidence(score: Score | None) -> Evidence | None:
    costly = [e for e in (score.evidence if score else ()) if (e.contribution or 0.0) < 0]
    return min(costly, key=lambda e: e.contribution or 0.0, default=None)


_SCORES = (
    Criterion(
        "value",
        "A reason to call back",
        f"level {GOOD_LEVEL} or 3 of 3",
        "practice",
        "Car dealers' and B2B trainers: say something of value.",
        "Name one fact on the very thing that was asked for.",
        lambda audit: _good(audit.scores.value if audit.scores else None),
        lambda audit: _worst_evidence(audit.scores.value if audit.scores else None),
    ),
    Criterion(
        "clarity",
        "Clearly spoken",
        f"level {GOOD_LEVEL} or 3 of 3",
        "practice",
        "A contractors' trainer: pleasant, professional, neither rushed nor drawn out.",
        "Slow down where it matters: name, reason, number.",
        lambda audit: _good(audit.scores.clarity if audit.scores else None),
        lambda audit: _worst_evidence(audit.scores.clarity if audit.scores else None),
    ),
)


# Moments of delivery values


def _moment_of(audit: Audit, name: str, band: Band) -> Evidence | None:
    value = _value(audit.delivery, name)
    if audit.delivery is None or value is None:
        return None
    found = _FINDERS.get(name, _start)(audit, audit.delivery, band.place(value).endswith("high"))
    return found and Evidence(found.start_s, found.end_s, measure(name, value))


def _message(audit: Audit) -> tuple[float, float]:
    for span in audit.segments:
        if span.kind == "message":
            return span.start_s, span.end_s
    return 0.0, audit.audio.duration_s


def _edge(audit: Audit, *, closing: bool, text: str = "") -> Evidence:
    start_s, end_s = _message(audit)
    if closing:
        return Evidence(max(start_s, end_s - EDGE_S), end_s, text)
    return Evidence(start_s, min(end_s, start_s + EDGE_S), text)


def _start(audit: Audit, delivery: Delivery, too_high: bool) -> Evidence | None:
    del delivery, too_high
    return _edge(audit, closing=False)


def _close(audit: Audit, delivery: Delivery, too_high: bool) -> Evidence | None:
    del delivery, too_high
    return _edge(audit, closing=True)


def _first_filler(audit: Audit, delivery: Delivery, too_high: bool) -> Evidence | None:
    del too_high
    for filler in delivery.fillers:
        return Evidence(filler.start_s, filler.end_s, filler.text)
    return _edge(audit, closing=False)


def _longest_pause(audit: Audit, delivery: Delivery, too_high: bool) -> Evidence | None:
    del audit, too_high
    longest = max(delivery.pauses, key=lambda pause: pause.duration_s, default=None)
    return Evidence(longest.start_s, longest.end_s, "") if longest else None


def _extreme_pace(audit: Audit, delivery: Delivery, too_high: bool) -> Evidence | None:
    track = delivery.pace_over_time
    known = [(v, k) for k, v in enumerate(track.values if track else ()) if v is not None]
    if track is None or not known:
        return _edge(audit, closing=False)
    _, step = max(known) if too_high else min(known)
    middle_s = track.start_s + step * track.step_s
    return Evidence(max(0.0, middle_s - PACE_WINDOW_S / 2), middle_s + PACE_WINDOW_S / 2, "")


def _fastest_number(audit: Audit, delivery: Delivery, too_high: bool) -> Evidence | None:
    del delivery, too_high
    fastest = max(_statements(audit), key=lambda s: s.digits_per_second or 0.0, default=None)
    return Evidence(fastest.start_s, fastest.end_s, fastest.text) if fastest else None


def _after_beep(audit: Audit, delivery: Delivery, too_high: bool) -> Evidence | None:
    del too_high
    start_s, _ = _message(audit)
    return Evidence(max(0.0, start_s - (delivery.onset_delay_s or 0.0)), start_s + 1.0, "")


_FINDERS: Mapping[str, Callable[[Audit, Delivery, bool], Evidence | None]] = {
    "fillers_per_minute": _first_filler,
    "longest_pause_s": _longest_pause,
    "dead_air_s": _longest_pause,
    "words_per_minute": _extreme_pace,
    "articulation_words_per_minute": _extreme_pace,
    "number_pace_ratio": _fastest_number,
    "onset_delay_s": _after_beep,
    "closing_pace_ratio": _close,
    "message_s": _close,
}

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


def verdicts(audit: Audit, criteria: Iterable[Criterion]) -> dict[str, bool]:
    """Which criteria a message meets; those that it does not tell are left out."""
    met = {criterion.key: criterion.met(audit) for criterion in criteria}
    return {key: verdict for key, verdict in met.items() if verdict is not None}
