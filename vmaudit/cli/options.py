"""Options: those that more than one command takes, and those of an audit."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vmaudit.config import CONFIG_FILE_NAME

DATA, SCORING, RUN, ENGINE, OUTPUT = "Recordings", "Scoring", "Run", "Recogniser", "Results"


class Channel(StrEnum):
    """Which channel of a stereo recording is the rep's."""

    AUTO = "auto"
    LEFT = "left"
    RIGHT = "right"
    MIX = "mix"


class RawCodec(StrEnum):
    """What headerless files hold."""

    MULAW = "mulaw"
    ALAW = "alaw"


Metadata = Annotated[
    Path | None,
    typer.Option(help="calls.csv: file, rep, recorded_at, prospect, ...", rich_help_panel=DATA),
]
Roster = Annotated[
    Path | None,
    typer.Option(help="roster.csv: rep, name, team, direct_number.", rich_help_panel=DATA),
]
NamePattern = Annotated[
    str | None,
    typer.Option(
        help="What file names tell, such as '{rep}_{date}_{phone}.wav'.", rich_help_panel=DATA
    ),
]
RepChannel = Annotated[
    Channel | None,
    typer.Option(help="The rep's channel in stereo recordings.", rich_help_panel=DATA),
]
RawCodecOption = Annotated[
    RawCodec | None,
    typer.Option(help="What headerless files hold, at 8 kHz.", rich_help_panel=DATA),
]
Since = Annotated[
    str | None,
    typer.Option(help="Only calls of this date (2026-03-02) or later.", rich_help_panel=DATA),
]
Limit = Annotated[
    int | None, typer.Option(help="At most so many recordings.", rich_help_panel=DATA)
]
MaxDuration = Annotated[
    float | None,
    typer.Option(help="Longer recordings are refused (default 1800).", rich_help_panel=DATA),
]
Region = Annotated[
    str | None,
    typer.Option(help="Numbering plan, as US or GB (default US).", rich_help_panel=DATA),
]
RubricOption = Annotated[
    str | None,
    typer.Option(
        help="A rubric by name, or a file of your own.", show_default=False, rich_help_panel=SCORING
    ),
]
ScorerOption = Annotated[
    Path | None,
    typer.Option(
        help="A scorer of your own, from vmaudit train.",
        show_default=False,
        rich_help_panel=SCORING,
    ),
]
Jobs = Annotated[int | None, typer.Option(help="Processes that decode audio.", rich_help_panel=RUN)]
Model = Annotated[
    str | None,
    typer.Option(help="A speech model's name, a file, or auto.", rich_help_panel=ENGINE),
]
Device = Annotated[str | None, typer.Option(help="auto, cpu or cuda.", rich_help_panel=ENGINE)]
Engine = Annotated[
    str | None,
    typer.Option(help="torch (default), or ct2 where it is installed.", rich_help_panel=ENGINE),
]
Precision = Annotated[
    str | None,
    typer.Option(
        help="auto, float32, bfloat16, float16 (GPU) or int8 (ct2).", rich_help_panel=ENGINE
    ),
]
BatchSize = Annotated[
    str | None, typer.Option(help="Windows of speech at once, or auto.", rich_help_panel=ENGINE)
]
Language = Annotated[
    str | None, typer.Option(help="Spoken language (default en).", rich_help_panel=ENGINE)
]


def default_config() -> Path | None:
    """``vmaudit.toml`` of the current folder, if there is one."""
    path = Path(CONFIG_FILE_NAME)
    return path if path.is_file() else None
