"""Make recordings from a file of scripts: samples/ from samples/scripts.toml, or others.

    pip install -e '.[samples]'
    python tools/make_samples.py [--only FILE]
    python tools/make_samples.py --scripts benchmarks/messages.toml --out .cache/benchmark-messages

Everything is seeded by the name of the file: the same packages on the same machine give the
same bytes. ``truth.toml``, beside the recordings, holds what was said and when, for measuring
against.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
import telephone
from telephone import LINE_RATE_HZ, Signal
from voices import Kokoro, say, words_of

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
CACHE = ROOT / ".cache" / "voices"
_TONE_LEVEL_DBFS = -18.0
_GREETING_LEVEL_DBFS = -21.0
_CLICK_LEVEL = 0.5  # peak, full scale 1


@dataclass(frozen=True, slots=True)
class Passage:
    """Words in one go at one pace; ``number``: the digits of which they are a statement."""

    text: str
    speed: float
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One recording of the scripts. ``say`` is empty for a hang-up."""

    file: str
    voice: str
    say: tuple[Passage, ...]
    form: telephone.Format
    lead_in: tuple[Mapping[str, Any], ...]
    level_dbfs: float
    level_drift_db: float  # louder or softer towards the end of the message
    noise: telephone.NoiseKind
    snr_db: float
    tail_s: float
    stereo: bool  # the prospect's side left, the rep's right


@dataclass(slots=True)
class Track:
    """A timeline of sounds, one side of the line; ``spans`` are (kind, start_s, end_s)."""

    pieces: list[Signal] = field(default_factory=list)
    spans: list[tuple[str, float, float]] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        """The end of what is there."""
        return sum(len(piece) for piece in self.pieces) / LINE_RATE_HZ

    def add(self, kind: str, sound: Signal) -> None:
        """Append a sound and note its span."""
        start_s = self.now_s
        self.pieces.append(sound)
        self.spans.append((kind, start_s, self.now_s))

    def wait(self, duration_s: float) -> None:
        """Append silence."""
        self.pieces.append(telephone.silence(duration_s))

    def mixed(self) -> Signal:
        """The whole timeline."""
        return np.concatenate(self.pieces)


def load_scripts(path: Path) -> tuple[Message, ...]:
    """Read a file such as samples/scripts.toml.

    Raises ``ValueError`` that names the message and the fault, ``OSError``, or
    ``tomllib.TOMLDecodeError``.
    """
    scripts = tomllib.loads(path.read_text(encoding="utf-8"))
    messages = []
    for entry in scripts["message"]:
        try:
            messages.append(_read_message(entry, scripts["reps"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path.name}: {entry.get('file')}: {error!r}") from error
    return tuple(messages)


def _read_message(entry: Mapping[str, Any], reps: Mapping[str, Any]) -> Message:
    if entry.get("noise", "hiss") not in get_args(telephone.NoiseKind):
        raise KeyError(entry["noise"])
    return Message(
        file=entry["file"],
        voice=reps[entry["rep"]]["voice"],
        say=tuple(_read_passage(item, entry.get("speed", 1.0)) for item in entry["say"]),
        form=telephone.FORMATS[entry["format"]],
        lead_in=tuple(entry.get("lead_in", ({"pause_s": 0.6},))),
        level_dbfs=entry.get("level_dbfs", -22.0),
        level_drift_db=entry.get("level_drift_db", 0.0),
        noise=entry.get("noise", "hiss"),
        snr_db=entry.get("snr_db", 38.0),
        tail_s=entry.get("tail_s", 0.8),
        stereo=entry.get("stereo", False),
    )


def _read_passage(item: str | Mapping[str, Any], speed: float) -> Passage:
    if isinstance(item, str):
        return Passage(item, speed)
    return Passage(item["text"], item.get("speed", speed), item.get("number"))


def make(message: Message, kokoro: Kokoro, folder: Path) -> dict[str, Any]:
    """Synthesise and write one recording; return its truth."""
    seed = zlib.crc32(message.file.encode())
    kokoro.reseed(seed % 2**31)
    rng = np.random.default_rng(seed)
    prospect = _lead_in(message, kokoro)
    rep = _speech(message, kokoro, prospect.now_s) if message.say else _hang_up(message, rng)
    duration_s = prospect.now_s + rep.now_s + message.tail_s
    count = round(duration_s * LINE_RATE_HZ)
    sides = [prospect.mixed(), np.concatenate([telephone.silence(prospect.now_s), rep.mixed()])]
    padded = [np.pad(side, (0, count - len(side))) for side in sides]
    lines = padded if message.stereo else [padded[0] + padded[1]]
    loudness = 10 ** ((message.level_dbfs - message.snr_db) / 20)
    noisy = [
        telephone.band_limit(line) + loudness * telephone.noise(message.noise, count, rng)
        for line in lines
    ]
    telephone.encode(folder / message.file, np.stack(noisy), message.form)
    return _truth(message, prospect, rep, duration_s)


def _lead_in(message: Message, kokoro: Kokoro) -> Track:
    track = Track()
    for step in message.lead_in:
        match step:
            case {"pause_s": duration_s}:
                track.wait(duration_s)
            case {"ring": rings}:
                ring = telephone.at_level(telephone.ringback(rings), _TONE_LEVEL_DBFS)
                track.add("ring", ring)
            case {"greeting": text, "voice": voice}:
                words = say(kokoro, text, voice, step.get("speed", 1.0))
                track.add("greeting", telephone.at_level(words, _GREETING_LEVEL_DBFS))
            case {"beep_hz": frequency_hz}:
                beep = telephone.tone(frequency_hz, duration_s=0.4)
                track.add("beep", telephone.at_level(beep, _TONE_LEVEL_DBFS))
            case _:
                raise ValueError(f"{message.file}: unknown lead-in {step}")
    return track


def _speech(message: Message, kokoro: Kokoro, start_s: float) -> Track:
    """Speak the passages; spans are in seconds of the recording, kind is the number's digits."""
    track = Track()
    for passage in message.say:
        words = say(kokoro, passage.text, message.voice, passage.speed)
        track.add(passage.number or "", words)
    line = telephone.at_level(track.mixed(), message.level_dbfs)
    drift_db = np.linspace(0, message.level_drift_db, len(line))
    spans = [(kind, start_s + start, start_s + end) for kind, start, end in track.spans]
    return Track([line * 10 ** (drift_db / 20)], spans)


def _hang_up(message: Message, rng: np.random.Generator) -> Track:
    """A second of room, a breath, and the receiver goes down."""
    track = Track()
    track.wait(1.0)
    breath = telephone.breath(0.5, rng)
    track.pieces.append(breath * 10 ** (message.level_dbfs / 20))
    track.wait(0.7)
    track.pieces.append(telephone.click(rng) * _CLICK_LEVEL)
    return track


def _truth(message: Message, prospect: Track, rep: Track, duration_s: float) -> dict[str, Any]:
    words = " ".join(words_of(passage.text) for passage in message.say)
    numbers = [passage.number for passage in message.say if passage.number]
    truth: dict[str, Any] = {
        "file": message.file,
        "words": words,
        "duration_s": duration_s,
        "number": numbers[0] if numbers else "",
        "times": len(numbers),
        "before": [_span(kind=kind, start=a, end=b) for kind, a, b in prospect.spans],
        "statements": [_span(digits=kind, start=a, end=b) for kind, a, b in rep.spans if kind],
    }
    if rep.spans:
        truth["message_start_s"] = rep.spans[0][1]
        truth["message_end_s"] = rep.spans[-1][2]
    return truth


def _span(*, start: float, end: float, **label: str) -> dict[str, Any]:
    return {**label, "start_s": start, "end_s": end}


def write_truth(path: Path, entries: Iterable[Mapping[str, Any]], *, source: str) -> None:
    """Write the truth of all recordings as TOML, in the order given; ``source``: its scripts."""
    lines = [
        f"# Written by tools/make_samples.py from {source}: what was said, and when.",
        "# Times are seconds from the start of the recording. A hang-up has no message times.",
    ]
    for entry in entries:
        lines += ["", "[[recording]]"]
        lines += [f"{name} = {_toml(value)}" for name, value in entry.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: Any) -> str:
    match value:
        case float():
            return f"{value:.3f}"
        case dict():
            return "{ " + ", ".join(f"{name} = {_toml(v)}" for name, v in value.items()) + " }"
        case list():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML string


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make samples/, or what other scripts say.")
    parser.add_argument(
        "--scripts", metavar="FILE", type=Path, default=SAMPLES / "scripts.toml", help="what to say"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, default=SAMPLES, help="where it goes")
    parser.add_argument("--only", metavar="FILE", help="one recording, as the scripts name it")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and make what it asks for."""
    options = _parse(arguments)
    messages = load_scripts(options.scripts)
    if options.only is not None and options.only not in [message.file for message in messages]:
        print(f"{options.scripts.name} has no file {options.only}", file=sys.stderr)
        return 2
    truth_path = options.out / "truth.toml"
    known = tomllib.loads(truth_path.read_text(encoding="utf-8")) if truth_path.exists() else {}
    truth = {entry["file"]: entry for entry in known.get("recording", [])}
    kokoro = Kokoro(CACHE)
    for message in messages:
        if options.only in (None, message.file):
            truth[message.file] = make(message, kokoro, options.out)
            print(f"{truth[message.file]['duration_s']:5.1f} s  {message.file}")
    ordered = [truth[message.file] for message in messages if message.file in truth]
    write_truth(truth_path, ordered, source=options.scripts.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
