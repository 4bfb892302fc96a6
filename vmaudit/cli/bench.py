"""``vmaudit bench``: how fast this machine is, where the time goes, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from vmaudit.cli.options import (
    OUTPUT,
    BatchSize,
    Device,
    Engine,
    Jobs,
    Limit,
    Model,
    Precision,
    default_config,
)
from vmaudit.cli.results import plain
from vmaudit.config import load_config

if TYPE_CHECKING:
    from vmaudit.bench import BenchReport, StageCost

DONE_WITH_FAILURES = 3
LABELS = {
    "decode": "decode (other processes)",
    "isolate": "voice activity, isolation",
    "transcribe": "transcription",
    "transcribe/encode": "  features, encoder",
    "transcribe/decode": "  decoder",
    "transcribe/align": "  word times",
    "transcribe/spell": "  digits heard again",
    "measure": "delivery",
    "score": "numbers, scores",
    "other": "other",
}


def bench(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Recordings to audit; in a checkout, its samples.", show_default=False),
    ] = None,
    limit: Limit = None,
    jobs: Jobs = None,
    model: Model = None,
    device: Device = None,
    engine: Engine = None,
    precision: Precision = None,
    batch_size: BatchSize = None,
    price_per_hour: Annotated[
        float | None,
        typer.Option(help="What an hour of this machine costs.", rich_help_panel=OUTPUT),
    ] = None,
    currency: Annotated[
        str, typer.Option(help="Currency of the price.", rich_help_panel=OUTPUT)
    ] = "USD",
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write the figures to this file too.", rich_help_panel=OUTPUT),
    ] = None,
) -> None:
    """Audit FOLDER in memory and print speed, time by stage, memory and cost."""
    from vmaudit.bench import bench as measure
    from vmaudit.bench import samples_folder
    from vmaudit.records import to_json
    from vmaudit.report import write_json

    options = load_config(
        default_config(),
        {
            "recordings": {"limit": limit},
            "asr": {
                "model": model,
                "device": device,
                "engine": engine,
                "precision": precision,
                "batch_size": batch_size,
            },
            "run": {"jobs": jobs},
        },
    )
    report = measure(
        folder or samples_folder(),
        options,
        price_per_hour=price_per_hour,
        currency=currency,
        notify=lambda doing: typer.echo(doing, err=True),
    )
    _print(report)
    if json_file is not None:
        write_json(json_file, to_json(report))
    if report.failed:
        raise typer.Exit(DONE_WITH_FAILURES)


def _print(report: BenchReport) -> None:
    console = Console(highlight=False, emoji=False)
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(report):
        facts.add_row(name, plain(value))
    console.print(facts)
    stages = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    stages.add_column("\nstage", no_wrap=True)
    for heading in ("CPU s per\ns of audio", "share\nof CPU", "share of\nwall time"):
        stages.add_column(heading, justify="right", no_wrap=True)
    for stage in report.stages:
        stages.add_row(*_cells(stage))
    total = f"{report.cpu_s_per_audio_s:.5f}"
    stages.add_row("all", total, "100%", "100%")
    console.print(stages)


def _facts(report: BenchReport) -> Iterator[tuple[str, str]]:
    setup, mean_s = report.setup, report.audio_s / report.recordings
    yield "recordings", f"{report.recordings} audited, {report.failed} failed"
    if report.first_failure:
        yield "first failure", report.first_failure
    yield "audio", f"{report.audio_s:.1f} s, {mean_s:.1f} s each on average"
    yield "wall time", f"{report.wall_s:.1f} s"
    yield "speed", f"{report.times_real_time:.1f} × real time"
    yield "throughput", f"{report.files_per_hour:,.0f} files per hour"
    yield (
        "peak memory",
        f"{_mib(report.peak_memory_mib)}; largest decode process "
        f"{_mib(report.peak_decoder_memory_mib)}",
    )
    yield "device", f"{setup.device}; {setup.cores} cores; {setup.jobs} decode processes"
    yield "engine", f"{setup.engine}, {setup.precision}, {setup.speech_model}"
    if setup.batch_size is not None:
        yield "batches", f"of {setup.batch_size} windows × {setup.streams} streams"
    if report.cost:
        cost, unit = report.cost, report.cost.currency
        yield (
            "cost",
            f"{_money(cost.per_1000_messages)} {unit} per 1,000 messages of {mean_s:.1f} s, "
            f"at {cost.price_per_hour:g} {unit} per hour",
        )


def _cells(stage: StageCost) -> tuple[str, str, str, str]:
    wall = "-" if stage.wall_share is None else f"{stage.wall_share:.1%}"
    return (
        LABELS[stage.stage],
        f"{stage.cpu_s_per_audio_s:.5f}",
        f"{stage.cpu_share:.1%}",
        wall,
    )


def _money(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 1 else f"{amount:.2g}"


def _mib(size: float | None) -> str:
    return "not known" if size is None else f"{size:,.0f} MiB"
