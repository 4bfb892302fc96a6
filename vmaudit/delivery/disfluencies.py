"""Disfluencies in the words: what is said again, and what is begun and given up.

Whisper tidies much of this away, so the count is a lower bound. English.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from vmaudit.delivery.tokens import HESITATIONS, Close, Token, tokens, word_set
from vmaudit.records import Disfluency, Word

_LONGEST_REPETITION = 3  # words
_LONGEST_RESTART = 4  # words

# Said twice on purpose, or rightly: "bye bye", "very very", "had had", "that that".
_FREE_TO_REPEAT = word_set(
    "bye no yes yeah yep okay ok hello hi hey please very really so much many far way long now "
    "again more had that is do in on there wait thank thanks big old never ever too"
)
# May end one clause and begin the next: "to help you, you can".
_BOTH_SIDES = word_set("you it her this here us me him them one")

# A phrase that ends in one of these is not complete.
_UNFINISHED = word_set(
    "a an the my our your his her their to of for with at in on from about was were is are am have "
    "had has will would can could should i'm we're you're it's that's i'll we'll i've we've i'd "
    "we'd and that wanted going trying"
)
_AUXILIARIES = word_set("am is are was were have has had will would can could should do did")
_SUBORDINATORS = word_set(
    "if when as because since whenever where wherever than what that who whatever while once "
    "however know whether how"
)
_SUBJECTS = word_set("i we you he she they it this that there")


def disfluencies(words: Sequence[Word]) -> tuple[Disfluency, ...]:
    """Return repetitions and restarts in time order, with the words given up.

    Filled pauses do not part what is repeated: "I, um, I" is a repetition of "I".
    """
    said = [token for token in tokens(words) if token.text not in HESITATIONS]
    found: list[Disfluency] = []
    position = 0
    while position < len(said):
        repeated = _repeated(said, position)
        given_up = repeated or _given_up(said, position)
        if given_up:
            parts = said[position : position + given_up]
            kind: Literal["repetition", "restart"] = "repetition" if repeated else "restart"
            text = " ".join(token.text for token in parts)
            found.append(Disfluency(kind, text, parts[0].word.start_s, parts[-1].word.end_s))
        position += given_up or 1
    return tuple(found)


def _repeated(said: Sequence[Token], start: int) -> int:
    """How many tokens from ``start`` on are said again at once, the longest first; 0: none."""
    for length in range(_LONGEST_REPETITION, 0, -1):
        first, second = said[start : start + length], said[start + length : start + 2 * length]
        if [one.text for one in first] == [one.text for one in second] and _by_mistake(first):
            # "when we are, we are open": a clause that ends as the next begins
            return 0 if first[-1].close and _is_subordinate(said, start) else length
    return 0


def _by_mistake(first: Sequence[Token]) -> bool:
    if any(token.close is Close.SENTENCE for token in first):
        return False
    if all(token.is_number or _is_spelt(token) for token in first):
        return False
    free = _FREE_TO_REPEAT | _BOTH_SIDES if first[-1].close else _FREE_TO_REPEAT
    return any(token.text not in free for token in first)


def _is_spelt(token: Token) -> bool:
    return len(token.text) == 1 and token.text not in {"a", "i"}


def _is_subordinate(said: Sequence[Token], start: int) -> bool:
    return start > 0 and not said[start - 1].close and said[start - 1].text in _SUBORDINATORS


def _given_up(said: Sequence[Token], start: int) -> int:
    """How many tokens from ``start`` on are begun and said otherwise; 0: none."""
    if start + 1 < len(said) and said[start].cut_off and len(said[start].text) > 1:
        return 1
    if _is_subordinate(said, start):
        return 0
    for length in range(1, min(_LONGEST_RESTART, len(said) - start - 1) + 1):
        if _is_restart(said[start : start + length], said[start + length :]):
            return length
    return 0


def _is_restart(left: Sequence[Token], rest: Sequence[Token]) -> bool:
    """Whether an unfinished phrase is followed by another with the same beginning."""
    if any(token.close for token in left[:-1]) or left[-1].close is Close.SENTENCE:
        return False
    if _stem(left[0]) != _stem(rest[0]) or not _is_unfinished(left):
        return False
    if left[-1].close:
        return len(left) > 1 or left[0].text != rest[0].text
    changed = len(left) == 2 and len(rest) > 1 and left[1].text != rest[1].text
    return changed and {left[1].text, rest[1].text} <= _AUXILIARIES and _stem(left[0]) in _SUBJECTS


def _is_unfinished(left: Sequence[Token]) -> bool:
    """Whether the last word asks for more: "we have a", "if you"."""
    clause_begun = left[0].text in _SUBORDINATORS and left[-1].text in _SUBJECTS
    return left[-1].text in _UNFINISHED or (len(left) > 1 and clause_begun)


def _stem(token: Token) -> str:
    """The word without a contracted verb: "we" of "we're"."""
    return token.text.partition("'")[0]
