"""Compose messages with filled pauses at known times, to measure what is found of them.

    pip install -e '.[samples]'
    python tools/compose_fillers.py --out .cache/composed-fillers [--part tuning]

Sentences of benchmarks/fillers.toml by synthetic voices, over telephone codecs and noise, in two
parts that share no sentence and no voice. Fillers are said within a sentence, where the
voice's own durations tell their times, or said apart and put into one, with and without
silence around them; all are stretched to last as long as people's do. In other places there is
a comma, a silence, or a word whose end is drawn out, or whose beginning is drawn out or said
more than once as people do who stutter, and that is no filler. Some messages are fluent: those of
benchmarks/calls.toml. ``truth.jsonl``, beside the recordings, has a line per message. Times are
seconds from the start of the recording.

    fillers   [{"text": "um", "start_s": 1.2, "end_s": 1.6, "how": "said" | "spliced"}]
    drawls    [{"text": "with", "start_s": 2.2, "end_s": 2.6}], what is drawn out of the word alone

The same command gives the same messages; each utterance is synthesised once and kept.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import librosa
import numpy as np
import telephone
from call_speech import Speech, Spoken, load_script
from call_tones import Part
from filler_speech import FILLERS, Utterance, VoiceLines, load_lines
from scipy import signal
from telephone import LINE_RATE_HZ, NoiseKind, Signal
from timed_speech import SpokenOnce, Timed, seconds, without_silence
from voices import CALL_VOICES, Kokoro

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
TEXTS = ROOT / "benchmarks" / "fillers.toml"
CALLS = ROOT / "benchmarks" / "calls.toml"
PARTS: tuple[Part, ...] = get_args(Part)
CODECS = {
    "wav-mulaw": ".wav",
    "wav-gsm": ".wav",
    "amr": ".amr",
    "ogg-opus": ".ogg",
    "wav-pcm": ".wav",
}
_NOISES: tuple[NoiseKind, ...] = ("hiss", "street", "hum")
_FLUENT_SHARE = 0.3  # of the messages: without any filler, numbers and all
_FLUENT_WORDS = 12  # at least
_FILLER_WORD = re.compile(r"\b(?:u+m|u+h|er|hmm|mm)\b", re.IGNORECASE)
_SENTENCES = 3  # of a message
_FADE_S = 0.004  # where speech is cut and joined
_FILLER_S = {"um": 0.46, "uh": 0.34, "er": 0.34, "mm": 0.4}  # medians; synthetic voices hurry
_FILLER_SPREAD = 0.35  # of the logarithm
_FILLER_RANGE_S = (0.2, 0.95)
_DRAWN_S = 0.16  # of the end of a word, before it is drawn out
_DRAWN_BY = (1.5, 3.0)
_ONSET_S = 0.08  # of the beginning of a word, before it is drawn out
_ONSET_BY = (2.5, 7.0)
_SIZE = (0.9, 1.12)  # another speaker from the same voice: slower and deeper, or the other way
_TEMPO = (0.9, 1.4)  # some take their time
_DRAWL_SHARE = 0.35  # of the pieces of a sentence
_STUTTER_SHARE = 0.15
_STUTTER_AGAIN = 0.5  # of those: the word begins anew
_STUTTER_TIMES = 3  # at most
_SNR_DB = (15.0, 45.0)
_LEVEL_DBFS = (-30.0, -16.0)
_MAX_PEAK = 0.95

Pause = Literal["none", "silence", "filler"]
_AT_COMMAS: tuple[Pause, ...] = ("none", "silence", "filler")


@dataclass(slots=True)
class Message:
    """A message as it grows: pieces of sound, and what of them hesitates."""

    pieces: list[Signal] = field(default_factory=list)
    fillers: list[dict[str, Any]] = field(default_factory=list)
    drawls: list[dict[str, Any]] = field(default_factory=list)
    end: int = 0  # samples

    @property
    def end_s(self) -> float:
        """How long it is by now."""
        return self.end / LINE_RATE_HZ

    def add(self, samples: Signal) -> None:
        """Put sound at the end, faded in and out."""
        if not len(samples):
            return
        time_s = np.arange(len(samples)) / LINE_RATE_HZ
        fade = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / _FADE_S)
        self.pieces.append(samples * fade)
        self.end += len(samples)


class _Composer:
    """Draws and renders one message of a voice."""

    def __init__(
        self, lines: VoiceLines, spoken: Mapping[Utterance, Timed], rng: np.random.Generator
    ) -> None:
        self._lines, self._spoken, self._rng = lines, spoken, rng
        self._message = Message()

    def message(self) -> Message:
        """Some sentences one after the other."""
        chosen = self._rng.permutation(len(self._lines.sentences))[:_SENTENCES]
        for number, index in enumerate(chosen):
            if number:
                self._silence(0.2, 0.9)
            if self._chance(0.25):
                self._hesitate("filler")
            self._sentence(self._lines.sentences[int(index)])
        return self._message

    def _sentence(self, utterance: Utterance) -> None:
        timed = self._spoken[utterance]
        # Halfway between pieces is where the sentence may be cut.
        between_s = (timed.spans_s[:-1, 1] + timed.spans_s[1:, 0]) / 2
        cuts_s = [timed.spans_s[0, 0] - 0.02, *between_s, timed.spans_s[-1, 1] + 0.05]
        for number, piece in enumerate(utterance.pieces):
            if number and utterance.manner == "hesitant":
                self._hesitate(_AT_COMMAS[int(self._rng.integers(len(_AT_COMMAS)))])
            start_s, end_s = timed.spans_s[number]
            if piece in FILLERS:
                held_s, lasting_s = (start_s, end_s), self._filler_s(piece)
            elif self._chance(_DRAWL_SHARE):
                held_s = (max(start_s, end_s - _DRAWN_S), end_s)
                lasting_s = (held_s[1] - held_s[0]) * self._rng.uniform(*_DRAWN_BY)
            else:
                held_s, lasting_s = (cuts_s[number + 1], cuts_s[number + 1]), 0.0
            begins_s = cuts_s[number]
            onset_s = start_s + _ONSET_S
            if piece not in FILLERS and onset_s < held_s[0] and self._chance(_STUTTER_SHARE):
                self._message.add(_cut(timed, begins_s, start_s))
                begins_s = self._stutter(piece, timed, start_s, onset_s)
            self._message.add(_cut(timed, begins_s, held_s[0]))
            self._hold(piece, _cut(timed, *held_s), lasting_s)
            self._message.add(_cut(timed, held_s[1], cuts_s[number + 1]))

    def _hold(self, piece: str, sound: Signal, lasting_s: float) -> None:
        """Say a filler, or draw out the end of a word."""
        if not lasting_s:
            return
        if piece not in FILLERS:
            self._draw_out(piece.rsplit(maxsplit=1)[-1], sound, lasting_s)
            return
        start_s = self._message.end_s
        self._message.add(stretched(sound, lasting_s))
        self._note_filler(piece, "said", start_s)

    def _stutter(self, piece: str, timed: Timed, start_s: float, onset_s: float) -> float:
        """Draw out the beginning of a word, once, or more than once; where in it to go on."""
        again = self._chance(_STUTTER_AGAIN)
        for _ in range(int(self._rng.integers(1, _STUTTER_TIMES + 1)) if again else 1):
            drawn_s = _ONSET_S * self._rng.uniform(*_ONSET_BY)
            self._draw_out(piece.split(maxsplit=1)[0], _cut(timed, start_s, onset_s), drawn_s)
            if again:
                self._silence(0.0, 0.6)
        return start_s if again else onset_s

    def _draw_out(self, word: str, sound: Signal, lasting_s: float) -> None:
        """Say a part of a word slowly."""
        start_s = self._message.end_s
        self._message.add(stretched(sound, lasting_s))
        self._message.drawls.append({"text": word.rstrip(",.?")} | self._times(start_s))

    def _hesitate(self, pause: Pause) -> None:
        if pause == "silence":
            self._silence(0.15, 0.8)
        if pause != "filler":
            return
        utterance = self._lines.fillers[int(self._rng.integers(len(self._lines.fillers)))]
        piece = utterance.pieces[0]
        sound = stretched(without_silence(self._spoken[utterance]), self._filler_s(piece))
        if self._chance(0.6):
            self._silence(0.05, 0.5)
        start_s = self._message.end_s
        self._message.add(sound * 10 ** (-self._rng.uniform(0, 7) / 20))
        self._note_filler(piece, "spliced", start_s)
        if self._chance(0.6):
            self._silence(0.05, 0.6)

    def _filler_s(self, piece: str) -> float:
        drawn_s = _FILLER_S[FILLERS[piece]] * self._rng.lognormal(sigma=_FILLER_SPREAD)
        return float(np.clip(drawn_s, *_FILLER_RANGE_S))

    def _note_filler(self, piece: str, how: str, start_s: float) -> None:
        entry = {"text": FILLERS[piece]} | self._times(start_s) | {"how": how}
        self._message.fillers.append(entry)

    def _times(self, start_s: float) -> dict[str, float]:
        return {"start_s": round(start_s, 3), "end_s": round(self._message.end_s, 3)}

    def _silence(self, low_s: float, high_s: float) -> None:
        self._message.add(telephone.silence(self._rng.uniform(low_s, high_s)))

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)


def stretched(sound: Signal, duration_s: float) -> Signal:
    """Make sound last longer or less long, its pitch and its timbre as they were."""
    rate = len(sound) / (duration_s * LINE_RATE_HZ)
    return np.asarray(librosa.effects.time_stretch(sound, rate=rate, n_fft=256, hop_length=32))


def _cut(timed: Timed, start_s: float, end_s: float) -> Signal:
    start, end = (round(at_s * LINE_RATE_HZ) for at_s in (start_s, end_s))
    return timed.samples[max(start, 0) : end]


def hesitant_message(lines: VoiceLines, speech: SpokenOnce, rng: np.random.Generator) -> Message:
    """Some sentences of one voice, with fillers."""
    spoken = speech.spoken(lines.sentences) | speech.spoken(lines.fillers)
    return _Composer(lines, spoken, rng).message()


def fluent_messages(part: Part) -> tuple[Spoken, ...]:
    """What is said at some length in benchmarks/calls.toml and holds no filler."""
    said = load_script(CALLS, part).spoken()
    return tuple(
        one
        for one in said
        if len(one.text.split()) >= _FLUENT_WORDS and not _FILLER_WORD.search(one.text)
    )


def render(message: Message, codec: str, rng: np.random.Generator) -> tuple[Signal, dict[str, Any]]:
    """Put a message on a telephone line: samples at ``LINE_RATE_HZ``, and its truth."""
    size, tempo = (float(rng.uniform(*limits)) for limits in (_SIZE, _TEMPO))
    sound = np.concatenate(message.pieces)
    sound = stretched(sound, seconds(sound) * tempo)
    sound = signal.resample(sound, round(len(sound) * size))
    lead_s = float(rng.uniform(0.2, 0.8))
    for entry in (*message.fillers, *message.drawls):
        for edge in ("start_s", "end_s"):
            entry[edge] = round(entry[edge] * tempo * size + lead_s, 3)
    ends = [telephone.silence(lead_s), sound, telephone.silence(0.4)]
    clean = telephone.band_limit(np.concatenate(ends))
    clean = telephone.at_level(clean, rng.uniform(*_LEVEL_DBFS))
    snr_db = float(rng.uniform(*_SNR_DB))
    kind = _NOISES[int(rng.integers(len(_NOISES)))]
    noise = telephone.noise(kind, len(clean), rng)
    line = clean + noise * telephone.active_rms(clean) * 10 ** (-snr_db / 20)
    truth = {
        "codec": codec,
        "noise": kind,
        "snr_db": round(snr_db, 1),
        "duration_s": round(seconds(line), 3),
        "fillers": message.fillers,
        "drawls": message.drawls,
    }
    return line * min(1.0, _MAX_PEAK / float(np.max(np.abs(line)))), truth


def write_messages(part: Part, count: int, seed: int, out: Path) -> list[dict[str, Any]]:
    """Compose and encode the messages of a part; their truth, which is written beside them."""
    every = [voice for voices in CALL_VOICES.values() for voice in voices]
    speech = SpokenOnce(CACHE / "fillers-utterances", lambda: Kokoro(CACHE / "voices", every))
    calls = Speech(CACHE / "voices-utterances", lambda: Kokoro(CACHE / "voices", every))
    lines, fluent = load_lines(TEXTS, part), fluent_messages(part)
    out.mkdir(parents=True, exist_ok=True)
    truths = []
    for index in range(count):
        rng = np.random.default_rng([seed, index, zlib.crc32(part.encode())])
        voice = list(lines)[index % len(lines)]
        if rng.random() < _FLUENT_SHARE:
            said = fluent[int(rng.integers(len(fluent)))]
            voice, message = said.voice, Message([calls.clip(said).samples])
        else:
            message = hesitant_message(lines[voice], speech, rng)
        codec = list(CODECS)[index // len(lines) % len(CODECS)]
        samples, truth = render(message, codec, rng)
        name = f"{index:03d}-{voice}{CODECS[codec]}"
        telephone.encode(out / name, samples[np.newaxis], telephone.FORMATS[codec])
        truths.append({"file": name, "voice": voice} | truth)
    text = "".join(json.dumps(truth) + "\n" for truth in truths)
    (out / "truth.jsonl").write_text(text, encoding="utf-8")
    return truths


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compose messages with known filled pauses.")
    parser.add_argument("--out", metavar="DIR", type=Path, default=CACHE / "composed-fillers")
    parser.add_argument("--count", type=int, default=240, help="messages of each part")
    parser.add_argument("--part", choices=PARTS, help="only this part")
    parser.add_argument("--seed", type=int, default=20261122)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and make what it asks for."""
    options = _parse(arguments)
    for part in PARTS if options.part is None else (options.part,):
        truths = write_messages(part, options.count, options.seed, options.out / part)
        fillers = sum(len(truth["fillers"]) for truth in truths)
        minutes = sum(truth["duration_s"] for truth in truths) / 60
        print(f"{part}: {len(truths)} messages, {minutes:.0f} min, {fillers} fillers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
