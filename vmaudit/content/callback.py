"""The callback numbers of a message: which were stated, how often, and whose they are."""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vmaudit.content.digits import Heard, Run, read_runs
from vmaudit.content.numbers import SpokenNumber, read_numbers
from vmaudit.content.plan import national_digits, numbering_plan
from vmaudit.records import Callback, PhoneNumber, RosterMatch, Statement, Word

__all__ = ["find_callback", "find_statements"]

_LOCAL_DIGITS = 7  # North America: exchange and line, without the area code

# What an announcer of other digits says just before them.
_LINKS = r"(?:\s+(?:is|was|of|ending|in|it's|that's|again))*"
_NOT_A_CALLBACK = re.compile(
    rf"""
    \b(?:account|acct|stock|unit|vin|zip|invoice|order|reference|confirmation|tracking|ticket|case
        |policy|serial|part|model|license|loan|routing|member|membership|customer|quote|claim
        |contract|purchase|employee|tax|po|fax|id|pin|postal)
        \s+(?:number|no\.?|code|id|\#)[,:]?{_LINKS}[,:]?\s*[("]?$
    |\b(?:account|acct|vin|zip|invoice|stock|fax)(?:\s+(?:is|of|ending|in|at|on|to))*\s+$
    |\b(?:call|try|reach|text|contact|dial)(?:ed|ing|led|ling)?\s+you\s+(?:back\s+)?(?:at|on)\s+$
    |\btried\s+you\s+(?:at|on)\s+$
    |\byour\s+(?:cell\s+|phone\s+|mobile\s+|home\s+|work\s+)?number(?:\s+(?:here|is|as))*[,:]?\s*$
    |\bhave\s+(?:for\s+you|on\s+file)(?:\s+(?:here|is|as))*[,:]?\s*$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def find_callback(
    words: Sequence[Word], *, direct_number: str | None, region: str = "US"
) -> Callback:
    """Find the numbers a listener is asked to use, in the order first stated.

    ``direct_number`` is the rep's own, in any written form. ``repeated``: one number was
    completely stated at least twice; None when there are no words. ``probability``: the
    chance in [0, 1] that two statements of one number were both heard right, the product of
    the confidences of its two surest statements, for the number where that is highest; 0.0
    when no number was stated twice, None when there are no words. Raises ``ConfigError`` for
    an unknown region.
    """
    if not words:
        return Callback(repeated=None, probability=None, numbers=())
    direct = None if direct_number is None else national_digits(direct_number, region=region)
    stated: dict[str, list[_Reading]] = {}
    for reading in _readings(words, region):
        stated.setdefault(reading.statement.digits, []).append(reading)
    numbers = tuple(_number(digits, readings, direct) for digits, readings in stated.items())
    return Callback(
        repeated=any(number.times >= 2 for number in numbers),
        probability=max(map(_both_heard_right, numbers), default=0.0),
        numbers=numbers,
    )


def _number(digits: str, readings: Sequence[_Reading], direct: str | None) -> PhoneNumber:
    roster: RosterMatch = "unknown"
    if direct is not None:
        roster = "match" if direct == digits else "mismatch"
    extensions = [reading.extension for reading in readings if reading.extension is not None]
    return PhoneNumber(
        digits=digits,
        times=len(readings),
        roster=roster,
        statements=tuple(reading.statement for reading in readings),
        extension=extensions[-1] if extensions else None,
    )


def _both_heard_right(number: PhoneNumber) -> float:
    """Product of the two highest confidences, 0.0 for a number stated once."""
    if number.times < 2:
        return 0.0
    return math.prod(heapq.nlargest(2, (s.confidence for s in number.statements)))


def find_statements(words: Sequence[Word], *, region: str = "US") -> tuple[Statement, ...]:
    """Every complete saying of a callback number, in the order heard.

    ``words``: in time order, punctuation attached. ``region``: ISO 3166 code whose numbering
    plan the digits follow. ``digits`` of a statement are the national significant number; a
    local saying (seven digits in North America) carries the whole number it repeats, and is
    no statement where that was never said. Raises ``ConfigError`` for an unknown region.
    """
    return tuple(reading.statement for reading in _readings(words, region))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One complete saying of a number, and the extension given with it."""

    statement: Statement
    extension: str | None


def _readings(words: Sequence[Word], region: str) -> Iterator[_Reading]:
    plan = numbering_plan(region)
    heard = Heard.of(words)
    found: list[tuple[SpokenNumber, str | None]] = []
    others: set[str] = set()  # digits announced as something else, and when said again
    for run in read_runs(words, heard):
        numbers = read_numbers(run, plan)
        if numbers and _announces_other_digits(run, numbers[0]):
            others.add(numbers[0].digits)
        for number in numbers:
            found.append((number, run.extension if number is numbers[-1] else None))
    whole = dict.fromkeys(number.digits for number, _ in found if not number.local)
    by_local = {digits[-_LOCAL_DIGITS:]: digits for digits in reversed(whole)}
    for number, extension in found:
        digits = by_local.get(number.digits) if number.local else number.digits
        if digits is not None and others.isdisjoint({digits, number.digits}):
            yield _Reading(_statement(number, digits, words, heard), extension)


def _announces_other_digits(run: Run, number: SpokenNumber) -> bool:
    return number.first == 0 and _NOT_A_CALLBACK.search(run.before) is not None


def _statement(number: SpokenNumber, digits: str, words: Sequence[Word], heard: Heard) -> Statement:
    items = number.items
    first, last = items[0].first_word, items[-1].last_word
    spoken = {index for item in items for index in range(item.first_word, item.last_word + 1)}
    start_s, end_s = words[first].start_s, words[last].end_s
    duration_s = end_s - start_s
    return Statement(
        start_s=start_s,
        end_s=end_s,
        text=heard.between(first, last),
        digits=digits,
        digits_per_second=len(number.digits) / duration_s if duration_s > 0 else None,
        confidence=min(words[index].confidence for index in spoken),
    )
