"""What the benchmarks share: the human recordings, the machine, word error rate.

The human recordings are not part of the repository. VMAUDIT_HUMAN_AUDIO names their folder;
it holds one folder per set and manifest.csv (path, set, ref_text, ...).
"""

from __future__ import annotations

import csv
import json
import os
import platform
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jiwer
import torch
from whisper.normalizers import EnglishTextNormalizer

from vmaudit.config import Config, RecordingOptions
from vmaudit.pipeline import Audited, Auditor
from vmaudit.recordings import scan
from vmaudit.records import Failure

ROOT = Path(__file__).resolve().parents[1]
HUMAN = Path(os.environ.get("VMAUDIT_HUMAN_AUDIO", ROOT.parent / "shared" / "audio"))
RESULTS = ROOT / "benchmarks" / "results"
DIGITS = {
    word: str(digit)
    for digit, words in enumerate(
        ["zero oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    )
    for word in words.split()
}
_NORMALIZE = EnglishTextNormalizer()


def human_rows(name: str) -> list[dict[str, str]]:
    """The manifest's rows of one set of human recordings."""
    with (HUMAN / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["set"] == name]


def audit_set(name: str, auditor: Auditor) -> dict[str, Audited | Failure]:
    """Audit one set of human recordings; results by path as the manifest has it."""
    found = scan(HUMAN / name, RecordingOptions())
    results: dict[str, Audited | Failure] = {f"{name}/{f.path}": f for f in found.failures}
    for batch in auditor.audit(found.recordings):
        for result in batch:
            path = result.path if isinstance(result, Failure) else result.audit.path
            results[f"{name}/{path}"] = result
    return results


def auditor_for(model: str) -> Auditor:
    """An auditor with default options and the model named."""
    return Auditor(Config.model_validate({"asr": {"model": model}}))


def text_of(result: Audited | Failure) -> str:
    """The transcript, or nothing for a failure."""
    return "" if isinstance(result, Failure) else result.heard.transcript.text


def normalized(text: str) -> str:
    """Whisper's own normaliser: case, punctuation, spelling and number forms."""
    return str(_NORMALIZE(text))


def digits_apart(text: str) -> str:
    """Every digit a word of its own, however it was written."""
    words = (DIGITS.get(word.lower().strip(",.-"), word) for word in re.split(r"[\s-]+", text))
    return re.sub(r"(?<=\d)[,.]?(?=\d)", " ", " ".join(words))


def word_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Over all (reference, hypothesis) pairs together, normalised, in [0, ...)."""
    both = [(normalized(reference), normalized(heard)) for reference, heard in pairs]
    return float(jiwer.wer([r for r, _ in both], [h for _, h in both]))


def report(name: str, lines: Iterable[str], values: dict[str, Any]) -> None:
    """Print the table, and keep the figures as JSON with date, machine and versions."""
    for line in lines:
        print(line)
    RESULTS.mkdir(exist_ok=True)
    document = {"benchmark": name, **_circumstances(), **values}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"figures: {path.relative_to(ROOT)}")


def _circumstances() -> dict[str, Any]:
    packages = ("vmaudit", "torch", "openai-whisper", "silero-vad", "numpy")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {next(_processor(), platform.processor())}, "
        f"{torch.backends.cpu.get_cpu_capability()}",
        "versions": {name: version(name) for name in packages},
    }


def _processor() -> Iterator[str]:
    path = Path("/proc/cpuinfo")
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                yield line.partition(":")[2].strip()
