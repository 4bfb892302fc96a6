"""How a message was spoken, as lines: each value with its band, each moment with its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vmaudit.cli.results import plain, span
from vmaudit.report.wording import PLACES, measure, measure_wording

if TYPE_CHECKING:
    from vmaudit.scoring import Band, Rubric

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "Pace": (
        "message_s",
        "speech_s",
        "words_per_minute",
        "articulation_words_per_minute",
        "syllables_per_second",
        "syllable_nuclei_per_second",
        "opening_pace_ratio",
        "closing_pace_ratio",
        "number_pace_ratio",
    ),
    "Pauses": (
        "onset_delay_s",
        "pause_count",
        "pauses_per_minute",
        "inside_phrase_pause_count",
        "longest_pause_s",
        "dead_air_s",
    ),
    "Fluency": (
        "filler_count",
        "fillers_per_minute",
        "lexical_filler_count",
        "disfluency_count",
    ),
    "Voice": (
        "level_dbfs",
        "level_range_db",
        "level_fade_db",
        "loudness_lufs",
        "spectral_balance_db",
        "pitch_median_hz",
        "pitch_sd_semitones",
        "pitch_range_semitones",
        "ask_pitch_range_semitones",
    ),
    "Recording": (
        "snr_db",
        "clipped_fraction",
        "bandwidth_hz",
        "dropout_count",
    ),
    "Words as heard": (
        "word_confidence_median",
        "word_confidence_low",
        "unsure_word_share",
        "mumbled_share",
    ),
}


def delivery_lines(audit: Mapping[str, Any], rubric: Rubric) -> Iterator[str]:
    """The delivery of one audit, in the contract's JSON, as lines of rich markup.

    What an older vmaudit did not measure is left out.
    """
    delivery = audit["delivery"]
    if not delivery:
        return
    usual = audit.get("relative_to_rep", {})
    yield "\n[bold]Delivery[/bold]"
    for heading, names in HEADINGS.items():
        known = [name for name in names if name in delivery]
        if known:
            yield f"  {heading}"
        for name in known:
            shown = _value(delivery, name, rubric.bands.get(name))
            yield f"    {measure_wording(name).label}: {shown}{_usual(usual.get(name))}"
    yield from _moments(delivery)


def _value(delivery: Mapping[str, Any], name: str, band: Band | None) -> str:
    value = delivery[name]
    if value is None:
        return f"not measured: {plain(delivery['unmeasured'].get(name, ''))}"
    shown = measure(name, value)
    if band is None:
        return shown
    place = band.place(value)
    return f"{shown} (good)" if place == "within" else f"{shown} ({PLACES[place]}; aim: {band})"


def _usual(difference: float | None) -> str:
    return "" if difference is None else f"; {difference:+.2f} from the rep's median"


def _moments(delivery: Mapping[str, Any]) -> Iterator[str]:
    labels: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
        "fillers": lambda one: f"{plain(one['text'])} ({one['source']})",
        "lexical_fillers": lambda one: plain(one["text"]),
        "disfluencies": lambda one: f"{one['kind']}: {plain(one['text'])}",
        "pauses": lambda one: "pause" + " inside a phrase" * (one.get("place") == "inside"),
        "dropouts": lambda one: "dropout",
    }
    moments = [
        (one, label(one)) for name, label in labels.items() for one in delivery.get(name, ())
    ]
    for moment, shown in sorted(moments, key=lambda pair: float(pair[0]["start_s"])):
        yield f"  {span(moment)}  {shown}"
