"""One string for all patterns to read, and the way back from it to the words and their times."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from vmaudit.content.tokens import Heard
from vmaudit.records import Evidence, Interval, Word

__all__ = ["NAME", "Stretch", "Token", "Wording", "behind", "phrase", "word_set"]

Stretch = tuple[int, int]
"""Indices of the first and the last token of something said."""

# A word that is written as a name. "I" is none, nor is an initial that a recogniser parted.
NAME = r"(?-i:(?!I\b)[A-Z\u00c0-\u00de][\w'-]*[\w'])"

_EDGES = ".,;:!?()[]{}\"'*-_ "
_TITLE = re.compile(r"(?:mr|mrs|ms|dr|st|jr|sr|prof|rev|vs|inc|co|[a-z])\.", re.IGNORECASE)
_DROPPED_G = re.compile(r"(?<=[a-z]in)'(?=[-.,;:!?)\"]*$)")  # callin'
_ENDS = re.compile(r"[.?!][\")\]']*$")
_PAUSES = re.compile(r"(?:[,;:-]|\.{2,})[\")\]']*$")
_BEGINS = r"(?<![\w'$-])"  # a word
_IGNORES_CASE = int(re.IGNORECASE)  # as a number: half a hundred patterns ask for it
_NEGATION_CHARS = 40  # how far back a negation is looked for


def word_set(text: str) -> frozenset[str]:
    """Split a list of words at its spaces."""
    return frozenset(text.split())


def phrase(*alternatives: str) -> re.Pattern[str]:
    """Compile patterns of whole words in lower case. A space in them also passes a comma.

    It does not pass the end of a sentence. Only with ``NAME`` in them they heed capitals, and
    then pay for it: ``re`` skips alternatives by their first letter where case counts.
    """
    either = "|".join(alternatives).replace(" ", ",? ")
    flags = re.IGNORECASE if NAME in either else re.NOFLAG
    return re.compile(rf"{_BEGINS}(?:{either})(?![\w'-])", flags)


@cache  # as many as there are patterns
def _after_space(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The same phrase with the space before it: ``re`` runs from space to space, not by letters."""
    return re.compile(" " + pattern.pattern.removeprefix(_BEGINS), pattern.flags)


def behind(*alternatives: str) -> re.Pattern[str]:
    """Compile patterns of whole words in lower case that end just before something else."""
    either = "|".join(alternatives).replace(" ", ",? ")
    return re.compile(rf"(?<![\w'])(?:{either}),? $")


_HESITATIONS = word_set("um umm uh uhm uhh er erm ah hm hmm mm mhm")
_NEGATION = re.compile(  # "not, um, checking in": the comma is a hesitation's; later ones end it
    r"(?<![\w'])(?:(?:not|(?:is|was|are|were|do|does|did|wo|ca|have|has|need|should|would|could)n't"
    r"|ain't),? |(?:never|nothing|without|nor|cannot) "
    r"|no (?:(?:need|reason|rush|hurry) (?:to|for) )?)"
    r"(?:(?<!no )[\w']+ ){0,2}$"
)


class Token(NamedTuple):
    """A word without its punctuation, from ``start`` on in the text, and the words it is of.

    ``ends``: the end of a sentence follows; ``pauses``: that or a comma.
    """

    text: str
    start: int
    first_word: int
    last_word: int
    ends: bool
    pauses: bool


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """What was said without hesitations: ``text`` has words, commas and full stops, no more.

    ``lower`` is the same in lower case, offset by offset; ``starts`` and ``starts_s`` are where
    and when each token begins.
    """

    words: Sequence[Word]
    heard: Heard
    tokens: tuple[Token, ...]
    text: str
    lower: str
    starts: tuple[int, ...]
    starts_s: tuple[float, ...]

    @classmethod
    def of(cls, words: Sequence[Word]) -> Wording:
        """Read the words of a message."""
        heard = Heard.of(words)
        found: list[Token] = []
        length = 0
        for chunk in re.finditer(r"\S+", heard.text):
            written = chunk.group()
            plain = written.isalpha()
            core = written if plain else _DROPPED_G.sub("g", written).strip(_EDGES)
            if not core and found:
                found[-1] = found[-1]._replace(pauses=True)  # a dash between two words
            if not core or core.lower() in _HESITATIONS:
                continue
            if found:
                length += 2 if found[-1].pauses else 1
            ends, pauses = (False, False) if plain else _closes(written)
            first, last = heard.word_at(chunk.start()), heard.word_at(chunk.end() - 1)
            found.append(Token(core, length, first, last, ends, pauses))
            length += len(core)
        text = "".join(
            token.text + (". " if token.ends else ", " if token.pauses else " ") for token in found
        )
        starts = tuple(token.start for token in found)
        starts_s = tuple(words[token.first_word].start_s for token in found)
        return cls(words, heard, tuple(found), text, _lower(text), starts, starts_s)

    def find(self, pattern: re.Pattern[str]) -> Iterator[Stretch]:
        """Each match of the pattern, in order, but where a negation stands just before it."""
        for stretch in self.find_even_negated(pattern):
            if not _NEGATION.search(self.before(stretch, _NEGATION_CHARS)):
                yield stretch

    def find_even_negated(self, pattern: re.Pattern[str]) -> Iterator[Stretch]:
        """Each match of the pattern, in order."""
        text = self.text if pattern.flags & _IGNORES_CASE else self.lower
        for match in _after_space(pattern).finditer(" " + text):
            yield self._covering(match.start(), match.end() - 1)

    def stretch(self, match: re.Match[str], group: int | str = 0) -> Stretch:
        """The tokens that a match, or one of its groups, covers."""
        return self._covering(match.start(group), match.end(group))

    def _covering(self, start: int, end: int) -> Stretch:
        last = bisect_left(self.starts, max(end, start + 1)) - 1
        return bisect_right(self.starts, start) - 1, last

    def before(self, stretch: Stretch, chars: int = 60) -> str:
        """The text just before these tokens, in lower case."""
        start = self.starts[stretch[0]]
        return self.lower[max(0, start - chars) : start]

    def within(self, interval: Interval) -> Stretch | None:
        """The tokens that begin inside an interval of time; None where there are none."""
        first = bisect_left(self.starts_s, interval.start_s)
        last = bisect_left(self.starts_s, interval.end_s) - 1
        return (first, last) if first <= last else None

    def between(self, stretch: Stretch) -> str:
        """The text of these tokens in lower case, with the punctuation between them."""
        first, last = self.tokens[stretch[0]], self.tokens[stretch[1]]
        return self.lower[first.start : last.start + len(last.text)]

    def confidence(self, stretch: Stretch) -> float:
        """The mean confidence of its words."""
        first, last = self._words(stretch)
        return sum(word.confidence for word in self.words[first : last + 1]) / (last + 1 - first)

    def evidence(self, stretch: Stretch) -> Evidence:
        """Its words as heard, with their times."""
        first, last = self._words(stretch)
        text = self.heard.between(first, last)
        return Evidence(self.words[first].start_s, self.words[last].end_s, text)

    def _words(self, stretch: Stretch) -> Stretch:
        return self.tokens[stretch[0]].first_word, self.tokens[stretch[1]].last_word


def _lower(text: str) -> str:
    """Lower case of the same length; a letter whose lower case is longer stays."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _closes(chunk: str) -> tuple[bool, bool]:
    """Whether a sentence ends with this chunk, and whether at least a pause follows it."""
    pauses = _PAUSES.search(chunk) is not None
    ends = not pauses and _ENDS.search(chunk) is not None and not _TITLE.fullmatch(chunk)
    return ends, ends or pauses
