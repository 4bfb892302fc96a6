"""The file names of pages."""

from __future__ import annotations

import hashlib
import re

NAME_LENGTH = 40  # characters of a file name that its page keeps


def page_name(text: str) -> str:
    """The file name of a page: what can be read of ``text``, and a digest that tells it apart."""
    stem = text.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
    readable = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:NAME_LENGTH]
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{readable}-{digest}.html" if readable else f"{digest}.html"


def rep_page(rep: str | None) -> str:
    """The file name of a rep's scorecard; no rep's is one that no name can have."""
    return "unknown.html" if rep is None else page_name(rep)
