"""``vmaudit audit``: audit a folder of recordings."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vmaudit.cli.options import (
    DATA,
    ENGINE,
    RUN,
    BatchSize,
    Device,
    Engine,
    Jobs,
    Limit,
    Model,
    Precision,
    default_config,
)
from vmaudit.cli.progress import LogFormat, RunDisplay
from vmaudit.cli.report import write_report
from vmaudit.cli.summary import print_summary
from vmaudit.config import CONFIG_FILE_NAME, load_config


class Channel(StrEnum):
    """Which channel of a stereo recording is the rep's."""

    AUTO = "auto"
    LEFT = "left"
    RIGHT = "right"
    MIX = "mix"


class RawCodec(StrEnum):
    """What headerless files hold."""

    MULAW = "mulaw"
    ALAW = "alaw"


def audit(
    folder: Annotated[Path, typer.Argument(help="The folder of recordings.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Where the results go.", show_default=False)],
    metadata: Annotated[
        Path | None,
        typer.Option(help="calls.csv: file, rep, recorded_at, prospect, ...", rich_help_panel=DATA),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(help="roster.csv: rep, name, team, direct_number.", rich_help_panel=DATA),
    ] = None,
    name_pattern: Annotated[
        str | None,
        typer.Option(
            help="What file names tell, such as '{rep}_{date}_{phone}.wav'.", rich_help_panel=DATA
        ),
    ] = None,
    channel: Annotated[
        Channel | None,
        typer.Option(help="The rep's channel in stereo recordings.", rich_help_panel=DATA),
    ] = None,
    raw_codec: Annotated[
        RawCodec | None,
        typer.Option(help="What headerless files hold, at 8 kHz.", rich_help_panel=DATA),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Only calls of this date (2026-03-02) or later.", rich_help_panel=DATA),
    ] = None,
    limit: Limit = None,
    max_duration_s: Annotated[
        float | None,
        typer.Option(help="Longer recordings are refused (default 1800).", rich_help_panel=DATA),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="Numbering plan, as US or GB (default US).", rich_help_panel=DATA),
    ] = None,
    rubric: Annotated[
        str | None,
        typer.Option(help="A rubric by name, or a file of your own.", rich_help_panel=DATA),
    ] = None,
    scorer: Annotated[
        Path | None,
        typer.Option(help="A scorer of your own, from vmaudit train.", rich_help_panel=DATA),
    ] = None,
    model: Model = None,
    device: Device = None,
    engine: Engine = None,
    precision: Precision = None,
    batch_size: BatchSize = None,
    language: Annotated[
        str | None, typer.Option(help="Spoken language (default en).", rich_help_panel=ENGINE)
    ] = None,
    jobs: Jobs = None,
    force: Annotated[
        bool, typer.Option("--force", help="Do everything again.", rich_help_panel=RUN)
    ] = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Write no report.", rich_help_panel=RUN)
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(help=f"Options as TOML (default ./{CONFIG_FILE_NAME}).", rich_help_panel=RUN),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print errors only.", rich_help_panel=RUN)
    ] = False,
    log_format: Annotated[
        LogFormat, typer.Option(help="Progress for people, or as JSON.", rich_help_panel=RUN)
    ] = LogFormat.TEXT,
) -> None:
    """Audit every recording under FOLDER; go on where an earlier run stopped."""
    from vmaudit.runs import audit_folder

    options = load_config(
        config or default_config(),
        {
            "recordings": {
                "metadata": metadata,
                "roster": roster,
                "name_pattern": name_pattern,
                "since": since,
                "limit": limit,
            },
            "audio": {
                "channel": channel.value if channel else None,
                "raw_codec": raw_codec.value if raw_codec else None,
                "max_duration_s": max_duration_s,
            },
            "asr": {
                "model": model,
                "device": device,
                "engine": engine,
                "precision": precision,
                "batch_size": batch_size,
                "language": language,
            },
            "content": {"region": region},
            "scoring": {"rubric": rubric, "scorer": scorer},
            "run": {"jobs": jobs, "force": force or None},
        },
    )
    display = RunDisplay(quiet=quiet, log_format=log_format)
    with display:
        report = audit_folder(folder, out, options, progress=display.update)
    display.finish(report, out)
    told = not quiet and log_format is LogFormat.TEXT
    if report.state == "complete" and not no_report:
        page = write_report(out)
        if told:
            typer.echo(f"report: {page}", err=True)
    if told:
        print_summary(out)
    raise typer.Exit(report.exit_code)
