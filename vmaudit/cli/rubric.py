"""``vmaudit rubric``: what is aimed at, and what stands behind each threshold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from vmaudit.cli.results import plain

if TYPE_CHECKING:
    from vmaudit.scoring import Band, Rubric

rubric_app = typer.Typer(
    name="rubric", help="List, show and check rubric profiles.", no_args_is_help=True
)


@rubric_app.command("list")
def list_rubrics() -> None:
    """Show the profiles that come with the program."""
    from vmaudit.scoring import load_rubric, rubric_names

    for name in rubric_names():
        typer.echo(f"{name}  {load_rubric(name).summary}")


@rubric_app.command()
def show(
    name: Annotated[str, typer.Argument(help="As `vmaudit rubric list` names it.")] = "default",
) -> None:
    """Show one profile: each weight, signal and band with what stands behind it."""
    from vmaudit.scoring import load_rubric

    _print(load_rubric(name))


@rubric_app.command()
def check(file: Annotated[Path, typer.Argument(help="A profile of your own, as TOML.")]) -> None:
    """Read a profile of your own and show it; what is wrong with it ends with exit code 2."""
    from vmaudit.scoring import read_rubric

    _print(read_rubric(file))


def _print(rubric: Rubric) -> None:
    console = Console(highlight=False, emoji=False)
    console.print(f"[bold]{plain(rubric.name)}[/bold]  {plain(rubric.summary)}")
    weights = rubric.weights
    parts = weights.model_dump(exclude={"kind", "source"})
    counted = ", ".join(f"{name} {weight:g}" for name, weight in parts.items())
    console.print(f"\n[bold]weights[/bold]  {counted}")
    console.print(f"  {weights.kind}: {plain(weights.source)}")
    grades = ", ".join(f"{plain(grade.name)} from {grade.at_least:g}" for grade in rubric.grades)
    console.print(f"\n[bold]grades[/bold]  {grades}")
    for name, rule in rubric.signals.items():
        console.print(f"\n[bold]{name}[/bold]  {rule.want}, {rule.points:g} points")
        console.print(f"  {rule.kind}: {plain(rule.source)}")
    for name, band in rubric.bands.items():
        console.print(f"\n[bold]{name}[/bold]  {band}{_far(band)}")
        console.print(f"  {band.kind}: {plain(band.source)}")


def _far(band: Band) -> str:
    ends: Mapping[str, float | None] = {"under": band.far_low, "over": band.far_high}
    told = " or ".join(f"{side} {end:g}" for side, end in ends.items() if end is not None)
    return f"; far off {told}" if told else ""
