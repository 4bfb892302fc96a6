"""``vmaudit audit``: audit a folder of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vmaudit.cli.options import (
    RUN,
    BatchSize,
    Device,
    Engine,
    Jobs,
    Language,
    Limit,
    MaxDuration,
    Metadata,
    Model,
    NamePattern,
    Precision,
    RawCodecOption,
    Region,
    RepChannel,
    Roster,
    RubricOption,
    ScorerOption,
    Since,
    default_config,
)
from vmaudit.cli.progress import LogFormat, RunDisplay
from vmaudit.cli.report import write_report
from vmaudit.cli.summary import print_summary
from vmaudit.config import CONFIG_FILE_NAME, load_config


def audit(
    folder: Annotated[Path, typer.Argument(help="The folder of recordings.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Where the results go.", show_default=False)],
    metadata: Metadata = None,
    roster: Roster = None,
    name_pattern: NamePattern = None,
    channel: RepChannel = None,
    raw_codec: RawCodecOption = None,
    since: Since = None,
    limit: Limit = None,
    max_duration_s: MaxDuration = None,
    region: Region = None,
    rubric: RubricOption = None,
    scorer: ScorerOption = None,
    model: Model = None,
    device: Device = None,
    engine: Engine = None,
    precision: Precision = None,
    batch_size: BatchSize = None,
    language: Language = None,
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
