"""What somebody else in the house should not hear."""

from __future__ import annotations

from collections.abc import Iterator

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import AMOUNT
from vmaudit.content.signals.wording import Stretch, Wording, phrase

__all__ = ["sensitive_detail"]

# An amount that is a limit, a saving or a count is no quote.
_PRICE = rf"(?<!up\sto\s)(?<!under\s)(?<!over\s){AMOUNT}(?! (?:off|back|toward|or so|[a-z]+s\b))"
_QUOTED = (
    r"(?:estimate|quote[sd]?|priced?|fare|total|balance|payments?|premium|invoice|bill|labor|costs?"
    r"|charge|owed?|salary|deductible|payoff|upside down|amount of|you (?:pay|spend)"
    r"|(?:comes?|came|stands?|works? out|got it|get it|got you|get you|place|one)(?: \w+){0,3}"
    r" (?:to|at|for)|(?:it|that|this)(?:'d|'ll| would| will) (?:be|run|cost)"
    r"|(?:you )?want(?:s|ed)?(?: \w+){0,5})"
)
_HEALTH = (
    r"diabet\w+|insulin|cancer|dialysis|chemo\w*|biops(?:y|ies)|surger(?:y|ies)|operation"
    r"|medications?|prescriptions?|pills|diagnos[ei]s|blood ?work|(?:test|lab) results?|pregnan\w+"
    r"|therapy|treatments?|stroke|dementia|depression|rehab|oxygen"
)
_STANDING = (
    r"past due|overdue|behind on (?:your|the)|in arrears|upside down on|cosigner|credit (?:score"
    r"|report|check|history)|bankrupt\w*|foreclos\w*|evict\w*|in collections|probate|social"
    r" security number|date of birth|out of the question for money|can't afford|garnish your"
)
_YOURS = (
    r"account|loan|application|credit|balance|claim|payoff|mortgage|bill|debt|refund|deductible"
    r"|divorce|custody|settlement|password|login|condition|transcripts?"
)
_SENSITIVE = phrase(
    rf"{_QUOTED}(?: [\w']+){{0,5}}?,? {_PRICE}",
    rf"(?:that|the) {_PRICE} (?:dollar )?(?:unit|job|car|roof|system|repair|one|quote|bill|offer)",
    rf"{AMOUNT} (?:(?:a|per|each|every) (?:month|week|payment)|out the door|all in|installed|total"
    r"|for (?:the|your) (?:whole|lot|job|roof|project|week|trip|work))",
    r"(?:that|the|your) price is",
    rf"(?:your|his|her|the|to|for|mom's|dad's|\w+er's) (?:{_HEALTH})(?:'s)?(?! (?:patients?"
    rf"|units?|cap|tank"
    r"|list|clinic|is ready))",
    _STANDING,
    rf"your (?:{_YOURS})(?: \w+)? (?:number|ending|is|was|has|score|report|came|shows|received"
    r"|results?)|(?:application|account|card|policy|claim|loan) (?:number )?ending",
    r"you(?:'re| are| were|'ve been| have been) (?:\w+ )?(?:pre-?)?(?:approved|denied|declined)",
    r"(?:loan|credit|financing|application|mortgage|offer) (?:is|was|has been|came back)"
    r" (?:approved|denied|declined)",
    r"between (?:you and me|us|ourselves)|off the record|confidential(?:ly)?|don't (?:tell anybody"
    r"|tell anyone|repeat|say i)|not supposed to (?:say|tell)|shouldn't (?:say|tell|be telling)",
    r"(?:say|leave) (?:this|it|that|more|any more|much) on (?:a|the|your) (?:machine|message"
    r"|voicemail|recording)",
)


def sensitive_detail(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """A quote, health, money troubles, an account, something told in confidence."""
    yield from wording.find_even_negated(_SENSITIVE)
