"""Telephone numbers and all that is as long, amounts, what names an account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vmaudit.report.masking.text import Text
from vmaudit.report.masking.vocabulary import (
    AMOUNT,
    BETWEEN_DIGITS,
    CODES,
    CURRENCIES,
    MONEY,
    NUMBER,
    PERIODS,
    SCALES,
)

__all__ = ["LONG_NUMERAL", "NUMBER_DIGITS", "mask_codes", "mask_numbers"]

NUMBER_DIGITS = 7  # a shorter numeral tells no telephone number
LONG_NUMERAL = 3  # digits; as many pieces of fewer digits are a number too
CODE_REACH = 4  # words from "account" or its like to what names the account

_TIME_OR_DATE = re.compile(r"\d{1,2}[:/]\d{2}(?:[ap]\.?m)?|\d{1,2}/\d{1,2}", re.IGNORECASE)
_CURRENCY = re.compile(f"[{''.join(CURRENCIES)}%]")


@dataclass(frozen=True, slots=True)
class _Run:
    """Numerals and number words in a row, from ``first`` to before ``end``."""

    first: int
    end: int
    pieces: int
    digits: str
    longest: int  # digits of the longest numeral that is no time of day or date


def _runs(text: Text) -> Iterator[_Run]:
    index = 0
    while index < len(text.tokens):
        if not text.tokens[index].pieces or index in text.stay:
            index += 1
            continue
        first, end = index, index + 1
        while index < len(text.tokens) and index not in text.stay:
            if text.tokens[index].pieces:
                end = index + 1
            elif text.bare(index) not in BETWEEN_DIGITS:
                break
            index += 1
        said = text.tokens[first:end]
        numerals = [t.digits for t in said if not _TIME_OR_DATE.fullmatch(t.bare)]
        yield _Run(
            first,
            end,
            pieces=sum(token.pieces for token in said),
            digits="".join(token.digits for token in said),
            longest=max(map(len, numerals), default=0),
        )


def mask_numbers(text: Text) -> None:
    """Amounts by their unit, and whatever is long enough to be a number of somebody."""
    for run in _runs(text):
        indices = range(run.first, run.end)
        if text.known.says_own_number(run.digits):
            text.stay |= frozenset(indices)
        elif _is_amount(text, run):
            text.hide(indices, AMOUNT)
        elif run.longest >= LONG_NUMERAL or run.pieces >= LONG_NUMERAL:
            text.hide(indices, NUMBER)


def _is_amount(text: Text, run: _Run) -> bool:
    said = text.tokens[run.first : run.end]
    if any(_CURRENCY.search(token.text) or token.bare in SCALES for token in said):
        return True
    if text.bare(run.first - 1) in CURRENCIES:
        return True
    after = text.bare(run.end)
    return after in MONEY or (after in ("a", "per") and text.bare(run.end + 1) in PERIODS)


def mask_codes(text: Text) -> None:
    """What follows "account", "policy", "code" and their like: digits, and letters in capitals."""
    for index, token in enumerate(text.tokens):
        if token.bare not in CODES:
            continue
        for place in range(index + 1, min(index + 1 + CODE_REACH, len(text.tokens))):
            word = text.tokens[place]
            spelled = word.letters and word.text.isupper() and word.bare != "i"
            if place not in text.stay and (word.pieces or spelled):
                text.hide([place], NUMBER)
