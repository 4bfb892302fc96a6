"""``vmaudit scorecard``: one rep in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from vmaudit.cli.results import Out, open_results, plain, refuse_store, rep_of, span
from vmaudit.report.criteria import criteria_of
from vmaudit.report.facts import distinct, facts_of
from vmaudit.report.scorecard import (
    MIN_TEAM,
    Scorecard,
    Standing,
    Trend,
    scorecard_of,
    team_of,
)
from vmaudit.report.sources import read_sources
from vmaudit.report.statistics import MIN_MESSAGES, Share
from vmaudit.report.wording import NO_REP, plural


class PaperSize(StrEnum):
    """What ``vmaudit.report.pages.sheet`` prints on."""

    A4 = "a4"
    LETTER = "letter"


def scorecard(
    out: Out,
    rep: Annotated[str, typer.Option(help="Whose.", show_default=False)],
    pdf: Annotated[
        Path | None,
        typer.Option(help="A file to write it to, as one sheet to print.", show_default=False),
    ] = None,
    paper: Annotated[PaperSize, typer.Option(help="The size of the sheet.")] = PaperSize.A4,
    redacted: Annotated[
        bool, typer.Option("--redact", help="Mask what is known of the people called.")
    ] = False,
) -> None:
    """Print one rep's strengths, one thing to work on, and each rate beside the team's."""
    from vmaudit.rescoring import kept_rubric

    with open_results(out) as store:
        name, rubric = rep_of(store, rep), kept_rubric(store)
        if pdf is not None:
            from vmaudit.report.pages.sheet import write_sheet

            refuse_store(out, pdf, "--pdf")
            write_sheet(store, pdf, name, rubric, paper=paper.value, redacted=redacted)
            typer.echo(pdf)
            return
        criteria = criteria_of(rubric)
        sources = read_sources(store, redacted=redacted)
        messages = distinct(facts_of(source.audit, criteria) for source in sources)
    own = [message for message in messages if message.rep == name]
    _print(scorecard_of(own, team_of(messages), criteria))


def _print(card: Scorecard) -> None:
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    for line in card_lines(card):
        console.print(line)
    console.print(_table(card))
    for line in _notes(card):
        console.print(line)


def card_lines(card: Scorecard) -> Iterator[str]:
    """What stands above the table, as lines of rich markup."""
    yield f"[bold]{plain(card.rep or NO_REP)}[/bold]  {', '.join(_counts(card))}"
    if card.is_first_impression:
        yield f"Fewer than {MIN_MESSAGES} scorable messages: a first impression, no verdict."
    yield "\n[bold]Strengths[/bold]"
    for standing in card.strengths:
        yield f"  {_said(standing)}"
    if not card.strengths:
        yield "  No aim is met often enough yet to be sure of a strength."
    yield "\n[bold]To work on[/bold]"
    if card.work_on:
        yield f"  {_said(card.work_on)}"
        yield f"  {plain(card.work_on.criterion.advice)}"
        for heard in card.to_hear:
            moment = heard.moment
            when = span({"start_s": moment.start_s, "end_s": moment.end_s})
            yield f"  play {plain(heard.message.path)}  {when}  {plain(moment.text)}".rstrip()
    else:
        yield "  No aim was missed."
    yield "\n[bold]Changed[/bold] from the earlier half to the later"
    for trend in card.trends:
        yield f"  {trend.label}: {_changed(trend)}"
    if card.no_trend:
        yield f"  {card.no_trend}"


def _counts(card: Scorecard) -> Iterator[str]:
    yield plural(card.messages, "message")
    yield f"{card.not_scorable} not scorable"
    yield f"{card.hang_ups} hung up"
    if card.needs_review:
        yield f"{card.needs_review} to be reviewed"
    if card.overall:
        yield f"overall {card.overall.mean:.0f}"


def _said(standing: Standing) -> str:
    own, criterion = standing.own, standing.criterion
    return f"{criterion.label} ({plain(criterion.aim)}): met in {own.hits} of {own.count}"


def _changed(trend: Trend) -> str:
    change, scale = trend.change, trend.scale
    return (
        f"{scale * change.before:.0f} to {scale * change.after:.0f} {trend.unit}; "
        f"by {scale * change.low:+.0f} to {scale * change.high:+.0f}"
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
