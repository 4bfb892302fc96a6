"""Options that more than one command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vmaudit.config import CONFIG_FILE_NAME

DATA, RUN, ENGINE, OUTPUT = "Recordings", "Run", "Recogniser", "Results"

Limit = Annotated[
    int | None, typer.Option(help="At most so many recordings.", rich_help_panel=DATA)
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


def default_config() -> Path | None:
    """``vmaudit.toml`` of the current folder, if there is one."""
    path = Path(CONFIG_FILE_NAME)
    return path if path.is_file() else None
