"""From words to tokens: one text, and what each piece of it can mean for a number."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vmaudit.content.vocabulary import (
    AGAIN,
    AMOUNT,
    HOMOPHONES,
    MEASURES,
    NUMBER_WORDS,
    PHRASE,
    PHRASES,
    SKIPPED,
    Kind,
    keypad,
)
from vmaudit.records import Word, goes_on

__all__ = ["Heard", "Token", "tokens"]

LONGEST_NUMBER = 15  # digits, ITU-T E.164; a longer numeral holds more than one number
_GROUP_DIGITS = 3  # written together, behind which letters are dialled
LONGEST_VANITY = 10  # letters; only as many as the number needs are dialled

_NUMERAL = re.compile(r"\+?\(?[0-9]+(?:(?:[-.,()]+|(?<=[0-9]{3})/(?=[0-9]{3}))[0-9]+)*")
_LETTER_O = re.compile(r"(?<![a-z])o(?=[0-9(-]|$)", re.IGNORECASE)  # "O142", "555-O-142"
_CUT_OFF = re.compile(r"[a-z]{1,3}-+[,.]?", re.IGNORECASE)  # "oh one se-"
_STAMMER = re.compile(r"([a-z]{1,3})-(?=\1[a-z])", re.IGNORECASE)  # "f-five"
_OPENING, _CLOSING = "([{\"'*", ".,;:!?)]}\"'*-"
_PLAIN = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2026": ".", "\u00a0": " "}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
_PLAIN_WORDS = SKIPPED | AGAIN | MEASURES


@dataclass(frozen=True, slots=True)
class Heard:
    """The transcript as one string, ``text``, with the offset where each word begins."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, words: Sequence[Word]) -> Heard:
        """Join the words, gluing those that Whisper split at punctuation."""
        pieces: list[str] = []
        starts: list[int] = []
        length = 0
        for word in words:
            piece = word.text.strip().translate(_PLAIN)
            if pieces and not goes_on(piece):
                pieces.append(" ")
                length += 1
            starts.append(length)
            pieces.append(piece)
            length += len(piece)
        return cls("".join(pieces), tuple(starts))

    def word_at(self, offset: int) -> int:
        """Index of the word that holds this character."""
        return bisect_right(self.starts, offset) - 1

    def between(self, first: int, last: int) -> str:
        """The text of the words from ``first`` to ``last``, both included."""
        stop = self.starts[last + 1] if last + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[first] : stop].strip()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text from ``start`` to ``end``; ``digits`` where it can be some."""

    kind: Kind
    start: int
    end: int
    digits: str = ""


def tokens(text: str) -> Iterator[Token]:
    """Every token of the text, in order. Linear in its length."""
    position = 0
    while match := PHRASE.search(text, position):
        position = match.end()
        if match.lastgroup == "chunk":
            yield from _chunk(match.group(), match.start())
            continue
        kind = next(kind for kind in PHRASES if match[kind])
        digits = keypad(re.sub("[ -]", "", match.group())) if kind == "letters" else ""
        yield Token(kind, match.start(), match.end(), digits)


def _chunk(chunk: str, start: int) -> Iterator[Token]:
    core = chunk.lstrip(_OPENING)
    start += len(chunk) - len(core)
    if _CUT_OFF.fullmatch(core):
        yield Token("skip", start, start + len(core))
        return
    stammer = _STAMMER.match(core)
    if stammer:
        core, start = core[stammer.end() :], start + stammer.end()
    core = core.rstrip(_CLOSING)
    if not core:
        return
    if re.search("[0-9]", core):
        core = _LETTER_O.sub("0", core)
        if _NUMERAL.fullmatch(core):
            yield from _numeral(core, start)
            return
    found = _hyphenated(core, start)
    yield from found or [Token(_word(core), start, start + len(core))]


def _word(core: str) -> Kind:
    word = core.lower()
    return "skip" if word in SKIPPED else "again" if word in AGAIN else "break"


def _hyphenated(core: str, start: int) -> list[Token]:
    """The parts of "five-five-five", "240-triple-5" or "1-800-ROOFING"; none of "F-150"."""
    found: list[Token] = []
    for part in core.split("-"):
        kind, digits = _part(part, alone=part == core, grouped=_is_group(found))
        if kind == "break":
            return []
        found.append(Token(kind, start, start + len(part), digits))
        start += len(part) + 1
    return found


def _is_group(parts: Sequence[Token]) -> bool:
    """Whether letters may follow as parts of a number: behind "800", not in "two-wheel-drive"."""
    if not parts:
        return False
    last = parts[-1]
    return last.kind == "letters" or (last.kind == "digits" and len(last.digits) >= _GROUP_DIGITS)


def _part(part: str, *, alone: bool, grouped: bool) -> tuple[Kind, str]:
    word = part.lower()
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    if part.isascii() and part.isdigit():
        return "digits", part
    if word in HOMOPHONES:
        return "homophone", HOMOPHONES[word]
    vanity = part.isascii() and part.isalpha() and 2 <= len(part) <= LONGEST_VANITY
    if vanity and (part.isupper() and word not in _PLAIN_WORDS if alone else grouped):
        return "letters", keypad(part)
    return "break", ""


def _numeral(core: str, start: int) -> Iterator[Token]:
    if AMOUNT.fullmatch(core):
        yield Token("break", start, start + len(core))
        return
    if core.startswith("+"):
        yield Token("plus", start, start + 1)
    for group in re.finditer("[0-9]+", core):
        first = start + group.start()
        if len(group.group()) <= LONGEST_NUMBER:
            yield Token("digits", first, start + group.end(), group.group())
            continue
        for offset, digit in enumerate(group.group()):
            yield Token("digits", first + offset, first + offset + 1, digit)
