"""Memory of an export must not grow with the number of messages.

    python benchmarks/exports.py [--counts 1000 10000]

Fills a store with messages made up of one text and other names and times, exports it with the
real command in every format, redacted too, and reads the largest resident size of each process
from the system.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from common import report

from vmaudit.content import find_callback
from vmaudit.records import (
    AudioInfo,
    Audit,
    Delivery,
    Score,
    Scores,
    Span,
    Transcript,
    Versions,
    Word,
)
from vmaudit.report import FORMATS
from vmaudit.store import Store, StoreBatch, store_address

KIB_PER_MIB = 1024
# In a small process between: a child begins with the resident size of its parent.
MEASURE = """
import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
WORD_S = 0.35
PROSPECTS = ("Angela Vega", "Ted Oakley", "Rosa Aldana", "Per Lindqvist")
TEXT = (
    "Hi {first}, this is Nina Whitlow at Harborview Motors. The silver hybrid you asked about, "
    "the one with the tow package, came in this morning. It also has the heated seats you were "
    "hoping for, and the whole car comes to $24,600. I can hold it for you until Thursday at noon, "
    "so nobody else drives it first. Call or text me on my direct line, 206-555-0142. Again, "
    "that's 206-555-0142. I look forward to showing it to you, {first}. Bye now."
)


def main() -> None:
    """Export stores of every size in every format, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 10_000])
    counts = parser.parse_args().counts
    runs = []
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            fill(Path(name), count)
            for form in FORMATS:
                for redacted in (False, True):
                    runs.append(export(Path(name), count, form, redacted=redacted))
                    print(runs[-1], flush=True)
    report(
        "exports",
        [
            f"{run['messages']:6d} messages, {run['form']:7s} {'redacted' * run['redacted']:8s} "
            f"{run['cpu_s']:6.1f} s of CPU, peak {run['peak_mib']:.0f} MiB"
            for run in runs
        ],
        {"data": f"made-up messages of {len(TEXT.split())} words", "runs": runs},
    )


def fill(out: Path, count: int) -> None:
    """Write ``count`` messages into a new store."""
    store = Store(store_address(out))
    store.write(StoreBatch(1, {}, tuple((message(index), "k") for index in range(count)), ()))
    store.close()


def message(index: int) -> Audit:
    """One message as an audit leaves it."""
    prospect = PROSPECTS[index % len(PROSPECTS)]
    text = TEXT.format(first=prospect.split()[0])
    words = tuple(
        Word(word, WORD_S * k, WORD_S * (k + 1), 0.9) for k, word in enumerate(text.split())
    )
    end_s = WORD_S * len(words)
    return Audit(
        id=f"{index:064x}",
        path=f"rep{index % 20}/{index:06d}.wav",
        status="scored",
        reasons=(),
        outcomes=("left_message",),
        rep=f"rep{index % 20}",
        recorded_at=datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=index),
        prospect=prospect,
        lead={"phone": f"206-555-01{index % 100:02d}", "interest": "silver hybrid"},
        audio=AudioInfo(end_s, 8000, 1, "pcm_mulaw"),
        segments=(Span("message", 0.0, end_s),),
        transcript=Transcript(text, "en", "made up", 0.9, words),
        delivery=Delivery(message_s=end_s, words_per_minute=60 / WORD_S, fillers_per_minute=0.0),
        callback=find_callback(words, direct_number="206-555-0142"),
        signals={},
        scores=Scores(Score(0.7, level=2), Score(0.6, level=2), Score(0.9), overall=70),
        advice=("Say the price when you meet.",),
        versions=Versions("0.1.0", "made up", "made up", "default"),
    )


def export(out: Path, count: int, form: str, *, redacted: bool) -> dict[str, Any]:
    """Run the command; its CPU time and its peak as the system tells them."""
    command = [sys.executable, "-m", "vmaudit", "export", str(out), "--format", form]
    measured = [sys.executable, "-c", MEASURE, *command, *["--redact"] * redacted]
    found = subprocess.run(measured, check=True, capture_output=True, text=True)
    cpu_s, peak_kib = json.loads(found.stdout)
    return {
        "messages": count,
        "form": form,
        "redacted": redacted,
        "cpu_s": round(cpu_s, 1),
        "peak_mib": round(peak_kib / KIB_PER_MIB, 1),
    }


if __name__ == "__main__":
    main()
