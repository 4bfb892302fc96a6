"""What the commands share that read an earlier audit: opening it, showing texts and times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from vmaudit.errors import ConfigError
from vmaudit.recordings.find import printable
from vmaudit.store import Store, store_address
from vmaudit.store.store import DATABASE_NAME

MOST_NAMED = 5

Out = Annotated[Path, typer.Argument(help="The results of an audit.", show_default=False)]


def plain(text: str) -> str:
    """Rich markup that shows ``text`` itself: no tag, line break or terminal command in it acts."""
    return escape(printable(text))


def span(moment: Mapping[str, Any]) -> str:
    """From when to when, by the clock of the recording."""
    return f"{clock(moment['start_s'])} to {clock(moment['end_s'])}"


def clock(time_s: float) -> str:
    """A moment of the recording in minutes and seconds."""
    minutes, hundredths = divmod(round(time_s * 100), 6000)
    return f"{minutes}:{hundredths / 100:05.2f}"


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


def refuse_store(out: Path, path: Path, option: str) -> None:
    """Raise ``ConfigError`` where a file to be written is the store that it is made from."""
    if path.resolve() == (out / DATABASE_NAME).resolve():
        raise ConfigError(f"{option} {path} is the store itself; give another file")


def rep_of(store: Store, name: str) -> str:
    """The rep as the results write it. Raises ``ConfigError`` that names those who are near."""
    reps = store.reps()
    if name in reps:
        return name
    folded = {rep.casefold(): rep for rep in reps}
    wanted = name.strip().casefold()
    if wanted in folded:
        return folded[wanted]
    near = get_close_matches(wanted, folded, n=MOST_NAMED) or [
        known for known in folded if wanted and wanted in known
    ]
    raise ConfigError(f"no rep is called {printable(name)}; {_choice(near, folded)}")


def _choice(near: Sequence[str], reps: Mapping[str, str]) -> str:
    if not reps:
        return "none is known"
    names = ", ".join(printable(reps[known]) for known in [*(near or reps)][:MOST_NAMED])
    return f"is it {names}?" if near else f"there are: {names}"
