"""Delivery of recorded human speech: true word times, and one message in many codecs."""

from __future__ import annotations

import csv
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from vmaudit.config import SpeechOptions
from vmaudit.delivery import measure
from vmaudit.records import SAMPLE_RATE_HZ, Delivery, Interval, Isolation, Pause, Transcript, Word
from vmaudit.speech import VoiceActivity

AUDIO = Path(__file__).resolve().parents[2] / "shared" / "audio"
pytestmark = [
    pytest.mark.human,
    pytest.mark.skipif(not AUDIO.is_dir(), reason=f"no human recordings at {AUDIO}"),
]
MIN_PAUSE_S = 0.25
TOLERANCE_S = 0.1


@pytest.fixture(scope="module")
def activity() -> VoiceActivity:
    return VoiceActivity(SpeechOptions())


def read(path: Path) -> NDArray[np.float32]:
    samples, rate_hz = soundfile.read(path, dtype="float32")
    return np.asarray(resample_poly(samples, SAMPLE_RATE_HZ, rate_hz), dtype=np.float32)


def isolated(samples: NDArray[np.float32], activity: VoiceActivity) -> Isolation:
    whole = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    return Isolation((), whole, activity.detect(samples))


def transcribed(words: list[Word]) -> Transcript:
    return Transcript(" ".join(word.text for word in words), "en", "by hand", 1.0, tuple(words))


def hits(found: tuple[Pause, ...], true: list[Interval]) -> int:
    return sum(
        any(
            abs(one.start_s - other.start_s) <= TOLERANCE_S
            and abs(one.end_s - other.end_s) <= TOLERANCE_S
            for one in found
        )
        for other in true
    )


@pytest.mark.parametrize(("snr_db", "every", "least_f1"), [(60, 1, 0.9), (15, 4, 0.85)])
def test_pace_and_pauses_of_spoken_numbers(
    snr_db: float, every: int, least_f1: float, activity: VoiceActivity
) -> None:
    rng = np.random.default_rng(1)
    matched = found_count = true_count = 0
    for path in sorted((AUDIO / "allison_phone_composed").glob("*.wav"))[::every]:
        times = json.loads(path.with_name(path.name + ".words.json").read_text())["words"]
        words = [Word(one["word"], one["start"], one["end"], 1.0) for one in times]
        clean = read(path)
        noise_rms = float(np.std(clean)) / 10 ** (snr_db / 20)
        samples = clean + (noise_rms * rng.standard_normal(len(clean))).astype(np.float32)
        found = measure(samples, isolated(samples, activity), transcribed(words))
        minutes = (words[-1].end_s - words[0].start_s) / 60
        assert found.words_per_minute == pytest.approx(len(words) / minutes, rel=0.05), path.name
        true = [
            Interval(one.end_s, other.start_s)
            for one, other in pairwise(words)
            if other.start_s - one.end_s >= MIN_PAUSE_S
        ]
        matched += hits(found.pauses, true)
        found_count += len(found.pauses)
        true_count += len(true)
    assert true_count > 50
    assert 2 * matched / (found_count + true_count) >= least_f1


def test_one_message_measures_alike_in_every_codec(activity: VoiceActivity) -> None:
    names = ("lpcm", "g711_alaw", "g711_mulaw", "ima_adpcm")
    found: list[Delivery] = []
    for name in names:
        samples = read(AUDIO / "azure_voicemail" / f"en-US_{name}.wav")
        found.append(measure(samples, isolated(samples, activity), transcribed([])))
    reference = found[0]
    for one in found[1:]:
        assert one.message_s == pytest.approx(reference.message_s, abs=0.2)
        assert one.level_dbfs == pytest.approx(reference.level_dbfs, abs=0.5)
        assert one.pitch_median_hz == pytest.approx(reference.pitch_median_hz, rel=0.03)
        assert one.pitch_sd_semitones == pytest.approx(reference.pitch_sd_semitones, abs=0.3)
        assert one.pause_count == reference.pause_count


def test_a_whisper_has_no_pitch(activity: VoiceActivity) -> None:
    samples = read(AUDIO / "mfa_fillers" / "whisper.flac")
    found = measure(samples, isolated(samples, activity), transcribed([]))
    assert found.level_dbfs is not None
    assert found.pitch_median_hz is None


def test_spoken_fillers_that_were_written_down_are_found() -> None:
    with (AUDIO / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["set"] == "mfa_fillers"]
    counted = ("um", "uh", "hm", "er")
    checked = 0
    for row in rows:
        texts = row["ref_text"].split()
        words = [Word(text, 0.1 * i, 0.1 * i + 0.1, 1.0) for i, text in enumerate(texts)]
        samples = np.full(round((0.1 * len(words) + 1) * SAMPLE_RATE_HZ), 0.1, np.float32)
        whole = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
        found = measure(samples, Isolation((), whole, (whole,)), transcribed(words))
        true = json.loads(row["fillers"] or "{}")
        expected = sum(count for text, count in true.items() if text in counted)
        assert found.filler_count == expected, row["path"]
        checked += expected
    assert checked > 10
