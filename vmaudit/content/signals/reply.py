"""How the listener can answer, and what the caller will do: asks, channels, the next call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from vmaudit.content.asks import find_asks
from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import DAY, NUMBER
from vmaudit.content.signals.wording import NAME, Stretch, Wording, behind, phrase

__all__ = [
    "asks_callback",
    "direct_line",
    "email_mentioned",
    "many_asks",
    "one_ask",
    "text_invited",
    "will_call_again",
]

MANY_ASKS = 2  # asks beside the one to call, text or write

_REACH = r"(?:call|reach|ring|dial|get|try|text|phone|contact|catch)"
_DIRECT = phrase(
    "my (?:own |personal |private )?(?:direct|cell|mobile|cellphone|private|personal)(?:'s"
    "| (?:line|number|dial|extension|phone|cell|mobile))?(?: (?:number|line))?",
    r"my own (?:line|number|phone|desk|extension)|my desk (?:line|phone|number|extension)",
    r"direct (?:line|number|dial|extension|cell)",
    rf"{_REACH} me (?:\w+ )?direct(?:ly)?",
    rf"{_REACH} me (?:back )?(?:at|on) my (?:own )?(?:desk|cell|mobile)",
    r"(?:comes|goes|rings|gets) (?:straight|direct|directly|right) (?:\w+ )?(?:to|at|on) (?:me"
    r"|my \w+)",
    r"(?:straight|right|directly) to (?:me|my (?:desk|phone))",
)
_NOT_TOLD = behind(r"you(?:'ve)?(?: already)? (?:got|have)|your")
_TEXT = phrase(
    "(?:call|ring|phone|calls|and|can|could|to|or|just|please|simply|then|also|instead|either"
    "|a quick|feel free to|always|me|may) text(?! (?:messages?|you|reminders?|everybody"
    "|everyone|him|her|them))",
    "text (?:me|us|back|it|my|here|yes|or (?:call|ring|phone)|the (?:word|number)"
    "|(?:this|that) (?:number|line))",
    "(?:by|via|over|through|with a) text|(?:send|shoot|drop|swing|give|need|fire"
    "|ping) (?:(?:me|us|over|off|back) )*an? (?:quick |short )?(?:text|sms)",
    "text(?:ing|s)? (?:is|are|works?) (?:fine|welcome|good|great|okay|ok|best|easiest|just|too"
    "|also|even)",
    r"(?:call or|or) (?:a )?text(?:ing)?(?! (?:you|messages))|text (?:works|is best)",
)
_OTHERS_DO = behind(
    "(?:i|we|he|she|they|somebody|someone)(?:'ll|'d|'m|'ve| will| can| could| would| might| may"
    r"| just)*(?: \w+){0,2}",
    r"your|sent you|a missed|got (?:a|the|your)",
)
_CALL = phrase("call|ring|phone|dial|reach|contact|hit|get|try|shout|buzz|holler|jingle")
_CALLS = phrase(
    "(?:call|ring|dial|phone|telephone) (?:today|now|in|at|on|for|back|any ?time|when(?:ever)?"
    rf"|if|and|me|us|my|our|the|or text|{NUMBER})|call(?! you\b)",
    r"(?:give|gimme) (?:me |us |him |her |the \w+ )?an? (?:\w+ )?(?:call|ring|shout|buzz|holler"
    "|jingle|ding|bell)",
    r"(?:holler|shout) (?:at )?(?:me|us)|(?:buzz|holler at|hit) (?:me|us)(?: back| up)?",
    r"pick up the phone",
    r"ask for (?!the|a|your|it|that)\w+|(?:catch|find|reach) (?:me|us) (?:at|on|here|any)",
    r"inquire of|reply with|(?:i'm|i am) (?:at|on) (?=\d|my|one|two|three|four|five|six|seven"
    "|eight|nine)",
)
_NOT_ASKED = behind(
    "(?:i|we|he|she|they|it|somebody|someone|nobody|first|who|that|which)(?:'ll|'d|'m|'ve|'s"
    "| will| can| could| would| shall| am| have| had| was"
    r"| said)*(?: (?!or\b|so\b|if\b)\w+){0,3}",
    "(?:no (?:need|reason|rush)|(?:do|does|did|need)n't(?: (?:have|need|want|asking))?"
    r"|not(?: (?:have|need|asking))?)(?: \w+){0,2}",
    r"a|an|the|this|that|my|your|our|their|phone|sales|of|on|one|last|first|other|quick|next",
    r"\w+ing|to|courtesy|friendly|follow-up|missed|\w+'s",
)
_I_WILL = (
    "(?:(?:i|we)'(?:ll|m going to|re going to|m gonna|re gonna|d like to)"
    "|(?:i|we) (?:will|shall|plan to|intend to|am going to|are going to))"
)
_WHEN = (
    rf"(?:again|back|(?:on |next |this |by |around |about )?{DAY}|next week|later|at {NUMBER}"
    r"|in (?:a|an|the) \w+|perhaps|then|soon|first thing|before)"
)
_NEXT = (
    "(?:call|ring|try|phone|dial|follow(?: back)? up|check back|check in|circle back"
    rf"|touch base)(?: (?:with|on))?(?: you)?(?: {_WHEN})*"
)
_AGAIN = phrase(
    rf"{_I_WILL} (?:(?:also|just|probably|definitely|then|still|plan|to|go ahead and|be sure to"
    rf"|\w+ly) )*{_NEXT}(?! (?:to|and see))",
    rf"{_I_WILL} (?:also |then )?(?:reach (?:back )?out|be in touch|get back to you"
    r"|be (?:back in touch|calling|trying)|give you (?:a|another) (?:\w+ )?(?:call|try|ring|buzz"
    rf"|shout)|try to (?:reach|catch|call) you)(?: {_WHEN})*",
    rf"{_I_WILL} [^.]{{1,80}}?,? and (?:then )?(?:call|ring|try|phone"
    rf"|follow up)(?: with)?(?: you)? {_WHEN}",
    r"(?:somebody|someone|a representative|my \w+)(?:'ll| will) (?:call|contact|ring|reach out"
    "|be in touch)(?: you)?",
    r"(?:you'll|you will) hear (?:back )?from (?:me|us)|(?:expect|watch for) (?:my|a|another) call",
)
_MAIL = phrase(
    r"(?:(?:my|your|our|an|the|by|via|you an?) )?e[- ]?mail(?:s|ed|ing)?(?: address)?(?:'s)?",
    r"(?:(?:your|my|the) )?inbox|(?:in|into|to) (?:the |your )?(?:spam|junk)|g-?mail",
)
_ITEM = (
    r"(?:picture|photo|copy|form|certificate|bill|statement|card|list|license|title|key|paper\w*"
    "|number)"
)
_OTHER_ASKS = {
    "visit": phrase(
        "(?:stop|come|swing|drop|pop|go|walk|hop|peek|run) (?:on )?(?:by|in|down|over|around"
        "|'?round|up)(?! for)",
        r"come (?:see|get|look|visit)|visit (?:us|any|our)|get (?:in|down|over) here",
        r"see (?:me|us) at",
    ),
    "online": phrase(
        "(?:on|at|to|visit|check|check out|look at) (?:the|our|my) (?:website|web site|site"
        "|page|link|app|portal|facebook|instagram)",
        r"click|download|like our|follow us|chat|find (?:me|us) on|fill (?:out|in) (?:the|our|a)",
        r"go online|sign up",
    ),
    "write": phrase(
        r"(?:send|shoot|drop) (?:me|us) an? (?:quick )?e[- ]?mail|e[- ]?mail (?:me|us|the)",
        r"(?:or|could|just) (?:just )?e[- ]?mail|by e[- ]?mail",
        r"(?:hit|just) reply|reply to|leave (?:a|him a|me a|us a) (?:note|comment|message)",
        r"(?:write|writing) to (?:us|me|them)|(?:or|and) comment",
    ),
    "bring": phrase(
        r"(?:bring|send|get|give|fax|grab|dig out|mail|take)(?: \w+)? (?:a|the|your|an|that|any"
        rf"|in)? ?(?:\w+ ){{0,2}}?{_ITEM}",
        r"bring (?:the|your|it|that|a|her|him|them)",
        r"(?:i|we)(?:'ll|'d| will| just)? need (?!to |you on|a minute)(?:\w+)",
        r"measure|sign (?:a|the) (?:paper|form)|have your \w+ ready",
    ),
    "tell": phrase(
        r"(?:tell|show) (?:me|us|him|her)(?! (?:i|he|she|it)\b)|let (?:me|us) know|can you",
        r"could you|rsvp|talk to (?:your|my)",
        r"have your|who(?:'s| is) the|what's (?:your|the)",
        r"say (?:yes|no|start|when)",
    ),
    "call_other": phrase(
        r"(?:call|text|ring|see|ask) (?:my \w+|the (?!office|shop|number)\w+"
        rf"|(?!(?:me|us|back|today|now|or|and)\b){NAME})"
    ),
}


def direct_line(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """A number that is said to be the rep's own: "my direct line", "my cell"."""
    for stretch in wording.find(_DIRECT):
        if not _NOT_TOLD.search(wording.before(stretch)):
            yield stretch


def text_invited(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener may text."""
    for stretch in wording.find(_TEXT):
        if not _OTHERS_DO.search(wording.before(stretch)):
            yield stretch


def asks_callback(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener is asked to call, in words or by a number with nothing else to do with it."""
    yield from _calls_back(wording, context)


def will_call_again(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The caller promises the next step: "I'll try you again tomorrow"."""
    yield from wording.find(_AGAIN)


def email_mentioned(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Any e-mail: one that was sent, or will be, or is asked for."""
    yield from wording.find_even_negated(_MAIL)


def one_ask(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener is asked for an answer or a visit, and hardly for more."""
    asked = _asked(wording, context)
    if not _are_many(asked) and asked.keys() & {"answer", "write", "visit"}:
        yield from chain.from_iterable(asked.values())


def many_asks(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener is asked for several things beside an answer."""
    asked = _asked(wording, context)
    if _are_many(asked):
        yield from chain.from_iterable(asked.values())


def _are_many(asked: Mapping[str, Sequence[Stretch]]) -> bool:
    beside = sum(len(stretches) for kind, stretches in asked.items() if kind != "answer")
    return beside >= MANY_ASKS


@lru_cache(maxsize=4)  # two signals of a message ask for them
def _asked(wording: Wording, context: SignalContext) -> Mapping[str, Sequence[Stretch]]:
    """Each kind of ask with where it is made. To call, to text or to use a number is one kind."""
    kinds = {
        "answer": [*_calls_back(wording, context), *text_invited(wording, context)],
        **{kind: list(_told(wording, pattern)) for kind, pattern in _OTHER_ASKS.items()},
    }
    return {kind: stretches for kind, stretches in kinds.items() if stretches}


@lru_cache(maxsize=4)
def _calls_back(wording: Wording, context: SignalContext) -> Sequence[Stretch]:
    promised = {k for first, last in wording.find(_AGAIN) for k in range(first, last + 1)}
    told = [*_asks_to_call(wording), *_told_to_call(wording)]
    found = [one for one in told if one[0] not in promised]
    if not found and not any(text_invited(wording, context)):
        found = [one for one in map(wording.within, context.numbers) if one]
    return found


def _told(wording: Wording, pattern: re.Pattern[str]) -> Iterator[Stretch]:
    for stretch in wording.find(pattern):
        if not _OTHERS_DO.search(wording.before(stretch)):
            yield stretch


def _asks_to_call(wording: Wording) -> Iterator[Stretch]:
    for ask in find_asks(wording.words):
        stretch = wording.within(ask)
        if stretch and _CALL.search(wording.between(stretch)):
            yield stretch


def _told_to_call(wording: Wording) -> Iterator[Stretch]:
    for stretch in wording.find(_CALLS):
        if not _NOT_ASKED.search(wording.before(stretch)):
            yield stretch
