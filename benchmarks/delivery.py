"""Delivery and number reading on human recordings whose words and times are known.

    python benchmarks/delivery.py

The words are the true ones, not a recogniser's; voice activity is Silero's. Telephone-band
noise is added to the recordings, not recorded.
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
from common import HUMAN, human_rows, report
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from vmaudit.audio import decode
from vmaudit.config import AudioOptions, SpeechOptions
from vmaudit.content import find_callback
from vmaudit.delivery import measure
from vmaudit.records import SAMPLE_RATE_HZ, Delivery, Interval, Isolation, Transcript, Word
from vmaudit.speech import VoiceActivity

SPOKEN = "allison_phone_composed"
CODECS = ("lpcm.wav", "g711_alaw.wav", "g711_mulaw.wav", "ima_adpcm.wav", "gsm610.gsm")
MORE_CODECS = ("amr_nb.amr", "amr_wb.amr", "mpeg.mp3")
TELEPHONE_BAND_HZ = (300, 3400)
SNRS_DB = (25, 20, 15, 10, 5)
MIN_PAUSE_S = 0.25
TOLERANCE_S = 0.1


def main() -> None:
    """Print pace, pauses, pitch, cost and number reading."""
    activity = VoiceActivity(SpeechOptions())
    paths = sorted((HUMAN / SPOKEN).glob("*.wav"))
    clean = {path: decode(path, AudioOptions()).samples for path in paths}
    words = {path: true_words(path) for path in paths}
    found = {path: measured(clean[path], words[path], activity) for path in paths}
    pace_error = max(pace_off(found[path], words[path]) for path in paths)
    scores = {"clean": pause_f1([(found[path], words[path]) for path in paths])}
    rng = np.random.default_rng(1)
    for snr_db in SNRS_DB:
        pairs = [
            (measured(noisy(clean[path], snr_db, rng), words[path], activity), words[path])
            for path in paths[::3]
        ]
        scores[f"{snr_db} dB"] = pause_f1(pairs)
    codecs = [
        measured(
            decode(HUMAN / "azure_voicemail" / f"en-US_{name}", AudioOptions()).samples,
            [],
            activity,
        )
        for name in CODECS + MORE_CODECS
    ]
    pitches = [one.pitch_median_hz for one in codecs if one.pitch_median_hz is not None]
    pitch_spread = max(pitches) / min(pitches) - 1
    digits = {row["path"].partition("/")[2]: row["digits"] for row in human_rows(SPOKEN)}
    right = sum(read_digits(words[path]) == [digits[path.name]] for path in paths)
    cost_ms = cost_ms_per_s(clean[paths[0]], words[paths[0]], activity)
    report(
        "delivery",
        [
            f"words per minute, {len(paths)} recordings: off by at most {100 * pace_error:.2f} %",
            *(f"pauses within {TOLERANCE_S} s, {name}: F1 {f1:.2f}" for name, f1 in scores.items()),
            f"pitch of one voicemail in {len(pitches)} codecs: within {100 * pitch_spread:.1f} %",
            f"telephone numbers read from true words: {right} of {len(paths)}",
            f"cost after the first call: {cost_ms:.1f} ms per second of audio",
        ],
        {
            "data": f"{SPOKEN}: {len(paths)} recordings, noise on every third; azure_voicemail",
            "words_per_minute_worst_relative_error": round(pace_error, 5),
            "pause_f1": {name: round(f1, 3) for name, f1 in scores.items()},
            "pitch_spread_across_codecs": round(pitch_spread, 4),
            "codecs_with_a_pitch": len(pitches),
            "numbers_right": right,
            "cost_ms_per_s": round(cost_ms, 1),
        },
    )


def true_words(path: Path) -> list[Word]:
    """The exact words and times that lie beside a recording."""
    times = json.loads(path.with_name(path.name + ".words.json").read_text(encoding="utf-8"))
    return [Word(one["word"], one["start"], one["end"], 1.0) for one in times["words"]]


def measured(samples: NDArray[np.float32], words: list[Word], activity: VoiceActivity) -> Delivery:
    """Delivery over the whole recording."""
    whole = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    text = " ".join(word.text for word in words)
    transcript = Transcript(text, "en", "true words", 1.0, tuple(words))
    return measure(samples, Isolation((), whole, activity.detect(samples)), transcript)


def pace_off(found: Delivery, words: list[Word]) -> float:
    """Relative error of words per minute against the true words' own span."""
    true = len(words) / ((words[-1].end_s - words[0].start_s) / 60)
    return abs((found.words_per_minute or 0.0) / true - 1)


def noisy(
    samples: NDArray[np.float32], snr_db: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Add telephone-band noise at this ratio to the recording's own power."""
    band = butter(4, TELEPHONE_BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    noise = sosfilt(band, rng.standard_normal(len(samples)))
    scale = np.std(samples) / np.std(noise) / 10 ** (snr_db / 20)
    return (samples + scale * noise).astype(np.float32)


def pause_f1(pairs: list[tuple[Delivery, list[Word]]]) -> float:
    """F1 of pauses whose both edges lie within the tolerance."""
    matched = found_count = true_count = 0
    for found, words in pairs:
        true = [
            (one.end_s, other.start_s)
            for one, other in pairwise(words)
            if other.start_s - one.end_s >= MIN_PAUSE_S
        ]
        matched += sum(
            any(
                abs(p.start_s - start_s) <= TOLERANCE_S and abs(p.end_s - end_s) <= TOLERANCE_S
                for p in found.pauses
            )
            for start_s, end_s in true
        )
        found_count += len(found.pauses)
        true_count += len(true)
    return 2 * matched / (found_count + true_count)


def read_digits(words: list[Word]) -> list[str]:
    """The callback numbers read from the words."""
    return [number.digits for number in find_callback(words, direct_number=None).numbers]


def cost_ms_per_s(
    samples: NDArray[np.float32], words: list[Word], activity: VoiceActivity
) -> float:
    """Processor time of ``measure`` alone, in ms per second of audio."""
    whole = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    isolation = Isolation((), whole, activity.detect(samples))
    transcript = Transcript("", "en", "true words", 1.0, tuple(words))
    started_s = time.process_time()
    for _ in range(5):
        measure(samples, isolation, transcript)
    return 1000 * (time.process_time() - started_s) / 5 / whole.duration_s


if __name__ == "__main__":
    main()
