"""How much the listener is asked for: one answer, or several things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.reply import asks_callback, text_invited
from vmaudit.content.signals.weighing import Sense, Weighing
from vmaudit.content.signals.wording import Stretch, Wording, phrase

__all__ = ["many_asks", "one_ask"]

_VISIT = phrase(
    r"(?:stop|come|swing|drop|pop|walk|hop|run|get)(?: on)?(?: \w+)? (?:by|in|down|over|around"
    r"|'?round|up|out|here)(?! (?:for|with|yet))|come (?:see|get|look|visit)|in person"
    "|visit (?:us|any|our)|see (?:me|us) at",
)
_WRITE = phrase(
    r"(?:send|shoot|drop) (?:me|us) an? (?:quick )?e[- ]?mail|e[- ]?mail (?:me|us|the)",
    r"by (?:e[- ]?mail|letter)|(?:hit|just) reply|reply (?:to|with)|(?:write|writing) to (?:us|me)",
)
# Points by the definition, in the proportions of a logistic regression on parts a to f of
# models/training, rounded.
_MANY = Weighing(
    6,
    (
        # a choice is left
        Sense.of(
            2,
            r"(?<!more\s)(?<!less\s)or(?!,?\s(?:so|not|less|more|two|three|was)\b)",
        ),
        # of what else to do
        Sense.of(
            1,
            "or (?:else )?(?:just |maybe )?(?:you (?:can|could|may|might)|i (?:can|could|guess)"
            r"|(?:my|your) \w+|there(?:'s|'re| is| are)|tell|have|send|come|pop|drop|stop"
            "|leave|get|go|see|visit|write|click|e-?mail|mail|text|call|fax|bring|ask)",
        ),
        Sense(2, _VISIT),
        # to bring or send something
        Sense.of(
            2,
            "bring|send (?:me|us|over|your|the|him|her)|get (?:me|us)(?! at)"
            "|give (?:me|us) (?!a (?:call|ring|shout|holler|buzz|quick))|need (?:your|the|a)"
            "|i(?:'ll|'d| will|'m going to)? need|want (?:the|your)",
        ),
        # to tell or ask somebody
        Sense.of(
            1,
            r"(?:tell|show) (?:me|us|him|her)(?! (?:i|he|she|it)\b)|let (?:me|us) know"
            "|say (?:yes|no|hi|hello)|talk to|can you|could you|pick an?|have your",
        ),
        # a question
        Sense.of(
            1,
            "(?:do|did|are|is|was|can|could|would|does|have|has|will) (?:you|he|she|your)"
            "|(?:what|who|which|how many|where)(?:'s| is| are| do| would)",
        ),
        # to go online
        Sense.of(
            1,
            "(?:the|our|my) (?:website|web site|site|page|link|app|portal|facebook|instagram"
            "|computer|survey)|click|download|chat|follow us|sign up|online|fill (?:out|in)",
        ),
        Sense(1, _WRITE),
        # to turn to somebody else
        Sense.of(
            1,
            r"(?:call|text|ask|see|get|ring|tell|or|have|talk to) (?:my \w+|your \w+|the \w+)"
            "|ask for",
        ),
        # more things
        Sense.of(
            1,
            "also|oh and|and oh|second thing|one more|another thing|several"
            "|(?:two|three|four|a few|couple of) things|while you're",
        ),
        Sense.of(
            1,
            "sign|look at|check (?:the|your|out)|measure|register|dig out|write",
        ),
    ),
)


def one_ask(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener is asked for an answer or a visit, and hardly for more."""
    if not _many(wording):
        yield from asks_callback(wording, context)
        yield from text_invited(wording, context)
        yield from wording.find(_VISIT)
        yield from wording.find(_WRITE)


def many_asks(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener is asked for several things, or to choose between them."""
    yield from _many(wording)


@lru_cache(maxsize=4)  # two signals of a message ask for them
def _many(wording: Wording) -> Sequence[Stretch]:
    return _MANY.find(wording)
