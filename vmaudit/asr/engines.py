"""Chooses device and model, and loads the engine. Nothing heavy is imported before that."""

from __future__ import annotations

from vmaudit.asr import weights
from vmaudit.asr.protocol import Transcriber
from vmaudit.config import AsrOptions
from vmaudit.errors import ConfigError


def resolve_device(device: str) -> str:
    """Turn ``auto`` into ``cuda`` or ``cpu``; check what was asked for."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise ConfigError(f"device: {device!r} is no device; give auto, cpu or cuda") from error
    if kind not in ("cpu", "cuda"):
        raise ConfigError(f"device: {device!r} is not supported; give auto, cpu or cuda")
    if kind == "cuda" and not torch.cuda.is_available():
        raise ConfigError(f"device: {device} was asked for, and torch sees no CUDA device")
    return device


def resolve_model(options: AsrOptions, device: str) -> str:
    """Turn ``auto`` into the name of a speech model that suits the device."""
    if options.model != "auto":
        return options.model
    return weights.resolve_auto(device)


def model_in_use(options: AsrOptions) -> str:
    """Name and digest of the speech model that ``load_transcriber`` would load.

    Raises ``ModelError`` when it is not installed.
    """
    return weights.model_version(resolve_model(options, resolve_device(options.device)))


def load_transcriber(options: AsrOptions) -> Transcriber:
    """Load the speech model that the options ask for. Raises ``ModelError``, ``ConfigError``."""
    from whisper.tokenizer import LANGUAGES

    from vmaudit.asr.whisper.engine import WhisperTranscriber

    if options.language not in LANGUAGES:
        raise ConfigError(f"language: {options.language!r} is none of Whisper's language codes")
    device = resolve_device(options.device)
    name = resolve_model(options, device)
    model = weights.load(name, device=device)
    if options.language != "en" and not model.is_multilingual:
        raise ConfigError(
            f"model {name} knows only English; language {options.language} needs another"
        )
    return WhisperTranscriber(
        model,
        version=weights.model_version(name),
        language=options.language,
        batch_size=None if options.batch_size == "auto" else options.batch_size,
    )
