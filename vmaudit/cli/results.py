"""Opens the results of an earlier audit for the commands that read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from vmaudit.errors import ConfigError
from vmaudit.recordings.find import printable
from vmaudit.store import Store, store_address
from vmaudit.store.store import DATABASE_NAME

Out = Annotated[Path, typer.Argument(help="The results of an audit.", show_default=False)]


def plain(text: str) -> str:
    """Rich markup that shows ``text`` itself: no tag, line break or terminal command in it acts."""
    return escape(printable(text))


@contextmanager
def open_results(out: Path) -> Iterator[Store]:
    """Open the store in ``out``. Raises ``ConfigError`` where there is none."""
    if not (out / DATABASE_NAME).is_file():
        raise ConfigError(f"{out} holds no results; run: vmaudit audit FOLDER --out {out}")
    store = Store(store_address(out))
    try:
        yield store
    finally:
        store.close()
