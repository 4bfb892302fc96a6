"""How a message was spoken, as lines: each value with its band, each moment with its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vmaudit.cli.results import plain, span

if TYPE_CHECKING:
    from vmaudit.scoring import Band, Rubric

MEASURES: Mapping[str, Mapping[str, str]] = {
    "Pace": {
        "message_s": "message, s",
        "speech_s": "speech, s",
        "words_per_minute": "words per minute",
        "articulation_words_per_minute": "words per minute of speech",
        "syllables_per_second": "syllables per second of speech",
        "syllable_nuclei_per_second": "the same, from the sound",
        "opening_pace_ratio": "pace of the first 5 s, against all",
        "closing_pace_ratio": "pace of the last 5 s, against all",
        "number_pace_ratio": "pace of the number, against the rest",
    },
    "Pauses": {
        "onset_delay_s": "from the beep to the first word, s",
        "pause_count": "pauses",
        "pauses_per_minute": "pauses per minute",
        "inside_phrase_pause_count": "pauses inside a phrase",
        "longest_pause_s": "longest pause, s",
        "dead_air_s": "pauses of 2 s and more, in all, s",
    },
    "Fluency": {
        "filler_count": "filled pauses",
        "fillers_per_minute": "filled pauses per minute",
        "lexical_filler_count": "filler words",
        "disfluency_count": "repeated words and restarts",
    },
    "Voice": {
        "level_dbfs": "level, dBFS",
        "level_range_db": "level range, dB",
        "level_fade_db": "level of the end, against the rest, dB",
        "loudness_lufs": "loudness, LUFS",
        "spectral_balance_db": "above 1 kHz against below, dB",
        "pitch_median_hz": "pitch, Hz",
        "pitch_sd_semitones": "pitch spread, semitones",
        "pitch_range_semitones": "pitch range, semitones",
        "ask_pitch_range_semitones": "pitch range where something is asked, semitones",
    },
    "Recording": {
        "snr_db": "signal to noise, dB",
        "clipped_fraction": "clipped share",
        "bandwidth_hz": "bandwidth, Hz",
        "dropout_count": "dropouts",
    },
    "Words as heard": {
        "word_confidence_median": "confidence, median",
        "word_confidence_low": "confidence, 10th percentile",
        "unsure_word_share": "share of unsure words",
        "mumbled_share": "share of speech not understood",
    },
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
    for heading, measures in MEASURES.items():
        known = {name: label for name, label in measures.items() if name in delivery}
        if known:
            yield f"  {heading}"
        for name, label in known.items():
            shown = _value(delivery, name, rubric.bands.get(name))
            yield f"    {label}: {shown}{_usual(usual.get(name))}"
    yield from _moments(delivery)


def _value(delivery: Mapping[str, Any], name: str, band: Band | None) -> str:
    value = delivery[name]
    if value is None:
        return f"not measured: {plain(delivery['unmeasured'].get(name, ''))}"
    shown = str(value) if isinstance(value, int) else f"{value:.2f}"
    if band is None:
        return shown
    place = band.place(value).replace("_", " ")
    return f"{shown} (good)" if place == "within" else f"{shown} ({place}; aim: {band})"


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
