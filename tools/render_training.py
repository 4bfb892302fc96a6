"""Speak the training messages, over telephone lines of all kinds.

    pip install -e '.[samples]' && python tools/render_training.py

Each style of ``models/training/messages.jsonl`` has one synthetic voice, so that what holds a
voice out holds its styles out too. Near twins are spoken by one voice at one pace over one
line: what differs between them is what is said. ``truth.jsonl``, beside the recordings, has a
line per message. The same command gives the same recordings; each message is synthesised
once and kept.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import telephone
from call_speech import Speech, Spoken
from telephone import LINE_RATE_HZ, NoiseKind, silence
from voices import CALL_VOICES, SAMPLE_VOICES, Kokoro

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
MESSAGES = ROOT / "models" / "training" / "messages.jsonl"
SPOKEN_PARTS = "abcdef"  # the first letters of the messages that are spoken
VOICES = tuple(
    voice for voices in CALL_VOICES.values() for voice in voices if voice not in SAMPLE_VOICES
)

# What the pace of a style is, as a factor on the voice's own; others speak at any of the rest.
BRISK = re.compile("fast|brisk|hyper|breezy|young|barker|crisp|pushy|excited|scatterbrain")
SLOW = re.compile("slow|folksy|tired|grandmotherly|late-night|halting|schoolteacher|legalistic")
SPEEDS = {"brisk": (1.0, 1.25), "slow": (0.78, 0.95), "other": (0.88, 1.12)}
RUSHED_SHARE, RUSHED_SPEED = 0.06, 1.4
CODECS = ("wav-mulaw", "wav-mulaw", "wav-pcm", "wav-gsm", "amr", "ogg-opus", "mp3", "wav-alaw")
SUFFIXES = {"amr": ".amr", "mp3": ".mp3", "ogg-opus": ".ogg"}
NOISES: Sequence[NoiseKind] = ("hiss", "street", "hum")
LEVELS_DBFS = (-32.0, -16.0)
SNRS_DB = (12.0, 40.0)
LOUD_NOISE_SHARE, LOUD_NOISE_SNRS_DB = 0.08, (-4.0, 4.0)
LEAD_IN_S, TAIL_S = (0.2, 0.9), (0.3, 1.0)

_SENTENCE_GAPS_S, _THOUGHT_GAPS_S = (0.2, 0.55), (0.5, 1.1)
_LONGEST_WORDS = 40  # said in one breath, well under the voices' 509 phonemes


def directed(text: str, rng: np.random.Generator) -> str:
    """``text`` with its pauses in seconds, and its hesitations as the voices say them best."""
    said = re.sub(r"\bum\b", "umm", re.sub(r"\b[Uu]h\b", "uhh", text))
    said = re.sub(r"\bUm\b", "Umm", said).replace("[", "").replace("]", "")
    said = re.sub(r"\s*(?:\.\.\.|…)\s*", lambda _: f", {_gap(_THOUGHT_GAPS_S, rng)} ", said)
    said = re.sub(r"^-|-\s*$", "", said)
    said = re.sub(r"-(?=\s)|\s+[-–—]+\s+", ",", said)
    said = re.sub(
        r"(?<=[.!?])(?<!\b[DM]r\.)(?<!\bMrs\.)(?<!\bSt\.)\s+",
        lambda _: f" {_gap(_SENTENCE_GAPS_S, rng)} ",
        said,
    )
    return " ".join(_breaths(said))


def _gap(range_s: tuple[float, float], rng: np.random.Generator) -> str:
    return f"{{{rng.uniform(*range_s):.2f}}}"


def _breaths(said: str) -> list[str]:
    """The words, with a breath wherever a stretch would be too long for the voices."""
    out: list[str] = []
    since = 0
    for word in said.split():
        since = 0 if word.startswith("{") else since + 1
        out.append(word)
        if since >= _LONGEST_WORDS or (since > _LONGEST_WORDS // 2 and word.endswith(",")):
            out.append("{0.12}")
            since = 0
    return out


def to_speak() -> list[dict[str, Any]]:
    """The messages that are spoken."""
    return [message for message in read(MESSAGES) if message["id"][0] in SPOKEN_PARTS]


def voice_of(style: str, styles: Sequence[str]) -> str:
    """The voice of a style; ``styles`` are all of them, sorted."""
    return VOICES[styles.index(style) % len(VOICES)]


def render(message: Mapping[str, Any], voice: str, speech: Speech, out: Path) -> dict[str, Any]:
    """Speak one message, put it on a line, write it to ``out``; what is known of it."""
    rng = np.random.default_rng(zlib.crc32((message["twin_of"] or message["id"]).encode()))
    style = message["style"]
    kind = "brisk" if BRISK.search(style) else "slow" if SLOW.search(style) else "other"
    speed = round(float(rng.uniform(*SPEEDS[kind])), 2)
    if rng.random() < RUSHED_SHARE:
        speed = RUSHED_SPEED
    codec = CODECS[int(rng.integers(len(CODECS)))]
    noise = NOISES[int(rng.integers(len(NOISES)))]
    loud = rng.random() < LOUD_NOISE_SHARE
    snr_db = round(float(rng.uniform(*(LOUD_NOISE_SNRS_DB if loud else SNRS_DB))), 1)
    level_dbfs = rng.uniform(*LEVELS_DBFS)
    before, after = silence(rng.uniform(*LEAD_IN_S)), silence(rng.uniform(*TAIL_S))

    clip = speech.clip(Spoken(directed(message["text"], rng), voice, speed))
    line = telephone.at_level(telephone.band_limit(clip.samples), level_dbfs)
    line = np.concatenate([before, line, after])
    line += telephone.noise(noise, len(line), rng) * 10 ** ((level_dbfs - snr_db) / 20)
    line /= max(1.0, float(np.max(np.abs(line))))
    file = f"{message['id']}{SUFFIXES.get(codec, '.wav')}"
    telephone.encode(out / file, line[np.newaxis], telephone.FORMATS[codec])
    return {
        "id": message["id"],
        "file": file,
        "voice": voice,
        "speed": speed,
        "codec": codec,
        "noise": noise,
        "snr_db": snr_db,
        "speech_s": round(len(clip.samples) / LINE_RATE_HZ, 2),
    }


@cache
def _speech() -> Speech:
    return Speech(CACHE / "training-utterances", lambda: Kokoro(CACHE / "voices", VOICES))


def _render(message: Mapping[str, Any], voice: str, out: Path) -> dict[str, Any]:
    return render(message, voice, _speech(), out)


def in_groups(messages: Sequence[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """At least ``limit`` messages, twins together, in an order that keeps no style together."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for message in messages:
        groups.setdefault(message["twin_of"] or message["id"], []).append(message)
    chosen: list[dict[str, Any]] = []
    for name in sorted(groups, key=lambda name: zlib.crc32(name.encode())):
        if len(chosen) >= limit:
            break
        chosen += groups[name]
    return chosen


def read(path: Path) -> list[dict[str, Any]]:
    """The messages of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_calls(
    path: Path, rendered: Sequence[Mapping[str, Any]], messages: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write calls.csv, so that an audit knows the lead as the labels do."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("file", "rep", "prospect", "interest", "line"))
        for truth in rendered:
            message = messages[truth["id"]]
            lead = message["lead"]
            table.writerow(
                (truth["file"], message["style"], lead["prospect"], lead["interest"], lead["line"])
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and render."""
    parser = argparse.ArgumentParser(description="Speak the training messages.")
    parser.add_argument("--out", metavar="DIR", type=Path, default=CACHE / "training-audio")
    parser.add_argument("--limit", type=int, default=505, help="at least so many messages")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    every = to_speak()
    styles = sorted({message["style"] for message in every})
    messages = in_groups(every, options.limit)
    voices = [voice_of(message["style"], styles) for message in messages]
    with ProcessPoolExecutor(options.processes) as pool:
        outs = [options.out] * len(messages)
        rendered = list(pool.map(_render, messages, voices, outs, chunksize=2))
    rendered.sort(key=lambda truth: truth["file"])
    lines = [json.dumps(truth) + "\n" for truth in rendered]
    (options.out / "truth.jsonl").write_text("".join(lines), encoding="utf-8")
    write_calls(options.out / "calls.csv", rendered, {one["id"]: one for one in messages})
    print(f"{len(rendered)} messages in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
