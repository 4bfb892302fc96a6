"""Word error rate on read human speech: vmaudit against openai-whisper, the same weights.

    python benchmarks/word_errors.py [--model base]

vmaudit takes the whole path a user takes: decoding, isolation, voice activity, batches.
openai-whisper's ``transcribe`` gets the same decoded samples with its default temperature
fallback. Recordings without a reference are left out.
"""

from __future__ import annotations

import argparse

from common import HUMAN, audit_set, auditor_for, human_rows, report, text_of, word_error_rate

from vmaudit.asr import weights
from vmaudit.audio import decode
from vmaudit.config import AudioOptions

SET = "read_wer"


def main() -> None:
    """Measure both and print the difference in points."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    model = parser.parse_args().model
    rows = [row for row in human_rows(SET) if row["ref_text"].strip()]
    results = audit_set(SET, auditor_for(model))
    ours = [(row["ref_text"], text_of(results[row["path"]])) for row in rows]

    reference_model = weights.load(model)
    theirs = []
    for row in rows:
        samples = decode(HUMAN / row["path"], AudioOptions()).samples
        heard = reference_model.transcribe(samples, language="en", fp16=False)
        theirs.append((row["ref_text"], str(heard["text"])))

    ours_percent, theirs_percent = (100 * word_error_rate(pairs) for pairs in (ours, theirs))
    report(
        "word_errors",
        [
            f"{len(rows)} recordings of read human speech, model {model}",
            f"vmaudit         {ours_percent:.2f} %",
            f"openai-whisper  {theirs_percent:.2f} %",
            f"difference      {ours_percent - theirs_percent:+.2f} points",
        ],
        {
            "data": f"{SET}: {len(rows)} recordings of read human speech",
            "model": weights.model_version(model),
            "vmaudit_percent": round(ours_percent, 2),
            "openai_whisper_percent": round(theirs_percent, 2),
        },
    )


if __name__ == "__main__":
    main()
