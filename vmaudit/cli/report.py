"""``vmaudit report``: the pages that people look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vmaudit.cli.results import Out, open_results, refuse_store


def report(
    out: Out,
    bundle: Annotated[
        Path | None,
        typer.Option(help="One zip file with the audio in it, to mail.", show_default=False),
    ] = None,
    no_audio: Annotated[
        bool, typer.Option("--no-audio", help="Neither link nor copy recordings.")
    ] = False,
    redacted: Annotated[
        bool,
        typer.Option("--redact", help="Mask what is known of the people called; mute a bundle."),
    ] = False,
) -> None:
    """Write pages that open from disk in any browser: overview, scorecards, messages."""
    if bundle is None:
        typer.echo(write_report(out, no_audio=no_audio, redacted=redacted))
        return
    from vmaudit.report.pages import AudioMode, bundle_report
    from vmaudit.rescoring import kept_rubric

    with open_results(out) as store:
        refuse_store(out, bundle, "--bundle")
        audio: AudioMode = "none" if no_audio else "copy"
        bundle_report(store, bundle, kept_rubric(store), audio=audio, redacted=redacted)
    typer.echo(bundle)


def write_report(out: Path, *, no_audio: bool = False, redacted: bool = False) -> Path:
    """Write the report into OUT/report and return its first page."""
    from vmaudit.report.pages import AudioMode, build_report
    from vmaudit.rescoring import kept_rubric

    with open_results(out) as store:
        audio: AudioMode = "none" if no_audio else "link"
        return build_report(
            store, out / "report", kept_rubric(store), audio=audio, redacted=redacted
        )
