"""Lexical fillers: words such as "like" and "you know" where they carry no meaning.

The same words mean something most of the time ("I'd like to", "do you know"), so each phrase
has a rule on its neighbours and on punctuation, and in doubt it does not count. English.
Precision and recall: docs/delivery.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vmaudit.delivery.tokens import HESITATIONS, Close, Token, tokens, word_set
from vmaudit.records import Filler, Word

_SUBJECTS = word_set(
    "i we you they he she it i'm we're you're they're it's there's that's i'll we'll you'll "
    "i've we've they've he's she's i'd we'd"
)
_BE = word_set("is was are were be been am i'm it's that's he's she's we're you're they're there's")
_CONJUNCTIONS = word_set("and but so because or")
_SPOKE = word_set("said say mentioned told promised discussed talked wrote explained")

# "do you know", "let you know", "as you know" and what follows when something is known.
_BEFORE_KNOWING = word_set(
    "do did does don't didn't doesn't if let as when once whether what how would should might may "
    "could that because sure since all everything anything something to before until things "
    "people anyone everyone someone"
)
_KNOWN = word_set(
    "that what how if when where who why whether which about of anyone anybody someone somebody "
    "anything everything him her them me us it exactly"
)
_MEANT = word_set(
    "the a an it that this these those to what by every business you him her them well"
)
_ALIKE = word_set(
    "would i'd we'd you'd he'd she'd they'd i you we they to really also don't didn't doesn't "
    "might may feel feels felt look looks looked looking sound sounds sounded seem seems seemed "
    "something anything nothing everything someone people things much more exactly somewhat just "
    "smell taste act drive drives run runs work works not never can't that who which cars trucks"
)
_HEDGED = word_set(
    "really super so totally pretty very maybe literally right already five ten fifteen twenty "
    "thirty forty fifty sixty ninety hundred two three four six seven eight half way"
)
_KINDS = word_set(
    "a the this that what which any some every each same one another all no best right certain "
    "different these those other new first only his her its our my your their rare very so really "
    "too how"
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a phrase stands: its neighbours, and whether punctuation sets it off."""

    before: str
    after: str
    second_after: str
    opened: bool
    closed: bool
    starts_sentence: bool

    @property
    def set_off(self) -> bool:
        return self.opened and self.closed


def _you_know(place: _Place) -> bool:
    if place.before in _BEFORE_KNOWING and not place.opened:
        return False
    return place.closed or (place.after not in _KNOWN and not place.starts_sentence)


def _i_mean(place: _Place) -> bool:
    if place.before in {"what", "do", "did", "know", "if", "when"} and not place.opened:
        return False
    return place.after not in _MEANT if not place.closed else place.opened


def _like(place: _Place) -> bool:
    if place.opened and (place.before or place.closed):
        quotes = place.after in _SUBJECTS and place.second_after in _SPOKE
        compares = not place.closed and place.after not in _HEDGED
        return not (quotes or compares)
    if place.before in _ALIKE:
        return False
    if place.before in _CONJUNCTIONS:
        return place.closed or place.after in _HEDGED
    return (place.closed and place.before in _BE) or place.after in _HEDGED


def _so(place: _Place) -> bool:
    if place.after in {"yeah", "anyway", "anyways"}:
        return place.opened
    return place.set_off and (place.starts_sentence or not place.after)


def _adverb(place: _Place) -> bool:
    if place.opened:
        return place.starts_sentence or place.closed or place.after in _SUBJECTS
    hedges = place.after == "just"
    return hedges or (place.closed and bool(place.after) and place.before in _BE | _CONJUNCTIONS)


def _kind_of(place: _Place) -> bool:
    return place.before not in _KINDS and not place.starts_sentence and place.after != "you"


def _set_off(place: _Place) -> bool:
    return place.set_off


def _well(place: _Place) -> bool:
    return place.set_off or (place.starts_sentence and place.after in _SUBJECTS)


def _okay_so(place: _Place) -> bool:
    return place.opened


def _always(_: _Place) -> bool:
    return True


_RULES: Mapping[tuple[str, ...], Callable[[_Place], bool]] = {
    tuple(phrase.split()): rule
    for phrase, rule in {
        "you know": _you_know,
        "y'know": _always,
        "yknow": _always,
        "i mean": _i_mean,
        "okay so": _okay_so,
        "ok so": _okay_so,
        "kind of": _kind_of,
        "sort of": _kind_of,
        "kinda": _always,
        "sorta": _always,
        "like": _like,
        "so": _so,
        "actually": _adverb,
        "basically": _adverb,
        "literally": _adverb,
        "honestly": _adverb,
        "right": _set_off,
        "well": _well,
        "anyway": _well,
        "anyways": _well,
    }.items()
}
_LONGEST = max(len(phrase) for phrase in _RULES)


def lexical_fillers(words: Sequence[Word]) -> tuple[Filler, ...]:
    """Return each lexical filler in time order, lower case; ``probability`` is its words' least."""
    said = tokens(words)
    found: list[Filler] = []
    position = 0
    while position < len(said):
        length = _filler_length(said, position)
        if length:
            parts = said[position : position + length]
            found.append(_filler(parts))
        position += length or 1
    return tuple(found)


def _filler_length(said: Sequence[Token], start: int) -> int:
    """How many tokens from ``start`` on are a filler, the longest phrase first; 0: none."""
    for length in range(min(_LONGEST, len(said) - start), 0, -1):
        rule = _RULES.get(tuple(token.text for token in said[start : start + length]))
        if rule is not None and rule(_place(said, start, start + length)):
            return length
    return 0


def _place(said: Sequence[Token], start: int, stop: int) -> _Place:
    before = said[start - 1] if start else None
    following = [token.text for token in said[stop : stop + 2]] + ["", ""]
    hesitant = before is not None and before.text in HESITATIONS
    return _Place(
        before=before.text if before else "",
        after=following[0],
        second_after=following[1],
        opened=before is None or hesitant or before.close is not Close.NONE,
        closed=said[stop - 1].close is not Close.NONE or following[0] in {"", *HESITATIONS},
        starts_sentence=before is None or before.close is Close.SENTENCE,
    )


def _filler(parts: Sequence[Token]) -> Filler:
    return Filler(
        text=" ".join(token.text for token in parts),
        start_s=parts[0].word.start_s,
        end_s=parts[-1].word.end_s,
        source="transcript",
        probability=min(token.word.confidence for token in parts),
    )
