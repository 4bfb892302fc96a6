"""``vmaudit show``: one message in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from vmaudit.cli.delivery import delivery_lines
from vmaudit.cli.results import Out, clock, open_results, plain, span
from vmaudit.errors import ConfigError
from vmaudit.records import joined

if TYPE_CHECKING:
    from vmaudit.scoring import Rubric

LINE_S = 6.0  # the transcript breaks into lines of about this length
LINE_PAUSE_S = 0.5


def show(
    out: Out,
    file: Annotated[str, typer.Argument(help="Its path in the folder, or the end of it.")],
) -> None:
    """Print one message: transcript with times, features, numbers, scores and evidence."""
    from vmaudit.rescoring import kept_rubric

    with open_results(out) as store:
        rubric = kept_rubric(store)
        stored = store.audit(file)
        if stored is None:
            ending = [a for a in store.audits() if a.path.endswith(file)]
            if len(ending) != 1:
                raise ConfigError(_not_one(file, [a.path for a in ending]))
            stored = ending[0]
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    for line in message_lines(stored.payload, rubric):
        console.print(line)


def message_lines(audit: Mapping[str, Any], rubric: Rubric) -> Iterator[str]:
    """One audit, in the contract's JSON, as lines of rich markup; ``rubric`` gives the bands."""
    yield f"[bold]{escape(audit['path'])}[/bold]  {audit['status'].replace('_', ' ')}"
    for reason in audit["reasons"]:
        yield f"  because: {plain(reason)}"
    if outcomes := audit.get("outcomes"):  # an older run's results may have none
        yield f"outcome: {', '.join(outcomes).replace('_', ' ')}"
    for path in audit.get("same_audio_as", ()):
        yield f"  same audio as: {plain(path)}"
    for name in ("rep", "prospect", "recorded_at"):
        if audit[name]:
            yield f"{name.replace('_', ' ')}: {plain(str(audit[name]))}"
    for name, value in audit["lead"].items():
        yield f"{plain(name)}: {plain(str(value))}"
    sound = audit["audio"]
    yield f"audio: {sound['duration_s']:.1f} s, {sound['codec']}, {sound['sample_rate_hz']} Hz"
    yield ""
    for segment in audit["segments"]:
        yield f"{span(segment)}  {segment['kind']}"
    if audit.get("greeting_text"):
        yield f"before the message: {plain(audit['greeting_text'])}"
    yield from _transcript(audit["transcript"])
    yield from delivery_lines(audit, rubric)
    yield from _numbers(audit["callback"])
    yield from _signals(audit["signals"])
    yield from _scores(audit)


def _transcript(transcript: Mapping[str, Any] | None) -> Iterator[str]:
    if not transcript or not transcript["words"]:
        return
    sure = f"confidence {transcript['confidence']:.2f}, {transcript['model']}"
    yield f"\n[bold]Transcript[/bold]  {plain(sure)}"
    for line in _lines(transcript["words"]):
        text = joined(word["text"] for word in line)
        yield f"{clock(line[0]['start_s'])}  {plain(text)}"


def _lines(words: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    line: list[Mapping[str, Any]] = []
    for word in words:
        pause = bool(line) and word["start_s"] - line[-1]["end_s"] >= LINE_PAUSE_S
        if line and (pause or word["end_s"] - line[0]["start_s"] > LINE_S):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _numbers(callback: Mapping[str, Any] | None) -> Iterator[str]:
    if not callback:
        return
    repeated = "repeated" if callback["repeated"] else "not repeated"
    pattern = callback.get("pattern") or repeated  # an older run's results have none
    yield f"\n[bold]Callback number[/bold]  {pattern.replace('_', ' ')}"
    for number in callback["numbers"]:
        extension = f" extension {number['extension']}" if number["extension"] else ""
        own = number.get("roster_digits") if number["roster"] != "match" else None
        yield (
            f"  {number['digits']}{plain(extension)}: stated {number['times']} times; "
            f"roster: {number['roster']}{f' (own number {own})' if own else ''}"
        )
        for statement in number["statements"]:
            yield _statement(statement, "")
    for partial in callback.get("partials", ()):
        of = f", part of {partial['of']}" if partial["of"] else ""
        yield _statement(partial, f", not whole{of}")


def _statement(statement: Mapping[str, Any], remark: str) -> str:
    pace = statement["digits_per_second"]
    shown = "" if pace is None else f", {pace:.1f} digits per second"
    rushed = ", too fast to write down" if statement.get("writable") is False else ""
    return f"    {span(statement)}  {plain(statement['text'])}{shown}{rushed}{remark}"


def _signals(signals: Mapping[str, Any]) -> Iterator[str]:
    if not signals:
        return
    yield "\n[bold]Signals[/bold]"
    for name, signal in signals.items():
        for evidence in signal["evidence"]:
            yield f"  {span(evidence)}  {name.replace('_', ' ')}: {plain(evidence['text'])}"


def _scores(audit: Mapping[str, Any]) -> Iterator[str]:
    scores = audit["scores"]
    if not scores:
        return
    yield f"\n[bold]Scores[/bold]{_overall(scores)}"
    for name in ("value", "clarity", "callback"):
        score = scores[name]
        yield f"  {name}: {_score(score)}"
        for evidence in score["evidence"]:
            moved = evidence.get("contribution")  # an older run's results have none
            shown = "" if moved is None else f"{moved:+.2f}  "
            yield f"    {span(evidence)}  {shown}{plain(evidence['text'])}"
    for reason in scores.get("review_reasons", ()):
        yield f"  listen before you rely on it: {plain(reason)}"
    if audit["advice"]:
        yield "\n[bold]Advice[/bold]"
        yield from (f"  {plain(text)}" for text in audit["advice"])


def _overall(scores: Mapping[str, Any]) -> str:
    if scores["overall"] is None:
        return ""
    return f"  {scores['overall']} of 100, {plain(scores.get('band') or '')}"


def _score(score: Mapping[str, Any]) -> str:
    if score["probability"] is None:
        return plain(score["reason"] or "")
    level = score.get("level")
    told = "" if level is None else f", level {level} of 3 (± {score['level_sd']:.1f})"
    return f"{score['probability']:.2f}{told}"


def _not_one(file: str, paths: Sequence[str]) -> str:
    if not paths:
        return f"no message called {file}; messages.csv lists them all"
    return f"{file} could be any of: {', '.join(paths[:5])}"
