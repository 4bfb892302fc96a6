"""How far the times of words are off, against human recordings with known word times.

    python benchmarks/word_times.py --peer-model FOLDER [--model base]

Start of every word that was recognised, matched with the truth by its text; digits count one by
one where they are written one by one. ``allison_phone_composed`` was put together from single
recordings, so its times are exact but within "telephone number" and "thank you", which it
splits evenly: their second words are left out of the second figure. The others were timed
by hand.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import DIGITS, HUMAN, audit_set, auditor_for, human_rows, report
from peers import faster_whisper_settings

from vmaudit.pipeline import Audited

COMPOSED = "allison_phone_composed"
SETS = (COMPOSED, "praatio", "mfa_fillers")
SPLIT_EVENLY = {"number", "you"}  # second words of prompts whose inner boundary is a guess


@dataclass(frozen=True, slots=True)
class Timed:
    """A word as it is compared, and its start in seconds; None: unknown."""

    text: str
    start_s: float | None


def main() -> None:
    """Measure vmaudit and faster-whisper and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--peer-model", required=True)
    options = parser.parse_args()
    auditor = auditor_for(options.model)
    name, peer = next(iter(faster_whisper_settings(options.peer_model).items()))
    errors: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for set_name in SETS:
        audited = audit_set(set_name, auditor)
        for row in human_rows(set_name):
            if not row["word_times"]:
                continue
            kind, truth = _truth(HUMAN / row["word_times"])
            if not kind:
                continue
            found = audited[row["path"]]
            words = found.heard.transcript.words if isinstance(found, Audited) else ()
            heard = {"vmaudit": words, name: peer(HUMAN / row["path"])[1]}
            for who, said in heard.items():
                timed = [t for word in said for t in _timed(word.text, word.start_s)]
                errors.setdefault((kind, who), []).extend(_errors(truth, timed))
    _report(options.model, errors)


def _truth(path: Path) -> tuple[str, list[Timed]]:
    """How the times were made ("" for a machine's), and the words."""
    document = json.loads(path.read_text(encoding="utf-8"))
    how = document["alignment"]
    kind = (
        "composed"
        if how.startswith("by construction")
        else "hand"
        if how.startswith("hand")
        else ""
    )
    return kind, [t for word in document["words"] for t in _timed(word["word"], word["start"])]


def _timed(text: str, start_s: float) -> Iterable[Timed]:
    plain = re.sub(r"[^a-z0-9']", "", text.lower())
    plain = DIGITS.get(plain, plain)
    if plain.isdigit() and len(plain) > 1:  # only the first digit's start is known
        yield Timed(plain[0], start_s)
        yield from (Timed(digit, None) for digit in plain[1:])
    elif plain:
        yield Timed(plain, start_s)


def _errors(truth: Sequence[Timed], heard: Sequence[Timed]) -> list[tuple[str, float]]:
    """The word and heard minus true start, in seconds, of each word that both have."""
    matcher = difflib.SequenceMatcher(
        None, [word.text for word in truth], [word.text for word in heard], autojunk=False
    )
    return [
        (a.text, b.start_s - a.start_s)
        for i, j, count in matcher.get_matching_blocks()
        for a, b in zip(truth[i : i + count], heard[j : j + count], strict=True)
        if a.start_s is not None and b.start_s is not None
    ]


def _report(model: str, errors: dict[tuple[str, str], list[tuple[str, float]]]) -> None:
    lines, figures = [f"{'start of words, seconds off':52s} words  median  90th percentile"], []
    for (kind, who), found in errors.items():
        subsets = {kind: found}
        if kind == "composed":
            subsets["composed, exact"] = [e for e in found if e[0] not in SPLIT_EVENLY]
        for name, some in subsets.items():
            off = np.abs([error for _, error in some])
            median, ninetieth = float(np.median(off)), float(np.percentile(off, 90))
            lines.append(f"{name:20s} {who:31s} {len(off):5d}  {median:6.3f}  {ninetieth:6.3f}")
            figures.append(
                {
                    "set": name,
                    "who": who,
                    "words": len(off),
                    "median_s": round(median, 4),
                    "ninetieth_percentile_s": round(ninetieth, 4),
                }
            )
    report("word_times", lines, {"data": ", ".join(SETS), "model": model, "figures": figures})


if __name__ == "__main__":
    main()
