"""``vmaudit doctor``: what is there, what is missing, what to do."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.markup import escape

MARKS = {"ok": "[green]ok[/green]", "note": "[yellow]--[/yellow]", "missing": "[red]no[/red]"}


def doctor() -> None:
    """Say which device, models, codecs and versions are there, and how to mend the rest."""
    from vmaudit.doctor import examine

    console = Console(highlight=False, soft_wrap=True, emoji=False)
    missing = 0
    for finding in examine():
        console.print(f"{MARKS[finding.state]}  {escape(finding.name)}  {escape(finding.detail)}")
        if finding.remedy:
            console.print(f"    do: {escape(finding.remedy)}")
        missing += finding.state == "missing"
    if missing:
        raise typer.Exit(1)
