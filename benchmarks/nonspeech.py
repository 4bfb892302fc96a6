"""Nothing may be transcribed where nobody speaks: music, tones, traffic, hum, silence.

python benchmarks/nonspeech.py [--model base]
"""

from __future__ import annotations

import argparse
from collections import Counter

from common import audit_set, auditor_for, report, text_of

from vmaudit.records import Failure

SET = "nonspeech"


def main() -> None:
    """List what was heard in each recording without speech."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    model = parser.parse_args().model
    results = audit_set(SET, auditor_for(model))
    lines = [f"{len(results)} recordings without speech, model {model}"]
    outcomes: Counter[str] = Counter()
    heard = {}
    for path, result in sorted(results.items()):
        if isinstance(result, Failure):
            outcomes["failure"] += 1
            lines.append(f"  failure       {path}: {result.reason}")
            continue
        outcomes[result.audit.status] += 1
        text = text_of(result)
        if text or result.audit.status == "scored":
            heard[path] = text
            confidence = result.heard.transcript.confidence
            lines.append(f"  {result.audit.status}  {path}: {text!r} {confidence}")
            lines.append(f"      {'; '.join(result.audit.reasons)}")
    lines.append(f"{dict(outcomes)}; with any word: {len(heard)}")
    report(
        "nonspeech",
        lines,
        {
            "data": f"{SET}: {len(results)} recordings without speech",
            "model": model,
            "outcomes": dict(outcomes),
            "heard": heard,
        },
    )


if __name__ == "__main__":
    main()
