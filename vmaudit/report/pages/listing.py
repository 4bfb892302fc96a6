"""All messages as data: the list is drawn in the browser, a screenful at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence

from vmaudit.report.facts import Facts
from vmaudit.report.pages.names import page_name, rep_page
from vmaudit.report.wording import minute

# Order of the cells of a row; assets/listing.js has the same.
COLUMNS = (
    "page",
    "title",
    "path",
    "rep",
    "rep_page",
    "recorded_at",
    "overall",
    "met",
    "value",
    "clarity",
    "repeated",
    "own_number",
    "words_per_minute",
    "fillers_per_minute",
    "message_s",
    "flags",
    "missed",
)
# JSON is JavaScript but for what an old parser takes for the end of a line or of a script.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}

Cell = str | float | bool | list[str] | None


def listing_script(messages: Sequence[Facts]) -> str:
    """A script that leaves the list in ``window.vmauditMessages``.

    A page on disk may not fetch a data file, but it may load a script.
    """
    data = {"columns": COLUMNS, "rows": [_row(message) for message in messages]}
    text = json.dumps(data, separators=(",", ":")).translate(_ESCAPES)
    return f"window.vmauditMessages = {text};\n"


def _row(message: Facts) -> list[Cell]:
    return [
        page_name(message.path),
        message.prospect or message.path.rsplit("/", 1)[-1],
        message.path,
        message.rep,
        rep_page(message.rep),
        minute(message.recorded_at),
        message.overall,
        _percent(message.met_share),
        _percent(message.value),
        _percent(message.clarity),
        message.verdicts.get("number_repeated"),
        message.verdicts.get("own_number"),
        _rounded(message.values.get("words_per_minute"), 0),
        _rounded(message.values.get("fillers_per_minute"), 1),
        _rounded(message.values.get("message_s"), 1),
        _flags(message),
        [key for key, met in message.verdicts.items() if not met],
    ]


def _flags(message: Facts) -> list[str]:
    flags = {
        "review": message.needs_review,
        "not_scorable": not message.scored,
        "new": message.is_new,
    }
    return [name for name, holds in flags.items() if holds]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share)


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)
