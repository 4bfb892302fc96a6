"""How long work reports on itself without knowing who watches."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called as work goes on; never from two threads at once."""

    def __call__(self, done_bytes: int, total_bytes: int | None, label: str) -> None:
        """``done_bytes`` of ``total_bytes`` (None: unknown) of the step ``label`` are done."""


def silent(done_bytes: int, total_bytes: int | None, label: str) -> None:
    """Report to nobody."""
