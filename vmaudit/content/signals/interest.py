"""Whether the message speaks of what this prospect asked for, owns or said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.matching import likeness, run_together, spellings
from vmaudit.content.signals.people import names_company
from vmaudit.content.signals.wording import Stretch, Wording, phrase, word_set
from vmaudit.records import Word

__all__ = ["interest_words_said", "mentions_interest"]

SAME_WORD = 0.8  # likeness from which a stretch of the message is a word of the record
# Shares of the record's words that must be said, chosen on the messages in models/training.
MOST = 0.6
MANY = 0.3  # is enough with two words

_LONGER = 3  # letters by which a recogniser's spelling may be longer
_NEAR = 60.0  # indel similarity by letters, in percent, below which sounds are not compared
_SHORT = 4  # letters; a shorter word must be heard as it is written, or with an ending
_ENDING = re.compile("(?:ing|ed|es|s|ly)$")
_WRITTEN = re.compile(r"[^\W_][\w'./-]*")

_REMINDS = phrase(
    r"you (?:had |were )?(?:asked|asking|wanted|wrote|picked|specified|mentioned|wondered)",
    r"you (?:were )?(?:looking at|test drove|inquired|requested|told (?:me|us)|said)",
    r"you'd (?:asked|wanted|said)|(?:like|as|what) you (?:wanted|asked|said|drew)",
    r"you(?:'ve| have) been (?:waiting|looking|asking)|your question",
)
_SAYS_LITTLE = word_set(
    "a about after all also an and any are as asked asks at be been before being but buy buying "
    "by can could did do does first for from get gets had has have he hear her his how if in info "
    "into is it its know knows last like look looking me my need needs new no not of off old on "
    "one or our out own question said she so some still than that the their them then there they "
    "this to too under up used waiting want wanted wants was were what when where whether which "
    "who why will with without would you your"
)


def mentions_interest(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Words of the lead's interest, and a reminder of what was asked, where enough is said.

    Words of the seller's own name do not count.
    """
    terms = _terms(context.interest or "")
    found = _said(terms, wording, context)
    if not found:
        return
    reminders = list(wording.find(_REMINDS))
    share = len(found) / len(terms)
    if share >= MOST or (len(found) > 1 and share >= MANY) or reminders:
        yield from found
        yield from reminders


def interest_words_said(words: Sequence[Word], interest: str) -> int:
    """How many words of a lead's interest that carry its meaning are said."""
    context = SignalContext(interest=interest)
    return len(_said(_terms(interest), Wording.of(words), context))


def _said(terms: Sequence[str], wording: Wording, context: SignalContext) -> list[Stretch]:
    """Where each word of the record that is said is said best."""
    if not terms:
        return []
    longest = max(map(len, terms)) + _LONGER
    own = {k for first, last in names_company(wording, context) for k in range(first, last + 1)}
    texts = [token.text for token in wording.tokens]
    said = [one for one in spellings(texts, longest) if own.isdisjoint(one[1:])]
    choices = [spelling for spelling, *_ in said]
    return [said[k][1:] for term in terms for k in _likest(choices, term)]


def _terms(interest: str) -> list[str]:
    """The words of the record that carry its meaning, run together, once each."""
    words = [w.strip("'-./").lower().removesuffix("'s") for w in _WRITTEN.findall(interest)]
    kept = [run_together([word]) for word in words if word and word not in _SAYS_LITTLE]
    return list(dict.fromkeys(term for term in kept if len(term) > (2 if term.isdigit() else 1)))


def _likest(choices: Sequence[str], term: str) -> Iterator[int]:
    """Index of what is most like a word of the record, the first of such; none if nothing is."""
    near = process.extract(term, choices, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=None)
    score, k = max(((_same(term, spelling), -k) for spelling, _, k in near), default=(0.0, 0))
    if score >= SAME_WORD:
        yield -k


def _same(term: str, spelling: str) -> float:
    if _stem(term) == _stem(spelling):
        return 1.0
    return likeness(term, spelling) if min(len(term), len(spelling)) >= _SHORT else 0.0


def _stem(word: str) -> str:
    return _ENDING.sub("", word) if len(word) >= _SHORT else word
