"""``vmaudit models``: the speech models on this machine and where to get others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from vmaudit.asr import weights
from vmaudit.errors import ModelError, VmauditError

models_app = typer.Typer(
    name="models",
    help="List, fetch and check the speech models.",
    no_args_is_help=True,
)

_PLAIN_STEP_BYTES = 50_000_000  # one line for each of these where there is no terminal

Name = Annotated[str, typer.Argument(help="A speech model, as `vmaudit models list` names it.")]


@models_app.command("list")
def list_models() -> None:
    """Show every speech model: its size, whether it is installed, and its sources."""
    registry = weights.load_registry()
    folder = weights.speech_model_dir()
    table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    for heading in ("name", "params", "size", "languages", "installed", "sources"):
        table.add_column(heading, justify="right" if heading in {"params", "size"} else "left")
    for name, model in registry.items():
        path = weights.installed_path(name, registry=registry, model_dir=folder)
        size_bytes = model.size_bytes if path is None else path.stat().st_size
        table.add_row(
            name,
            f"{model.parameters_millions:.0f} M",
            "unknown" if size_bytes is None else _megabytes(size_bytes),
            model.languages,
            "no" if path is None else "yes",
            "\n".join(source.label for source in model.sources),
        )
    Console().print(table)
    typer.echo(f"Folder of installed models: {folder}")


@models_app.command()
def pull(
    name: Name,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Install from this file (a .pt of openai-whisper) or folder (CTranslate2's "
            "layout) instead of the network.",
        ),
    ] = None,
) -> None:
    """Fetch a speech model; does nothing when it is installed and intact."""
    with _progress() as progress:
        path = weights.pull(name, source=source, progress=progress)
    typer.echo(f"{weights.model_version(name)} {path}")


@models_app.command()
def verify(
    name: Annotated[
        str | None,
        typer.Argument(help="A speech model, a file or a folder. Without it: all installed."),
    ] = None,
) -> None:
    """Read a speech model again and compare its digests with what is known of it."""
    names = _installed() if name is None else [name]
    if not names:
        typer.echo("No speech model is installed. Run: vmaudit models pull base")
    failures = []
    for each in names:
        try:
            found = weights.verify(each)
        except VmauditError as error:
            failures.append(f"{each}: {error}")
        else:
            typer.echo(f"{each}: intact, weights {found.tensor_digest}, from: {found.source}")
    if failures:
        raise ModelError("\n".join(failures))


@models_app.command()
def path(name: Name) -> None:
    """Print where the checkpoint of an installed speech model lies."""
    found = weights.installed_path(name)
    if found is None:
        raise ModelError(f"{name} is not installed. Run: vmaudit models pull {name}")
    typer.echo(found)


def _installed() -> list[str]:
    registry = weights.load_registry()
    # A damaged file counts: it has a sidecar, and to verify is to tell that it is damaged.
    return [name for name in registry if weights.read_sidecar(name, weights.speech_model_dir())]


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"


@contextmanager
def _progress() -> Iterator[weights.Progress]:
    """Bars on a terminal, plain lines elsewhere; both on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _PlainProgress()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with ProgressBar(*columns, TimeRemainingColumn(), console=console) as bars:
        yield _BarProgress(bars)


class _BarProgress:
    """One bar for each step."""

    def __init__(self, bars: ProgressBar) -> None:
        self._bars = bars
        self._label: str | None = None

    def __call__(self, done_bytes: int, total_bytes: int | None, label: str) -> None:
        if label != self._label:
            self._label = label
            self._task = self._bars.add_task(label, total=None)
        self._bars.update(self._task, completed=done_bytes, total=total_bytes)


class _PlainProgress:
    """One line as each step starts, and one for every 50 MB of it."""

    def __init__(self) -> None:
        self._label: str | None = None
        self._said_bytes = 0

    def __call__(self, done_bytes: int, total_bytes: int | None, label: str) -> None:
        if label != self._label:
            self._label, self._said_bytes = label, done_bytes
            typer.echo(label, err=True)
        elif done_bytes - self._said_bytes >= _PLAIN_STEP_BYTES:
            self._said_bytes = done_bytes
            total = "" if total_bytes is None else f" of {_megabytes(total_bytes)}"
            typer.echo(f"{label}: {_megabytes(done_bytes)}{total}", err=True)
