"""Words as the rules on wording see them: plain text, and the punctuation that closes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from vmaudit.records import Word


def word_set(text: str) -> frozenset[str]:
    """Split a list of words at its spaces."""
    return frozenset(text.split())


_EDGES = ' \t\n.,;:!?-\u2013\u2014\u2026"\u201c\u201d()[]*'  # an apostrophe stays: 'er is a word
_SENTENCE_END = re.compile(r"[.!?][\"\u201d)\]]*$")
_PHRASE_END = re.compile(r"([,;:\u2026\u2013\u2014]|--|\.\.\.)[\"\u201d)\]]*$")
HESITATIONS = word_set("um umm uh uhh uhm er erm hmm hm mm ah")
_NUMBER_WORDS = word_set(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand million"
)


class Close(IntEnum):
    """How strongly punctuation closes what stands before it."""

    NONE = 0
    PHRASE = 1
    SENTENCE = 2


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case without its punctuation; ``cut_off``: written with a hyphen behind."""

    text: str
    close: Close
    cut_off: bool
    word: Word

    @property
    def is_number(self) -> bool:
        """Whether it is said as a number: digits or a number word."""
        return self.text in _NUMBER_WORDS or any(letter.isdecimal() for letter in self.text)


def tokens(words: Sequence[Word]) -> tuple[Token, ...]:
    """Split words from their punctuation; what is punctuation alone closes the word before."""
    found: list[Token] = []
    for word in words:
        written = word.text.strip().replace("\u2019", "'")
        text, close = written.strip(_EDGES).lower(), _close(written)
        if text:
            cut_off = written.endswith("-") and not written.endswith("--") and text[-1].isalpha()
            found.append(Token(text, close, cut_off, word))
        elif found:
            last = found[-1]
            found[-1] = Token(last.text, max(last.close, close), last.cut_off, last.word)
    return tuple(found)


def _close(written: str) -> Close:
    if _PHRASE_END.search(written):
        return Close.PHRASE
    return Close.SENTENCE if _SENTENCE_END.search(written) else Close.NONE
