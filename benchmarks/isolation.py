"""Print what docs/isolation.md says of tones and voice activity; calls.py has the rest.

    python benchmarks/isolation.py FOLDER [--composed 120]

FOLDER holds ``manifest.csv`` with the columns path, set, ref_text and word_times (the
name of a JSON file with a list ``words`` of word, start and end in seconds).
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from vmaudit.audio import decode
from vmaudit.config import AudioOptions, SpeechOptions
from vmaudit.errors import RecordingError
from vmaudit.isolation import Scene, survey, worth_hearing
from vmaudit.isolation.scene import clipped, total_s
from vmaudit.isolation.signals import classify
from vmaudit.isolation.tones import steady_tones
from vmaudit.records import SAMPLE_RATE_HZ, Interval
from vmaudit.speech import VoiceActivity

LINE_RATE_HZ = 8000
QUIET_GAINS_DB = (0.0, -20.0, -40.0, -50.0)
COMPOSED_TOLERANCE_S = 0.5
NO_SPEECH_SET = "nonspeech"
TOOLS = Path(__file__).resolve().parents[1] / "tools"
CODECS = {"wav-mulaw": "wav", "wav-gsm": "wav", "amr": "amr", "ogg-opus": "ogg", "mp3": "mp3"}
NOISE_DBFS = -55.0
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Item:
    """One recording of the manifest, decoded, and what its sound says."""

    row: dict[str, str]
    samples: Samples
    scene: Scene

    @property
    def heard(self) -> tuple[Interval, ...]:
        """The speech that goes to the recogniser."""
        where = worth_hearing(self.scene)
        return clipped(self.scene.voiced, where.start_s, where.end_s) if where else ()


def main() -> None:
    """Read the arguments, then print one block of figures after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--composed", type=int, default=120, help="how many calls to compose")
    arguments = parser.parse_args()
    activity = VoiceActivity(SpeechOptions())
    items = list(_items(arguments.folder, activity))
    _print_nonspeech(items)
    _print_speech(items)
    _print_coverage(items, arguments.folder)
    _print_quiet(items, activity)
    for codec in CODECS:
        _print_signals_in_speech(items, codec)
        _print_composed(items, activity, arguments.composed, codec)
    _print_cost(items, activity)


def _items(folder: Path, activity: VoiceActivity) -> Iterator[Item]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            try:
                samples = decode(folder / row["path"], AudioOptions()).samples
            except RecordingError as error:
                print(f"not decoded: {row['path']}: {error}")
                continue
            yield Item(row, samples, survey(samples, activity.detect))


def _print_nonspeech(items: Sequence[Item]) -> None:
    silent = [item for item in items if item.row["set"] == NO_SPEECH_SET]
    kept = [item.row["path"] for item in silent if item.heard]
    print(f"no speech: {len(silent)} decoded, {len(kept)} go to the recogniser")
    for path in kept:
        print("  heard:", path)


def _print_speech(items: Sequence[Item]) -> None:
    by_set: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.row["set"] != NO_SPEECH_SET:
            by_set[item.row["set"]].append(item)
    for name, members in by_set.items():
        lost = [item for item in members if not item.heard]
        beeps = sum(len(item.scene.of_kind("beep")) for item in members)
        heard_s = sum(total_s(item.scene.voiced) for item in members)
        kept_s = sum(total_s(item.heard) for item in members)
        print(
            f"{name}: {len(members)} files, {len(lost)} lost, {beeps} false beeps, "
            f"{kept_s:.1f} of {heard_s:.1f} s of voice activity kept"
        )
        for item in lost[:5]:
            print("  lost:", item.row["path"])


def _print_coverage(items: Sequence[Item], folder: Path) -> None:
    """Share of the word times inside the speech, and between its first and its last."""
    shares: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for item in items:
        if not item.row["word_times"]:
            continue
        text = (folder / item.row["word_times"]).read_text(encoding="utf-8")
        words = [Interval(w["start"], w["end"]) for w in json.loads(text)["words"]]
        heard = item.heard
        whole = (Interval(heard[0].start_s, heard[-1].end_s),) if heard else ()
        shares[item.row["set"]].append(
            (
                sum(word.duration_s for word in words),
                sum(_overlap_s(word, heard) for word in words),
                sum(_overlap_s(word, whole) for word in words),
            )
        )
    for name, rows in shares.items():
        words_s, speech_s, message_s = (sum(column) for column in zip(*rows, strict=True))
        print(
            f"word times, {name}: {speech_s / words_s:.1%} in speech, "
            f"{message_s / words_s:.1%} from the first to the last of it"
        )


def _overlap_s(word: Interval, intervals: Sequence[Interval]) -> float:
    return sum(max(min(word.end_s, i.end_s) - max(word.start_s, i.start_s), 0) for i in intervals)


def _print_quiet(items: Sequence[Item], activity: VoiceActivity) -> None:
    sample = [item for item in items if item.row["set"] == "azure_voicemail"]
    for gain_db in QUIET_GAINS_DB:
        gain = np.float32(10 ** (gain_db / 20))
        found_s = sum(total_s(activity.detect(item.samples * gain)) for item in sample)
        print(f"voice activity in azure_voicemail at {gain_db:+.0f} dB: {found_s:.1f} s")


def _print_signals_in_speech(items: Sequence[Item], codec: str) -> None:
    """Count the tones found in speech that holds none, coded."""
    rng = np.random.default_rng(20261122)
    kinds: Counter[str] = Counter()
    spoken = [item for item in items if item.row["set"] != NO_SPEECH_SET]
    for item in spoken:
        padded = np.pad(_at_line_rate(item.samples), LINE_RATE_HZ // 2)
        heard = _over_line(padded, rng, codec)
        kinds.update(signal.kind for signal in classify(steady_tones(heard)))
    print(f"{codec}: {len(spoken)} recordings of speech, false signals: {dict(kinds)}")


def _print_composed(items: Sequence[Item], activity: VoiceActivity, count: int, codec: str) -> None:
    """Compose ring, greeting, beep and message over a coded line; find the message."""
    voices = [i.samples for i in items if i.row["set"] in {"an4", "speechocean762"} and i.heard]
    if not voices:
        return
    rng = np.random.default_rng(20261121)
    near = beeps = 0
    for index in range(count):
        greeting, message = (voices[int(k)] for k in rng.integers(len(voices), size=2))
        beep = _tone((float(rng.uniform(600, 1500)),), float(rng.uniform(0.15, 1.0)))
        ring = _ring(british=index % 2 == 1)
        head = _joined(ring, _at_line_rate(greeting), beep)
        samples = _over_line(np.concatenate((head, _at_line_rate(message))), rng, codec)
        truth_s = len(head) / LINE_RATE_HZ + activity.detect(message)[0].start_s
        scene = survey(samples, activity.detect)
        found = scene.of_kind("beep")
        beeps += len(found) == 1
        after = clipped(scene.voiced, found[-1].end_s if found else 0.0, scene.duration_s)
        near += bool(after) and abs(after[0].start_s - truth_s) <= COMPOSED_TOLERANCE_S
    print(f"{codec}: {count} composed calls, one beep found in {beeps}, speech after it in {near}")


def _tone(frequencies_hz: tuple[float, ...], duration_s: float) -> Samples:
    time_s = np.arange(round(duration_s * LINE_RATE_HZ)) / LINE_RATE_HZ
    waves = [np.sin(2 * np.pi * f * time_s) for f in frequencies_hz]
    tone: Samples = (0.2 * np.sum(waves, axis=0)).astype(np.float32)
    return tone


def _ring(*, british: bool) -> Samples:
    if british:
        burst, gap = _tone((400.0, 450.0), 0.4), np.zeros(LINE_RATE_HZ // 5, np.float32)
        return np.concatenate((burst, gap, burst))
    return _tone((440.0, 480.0), 2.0)


def _joined(*parts: Samples) -> Samples:
    gap = np.zeros(round(0.4 * LINE_RATE_HZ), np.float32)
    return np.concatenate([piece for part in parts for piece in (part, gap)])


def _at_line_rate(samples: Samples) -> Samples:
    half = scipy.signal.resample_poly(samples, 1, SAMPLE_RATE_HZ // LINE_RATE_HZ)
    return np.asarray(half, dtype=np.float32)


def _over_line(samples: Samples, rng: np.random.Generator, codec: str) -> Samples:
    """Add line noise, pass the codec, return to 16 kHz."""
    noisy = samples + rng.normal(0, 10 ** (NOISE_DBFS / 20), len(samples))
    noisy *= min(1.0, 0.99 / float(np.abs(noisy).max()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"line.{CODECS[codec]}"
        telephone = _telephone()
        telephone.encode(path, noisy[np.newaxis], telephone.FORMATS[codec])
        return decode(path, AudioOptions()).samples


def _telephone() -> Any:
    """Import tools/telephone.py, which is no installed package."""
    if str(TOOLS) not in sys.path:
        sys.path.append(str(TOOLS))
    return importlib.import_module("telephone")


def _print_cost(items: Sequence[Item], activity: VoiceActivity) -> None:
    audio_s = sum(len(item.samples) for item in items) / SAMPLE_RATE_HZ
    detect_s = _timed(lambda: [activity.detect(item.samples) for item in items])
    tones_s = _timed(lambda: [classify(steady_tones(item.samples)) for item in items])
    survey_s = _timed(lambda: [survey(item.samples, activity.detect) for item in items])
    print(f"cost over {audio_s:.0f} s of audio, one thread, per second of audio:")
    costs = (("tones", tones_s), ("voice activity", detect_s), ("survey, both", survey_s))
    for name, cost_s in costs:
        print(f"  {name} {cost_s / audio_s * 1e3:.2f} ms")


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
