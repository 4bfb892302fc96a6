"""Spoken words and syllables of a transcript's tokens (English).

A recogniser writes "240-555-0142" or "$500"; a voice says ten words or three. Both
counts here are of what is spoken. Syllables are looked up in the CMU Pronouncing Dictionary;
a rule counts names and other words that it lacks: docs/decisions/0004-syllables.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# Lacking in the dictionary, or there under another reading: "drive", Freud's "id".
_CORRECTIONS = {"dr": 2, "id": 2, "mm": 1, "shh": 1, "st": 1}

_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"), (100, "hundred"))
_SYMBOLS = {"$": "dollars", "€": "euros", "£": "pounds", "%": "percent", "&": "and", "+": "plus"}

_TOKEN = re.compile(r"\d+(?:,\d{3})+|\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[$€£%&+]")
_ORDINAL_SUFFIX = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_THOUSANDS = re.compile(r",\d{3}\b")
_LONGEST_CARDINAL = 12  # digits: hundreds of billions
_VOWEL_GROUP = re.compile(r"[aeiouyàâäáãåèéêëìíîïòóôöõùúûü]+")

# For words outside the dictionary, most of them names: groups that are written but not said,
_SILENT = re.compile(
    r"""
      (?<=[^aeiouy])e$ (?<![^aeiouyrlw]le)                       # Whitcombe, not Tindle
    | (?<=[^aeiouydt])ed$ (?<![^aeiouyrlw]led)                   # rescanned, not retested
    | (?<=[^aeiouyscgzx])es$ (?<![^aeiouyrlw]les) (?<![cs]hes)   # Yates, not Hatches
    """,
    re.VERBOSE,
)
# and second syllables inside one group of vowel letters, or with no vowel letter at all.
_HIATUS = re.compile(
    r"""
      (?<![cgstx])i[ao] | io$          # Fiallo, Daltrio
    | (?<=[aeou])y[aeo]                # Kaya
    | [aeouy]i(?=ng)                   # regluing
    | ^mc(?=[^aeiouy])                 # McGill
    | sms?$                            # touchisms
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """How many words and syllables a token has when it is said aloud."""

    words: int
    syllables: int


@lru_cache(maxsize=8192)
def spoken(token: str) -> Spoken:
    """Count the words and syllables that a voice makes of one written token.

    Three or more digits are read one by one, as in a telephone number; one or two
    digits, sums of money, percentages and numbers grouped by commas as cardinals;
    a leading zero as digits. Vowelless words (BMW) are spelled. Punctuation alone counts
    as nothing.
    """
    text = _ORDINAL_SUFFIX.sub("", token.strip().replace("\u2019", "'"))
    parts = _TOKEN.findall(text)
    as_cardinal = any(symbol in text for symbol in "$€£%")
    words = [word for part in parts for word in _read_aloud(part, as_cardinal)]
    if _THOUSANDS.match(text):  # Whisper cuts "$25,000" into "$25" and ",000"
        words = ["thousand", *(_cardinal(int(parts[0])) if int(parts[0]) else [])]
    return Spoken(len(words), sum(_syllables(word.lower()) for word in words))


def _read_aloud(part: str, as_cardinal: bool) -> list[str]:
    if part in _SYMBOLS:
        return [_SYMBOLS[part]]
    if not part[0].isdecimal():
        return [part]
    digits = part.replace(",", "")
    short = len(digits) < 3 and not (len(digits) == 2 and digits[0] == "0")
    if len(digits) <= _LONGEST_CARDINAL and (short or as_cardinal or "," in part):
        return _cardinal(int(digits))
    return [_UNITS[int(digit)] for digit in digits]


def _cardinal(number: int) -> list[str]:
    if number < 20:
        return [_UNITS[number]]
    if number < 100:
        rest = number % 10
        return [_TENS[number // 10], *([_UNITS[rest]] if rest else [])]
    scale, name = next(pair for pair in _SCALES if number >= pair[0])
    rest = number % scale
    return [*_cardinal(number // scale), name, *(_cardinal(rest) if rest else [])]


def _syllables(word: str) -> int:
    from pysyllables import get_syllable_count  # reads 134,000 lines when imported: 0.1 s

    listed: int | None = _CORRECTIONS.get(word) or get_syllable_count(word)
    return listed or by_rule(word)


def by_rule(word: str) -> int:
    """Count the syllables of a lower-case word from its letters alone."""
    groups = len(_VOWEL_GROUP.findall(word))
    if groups == 0:
        return max(1, sum(3 if letter == "w" else 1 for letter in word if letter.isalpha()))
    return max(1, groups - len(_SILENT.findall(word)) + len(_HIATUS.findall(word)))
