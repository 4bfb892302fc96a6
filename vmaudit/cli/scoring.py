"""The commands that score without hearing: score, rescore, train and evaluate."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from vmaudit.cli.options import Region, RubricOption, ScorerOption
from vmaudit.cli.report import write_report
from vmaudit.cli.results import Out, open_results, plain
from vmaudit.errors import ConfigError
from vmaudit.store import Store

if TYPE_CHECKING:
    from vmaudit.rescoring import Move
    from vmaudit.scoring.evaluation import Measures
    from vmaudit.scoring.inputs import HeadName

From = Annotated[
    Path | None,
    typer.Option("--from", help="The results that hold the labelled files.", show_default=False),
]
Labels = Annotated[Path, typer.Argument(help="CSV or JSON Lines: file, value, clarity, repeated.")]
MOVES_SHOWN = 20


def score(
    transcripts: Annotated[Path, typer.Argument(help="JSON Lines: text, and what else is known.")],
    out: Annotated[Path | None, typer.Option(help="A file; else to standard output.")] = None,
    rubric: RubricOption = None,
    scorer: ScorerOption = None,
    region: Region = None,
) -> None:
    """Score messages that have been transcribed already; there is no sound, so no delivery."""
    from vmaudit.report import replacing
    from vmaudit.report.files import json_line
    from vmaudit.scoring import DEFAULT_RUBRIC, make_judge
    from vmaudit.transcripts import read_transcribed, score_transcribed

    judge = make_judge(rubric or DEFAULT_RUBRIC, scorer)
    failed = 0

    def lines() -> Iterator[str]:
        nonlocal failed
        for number, line in _lines(transcripts):
            try:
                found = read_transcribed(json.loads(line))
            except (ValueError, RecursionError) as error:
                failed += 1
                typer.echo(f"{transcripts} line {number}: {error}", err=True)
                continue
            name = f"line {number}"
            yield json_line(score_transcribed(found, judge, name=name, region=region or "US"))

    if out is None:
        for line in lines():
            typer.echo(line, nl=False)
    else:
        try:
            with replacing(out) as file:
                file.writelines(lines())
        except OSError as error:
            raise ConfigError(f"cannot write {out}: {error}") from error
    raise typer.Exit(3 if failed else 0)


def rescore(
    out: Out,
    rubric: RubricOption = None,
    scorer: ScorerOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say who would move, and write nothing.")
    ] = False,
) -> None:
    """Score all messages by another rubric, without transcribing again; say who moves and why."""
    from vmaudit.report import write_exports
    from vmaudit.rescoring import kept_rubric, moves
    from vmaudit.rescoring import rescore as score_again
    from vmaudit.runs import locked
    from vmaudit.scoring import Judge, find_rubric, load_scorer, shipped_scorer

    with open_results(out) as store:
        wanted = find_rubric(rubric) if rubric else kept_rubric(store)
        judge = Judge(load_scorer(scorer) if scorer else shipped_scorer(), wanted)
        _print_moves([*moves(store, judge)])
        if dry_run:
            typer.echo("nothing was written (--dry-run)")
            return
        with locked(out):
            score_again(store, judge)
            write_exports(store, out)
    if (out / "report").is_dir():
        write_report(out)
    typer.echo(f"{out} is scored by {judge.rubric.version}")


def train(
    labels: Labels,
    to: Annotated[Path, typer.Option(help="Where the scorer goes (.skops).", show_default=False)],
    source: From = None,
    region: Region = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write it even if it is worse than the shipped one.")
    ] = False,
) -> None:
    """Teach a scorer your own labels, beside those it was made with; it must prove better."""
    from vmaudit.teaching import teach

    with _results(source) as store:
        lesson = teach(labels, store, region=region or "US")
    for warning in lesson.warnings:
        typer.echo(f"warning: {warning}", err=True)
    _print_measures("the shipped scorer", lesson.shipped)
    _print_measures("yours, on reps it had not seen", lesson.taught)
    if not lesson.better and not force:
        typer.echo(f"it is no better: {to} is not written (--force writes it)", err=True)
        raise typer.Exit(1)
    lesson.scorer.save(to)
    typer.echo(f"wrote {to}; use it with --scorer {to}")


def evaluate(
    labels: Labels,
    source: From = None,
    scorer: ScorerOption = None,
    region: Region = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the calibration curves here (.svg, .png).")
    ] = None,
) -> None:
    """Hold the scores against labels: accuracy, kappa, Brier, calibration, confusion, slices."""
    from vmaudit.scoring import load_scorer, shipped_scorer
    from vmaudit.teaching import draw_calibration, hold_against

    judged = load_scorer(scorer) if scorer else shipped_scorer()
    with _results(source) as store:
        found = hold_against(labels, store, judged, region=region or "US")
    for warning in found.warnings:
        typer.echo(f"warning: {warning}", err=True)
    _print_measures("all", found.heads)
    _print_confusion(found.heads)
    for name, heads in found.slices.items():
        _print_measures(name, heads)
    if picture is not None:
        draw_calibration(found.heads, picture)
        typer.echo(f"wrote {picture}")


@contextmanager
def _results(out: Path | None) -> Iterator[Store | None]:
    if out is None:
        yield None
        return
    with open_results(out) as store:
        yield store


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers; whether they are text is each one's affair."""
    try:
        with path.open("rb") as file:
            yield from ((n, line) for n, line in enumerate(file, start=1) if line.strip())
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error}") from error


def _print_moves(moves: Sequence[Move]) -> None:
    console = Console(highlight=False, emoji=False)
    console.print(f"{len(moves)} messages move")
    table = Table("message", "rep", "overall", "band", "why", box=None)
    for move in sorted(moves, key=lambda one: -abs(one.after - one.before))[:MOVES_SHOWN]:
        why = ", ".join(
            f"{name.replace('_', ' ')} {change:+.1f}"
            for name, change in list(move.parts.items())[:3]
        )
        bands = f"{move.band_before} to {move.band_after}"
        table.add_row(
            plain(move.path),
            plain(move.rep or ""),
            f"{move.before} to {move.after}",
            plain(bands if move.band_before != move.band_after else ""),
            plain(why or ("another scorer" if move.another_scorer else "another rubric")),
        )
    if moves:
        console.print(table)
    if len(moves) > MOVES_SHOWN:
        console.print(f"and {len(moves) - MOVES_SHOWN} more that move less")


def _print_measures(title: str, heads: Mapping[HeadName, Measures]) -> None:
    console = Console(highlight=False, emoji=False)
    table = Table("", "labels", "accuracy", "kappa", "Brier", "calibration error", box=None)
    for name, found in heads.items():
        table.add_row(
            name,
            str(found.count),
            f"{found.accuracy:.3f} ({found.accuracy_interval[0]:.3f} to "
            f"{found.accuracy_interval[1]:.3f})",
            f"{found.kappa:.3f} ({found.kappa_interval[0]:.3f} to {found.kappa_interval[1]:.3f})",
            f"{found.brier:.3f}",
            f"{found.calibration_error:.3f}",
        )
    console.print(f"[bold]{plain(title)}[/bold]")
    console.print(table)


def _print_confusion(heads: Mapping[HeadName, Measures]) -> None:
    console = Console(highlight=False, emoji=False)
    for name, found in heads.items():
        rows = "; ".join(
            f"{true}: {' '.join(map(str, row))}" for true, row in enumerate(found.confusion)
        )
        console.print(f"  {name}, labelled level: how often 0 1 2 3 was given: {rows}")
