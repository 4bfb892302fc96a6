"""Whether who speaks changes the scores: the same scripts in every training voice, on a clean line.

    pip install -e '.[samples]' && python benchmarks/voices_alike.py --speak
    python benchmarks/voices_alike.py

The first speaks them, into .cache/voices-alike, the second audits them. Synthetic voices, six
called female and six male by their makers; three have the accent of another language, two a
British one.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, pstdev
from typing import Any

import numpy as np
from common import ROOT, auditor_for, report

sys.path.insert(0, str(ROOT / "tools"))

from vmaudit.config import RecordingOptions
from vmaudit.pipeline import Audited
from vmaudit.recordings import scan
from vmaudit.records import Audit

AUDIO = ROOT / ".cache" / "voices-alike"
LEVEL_DBFS = -22.0
SCRIPTS: Mapping[str, str] = tomllib.loads(
    (ROOT / "benchmarks" / "voices_alike.toml").read_text(encoding="utf-8")
)


def speak() -> None:
    """Synthesise every script in every voice."""
    import telephone
    from call_speech import Speech, Spoken
    from render_training import CACHE, VOICES
    from voices import Kokoro

    speech = Speech(CACHE / "training-utterances", lambda: Kokoro(CACHE / "voices", VOICES))
    for name, text in SCRIPTS.items():
        for voice in VOICES:
            clip = speech.clip(Spoken(text, voice, 1.0))
            line = telephone.at_level(telephone.band_limit(clip.samples), LEVEL_DBFS)
            around = telephone.silence(0.4)
            line = np.concatenate([around, line, around])
            line /= max(1.0, float(np.max(np.abs(line))))
            path = AUDIO / name / f"{voice}.wav"
            telephone.encode(path, line[np.newaxis], telephone.FORMATS["wav-pcm"])


def main() -> None:
    """Speak, or audit and compare."""
    parser = argparse.ArgumentParser(description="Whether who speaks changes the scores.")
    parser.add_argument("--speak", action="store_true", help="synthesise the scripts")
    if parser.parse_args().speak:
        speak()
        return
    found = scan(AUDIO, RecordingOptions()).recordings
    audits = [
        result.audit
        for results in auditor_for("base").audit(found)
        for result in results
        if isinstance(result, Audited)
    ]
    lines, values = compare(audits)
    report("voices_alike", lines, values)


def compare(audits: Sequence[Audit]) -> tuple[list[str], dict[str, Any]]:
    """The spread of the scores over the voices, script by script."""
    lines = [
        "| script | voices | overall, mean | standard deviation | least to most | value changes | "
        "clarity changes | women less men |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    values: dict[str, Any] = {}
    for name in SCRIPTS:
        of_script = [one for one in audits if one.path.startswith(f"{name}/") and one.scores]
        overall = [one.scores.overall or 0 for one in of_script if one.scores]
        women, men = (_of_gender(of_script, letter) for letter in "fm")
        flips = {head: _minority(list(_answers(of_script, head))) for head in ("value", "clarity")}
        values[name] = {
            "voices": len(of_script),
            "mean": mean(overall),
            "sd": pstdev(overall),
            "women_less_men": mean(women) - mean(men),
            **flips,
        }
        lines.append(
            f"| {name} | {len(of_script)} | {mean(overall):.0f} | {pstdev(overall):.1f} | "
            f"{min(overall)} to {max(overall)} | {flips['value']} | {flips['clarity']} | "
            f"{mean(women) - mean(men):+.1f} |"
        )
    return lines, values


def _of_gender(audits: Sequence[Audit], letter: str) -> list[int]:
    """Overall scores of voices with this second letter: f or m."""
    return [
        one.scores.overall or 0
        for one in audits
        if one.scores and one.path.rpartition("/")[2][1] == letter
    ]


def _answers(audits: Sequence[Audit], head: str) -> Iterator[bool]:
    for one in audits:
        yield getattr(one.scores, head).probability >= 0.5


def _minority(answers: Sequence[bool]) -> int:
    """How many voices get another answer than most."""
    return min(sum(answers), len(answers) - sum(answers))


if __name__ == "__main__":
    main()
