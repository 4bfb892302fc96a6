"""Which words of a text say who somebody is: rules over words, each in a small function.

In doubt a rule hides. The vocabulary is English; docs/privacy.md says what it can miss.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import fuzz

__all__ = ["DETAIL", "NAME", "NUMBER", "Known", "letters", "masked_text", "masks", "name_words"]

NAME, NUMBER, AMOUNT = "[name]", "[number]", "[amount]"
EMAIL, ADDRESS, DETAIL = "[email]", "[address]", "[detail]"

NEAR, NEAR_LONG = 75.0, 70.0  # percent alike from which a word may be a name misheard
SHORT_NAME, LONG_NAME = 3, 6  # letters; a shorter name than the first is never misheard
LONG_NUMERAL = 3  # digits; as many pieces of fewer digits are a number too
CODE_REACH = 4  # words from "account" or its like to what names the account
STREET_REACH = 4  # words from the house number to "Street"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLES = _set("mr mrs ms miss mister dr doctor prof professor sir madam")
GREETINGS = _set("hi hey hello dear")
DAYTIMES = _set("morning afternoon evening")
FILLERS = _set("um umm uh uhm er erm ah hm mm")
# What follows a greeting with a capital and is no name.
NO_NAMES = FILLERS | _set(
    "a again and everyone folks for from good guys hope how i i'm is it it's its just my so the "
    "there this to we you your"
)
DIGIT_WORDS = _set(
    "zero oh o one two three four five six seven eight nine niner ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fourty fifty sixty "
    "seventy eighty ninety nought naught double triple treble"
)
SCALES = _set("hundred thousand million billion grand")
# What may stand between the digits of one number, words for which a digit was taken included.
BETWEEN_DIGITS = FILLERS | _set(
    "and area ate c code dash dot ext extension for free hyphen is number point see sex that "
    "that's the then to too tree won x again"
)
MONEY = SCALES | _set(
    "dollar dollars buck bucks cent cents pound pounds euro euros percent % k apr"
)
CURRENCIES = _set("$ £ € ¥")
PERIODS = _set("day week month quarter year")
CODES = _set(
    "account acct policy loan order invoice claim ticket case reference ref confirmation member "
    "membership card vin serial license licence plate social ssn pin passcode password code "
    "routing ending"
)
STREETS = _set("street avenue ave boulevard blvd road lane highway parkway turnpike")
PERHAPS_STREETS = _set("st rd dr drive way court ct place pl circle terrace trail square row close")
ROOMS = _set("apartment apt unit suite box flat")
DOMAINS = _set("com net org edu gov io co biz info us uk ca")

_TIME_OR_DATE = re.compile(r"\d{1,2}[:/]\d{2}(?:[ap]\.?m)?|\d{1,2}/\d{1,2}", re.IGNORECASE)
_CURRENCY = re.compile(f"[{''.join(CURRENCIES)}%]")
_CONTRACTION = re.compile(r"\w+'(?:d|ll|m|re|t|ve)")
_ADDRESS_AT = re.compile(r"[^@\s]@|@[^@\s]")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?:" + "|".join(sorted(DOMAINS)) + ")", re.IGNORECASE)
_TRUNK = "[01]?"  # written before a national number


def letters(text: str) -> str:
    """The letters alone, without accents and case; a possessive "'s" is no part of a name."""
    text = re.sub("['\u2019]s?$", "", text.strip('.,;:!?"()[]'))
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if char.isalpha()).casefold()


def name_words(text: str) -> Iterator[str]:
    """The words of a name by which somebody is known: no initials, no titles, no masks."""
    if text.startswith("["):
        return
    for word in text.split():
        for found in {letters(word), *map(letters, word.split("-"))}:
            if len(found) > 1 and found not in TITLES | NO_NAMES:
                yield found


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

    @cached_property
    def own_number(self) -> re.Pattern[str]:
        """Digits that are numbers which stay, any number of times."""
        ways = sorted(filter(None, self.numbers), key=len, reverse=True)
        return re.compile(f"(?:{_TRUNK}(?:{'|'.join(ways)}))+" if ways else "(?!)")


@dataclass(frozen=True)
class _Token:
    text: str
    starts_sentence: bool

    @cached_property
    def bare(self) -> str:
        return self.text.strip(".,;:!?\"'()[]").replace("\u2019", "'").casefold()

    @cached_property
    def letters(self) -> str:
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
        parts = re.split("[-\u2010-\u2015/]", self.bare)
        return len(parts) if all(part in DIGIT_WORDS | SCALES for part in parts) else 0

    @property
    def is_capital(self) -> bool:
        first = self.text.lstrip("\"'([")[:1]
        return first.isalpha() and not first.islower()

    @property
    def ends_phrase(self) -> bool:
        return self.text.endswith((".", ",", "?", "!", ";", ":"))


@dataclass
class _Text:
    """The words of a text, what is known, and the mask of each word that is hidden so far."""

    tokens: Sequence[_Token]
    known: Known
    stay: frozenset[int]  # words of numbers that stay
    hidden: dict[int, str] = field(default_factory=dict)

    def capital(self, index: int) -> bool:
        """Whether a word is written as a name is; where there are no capitals, any may be one."""
        return self.tokens[index].is_capital or not self.known.cased

    def hide(self, indices: Iterable[int], mask: str) -> None:
        for index in indices:
            self.hidden.setdefault(index, mask)

    def bare(self, index: int) -> str:
        return self.tokens[index].bare if 0 <= index < len(self.tokens) else ""


def masks(words: Sequence[str], known: Known, *, stay: Iterable[int] = ()) -> list[str | None]:
    """For each word the mask to put in its place, None where it stays.

    ``stay`` are indices of words that say a number which stays. Linear in the words.
    """
    tokens = [
        _Token(word, index == 0 or words[index - 1].endswith((".", "?", "!")))
        for index, word in enumerate(words)
    ]
    text = _Text(tokens, known, frozenset(stay))
    for rule in RULES:
        rule(text)
    return [text.hidden.get(index) for index in range(len(tokens))]


def masked_text(text: str, known: Known) -> str:
    """A text with masks; the white space between its words stays as it is."""
    pieces = re.split(r"(\s+)", text)  # words at even places
    found = masks(pieces[::2], known)
    pieces[::2] = [with_mask(word, mask) for word, mask in zip(pieces[::2], found, strict=True)]
    return "".join(pieces)


def with_mask(word: str, mask: str | None) -> str:
    """The mask in place of the word, whose closing punctuation it keeps."""
    if mask is None:
        return word
    return mask + word[len(word.rstrip(".,;:!?")) :]


# Numbers


@dataclass(frozen=True, slots=True)
class _Run:
    """Numerals and number words in a row, from ``first`` to before ``end``."""

    first: int
    end: int
    pieces: int
    digits: str
    longest: int  # digits of the longest numeral that is no time of day or date


def _runs(text: _Text) -> Iterator[_Run]:
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


def _numbers(text: _Text) -> None:
    """Amounts by their unit, and whatever is long enough to be a number of somebody."""
    for run in _runs(text):
        indices = range(run.first, run.end)
        if text.known.own_number.fullmatch(run.digits):
            text.stay |= frozenset(indices)
        elif _is_amount(text, run):
            text.hide(indices, AMOUNT)
        elif run.longest >= LONG_NUMERAL or run.pieces >= LONG_NUMERAL:
            text.hide(indices, NUMBER)


def _is_amount(text: _Text, run: _Run) -> bool:
    said = text.tokens[run.first : run.end]
    if any(_CURRENCY.search(token.text) or token.bare in SCALES for token in said):
        return True
    if text.bare(run.first - 1) in CURRENCIES:
        return True
    after = text.bare(run.end)
    return after in MONEY or (after in ("a", "per") and text.bare(run.end + 1) in PERIODS)


def _codes(text: _Text) -> None:
    """What follows "account", "policy", "code" and their like: digits, and letters in capitals."""
    for index, token in enumerate(text.tokens):
        if token.bare not in CODES:
            continue
        for place in range(index + 1, min(index + 1 + CODE_REACH, len(text.tokens))):
            word = text.tokens[place]
            spelled = word.letters and word.text.isupper() and word.bare != "i"
            if place not in text.stay and (word.pieces or spelled):
                text.hide([place], NUMBER)


# Addresses


def _emails(text: _Text) -> None:
    for index, token in enumerate(text.tokens):
        if _ADDRESS_AT.search(token.text):
            text.hide([index], EMAIL)
        spoken = token.bare == "dot" and text.bare(index + 1) in DOMAINS
        if spoken or _DOMAIN.fullmatch(token.bare):
            at = next((k for k in range(index - 1, index - 4, -1) if text.bare(k) == "at"), None)
            if at is not None and at > 0:
                text.hide(range(_local_part(text, at), index + 1 + spoken), EMAIL)


def _local_part(text: _Text, at: int) -> int:
    """Where what stands before the "at" begins: a word, or letters and words joined by signs."""
    first = at - 1
    joins = _set("dot period underscore dash hyphen")
    while first > 0:
        before, here = text.bare(first - 1), text.bare(first)
        single = len(before) == 1 or text.tokens[first - 1].pieces > 0
        if not (before in joins or here in joins or single):
            break
        first -= 1
    return first


def _streets(text: _Text) -> None:
    for index, token in enumerate(text.tokens):
        if token.bare in ROOMS and index + 1 < len(text.tokens):
            after = text.tokens[index + 1]
            if after.pieces or (len(after.letters) == 1 and after.text[:1].isupper()):
                text.hide([index, index + 1], ADDRESS)
        elif token.bare in STREETS or (token.bare in PERHAPS_STREETS and token.is_capital):
            first = _street_start(text, index)
            text.hide(range(first, index + (first < index)), ADDRESS)


def _street_start(text: _Text, street: int) -> int:
    """Where an address begins that ends in this "Street"; there, where nothing belongs to it."""
    first = street
    for index in range(street - 1, max(-1, street - 1 - STREET_REACH), -1):
        token = text.tokens[index]
        if token.pieces:
            return index
        if not text.capital(index):
            break
        if token.ends_phrase or (token.starts_sentence and token.bare in NO_NAMES):
            break
        first = index if token.is_capital and text.tokens[street].is_capital else first
    return first


# Names


def _introductions(text: _Text) -> set[int]:
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


def _names(text: _Text) -> None:
    introduced = _introductions(text)
    for index, token in enumerate(text.tokens):
        own = token.letters in text.known.rep
        if not text.known.names.isdisjoint(name_words(token.text)):
            if not (own and index in introduced):
                text.hide([index], NAME)
        elif not own and index not in introduced and text.capital(index):
            text.hide(_misheard(text, index), NAME)


def _misheard(text: _Text, index: int) -> list[int]:
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
    if any(_near(token.letters, name) for name in known.names | known.proper):
        return [index]
    if index + 1 < len(text.tokens) and len(token.letters) > 1 and not token.ends_phrase:
        both = token.letters + text.tokens[index + 1].letters
        long = (name for name in known.names if len(name) >= LONG_NAME and name[0] == both[0])
        if any(_near(both, name) for name in long):
            return [index, index + 1]
    return []


def _near(heard: str, name: str) -> bool:
    if min(len(name), len(heard)) < SHORT_NAME:
        return heard == name
    return fuzz.ratio(heard, name) >= (NEAR_LONG if len(name) >= LONG_NAME else NEAR)


def _greeted(text: _Text) -> None:
    """Whoever is greeted, or has a title, is the one called, however the name was heard."""
    for index, token in enumerate(text.tokens):
        greeting = token.bare in GREETINGS | TITLES
        if not greeting and (token.bare not in DAYTIMES or token.ends_phrase):
            continue
        for place in range(index + 1, min(index + 4, len(text.tokens))):
            word = text.tokens[place]
            if word.bare in TITLES | FILLERS:
                continue
            if not text.capital(place) or word.bare in NO_NAMES or word.letters in text.known.rep:
                break
            text.hide([place], NAME)
            if word.ends_phrase:
                break


RULES: tuple[Callable[[_Text], None], ...] = (
    _numbers,
    _codes,
    _emails,
    _streets,
    _names,
    _greeted,
)
