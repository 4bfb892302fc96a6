"""``vmaudit scorecard``: one rep in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from vmaudit.cli.results import Out, open_results, plain, rep_of, span
from vmaudit.report.scorecard import MIN_HALF, MIN_TEAM, Change, Scorecard, Share, Standing
from vmaudit.report.scorecard import scorecard as card_of
from vmaudit.rescoring import kept_rubric


def scorecard(
    out: Out,
    rep: Annotated[str, typer.Option(help="Whose.", show_default=False)],
) -> None:
    """Print one rep's strengths, one thing to work on, and each rate beside the team's."""
    with open_results(out) as store:
        card = card_of(store.audits(), rep_of(store, rep), kept_rubric(store).bands)
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    for line in card_lines(card):
        console.print(line)
    console.print(_table(card))
    for line in _notes(card):
        console.print(line)


def card_lines(card: Scorecard) -> Iterator[str]:
    """What stands above the table, as lines of rich markup."""
    messages = "1 message" if card.messages == 1 else f"{card.messages} messages"
    counts = f"{messages}, {card.not_scorable} not scorable, {card.hang_ups} hung up"
    review = f", {card.needs_review} to be reviewed" if card.needs_review else ""
    yield f"[bold]{plain(card.rep)}[/bold]  {counts}{review}"
    yield "\n[bold]Strengths[/bold]"
    for standing in card.strengths:
        yield f"  {_said(standing)}"
    if not card.strengths:
        yield "  too few messages to be sure of any"
    if card.work_on:
        yield "\n[bold]To work on[/bold]"
        yield f"  {_said(card.work_on)}"
        yield f"  {plain(card.work_on.criterion.advice)}"
        for moment in card.moments:
            when = span({"start_s": moment.start_s, "end_s": moment.end_s})
            yield f"  play {plain(moment.path)}  {when}  {plain(moment.text)}".rstrip()
    changes = [(one.criterion.label, one.change) for one in card.standings if one.change]
    if changes:
        yield "\n[bold]Changed[/bold] from the earlier half to the later"
        for label, change in changes:
            yield f"  {label}: {_changed(change)}"


def _said(standing: Standing) -> str:
    own, criterion = standing.own, standing.criterion
    return f"{criterion.label} ({criterion.aim}): in {own.hits} of {own.count}"


def _changed(change: Change) -> str:
    return (
        f"{change.before.share:.0%} to {change.after.share:.0%}; "
        f"by {100 * change.low:+.0f} to {100 * change.high:+.0f} points"
    )


def _table(card: Scorecard) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    table.add_column("", overflow="fold")
    table.add_column("aim", overflow="fold")
    for heading in ("met in", "rep", "95 %", "team", "95 %"):
        table.add_column(heading, justify="right", no_wrap=True)
    for standing in card.standings:
        own = standing.own
        table.add_row(
            standing.criterion.label,
            plain(standing.criterion.aim),
            f"{own.hits} of {own.count}",
            *_cells(own),
            *_cells(standing.team),
        )
    return table


def _cells(share: Share | None) -> tuple[str, str]:
    if share is None:
        return "-", "-"
    return f"{share.share:.0%}", f"{share.low:.0%} to {share.high:.0%}"


def _notes(card: Scorecard) -> Iterator[str]:
    if any(standing.team is None for standing in card.standings):
        yield f"The team is shown from {MIN_TEAM} reps on: of two, each would know the other's."
    if card.dated < 2 * MIN_HALF:
        yield (
            f"A change is told from {MIN_HALF} dated messages on either side; "
            f"there are {card.dated} in all."
        )
