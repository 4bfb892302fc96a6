"""The speech of composed calls: synthetic voices, spoken once and kept, and people's recordings."""

from __future__ import annotations

import csv
import hashlib
import tomllib
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from call_tones import Part
from telephone import LINE_RATE_HZ, Signal, band_limit, silence, to_line_rate
from voices import CALL_VOICES, Speaker, say, words_of

_SPEEDS = (1.0, 1.15, 0.95, 1.05, 1.2)  # in turn: people talk at different paces
_PEAK = 0.9  # of a kept utterance, full scale 1; calls set their own levels
_HUMAN_MARGIN_S = 0.1  # kept around the words of a recording
_HUMAN_GAP_S = 0.5  # between recordings of one person
_FRAME_S = 0.01
_AUDIBLE_BELOW_PEAK_DB = 40.0  # softer frames before and after the words are no part of them
_FADE_S = 0.01  # into and out of a recording's own noise


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text said by a synthetic voice; "{0.4}" in it is a pause in seconds."""

    text: str
    voice: str
    speed: float

    @property
    def speaker(self) -> str:
        """Who is heard."""
        return self.voice

    @property
    def words(self) -> str:
        """What is heard."""
        return words_of(self.text)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Recordings of one person, one after the other; ``words`` None: nobody wrote them down."""

    paths: tuple[str, ...]
    speaker: str
    words: str | None


Voice = Spoken | Recorded


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech at ``LINE_RATE_HZ``; the words lie between ``start_s`` and ``end_s``."""

    samples: Signal
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Script:
    """What is said in the calls of one part, and by whom. A dialogue begins with the prospect."""

    greetings: tuple[Voice, ...]
    refusals: tuple[Voice, ...]
    messages: tuple[Voice, ...]
    early: tuple[Spoken, ...]
    hang_ups: tuple[Voice, ...]
    menus: tuple[Voice, ...]
    full: tuple[Voice, ...]
    dialogues: tuple[tuple[Spoken, ...], ...]
    human_greetings: tuple[Recorded, ...] = ()
    human_messages: tuple[Recorded, ...] = ()
    human_hang_ups: tuple[Recorded, ...] = ()

    def spoken(self) -> Iterator[Spoken]:
        """Every utterance that has to be synthesised."""
        groups = (self.greetings, self.refusals, self.messages, self.hang_ups, self.menus)
        for group in (*groups, self.full, self.early, *self.dialogues):
            yield from (voice for voice in group if isinstance(voice, Spoken))


def load_script(path: Path, part: Part, human: Path | None = None) -> Script:
    """Read one part of benchmarks/calls.toml.

    ``human`` is the folder of recordings with ``manifest.csv``, None to do without. Raises
    ``ValueError`` that names what is missing, ``OSError``, or ``tomllib.TOMLDecodeError``.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))[part]
        return _script(table, CALL_VOICES[part], _read_human(table["human"], human))
    except KeyError as error:
        raise ValueError(f"{path.name}: {part}: {error} is missing") from error


def _script(
    table: Mapping[str, Any], voices: Sequence[str], human: Mapping[str, tuple[Recorded, ...]]
) -> Script:
    # Every voice that may leave a message has something to say too early.
    texts = table["early"]
    early = (Spoken(texts[n % len(texts)], voice, 1.0) for n, voice in enumerate(voices))
    return Script(
        greetings=_by_gender(table["greetings"], voices),
        refusals=_spread(table["refusals"], voices),
        messages=_by_gender(table["messages"], voices),
        early=tuple(early),
        hang_ups=_spread(table["hang_ups"], voices),
        menus=_spread(table["menus"], voices),
        full=_spread(table["full"], voices),
        dialogues=tuple(
            _dialogue(turns, voices[n % len(voices)], voices[(n + 2) % len(voices)])
            for n, turns in enumerate(table["dialogues"])
        ),
        **human,
    )


def _by_gender(texts: Mapping[str, Sequence[str]], voices: Sequence[str]) -> tuple[Spoken, ...]:
    """Texts of "f" and "m" to the voices whose second letter that is."""
    return tuple(
        spoken
        for gender, group in texts.items()
        for spoken in _spread(group, [voice for voice in voices if voice[1] == gender])
    )


def _spread(texts: Sequence[str], voices: Sequence[str]) -> tuple[Spoken, ...]:
    return tuple(
        Spoken(text, voices[n % len(voices)], _SPEEDS[n % len(_SPEEDS)])
        for n, text in enumerate(texts)
    )


def _dialogue(turns: Sequence[str], prospect: str, rep: str) -> tuple[Spoken, ...]:
    return tuple(Spoken(text, rep if n % 2 else prospect, 1.05) for n, text in enumerate(turns))


def _read_human(
    table: Mapping[str, Sequence[Sequence[str]]], folder: Path | None
) -> dict[str, tuple[Recorded, ...]]:
    """Look the recordings up in the manifest; nothing without it."""
    if folder is None or not (folder / "manifest.csv").is_file():
        return {}
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    return {
        f"human_{name}": tuple(_recorded(paths, rows) for paths in entries)
        for name, entries in table.items()
    }


def _recorded(paths: Sequence[str], rows: Mapping[str, Mapping[str, str]]) -> Recorded:
    texts = [rows[path]["ref_text"] for path in paths]
    # Where the manifest names nobody, a recording has a speaker of its own.
    speaker = rows[paths[0]]["speaker"] or paths[0]
    return Recorded(tuple(paths), speaker, " ".join(texts) if all(texts) else None)


class Speech:
    """Gives the clip of a voice.

    Utterances are kept as WAV files in ``utterances`` under a hash of text, voice and speed;
    ``make_speaker`` is called when the first is missing. Each is seeded by its own name,
    so that the order does not matter. ``human`` is the folder of recordings of people.
    """

    def __init__(
        self, utterances: Path, make_speaker: Callable[[], Speaker], human: Path | None = None
    ) -> None:
        self._utterances = utterances
        self._make_speaker = make_speaker
        self._human = human
        self._clips: dict[Voice, Clip] = {}

    def clip(self, voice: Voice) -> Clip:
        """Synthesise or read; the same array for the same voice, not to be written to.

        Raises ``RuntimeError`` where the packages for synthesis are missing.
        """
        if voice not in self._clips:
            made = self._spoken(voice) if isinstance(voice, Spoken) else self._recorded(voice)
            made.samples.setflags(write=False)
            self._clips[voice] = made
        return self._clips[voice]

    @cached_property
    def _speaker(self) -> Speaker:
        return self._make_speaker()

    @cached_property
    def _detect(self) -> Callable[[Path], tuple[Signal, float, float]]:
        return _word_finder()

    def _spoken(self, spoken: Spoken) -> Clip:
        name = f"{spoken.text}|{spoken.voice}|{spoken.speed}"
        digest = hashlib.sha256(name.encode()).hexdigest()
        path = self._utterances / f"{digest[:24]}.wav"
        if not path.exists():
            self._speaker.reseed(int(digest[:7], 16))
            line = say(self._speaker, spoken.text, spoken.voice, spoken.speed)
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_wav(path, line * (_PEAK / np.max(np.abs(line))))
        return _audible(_read_wav(path))

    def _recorded(self, recorded: Recorded) -> Clip:
        if self._human is None:
            raise RuntimeError(f"no folder with {', '.join(recorded.paths)}")
        pieces: list[Signal] = []
        start_s = end_s = 0.0
        for path in recorded.paths:
            if pieces:
                pieces.append(silence(_HUMAN_GAP_S))
            samples, first_s, last_s = self._detect(self._human / path)
            before_s = sum(map(len, pieces)) / LINE_RATE_HZ
            start_s = start_s if pieces else first_s
            end_s = before_s + last_s
            pieces.append(samples)
        return Clip(np.concatenate(pieces), start_s, end_s)


def _audible(line: Signal) -> Clip:
    """Cut off what a telephone does not carry before the first word and after the last.

    Texts may begin or end with a pause, and some voices end in half a second of rumble.
    """
    frame = round(_FRAME_S * LINE_RATE_HZ)
    frames = band_limit(line)[: len(line) // frame * frame].reshape(-1, frame)
    powers = np.mean(frames**2, axis=1)
    loud = np.flatnonzero(powers > np.max(powers) * 10 ** (-_AUDIBLE_BELOW_PEAK_DB / 10))
    start, end = int(loud[0]), int(loud[-1]) + 1
    first = max(start - 1, 0)  # a frame more at either end
    kept = line[first * frame : (end + 1) * frame]
    return Clip(kept, (start - first) * _FRAME_S, (end - first) * _FRAME_S)


def _word_finder() -> Callable[[Path], tuple[Signal, float, float]]:
    """Return what cuts a recording to its voice activity, by vmaudit's own means."""
    from vmaudit.audio import decode
    from vmaudit.config import AudioOptions, SpeechOptions
    from vmaudit.records import SAMPLE_RATE_HZ
    from vmaudit.speech import VoiceActivity

    activity = VoiceActivity(SpeechOptions(padding_s=0.0))

    def find(path: Path) -> tuple[Signal, float, float]:
        samples = decode(path, AudioOptions()).samples
        speech = activity.detect(samples)
        if not speech:
            raise ValueError(f"{path.name}: nobody speaks")
        line = to_line_rate(samples, SAMPLE_RATE_HZ)
        first_s = max(speech[0].start_s - _HUMAN_MARGIN_S, 0.0)
        last_s = min(speech[-1].end_s + _HUMAN_MARGIN_S, len(line) / LINE_RATE_HZ)
        cut = line[round(first_s * LINE_RATE_HZ) : round(last_s * LINE_RATE_HZ)]
        time_s = np.arange(len(cut)) / LINE_RATE_HZ
        faded = cut * np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / _FADE_S)
        return faded, speech[0].start_s - first_s, speech[-1].end_s - first_s

    return find


def _write_wav(path: Path, line: Signal) -> None:
    part = path.with_suffix(".part")  # so that a run that was broken off leaves no half file
    with wave.open(str(part), "wb") as file:
        file.setparams((1, 2, LINE_RATE_HZ, 0, "NONE", ""))
        file.writeframes(np.round(line * 32_767).astype("<i2").tobytes())
    part.replace(path)


def _read_wav(path: Path) -> Signal:
    with wave.open(str(path), "rb") as file:
        content = file.readframes(file.getnframes())
    return np.frombuffer(content, dtype="<i2").astype(np.float64) / 32_767
