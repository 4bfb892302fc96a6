"""The words of a text, and what is known of the message that they come from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from vmaudit.report.masking.vocabulary import DIGIT_WORDS, MASKS, SCALES, TITLES

__all__ = ["Known", "Text", "Token", "letters", "made_of", "name_words"]

TRUNKS = ("", "0", "1")  # what is dialled before a national number

_JOINTS = re.compile("[-\\u2010-\\u2015./,&+_]")


def letters(text: str) -> str:
    """The letters alone, without accents and case; a possessive "'s" is no part of a name."""
    text = re.sub("['\u2019]s?$", "", text.strip('.,;:!?"()[]'))
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if char.isalpha()).casefold()


def name_words(text: str) -> Iterator[str]:
    """The words of a name by which somebody is known: no initials, no titles, no masks."""
    for word in text.split():
        if word.strip(".,;:!?") in MASKS:
            continue
        for found in {letters(word), *map(letters, _JOINTS.split(word))}:
            if len(found) > 1 and found not in TITLES:
                yield found


def made_of(text: str, pieces: Collection[str]) -> bool:
    """Whether a text is these pieces and nothing else, in a row or more than once."""
    reached = {0}  # ends of what such pieces cover from the start on
    for start in range(len(text)):
        if start in reached:
            reached |= {start + len(piece) for piece in pieces if text.startswith(piece, start)}
    return len(text) in reached - {0}


@dataclass(frozen=True)
class Known:
    """What is known of a message: whom to hide, and who and what stays.

    ``names`` are hidden in any case and where they are misheard, ``proper`` only where they are
    written with a capital; both as ``letters`` gives them, as is ``rep``. ``numbers`` are digits.
    ``cased``: whether capitals tell anything in the texts of the message.
    """

    names: frozenset[str] = frozenset()
    proper: frozenset[str] = frozenset()
    rep: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    cased: bool = True

    def says_own_number(self, digits: str) -> bool:
        """Whether digits are numbers which stay and nothing else, in a row or more than once."""
        return made_of(digits, [trunk + number for number in self.numbers for trunk in TRUNKS])


@dataclass(frozen=True)
class Token:
    """One word as it stands in the text."""

    text: str
    starts_sentence: bool

    @cached_property
    def bare(self) -> str:
        """The word without punctuation and case."""
        return self.text.strip(".,;:!?\"'()[]-").replace("\u2019", "'").casefold()

    @cached_property
    def letters(self) -> str:
        """As ``letters`` gives them."""
        return letters(self.text)

    @cached_property
    def digits(self) -> str:
        """Decimal digits of any script, as ASCII."""
        return "".join(
            str(unicodedata.digit(char)) for char in self.text if unicodedata.digit(char, -1) >= 0
        )

    @cached_property
    def pieces(self) -> int:
        """How many numerals or number words it is made of."""
        if self.digits:
            return 1
        parts = _JOINTS.split(self.bare)
        return len(parts) if all(part in DIGIT_WORDS | SCALES for part in parts) else 0

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital, or is in a script that has none."""
        first = self.text.lstrip("\"'([")[:1]
        return first.isalpha() and not first.islower()

    @property
    def ends_sentence(self) -> bool:
        """Whether a full stop or its like follows."""
        return self.text.endswith((".", "?", "!"))

    @property
    def ends_phrase(self) -> bool:
        """Whether a comma, a full stop or their like follows."""
        return self.ends_sentence or self.text.endswith((",", ";", ":"))


@dataclass
class Text:
    """The words of a text, what is known, and the mask of each word that is hidden so far."""

    tokens: Sequence[Token]
    known: Known
    stay: frozenset[int]  # words of numbers that stay
    hidden: dict[int, str] = field(default_factory=dict)

    def capital(self, index: int) -> bool:
        """Whether a word is written as a name is; where there are no capitals, any may be one."""
        return self.tokens[index].is_capital or not self.known.cased

    def hide(self, indices: Iterable[int], mask: str) -> None:
        """Put a mask over words; one that is there already stays."""
        for index in indices:
            self.hidden.setdefault(index, mask)

    def bare(self, index: int) -> str:
        """The bare word of an index; none before the first word and after the last."""
        return self.tokens[index].bare if 0 <= index < len(self.tokens) else ""
