"""Compose recordings in which the time of every digit is known, to teach an encoder digits.

    pip install -e '.[samples]'
    python tools/compose_digits.py --out .cache/composed-digits [--count 500]

The voices of the tuning part say digits in a row, digits by themselves, which are put together at
all paces, and what must not be taken for one: other number words ("eighty", "fifteen", "double")
and sentences of the training messages that hold no number. All of it is said slower and faster,
higher and deeper, and goes over telephone codecs and noise. ``truth.jsonl``, beside the
recordings, has a line for each. Times are seconds from the start of the recording.

    digits   [{"word": "five", "start_s": 1.2, "end_s": 1.6}]

The same command gives the same recordings; each utterance is synthesised once and kept.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import librosa
import numpy as np
import telephone
from scipy import signal
from telephone import LINE_RATE_HZ, NoiseKind, Signal
from timed_speech import SpokenOnce, Timed, seconds
from voices import CALL_VOICES, Kokoro

from vmaudit.asr.whisper.digits import WORDS

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
MESSAGES = ROOT / "models" / "training" / "messages.jsonl"
VOICES = CALL_VOICES["tuning"]
CODECS = {
    "wav-mulaw": ".wav",
    "wav-gsm": ".wav",
    "wav-alaw": ".wav",
    "mp3": ".mp3",
    "wav-pcm": ".wav",
    "ogg-opus": ".ogg",
}
_NOISES: tuple[NoiseKind, ...] = ("hiss", "street", "hum")

_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_MULTIPLES = ("hundred", "thousand", "double", "triple")
_NUMBER = re.compile(r"[0-9]|\b(?:" + "|".join((*WORDS, *_TENS, *_TEENS, *_MULTIPLES)) + r")\b")
_SENTENCE_LENGTH = range(25, 90)  # characters
_ALONE = ((".", 1.0), (".", 0.8), ("?", 1.0), (",", 1.25))  # how each digit is said by itself
_STRINGS, _NUMBER_WORDS, _SENTENCES = 26, 18, 24  # of each voice
_STRING_SPEEDS = (0.85, 1.0, 1.1, 1.25, 1.4)

Kind = Literal["string", "apart", "other"]
# What most of a recording is made of, in turn; "other" comes into each of them.
_MOSTLY: Sequence[Sequence[Kind]] = (
    ("string",),
    ("apart",),
    ("string", "apart", "other"),
    ("apart",),
    ("string",),
    ("string", "apart", "other"),
    ("other",),
)
_OTHER_SHARE = 0.25
_AGAIN_SHARE = 0.25  # of the digits put together: the same once more
_GAPS_S = (0.0, 0.0, 0.05, 0.12, 0.3)  # between digits put together
_EDGE_DB = (22.0, 32.0)  # below its peak, a digit by itself is cut off
_SIZE = (1.0, 1.0, 1.08, 0.92, 1.16, 0.86, 1.3)  # another speaker: higher and faster, or not
_TEMPO = (1.0, 1.0, 0.85, 0.7, 1.15)
_LENGTH_S = (3.0, 22.0)
_MAX_LENGTH_S = 28.0
_SNR_DB = (8.0, 40.0)
_LEVEL_DBFS = (-32.0, -16.0)
_MAX_PEAK = 0.95


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words or a sentence, said in one breath."""

    pieces: tuple[str, ...]
    voice: str
    speed: float

    @property
    def words(self) -> tuple[str, ...]:
        """The pieces without their punctuation."""
        return tuple(piece.rstrip(".,?!") for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Repertoire:
    """All that one voice says."""

    alone: tuple[Utterance, ...]
    strings: tuple[Utterance, ...]
    others: tuple[Utterance, ...]


@dataclass(slots=True)
class Recording:
    """A recording as it grows: pieces of sound, and the digits in it."""

    pieces: list[Signal] = field(default_factory=list)
    digits: list[dict[str, Any]] = field(default_factory=list)
    end: int = 0  # samples

    def add(self, samples: Signal) -> None:
        """Put sound at the end."""
        self.pieces.append(samples)
        self.end += len(samples)

    def note(self, word: str, start_s: float, end_s: float) -> None:
        """A digit lies here, in seconds from the end of what there is."""
        at_s = self.end / LINE_RATE_HZ
        times = {"start_s": round(at_s + start_s, 3), "end_s": round(at_s + end_s, 3)}
        self.digits.append({"word": word} | times)


def repertoire(voice: str) -> Repertoire:
    """What a voice is to say."""
    rng = _generator("repertoire", voice)
    alone = [Utterance((word + tail,), voice, speed) for word in WORDS for tail, speed in _ALONE]
    strings = [_string(voice, number, rng) for number in range(_STRINGS)]
    numbers = [_number_words(voice, rng) for _ in range(_NUMBER_WORDS)]
    sentences = [
        Utterance((text,), voice, float(rng.choice(_STRING_SPEEDS[:4])))
        for text in rng.choice(sentences_without_numbers(), _SENTENCES, replace=False)
    ]
    return Repertoire(tuple(alone), tuple(strings), (*numbers, *sentences))


@cache
def sentences_without_numbers() -> tuple[str, ...]:
    """Those of the training messages that are neither long nor short, each once, in order."""
    texts = [json.loads(line)["text"] for line in MESSAGES.read_text("utf-8").splitlines()]
    split = (sentence for text in texts for sentence in re.split(r"(?<=[.?!])\s+", text))
    return tuple(
        sentence
        for sentence in sorted(set(split))
        if len(sentence) in _SENTENCE_LENGTH and not _NUMBER.search(sentence.lower())
    )


def _string(voice: str, number: int, rng: np.random.Generator) -> Utterance:
    """Digits in a row, some of them equal, with commas or without."""
    digits = rng.integers(0, 10, int(rng.integers(4, 12)))
    if number % 3 == 0:
        start = int(rng.integers(len(digits) - 1))
        digits[start : start + int(rng.integers(2, 4))] = digits[start]
    zero = str(rng.choice(("zero", "oh")))
    words = [zero if digit == 0 else WORDS[digit] for digit in digits]
    commas = {0: ",", 1: "", 2: "", 3: ".", 4: ","}
    every = {0: 1, 1: 1, 2: 1, 3: 3, 4: 3}
    style = number % len(commas)
    pieces = [
        word + (commas[style] if place % every[style] == every[style] - 1 else "")
        for place, word in enumerate(words)
    ]
    return Utterance(tuple(pieces), voice, float(rng.choice(_STRING_SPEEDS)))


def _number_words(voice: str, rng: np.random.Generator) -> Utterance:
    """Number words that are no digit, and digits among them: "eighty four, fifteen, double two"."""
    pieces: list[str] = []
    for _ in range(int(rng.integers(3, 6))):
        digit = WORDS[int(rng.integers(1, 10))]
        kind = int(rng.integers(8))
        if kind < 4:
            pieces += [str(rng.choice(_TENS)), *([digit] if kind else [])]
        elif kind < 6:
            pieces.append(str(rng.choice(_TEENS)))
        elif kind == 6:
            pieces += [digit, str(rng.choice(_MULTIPLES[:2]))]
        else:
            pieces += [str(rng.choice(_MULTIPLES[2:])), digit]
        pieces[-1] += str(rng.choice((",", "")))
    return Utterance(tuple(pieces), voice, float(rng.choice(_STRING_SPEEDS)))


class _Composer:
    """Draws one recording of a voice."""

    def __init__(
        self, said: Repertoire, spoken: Mapping[Utterance, Timed], rng: np.random.Generator
    ) -> None:
        self._said, self._spoken, self._rng = said, spoken, rng
        self._size, self._tempo = float(rng.choice(_SIZE)), float(rng.choice(_TEMPO))
        self._recording = Recording()

    def recording(self, mostly: Sequence[Kind]) -> Recording:
        """Some of what the voice says, until it is long enough."""
        length_s = self._rng.uniform(*_LENGTH_S)
        self._silence(0.1, 1.0)
        while self._recording.end < length_s * LINE_RATE_HZ:
            kind = mostly[int(self._rng.integers(len(mostly)))]
            if kind == "other" or self._chance(_OTHER_SHARE):
                self._say(self._said.others)
            elif kind == "string":
                self._say(self._said.strings)
            else:
                self._put_together()
            if self._chance(0.8):
                self._silence(0.05, 0.9)
        return self._recording

    def _say(self, some: Sequence[Utterance]) -> None:
        utterance = some[int(self._rng.integers(len(some)))]
        timed = self._spoken[utterance]
        sound = changed(timed.samples, self._size, self._tempo)
        factor = len(sound) / len(timed.samples)
        for word, (start_s, end_s) in zip(utterance.words, timed.spans_s, strict=True):
            if word in WORDS:
                self._recording.note(word, start_s * factor, end_s * factor)
        self._recording.add(sound)

    def _put_together(self) -> None:
        """Digits said by themselves, one after the other."""
        gap_s = float(self._rng.choice(_GAPS_S))
        longer_gap_s = gap_s + self._rng.uniform(0, 0.6)
        tempo = self._tempo * float(self._rng.choice((1.15, 1.0, 0.85, 0.7)))
        word = ""
        for _ in range(int(self._rng.integers(4, 11))):
            if not word or not self._chance(_AGAIN_SHARE):
                word = WORDS[int(self._rng.integers(len(WORDS)))]
            takes = [one for one in self._said.alone if one.words == (word,)]
            take = self._spoken[takes[int(self._rng.integers(len(takes)))]].samples
            size, pace = (factor * self._rng.uniform(0.95, 1.05) for factor in (self._size, tempo))
            sound = telephone.at_level(
                _without_edges(changed(take, size, pace), self._rng.uniform(*_EDGE_DB)),
                self._rng.uniform(-26, -20),
            )
            self._recording.note(word, 0.0, seconds(sound))
            self._recording.add(sound)
            pause_s = gap_s if self._chance(0.7) else longer_gap_s
            self._recording.add(telephone.silence(pause_s))

    def _silence(self, low_s: float, high_s: float) -> None:
        self._recording.add(telephone.silence(self._rng.uniform(low_s, high_s)))

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)


def changed(sound: Signal, size: float, tempo: float) -> Signal:
    """Higher and faster by ``size``, then faster alone by ``tempo``."""
    if size != 1.0:
        sound = signal.resample(sound, round(len(sound) / size))
    if tempo != 1.0:
        sound = librosa.effects.time_stretch(sound, rate=tempo, n_fft=512, hop_length=64)
    return np.asarray(sound, dtype=np.float64)


def _without_edges(sound: Signal, below_peak_db: float) -> Signal:
    loud = np.flatnonzero(np.abs(sound) > np.max(np.abs(sound)) * 10 ** (-below_peak_db / 20))
    return sound[loud[0] : loud[-1] + 1]


def render(recording: Recording, codec: str, rng: np.random.Generator) -> tuple[Signal, float]:
    """Put it on a telephone line: samples at ``LINE_RATE_HZ``, and the noise's SNR in dB."""
    sound = np.concatenate(recording.pieces)[: round(_MAX_LENGTH_S * LINE_RATE_HZ)]
    clean = telephone.band_limit(sound)
    clean = telephone.at_level(clean, rng.uniform(*_LEVEL_DBFS))
    snr_db = float(rng.uniform(*_SNR_DB))
    kind = _NOISES[int(rng.integers(len(_NOISES)))]
    noise = telephone.noise(kind, len(clean), rng)
    line = clean + noise * telephone.active_rms(clean) * 10 ** (-snr_db / 20)
    return line * min(1.0, _MAX_PEAK / float(np.max(np.abs(line)))), snr_db


def write_recordings(count: int, speech: SpokenOnce, out: Path) -> list[dict[str, Any]]:
    """Compose and encode; what is in the recordings, which is written beside them."""
    said = {voice: repertoire(voice) for voice in VOICES}
    out.mkdir(parents=True, exist_ok=True)
    truths = []
    for index in range(count):
        rng = _generator("recording", index)
        voice = VOICES[index % len(VOICES)]
        own = said[voice]
        spoken = speech.spoken((*own.alone, *own.strings, *own.others))
        turn = index // len(VOICES)
        recording = _Composer(own, spoken, rng).recording(_MOSTLY[turn % len(_MOSTLY)])
        codec = list(CODECS)[int(rng.integers(len(CODECS)))]
        samples, snr_db = render(recording, codec, rng)
        name = f"{index:03d}-{voice}{CODECS[codec]}"
        telephone.encode(out / name, samples[np.newaxis], telephone.FORMATS[codec])
        within = [one for one in recording.digits if one["end_s"] <= seconds(samples)]
        known = {"codec": codec, "snr_db": round(snr_db, 1), "duration_s": seconds(samples)}
        truths.append({"file": name, "voice": voice} | known | {"digits": within})
    text = "".join(json.dumps(truth) + "\n" for truth in truths)
    (out / "truth.jsonl").write_text(text, encoding="utf-8")
    return truths


def _generator(*name: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32("/".join(map(str, name)).encode()))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compose recordings with known digits.")
    parser.add_argument("--out", metavar="DIR", type=Path, default=CACHE / "composed-digits")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--speak-only", choices=VOICES, help="synthesise a voice, compose nothing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and make what it asks for."""
    options = _parse(arguments)
    speech = SpokenOnce(CACHE / "digits-utterances", lambda: Kokoro(CACHE / "voices", VOICES))
    if options.speak_only:
        own = repertoire(options.speak_only)
        spoken = speech.spoken((*own.alone, *own.strings, *own.others))
        print(f"{sum(seconds(timed.samples) for timed in spoken.values()):.0f} s of speech")
        return 0
    truths = write_recordings(options.count, speech, options.out)
    digits = sum(len(truth["digits"]) for truth in truths)
    minutes = sum(truth["duration_s"] for truth in truths) / 60
    print(f"{len(truths)} recordings, {minutes:.0f} min, {digits} digits")
    return 0


if __name__ == "__main__":
    sys.exit(main())
