"""The file names of pages."""

from __future__ import annotations

import hashlib
import re

NAME_LENGTH = 40  # characters of a file name that its page keeps
NO_REP_PAGE = "unknown.html"

_PAGE = re.compile(rf"(?:[a-z0-9][a-z0-9-]{{0,{NAME_LENGTH - 1}}}-)?[0-9a-f]{{10}}\.html")


def page_name(text: str) -> str:
    """The file name of a page: what can be read of ``text``, and a digest that tells it apart."""
    stem = text.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
    readable = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:NAME_LENGTH]
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{readable}-{digest}.html" if readable else f"{digest}.html"


def rep_page(rep: str | None) -> str:
    """The file name of a rep's scorecard; no rep's is one that no name can have."""
    return NO_REP_PAGE if rep is None else page_name(rep)


def is_page_name(name: str) -> bool:
    """Whether a file name is one that a message's or a rep's page may have."""
    return name == NO_REP_PAGE or _PAGE.fullmatch(name) is not None
