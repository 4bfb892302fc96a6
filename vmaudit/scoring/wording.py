"""The words of a message as the scorer reads them: what kind of thing is named, not whose name.

Names, amounts, dates and numbers become classes, so that nothing is learnt of one company,
rep or prospect, and "$2,000 off" reads as "two thousand dollars off" does. English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from vmaudit.delivery.tokens import word_set
from vmaudit.records import Interval, Word

__all__ = ["Token", "as_text", "is_hesitation", "read_wording"]

_EDGES = " \t\n.,;:!?\"()[]*\u2013\u2014\u2026\u201c\u201d'-"
_SENTENCE_END = re.compile(r"[.!?\u2026][\"')\]]*$")
_TITLES = word_set("mr. mrs. ms. dr. prof. st.")  # a full stop that ends no sentence
_DAYS = word_set("monday tuesday wednesday thursday friday saturday sunday weekend")
_MONTHS = word_set(
    "january february march april may june july august september october november december"
)
_VERBS = word_set("may march")  # months only where a capital says so
_COUNTED = word_set(  # "oh", "one" and "second" mean too much else
    "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million"
)
_ORDINALS = word_set(
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
_CLOCK = re.compile(r"\d{1,2}:\d\d(?:[ap]\.?m)?|\d{1,2}[ap]\.?m|o'clock|noon|midnight")
_NTH = re.compile(r"\d+(?:st|nd|rd|th)")
_HESITATIONS = word_set("ah eh er erm hm hmm mhm mm uh uhh uhm um umm")  # counted, not read
_SPEAKER = frozenset({"i", "i'm", "i'll", "i've", "i'd"})  # capitals that are no names
_WORDS_TOO = word_set(  # names that are words as well, and then have no capital
    "art bill chance chase dean drew faith frank grace grant hope joy june mark may pat penny ray "
    "rich rob rose sue wade will young"
)
_POSSESSIVE = re.compile(r"(?<!^it)(?<!^that)(?<!^there)(?<!^let)(?<!^what)(?<!^he)(?<!^she)'s$")


def _parts_in(lower: str, words: frozenset[str]) -> bool:
    return any(part in words for part in lower.split("-"))


# In this order: the word as written without its edges, and in lower case without a possessive.
_CLASSES: Mapping[str, Callable[[str, str], bool]] = {
    "DAY": lambda _, lower: lower in _DAYS or lower.removesuffix("s") in _DAYS,
    "MONTH": lambda word, lower: lower in _MONTHS and word[0].isupper(),
    "MONEY": lambda word, lower: "$" in word or lower in {"dollar", "dollars", "bucks"},
    "PERCENT": lambda word, lower: "%" in word or lower == "percent",
    "CLOCK": lambda _, lower: _CLOCK.fullmatch(lower) is not None,
    "ORDINAL": lambda _, lower: bool(_NTH.fullmatch(lower)) or _parts_in(lower, _ORDINALS),
    "NUMBER": lambda word, lower: (
        any(char.isdigit() for char in word) or _parts_in(lower, _COUNTED)
    ),
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, or a class in capitals; of the words ``[first, last]``."""

    text: str
    first: int
    last: int


def read_wording(
    words: Sequence[Word],
    *,
    numbers: Collection[Interval] = (),
    asked: Collection[Interval] = (),
    prospect: str | None = None,
) -> list[Token]:
    """The tokens in order; words of one class in a row are one token.

    ``numbers`` are the times of callback numbers, ``asked`` those at which what the prospect had
    asked for is named.
    """
    names = frozenset(re.findall(r"[^\W\d_]+", (prospect or "").lower()))
    labelled: list[Token] = []
    opens = True
    for index, word in enumerate(words):
        if _within(word, numbers):
            text = "PHONE"
        elif _within(word, asked):
            text = "ASKED"
        else:
            text = _class_of(word.text, names, opens=opens)
        if text:
            labelled.append(Token(text, index, index))
        ends = _SENTENCE_END.search(word.text) and word.text.lower() not in _TITLES
        opens = bool(ends)
    return list(_merged(labelled))


def is_hesitation(written: str) -> bool:
    """Whether a word is no more than "um" or "uh"."""
    return written.strip(_EDGES).lower() in _HESITATIONS


def as_text(tokens: Sequence[Token]) -> str:
    """The tokens, parted by spaces."""
    return " ".join(token.text for token in tokens)


def _within(word: Word, intervals: Collection[Interval]) -> bool:
    middle_s = (word.start_s + word.end_s) / 2
    return any(interval.start_s <= middle_s <= interval.end_s for interval in intervals)


def _class_of(written: str, names: Collection[str], *, opens: bool) -> str:
    """The token for one word; empty for punctuation and hesitations."""
    word = written.replace("\u2019", "'").strip(_EDGES)
    lower = _POSSESSIVE.sub("", word.lower())
    if is_hesitation(written):
        return ""
    if lower in names and (word[:1].isupper() or lower not in _WORDS_TOO):
        return "YOURNAME"
    if opens and lower in _VERBS:
        return lower
    for name, holds in _CLASSES.items():
        if holds(word, lower):
            return name
    named = not opens and word[:1].isupper() and lower not in _SPEAKER
    return "NAME" if named else lower


def _merged(tokens: Sequence[Token]) -> Iterator[Token]:
    for text, group in groupby(tokens, key=lambda token: token.text):
        run = list(group)
        if text.isupper():
            yield Token(text, run[0].first, run[-1].last)
        else:
            yield from run
