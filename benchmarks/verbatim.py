"""Filled pauses: how many are written down, and at what price in words and time.

    python benchmarks/verbatim.py [--model base] [--sets samples mfa_fillers ...]

Each set is heard by the speech engine without ``asr.verbatim`` and with it, as recorded and as
8 kHz mu-law. ``messages`` are those of the speed benchmark (synthetic speech): the prompt and the
least probability were chosen on them as recorded. No other set had a part in it; ``samples``
is synthetic speech too, the rest are people. mfa_fillers is without the recordings of words
that are broken off. Of nonspeech, what passes for speech is heard; it holds none.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
from common import HUMAN, ROOT, digits_apart, human_rows, normalized, report
from scipy.signal import resample_poly

from vmaudit.asr import Passage, Transcriber, load_transcriber, weights
from vmaudit.audio import decode
from vmaudit.config import AsrOptions, AudioOptions, SpeechOptions
from vmaudit.errors import RecordingError
from vmaudit.pipeline.hearing import Located, locate, passage_of
from vmaudit.records import SAMPLE_RATE_HZ, Recording, Transcript, Waveform
from vmaudit.speech import VoiceActivity
from vmaudit.timing import collect

sys.path.insert(0, str(ROOT / "tools"))
import telephone

SYNTHETIC_SETS = {
    "messages": ROOT / ".cache" / "benchmark-messages",  # made as samples/README.md says
    "samples": ROOT / "samples",
}
HUMAN_SETS = ("mfa_fillers", "read_wer", "an4", "speechocean762", "allison_phone_composed")
TELEPHONE_SETS = ("allison_phone_composed",)  # 8 kHz mu-law already
FORMS = ("as recorded", "8 kHz mu-law")
FILLED_PAUSE = re.compile(r"u+h*m+|u+h+|e+r+m+|h+m+|m{2,}", re.IGNORECASE)
MARK = "filledpause"
CUT_SHARE = 0.7  # a transcript with fewer of the words than this counts as cut off


@dataclass(frozen=True, eq=False)
class Said:
    """A recording and its words."""

    waveform: Waveform
    words: str


def main() -> None:
    """Hear every set in both forms and both ways; print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    every = (*SYNTHETIC_SETS, *HUMAN_SETS)
    parser.add_argument("--sets", nargs="+", choices=every, default=every)
    options = parser.parse_args()
    model = options.model
    engines = {
        verbatim: load_transcriber(AsrOptions(model=model, verbatim=verbatim))
        for verbatim in (False, True)
    }
    sets = {
        name: synthetic(SYNTHETIC_SETS[name]) if name in SYNTHETIC_SETS else _human(name)
        for name in options.sets
    }
    points: list[dict[str, Any]] = []
    for name, said in sets.items():
        for form in FORMS[:1] if name in TELEPHONE_SETS else FORMS:
            for point in _both_ways(engines, _as(form, said)):
                points.append({"set": name, "form": form, **point})
                print(points[-1], flush=True)
    invented = _invented(engines)
    report(
        "verbatim",
        [
            *(
                f"{p['set']:22s} {p['form']:12s} {'verbatim' if p['verbatim'] else '':9s} "
                f"{line_of(p)} {p['decoder_cpu_s']:6.1f} s"
                for p in points
            ),
            f"words in nonspeech: {invented}",
        ],
        {
            "data": {name: f"{len(said)} recordings" for name, said in sets.items()},
            "model": weights.model_version(model),
            "points": points,
            "words_in_nonspeech": invented,
        },
    )


def line_of(point: Mapping[str, Any]) -> str:
    """One row of the table."""
    return (
        f"{point['word_error_percent']:6.2f} % of {point['words']} words wrong, "
        f"{point['cut_off']} of {point['recordings']} cut off; filled pauses: "
        f"{point['pauses_said']} said, {point['pauses_written']} written, "
        f"{point['pauses_found']} of them right"
    )


def synthetic(root: Path) -> list[Said]:
    """The messages of a folder without what was recorded before and after them."""
    truth = tomllib.loads((root / "truth.toml").read_text(encoding="utf-8"))
    said = []
    for entry in truth["recording"]:
        if entry.get("words"):
            whole = decode(root / entry["file"], AudioOptions())
            start, end = (
                round(entry[name] * SAMPLE_RATE_HZ) for name in ("message_start_s", "message_end_s")
            )
            said.append(Said(Waveform(whole.samples[start:end], whole.info), entry["words"]))
    return said


def _human(name: str) -> list[Said]:
    return [
        Said(decode(HUMAN / row["path"], AudioOptions()), row["ref_text"])
        for row in human_rows(name)
        if row["ref_text"].strip() and "exclude from WER" not in row["extra"]
    ]


def _as(form: str, said: Sequence[Said]) -> list[Said]:
    if form == FORMS[0]:
        return list(said)
    with tempfile.TemporaryDirectory() as folder:
        return [Said(_through_telephone(one.waveform, Path(folder)), one.words) for one in said]


def _through_telephone(waveform: Waveform, folder: Path) -> Waveform:
    copy = folder / "copy.wav"
    narrow = resample_poly(waveform.samples.astype(float), 1, 2).clip(-1, 1)
    telephone.encode(copy, narrow[None], telephone.FORMATS["wav-mulaw"])
    return decode(copy, AudioOptions())


def _both_ways(
    engines: Mapping[bool, Transcriber], said: Sequence[Said]
) -> Iterator[dict[str, Any]]:
    passages = _passages([one.waveform for one in said])
    for verbatim, engine in engines.items():
        texts, cpu_s = _heard(engine, passages)
        point = point_of([one.words for one in said], texts)
        yield {"verbatim": verbatim, **point, "decoder_cpu_s": round(cpu_s, 1)}


def _passages(waveforms: Sequence[Waveform]) -> list[Passage]:
    voice_activity = VoiceActivity(SpeechOptions())
    passages = []
    for index, waveform in enumerate(waveforms):
        found = locate(Recording(str(index), Path(), "", 0), waveform, voice_activity)
        assert isinstance(found, Located)
        passages.append(passage_of(found))
    return passages


def _heard(engine: Transcriber, passages: Sequence[Passage]) -> tuple[list[str], float]:
    """The texts in order, and the decoder's CPU time in seconds."""
    texts = [""] * len(passages)
    with collect() as times:
        for passage, found in engine.transcribe(passages):
            assert isinstance(found, Transcript)
            texts[int(passage.id)] = found.text
    return texts, times.totals()["transcribe/decode"].cpu_s


def point_of(truth: Sequence[str], heard: Sequence[str]) -> dict[str, Any]:
    """Word errors without filled pauses, and how many of these are where they were said."""
    plain = [(_plain(said, ""), _plain(text, "")) for said, text in zip(truth, heard, strict=True)]
    marked = [(_plain(s, MARK).split(), _plain(t, MARK)) for s, t in zip(truth, heard, strict=True)]
    found = 0
    for words, text in marked:
        for chunk in jiwer.process_words(" ".join(words), text).alignments[0]:
            if chunk.type == "equal":
                found += words[chunk.ref_start_idx : chunk.ref_end_idx].count(MARK)
    counts = [(len(said.split()), len(text.split())) for said, text in plain]
    return {
        "recordings": len(plain),
        "words": sum(said for said, _ in counts),
        "word_error_percent": round(
            100 * jiwer.wer([s for s, _ in plain], [t for _, t in plain]), 2
        ),
        "cut_off": sum(text < CUT_SHARE * said for said, text in counts),
        "pauses_said": sum(words.count(MARK) for words, _ in marked),
        "pauses_written": sum(text.split().count(MARK) for _, text in marked),
        "pauses_found": found,
    }


def _plain(text: str, mark: str) -> str:
    """Normalised text, ``mark`` in the place of each filled pause."""
    words = (
        mark if FILLED_PAUSE.fullmatch(word.strip(",.-?!\u2026")) else word for word in text.split()
    )
    return normalized(digits_apart(" ".join(words)))


def _invented(engines: Mapping[bool, Transcriber]) -> dict[str, int]:
    waveforms = []
    for row in human_rows("nonspeech"):
        try:
            waveforms.append(decode(HUMAN / row["path"], AudioOptions()))
        except RecordingError as error:
            print(f"{row['path']}: {error}")
    passages = _passages(waveforms)
    return {
        "verbatim" if verbatim else "plain": sum(
            len(text.split()) for text in _heard(engine, passages)[0]
        )
        for verbatim, engine in engines.items()
    }


if __name__ == "__main__":
    main()
