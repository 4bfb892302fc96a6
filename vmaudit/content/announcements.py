"""What the words round digits make of them: the rep's number, or anything else."""

from __future__ import annotations

import re

__all__ = ["announces_number", "asks_for_number", "disowns"]

CONTEXT_CHARS = 80  # how far from its digits an announcement may stand

_LINK = r"(?:\s+(?:is|was|of|ending|ends|in|it's|that's|again|here|are))"
_OTHER = r"""account|acct|vin|zip|invoice|stock|fax|serial|reference|booking|confirmation|tracking
    |social|unit|order|ticket|case|policy|part|item|model|license|loan|routing|lot|pin|member
    |membership|customer|quote|claim|contract|purchase|employee|tax|po|id|postal|permit|job|file
    |batch|check|reservation|estimate|work\s+order|short|promo|registration|plate|route|suite
    |apartment|room|exit"""
_PHONE = r"(?:(?:cell|phone|mobile|home|work|other|best|current|telephone)\s+){0,2}"
_YOURS = r"(?:\s+(?:down|here|is|was|as|at|under|listed|came\s+up|shows?(?:\s+up)?|ending|ends|in))"

# What an announcer of other digits, or of the listener's own number, says just before them.
# A comma after "your account" or "reach you" ends the thought; after "your number" it does not.
_BEFORE_OTHERS = re.compile(
    rf"""
    (?:\b(?:{_OTHER})\s+(?:number|numbers|no\.?|code|id|\#)(?:'s)?[,:]?{_LINK}*
    |\b(?:your|the|this|an?)\s+(?:\w+\s+)?(?:{_OTHER}){_LINK}+
    |\b(?:last|first)\s+(?:three|five|six|seven|eight)(?:\s+digits)?(?:\s+of\s+the\s+\w+)?
        (?:\s+(?:is|are))?
    |\bnumber\s+(?:on|in|from)\s+your\s+\w+(?:\s+(?:is|was|says))*
    |\byour\s+{_PHONE}number{_YOURS}*
    |\byour\s+{_PHONE}(?:cell|mobile|phone){_YOURS}+
    |\b(?:have|had|got)\s+(?:you|your\s+{_PHONE}number|for\s+you|on\s+file){_YOURS}+
    )[,:]?\s*[("]?$
    |(?:\b(?:account|acct|vin|zip|invoice|(?<!in\s)stock|fax|serial|reference|ssn|tail)
        (?:\s+(?:it|is|of|ending|ends|in|at|on|to))*
    |(?<!\bthe\s)(?<!\byour\s)(?<!\bthis\s)
        \b(?:item|unit|route|suite|lot|room|exit|apartment|loan|batch)
    |\b(?:call|try|tried|reach|text|contact|dial|ring|rang|phone)(?:ed|ing|led|ling)?\s+
        (?:for\s+)?you(?:r\s+{_PHONE}(?:number|cell|phone|mobile|line)?)?
        (?:\s+(?:back|again|earlier|later))?\s+(?:at|on)
    |\b(?:i'm|i\s+am|we're|was|am)\s+calling(?:\s+for)?
    |\bmessage\s+(?:is\s+)?for
    |\byou\s+(?:left|gave|wrote|entered|listed|put|texted|(?:called|rang)(?:\s+(?:me|us))?\s+from)
        (?:\s+(?:us|me|down|in|here|was|is|with|as))*
    |\bnot(?:\s+at)?
    )\s+[("]?$
    """,
    re.IGNORECASE | re.VERBOSE,
)
# ... and just after them.
_AFTER_OTHERS = re.compile(
    rf"""
    [\s,.]*(?:
    (?:is|was|as|being)\s+(?:still\s+)?
        (?:your\s+(?:best\s+|correct\s+)?{_PHONE}(?:number|cell|phone|mobile)
        |(?:the|a)\s+{_PHONE}number\s+(?:that\s+)?(?:i|we|you)\s+
            (?:have|had|got|gave|left|put|entered|wrote|was|were)
        |(?:the|our|my)\s+fax)
    |(?:is\s+)?still\s+(?:the\s+)?(?:best|right|correct|good|a\s+good)\s+
        (?:(?:phone\s+)?number|way|one)\s+(?:for|to\s+(?:reach|get))\s+you
    |on\s+(?:the|your)\s+(?:form|file|request|application)
    )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

_NUMBER_IS = re.compile(
    r"""
    (?:(?<!your\s)\b(?:number|numbers|line|cell|mobile|landline)
        (?:'s|\s+(?:here|again|for\s+me|to\s+(?:call|reach|text|use)(?:\s+(?:me|us))?)
        |[,.]?\s+(?:is|was|again))*
    |\b(?:call|reach|text|ring|dial|try|get|phone|contact)(?:ed|ing)?\s+(?:me|us|him|her|them)
        (?:\s+(?:back|directly|direct|any\s*time|here))*\s+(?:at|on)
    |\breached\s+(?:at|on)
    )[\s,.:;("]*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ANNOUNCED = re.compile(
    r"""
    \b(?:number|line|cell|mobile|phone|office|desk|landline|direct|dial|reach(?:ed)?|call|text|ring
        |try|contact|get\s+me|i'm\s+(?:at|on)|i\s+am\s+(?:at|on)|area\s+code|again|repeat
        |once\s+more|one\s+(?:more|last)\s+time|that's|that\s+is|it's|it\s+is|ending\s+in
        |(?:last|final)\s+four)\b
    [^.!?0-9]{0,40}[\s,.:;("]*$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def disowns(before: str, after: str) -> bool:
    """Whether the words beside digits give them as no number to call.

    An account or stock number, a fax, or the listener's own number.
    """
    return bool(_BEFORE_OTHERS.search(before) or _AFTER_OTHERS.match(after))


def announces_number(before: str) -> bool:
    """Whether the words before digits lead up to a number: "call me at", "again", "that's"."""
    return _ANNOUNCED.search(before) is not None


def asks_for_number(before: str) -> bool:
    """Whether they can lead up to nothing else: "my number is", "you can reach me at"."""
    return _NUMBER_IS.search(before) is not None
