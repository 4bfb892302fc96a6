"""Names of whoever was called, misheard ones too; the caller's own stay."""

from __future__ import annotations

import re
from collections.abc import Collection

from rapidfuzz import fuzz, process

from vmaudit.report.masking.text import Text, Token, name_words
from vmaudit.report.masking.vocabulary import DAYTIMES, FILLERS, GREETINGS, NAME, NO_NAMES, TITLES

__all__ = ["mask_greeted", "mask_names"]

NEAR, NEAR_LONG = 75.0, 70.0  # percent alike from which a word may be a name misheard
SHORT_NAME, LONG_NAME = 3, 6  # letters; a shorter name than the first is never misheard
GREETED_REACH = 3  # words from "Hi" to the end of a name

_CONTRACTION = re.compile(r"\w+'(?:d|ll|m|re|t|ve)")


def _introductions(text: Text) -> set[int]:
    """The words by which the caller gives a name: "this is Nina Whitlow"."""
    found: set[int] = set()
    for index in range(1, len(text.tokens)):
        two = (text.bare(index - 2), text.bare(index - 1))
        last = two[1]
        if not (
            two in {("this", "is"), ("name", "is"), ("i", "am")}
            or last in {"it's", "its", "i'm", "name's"}
            or (index - 1 in found and not text.tokens[index - 1].ends_phrase)
        ):
            continue
        if text.capital(index):
            found.add(index)
    return found


def mask_names(text: Text) -> None:
    """The names that are known, and what is near them."""
    introduced = _introductions(text)
    for index, token in enumerate(text.tokens):
        own = token.letters in text.known.rep
        if not text.known.names.isdisjoint(name_words(token.text)):
            if not (own and index in introduced):
                text.hide([index], NAME)
        elif not own and index not in introduced and text.capital(index):
            text.hide(_misheard(text, index), NAME)


def _misheard(text: Text, index: int) -> list[int]:
    """The word, or with the next one both, where they are near a name that is to be hidden.

    The capital of a sentence's first word marks no name, unless a comma follows: "Glenn, it's ...".
    """
    token, known = text.tokens[index], text.known
    if token.letters in known.proper:
        return [index]
    if known.cased and token.starts_sentence and not token.text.endswith(","):
        return []
    if _CONTRACTION.fullmatch(token.bare):  # "I've"
        return []
    if _is_near(token.letters, known.names | known.proper):
        return [index]
    if index + 1 < len(text.tokens) and len(token.letters) > 1 and not token.ends_phrase:
        both = token.letters + text.tokens[index + 1].letters
        alike = {name for name in known.names if len(name) >= LONG_NAME and name[0] == both[0]}
        if _is_near(both, alike):
            return [index, index + 1]
    return []


def _is_near(heard: str, names: Collection[str]) -> bool:
    """Whether what was heard may be one of the names, misheard."""
    if len(heard) < SHORT_NAME or heard in names:
        return heard in names
    long = [name for name in names if len(name) >= LONG_NAME]
    short = [name for name in names if SHORT_NAME <= len(name) < LONG_NAME]
    return bool(
        process.extractOne(heard, long, scorer=fuzz.ratio, score_cutoff=NEAR_LONG)
        or process.extractOne(heard, short, scorer=fuzz.ratio, score_cutoff=NEAR)
    )


def _greets(token: Token) -> bool:
    """Whether a name follows: "Hi. Angela?" begins with one, "she says hi. See you" does not."""
    if token.bare in TITLES:
        return True
    if token.bare in GREETINGS:
        return token.starts_sentence or not token.ends_sentence
    return token.bare in DAYTIMES and not token.ends_phrase


def mask_greeted(text: Text) -> None:
    """Whoever is greeted, or has a title, is the one called, however the name was heard."""
    for index, token in enumerate(text.tokens):
        if not _greets(token):
            continue
        for place in range(index + 1, min(index + 1 + GREETED_REACH, len(text.tokens))):
            word = text.tokens[place]
            if word.bare in GREETINGS | TITLES | FILLERS:
                continue
            if not text.capital(place) or word.bare in NO_NAMES or word.letters in text.known.rep:
                break
            text.hide([place], NAME)
            if word.ends_phrase:
                break
