"""Where the listener is asked for something: to call, to text, to write, to say a word. English."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from vmaudit.records import Interval, Word

__all__ = ["find_asks"]

_ASK = re.compile(
    r"""\b(?:
        (?:give|gimme|drop|shoot|send)\ (?:(?:me|us|our\ \w+)\ )?an?\ (?:quick\ )?
            (?:call|ring|shout|buzz|holler|text|e-?mail|message|note|line)
        |(?:call|text|phone|ring|e-?mail|contact|reach|message|hit|try)\ (?:me|us|my|our)\b
        |(?<!\ba\ )(?<!\bthe\ )(?:call|ring|text|write|phone)\ back
        |get\ (?:back\ )?(?:to|in\ touch\ with|a\ hold\ of|hold\ of|with)\ (?:me|us)
        |reach\ out\ to\ (?:me|us)
        |return\ (?:my|this|the|our)\ call
        |let\ (?:me|us)\ know
        |(?:stop|come|swing)\ (?:by|in)\b
    )""",
    re.VERBOSE,
)
# Just before it, in the same clause: nothing is asked, or it is the speaker who will do it.
_NO_ASK = re.compile(
    r"\b(?:(?:no (?:need|reason|rush)|(?:don't|not|needn't)(?: (?:have|need|want|asking))?)"
    r"(?: (?!hesitate)\w+){0,3}|(?:i|we|he|she|they)(?:'ll|'d)?(?: \w+)?) $"
)
_NOT_SAID = re.compile(r"[^a-z'-]")
_SENTENCE_ENDS = (".", "?", "!")
_CLAUSE_ENDS = (*_SENTENCE_ENDS, ",", ";", ":")
_LONGEST_S = 6.0  # a recogniser may forget the full stop


def find_asks(words: Sequence[Word]) -> tuple[Interval, ...]:
    """Each ask from its first word to the end of its sentence, in time order, without overlap.

    "You don't have to call me back" asks for nothing.
    """
    found: list[Interval] = []
    for index in _asking(words):
        start_s = words[index].start_s
        if not found or start_s >= found[-1].end_s:
            found.append(Interval(start_s, _end_s(words[index:])))
    return tuple(found)


def _asking(words: Sequence[Word]) -> Iterator[int]:
    """Index of the word with which each ask begins."""
    said = [_NOT_SAID.sub("", word.text.lower().replace("\u2019", "'")) for word in words]
    text = " ".join(said)
    starts = [0, *accumulate(len(one) + 1 for one in said)]
    for match in _ASK.finditer(text):
        index = first = bisect_right(starts, match.start()) - 1
        while first and not words[first - 1].text.endswith(_CLAUSE_ENDS):
            first -= 1
        if not _NO_ASK.search(" ".join([*said[first:index], ""])):
            yield index


def _end_s(words: Sequence[Word]) -> float:
    end_s = words[0].end_s
    for word in words:
        if word.end_s - words[0].start_s > _LONGEST_S:
            break
        end_s = word.end_s
        if word.text.rstrip("\"')").endswith(_SENTENCE_ENDS):
            break
    return end_s
