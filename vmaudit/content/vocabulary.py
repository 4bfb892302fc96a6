"""The words in which digits are said, and those that people put around them.

English in every region. Sets and tables only: ``vmaudit.content.tokens`` applies them.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = [
    "AGAIN", "AMOUNT", "HOMOPHONES", "MEASURES", "MONEY", "NUMBER_WORDS", "PHRASE", "PHRASES",
    "SKIPPED", "Kind", "keypad",
]  # fmt: skip

Kind = Literal[
    "digits", "unit", "tens", "oh", "homophone", "letters", "scale", "times", "plus", "skip",
    "again", "cue", "area", "extension", "break",
]  # fmt: skip

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

NUMBER_WORDS: dict[str, tuple[Kind, str]] = {
    **{word: ("unit", str(value)) for value, word in enumerate(_UNITS, 1)},
    **{word: ("digits", str(value)) for value, word in enumerate(_TEENS, 10)},
    **{word: ("tens", str(value)) for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    **dict.fromkeys(("zero", "nought", "naught", "aught", "nil"), ("digits", "0")),
    **dict.fromkeys(("oh", "o"), ("oh", "0")),
    "niner": ("unit", "9"),
    "fourty": ("tens", "40"),
    "hundred": ("scale", "00"),
    "thousand": ("scale", "000"),
    "double": ("times", "2"),
    "triple": ("times", "3"),
    "treble": ("times", "3"),
    "plus": ("plus", ""),
}

# What a recogniser writes for a digit it took for another word; "C-56" is "three five six".
HOMOPHONES = {
    **dict.fromkeys(("won", "wan"), "1"),
    **dict.fromkeys(("to", "too"), "2"),
    **dict.fromkeys(("tree", "free", "c", "see", "sea"), "3"),
    **dict.fromkeys(("for", "fore"), "4"),
    **dict.fromkeys(("fife",), "5"),
    **dict.fromkeys(("sicks", "sex"), "6"),
    **dict.fromkeys(("ate", "hate"), "8"),
    **dict.fromkeys(("nein",), "9"),
    **dict.fromkeys(("owe",), "0"),
}

_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")  # ITU-T E.161


def keypad(letters: str) -> str:
    """The digits of the keys that bear these letters: "CARS" is 2277."""
    return letters.upper().translate(_KEYPAD)


def _vocabulary(words: str) -> frozenset[str]:
    return frozenset(words.split())


SKIPPED = _vocabulary(
    "um umm uh uhm uhh er erm ah hm hmm mm and or so then like okay ok yeah the my number phone "
    "is are dash hyphen dot digits"
)
AGAIN = _vocabulary("again that's thats that it's its repeat")
MONEY = _vocabulary("dollars dollar bucks cents percent pounds euros grand million billion")
MEASURES = MONEY | _vocabulary(
    "minutes minute hours hour weeks week months month years year days day am pm a.m p.m o'clock "
    "miles mile mpg horsepower inches inch feet foot"
)

AMOUNT = re.compile(  # thousands by commas; a decimal point; dates
    r"""
    [0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)? | [0-9]{1,2}\.[0-9]+ | [0-9]+\.[0-9]{1,2}
    | [0-9]{1,2}[-./][0-9]{1,2}[-./](?:19|20)[0-9]{2} | (?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}
    """,
    re.VERBOSE,
)

_THAT_NUMBER = r"(?:\s+(?:that|it|this|the|whole|number|one))*"
PHRASE = re.compile(
    rf"""
    (?P<cue>(?:(?:(?<![a-z0-9]\s)oh|no|or|so|yeah)[,.]?\s+){{0,3}}
        (?:(?:i'm\s+)?(?:so\s+)?sorry(?:\s+about\s+that)?|excuse\s+me|pardon(?:\s+me)?|correction
        |i\s+mean|scratch\s+that|strike\s+that|make\s+that|my\s+mistake|my\s+bad|wait|actually
        |rather|oops|whoops|nope|no|(?:i\s+apologi[sz]e|my\s+apologies)|hold\s+on|wrong\s+number|(?:oh|my)\s+(?:goodness|gosh|dear)
        |that's\s+(?:wrong|not\s+(?:it|right))|let\s+me\s+correct\s+that
        |let\s+me\s+(?:say|try|repeat|start|do|give\s+you){_THAT_NUMBER}\s+(?:again|over)
        |let\s+me\s+repeat(?:\s+(?:that|it))?(?:\s+for\s+you)?)(?![\w'-]))
    |(?P<area>area\s+code(?![\w'-]))
    |(?P<again>(?:one\s+(?:more|last)\s+time|once\s+(?:more|again)
        |(?:the\s+)?(?:last|final)\s+four(?:\s+digits)?)(?![\w'-]))
    |(?P<skip>(?:you\s+know|let\s+me\s+see|let's\s+see|are\s+you\s+ready|ready
        |(?:have\s+you\s+|did\s+you\s+)?g[oe]t\s+(?:that|it)|hang\s+on|bear\s+with\s+me
        |(?:(?:give\s+me|just)\s+)?(?:a|one)\s+(?:second|sec|moment))(?![\w'-]))
    |(?P<extension>(?:extension(?:'s)?|ext\.?|x)(?=[\s\d.,:]|$)
        (?:[\s.,:]+(?:number|is)(?![\w'-]))*)
    |(?P<letters>(?-i:[A-Z](?:[ -][A-Z]){{2,}}(?![\w'-])))
    |(?P<chunk>\S+)
    """,
    re.IGNORECASE | re.VERBOSE,
)
PHRASES: tuple[Kind, ...] = ("cue", "area", "again", "skip", "extension", "letters")
