"""Filled pauses (um, uh) in the words that a recogniser wrote down.

Whisper leaves most of them out, so the count is a lower bound. Lexical fillers ("like",
"so") are not counted: a list of words cannot tell them from meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vmaudit.records import Filler, Word

# Not "mm-hmm", "uh-huh" (answers) nor "'er" (her).
_FILLED_PAUSE = re.compile(r"u+h+|u+m+|u+h+m+|e+r+|e+r+m+|h+m+|m{2,}|a+h+", re.IGNORECASE)
_EDGES = ' \t\n.,;:!?-\u2013\u2014\u2026"\u201c\u201d()[]*'  # an apostrophe stays: 'er is a word


def filled_pauses(words: Sequence[Word]) -> tuple[Filler, ...]:
    """Return each word that is a filled pause, lower case, with its times and source."""
    return tuple(
        Filler(text.lower(), word.start_s, word.end_s, "transcript", word.confidence)
        for word in words
        if _FILLED_PAUSE.fullmatch(text := word.text.strip(_EDGES))
    )
