"""Any telephone number in any of the ways in which people say it and recognisers write it.

The choices come from a ``random.Random``: a seeded one, or hypothesis's, which shrinks them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from vmaudit.content.plan import numbering_plan
from vmaudit.records import Word

REGIONS = ("GB", "AU", "DE", "FR", "IN", "IE", "NZ")
WORD_S, STEP_S = 0.25, 0.3  # no gap long enough to count as a pause
PAUSE = "/"  # in a text: a silence of PAUSE_S
PAUSE_S = 0.6


def listed(words: str) -> list[str]:
    """The words of a string."""
    return words.split()


UNITS = listed("zero one two three four five six seven eight nine")
TEENS = listed("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
MISHEARD = {"1": ("won",), "2": ("to", "too"), "3": ("tree",), "4": ("for", "fore"), "8": ("ate",)}
KEYS = {
    "2": "ABC", "3": "DEF", "4": "GHI", "5": "JKL", "6": "MNO", "7": "PRS", "8": "TUV", "9": "WXY",
}  # fmt: skip
HESITATIONS = ("um", "uh,", "er", "and", "that's", "and then", "uh, um", "let's see,", PAUSE)
HESITATES, ABROAD, SPOKEN = 0.15, 0.2, 0.6  # how often: between atoms, with +, in words
CUES = ("sorry,", "no, wait,", "I mean", "actually,", "scratch that,", "let me say that again,")


@dataclass(frozen=True)
class Message:
    """A text and the numbers it states, with how often."""

    text: str
    numbers: dict[str, int]
    region: str = "US"


def said(text: str, confidence: float = 0.9) -> list[Word]:
    """The words of a text at an even pace, with a silence at each ``PAUSE``."""
    words: list[Word] = []
    time_s = 0.0
    for piece in text.split():
        if piece == PAUSE:
            time_s += PAUSE_S
            continue
        words.append(Word(piece, time_s, time_s + WORD_S, confidence))
        time_s += STEP_S
    return words


def american_number(draw: Random) -> str:
    """Any number of the form NPA-NXX-XXXX."""
    first, fourth = (str(draw.randint(2, 9)) for _ in range(2))
    rest = [str(draw.randint(0, 9)) for _ in range(8)]
    return "".join([first, *rest[:2], fourth, *rest[2:]])


def pair(digits: str) -> str:
    """Two digits, the first not 0, as one number: "fifteen", "forty two"."""
    if digits[0] == "1":
        return TEENS[int(digits[1])]
    tens = TENS[int(digits[0]) - 2]
    return tens if digits[1] == "0" else f"{tens} {UNITS[int(digits[1])]}"


def single(digit: str, draw: Random) -> str:
    """One digit as a word or a numeral."""
    return draw.choice([UNITS[int(digit)], digit, *(["oh"] if digit == "0" else [])])


def runs(digits: str, draw: Random, *, double: bool) -> list[str]:
    """Digit by digit, with "double" and "triple" where asked for."""
    atoms = []
    while digits:
        same = min(3, len(digits) - len(digits.lstrip(digits[0])))
        if double and same > 1:
            atoms.append(f"{['double', 'triple'][same - 2]} {single(digits[0], draw)}")
            digits = digits[same:]
        else:
            atoms.append(single(digits[0], draw))
            digits = digits[1:]
    return atoms


def pairs(digits: str, draw: Random) -> list[str]:
    """In twos, behind a single digit where their number is odd: "two forty"."""
    head = len(digits) % 2
    atoms = [UNITS[int(digit)] for digit in digits[:head]]
    for start in range(head, len(digits), 2):
        two = digits[start : start + 2]
        atoms += [pair(two)] if two[0] != "0" else [single("0", draw), single(two[1], draw)]
    return atoms


def group(digits: str, draw: Random) -> list[str]:
    """One group of a North American number as atoms, between which a speaker may hesitate."""
    ways = ["numeral", "digits", "runs", "hyphens"]
    if digits[-3] != "0":
        ways.append("pairs")
    if digits.endswith("00") and digits[0] != "0":
        ways.append("hundred")
    way = draw.choice(ways)
    if way == "numeral":
        return [digits]
    if way == "hyphens":
        return ["-".join(UNITS[int(digit)] for digit in digits)]
    if way == "hundred":
        return [f"{UNITS[int(digits[0])] if len(digits) == 3 else pair(digits[:2])} hundred"]
    return pairs(digits, draw) if way == "pairs" else runs(digits, draw, double=way == "runs")


def written(digits: str, draw: Random) -> list[str]:
    """As a recogniser writes it: in its groups, cut anywhere, or one by one."""
    groups = [digits[:3], digits[3:6], digits[6:]]
    way = draw.choice(["joined", "brackets", "cut", "by one"])
    if way == "joined":
        return [draw.choice(["", "-", ".", " -", " "]).join(groups)]
    if way == "brackets":
        return [f"({groups[0]}){draw.choice(['', ' '])}{groups[1]}{draw.choice('- ')}{groups[2]}"]
    if way == "by one":
        return draw.choice([", ", "-", " ", ". "]).join(digits).split(" ")
    atoms = []
    while digits:
        length = draw.randint(1, 5)
        atoms.append(digits[:length])
        digits = digits[length:]
    return [draw.choice([" ", "-", ", "]).join(atoms)]


def misheard(digits: str, draw: Random) -> list[str]:
    """Digit by digit, one or two of them inside taken for another word."""
    atoms = [UNITS[int(digit)] for digit in digits]
    places = [place for place in range(1, len(digits) - 1) if digits[place] in MISHEARD]
    for place in draw.sample(places, min(len(places), draw.randint(1, 2))):
        atoms[place] = draw.choice(MISHEARD[digits[place]])
    return atoms


def vanity(digits: str, draw: Random) -> list[str] | None:
    """The last four as letters, None where a key has none."""
    if not set(digits[6:]) <= set(KEYS):
        return None
    letters = [draw.choice(KEYS[digit]) for digit in digits[6:]]
    return [f"{digits[:3]}-{digits[3:6]}-{''.join(letters)}"]


def american(digits: str, draw: Random) -> list[str]:
    """A whole North American number as atoms."""
    way = draw.choice(["written", "groups", "groups", "groups", "misheard", "vanity"])
    if way == "written":
        return written(digits, draw)
    if way == "misheard":
        return misheard(digits, draw)
    if way == "vanity" and (atoms := vanity(digits, draw)):
        return atoms
    lead = draw.choice([[], [], ["one"], ["1"], ["plus one"], ["+1"], ["area code"]])
    atoms = [*lead]
    for part in (digits[:3], digits[3:6], digits[6:]):
        spoken = group(part, draw)
        atoms += [*spoken[:-1], spoken[-1] + draw.choice(["", "", ",", "."])]
    return atoms


def hesitant(atoms: Sequence[str], draw: Random) -> list[str]:
    """The same with hesitations and pauses between atoms, never behind what leads a number."""
    spoken = [atoms[0]]
    for atom in atoms[1:]:
        inside = spoken[-1] in ("area code", "plus one", "+1")
        if not inside and draw.random() < HESITATES:
            spoken.append(draw.choice(HESITATIONS))
        spoken.append(atom)
    return spoken


def message(draw: Random) -> Message:
    """A message that states one number, once or twice, or after a slip."""
    digits = american_number(draw)
    once, again = (" ".join(hesitant(american(digits, draw), draw)) for _ in range(2))
    way = draw.choice(["once", "twice", "again", "corrected"])
    if way == "once":
        return Message(f"Reach me at {once} thanks", {digits: 1})
    if way == "twice":
        return Message(f"My number is {once.rstrip(',.')}. {again}", {digits: 2})
    if way == "again":
        return Message(f"It's {once} and again that's {again} bye", {digits: 2})
    slip = american_number(draw)[:3]
    begun = " ".join(group(slip, draw)).rstrip(",.")
    return Message(f"Call {begun}, {draw.choice(CUES)} {once}", {digits: 1})


def abroad(region: str, draw: Random) -> Message:
    """A message that states a number of another plan in its groups, with the trunk prefix."""
    kind = draw.choice([PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE])
    example = phonenumbers.example_number_for_type(region, kind)
    assert example is not None
    national = phonenumbers.national_significant_number(example)
    digits = national[:-4] + "".join(str(draw.randint(0, 9)) for _ in range(4))
    number = phonenumbers.parse(f"+{numbering_plan(region).country_code}{digits}")
    international = draw.random() < ABROAD
    form = PhoneNumberFormat.INTERNATIONAL if international else PhoneNumberFormat.NATIONAL
    text = phonenumbers.format_number(number, form)
    atoms: list[str] = []
    for part in text.replace("-", " ").split():
        spoken = part.isdigit() and draw.random() < SPOKEN
        atoms += runs(part, draw, double=True) if spoken else [part]
    times = draw.randint(1, 2)
    return Message(
        f"Ring me on {', again '.join([' '.join(atoms)] * times)} thanks", {digits: times}, region
    )


def messages(count: int, *, seed: int) -> Iterator[Message]:
    """Seeded messages, every tenth with a number of another plan than North America's."""
    draw = Random(seed)
    for index in range(count):
        yield message(draw) if index % 10 else abroad(draw.choice(REGIONS), draw)
