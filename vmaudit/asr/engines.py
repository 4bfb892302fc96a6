"""Chooses device and model, and loads the engine. Nothing heavy is imported before that."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vmaudit.asr import weights
from vmaudit.asr.protocol import Transcriber
from vmaudit.config import AsrOptions
from vmaudit.errors import ConfigError

if TYPE_CHECKING:
    from vmaudit.asr.whisper.listening import Listening
    from vmaudit.asr.whisper.recogniser import Recogniser


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
    return _version(options, resolve_model(options, resolve_device(options.device)))


def load_transcriber(options: AsrOptions) -> Transcriber:
    """Load the speech model that the options ask for. Raises ``ModelError``, ``ConfigError``."""
    from whisper.tokenizer import LANGUAGES

    from vmaudit.asr.whisper import verbatim
    from vmaudit.asr.whisper.transcriber import WhisperTranscriber

    if options.language not in LANGUAGES:
        raise ConfigError(f"language: {options.language!r} is none of Whisper's language codes")
    device = resolve_device(options.device)
    core = _CORES[options.engine](options, resolve_model(options, device), device)
    return WhisperTranscriber(
        core,
        language=options.language,
        asks_wordless=options.verbatim and options.language == verbatim.LANGUAGE,
    )


def _load_torch(options: AsrOptions, name: str, device: str) -> Recogniser:
    from vmaudit.asr.whisper.core import TorchCore
    from vmaudit.asr.whisper.workload import workload_for

    model = weights.load(name, device=device)
    _check_language(options, name, is_multilingual=model.is_multilingual)
    return TorchCore(
        model,
        version=_version(options, name),
        workload=workload_for(model, options.precision, _batch_size(options)),
        listening=_listening(options, name),
    )


def _load_ct2(options: AsrOptions, name: str, device: str) -> Recogniser:
    if importlib.util.find_spec("ctranslate2") is None:
        raise ConfigError("engine: ct2 needs CTranslate2. Run: pip install 'vmaudit[ct2]'")
    from vmaudit.asr.weights.ct2_folder import ct2_folder
    from vmaudit.asr.whisper.ct2_core import Ct2Core, ct2_workload

    workload = ct2_workload(device, options.precision, _batch_size(options))
    version = _version(options, name)
    listening = _listening(options, name)
    core = Ct2Core(ct2_folder(name), version=version, workload=workload, listening=listening)
    _check_language(options, name, is_multilingual=core.is_multilingual)
    return core


def _listening(options: AsrOptions, name: str) -> Listening:
    from vmaudit.asr.whisper import digits, hesitation
    from vmaudit.asr.whisper.listening import Listening

    version = weights.model_version(name)
    return Listening(
        options.language,
        verbatim=options.verbatim,
        hesitation=hesitation.detector_for(version),
        digits=digits.detector_for(version),
    )


_CORES: Mapping[str, Callable[[AsrOptions, str, str], Recogniser]] = {
    "torch": _load_torch,
    "ct2": _load_ct2,
}
_VERSION_MARKS = {"torch": "", "ct2": "+ct2"}


def _version(options: AsrOptions, name: str) -> str:
    return weights.model_version(name) + _VERSION_MARKS[options.engine]


def _batch_size(options: AsrOptions) -> int | None:
    return None if options.batch_size == "auto" else options.batch_size


def _check_language(options: AsrOptions, name: str, *, is_multilingual: bool) -> None:
    if options.language != "en" and not is_multilingual:
        raise ConfigError(
            f"model {name} knows only English; language {options.language} needs another"
        )
