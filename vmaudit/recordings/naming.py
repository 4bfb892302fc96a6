"""Metadata from file names: ``--name-pattern '{rep}_{date}_{phone}.wav'``.

A pattern is literal text and fields. Matching tries every way to divide the name, with
dead ends remembered, so that its time grows with the square of the name's length and a
name made to be slow cannot be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Literal, cast

from vmaudit.errors import ConfigError
from vmaudit.recordings.dates import parse_date
from vmaudit.records import CallMetadata

__all__ = ["NamePattern"]

IGNORE = "ignore"
MAX_NAME_CHARACTERS = 1024  # more than any file system allows one name; deep paths end here

_TOKEN = re.compile(r"\{([^{}]*)\}|([^{}]+)")
_TIME = re.compile(r"(\d{2})[-:.]?(\d{2})(?:[-:.]?(\d{2}))?")
_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[Tt _-]?\d{2}[-:.]?\d{2}(?:[-:.]?\d{2})?)?")
_PHONE = re.compile(r"\+?[0-9(][0-9().\- ]*[0-9]")
_ATTEMPT = re.compile(r"[0-9]{1,4}")
_TEXT = re.compile(r"[^/]+")


def _read_time(text: str) -> time:
    match = cast(re.Match[str], _TIME.fullmatch(text))
    hour, minute, second = (int(part) for part in match.groups("0"))
    return time(hour, minute, second)


def _read_line(text: str) -> str:
    return text.lower()


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field's text looks like, and how it is read (``ValueError``: not this field)."""

    shape: re.Pattern[str]
    read: Callable[[str], Any]


_FIELDS: Mapping[str, _Field] = {
    "rep": _Field(_TEXT, str.strip),
    "prospect": _Field(_TEXT, str.strip),
    "company": _Field(_TEXT, str.strip),
    "phone": _Field(_PHONE, str.strip),
    "date": _Field(_DATE, parse_date),
    "time": _Field(_TIME, _read_time),
    "line": _Field(re.compile("consumer|business", re.IGNORECASE), _read_line),
    "attempt": _Field(_ATTEMPT, int),
    IGNORE: _Field(re.compile(r"[^/]*"), str),
}


class NamePattern:
    """One compiled pattern. Raises ``ConfigError`` that says what is wrong with it.

    Letters match in any case. A pattern with "/" is matched against the relative path,
    any other against the file name.
    """

    def __init__(self, pattern: str) -> None:
        self.uses_path = "/" in pattern
        self._tokens = _tokens_of(pattern)

    def match(self, relative_path: str) -> CallMetadata | None:
        """Read what the name says, or None where it does not fit."""
        text = relative_path if self.uses_path else relative_path.rpartition("/")[2]
        if len(text) > MAX_NAME_CHARACTERS:
            return None
        values = _divide(self._tokens, text)
        return None if values is None else _metadata(values)


@dataclass(frozen=True, slots=True)
class _Token:
    """A field by name, or literal text."""

    field: str | None
    literal: re.Pattern[str]


def _tokens_of(pattern: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    end = 0
    for found in _TOKEN.finditer(pattern):
        if found.start() != end:
            break
        end = found.end()
        name = found[1]
        if name is not None and name not in _FIELDS:
            known = f"known: {', '.join(_FIELDS)}"
            raise ConfigError(f"name pattern {pattern!r}: unknown field {{{name}}} ({known})")
        tokens.append(_Token(name, re.compile(re.escape(found[2] or ""), re.IGNORECASE)))
    if end != len(pattern):
        raise ConfigError(f"name pattern {pattern!r}: a brace without its partner at {end + 1}")
    _verify(pattern, [token.field for token in tokens if token.field not in (None, IGNORE)])
    return tuple(tokens)


def _verify(pattern: str, fields: list[str | None]) -> None:
    if not fields:
        raise ConfigError(f"name pattern {pattern!r}: names no field, such as {{rep}}")
    for name in fields:
        if fields.count(name) > 1:
            raise ConfigError(f"name pattern {pattern!r}: {{{name}}} stands there twice")
    if "time" in fields and "date" not in fields:
        raise ConfigError(f"name pattern {pattern!r}: {{time}} needs {{date}}")


def _divide(tokens: tuple[_Token, ...], text: str) -> dict[str, Any] | None:
    """Divide ``text`` among ``tokens``, the shortest fit of each text field first."""
    dead_ends: set[tuple[int, int]] = set()

    def divide_from(index: int, start: int) -> dict[str, Any] | None:
        if index == len(tokens):
            return {} if start == len(text) else None
        if (index, start) in dead_ends:
            return None
        for end, value in _fits(tokens, index, text, start):
            rest = divide_from(index + 1, end)
            if rest is not None:
                name = tokens[index].field
                return rest if name in (None, IGNORE) else {name: value, **rest}
        dead_ends.add((index, start))
        return None

    return divide_from(0, 0)


def _fits(
    tokens: tuple[_Token, ...], index: int, text: str, start: int
) -> Iterator[tuple[int, Any]]:
    """Yield where token ``index`` may end if it begins at ``start``, with its value."""
    token = tokens[index]
    if token.field is None:
        if found := token.literal.match(text, start):
            yield found.end(), None
        return
    field = _FIELDS[token.field]
    for end in _ends(tokens, index, text, start):
        if not field.shape.fullmatch(text, start, end):
            continue
        try:
            yield end, field.read(text[start:end])
        except ValueError:
            continue


def _ends(tokens: tuple[_Token, ...], index: int, text: str, start: int) -> Iterator[int]:
    """Yield the places where what follows the field may begin."""
    if index + 1 == len(tokens):
        yield len(text)
    elif tokens[index + 1].field is not None:
        yield from range(start, len(text) + 1)
    else:
        position = start
        while found := tokens[index + 1].literal.search(text, position):
            yield found.start()
            position = found.start() + 1


def _metadata(values: Mapping[str, Any]) -> CallMetadata:
    recorded_at = values.get("date")
    if recorded_at is not None and "time" in values:
        recorded_at = recorded_at.replace(
            hour=values["time"].hour, minute=values["time"].minute, second=values["time"].second
        )
    return CallMetadata(
        rep=values.get("rep") or None,
        recorded_at=recorded_at,
        prospect=values.get("prospect") or None,
        company=values.get("company") or None,
        phone=values.get("phone"),
        line=cast(Literal["consumer", "business"] | None, values.get("line")),
        attempt=values.get("attempt"),
    )
