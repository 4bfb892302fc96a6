"""Where to listen in a message that misses a criterion."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vmaudit.records import Audit, Delivery, Evidence, Score, Statement
from vmaudit.report.rubric import Band
from vmaudit.report.wording import measure

__all__ = ["costliest", "delivered", "edge", "single_statement", "wrong_statement"]

PACE_WINDOW_S = 5.0  # over which pace_over_time is taken
EDGE_S = 5.0  # what opening and close are in docs/delivery.md

Finder = Callable[[Audit, Delivery, bool], Evidence | None]


def edge(audit: Audit, *, closing: bool, text: str = "") -> Evidence:
    """The opening or the close of a message."""
    start_s, end_s = _message(audit)
    if closing:
        return Evidence(max(start_s, end_s - EDGE_S), end_s, text)
    return Evidence(start_s, min(end_s, start_s + EDGE_S), text)


def single_statement(audit: Audit) -> Evidence:
    """Where the number was said, else the close, where it is missing."""
    for statement in _statements(audit):
        return Evidence(statement.start_s, statement.end_s, f"said once: {statement.text}")
    return edge(audit, closing=True, text="no number was said")


def wrong_statement(audit: Audit) -> Evidence:
    """Where a number was said that is not the roster's."""
    for number in audit.callback.numbers if audit.callback else ():
        for statement in number.statements:
            if number.roster == "mismatch":
                return Evidence(statement.start_s, statement.end_s, statement.text)
    return edge(audit, closing=True)


def costliest(audit: Audit, score: Score | None) -> Evidence:
    """What alone would lower a score most; where nothing is named, the opening."""
    against = [e for e in (score.evidence if score else ()) if (e.contribution or 0.0) < 0]
    found = min(against, key=lambda e: e.contribution or 0.0, default=None)
    return found or edge(audit, closing=False)


def delivered(audit: Audit, name: str, band: Band) -> Evidence:
    """Where a delivery value shows, with the value for its text."""
    value = getattr(audit.delivery, name, None)
    if audit.delivery is None or value is None:
        return edge(audit, closing=False)
    too_high = band.place(value).endswith("high")
    found = _FINDERS.get(name, _opening)(audit, audit.delivery, too_high)
    found = found or edge(audit, closing=False)
    return Evidence(found.start_s, found.end_s, measure(name, value))


def _message(audit: Audit) -> tuple[float, float]:
    for span in audit.segments:
        if span.kind == "message":
            return span.start_s, span.end_s
    return 0.0, audit.audio.duration_s


def _statements(audit: Audit) -> list[Statement]:
    numbers = audit.callback.numbers if audit.callback else ()
    return sorted((s for n in numbers for s in n.statements), key=lambda s: s.start_s)


def _opening(audit: Audit, _: Delivery, __: bool) -> Evidence:
    return edge(audit, closing=False)


def _close(audit: Audit, _: Delivery, __: bool) -> Evidence:
    return edge(audit, closing=True)


def _first_filler(_: Audit, delivery: Delivery, __: bool) -> Evidence | None:
    return next((Evidence(f.start_s, f.end_s, f.text) for f in delivery.fillers), None)


def _longest_pause(_: Audit, delivery: Delivery, __: bool) -> Evidence | None:
    longest = max(delivery.pauses, key=lambda pause: pause.duration_s, default=None)
    return Evidence(longest.start_s, longest.end_s, "") if longest else None


def _extreme_pace(_: Audit, delivery: Delivery, too_high: bool) -> Evidence | None:
    track = delivery.pace_over_time
    known = [(v, k) for k, v in enumerate(track.values if track else ()) if v is not None]
    if track is None or not known:
        return None
    step = (max(known) if too_high else min(known))[1]
    middle_s = track.start_s + step * track.step_s
    return Evidence(max(0.0, middle_s - PACE_WINDOW_S / 2), middle_s + PACE_WINDOW_S / 2, "")


def _fastest_number(audit: Audit, _: Delivery, __: bool) -> Evidence | None:
    fastest = max(_statements(audit), key=lambda s: s.digits_per_second or 0.0, default=None)
    return Evidence(fastest.start_s, fastest.end_s, fastest.text) if fastest else None


def _after_beep(audit: Audit, delivery: Delivery, _: bool) -> Evidence:
    start_s = _message(audit)[0]
    return Evidence(max(0.0, start_s - (delivery.onset_delay_s or 0.0)), start_s + 1.0, "")


_FINDERS: Mapping[str, Finder] = {
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
