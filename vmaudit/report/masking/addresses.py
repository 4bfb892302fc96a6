"""E-mail addresses, written and spoken, and streets."""

from __future__ import annotations

import re

from vmaudit.report.masking.text import Text
from vmaudit.report.masking.vocabulary import (
    ADDRESS,
    DOMAINS,
    EMAIL,
    JOINS,
    NO_NAMES,
    PERHAPS_STREETS,
    ROOMS,
    STREETS,
)

__all__ = ["mask_emails", "mask_streets"]

DOMAIN_REACH = 3  # words from "at" to "dot com"
STREET_REACH = 4  # words from the house number to "Street"

_ADDRESS_AT = re.compile(r"[^@\s]@|@[^@\s]")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?:" + "|".join(sorted(DOMAINS)) + ")", re.IGNORECASE)


def mask_emails(text: Text) -> None:
    """As in "angela@example.com" and "angela at example dot com"."""
    for index, token in enumerate(text.tokens):
        if _ADDRESS_AT.search(token.text):
            text.hide([index], EMAIL)
        spoken = token.bare == "dot" and text.bare(index + 1) in DOMAINS
        if spoken or _DOMAIN.fullmatch(token.bare):
            before = range(index - 1, index - 1 - DOMAIN_REACH, -1)
            at = next((place for place in before if text.bare(place) == "at"), None)
            if at is not None and at > 0:
                text.hide(range(_local_part(text, at), index + 1 + spoken), EMAIL)


def _local_part(text: Text, at: int) -> int:
    """Where what stands before the "at" begins: a word, or letters and words joined by signs."""
    first = at - 1
    while first > 0:
        before, here = text.bare(first - 1), text.bare(first)
        single = len(before) == 1 or text.tokens[first - 1].pieces > 0
        if not (before in JOINS or here in JOINS or single):
            break
        first -= 1
    return first


def mask_streets(text: Text) -> None:
    """As in "12 Maple Street", "Maple Street" and "apartment 5B"."""
    for index, token in enumerate(text.tokens):
        if token.bare in ROOMS and index + 1 < len(text.tokens):
            after = text.tokens[index + 1]
            if after.pieces or (len(after.letters) == 1 and after.text[:1].isupper()):
                text.hide([index, index + 1], ADDRESS)
        elif token.bare in STREETS or (token.bare in PERHAPS_STREETS and token.is_capital):
            first = _street_start(text, index)
            text.hide(range(first, index + (first < index)), ADDRESS)


def _street_start(text: Text, street: int) -> int:
    """Where an address begins that ends in this "Street"; there, where nothing belongs to it."""
    first = street
    for index in range(street - 1, max(-1, street - 1 - STREET_REACH), -1):
        token = text.tokens[index]
        if index in text.stay or token.ends_phrase:
            break
        if token.pieces:
            return index
        if not text.capital(index) or (token.starts_sentence and token.bare in NO_NAMES):
            break
        first = index if token.is_capital and text.tokens[street].is_capital else first
    return first
