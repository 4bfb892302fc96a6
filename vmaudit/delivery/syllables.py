"""Spoken words and syllables of a transcript's tokens, by rule (English).

A recogniser writes "240-555-0142" or "$500"; a voice says ten words or three. Both
counts here are of what is spoken. Accuracy and the choice of a rule over a dictionary:
docs/decisions/0004-syllables.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# Sounds that the vowel-group rule cannot see, among words that voicemails hold.
_EXCEPTIONS = {
    "area": 3, "areas": 3, "business": 2, "businesses": 3, "camera": 2, "chevrolet": 3,
    "chocolate": 2, "comfortable": 3, "different": 2, "doesn't": 2, "dr": 2, "evening": 2,
    "evenings": 2, "every": 2, "everybody": 4, "everyone": 3, "everything": 3,
    "everywhere": 3, "family": 2, "favorite": 2, "general": 2, "generally": 3, "giant": 2, "hmm": 1,
    "hm": 1, "hundred": 2, "id": 2, "idea": 3, "ideas": 3, "interest": 2, "interested": 3,
    "interesting": 3, "maybe": 2, "mhm": 2, "mm": 1, "mr": 2, "mrs": 2, "ms": 1, "pickup": 2,
    "people": 2, "preferred": 2, "queue": 1, "quiet": 2, "real": 1, "really": 2, "recipe": 3,
    "separate": 2, "sh": 1, "shh": 1, "someone": 2, "something": 2, "sometime": 2,
    "sometimes": 2, "st": 1, "suv": 3, "suvs": 3, "usa": 3, "vehicle": 3, "vehicles": 3,
    "vip": 3, "wednesday": 2, "wednesdays": 2,
}  # fmt: skip

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

# Groups that are written but not said.
_SILENT = re.compile(
    r"""
      (?<=[^aeiouy])e$ (?<![^aeiouyrlw]le)                       # make, not table
    | (?<=[^aeiouydt])ed$ (?<![^aeiouyrlw]led)                   # called, not wanted, enabled
    | (?<=[^aeiouyscgzx])es$ (?<![^aeiouyrlw]les) (?<![cs]hes)   # makes, not boxes, tables
    | (?<=[^aeiouy])e(?=ly$|ful|less$|ments?$|ness$) (?<![^aeiouyrw]le)  # lately, not settlement
    | (?<=[gq])ue[sd]?$                                          # league, unique
    | (?<=ic)a(?=lly$)                                           # basically
    | ^(?:base|drive|else|every|fire|fore|frame|gate|guide|home|house|life|like|make|more|name
        |note|pipe|price|safe|share|side|some|store|there|time|trade|ware|where|whole|wide)
      (?=[bcdfghjklmnpqstwz]+[aeiouy])                           # compounds: homework
    """,
    re.VERBOSE,
)
# Second syllables inside one group of vowel letters, or with no vowel letter at all.
_HIATUS = re.compile(
    r"""
      (?<![cglnstx])i[ao](?=\w) | (?<![cgst])ia$ | io$           # trial, media, radio; not special
    | (?<=l)i(?=ab|anc|at) | (?<=n)i(?=a[bclt])                  # reliable, initiate
    | (?<=[ct])i(?=at[ei])                                       # appreciate
    | iu(?=ms?$|s) | ie(?=t) | ^scie                             # premium, society, science
    | (?<=[dlprv])ie(?=n) (?<!frie)                              # client, convenient
    | (?<=[bcdfhklnprtv])ie(?=rs?$)                              # earlier
    | eo(?!u|n$|ple|rg)                                          # video
    | (?<=^r)ea(?=ct|li) | (?<=cr)ea(?=t[eio])                   # react, reality, create
    | (?<=^th)ea(?=t)                                            # theatre
    | (?<![gq])ua(?!r[da-z]|i|y|de)                              # usual
    | (?<=[tdn])uou                                              # continuous
    | [aeouy]i(?=ng) | (?<![gqb])ui(?=t[yio]|n)                  # going, fruition
    | (?<=[aeou])y[aeo](?!d$) (?<!eye)                           # player, not played
    | (?<=^c)oo(?=pera|rd) | (?<=o)e(?=[mt])                     # coordinate, poet
    | sms?$ | thm$                                               # tourism, rhythm
    | (?<=[ds])n't$ | (?<=[bcdfgklmpstvz])'ll$ | d've$           # didn't, it'll, would've
    | ^mc(?=[^aeiouy])                                           # McGill
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
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    groups = len(_VOWEL_GROUP.findall(word))
    if groups == 0:
        return max(1, sum(3 if letter == "w" else 1 for letter in word if letter.isalpha()))
    return max(1, groups - len(_SILENT.findall(word)) + len(_HIATUS.findall(word)))
