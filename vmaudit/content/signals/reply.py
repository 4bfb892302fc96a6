"""How the listener can answer, and what the caller will do: asks, channels, the next call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from vmaudit.content.asks import find_asks
from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import DAY, NUMBER
from vmaudit.content.signals.wording import Stretch, Wording, behind, phrase

__all__ = [
    "asks_callback",
    "direct_line",
    "email_mentioned",
    "text_invited",
    "will_call_again",
]

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
    "(?:(?:i|we)(?:'ll|'m going to|'re going to|'m gonna|'re gonna|'d like to|'m to| will| shall"
    "| plan to| intend to| mean to| promise to| can| am going to| are going to)|let me|i may"
    "|i might"
    r"|(?:somebody|someone|a representative|my \w+|the \w+|he|she|they)(?:'ll| will))"
)
_WHEN = (
    rf"(?:again|back|once more|(?:on |next |this |by |around |about |after )*{DAY}|next week|later"
    rf"|(?:at|after|around) (?:about )?{NUMBER}|in (?:a|an|the|{NUMBER}) (?:\w+ )?\w+|perhaps|then"
    "|soon|first thing|before|another (?:time|day))"
)
_NEXT = (
    "(?:(?:call|ring|try|phone|dial|reach|catch|contact|follow(?: back)? up|check back|check in"
    "|circle back|get back|come back|be in touch|be back in touch|touch base|reach (?:back )?out)"
    rf"(?: (?:with|on|to|at))?(?: (?:you|your \w+|it))?|be (?:calling|ringing|trying|phoning)"
    r"(?: you)?|(?:give|have) (?:you|it) (?:a|another|one more) (?:\w+ )?(?:call|try|ring|buzz"
    r"|shout"
    rf"|go))(?: {_WHEN})*"
)
_AGAIN = phrase(
    rf"{_I_WILL} (?:(?:also|just|probably|definitely|then|still|plan|to|go ahead and|be sure to|try"
    rf"|\w+ly) )*{_NEXT}(?! (?:to|and see|me|us))",
    rf"(?:calling|ringing|trying|phoning) (?:you )?(?:again|back) {_WHEN}",
    rf"{_I_WILL} [^.]{{1,80}}?,? and (?:then )?(?:call|ring|try|phone"
    rf"|follow up)(?: with)?(?: you)? {_WHEN}",
    r"(?:you'll|you will) hear (?:back )?from (?:me|us)|(?:expect|watch for) (?:my|a|another) call",
    rf"(?:talk|speak) (?:to|with) you (?:again|later|then|next week|(?:on )?{DAY})|my next call",
)
_MAIL = phrase(
    r"(?:(?:my|your|our|an|the|by|via|you an?) )?e[- ]?mail(?:s|ed|ing)?(?: address)?(?:'s)?",
    r"(?:(?:your|my|the) )?inbox|(?:in|into|to) (?:the |your )?(?:spam|junk)|g-?mail",
)


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


@lru_cache(maxsize=4)
def _calls_back(wording: Wording, context: SignalContext) -> Sequence[Stretch]:
    promised = {k for first, last in wording.find(_AGAIN) for k in range(first, last + 1)}
    told = [*_asks_to_call(wording), *_told_to_call(wording)]
    found = [one for one in told if one[0] not in promised]
    if not found and not any(text_invited(wording, context)):
        found = [one for one in map(wording.within, context.numbers) if one]
    return found


def _asks_to_call(wording: Wording) -> Iterator[Stretch]:
    for ask in find_asks(wording.words):
        stretch = wording.within(ask)
        if stretch and _CALL.search(wording.between(stretch)):
            yield stretch


def _told_to_call(wording: Wording) -> Iterator[Stretch]:
    for stretch in wording.find(_CALLS):
        if not _NOT_ASKED.search(wording.before(stretch)):
            yield stretch
