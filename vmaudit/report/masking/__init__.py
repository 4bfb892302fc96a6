"""Which words of a text say who somebody is: rules over words, each in a small function.

In doubt a rule hides. The vocabulary is English; docs/privacy.md says what it can miss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from vmaudit.report.masking.addresses import mask_emails, mask_streets
from vmaudit.report.masking.names import mask_greeted, mask_names
from vmaudit.report.masking.numbers import LONG_NUMERAL, NUMBER_DIGITS, mask_codes, mask_numbers
from vmaudit.report.masking.paths import masked_path
from vmaudit.report.masking.text import Known, Text, Token, name_words
from vmaudit.report.masking.vocabulary import DETAIL, GREETING, NAME, NO_NAMES, NUMBER, PATH

__all__ = [
    "DETAIL",
    "GREETING",
    "LONG_NUMERAL",
    "NAME",
    "NO_NAMES",
    "NUMBER",
    "NUMBER_DIGITS",
    "PATH",
    "Known",
    "masked_path",
    "masked_text",
    "masks",
    "name_words",
    "with_mask",
]

# The first that hides a word says what it is; a number that stays is known after the first.
RULES: tuple[Callable[[Text], None], ...] = (
    mask_numbers,
    mask_codes,
    mask_emails,
    mask_streets,
    mask_names,
    mask_greeted,
)


def masks(words: Sequence[str], known: Known, *, stay: Iterable[int] = ()) -> list[str | None]:
    """For each word the mask to put in its place, None where it stays.

    ``stay`` are indices of words that say a number which stays. Linear in the words.
    """
    tokens = [
        Token(word, index == 0 or words[index - 1].endswith((".", "?", "!")))
        for index, word in enumerate(words)
    ]
    text = Text(tokens, known, frozenset(stay))
    for rule in RULES:
        rule(text)
    return [text.hidden.get(index) for index in range(len(tokens))]


def masked_text(text: str, known: Known) -> str:
    """A text with masks; the white space between its words stays as it is."""
    pieces = re.split(r"(\s+)", text)  # words at even places
    found = masks(pieces[::2], known)
    pieces[::2] = [with_mask(word, mask) for word, mask in zip(pieces[::2], found, strict=True)]
    return "".join(pieces)


def with_mask(word: str, mask: str | None) -> str:
    """The mask in place of the word, whose closing punctuation it keeps."""
    if mask is None:
        return word
    return mask + word[len(word.rstrip(".,;:!?")) :]
