"""From words to runs of digits: what was said, before any numbering plan is asked.

A *run* is a stretch of digit words with nothing between them but hesitations, punctuation
and the phrases people put inside a number ("area code", "again", "sorry"). Anything else
ends it. A run keeps every reading open that a listener would: "forty five" may be 45, or 40
and then 5. Choosing is for ``vmaudit.content.numbers``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from vmaudit.records import Word

__all__ = ["Gap", "Heard", "Item", "Run", "read_runs"]

PAUSE_S = 0.4  # longer than the gaps between the words of a fluent group of digits
LONGEST_NUMBER = 15  # digits, ITU-T E.164; a longer numeral holds more than one number
EXTENSION_DIGITS = 6
WORDS_TO_EXTENSION = 4  # "... 0142, and my extension is 12"
CONTEXT_CHARS = 80  # how far back a label such as "account number" may begin

Kind = Literal[
    "digits", "unit", "tens", "oh", "scale", "times", "plus", "skip", "again", "cue", "area",
    "extension", "break",
]  # fmt: skip

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

_NUMBER_WORDS: dict[str, tuple[Kind, str]] = {
    **{word: ("unit", str(value)) for value, word in enumerate(_UNITS, 1)},
    **{word: ("digits", str(value)) for value, word in enumerate(_TEENS, 10)},
    **{word: ("tens", str(value)) for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    **dict.fromkeys(("zero", "nought", "naught"), ("digits", "0")),
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


def _vocabulary(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SKIPPED = _vocabulary(
    "um umm uh uhm uhh er erm ah hm hmm mm and or so then like okay ok yeah the my number phone "
    "is dash hyphen dot"
)
_AGAIN = _vocabulary("again that's thats that it's its repeat")
_MONEY = _vocabulary("dollars dollar bucks cents percent pounds euros grand million billion")
_MEASURES = _MONEY | _vocabulary(
    "minutes minute hours hour weeks week months month years year am pm a.m p.m o'clock "
    "miles mile mpg horsepower inches inch feet foot"
)

_TOKEN = re.compile(
    r"""
    (?P<cue>(?:(?:oh|no|or|so)[,.]?\s+){0,3}
        (?:(?:i'm\s+)?sorry|excuse\s+me|pardon(?:\s+me)?|correction|i\s+mean|scratch\s+that
        |strike\s+that|make\s+that|my\s+mistake|wait|actually|rather|oops|whoops|no)(?![\w'-]))
    |(?P<area>area\s+code(?![\w'-]))
    |(?P<again>(?:one\s+(?:more|last)\s+time
        |let\s+me\s+(?:say|try|repeat|start|do)(?:\s+(?:that|it|this))?\s+(?:again|over)
        |let\s+me\s+repeat\s+(?:that|it))(?![\w'-]))
    |(?P<skip>you\s+know(?![\w'-]))
    |(?P<extension>(?:extension|ext\.?|x)(?=[\s\d.,:]|$)(?:[\s.,:]+(?:number|is)(?![\w'-]))*)
    |(?P<chunk>\S+)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PHRASES: tuple[Kind, ...] = ("cue", "area", "again", "skip", "extension")  # groups of _TOKEN
_NUMERAL = re.compile(r"\+?\(?[0-9]+(?:[-.,()]+[0-9]+)*")
_AMOUNT = re.compile(  # thousands by commas; a decimal point
    r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,2}\.[0-9]+|[0-9]+\.[0-9]{1,2}"
)
_OPENING, _CLOSING = "([{\"'*", ".,;:!?)]}\"'*-"
_PLAIN = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2026": ".", "\u00a0": " "}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
# Whisper's word splitter begins a new word at the punctuation inside "555-0142" or "$24,995".
_GLUED = re.compile(r"%|[-.,:/)]\w")


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
            if pieces and not _GLUED.match(piece):
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
class _Token:
    kind: Kind
    start: int
    end: int
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """Digits said in one breath: "2405550142", "fifteen", "double five", "eight hundred".

    ``start`` and ``end`` are offsets in the text, ``first_word`` and ``last_word`` indices.
    ``tens`` ("forty") may take a following ``unit`` ("five") in: 45 as well as 40 5.
    ``optional``: may be no digit at all, such as a last "one", or "oh" apart from others.
    """

    digits: str
    start: int
    end: int
    first_word: int
    last_word: int
    tens: bool = False
    unit: bool = False
    optional: bool = False
    plus: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands before an item. ``rank`` says how strongly it parts what it stands between.

    0 nothing, 1 comma, hesitation or pause, 2 end of a sentence or "again", 3 "sorry" (``cue``)
    or "area code" (``area``).
    """

    rank: int = 0
    cue: bool = False
    area: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """``items`` with ``gaps[k]`` before ``items[k]``; ``before`` is the text that led to them."""

    items: tuple[Item, ...]
    gaps: tuple[Gap, ...]
    before: str
    extension: str | None = None


def read_runs(words: Sequence[Word], heard: Heard) -> tuple[Run, ...]:
    """Every run of digits in the transcript, in the order heard. Linear in the words."""
    builder = _RunBuilder(words, heard)
    for part in _merge(list(_tokens(heard.text)), heard):
        builder.add(part)
    return builder.finish()


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        if match.lastgroup == "chunk":
            yield from _chunk(match.group(), match.start())
        else:
            kind = next(kind for kind in _PHRASES if match[kind])
            yield _Token(kind, match.start(), match.end())


def _chunk(chunk: str, start: int) -> Iterator[_Token]:
    core = chunk.lstrip(_OPENING)
    start += len(chunk) - len(core)
    core = core.rstrip(_CLOSING)
    if not core:
        return
    if _NUMERAL.fullmatch(core):
        yield from _numeral(core, start)
        return
    parts = core.lower().split("-")
    if all(part in _NUMBER_WORDS or re.fullmatch("[0-9]+", part) for part in parts):
        for part in parts:
            kind, digits = _NUMBER_WORDS.get(part, ("digits", part))
            yield _Token(kind, start, start + len(part), digits)
            start += len(part) + 1
        return
    word: Kind = "skip" if parts[0] in _SKIPPED else "again" if parts[0] in _AGAIN else "break"
    yield _Token(word if len(parts) == 1 else "break", start, start + len(core))


def _numeral(core: str, start: int) -> Iterator[_Token]:
    if _AMOUNT.fullmatch(core):
        yield _Token("break", start, start + len(core))
        return
    if core.startswith("+"):
        yield _Token("plus", start, start + 1)
    for group in re.finditer("[0-9]+", core):
        first = start + group.start()
        if len(group.group()) <= LONGEST_NUMBER:
            yield _Token("digits", first, start + group.end(), group.group())
            continue
        for offset, digit in enumerate(group.group()):
            yield _Token("digits", first + offset, first + offset + 1, digit)


def _merge(tokens: Sequence[_Token], heard: Heard) -> Iterator[_Token | Item]:
    """Join "double five", "nineteen hundred" and "plus one"; part amounts from digits."""
    position = 0
    while position < len(tokens):
        token = tokens[position]
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        position += 1
        item: Item | None = None
        if token.kind in ("times", "plus"):
            if following is not None and _doubles(token, following):
                position += 1
                item = _prefixed(token, following, heard)
        elif token.kind in ("digits", "unit", "tens", "oh"):
            item = _item(token, heard)
        if item is None:
            yield replace(token, kind="break") if token.digits or token.kind == "plus" else token
            continue
        scale = tokens[position] if position < len(tokens) else None
        if scale is not None and scale.kind == "scale" and _scales(item, scale):
            position += 1
            word = heard.word_at(scale.start)
            digits = item.digits + scale.digits
            item = replace(item, digits=digits, end=scale.end, last_word=word, tens=False)
        measured = position < len(tokens) and _measured(item, tokens[position], heard.text)
        yield _Token("break", item.start, item.end) if measured else item


def _doubles(prefix: _Token, following: _Token) -> bool:
    if prefix.kind == "times":
        return following.kind in ("digits", "unit", "oh") and len(following.digits) == 1
    return following.kind in ("digits", "unit")


def _prefixed(prefix: _Token, token: _Token, heard: Heard) -> Item:
    if prefix.kind == "plus":
        return replace(_item(token, heard), start=prefix.start, plus=True)
    item = replace(_item(token, heard), unit=False, start=prefix.start)
    return replace(
        item, digits=token.digits * int(prefix.digits), first_word=heard.word_at(prefix.start)
    )


def _item(token: _Token, heard: Heard) -> Item:
    word = heard.word_at(token.start)
    return Item(
        digits=token.digits,
        start=token.start,
        end=token.end,
        first_word=word,
        last_word=word,
        tens=token.kind == "tens",
        unit=token.kind == "unit",
    )


def _scales(item: Item, scale: _Token) -> bool:
    """Whether "hundred" or "thousand" closes this item as people say it in phone numbers."""
    longest = 2 if scale.digits == "00" else 1
    return len(item.digits) <= longest and not item.digits.startswith("0")


def _measured(item: Item, token: _Token, text: str) -> bool:
    """Whether the item counts something: "30 minutes", "200 horsepower", "995 dollars"."""
    if text[item.end : token.start].strip():
        return False
    word = text[token.start : token.end].lower()
    return word in _MONEY or (word in _MEASURES and len(item.digits) <= 3)


@dataclass(slots=True)
class _RunBuilder:
    words: Sequence[Word]
    heard: Heard
    runs: list[Run] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    between: list[_Token] = field(default_factory=list)  # tokens since the last item
    extension: list[Item] | None = None  # while one is being read
    attach: bool = False  # whether it belongs to the run before it

    def add(self, part: _Token | Item) -> None:
        if self.extension is not None and not self._extends(part):
            self._close_extension()
        if isinstance(part, Item):
            self._add_item(part)
            return
        self.between.append(part)
        if part.kind == "extension":
            self._open_extension(part)
        elif part.kind not in ("skip", "again", "cue", "area"):
            self._close_run()

    def finish(self) -> tuple[Run, ...]:
        if self.extension is not None:
            self._close_extension()
        self._close_run()
        return tuple(self.runs)

    def _add_item(self, item: Item) -> None:
        if self.extension is not None:
            self.extension.append(item)
            return
        self.gaps.append(self._gap(item) if self.items else Gap())
        self.items.append(item)
        self.between.clear()

    def _gap(self, item: Item) -> Gap:
        last = self.items[-1]
        kinds = {token.kind for token in self.between}
        text = self.heard.text[last.end : item.start]
        pause_s = self.words[item.first_word].start_s - self.words[last.last_word].end_s
        rank = int(bool(kinds) or pause_s >= PAUSE_S or re.search("[,;:]", text) is not None)
        if "again" in kinds or re.search(r"[.!?]\s", text):
            rank = 2
        if "cue" in kinds or "area" in kinds:
            rank = 3
        return Gap(rank, cue="cue" in kinds, area="area" in kinds)

    def _open_extension(self, token: _Token) -> None:
        """Begin an extension; it belongs to the run just read where that is near enough."""
        short = self.heard.text[token.start : token.end].lower() == "x"
        self._close_run()
        self.extension = []
        self.attach = len(self.between) - 1 <= (0 if short else WORDS_TO_EXTENSION)

    def _extends(self, part: _Token | Item) -> bool:
        """One numeral, or short items in a row: "12", "four one two", "4 12"."""
        if self.extension is None or not isinstance(part, Item):
            return False
        if not self.extension:
            return True
        last = self.extension[-1]
        parted = re.search(r"[^\s-]", self.heard.text[last.end : part.start])
        return not parted and max(len(last.digits), len(part.digits)) <= 2

    def _close_extension(self) -> None:
        digits = "".join(item.digits for item in self.extension or ())
        if self.runs and self.attach and 0 < len(digits) <= EXTENSION_DIGITS:
            self.runs[-1] = replace(self.runs[-1], extension=digits)
        self.extension = None

    def _close_run(self) -> None:
        if self.items:
            start = self.items[0].start
            before = self.heard.text[max(0, start - CONTEXT_CHARS) : start]
            items = tuple(self._weighed(index) for index in range(len(self.items)))
            self.runs.append(Run(items, tuple(self.gaps), before))
        self.items.clear()
        self.gaps.clear()

    def _weighed(self, index: int) -> Item:
        """Mark a word that need not be a digit: "the new one, 240 ...", "555, oh, 0142"."""
        item = self.items[index]
        word = self.heard.text[item.start : item.end].lower()
        apart = index in (0, len(self.items) - 1)
        if word in ("oh", "o"):
            apart = apart or self.gaps[index].rank > 0 or self.gaps[index + 1].rank > 0
        return replace(item, optional=True) if apart and word in ("one", "oh", "o") else item
