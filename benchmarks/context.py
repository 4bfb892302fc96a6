"""Word error rate and invented words by how much context the encoder sees.

    python benchmarks/context.py [--model base]

Human recordings with known words, as they are and as 8 kHz mu-law, through the whole
pipeline. A recording counts as invented upon when it has words beyond the truth: three or
more, and at least half as many as were said. Digits count one by one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jiwer
from common import HUMAN, ROOT, digits_apart, human_rows, normalized, report, text_of
from scipy.signal import resample_poly

from vmaudit.asr import weights
from vmaudit.asr.whisper.context import Context
from vmaudit.asr.whisper.core import TorchCore
from vmaudit.asr.whisper.listening import Listening
from vmaudit.asr.whisper.transcriber import WhisperTranscriber
from vmaudit.asr.whisper.workload import workload_for
from vmaudit.audio import decode
from vmaudit.config import AudioOptions, RecordingOptions
from vmaudit.pipeline import Auditor
from vmaudit.recordings import scan
from vmaudit.records import Failure

sys.path.insert(0, str(ROOT / "tools"))
import telephone

SETS = ("read_wer", "allison_phone_composed", "an4", "speechocean762")
CONTEXTS = {
    "30 s": Context(margin_s=30.0),
    "audio + 1 s": Context(margin_s=1.0, short_clip_s=0.0),
    "audio + 1 s, or 30 s below 10 s": Context(),
}
INVENTED_WORDS = 3
INVENTED_SHARE = 0.5


def main() -> None:
    """Transcribe everything once per context and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    model_name = parser.parse_args().model
    model = weights.load(model_name)
    truth = {row["path"]: row["ref_text"] for name in SETS for row in human_rows(name)}
    truth = {path: text for path, text in truth.items() if text}
    points: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        copies = Path(folder)
        _make_telephone_copies(truth, copies)
        for name, context in CONTEXTS.items():
            workload = workload_for(model, "auto", None)
            core = TorchCore(
                model, version=name, workload=workload, listening=Listening(context=context)
            )
            auditor = Auditor(transcriber=WhisperTranscriber(core))
            for form, root in (("as recorded", HUMAN), ("8 kHz mu-law", copies)):
                heard = _transcribe(root, auditor)
                for set_name in SETS:
                    some = {path: text for path, text in truth.items() if path.startswith(set_name)}
                    points.append(
                        {"set": set_name, "form": form, "context": name, **_point(some, heard)}
                    )
                    print(points[-1], flush=True)
    points.sort(key=lambda point: (SETS.index(point["set"]), point["form"]))
    lines = [
        f"{p['set']:24s} {p['form']:13s} {p['context']:32s} {p['word_error_rate']:.4f}"
        f"  invented upon {p['invented_upon']} of {p['recordings']}"
        for p in points
    ]
    report("context", lines, {"data": ", ".join(SETS), "model": model_name, "points": points})


def _make_telephone_copies(paths: Mapping[str, str], folder: Path) -> None:
    for path in paths:
        samples = decode(HUMAN / path, AudioOptions()).samples
        copy = folder / f"{path}.wav"
        copy.parent.mkdir(parents=True, exist_ok=True)
        narrow = resample_poly(samples.astype(float), 1, 2)
        narrow = narrow.clip(-1, 1)  # the narrower band may ring beyond full scale
        telephone.encode(copy, narrow[None], telephone.FORMATS["wav-mulaw"])


def _transcribe(root: Path, auditor: Auditor) -> dict[str, str]:
    heard: dict[str, str] = {}
    for name in SETS:
        recordings = scan(root / name, RecordingOptions()).recordings
        for batch in auditor.audit(recordings):
            for result in batch:
                path = result.path if isinstance(result, Failure) else result.audit.path
                heard[f"{name}/{path}"] = text_of(result)
    return heard


def _point(truth: Mapping[str, str], heard: Mapping[str, str]) -> dict[str, float]:
    pairs = [
        (
            normalized(digits_apart(text)),
            normalized(digits_apart(heard.get(path, heard.get(f"{path}.wav", "")))),
        )
        for path, text in truth.items()
    ]
    rate = float(jiwer.wer([r for r, _ in pairs], [h for _, h in pairs]))
    invented = sum(_is_invented_upon(reference, said) for reference, said in pairs)
    return {
        "recordings": len(pairs),
        "word_error_rate": round(rate, 4),
        "invented_upon": invented,
    }


def _is_invented_upon(reference: str, said: str) -> bool:
    beyond = len(said.split()) - len(reference.split())
    return beyond >= INVENTED_WORDS and beyond >= INVENTED_SHARE * len(reference.split())


if __name__ == "__main__":
    main()
