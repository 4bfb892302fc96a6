"""How values, times and names are written for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

NO_REP = "no rep known"
MINUS = "−"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a delivery value is called, its unit and how many decimals people read."""

    label: str
    unit: str = ""
    decimals: int = 1


MEASURES = {
    "message_s": Wording("Length", "s", 0),
    "speech_s": Wording("Speech", "s", 0),
    "words_per_minute": Wording("Pace", "words/min", 0),
    "articulation_words_per_minute": Wording("Pace without pauses", "words/min", 0),
    "syllables_per_second": Wording("Syllables of speech", "/s"),
    "syllable_nuclei_per_second": Wording("Syllables, from the sound", "/s"),
    "opening_pace_ratio": Wording("Pace of the opening", "of the whole", 2),
    "closing_pace_ratio": Wording("Pace of the close", "of the whole", 2),
    "number_pace_ratio": Wording("Pace of the number", "of the rest", 2),
    "onset_delay_s": Wording("Silence after the beep", "s"),
    "pause_count": Wording("Pauses", "", 0),
    "pauses_per_minute": Wording("Pauses", "/min"),
    "inside_phrase_pause_count": Wording("Pauses inside a phrase", "", 0),
    "longest_pause_s": Wording("Longest pause", "s"),
    "dead_air_s": Wording("Dead air", "s"),
    "filler_count": Wording("Filled pauses", "", 0),
    "fillers_per_minute": Wording("Filled pauses", "/min"),
    "lexical_filler_count": Wording("“You know”, “like”", "", 0),
    "disfluency_count": Wording("Repeats and restarts", "", 0),
    "level_dbfs": Wording("Level", "dBFS"),
    "level_range_db": Wording("Range of the level", "dB"),
    "level_fade_db": Wording("Fade towards the end", "dB"),
    "loudness_lufs": Wording("Loudness", "LUFS"),
    "spectral_balance_db": Wording("Above 1 kHz against below", "dB"),
    "pitch_median_hz": Wording("Pitch", "Hz", 0),
    "pitch_sd_semitones": Wording("Liveliness of the pitch", "semitones"),
    "pitch_range_semitones": Wording("Range of the pitch", "semitones"),
    "ask_pitch_range_semitones": Wording("Range where something is asked", "semitones"),
    "snr_db": Wording("Speech over noise", "dB"),
    "clipped_fraction": Wording("Clipped", "of all", 3),
    "bandwidth_hz": Wording("Bandwidth", "Hz", 0),
    "dropout_count": Wording("Dropouts", "", 0),
    "word_confidence_median": Wording("Confidence, median", "", 2),
    "word_confidence_low": Wording("Confidence, 10th percentile", "", 2),
    "unsure_word_share": Wording("Words heard unsurely", "of all", 2),
    "mumbled_share": Wording("Mumbled", "of the speech", 2),
}

PLACES = {
    "far_low": "far too low",
    "low": "low",
    "within": "in the band",
    "high": "high",
    "far_high": "far too high",
}


def measure_wording(name: str) -> Wording:
    """How a delivery value is written, also one that has no wording of its own."""
    return MEASURES.get(name) or Wording(spaced(name).capitalize())


def spaced(name: str) -> str:
    """A name of the contract as words."""
    return name.replace("_", " ")


def measure(name: str, value: float) -> str:
    """A value with its unit."""
    wording = measure_wording(name)
    return with_unit(number(value, wording.decimals), wording.unit)


def with_unit(text: str, unit: str) -> str:
    """A number and its unit: "24 s", but "5/min"."""
    return f"{text}{unit}" if unit.startswith("/") else f"{text} {unit}".strip()


def number(value: float | None, decimals: int = 0) -> str:
    """A number for people, without a minus zero; a dash for what is not known."""
    if value is None:
        return "–"
    text = f"{abs(value):.{decimals}f}"
    return f"{MINUS}{text}" if round(value, decimals) < 0 else text


def percent(share: float | None) -> str:
    """A share in percent."""
    return "–" if share is None else f"{share * 100:.0f} %"


def points(difference: float) -> str:
    """A difference with its sign."""
    return f"{'+' if difference >= 0 else MINUS}{abs(difference):.0f}"


def clock(time_s: float) -> str:
    """A moment of the recording in minutes and seconds."""
    minutes, seconds = divmod(max(0.0, time_s), 60)
    return f"{minutes:.0f}:{int(seconds):02d}"


def plural(count: int, noun: str) -> str:
    """A count with its noun: "1 message", "2 messages"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def day(moment: datetime | None) -> str:
    """The date of a call."""
    return moment.date().isoformat() if moment else "–"


def minute(moment: datetime | None) -> str:
    """Date and time of a call, as its own zone has them."""
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "–"
