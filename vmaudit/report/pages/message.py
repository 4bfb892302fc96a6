"""What one message's page shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from vmaudit.records import DELIVERY_VALUES, Audit, Score
from vmaudit.report.pages.digits import NumberTable, number_tables
from vmaudit.report.pages.timeline import Timeline, timeline_of
from vmaudit.report.pages.transcript import Line, transcript_lines
from vmaudit.report.rubric import Rubric
from vmaudit.report.wording import (
    MINUS,
    PLACES,
    measure,
    measure_wording,
    minute,
    spaced,
)

# What a page tells beside that for which the rubric has a band.
SHOWN = (
    "message_s",
    "words_per_minute",
    "articulation_words_per_minute",
    "fillers_per_minute",
    "pause_count",
    "longest_pause_s",
    "dead_air_s",
    "onset_delay_s",
    "opening_pace_ratio",
    "closing_pace_ratio",
    "number_pace_ratio",
    "level_dbfs",
    "level_fade_db",
    "loudness_lufs",
    "snr_db",
    "pitch_sd_semitones",
    "disfluency_count",
    "lexical_filler_count",
    "unsure_word_share",
    "mumbled_share",
)
SCORE_NAMES = {"value": "Reason to call back", "clarity": "Clarity", "callback": "Number repeated"}


@dataclass(frozen=True, slots=True)
class Measure:
    """A delivery value beside its band and the rep's usual way, all in words.

    ``place`` is None where the rubric has no band for it.
    """

    label: str
    value: str
    place: str | None
    place_text: str
    aim: str
    source: str
    usual: str


@dataclass(frozen=True, slots=True)
class NamedScore:
    """A score under the name that people know it by."""

    label: str
    score: Score


@dataclass(frozen=True, slots=True)
class MessageView:
    """All that the page of one message is made of."""

    audit: Audit
    timeline: Timeline
    lines: tuple[Line, ...]
    numbers: tuple[NumberTable, ...]
    scores: tuple[NamedScore, ...]
    measures: tuple[Measure, ...]
    lead: tuple[tuple[str, str], ...]

    @property
    def is_weighed(self) -> bool:
        """Whether any evidence of a score has a contribution."""
        evidence = (one for named in self.scores for one in named.score.evidence)
        return any(one.contribution is not None for one in evidence)


def message_view(audit: Audit, rubric: Rubric) -> MessageView:
    """Shape one audit for its page."""
    scores = audit.scores
    return MessageView(
        audit=audit,
        timeline=timeline_of(audit),
        lines=tuple(transcript_lines(audit)),
        numbers=tuple(number_tables(audit.callback)),
        scores=tuple(NamedScore(SCORE_NAMES[n], getattr(scores, n)) for n in SCORE_NAMES)
        if scores
        else (),
        measures=tuple(_measures(audit, rubric)),
        lead=tuple(_lead(audit)),
    )


def _measures(audit: Audit, rubric: Rubric) -> Iterator[Measure]:
    """Every value that has a band, then the others that people can read."""
    names = [*rubric.bands, *(name for name in SHOWN if name not in rubric.bands)]
    for name in names:
        value = getattr(audit.delivery, name) if audit.delivery else None
        if value is None or name not in DELIVERY_VALUES:
            continue
        band = rubric.bands.get(name)
        place = band.place(value) if band else None
        yield Measure(
            label=measure_wording(name).label,
            value=measure(name, value),
            place=place,
            place_text=PLACES[place] if place else "",
            aim=str(band) if band else "",
            source=f"{band.kind}: {band.source}" if band else "",
            usual=_usual(name, audit.relative_to_rep.get(name)),
        )


def _lead(audit: Audit) -> Iterator[tuple[str, str]]:
    if audit.prospect:
        yield "prospect", audit.prospect
    for name, value in audit.lead.items():
        yield spaced(name), _date(value) if name == "lead_at" else str(value)


def _date(value: object) -> str:
    try:
        return minute(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _usual(name: str, difference: float | None) -> str:
    if difference is None:
        return ""
    return f"{'+' if difference >= 0 else MINUS}{measure(name, abs(difference))}"
