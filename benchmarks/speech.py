"""The speech core against its peers: files in, words with times out, in one run.

    python benchmarks/speech.py --peer-model FOLDER [--model base] [--rounds 3]

The files are those of samples/ and of benchmarks/messages.toml (all synthetic speech; make the
latter with ``python tools/make_samples.py --scripts benchmarks/messages.toml --out
.cache/benchmark-messages``) that last 10 to 38 s. All are loaded and warm, decode greedily, give
word times, and take turns; the ratio is that of the medians.

``vmaudit, words`` reads, decodes, finds speech and the message, and transcribes;
``vmaudit, audit`` also measures delivery, reads numbers and scores.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from statistics import median

from common import ROOT, report
from peers import Transcribe, faster_whisper_settings

from vmaudit.asr import load_transcriber, weights
from vmaudit.audio import DecodePool, decode
from vmaudit.config import AudioOptions, Config, RecordingOptions
from vmaudit.pipeline import Auditor
from vmaudit.pipeline.hearing import Located, locate, passage_of
from vmaudit.recordings import scan
from vmaudit.records import Recording, Waveform
from vmaudit.speech import VoiceActivity

FOLDERS = ("samples", ".cache/benchmark-messages")
WARM_UP_RECORDINGS = 6
SHORTEST_S, LONGEST_S = 10.0, 38.0

Work = Callable[[Sequence[Recording]], None]


def main() -> None:
    """Time all in turn and print × real time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--peer-model", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reference", action="store_true", help="openai-whisper too, one round")
    options = parser.parse_args()
    recordings, audio_s = _recordings()
    ways = _ours(options.model)
    for name, transcribe in faster_whisper_settings(options.peer_model).items():
        ways[name] = _over(transcribe)
    for work in ways.values():
        work(recordings[:: len(recordings) // WARM_UP_RECORDINGS])
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, work in ways.items():
            times[name].append(_elapsed_s(work, recordings))
            print(f"{name}: {times[name][-1]:.1f} s", flush=True)
    if options.reference:
        reference = _reference(options.model)
        times["openai-whisper float32"] = [_elapsed_s(reference, recordings)]
    _report(options.model, recordings, audio_s, times)


def _recordings() -> tuple[list[Recording], float]:
    found, audio_s = [], 0.0
    for folder in FOLDERS:
        for recording in scan(ROOT / folder, RecordingOptions()).recordings:
            duration_s = decode(recording.path, AudioOptions()).duration_s
            if SHORTEST_S <= duration_s <= LONGEST_S:
                found.append(recording)
                audio_s += duration_s
    return found, audio_s


def _ours(model: str) -> dict[str, Work]:
    config = Config.model_validate({"asr": {"model": model}})
    transcriber = load_transcriber(config.asr)
    voice_activity = VoiceActivity(config.speech)
    auditor = Auditor(config, transcriber=transcriber)

    def find(recording: Recording, waveform: Waveform) -> Located:
        found = locate(recording, waveform, voice_activity)
        assert isinstance(found, Located), found
        return found

    def words(recordings: Sequence[Recording]) -> None:
        with DecodePool(config.audio, jobs=os.cpu_count() or 1) as pool:
            decoded = pool.imap(recordings, max_pending=4, then=find)
            passages = (passage_of(found) for _, found in decoded if isinstance(found, Located))
            for _ in transcriber.transcribe(passages):
                pass

    def audit(recordings: Sequence[Recording]) -> None:
        for _ in auditor.audit(recordings):
            pass

    return {"vmaudit, words": words, "vmaudit, audit": audit}


def _over(transcribe: Transcribe) -> Work:
    def work(recordings: Sequence[Recording]) -> None:
        for recording in recordings:
            transcribe(recording.path)

    return work


def _reference(model: str) -> Work:
    reference = weights.load(model)

    def work(recordings: Sequence[Recording]) -> None:
        for recording in recordings:
            samples = decode(recording.path, AudioOptions()).samples
            reference.transcribe(samples, language="en", fp16=False, word_timestamps=True)

    return work


def _elapsed_s(work: Work, recordings: Sequence[Recording]) -> float:
    start_s = time.perf_counter()
    work(recordings)
    return time.perf_counter() - start_s


def _report(
    model: str, recordings: Sequence[Recording], audio_s: float, times: dict[str, list[float]]
) -> None:
    speeds = {name: audio_s / median(found) for name, found in times.items()}
    best = max(
        (name for name in speeds if name.startswith("faster-whisper")), key=speeds.__getitem__
    )
    ratios = {
        name: speed / speeds[best] for name, speed in speeds.items() if name.startswith("vmaudit")
    }
    data = f"{len(recordings)} files, {audio_s:.0f} s (synthetic speech)"
    report(
        "speech",
        [
            f"{data}, model {model}",
            *(f"{name:32s} {speed:5.1f} × real time" for name, speed in speeds.items()),
            *(f"{name}: {ratio:.2f} × {best}" for name, ratio in ratios.items()),
        ],
        {
            "data": data,
            "model": model,
            "faster_whisper": version("faster-whisper"),
            "seconds": {name: [round(t, 2) for t in found] for name, found in times.items()},
            "times_real_time": {name: round(speed, 2) for name, speed in speeds.items()},
            "best_peer": best,
            "ratio_to_best_peer": {name: round(ratio, 3) for name, ratio in ratios.items()},
        },
    )


if __name__ == "__main__":
    main()
