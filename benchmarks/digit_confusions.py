"""Which digits a speech model mistakes for which, on human digits with known answers.

    python benchmarks/digit_confusions.py [--model base] [--strings 25]

Ten-digit strings composed of the single digits of ``spoken_digits`` (four speakers, 8 kHz), and
the digit strings of ``speechocean762`` and ``allison_phone_composed``. What was heard is aligned
with what was said by plain edit distance. The shares of the mishearings, drawn towards chance
because they are few, are the table in ``vmaudit/content/agreement.py``.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import jiwer
import numpy as np
from common import DIGITS, HUMAN, digits_apart, human_rows, report
from numpy.typing import NDArray

from vmaudit.asr import load_transcriber
from vmaudit.asr.protocol import Passage
from vmaudit.audio import decode
from vmaudit.config import AsrOptions, AudioOptions
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Transcript

COMPOSED = "spoken_digits"
SETS = ("speechocean762", "allison_phone_composed")
SPEAKERS = ("george", "jackson", "nicolas", "theo")
LENGTH = 10  # digits of a composed string
GAP_S, GROUP_GAP_S = 0.08, 0.3  # between digits, and after the third and the sixth
AROUND_S = 0.5
PSEUDO_COUNT = 9  # mishearings, spread evenly, that few observations are weighed against


def main() -> None:
    """Transcribe, align, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--strings", type=int, default=25, help="composed for each speaker")
    options = parser.parse_args()
    said: dict[str, str] = {}
    passages = []
    for name, digits, samples in (*_composed(options.strings), *_recorded()):
        said[name] = digits
        whole = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
        passages.append(Passage(name, samples, (whole,), whole))
    transcriber = load_transcriber(AsrOptions(model=options.model))
    heard = {
        passage.id: _digits(result.text)
        for passage, result in transcriber.transcribe(passages)
        if isinstance(result, Transcript)
    }
    _report(options.model, [(said[name], digits) for name, digits in heard.items()])


def _composed(count: int) -> Iterator[tuple[str, str, NDArray[np.float32]]]:
    files: dict[tuple[str, str], list[Path]] = {}
    for path in sorted((HUMAN / COMPOSED).glob("*.wav")):
        digit, speaker, _ = path.stem.split("_")
        files.setdefault((speaker, digit), []).append(path)
    draw = np.random.default_rng(0)
    for speaker in SPEAKERS:
        for index in range(count):
            digits = "".join(map(str, draw.integers(10, size=LENGTH)))
            chosen = [files[speaker, digit] for digit in digits]
            takes = [_samples(paths[draw.integers(len(paths))]) for paths in chosen]
            yield f"{speaker} {index}", digits, _joined(takes)


def _joined(takes: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    pieces = [_silence(AROUND_S)]
    for place, take in enumerate(takes, 1):
        pieces += [take, _silence(GROUP_GAP_S if place in (3, 6) else GAP_S)]
    return np.concatenate([*pieces, _silence(AROUND_S)])


def _silence(duration_s: float) -> NDArray[np.float32]:
    return np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float32)


def _samples(path: Path) -> NDArray[np.float32]:
    return decode(path, AudioOptions()).samples


def _recorded() -> Iterator[tuple[str, str, NDArray[np.float32]]]:
    for row in (row for name in SETS for row in human_rows(name)):
        digits = _digits(row["ref_text"])
        if digits:
            yield row["path"], digits, _samples(HUMAN / row["path"])


def _digits(text: str) -> str:
    return "".join(re.findall("[0-9]", digits_apart(text)))


def _report(model: str, pairs: list[tuple[str, str]]) -> None:
    aligned = jiwer.process_characters([s for s, _ in pairs], [h or " " for _, h in pairs])
    errors: Counter[str] = Counter()
    mistaken: Counter[str] = Counter()
    for (said, heard), chunks in zip(pairs, aligned.alignments, strict=True):
        for chunk in (chunk for chunk in chunks if chunk.type != "equal"):
            a = said[chunk.ref_start_idx : chunk.ref_end_idx]
            b = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
            errors[chunk.type] += max(len(a), len(b))
            if chunk.type == "substitute":
                mistaken.update("".join(sorted(pair)) for pair in zip(a, b, strict=True))
    total = sum(len(said) for said, _ in pairs)
    exact = sum(said == heard for said, heard in pairs)
    report(
        "digit_confusions",
        [
            f"{model}: {exact} of {len(pairs)} strings exact, {total} digits, {dict(errors)}",
            *(f"{pair[0]} and {pair[1]}: {n} times" for pair, n in mistaken.most_common()),
        ],
        {
            "model": model,
            "strings": len(pairs),
            "exact": exact,
            "digits": total,
            "errors": dict(errors),
            "mistaken": dict(mistaken.most_common()),
            "share_of_mishearings": _shares(mistaken),
        },
    )


def _shares(mistaken: Counter[str]) -> dict[str, float]:
    """Of the mishearings of a pair's digits, those that are of the pair, drawn towards chance."""
    by_digit = {d: sum(n for pair, n in mistaken.items() if d in pair) for d in DIGITS.values()}
    shares = {}
    for pair, count in mistaken.most_common():
        mean = (by_digit[pair[0]] + by_digit[pair[1]]) / 2
        shares[pair] = round((count + PSEUDO_COUNT / 9) / (mean + PSEUDO_COUNT), 3)
    return shares


if __name__ == "__main__":
    main()
