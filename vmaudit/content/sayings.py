"""Every saying of a callback number, complete or partial, in the order heard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from vmaudit.content.announcements import announces_number, asks_for_number
from vmaudit.content.digit_words import without_points
from vmaudit.content.numbers import Reading, read_run
from vmaudit.content.partials import LOCAL_DIGITS, Fragment
from vmaudit.content.paths import SpokenNumber
from vmaudit.content.plan import numbering_plan
from vmaudit.content.runs import Run, read_runs
from vmaudit.content.statements import Message, Said, Spoken
from vmaudit.content.tokens import Heard
from vmaudit.records import Statement, Word

__all__ = ["Saying", "find_sayings", "find_statements"]

_NUMBERS_COMPARED = 8  # of one message, that a fragment is held against
_GAPS_TRIED = 4
_ALTERNATIVE = re.compile(r"\bor\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Saying:
    """A statement, and the extension given with it."""

    statement: Statement
    extension: str | None = None


def find_statements(words: Sequence[Word], *, region: str = "US") -> tuple[Statement, ...]:
    """Every complete saying of a callback number, in the order heard.

    ``words``: in time order, punctuation attached. ``region``: ISO 3166 code whose numbering
    plan the digits follow. ``digits`` of a statement are the national significant number; a
    local saying (seven digits in North America) carries the whole number it repeats, and is
    partial where that was never said. Raises ``ConfigError`` for an unknown region.
    """
    sayings = find_sayings(words, region=region)
    return tuple(saying.statement for saying in sayings if saying.statement.complete)


def find_sayings(words: Sequence[Word], *, region: str = "US") -> tuple[Saying, ...]:
    """Every saying of a callback number, partial ones included, with the extension of each."""
    plan = numbering_plan(region)
    words = without_points(words, plan)
    message = Message(words, Heard.of(words))
    runs = read_runs(words, message.heard)
    readings = [reading for run in runs for reading in read_run(run, plan)]
    numbers = [number for reading in readings for number in reading.numbers]
    others = frozenset(n.digits for n in numbers if message.disowns(Said(n.spoken, n.start)))
    whole: dict[str, str] = {}
    for number in numbers:
        if not number.local and others.isdisjoint(_forms(number.digits)):
            whole.setdefault(number.digits[-LOCAL_DIGITS:], number.digits)
    reader = _Reader(message, others, whole)
    found = [saying for reading in readings for saying in reader.sayings(reading)]
    return tuple(sorted(found, key=lambda saying: saying.statement.start_s))


def _forms(digits: str) -> tuple[str, str]:
    """The whole number, and what may be said of it again."""
    return digits, digits[-LOCAL_DIGITS:]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes statements of what was read.

    ``others`` are digits announced as something else, which they stay when they are said again;
    ``whole`` the numbers said in full, by their local digits.
    """

    message: Message
    others: frozenset[str]
    whole: Mapping[str, str]

    def sayings(self, reading: Reading) -> Iterator[Saying]:
        """The sayings in one run."""
        leftovers = list(reading.leftovers)
        for number in reading.numbers:
            last = number is reading.numbers[-1]
            if not number.local or number.digits in self.whole:
                yield from self._complete(number, reading.run.extension if last else None)
            elif not _absorbed(number, reading.run, leftovers):
                yield from self._local(number)
        for first, end in leftovers:
            for piece in self._alternatives(tuple(reading.run.spoken(first, end))):
                partial = self._partial(piece)
                if partial is not None:
                    yield Saying(partial)

    def _complete(self, number: SpokenNumber, extension: str | None) -> Iterator[Saying]:
        digits = self.whole[number.digits] if number.local else number.digits
        if self.others.isdisjoint((*_forms(number.digits), digits)):
            said = Said(number.spoken, number.start)
            yield Saying(self.message.statement(said, digits, complete=True), extension)

    def _local(self, number: SpokenNumber) -> Iterator[Saying]:
        """Local digits of no number that was said whole."""
        said = Said(number.spoken, number.start)
        fragment = self._fragment(said)
        if number.digits not in self.others and (fragment.announced or _grouped(said.spoken)):
            of = fragment.of(self._compared())
            yield Saying(self.message.statement(said, said.digits, complete=False, of=of))

    def _alternatives(self, spoken: Spoken) -> Iterator[Spoken]:
        """Leftover digits, parted at "or": "10 30 or 11 45"."""
        start = 0
        for index in range(1, len(spoken)):
            before, after = spoken[index - 1][1], spoken[index][1]
            if _ALTERNATIVE.search(self.message.heard.text[before.end : after.start]):
                yield spoken[start:index]
                start = index
        if spoken:
            yield spoken[start:]

    def _partial(self, spoken: Spoken) -> Statement | None:
        """The partial saying among leftover digits: what repeats a number, else the whole."""
        for part in self._stretches(spoken):
            said = Said(part, part[0][1].start)
            of = self._fragment(said).of(self._compared())
            if of is not None and not self.message.disowns(said):
                return self.message.statement(said, said.digits, complete=False, of=of)
        said = Said(spoken, spoken[0][1].start)
        fragment = self._fragment(said)
        is_number = fragment.is_number() and (fragment.asked or _grouped(spoken))
        if is_number and not self.message.disowns(said):
            return self.message.statement(said, said.digits, complete=False)
        return None

    def _stretches(self, spoken: Spoken) -> Iterator[Spoken]:
        """The digits, and what is left of them behind and before a gap."""
        yield spoken
        gaps = self.message.gaps(spoken)
        yield from (spoken[gap:] for gap in gaps[:_GAPS_TRIED])
        yield from (spoken[:gap] for gap in gaps[:_GAPS_TRIED])

    def _compared(self) -> tuple[str, ...]:
        return tuple(islice(self.whole.values(), _NUMBERS_COMPARED))

    def _fragment(self, said: Said) -> Fragment:
        before = self.message.before(said)
        return Fragment(
            digits=said.digits,
            announced=announces_number(before),
            asked=asks_for_number(before),
            last=said.last_word == len(self.message.words) - 1,
        )


def _absorbed(number: SpokenNumber, run: Run, leftovers: list[tuple[int, int]]) -> bool:
    """Join local digits to leftover ones said in the same breath: "240 5555 | 0142"."""
    for place, (first, end) in enumerate(leftovers):
        if end == number.first and run.gaps[end].rank == 0:
            leftovers[place] = first, number.end
            return True
        if first == number.end and run.gaps[first].rank == 0:
            leftovers[place] = number.first, end
            return True
    return False


def _grouped(spoken: Spoken) -> bool:
    """Whether digits are said as a number's: the first three together, or one by one."""
    items = list(dict.fromkeys(item for _, item in spoken))
    lengths = [len(item.digits) for item in items]
    return lengths[0] == 3 or lengths[0] >= LOCAL_DIGITS or lengths[:3] == [1, 1, 1]
