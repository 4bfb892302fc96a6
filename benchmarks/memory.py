"""Peak memory must not grow with the number of files.

    python benchmarks/memory.py [--model tiny.en] [--counts 200 2000] [--seconds 2.5]

Makes short recordings in µ-law, no two alike: in every fourth the first words of a message of
samples/ (synthetic speech), cut at a different moment and level; in the others line noise, as
hang-ups leave it, which keeps the run to minutes. Audits them with the real command, and
reads the largest resident size of any of its processes from the system.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import av
import numpy as np
from common import ROOT, report

from vmaudit.audio import decode
from vmaudit.config import AudioOptions
from vmaudit.records import SAMPLE_RATE_HZ

RATE_HZ = 8000
SPEECH_EVERY = 4
LINE_NOISE = 0.002
MAX_SHIFT_SAMPLES = SAMPLE_RATE_HZ // 20
KIB_PER_MIB = 1024


def main() -> None:
    """Audit folders of both sizes, each in a process of its own, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--counts", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--seconds", type=float, default=2.5)
    options = parser.parse_args()
    peaks = {}
    for count in options.counts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "recordings"
            make_recordings(folder, count, options.seconds)
            # A child of its own, so that the system's peak is that of this audit alone.
            command = [sys.executable, __file__, "--one", str(folder), options.model]
            found = subprocess.run(command, check=True, capture_output=True, text=True)
            peaks[count] = json.loads(found.stdout.splitlines()[-1])
            print(count, peaks[count], flush=True)
    first, last = (peaks[count]["peak_mib"] for count in (options.counts[0], options.counts[-1]))
    report(
        "memory",
        [
            *(
                f"{count:6d} files: peak {peak['peak_mib']:.0f} MiB"
                for count, peak in peaks.items()
            ),
            f"ratio {last / first:.3f}",
        ],
        {
            "data": f"{options.seconds} s each: 1 in {SPEECH_EVERY} synthetic speech, else noise",
            "model": options.model,
            "peaks": peaks,
            "ratio": round(last / first, 4),
        },
    )


def make_recordings(
    folder: Path, count: int, seconds: float, *, speech_every: int = SPEECH_EVERY
) -> None:
    """Write ``count`` recordings; one in ``speech_every`` is a cut of a sample's message."""
    folder.mkdir(parents=True)
    truth = tomllib.loads((ROOT / "samples" / "truth.toml").read_text(encoding="utf-8"))
    messages = []
    for entry in truth["recording"]:
        if "message_start_s" in entry:
            samples = decode(ROOT / "samples" / entry["file"], AudioOptions()).samples
            start, end = (
                round(entry[name] * SAMPLE_RATE_HZ) for name in ("message_start_s", "message_end_s")
            )
            messages.append(samples[start:end])
    rng = np.random.default_rng(0)
    length = round(seconds * SAMPLE_RATE_HZ)
    for index in range(count):
        message = messages[index % len(messages)]
        start = int(rng.integers(0, MAX_SHIFT_SAMPLES))
        cut = message[start : start + length][:: SAMPLE_RATE_HZ // RATE_HZ]
        if index % speech_every:
            cut = rng.normal(scale=LINE_NOISE, size=len(cut))
        write_mulaw(folder / f"{index:05d}.wav", cut * rng.uniform(0.4, 1.0))


def write_mulaw(path: Path, samples: np.ndarray) -> None:
    """Write mono samples in [-1, 1] at 8 kHz as G.711 µ-law in a WAV file."""
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("pcm_mulaw", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            (samples * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate = RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def audit_one(folder: str, model: str) -> None:
    """Run the audit as a child; print its peak as JSON."""
    command = [
        str(Path(sys.executable).with_name("vmaudit")),
        "audit",
        folder,
        "--out",
        f"{folder}-results",
        "--model",
        model,
        "--quiet",
    ]
    code = subprocess.run(command, check=False).returncode
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KIB_PER_MIB
    print(json.dumps({"exit_code": code, "peak_mib": round(peak_mib, 1)}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        audit_one(*sys.argv[2:])
    else:
        main()
