"""End-to-end time against openai-whisper with word times: same files, same weights, one run.

    python benchmarks/speed.py [--model base] [--rounds 3]

The files are samples/ (synthetic speech). vmaudit does all of its work, from reading files
to features; openai-whisper gets decoded samples and transcribes. Both are loaded and warm.
Rounds alternate; the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

from common import ROOT, auditor_for, report

from vmaudit.asr import weights
from vmaudit.audio import decode
from vmaudit.config import AudioOptions, RecordingOptions
from vmaudit.recordings import scan


def main() -> None:
    """Time both in turn and print × real time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    recordings = scan(ROOT / "samples", RecordingOptions()).recordings
    decoded = [decode(recording.path, AudioOptions()) for recording in recordings]
    audio_s = sum(waveform.duration_s for waveform in decoded)
    auditor = auditor_for(options.model)
    reference = weights.load(options.model)

    def ours() -> None:
        for _ in auditor.audit(recordings):
            pass

    def theirs() -> None:
        for waveform in decoded:
            reference.transcribe(waveform.samples, language="en", fp16=False, word_timestamps=True)

    ours()
    reference.transcribe(decoded[0].samples, language="en", fp16=False, word_timestamps=True)
    times: dict[str, list[float]] = {"vmaudit": [], "openai-whisper": []}
    for _ in range(options.rounds):
        times["vmaudit"].append(_elapsed_s(ours))
        times["openai-whisper"].append(_elapsed_s(theirs))
    speeds = {name: audio_s / median(found) for name, found in times.items()}
    ratio = speeds["vmaudit"] / speeds["openai-whisper"]
    report(
        "speed",
        [
            f"{len(recordings)} files of samples/, {audio_s:.0f} s of audio, {options.model}",
            *(f"{name:15s} {speed:5.1f} × real time" for name, speed in speeds.items()),
            f"ratio {ratio:.2f}",
        ],
        {
            "data": f"samples/: {len(recordings)} files, {audio_s:.0f} s (synthetic speech)",
            "model": options.model,
            "seconds": {name: [round(t, 2) for t in found] for name, found in times.items()},
            "times_real_time": {name: round(speed, 2) for name, speed in speeds.items()},
            "ratio": round(ratio, 3),
        },
    )


def _elapsed_s(work: Callable[[], None]) -> float:
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


if __name__ == "__main__":
    main()
