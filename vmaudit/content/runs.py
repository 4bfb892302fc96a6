"""From tokens to runs of digits: what was said, before any numbering plan is asked.

A *run* is a stretch of digit words with nothing between them but hesitations, punctuation
and the phrases people put inside a number ("area code", "again", "sorry"). Anything else
ends it. A run keeps every reading open that a listener would: "forty five" may be 45, or 40
and then 5; "to" may be a misheard two. Choosing is for ``vmaudit.content.numbers``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from vmaudit.content.tokens import Heard, Token, tokens
from vmaudit.content.vocabulary import MEASURES, MONEY
from vmaudit.records import Word

__all__ = ["Gap", "Item", "Run", "read_runs"]

PAUSE_S = 0.4  # longer than the gaps between the words of a fluent group of digits
EXTENSION_DIGITS = 6
WORDS_TO_EXTENSION = 4  # "... 0142, and my extension is 12"

_END = re.compile(r"\s*(?:$|[.,;!?])")


@dataclass(frozen=True, slots=True)
class Item:
    """Digits said in one breath: "2405550142", "fifteen", "double five", "eight hundred".

    ``start`` and ``end`` are offsets in the text, ``first_word`` and ``last_word`` indices.
    ``tens`` ("forty") may take a following ``unit`` ("five") in: 45 as well as 40 5.
    ``sometimes``: "one" and "oh" are words of their own too; ``Run.optional`` says where.
    ``guess``: digits only where they complete a number: "to", or the ``letters`` of "CARS".
    """

    digits: str
    start: int
    end: int
    first_word: int
    last_word: int
    tens: bool = False
    unit: bool = False
    sometimes: bool = False
    plus: bool = False
    guess: bool = False
    letters: bool = False


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
    """``items`` with ``gaps[k]`` before ``items[k]``, and the extension given after them."""

    items: tuple[Item, ...]
    gaps: tuple[Gap, ...]
    extension: str | None = None

    def optional(self, index: int) -> bool:
        """Whether an item need not be a digit: "the new one, 240 ...", "555, oh, 0142"."""
        if not self.items[index].sometimes:
            return False
        first, last = index == 0, index == len(self.items) - 1
        if self.items[index].digits != "0":
            return first or last
        return (first or self.gaps[index].rank > 0) and (last or self.gaps[index + 1].rank > 0)

    def spoken(self, first: int, end: int) -> Iterator[tuple[str, Item]]:
        """Each digit of a range of items with its item; "forty five" is 45, a guess nothing."""
        for index in range(first, end):
            item = self.items[index]
            if item.guess:
                continue
            joined = item.tens and index + 1 < end and self.items[index + 1].unit
            if joined and self.gaps[index + 1].rank == 0:
                yield item.digits[0], item
            else:
                yield from ((digit, item) for digit in item.digits)

    @property
    def guesses(self) -> tuple[int, ...]:
        """Indices of the items that are digits only where they complete a number."""
        return tuple(index for index, item in enumerate(self.items) if item.guess)

    def without_guesses(self) -> Iterator[Run]:
        """The runs that are left where every guess is taken for the word it is written as."""
        start, guesses = 0, self.guesses
        for end in (*guesses, len(self.items)):
            if end > start:
                gaps = (Gap(), *self.gaps[start + 1 : end])
                last = self.extension if end == len(self.items) else None
                yield Run(self.items[start:end], gaps, last)
            start = end + 1


def read_runs(words: Sequence[Word], heard: Heard) -> tuple[Run, ...]:
    """Every run of digits in the transcript, in the order heard. Linear in the words."""
    builder = _RunBuilder(words, heard)
    for part in _merge(list(tokens(heard.text)), heard):
        builder.add(part)
    return builder.finish()


def _merge(parts: Sequence[Token], heard: Heard) -> Iterator[Token | Item]:
    """Join "double five", "nineteen hundred" and "plus one"; part amounts from digits."""
    position = 0
    while position < len(parts):
        token = parts[position]
        following = parts[position + 1] if position + 1 < len(parts) else None
        position += 1
        item: Item | None = None
        if token.kind in ("times", "plus"):
            if following is not None and _doubles(token, following):
                position += 1
                item = _prefixed(token, following, heard)
        elif token.digits and token.kind != "scale":
            item = _item(token, heard)
        if item is None:
            yield replace(token, kind="break") if token.digits or token.kind == "plus" else token
            continue
        scale = parts[position] if position < len(parts) else None
        if scale is not None and scale.kind == "scale" and _scales(item, scale):
            position += 1
            word = heard.word_at(scale.start)
            digits = item.digits + scale.digits
            item = replace(item, digits=digits, end=scale.end, last_word=word)
            item = replace(item, tens=False, sometimes=False)
        measured = position < len(parts) and _measured(item, parts[position], heard.text)
        yield Token("break", item.start, item.end) if measured else item


def _doubles(prefix: Token, following: Token) -> bool:
    if prefix.kind == "times":
        return following.kind in ("digits", "unit", "oh") and len(following.digits) == 1
    return following.kind in ("digits", "unit")


def _prefixed(prefix: Token, token: Token, heard: Heard) -> Item:
    if prefix.kind == "plus":
        return replace(_item(token, heard), start=prefix.start, sometimes=False, plus=True)
    item = replace(_item(token, heard), unit=False, sometimes=False, start=prefix.start)
    return replace(
        item, digits=token.digits * int(prefix.digits), first_word=heard.word_at(prefix.start)
    )


def _item(token: Token, heard: Heard) -> Item:
    spoken = heard.text[token.start : token.end].lower()
    return Item(
        digits=token.digits,
        start=token.start,
        end=token.end,
        first_word=heard.word_at(token.start),
        last_word=heard.word_at(token.end - 1),
        tens=token.kind == "tens",
        unit=token.kind == "unit",
        sometimes=spoken in ("one", "oh", "o"),
        guess=token.kind in ("homophone", "letters"),
        letters=token.kind == "letters",
    )


def _scales(item: Item, scale: Token) -> bool:
    """Whether "hundred" or "thousand" closes this item as people say it in phone numbers."""
    longest = 2 if scale.digits == "00" else 1
    return len(item.digits) <= longest and not item.digits.startswith("0")


def _measured(item: Item, token: Token, text: str) -> bool:
    """Whether the item counts something: "30 minutes", "200 horsepower", "995 dollars"."""
    if item.guess or text[item.end : token.start].strip():
        return False
    word = text[token.start : token.end].lower()
    return word in MONEY or (word in MEASURES and len(item.digits) <= 3)


@dataclass(slots=True)
class _RunBuilder:
    words: Sequence[Word]
    heard: Heard
    runs: list[Run] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    between: list[Token] = field(default_factory=list)  # tokens since the last item
    ended: int = 0  # offset where the last digits ended
    extension: list[Item] | None = None  # while one is being read
    attach: bool = False  # whether it belongs to the run before it

    def add(self, part: Token | Item) -> None:
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
        if item.letters and not self.items:
            self._close_run()
            return
        self.gaps.append(self._gap(item) if self.items else Gap())
        self.items.append(item)
        self.between.clear()
        if not item.guess:
            self.ended = item.end

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

    def _open_extension(self, token: Token) -> None:
        """Begin an extension; it belongs to the run just read where that is near enough."""
        short = self.heard.text[token.start : token.end].lower() == "x"
        self._close_run()
        self.extension = []
        words = len(self.heard.text[self.ended : token.start].strip(" .,;:-").split())
        self.attach = words <= (0 if short else WORDS_TO_EXTENSION)

    def _extends(self, part: Token | Item) -> bool:
        """One numeral, or short items in a row: "12", "four one two", "4 12"."""
        if self.extension is None or not isinstance(part, Item) or part.guess:
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
        first, end = self._within_guesses()
        if any(not item.guess for item in self.items[first:end]):
            gaps = (Gap(), *self.gaps[first + 1 : end])
            self.runs.append(Run(tuple(self.items[first:end]), gaps))
        self.items.clear()
        self.gaps.clear()

    def _within_guesses(self) -> tuple[int, int]:
        """The items less the first and last words that go with the sentence round them.

        "to 240 ..." and "... 014 for you" hold no two and no four; "too four zero ..." does.
        """
        first, end = 0, len(self.items)
        while first + 1 < end and self.items[first].guess:
            if len(self.items[first + 1].digits) == 1:
                break
            first += 1
        while end > first and self.items[end - 1].guess and not self._closes(self.items[end - 1]):
            end -= 1
        return first, end

    def _closes(self, item: Item) -> bool:
        """Whether a sentence or phrase ends after the item; letters need no end."""
        return item.letters or _END.match(self.heard.text, item.end) is not None
