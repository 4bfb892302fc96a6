"""Where installed models lie: ``NAME.pt`` and, beside it, ``NAME.json`` that says what it is."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from vmaudit.asr.weights import registry as registries
from vmaudit.asr.weights.download import reachable as _answers
from vmaudit.asr.weights.registry import SpeechModel
from vmaudit.errors import ModelError

MODEL_DIR_VARIABLE = "VMAUDIT_MODEL_DIR"
SPEECH_MODEL_DIR = platformdirs.user_cache_path("vmaudit") / "speech-models"

_AUTO_ON_GPU = "turbo"
_AUTO = "base"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is known of an installed file: who it came from, its length, both digests.

    ``sha256`` is of the file's bytes, ``tensor_digest`` that of ``Checkpoint.digest``.
    """

    name: str
    source: str
    size_bytes: int
    sha256: str
    tensor_digest: str


def speech_model_dir() -> Path:
    """The folder of installed models: ``VMAUDIT_MODEL_DIR``, else ``SPEECH_MODEL_DIR``."""
    named = os.environ.get(MODEL_DIR_VARIABLE)
    return Path(named).expanduser() if named else SPEECH_MODEL_DIR


def checkpoint_path(name: str, model_dir: Path) -> Path:
    """Where the named model's checkpoint lies once it is installed."""
    return model_dir / f"{name}.pt"


def read_sidecar(name: str, model_dir: Path) -> Sidecar | None:
    """What is known of the named model; None where nothing readable is."""
    try:
        values = json.loads((model_dir / f"{name}.json").read_text(encoding="utf-8"))
        sidecar = Sidecar(**values)
    except (OSError, ValueError, TypeError):
        return None
    typed = isinstance(sidecar.size_bytes, int) and all(
        isinstance(value, str)
        for value in (sidecar.name, sidecar.source, sidecar.sha256, sidecar.tensor_digest)
    )
    return sidecar if typed else None


def write_sidecar(sidecar: Sidecar, model_dir: Path) -> None:
    """Write ``NAME.json`` whole or not at all. Raises ``OSError``."""
    path = model_dir / f"{sidecar.name}.json"
    staged = path.with_suffix(".json.new")
    staged.write_text(json.dumps(dataclasses.asdict(sidecar), indent=2) + "\n", encoding="utf-8")
    os.replace(staged, path)


def remove_sidecar(name: str, model_dir: Path) -> None:
    """Forget the named model: its file then counts as not installed. Raises ``OSError``."""
    (model_dir / f"{name}.json").unlink(missing_ok=True)


def installed_path(
    name: str,
    *,
    registry: Mapping[str, SpeechModel] | None = None,
    model_dir: Path | None = None,
) -> Path | None:
    """The named model's checkpoint file, None unless it is installed in its full length.

    Raises ``ModelError`` for a name that is not in the registry.
    """
    registries.find(name, registries.load_registry() if registry is None else registry)
    folder = model_dir or speech_model_dir()
    path = checkpoint_path(name, folder)
    sidecar = read_sidecar(name, folder)
    try:
        size_bytes = path.stat().st_size
    except OSError:
        return None
    return path if sidecar is not None and sidecar.size_bytes == size_bytes else None


def local_path(name_or_path: str | Path, registry: Mapping[str, SpeechModel]) -> Path | None:
    """The file or folder that is meant, None for a name of the registry.

    A string that is a name in the registry means that model; write ``./base`` for a folder
    of that name. Raises ``ModelError`` where it is neither.
    """
    if isinstance(name_or_path, str) and name_or_path in registry:
        return None
    path = Path(name_or_path).expanduser()
    if path.exists():
        return path
    if isinstance(name_or_path, Path) or path.name != name_or_path or path.suffix == ".pt":
        raise ModelError(f"there is no file or folder {path}")
    registries.find(str(name_or_path), registry)
    return None


def resolve_auto(
    device: str,
    *,
    registry: Mapping[str, SpeechModel] | None = None,
    model_dir: Path | None = None,
    reachable: Callable[[str], bool] = _answers,
) -> str:
    """The model to use where the user names none: a name of the registry.

    On a CUDA device ``turbo``, if it is installed or its file answers a short HEAD request
    (``reachable`` takes the address); else ``base``, which package indexes carry too.
    """
    models = registries.load_registry() if registry is None else registry
    if not device.startswith("cuda") or _AUTO_ON_GPU not in models:
        return _AUTO
    if installed_path(_AUTO_ON_GPU, registry=models, model_dir=model_dir) is not None:
        return _AUTO_ON_GPU
    if any(reachable(source.url) for source in models[_AUTO_ON_GPU].file_sources):
        return _AUTO_ON_GPU
    return _AUTO
