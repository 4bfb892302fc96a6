"""Pace, pauses, syllables and number reading on human recordings whose words are known.

    python benchmarks/delivery.py

Words and times are the true ones or, where said so, those of the speech model `base`; voice
activity is Silero's. Telephone-band noise is added to the recordings, not recorded.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from common import HUMAN, audit_set, auditor_for, human_rows, report
from numpy.typing import NDArray
from pysyllables import SYLLABLE_COUNTS
from scipy.signal import butter, sosfilt

from vmaudit.audio import decode
from vmaudit.config import AudioOptions, SpeechOptions
from vmaudit.content import find_callback
from vmaudit.delivery import measure
from vmaudit.delivery.syllables import by_rule
from vmaudit.pipeline import Audited
from vmaudit.records import SAMPLE_RATE_HZ, Delivery, Interval, Isolation, Transcript, Word
from vmaudit.speech import VoiceActivity
from vmaudit.timing import collect

SPOKEN = "allison_phone_composed"
TIMED_BY_HAND = ("mfa_fillers/*.words.json", "praatio/*.words.json")
READ = ("allison_phone_composed", "mfa_fillers", "read_wer")  # for words by recogniser
CODECS = ("lpcm.wav", "g711_alaw.wav", "g711_mulaw.wav", "ima_adpcm.wav", "gsm610.gsm")
MORE_CODECS = ("amr_nb.amr", "amr_wb.amr", "mpeg.mp3")
TELEPHONE_BAND_HZ = (300, 3400)
SNRS_DB = (25, 20, 15, 10, 5)
MIN_PAUSE_S = 0.25
TOLERANCE_S = 0.1
LOOSE_S = 0.25  # hand-set word times and breaths disagree by as much
BRIDGED_S = 0.6  # gaps in voice activity that are closed on purpose
MIN_RATE_S = 3.0  # of message, for a rate to be compared


@dataclass(frozen=True)
class Spoken:
    """A recording with its true words and its voice activity."""

    samples: NDArray[np.float32]
    words: tuple[Word, ...]
    speech: tuple[Interval, ...]

    def measured(self) -> Delivery:
        """Delivery over the whole recording."""
        whole = Interval(0.0, len(self.samples) / SAMPLE_RATE_HZ)
        text = " ".join(word.text for word in self.words)
        transcript = Transcript(text, "en", "true words", 1.0, self.words)
        return measure(self.samples, Isolation((), whole, self.speech), transcript)


def main() -> None:
    """Print all figures and keep them."""
    activity = VoiceActivity(SpeechOptions())
    paths = sorted((HUMAN / SPOKEN).glob("*.wav"))
    spoken = [read(path, activity) for path in paths]
    found = [one.measured() for one in spoken]
    figures: dict[str, Any] = {
        "data": f"{SPOKEN}: {len(paths)} recordings, noise on every third; mfa_fillers and praatio "
        "where words are timed; azure_voicemail; read_wer",
        "words_per_minute_worst_relative_error": round(
            max(pace_off(one, true.words) for one, true in zip(found, spoken, strict=True)), 5
        ),
        "pause_f1": pause_figures(spoken, found, activity),
        "hand_timed_pauses": running_speech(activity, []),
        "all_timed_pauses": running_speech(activity, zip(found, spoken, strict=True)),
        "pitch_spread_across_codecs": round(pitch_spread(activity), 4),
        "numbers_right": numbers_right(paths, spoken),
        "syllables": syllable_figures(),
        "cost_ms_per_s": round(cost_ms_per_s(spoken[0]), 1),
        "with_recognised_words": recognised_figures(spoken),
    }
    report("delivery", (f"{name}: {value}" for name, value in figures.items()), figures)


def read(path: Path, activity: VoiceActivity) -> Spoken:
    """A recording and the words that lie beside it."""
    times = json.loads(path.with_name(path.name + ".words.json").read_text(encoding="utf-8"))
    words = tuple(Word(one["word"], one["start"], one["end"], 1.0) for one in times["words"])
    samples = decode(path, AudioOptions()).samples
    return Spoken(samples, words, activity.detect(samples))


def pause_figures(
    spoken: Sequence[Spoken], found: Sequence[Delivery], activity: VoiceActivity
) -> dict[str, float]:
    """F1 of pauses: clean, with short gaps of voice activity closed, and in noise."""
    pairs: dict[str, Iterable[tuple[Delivery, Spoken]]] = {
        "clean": zip(found, spoken, strict=True),
        f"voice activity bridges {BRIDGED_S} s": [(bridged(one).measured(), one) for one in spoken],
    }
    rng = np.random.default_rng(1)
    for snr_db in SNRS_DB:
        loud = [noisy(one.samples, snr_db, rng) for one in spoken[::3]]
        pairs[f"{snr_db} dB"] = [
            (Spoken(samples, one.words, activity.detect(samples)).measured(), one)
            for samples, one in zip(loud, spoken[::3], strict=True)
        ]
    return {name: pause_scores(each, TOLERANCE_S)["f1"] for name, each in pairs.items()}


def running_speech(
    activity: VoiceActivity, others: Iterable[tuple[Delivery, Spoken]]
) -> dict[str, dict[str, float]]:
    """Pauses in running speech and in ``others``, at the strict tolerance and at a loose one."""
    files = sorted(path for pattern in TIMED_BY_HAND for path in HUMAN.glob(pattern))
    spoken = [
        read(path.with_name(path.name.removesuffix(".words.json")), activity) for path in files
    ]
    pairs = [*((one.measured(), one) for one in spoken), *others]
    return {f"within {limit} s": pause_scores(pairs, limit) for limit in (TOLERANCE_S, LOOSE_S)}


def bridged(one: Spoken) -> Spoken:
    """The same recording as a detector sees it that closes short gaps."""
    joined = [one.speech[0]]
    for stretch in one.speech[1:]:
        if stretch.start_s - joined[-1].end_s < BRIDGED_S:
            joined[-1] = Interval(joined[-1].start_s, stretch.end_s)
        else:
            joined.append(stretch)
    return Spoken(one.samples, one.words, tuple(joined))


def noisy(
    samples: NDArray[np.float32], snr_db: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Add telephone-band noise at this ratio to the recording's own power."""
    band = butter(4, TELEPHONE_BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    noise = sosfilt(band, rng.standard_normal(len(samples)))
    scale = np.std(samples) / np.std(noise) / 10 ** (snr_db / 20)
    return np.asarray(samples + scale * noise, dtype=np.float32)


def pause_scores(pairs: Iterable[tuple[Delivery, Spoken]], tolerance_s: float) -> dict[str, float]:
    """Precision, recall and F1 of pauses whose both edges lie within the tolerance."""
    matched = found_count = true_count = 0
    for found, spoken in pairs:
        true = [
            (one.end_s, other.start_s)
            for one, other in pairwise(spoken.words)
            if other.start_s - one.end_s >= MIN_PAUSE_S
        ]
        matched += sum(
            any(
                max(abs(pause.start_s - start_s), abs(pause.end_s - end_s)) <= tolerance_s
                for pause in found.pauses
            )
            for start_s, end_s in true
        )
        found_count += len(found.pauses)
        true_count += len(true)
    scores = {
        "precision": matched / found_count,
        "recall": matched / true_count,
        "f1": 2 * matched / (found_count + true_count),
    }
    return {name: round(score, 3) for name, score in scores.items()}


def pace_off(found: Delivery, words: Sequence[Word]) -> float:
    """Relative error of words per minute against the true words' own span."""
    true = len(words) / ((words[-1].end_s - words[0].start_s) / 60)
    return abs((found.words_per_minute or 0.0) / true - 1)


def pitch_spread(activity: VoiceActivity) -> float:
    """Highest over lowest median pitch of one voicemail in eight codecs, less one."""
    paths = [HUMAN / "azure_voicemail" / f"en-US_{name}" for name in CODECS + MORE_CODECS]
    clips = [decode(path, AudioOptions()).samples for path in paths]
    found = [Spoken(clip, (), activity.detect(clip)).measured().pitch_median_hz for clip in clips]
    pitches = [one for one in found if one is not None]
    if len(pitches) < len(found):
        raise RuntimeError("a codec has no pitch")
    return float(max(pitches) / min(pitches) - 1)


def numbers_right(paths: Sequence[Path], spoken: Sequence[Spoken]) -> str:
    """Telephone numbers that are read rightly from the true words."""
    digits = {row["path"].partition("/")[2]: row["digits"] for row in human_rows(SPOKEN)}
    right = 0
    for path, one in zip(paths, spoken, strict=True):
        numbers = find_callback(one.words, direct_number=None).numbers
        right += [number.digits for number in numbers] == [digits[path.name]]
    return f"{right} of {len(paths)}"


def syllable_figures() -> dict[str, float]:
    """How many words the dictionary holds, and how often the rule alone agrees with it."""
    texts = " ".join(row["ref_text"] for name in READ for row in human_rows(name)).lower()
    tokens = re.findall(r"[a-z]+(?:'[a-z]+)?", texts)
    listed = [word for word in SYLLABLE_COUNTS if word.replace("'", "").isalpha()]
    known = [word for word in tokens if word in SYLLABLE_COUNTS]

    def agreement(words: Sequence[str]) -> float:
        agreed = [by_rule(word) == SYLLABLE_COUNTS[word] for word in words]
        return round(float(np.mean(agreed)), 4)

    return {
        "spoken_words_in_dictionary": round(len(known) / len(tokens), 4),
        "rule_agrees_on_spoken_words": agreement(known),
        "rule_agrees_on_all_entries": agreement(listed),
    }


def cost_ms_per_s(one: Spoken) -> float:
    """Processor time of ``measure`` after its first call, in ms per second of audio."""
    one.measured()
    started_s = time.process_time()
    for _ in range(5):
        one.measured()
    duration_s = len(one.samples) / SAMPLE_RATE_HZ
    return 1000 * (time.process_time() - started_s) / 5 / duration_s


def recognised_figures(spoken: Sequence[Spoken]) -> dict[str, Any]:
    """Pace with the recogniser's words, nuclei beside syllables, share of transcription time."""
    auditor = auditor_for("base")
    with collect() as times:
        results = {path: one for name in READ for path, one in audit_set(name, auditor).items()}
    heard = {path: one.delivery for path, one in results.items() if isinstance(one, Audited)}
    paths = sorted(path for path in heard if path.startswith(SPOKEN))
    errors = [pace_off(heard[path], one.words) for path, one in zip(paths, spoken, strict=True)]
    compared = [
        one
        for one in heard.values()
        if one.syllables_per_second and (one.message_s or 0) >= MIN_RATE_S
    ]
    syllables = np.asarray([one.syllables_per_second for one in compared], dtype=np.float64)
    nuclei = np.asarray([one.syllable_nuclei_per_second for one in compared], dtype=np.float64)
    totals = times.totals()
    return {
        "words_per_minute_median_relative_error": round(float(np.median(errors)), 4),
        "words_per_minute_worst_relative_error": round(max(errors), 4),
        "words_per_minute_within_5_percent": f"{sum(e <= 0.05 for e in errors)} of {len(errors)}",
        "nuclei_recordings": len(compared),
        "nuclei_correlation": round(float(np.corrcoef(syllables, nuclei)[0, 1]), 3),
        "nuclei_over_syllables_median": round(float(np.median(nuclei / syllables)), 3),
        "measure_cpu_over_transcribe_cpu": round(
            totals["measure"].cpu_s / totals["transcribe"].cpu_s, 3
        ),
    }


if __name__ == "__main__":
    main()
