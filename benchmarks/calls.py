"""Isolation over whole composed calls: where the message is, whose words are in it, how it went.

    python tools/compose_calls.py --out .cache/composed-calls
    python benchmarks/calls.py [FOLDER] [--part testing] [--model base]

Ring, greeting, beep, message, menu and tail from synthesised and human voices over telephone
codecs, whose truth is known. Thresholds were chosen on the tuning part; the testing part has other
voices, texts and beeps. Calls that do what their truth does not say are listed.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from common import ROOT, auditor_for, normalized, report

from vmaudit.config import RecordingOptions
from vmaudit.recordings import scan
from vmaudit.records import Audit, Failure
from vmaudit.timing import collect

START_TOLERANCE_S = 0.5
END_TOLERANCE_S = 0.7
TESTING = "testing"
Call = Mapping[str, Any]


def main() -> None:
    """Audit the calls of one part and print how many are right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / ".cache" / "composed-calls")
    parser.add_argument("--part", default=TESTING)
    parser.add_argument("--model", default="base")
    options = parser.parse_args()
    lines = (options.folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truth = {call["file"]: call for call in map(json.loads, lines)}
    wanted = {name for name, call in truth.items() if call["part"] == options.part}
    auditor = auditor_for(options.model)
    found: dict[str, Audit] = {}
    recordings = scan(options.folder, RecordingOptions()).recordings
    with collect() as times:
        for batch in auditor.audit([r for r in recordings if r.relative_path in wanted]):
            for result in batch:
                if isinstance(result, Failure):
                    print("failed:", result.path, result.reason)
                else:
                    found[result.audit.path] = result.audit
    rows = [_row(truth[path], audit) for path, audit in sorted(found.items())]
    cpu_s = {name: time.cpu_s for name, time in times.totals().items()}
    _report(options, rows, missing=len(wanted) - len(found), cpu_s=cpu_s)


def _row(truth: Call, audit: Audit) -> dict[str, Any]:
    """What is right about one call; None where a question does not arise."""
    spans = {span.kind: span for span in audit.segments}
    message = spans.get("message")
    start_s, end_s = truth["message_start_s"], truth["message_end_s"]
    left = start_s is not None and truth["outcomes"][0] not in ("hang_up", "no_speech")
    text = audit.transcript.text if audit.transcript and message else ""
    return {
        "file": truth["file"],
        "case": truth.get("case") or truth["outcomes"][0],
        "human": truth["human"],
        "found": list(audit.outcomes),
        "expected": truth["outcomes"],
        "off_s": [
            round(message.start_s - start_s, 2) if left and message else None,
            round(message.end_s - end_s, 2) if left and message else None,
        ],
        "start": _near(message and message.start_s, start_s, START_TOLERANCE_S) if left else None,
        "end": _near(message and message.end_s, end_s, END_TOLERANCE_S) if left else None,
        "free_of_greeting": not _greeting_words(truth, text) if left else None,
        "outcome": audit.outcomes[:1] == tuple(truth["outcomes"][:1]),
        "all_outcomes": set(audit.outcomes) == set(truth["outcomes"]),
        "text": text,
    }


def _near(found_s: float | None, true_s: float, tolerance_s: float) -> bool:
    return found_s is not None and abs(found_s - true_s) <= tolerance_s


def _greeting_words(truth: Call, heard: str) -> list[str]:
    """Words of the greeting at the beginning of what was heard that the message lacks.

    Three in a row: a single one may be a misheard word of the message.
    """
    said = _tokens(truth["message_words"])
    greeting, words = _tokens(truth["greeting_words"]), _tokens(heard)
    of_message = {tuple(said[i : i + 3]) for i in range(len(said))}
    trigrams = {tuple(greeting[i : i + 3]) for i in range(len(greeting) - 2)} - of_message
    return [" ".join(w) for i in range(len(words)) if (w := tuple(words[i : i + 3])) in trigrams]


def _tokens(text: str | None) -> list[str]:
    return normalized(re.sub(r"\{[^}]*\}", " ", text or "")).split()


def _report(
    options: argparse.Namespace,
    rows: Sequence[Mapping[str, Any]],
    *,
    missing: int,
    cpu_s: Mapping[str, float],
) -> None:
    questions = ("start", "end", "free_of_greeting", "outcome", "all_outcomes")
    shares: dict[str, list[int]] = {}
    for question in questions:
        asked = [row[question] for row in rows if row[question] is not None]
        shares[question] = [sum(asked), len(asked)]
    cases: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for case in sorted({row["case"] for row in rows}):
        for question in questions:
            asked = [r[question] for r in rows if r["case"] == case and r[question] is not None]
            if asked:
                cases[case][question] = [sum(asked), len(asked)]
    for row in rows:
        wrong = [question for question in questions if row[question] is False]
        if wrong:
            print(row["file"], row["case"], wrong, row["off_s"], row["found"], row["expected"])
    isolation_share = cpu_s.get("isolate", 0.0) / max(cpu_s.get("transcribe", 0.0), 1e-9)
    report(
        "calls" if options.part == TESTING else f"calls-{options.part}",
        [
            f"{len(rows)} calls of the {options.part} part, {missing} missing, {options.model}",
            *(
                f"{question:18s} {good} of {count} ({100 * good / max(count, 1):.1f} %)"
                for question, (good, count) in shares.items()
            ),
            *(
                f"  {case:14s} " + ", ".join(f"{q} {g}/{n}" for q, (g, n) in found.items())
                for case, found in cases.items()
            ),
            f"isolation with voice activity: {100 * isolation_share:.1f} % of the transcription",
        ],
        {
            "data": f"{len(rows)} composed calls of the {options.part} part, "
            f"{sum(row['human'] for row in rows)} with human speech",
            "model": options.model,
            "part": options.part,
            "right_of": shares,
            "by_case": cases,
            "cpu_share_of_transcription": round(isolation_share, 4),
        },
    )


if __name__ == "__main__":
    main()
