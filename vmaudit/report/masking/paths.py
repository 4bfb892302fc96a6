"""Names and telephone numbers in the path of a recording."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, pairwise

from vmaudit.report.masking.numbers import NUMBER_DIGITS
from vmaudit.report.masking.text import Known, letters, made_of
from vmaudit.report.masking.vocabulary import NAME, NUMBER

__all__ = ["masked_path"]

PARTS = 3  # of one name that may stand apart: "Mac_Gill_Eain"
SHORT_NAME = 3  # letters; a longer name is told inside of another word too

_DAY = "|".join(
    rf"{mark}(?:0[1-9]|1[0-2]){mark}(?:0[1-9]|[12]\d|3[01])" for mark in ("", "-", "_", r"\.")
)
_TIME = r"[-_T ]?[0-2]\d[-_:.]?[0-5]\d(?:[-_:.]?\d\d)?"
_DATE = rf"(?<!\d)(?:19|20)\d\d(?:{_DAY})(?:{_TIME})?(?!\d)"
# Whatever parts the digits of a number, a folder does not.
_DATE_OR_NUMERAL = re.compile(rf"(?P<date>{_DATE})|\+?\d(?:(?:[^\w/]|_){{0,3}}(?!{_DATE})\d)*")
_BETWEEN_PARTS = re.compile(r"(?:[^\w/]|_){1,2}")


def masked_path(path: str, known: Known) -> str:
    """A path without names and telephone numbers; dates and all else stay."""
    masked = _DATE_OR_NUMERAL.sub(_masked_numeral, path)
    for start, end in reversed(list(_names(masked, known))):
        masked = masked[:start] + NAME + masked[end:]
    return masked


def _masked_numeral(match: re.Match[str]) -> str:
    is_long = sum(char.isdecimal() for char in match.group()) >= NUMBER_DIGITS
    return NUMBER if is_long and not match["date"] else match.group()


def _names(path: str, known: Known) -> Iterator[tuple[int, int]]:
    """Where names begin and end: each a word, or some that make one together ("O_Neil")."""
    words, first = list(_words(path)), 0
    while first < len(words):
        for last in range(min(first + PARTS, len(words)) - 1, first - 1, -1):
            if _is_name(path, words[first : last + 1], known):
                yield words[first][0], words[last][1]
                first = last
                break
        first += 1


def _words(path: str) -> Iterator[tuple[int, int]]:
    """Where letters in a row begin and end, with the accents and vowel signs that follow them."""
    for in_word, places in groupby(range(len(path)), lambda at: _is_of_word(path[at])):
        if in_word:
            found = list(places)
            yield found[0], found[-1] + 1


def _is_of_word(char: str) -> bool:
    return char.isalpha() or unicodedata.category(char).startswith("M")


def _is_name(path: str, parts: list[tuple[int, int]], known: Known) -> bool:
    names = known.names | known.proper
    joined = "".join(letters(path[start:end]) for start, end in parts)
    if len(parts) == 1:
        inside = any(len(name) > SHORT_NAME and name in joined for name in known.names)
        return inside or made_of(joined, names)
    between = (path[one[1] : other[0]] for one, other in pairwise(parts))
    return joined in names and all(map(_BETWEEN_PARTS.fullmatch, between))
