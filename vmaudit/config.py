"""Typed options per room: defaults, then ``vmaudit.toml``, then the command line.

Each room takes its own frozen record of options. Anything unknown or out of range is a
``ConfigError`` that names the option, the rule and the value.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vmaudit.errors import ConfigError

CONFIG_FILE_NAME = "vmaudit.toml"


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordingOptions(_Options):
    """Which files are recordings, and what is known of them."""

    metadata: Path | None = None
    roster: Path | None = None
    name_pattern: str | None = None
    since: str | None = None
    limit: int | None = Field(default=None, ge=1)


class AudioOptions(_Options):
    """How a file becomes a waveform."""

    channel: Literal["auto", "left", "right", "mix"] = "auto"
    raw_codec: Literal["mulaw", "alaw"] | None = None  # headerless files at 8 kHz, only when told
    max_duration_s: float = Field(default=1800.0, gt=0)
    max_size_mb: float = Field(default=500.0, gt=0)
    decode_timeout_s: float = Field(default=60.0, gt=0)


class SpeechOptions(_Options):
    """Voice activity detection."""

    threshold: float = Field(default=0.5, gt=0, lt=1)
    min_speech_s: float = Field(default=0.25, ge=0)
    min_silence_s: float = Field(default=0.1, ge=0)
    padding_s: float = Field(default=0.03, ge=0)


class AsrOptions(_Options):
    """The recogniser. ``auto``: what suits the device and its memory.

    ``verbatim``: the torch engine writes the filled pauses, too, that Whisper leaves out.
    """

    model: str = "auto"
    device: str = "auto"
    engine: Literal["torch", "ct2"] = "torch"
    precision: Literal["auto", "float32", "bfloat16", "float16", "int8"] = "auto"
    batch_size: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = "auto"
    language: str = "en"
    verbatim: bool = True


class ContentOptions(_Options):
    """``region``: ISO 3166 code whose numbering plan spoken numbers follow."""

    region: str = Field(default="US", pattern="^[A-Z]{2}$")


class ScoringOptions(_Options):
    """``rubric``: a profile by name or file; None: the one that OUT had, or default.

    ``scorer``: the file of a scorer that was taught; None: the one that comes with the program.
    """

    rubric: str | None = None
    scorer: Path | None = None


class RunOptions(_Options):
    """How a run goes. ``jobs`` None: one decode process per core, at most four."""

    jobs: int | None = Field(default=None, ge=1, le=64)
    force: bool = False


class Config(_Options):
    """All options of one run."""

    recordings: RecordingOptions = RecordingOptions()
    audio: AudioOptions = AudioOptions()
    speech: SpeechOptions = SpeechOptions()
    asr: AsrOptions = AsrOptions()
    content: ContentOptions = ContentOptions()
    scoring: ScoringOptions = ScoringOptions()
    run: RunOptions = RunOptions()


def load_config(
    path: Path | None = None, overrides: Mapping[str, Mapping[str, Any]] | None = None
) -> Config:
    """Merge defaults, the TOML file at ``path`` and ``overrides`` (section to option to value).

    An override of None means "not given". Raises ``ConfigError``.
    """
    values: dict[str, dict[str, Any]] = {}
    if path is not None:
        values = _read_toml(path)
    for section, options in (overrides or {}).items():
        given = {name: value for name, value in options.items() if value is not None}
        if given:
            values.setdefault(section, {}).update(given)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, path)) from error


def _read_toml(path: Path) -> dict[str, dict[str, Any]]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    for section, options in values.items():
        if not isinstance(options, dict):
            raise ConfigError(f"{path}: {section} must be a table, such as [audio]")
    return values


def _explain(error: ValidationError, path: Path | None) -> str:
    rules: dict[tuple[str, str], list[str]] = {}
    for problem in error.errors():
        # Section and option; what follows names the branch of a choice such as "auto or a number".
        name = ".".join(str(part) for part in problem["loc"][:2])
        rules.setdefault((name, repr(problem["input"])), []).append(problem["msg"])
    lines = [
        f"{name}: {', or: '.join(said)} (given: {given})" for (name, given), said in rules.items()
    ]
    source = f" (from {path} and the command line)" if path else ""
    return "; ".join(lines) + source
