"""``vmaudit summary``: the folder's table, one line per rep."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from vmaudit.cli.results import Out, open_results, plain
from vmaudit.report import RepSummary, summarise

PIPED_WIDTH = 200  # characters: a file or a pipe has no edge to fold names at
# Two lines each, so that the table fits a terminal of 80 columns.
HEADINGS = (
    "\nmessages",
    "not\nscorable",
    "median\ns",
    "words\n/min",
    "fillers\n/min",
    "number\ntwice",
    "wrong\nnumber",
)


def summary(out: Out) -> None:
    """Print, per rep: messages, median length, pace and fillers, repeated and wrong numbers."""
    print_summary(out)


def print_summary(out: Path) -> None:
    """Print the table of one output folder to standard output."""
    with open_results(out) as store:
        rows = summarise(store.audits())
        failed = len(store.failures())
    table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    table.add_column("\nrep", overflow="fold")
    for heading in HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row))
    console = Console(emoji=False)
    if not console.is_terminal:
        console.width = max(console.width, PIPED_WIDTH)
    console.print(table)
    if failed:
        recordings = "recording" if failed == 1 else "recordings"
        console.print(f"{failed} {recordings} failed: see failures.jsonl", highlight=False)


def _cells(row: RepSummary) -> tuple[str, ...]:
    return (
        plain(row.rep),
        str(row.messages),
        str(row.not_scorable),
        _number(row.median_message_s, 1),
        _number(row.median_words_per_minute, 0),
        _number(row.median_fillers_per_minute, 1),
        "-" if row.repeated_share is None else f"{row.repeated_share:.0%}",
        str(row.mismatches),
    )


def _number(value: float | None, decimals: int) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"
