"""The commands put together, and errors turned into exit codes.

0 all done; 1 could not run; 2 wrong usage; 3 done, with failures; 130 interrupted.
"""

from __future__ import annotations

import signal
import sys
from importlib.metadata import version
from types import FrameType
from typing import Annotated

import typer

from vmaudit.cli.audit import audit
from vmaudit.cli.bench import bench
from vmaudit.cli.doctor import doctor
from vmaudit.cli.export import export
from vmaudit.cli.models import models_app
from vmaudit.cli.report import report
from vmaudit.cli.rubric import rubric_app
from vmaudit.cli.scorecard import scorecard
from vmaudit.cli.scoring import evaluate, rescore, score, train
from vmaudit.cli.show import show
from vmaudit.cli.summary import summary
from vmaudit.errors import VmauditError

INTERRUPTED = 130

app = typer.Typer(
    name="vmaudit",
    help="Audit recorded outbound voicemails.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(audit)
app.command()(show)
app.command()(summary)
app.command()(score)
app.command()(rescore)
app.command()(train)
app.command()(evaluate)
app.command()(scorecard)
app.command()(export)
app.command()(report)
app.command()(doctor)
app.command()(bench)
app.add_typer(models_app)
app.add_typer(rubric_app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vmaudit {version('vmaudit')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Audit recorded outbound voicemails."""


def main() -> None:
    """Run the command line; every expected error is one line on standard error."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except VmauditError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    """Let a scheduler's SIGTERM end a run as cleanly as Ctrl-C does."""
    raise KeyboardInterrupt
