"""The engines and number formats against each other: CPU time, and how many words they change.

    python benchmarks/engines.py [--model base]

samples/ (synthetic speech) through the speech engine alone: decoding and isolation are done
before. Words are compared with torch's in float32. The rows with batches of one say how much a
message's words depend on its companions.
"""

from __future__ import annotations

import argparse
import difflib
import time
from typing import Any

from common import ROOT, report

from vmaudit.asr import Passage, load_transcriber
from vmaudit.audio import decode
from vmaudit.config import AsrOptions, AudioOptions, RecordingOptions, SpeechOptions
from vmaudit.pipeline.hearing import Located, locate, passage_of
from vmaudit.recordings import scan
from vmaudit.records import Transcript
from vmaudit.speech import VoiceActivity

YARDSTICK = "torch float32"
TRIALS: dict[str, dict[str, Any]] = {
    YARDSTICK: {"precision": "float32"},
    "torch float32, batches of 1": {"precision": "float32", "batch_size": 1},
    "torch bfloat16": {"precision": "bfloat16"},
    "torch bfloat16, batches of 1": {"precision": "bfloat16", "batch_size": 1},
    "ct2 float32": {"engine": "ct2", "precision": "float32"},
    "ct2 int8": {"engine": "ct2", "precision": "int8"},
}


def main() -> None:
    """Run every engine once over all samples, warm, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    model = parser.parse_args().model
    passages = _passages()
    audio_s = sum(part.duration_s for passage in passages for part in passage.speech)
    words: dict[str, dict[str, list[str]]] = {}
    figures = {}
    for name, options in TRIALS.items():
        transcriber = load_transcriber(AsrOptions(model=model, **options))
        list(transcriber.transcribe(passages[:2]))
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        heard = dict(transcriber.transcribe(passages))
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        words[name] = {passage.id: _words(found) for passage, found in heard.items()}
        like = name.removesuffix(", batches of 1")
        figures[name] = {
            "wall_s": round(wall_s, 1),
            "cpu_s": round(cpu_s, 1),
            "words_changed": _changed(words[YARDSTICK], words[name]),
            "words_changed_by_the_batch": _changed(words[like], words[name]),
        }
        print(name, figures[name], flush=True)
    total = sum(len(found) for found in words[YARDSTICK].values())
    report(
        "engines",
        [
            f"{len(passages)} messages, {audio_s:.0f} s of speech, {total} words, {model}",
            *(
                f"{name:30s} {found['wall_s']:6.1f} s wall {found['cpu_s']:6.1f} s CPU "
                f"{found['words_changed']:4d} words changed"
                for name, found in figures.items()
            ),
        ],
        {
            "data": f"samples/: {len(passages)} messages, {audio_s:.0f} s (synthetic speech)",
            "model": model,
            "words": total,
            "engines": figures,
        },
    )


def _passages() -> list[Passage]:
    voice_activity = VoiceActivity(SpeechOptions())
    found = []
    for recording in scan(ROOT / "samples", RecordingOptions()).recordings:
        located = locate(recording, decode(recording.path, AudioOptions()), voice_activity)
        if isinstance(located, Located) and (passage := passage_of(located)).speech:
            found.append(passage)
    return found


def _words(found: Transcript | Exception) -> list[str]:
    if isinstance(found, Exception):
        raise found
    return [word.text.strip(" ,.?!-").lower() for word in found.words]


def _changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> int:
    """Words that were replaced, added or left out."""
    return sum(
        max(i2 - i1, j2 - j1)
        for key, words in before.items()
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(
            None, words, after[key], autojunk=False
        ).get_opcodes()
        if tag != "equal"
    )


if __name__ == "__main__":
    main()
