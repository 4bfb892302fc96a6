"""What this machine has for vmaudit, and what to do about what it lacks."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from vmaudit.asr import weights
from vmaudit.asr.engines import resolve_device, resolve_model
from vmaudit.config import AsrOptions
from vmaudit.errors import VmauditError
from vmaudit.machine import available_cores

State = Literal["ok", "missing", "note"]
PACKAGES = (
    "vmaudit",
    "torch",
    "openai-whisper",
    "silero-vad",
    "av",
    "librosa",
    "scikit-learn",
    "phonenumbers",
    "SQLAlchemy",
    "pyarrow",
)
MIN_PYTHON = (3, 11)
AV_REMEDY = "Install the av wheel from PyPI: pip install --force-reinstall av"
LOW_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``remedy`` says what to do when it is missing."""

    name: str
    state: State
    detail: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Look at interpreter, packages, device, speech models and codecs, in this order."""
    yield _python()
    for package in PACKAGES:
        yield _package(package)
    device = _device()
    yield device
    if device.state == "ok":
        yield from _models()
    yield from _codecs()


def _python() -> Finding:
    good = sys.version_info[:2] >= MIN_PYTHON
    detail = f"{platform.python_version()} on {platform.platform()}, {available_cores()} cores"
    return Finding("python", "ok" if good else "missing", detail, "" if good else "Needs 3.11.")


def _package(name: str) -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(name, "missing", "", f"pip install {name}")


def _codecs() -> Iterator[Finding]:
    try:
        from vmaudit.audio import available_codecs
    except ImportError as error:
        yield Finding("codecs", "missing", str(error), AV_REMEDY)
        return
    for codec, there in available_codecs().items():
        yield Finding(
            f"codec {codec}", "ok" if there else "missing", "", "" if there else AV_REMEDY
        )


def _device() -> Finding:
    try:
        import torch

        from vmaudit.asr.whisper import workload
    except ImportError as error:
        return Finding("device", "missing", str(error), "pip install torch openai-whisper")
    device = torch.device(resolve_device("auto"))
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(0)
        name = f"cuda: {properties.name}, {properties.total_memory / 2**30:.0f} GiB"
        streams, batch_size = f"{workload.GPU_STREAMS} streams", workload.MAX_GPU_BATCH_SIZE
    else:
        name = f"cpu: {torch.backends.cpu.get_cpu_capability()}"
        count, threads = workload.cpu_streams()
        streams = f"{_counted(count, 'stream')} of {_counted(threads, 'thread')}"
        batch_size = workload.MAX_CPU_BATCH_SIZE
    precision = str(workload.resolve_precision("auto", device)).removeprefix("torch.")
    detail = f"{name}, {precision}, {streams}, batches of up to {batch_size}"
    return Finding("device", "ok", detail)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _models() -> Iterator[Finding]:
    folder = weights.speech_model_dir()
    free_bytes = shutil.disk_usage(_existing(folder)).free
    low = free_bytes < LOW_DISK_BYTES
    yield Finding(
        "model folder",
        "note" if low else "ok",
        f"{folder}, {free_bytes / 1e9:.0f} GB free",
        "Free some space, or set VMAUDIT_MODEL_DIR." if low else "",
    )
    chosen = resolve_model(AsrOptions(), resolve_device("auto"))
    for name in weights.load_registry():
        use = " (what --model auto takes here)" if name == chosen else ""
        if weights.installed_path(name):
            try:
                yield Finding(f"speech model {name}", "ok", weights.model_version(name) + use)
            except VmauditError as error:
                yield Finding(f"speech model {name}", "missing", str(error), _pull(name))
        elif name == chosen:
            yield Finding(f"speech model {name}", "missing", f"not installed{use}", _pull(name))
        else:
            yield Finding(f"speech model {name}", "note", "not installed")


def _pull(name: str) -> str:
    return f"vmaudit models pull {name}"


def _existing(path: Path) -> Path:
    """The nearest folder on the way up that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
