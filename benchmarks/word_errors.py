"""Word error rate: vmaudit against openai-whisper and faster-whisper, the same weights.

    python benchmarks/word_errors.py --peer-model FOLDER [--model base] [--reference]

Human recordings with known words, and the messages of samples/ (synthetic speech) against what
was said in them. vmaudit takes the whole path a user takes: decoding, isolation, voice
activity, batches. openai-whisper's ``transcribe`` gets the decoded samples, with its default
temperature fallback; faster-whisper reads the files, in its fastest and in its plain setting. In
samples/ all get the message alone, for only vmaudit tells it from the greeting.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import soundfile
from common import (
    HUMAN,
    RESULTS,
    ROOT,
    auditor_for,
    digits_apart,
    human_rows,
    report,
    text_of,
    word_error_rate,
)
from peers import faster_whisper_settings

from vmaudit.asr import weights
from vmaudit.audio import decode
from vmaudit.config import AudioOptions, RecordingOptions
from vmaudit.pipeline import Auditor
from vmaudit.recordings import scan
from vmaudit.records import SAMPLE_RATE_HZ, Failure

HUMAN_SETS = ("read_wer", "an4", "speechocean762")
SAMPLES = "samples"


def main() -> None:
    """Measure all on every set and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--peer-model", help="without it the peers keep their last figures")
    parser.add_argument("--reference", action="store_true", help="openai-whisper too: slow")
    options = parser.parse_args()
    peers: dict[str, Callable[[Path], str]] = {}
    if options.peer_model:
        for name, transcribe in faster_whisper_settings(options.peer_model).items():
            peers[name] = lambda path, transcribe=transcribe: transcribe(path)[0]
    if options.reference:
        peers["openai-whisper float32"] = _reference(options.model)
    auditor = auditor_for(options.model)
    with tempfile.TemporaryDirectory() as name:
        sets = {name: _human(name) for name in HUMAN_SETS}
        sets[SAMPLES] = _messages(Path(name))
        percent = {
            name: {
                "vmaudit": _percent(truth, _heard(root, truth, auditor)),
                **{
                    peer: _percent(truth, {path: hear(root / path) for path in truth})
                    for peer, hear in peers.items()
                },
            }
            for name, (root, truth) in sets.items()
        }
    if not options.peer_model:
        last = json.loads((RESULTS / "word_errors.json").read_text(encoding="utf-8"))
        percent = {name: {**last["percent"][name], **found} for name, found in percent.items()}
    _report(options.model, {name: len(truth) for name, (_, truth) in sets.items()}, percent)


def _human(name: str) -> tuple[Path, dict[str, str]]:
    rows = [row for row in human_rows(name) if row["ref_text"].strip()]
    return HUMAN / name, {row["path"].partition("/")[2]: row["ref_text"] for row in rows}


def _messages(folder: Path) -> tuple[Path, dict[str, str]]:
    """The messages of samples/ without what was recorded before and after them."""
    truth = tomllib.loads((ROOT / "samples" / "truth.toml").read_text(encoding="utf-8"))
    said = {}
    for entry in truth["recording"]:
        if entry.get("words"):
            samples = decode(ROOT / "samples" / entry["file"], AudioOptions()).samples
            start, end = (
                round(entry[name] * SAMPLE_RATE_HZ) for name in ("message_start_s", "message_end_s")
            )
            name = f"{Path(entry['file']).stem}.wav"
            soundfile.write(folder / name, samples[start:end], SAMPLE_RATE_HZ)
            said[name] = entry["words"]
    return folder, said


def _heard(root: Path, truth: Mapping[str, str], auditor: Auditor) -> dict[str, str]:
    heard = dict.fromkeys(truth, "")
    for batch in auditor.audit(scan(root, RecordingOptions()).recordings):
        for result in batch:
            path = result.path if isinstance(result, Failure) else result.audit.path
            heard[path] = text_of(result)
    return heard


def _reference(model: str) -> Callable[[Path], str]:
    reference = weights.load(model)

    def hear(path: Path) -> str:
        samples: np.ndarray = decode(path, AudioOptions()).samples
        return str(reference.transcribe(samples, language="en", fp16=False)["text"])

    return hear


def _percent(truth: Mapping[str, str], heard: Mapping[str, str]) -> float:
    return 100 * word_error_rate(
        (digits_apart(text), digits_apart(heard[path])) for path, text in truth.items()
    )


def _report(model: str, counts: Mapping[str, int], percent: dict[str, dict[str, float]]) -> None:
    names = list(next(iter(percent.values())))
    report(
        "word_errors",
        [
            f"{'word error rate in %':36s}" + "".join(f"{name:>16s}" for name in percent),
            f"{'recordings':36s}" + "".join(f"{counts[name]:16d}" for name in percent),
            *(
                f"{who:36s}" + "".join(f"{found[who]:16.2f}" for found in percent.values())
                for who in names
            ),
        ],
        {
            "data": {name: f"{count} recordings" for name, count in counts.items()},
            "model": weights.model_version(model),
            "percent": {
                name: {who: round(value, 2) for who, value in found.items()}
                for name, found in percent.items()
            },
        },
    )


if __name__ == "__main__":
    main()
