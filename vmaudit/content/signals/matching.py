"""Whether two wordings name the same thing, however a recogniser spelt what it heard.

"Silverado" is heard as "silver auto", "F-150" as "f one fifty", a name as another that sounds like
it. Both sides are brought to one spelling without spaces, then compared by letters and by sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from vmaudit.content.vocabulary import NUMBER_WORDS

__all__ = ["likeness", "run_together", "spellings", "spelt"]

_LONGEST = 4  # words that one word can be heard as: "C R V", "f one fifty"
_NOT_SPELT = re.compile(r"[^\w]|_")

# Sounds that a telephone line or a recogniser confuses share a letter; vowels are left out but for
# their place. Classes as in Soundex (Russell, US patent 1,261,167), nasals and liquids apart.
_CONSONANTS = str.maketrans(
    {
        **dict.fromkeys("bpfv", "p"),
        **dict.fromkeys("cgjkqxsz", "k"),
        **dict.fromkeys("dt", "t"),
        **dict.fromkeys("mn", "m"),
        **dict.fromkeys("aeiouy", "a"),
        **dict.fromkeys("hw", ""),
    }
)
_NO_DIGIT = re.compile(r"[^0-9]+")
_RUNS = re.compile(r"(.)\1+")


def spelt(word: str) -> str:
    """The letters, in lower case, and digits of a word."""
    return word.lower() if word.isalnum() else _NOT_SPELT.sub("", word.lower())


def run_together(words: Sequence[str]) -> str:
    """The words' letters, in lower case, and digits; "f one fifty" is f150."""
    return "".join(_digits(words))


@lru_cache(maxsize=4096)
def _run_together(word: str) -> str:
    return run_together([word])


def _digits(words: Sequence[str]) -> Iterator[str]:
    """Each word without its marks, as digits where it says some."""
    parts = [part for word in words for part in word.lower().split("-")]
    numbers = [NUMBER_WORDS.get(part, ("", "")) for part in parts]
    for index, (kind, digits) in enumerate(numbers):
        following, more = numbers[index + 1] if index + 1 < len(numbers) else ("", "")
        if kind == "tens" and following == "unit":
            yield digits[0]
        elif kind == "scale":
            yield digits[: -len(more)] if following in {"unit", "digits", "tens"} else digits
        elif kind in {"unit", "digits", "tens"} or (kind == "oh" and index):
            yield digits
        else:
            yield spelt(parts[index])


@lru_cache(maxsize=4096)
def _sound(spelling: str) -> str:
    """The consonants of a spelling in classes, with one mark for each run of vowels."""
    return _RUNS.sub(r"\1", spelling.translate(_CONSONANTS))


def likeness(one: str, other: str) -> float:
    """How alike two run-together spellings are, in [0, 1]; 1.0 where they are the same.

    The mean of two indel similarities, by letters and by sound. Digits must agree.
    """
    if one == other:
        return 1.0
    if _NO_DIGIT.sub("", one) != _NO_DIGIT.sub("", other):
        return 0.0
    by_letters = fuzz.ratio(one, other)
    return (by_letters + fuzz.ratio(_sound(one), _sound(other))) / 200


def spellings(words: Sequence[str], longest: int) -> Iterator[tuple[str, int, int]]:
    """Every run of up to four words, run together, of up to ``longest`` letters and digits.

    Each with the index of its first and its last word.
    """
    alone = [_run_together(word) for word in words]
    counts = [not NUMBER_WORDS.keys().isdisjoint(word.lower().split("-")) for word in words]
    for first in range(len(words)):
        spelling = ""
        for last in range(first, min(first + _LONGEST, len(words))):
            # A number word may be read with its neighbours: "twenty" and "one" are 21.
            in_context = counts[last] or (last > first and counts[last - 1])
            spelling = (
                run_together(words[first : last + 1]) if in_context else spelling + alone[last]
            )
            if len(spelling) > longest:
                break
            yield spelling, first, last
