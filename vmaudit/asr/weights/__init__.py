"""The speech-model registry: which models there are, where from, and how they are loaded.

Listing models and looking for installed ones is light. ``pull``, ``verify``, ``load`` and
``model_version`` need torch and openai-whisper, seconds of import, so they are brought in
when first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from vmaudit.asr.weights.cache import (
    SPEECH_MODEL_DIR,
    installed_path,
    local_path,
    read_sidecar,
    resolve_auto,
    speech_model_dir,
)
from vmaudit.asr.weights.progress import Progress
from vmaudit.asr.weights.registry import SpeechModel, load_registry

if TYPE_CHECKING:
    from vmaudit.asr.weights.store import VerifiedModel, load, model_version, pull, verify

__all__ = [
    "SPEECH_MODEL_DIR",
    "Progress",
    "SpeechModel",
    "VerifiedModel",
    "installed_path",
    "load",
    "load_registry",
    "local_path",
    "model_version",
    "pull",
    "read_sidecar",
    "resolve_auto",
    "speech_model_dir",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("vmaudit.asr.weights.store"), name)
