"""Shows a run: a bar on a terminal, plain lines elsewhere, or JSON lines for a log."""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from vmaudit.runs import Progress, RunReport

LINE_EVERY_S = 10.0
MAX_WARNINGS = 10

# What a report counts or lists beside the audits, in words for one and for more.
NOTED = (
    ("ignored", "other file ignored: no recording", "other files ignored: no recordings"),
    (
        "skipped",
        "recording left out by --since or --limit",
        "recordings left out by --since or --limit",
    ),
    (
        "duplicates",
        "copy of another recording: heard once, listed each",
        "copies of another recording: heard once, listed each",
    ),
    (
        "unmatched_names",
        "file name does not fit --name-pattern",
        "file names do not fit --name-pattern",
    ),
    (
        "unmatched_rows",
        "row of the metadata matches no recording",
        "rows of the metadata match no recording",
    ),
    (
        "without_metadata",
        "recording has no row in the metadata",
        "recordings have no row in the metadata",
    ),
)


class LogFormat(StrEnum):
    """How progress is written to standard error."""

    TEXT = "text"
    JSON = "json"


class RunDisplay:
    """Takes the progress of one run; writes to standard error."""

    def __init__(self, *, quiet: bool, log_format: LogFormat) -> None:
        self._quiet, self._json = quiet, log_format is LogFormat.JSON
        self._console = Console(stderr=True)
        self._bar: Bar | None = None
        self._last_line_s = float("-inf")

    def __enter__(self) -> Self:
        """Show the bar, on a terminal."""
        if self._console.is_terminal and not self._quiet and not self._json:
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("files"),
                TextColumn("{task.fields[speed]}"),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._bar.start()
            self._bar.add_task("finding recordings", total=None, speed="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()

    def update(self, progress: Progress) -> None:
        """Show how far the run is."""
        if self._quiet:
            return
        if self._bar:
            self._bar.update(
                self._bar.task_ids[0],
                description="auditing",
                total=progress.total,
                completed=progress.done,
                speed=_speed(progress.audio_s, progress.elapsed_s),
            )
            return
        now_s = time.monotonic()
        if now_s - self._last_line_s < LINE_EVERY_S and progress.done < progress.total:
            return
        self._last_line_s = now_s
        if self._json:
            _write_json("progress", _fields(progress))
        else:
            failed = f"{progress.failed} failed" if progress.failed else ""
            speed = _speed(progress.audio_s, progress.elapsed_s)
            parts = (f"{progress.done} of {progress.total} files", failed, speed)
            _write(", ".join(part for part in parts if part))

    def finish(self, report: RunReport, out: Path) -> None:
        """Say how the run went and where the results are."""
        if self._quiet:
            return
        if self._json:
            counts = ("state", "found", "audited", "heard", "unchanged", "failed", "ignored")
            values = {name: getattr(report, name) for name in counts}
            _write_json("finished", {**values, "out": str(out)})
            return
        for line in report_lines(report, out):
            _write(line)


def report_lines(report: RunReport, out: Path) -> list[str]:
    """The end of a run in words."""
    speed = f" ({_speed(report.audio_s, report.elapsed_s)})" if report.heard else ""
    lines = [
        f"{report.audited} audited, {report.unchanged} unchanged since an earlier run, "
        f"{report.failed} failed, in {report.elapsed_s:.0f} s{speed}",
    ]
    for name, one, many in NOTED:
        value = getattr(report, name)
        count = value if isinstance(value, int) else len(value)
        if count:
            lines.append(f"{count} {one if count == 1 else many}")
    lines += [f"warning: {warning}" for warning in report.warnings[:MAX_WARNINGS]]
    if len(report.warnings) > MAX_WARNINGS:
        lines.append(f"... and {len(report.warnings) - MAX_WARNINGS} more warnings in run.json")
    if report.state == "interrupted":
        lines.append("interrupted: run the same command again to go on")
    if report.failed:
        lines.append(f"failures: {out / 'failures.jsonl'}")
    lines.append(f"results: {out / 'messages.jsonl'} (.csv, .parquet), {out / 'vmaudit.db'}")
    return lines


def _fields(progress: Progress) -> dict[str, Any]:
    return {
        "done": progress.done,
        "total": progress.total,
        "failed": progress.failed,
        "audio_s": round(progress.audio_s, 1),
        "elapsed_s": round(progress.elapsed_s, 1),
    }


def _speed(audio_s: float, elapsed_s: float) -> str:
    return f"{audio_s / elapsed_s:.1f} × real time" if audio_s and elapsed_s else ""


def _write(line: str) -> None:
    sys.stderr.write(line + "\n")


def _write_json(name: str, values: dict[str, Any]) -> None:
    _write(json.dumps({"event": name, **values}))
