"""Who calls, from where, and who is called, as the message names them.

Names are told by their capitals and by what stands round them, never by a list of names: "this is
NAME", "NAME from COMPANY", "Mr. NAME, NAME, COMPANY" at the opening, a name alone at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.matching import likeness, spelt
from vmaudit.content.signals.vocabulary import (
    BUSINESS,
    GREETINGS,
    INTRODUCTION,
    NO_NAMES,
    PLACES,
    SELLER,
    TITLES,
)
from vmaudit.content.signals.wording import NAME, Stretch, Wording, behind, phrase

__all__ = [
    "identified_early",
    "identified_late",
    "names_company",
    "names_prospect",
    "names_self",
]

EARLY_WORDS = 15
EARLY_S = 6.0
SAME_NAME = 0.78  # likeness from which a word is taken for a name of the records
_OPENING_WORDS = 14  # in which people are addressed and name themselves without a verb
_COMPANY_WITHIN = 14  # words from the rep's name to the company's
_SHORTEST = 4  # words before a name that signs off
_ROLE_WORDS = 4  # "NAME, your service advisor, COMPANY"

_NAME = re.compile(NAME)
_NO_NAME = phrase(NO_NAMES)
_TITLE = phrase(TITLES)
_TITLED = behind(TITLES)
_ONLY_GREETING = re.compile(rf"(?:(?:{GREETINGS})[,.]? )*(?:(?:{TITLES}),? )?")
_INTRODUCES = behind(rf"(?:{INTRODUCTION})(?: (?:just|only|me|it's|again|your \w+(?: \w+)?))*")
_FOLLOWS_ADDRESS = phrase(rf"{INTRODUCTION}|{GREETINGS}|it's|i'm|i am|{NAME} {NAME}")
_SIGNS = behind(r"ask for|(?:hugs|love|regards|best|cheers) from|(?:it is|it's) me|that's me")
_PLACES = behind(rf"(?:{PLACES})(?: (?:the|our|{PLACES}))*")
_CALLS_FROM = behind(
    rf"(?:{INTRODUCTION}|calling)(?: [\w']+){{0,6}} (?:{PLACES})(?: the| our)?",
    r"(?:i'm|i am|we're|i work|i own|i run|we) (?:\w+ )?(?:with|at|for|from|own|run)(?: the)?",
)
_SELLER = behind(rf"(?:{SELLER})(?: the)?")
_PRESENTS = phrase(r"here|calling|speaking|again")
_BELONGS = phrase(rf"(?:\w+ ){{0,2}}?(?:{PLACES})(?: the| our)? {NAME}")
_IS_COMPANY = phrase(r"the (?:agency|shop|dealership|store|office|company|dealer|bank|firm)")
_BUSINESS = phrase(BUSINESS)
# Where a recogniser lost the capitals: names are told by what introduces them alone.
_WORD = rf"(?!(?:{NO_NAMES}|{PLACES}|and|over|down|about|regarding|\w+ing)\b)[a-z][\w'-]+"
_FROM = rf"(?:(?:over|down|out|up|here|calling|just) )*(?:{PLACES})(?: (?:the|our|{PLACES}))*"
_BARE_REP = phrase(
    rf"(?:this is|this's|my name is|(?:my )?name's|(?:it is|it's) me) (?:just )?"
    rf"(?P<told>{_WORD}(?: {_WORD})?)",
    rf"(?:it's|it is|i'm|i am|that's) (?P<placed>{_WORD}(?: {_WORD}){{0,2}}?)"
    rf"(?= {_FROM} {_WORD}| here| calling| again)",
)
_BARE_OPENING = re.compile(
    rf"(?:(?:{GREETINGS}|it's|this here's)[,.]? )*(?P<rep>{_WORD}(?: {_WORD}){{0,3}}?)"
    rf" (?:here|calling|speaking|{_FROM} (?={_WORD}))\b"
)
_BARE_COMPANY = re.compile(rf"(?: {_WORD}){{0,4}}? {_FROM} (?P<company>{_WORD}(?: {_WORD})?)")


def names_prospect(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The prospect's name, heard alike; without a record, somebody who is addressed first."""
    if context.prospect is None:
        yield from _roles(wording, context).prospect
    else:
        yield from _named(wording, [context.prospect])


def names_self(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The rep's name, where it is given as such or is like the roster's."""
    yield from _named(wording, context.rep_names)
    yield from _roles(wording, context).rep


def names_company(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The seller's company, beside the rep's name or as the one who calls."""
    yield from _roles(wording, context).company


def identified_early(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The rep's name or company within the first words."""
    yield from (one for one in _identities(wording, context) if _is_early(wording, one))


def identified_late(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Where the rep's name or company is first heard, when that is not early."""
    found = sorted(_identities(wording, context))
    if found and not _is_early(wording, found[0]):
        yield found[0]


def _identities(wording: Wording, context: SignalContext) -> list[Stretch]:
    return [*names_self(wording, context), *names_company(wording, context)]


def _is_early(wording: Wording, stretch: Stretch) -> bool:
    began_s = wording.words[wording.tokens[0].first_word].start_s
    start_s = wording.words[wording.tokens[stretch[0]].first_word].start_s
    return stretch[0] < EARLY_WORDS and start_s - began_s <= EARLY_S


def _named(wording: Wording, names: Sequence[str]) -> Iterator[Stretch]:
    """Words that are like a name of the records, or like a part of it."""
    parts = {part for name in names for part in re.findall(r"[^\W\d_][\w'-]*", name)}
    kept = [part for part in parts if not _TITLE.fullmatch(part.lower()) and part.lower() != "and"]
    wanted = [spelt(part) for part in kept if len(part) > 1]
    written = any(token.text[:1].isupper() and token.text != "I" for token in wording.tokens)
    for index, token in enumerate(wording.tokens if wanted else ()):
        if token.text[:1].isupper() or not written:
            heard = spelt(token.text.removesuffix("'s"))
            if any(_same_name(name, heard) for name in wanted):
                yield index, index


def _same_name(name: str, heard: str) -> bool:
    long = min(len(name), len(heard)) > 2
    return name == heard or (long and likeness(name, heard) >= SAME_NAME)


@dataclass(frozen=True, slots=True)
class _Run:
    """Words written as one name, with the text on either side."""

    stretch: Stretch
    before: str
    after: str
    business: bool
    alone: bool  # between pauses, or behind a greeting

    @property
    def first(self) -> int:
        return self.stretch[0]

    @property
    def long(self) -> bool:
        return self.stretch[1] > self.stretch[0]


class _Roles:
    """The names of a message, in order, by whom they name."""

    def __init__(self, wording: Wording, context: SignalContext) -> None:
        self.prospect: list[Stretch] = []
        self.rep: list[Stretch] = []
        self.company: list[Stretch] = []
        self._wording = wording
        self._addressed = False
        self._greeted_up_to = 0  # offset up to which the opening is names and greetings
        known = {index for index, _ in _named(wording, [context.prospect or ""])}
        for stretch in _name_runs(wording):
            if known.intersection(range(stretch[0], stretch[1] + 1)):
                self._greet(stretch)
                self._addressed = True
            else:
                self._assign(self._run(stretch))
        if not self.rep:
            addressed = max((index for index in known if index < _OPENING_WORDS), default=-1)
            self._read_without_capitals((*wording.starts, 0)[addressed + 1])

    def _read_without_capitals(self, opening_at: int) -> None:
        """Where others' names have capitals, "this is butch" is one only with "from" behind it."""
        text = self._wording.lower
        capitals = any(_NAME.match(token.text) for token in self._wording.tokens)
        found = [(match, match.lastgroup or 0) for match in _BARE_REP.finditer(text)]
        opening = None if capitals else _BARE_OPENING.match(text, opening_at)
        for match, group in found or ([(opening, "rep")] if opening else []):
            company = _BARE_COMPANY.match(text, match.end(group))
            if company and not self.company:
                self.company.append(self._wording.stretch(company, "company"))
            if company or not capitals:
                self.rep.append(self._wording.stretch(match, group))

    def _greet(self, stretch: Stretch) -> None:
        self._greeted_up_to = self._end(stretch)

    def _end(self, stretch: Stretch) -> int:
        last = self._wording.tokens[stretch[1]]
        return last.start + len(last.text)

    def _run(self, stretch: Stretch) -> _Run:
        wording, (first, last) = self._wording, stretch
        start, end = wording.starts[first], self._end(stretch)
        since = wording.lower[self._greeted_up_to : start].lstrip(",. ")
        greeted = _ONLY_GREETING.fullmatch(since) is not None
        return _Run(
            stretch,
            before=wording.before(stretch),
            after=wording.text[end : end + 60].lstrip(",. "),
            business=_BUSINESS.search(wording.between(stretch)) is not None,
            alone=wording.tokens[last].pauses and greeted and first < _OPENING_WORDS,
        )

    def _assign(self, run: _Run) -> None:
        if _SIGNS.search(run.before):
            self.rep.append(run.stretch)
        elif _INTRODUCES.search(run.before):
            is_company = run.business or _IS_COMPANY.match(run.after.lower())
            (self.company if is_company else self.rep).append(run.stretch)
            self._greet(run.stretch)
        elif self._is_company(run):
            self.company.append(run.stretch)
        elif self._is_addressed(run):
            self.prospect.append(run.stretch)
            self._addressed = True
            self._greet(run.stretch)
        elif run.first < _OPENING_WORDS and (
            _PRESENTS.match(run.after.lower()) or _BELONGS.match(run.after)
        ):
            (self.company if run.business and not run.alone else self.rep).append(run.stretch)
        elif run.alone and not self.rep and (run.long or self._addressed):
            (self.company if run.business else self.rep).append(run.stretch)
            self._greet(run.stretch)
        elif self._signs_off(run):
            self.rep.append(run.stretch)

    def _is_company(self, run: _Run) -> bool:
        """Whether the run says where the caller is from."""
        since = min((run.first - last for _, last in self.rep), default=0)
        if self.company:
            return False
        if 0 < since <= _COMPANY_WITHIN and _PLACES.search(run.before):
            return True
        tokens, (first, last) = self._wording.tokens, run.stretch
        apart = first > 0 and tokens[first - 1].pauses and tokens[last].pauses
        if (
            apart
            and not self._repeats_rep(run)
            and (since == 1 or (1 < since <= _ROLE_WORDS + 1 and run.business))
        ):
            return True
        if _SELLER.search(run.before) or _CALLS_FROM.search(run.before):
            return run.business or run.first < _OPENING_WORDS
        placed = _PLACES.search(run.before) is not None
        return run.first < _OPENING_WORDS and run.business and run.long and placed

    def _repeats_rep(self, run: _Run) -> bool:
        """Whether a first name is said again, with more: "it's Lou, Lou Field"."""
        tokens = self._wording.tokens
        return any(tokens[run.first].text == tokens[first].text for first, _ in self.rep)

    def _is_addressed(self, run: _Run) -> bool:
        """Whether the first name of the message is the listener's, where no record tells."""
        if self._addressed or self.rep or self.company or run.business or not run.alone:
            return False
        if _TITLED.search(run.before):
            return True
        followed = _FOLLOWS_ADDRESS.match(run.after) is not None
        return not run.long and (followed or run.first > 0)

    def _signs_off(self, run: _Run) -> bool:
        """Whether the run is a sentence of its own, near the end."""
        tokens, (first, last) = self._wording.tokens, run.stretch
        near_end = last >= len(tokens) - 5 and first >= _SHORTEST
        return near_end and not self.rep and tokens[first - 1].ends and tokens[last].pauses


@lru_cache(maxsize=4)  # several signals of a message ask for them
def _roles(wording: Wording, context: SignalContext) -> _Roles:
    return _Roles(wording, context)


def _name_runs(wording: Wording) -> Iterator[Stretch]:
    """Stretches of words written as names that no pause parts, with "and" and "of" between."""
    first: int | None = None
    names = [_is_name(wording, index) for index in range(len(wording.tokens))]
    for index, token in enumerate(wording.tokens):
        joins = token.text in {"and", "of", "&"} and any(names[index + 1 : index + 2])
        if names[index] and first is None:
            first = index
        if first is not None and not (names[index] or joins):
            yield first, index - 1
            first = None
        elif first is not None and (token.pauses or index + 1 == len(names)):
            yield first, index
            first = None


def _is_name(wording: Wording, index: int) -> bool:
    """Whether a word is written as a name, as "First" is in "from First Harbor"."""
    token = wording.tokens[index]
    if _NAME.match(token.text) is None:
        return False
    if token.text == "IT" or not _NO_NAME.fullmatch(token.text.lower()):
        return True
    around = wording.tokens[max(0, index - 1) : index + 2]
    within = len(around) == 3 and around[0].text.islower() and not around[0].ends
    joined = within and not token.pauses and _NAME.match(around[2].text) is not None
    return joined and not _TITLE.fullmatch(token.text.lower())
