"""Folders of short recordings, and speech engines that count, fail or stop on demand."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import time
import wave
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vmaudit.asr import Passage
from vmaudit.asr.scripted import ScriptedTranscriber
from vmaudit.audio import decode
from vmaudit.config import AudioOptions, Config, RunOptions
from vmaudit.pipeline import Auditor
from vmaudit.records import (
    SAMPLE_RATE_HZ,
    DigitReading,
    DigitStretch,
    Transcript,
    Waveform,
    Word,
)

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
CONFIG = Config(run=RunOptions(jobs=1))

# Relative path to sample, start and end of the cut in seconds, and the words put over it.
CUTS: dict[str, tuple[str, float, float, str]] = {
    "marcus/brandt.wav": (
        "harborview-motors/2026-03-03_marcus_brandt.wav",
        18.0,
        22.0,
        "Hi this is Marcus, call me at 206-555-0178. Thanks.",
    ),
    "nina/oakley.wav": (
        "harborview-motors/2026-03-02_nina_oakley.m4a",
        8.0,
        15.0,
        "Hi Ted, it's Nina, your pickup is worth a look before Saturday.",
    ),
    "nina/vega.wav": (
        "harborview-motors/2026-03-02_nina_vega.WAV",
        24.5,
        30.0,
        "Reach me at 206-555-0142, again 206-555-0142.",
    ),
    "ray/leak.wav": (
        "cedar-finch-roofing/ray/kitchen-leak.wav",
        1.0,
        4.5,
        "Hi Rosa, um, this is Ray about the leak.",
    ),
}
SILENT = "silent.wav"


@cache
def sample(name: str) -> NDArray[np.float32]:
    """One file of samples/ as mono float32 at 16 kHz, shape ``(n,)``."""
    return decode(SAMPLES / name, AudioOptions()).samples


def write_wav(path: Path, samples: NDArray[np.float32]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return path


def write_cut(path: Path, cut: str, *, shift_s: float = 0.0) -> Path:
    """Write one of ``CUTS`` to ``path``; another ``shift_s`` gives other bytes."""
    name, start_s, end_s, _ = CUTS[cut]
    samples = sample(name)
    start, end = (round((at_s + shift_s) * SAMPLE_RATE_HZ) for at_s in (start_s, end_s))
    return write_wav(path, samples[start:end])


def make_folder(folder: Path) -> Path:
    """Four short messages and a silent one."""
    for path in CUTS:
        write_cut(folder / path, path)
    write_wav(folder / SILENT, np.zeros(2 * SAMPLE_RATE_HZ, dtype=np.float32))
    return folder


def content_id(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def say(text: str, start_s: float, end_s: float, **changes: Any) -> Transcript:
    """Return ``text`` with its words spread evenly from ``start_s`` to ``end_s``."""
    words = text.split()
    edges = np.linspace(start_s, end_s, len(words) + 1)
    spoken = tuple(
        Word(word, float(start), float(end), 0.9)
        for word, start, end in zip(words, edges[:-1], edges[1:], strict=True)
    )
    values: dict[str, Any] = {"language": "en", "model": "scripted", "confidence": 0.9} | changes
    return Transcript(text, words=spoken, **values)


def script_for(folder: Path) -> dict[str, Transcript]:
    """Give every cut in ``folder``, under whatever name, its words. The cut is told by its name."""
    script = {}
    for path in folder.rglob("*.wav"):
        cut = path.relative_to(folder).as_posix()
        if cut in CUTS:
            _, start_s, end_s, text = CUTS[cut]
            spoken_from_s = 2.6 if cut == "nina/oakley.wav" else 0.3  # after its beep
            # Thirds of a second: times that no rounding leaves as they are.
            script[content_id(path)] = say(text, spoken_from_s + 1 / 300, end_s - start_s - 1 / 3)
    return script


class Listener:
    """A scripted engine that keeps the content ids it was given and does as it is told.

    ``before`` is called with the number of the passage, from 1, and the passage. What it
    raises is what went wrong in that passage; a ``KeyboardInterrupt`` goes through.
    """

    def __init__(
        self,
        script: dict[str, Transcript],
        *,
        version: str = "scripted",
        before: Callable[[int, Passage], None] | None = None,
        readings: dict[str, tuple[DigitReading, ...]] | None = None,
    ) -> None:
        self._inner = ScriptedTranscriber(script, readings, version=version)
        self._before = before or (lambda number, passage: None)
        self.version = version
        self.heard: list[str] = []
        self.spelled: list[DigitStretch] = []
        self.passages: dict[str, Passage] = {}

    def transcribe(
        self, passages: Iterable[Passage]
    ) -> Iterator[tuple[Passage, Transcript | Exception]]:
        for passage in passages:
            self.heard.append(passage.id)
            self.passages[passage.id] = passage
            try:
                self._before(len(self.heard), passage)
            except Exception as error:
                yield passage, error
            else:
                yield from self._inner.transcribe([passage])

    def spell(self, passage: Passage, stretch: DigitStretch) -> tuple[DigitReading, ...]:
        self.spelled.append(stretch)
        return self._inner.spell(passage, stretch)


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


class AtOnce(ThreadPoolExecutor):
    """Threads whose work is done when ``submit`` returns: what is kept at any moment is known."""

    def submit(self, *arguments: Any, **options: Any) -> Future[Any]:
        future = super().submit(*arguments, **options)
        wait([future])
        return future


def auditor_for(listener: Listener, config: Config = CONFIG) -> Auditor:
    return Auditor(config, transcriber=listener)


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def messages(out: Path) -> dict[str, dict[str, Any]]:
    return {line["path"]: line for line in read_lines(out / "messages.jsonl")}


def failures(out: Path) -> dict[str, dict[str, Any]]:
    return {line["path"]: line for line in read_lines(out / "failures.jsonl")}


EXPORTS = ("messages.jsonl", "messages.csv", "failures.jsonl")


def exported(out: Path) -> dict[str, bytes]:
    """The files that must not change when nothing else does."""
    return {name: (out / name).read_bytes() for name in EXPORTS}


def crash_on_name(path: Path, options: AudioOptions) -> Waveform:
    """Decode, but take the process down for a file called crash*, as a faulty codec does."""
    if path.name.startswith("crash"):
        ctypes.string_at(0)
    return decode(path, options)


def wait_for(done: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait until ``done()``, at most ``timeout_s``."""
    end_s = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > end_s:
            raise TimeoutError(f"not within {timeout_s:g} s")
        time.sleep(0.02)


def processes_with(marker: str) -> list[int]:
    """The ids of living processes that carry ``marker`` in their environment (Linux)."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if marker.encode() in environment:
            found.append(int(entry.name))
    return found
