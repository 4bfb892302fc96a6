"""How the listener is treated: courtesy, apologies, pressure, praise of the seller."""

from __future__ import annotations

from collections.abc import Iterator

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import NUMBER
from vmaudit.content.signals.wording import Stretch, Wording, phrase

__all__ = ["apology", "boasting", "courtesy", "pressure"]

_CLOSE_WORDS = 12  # a wish for the listener stands at the end

_TIME = (
    "(?:days?|nights?|evening|morning|afternoon|weekend|week|one|lunch|dinner|holidays?|trip"
    "|time|summer|winter|spring|fall|christmas|season|birthday|drive|rest|year)"
)
_THANKS = phrase(
    r"thanks?(?: you)?(?: (?:so|very) much| again| a lot| a million| kindly)?|many thanks|please",
    r"kindly",
    r"(?:really |much |would |i'd |we |i )*appreciate(?:d|s)?(?: it| you| your \w+| that)?",
    r"grateful|gratitude",
)
_WISH = phrase(
    rf"have (?:yourself )?(?:an?|the) (?:\w+ ){{0,4}}?{_TIME}",
    r"(?:enjoy|happy) (?:(?:the|your|that|every) )?\w+",
    r"take (?:good |real )?care(?: of \w+)?|(?:god )?bless(?: you| y'all)?",
    r"be (?:well|good|safe|careful)",
    r"sleep well|rest well",
    "(?:drive|stay|travel|keep|get home|ride) (?:safe|safely|warm|dry|well|cool|healthy|smiling"
    "|fabulous|out of)",
    rf"(?:good|nice|great|lovely|pleasant) {_TIME}|goodnight|goodbye|good ?bye|bye for now",
    r"good luck(?: with \w+ \w+)?|safe travels",
    r"all the best|best (?:wishes|regards|of luck)|warm regards",
    r"(?:say|give|tell|send) (?:\w+ ){0,2}?(?:hello|hey|my best|my love|regards|love)",
    r"hope (?:you're|you are|you have|all is|the|your|everything)(?: \w+){0,3}|mind the|hugs",
    r"congratulations|congrats|cheerio|toodle\S*",
)
_SORRY = phrase(
    "(?:i'm |i am |we're )?(?:(?:so|very|really|truly|terribly"
    r"|awfully) )?(?<!not\s)sorry(?: (?:about|for|to|if|i|it|again)(?: \w+){0,3})?",
    r"(?:my |our )?apologies|(?:i |we )?(?:do )?apologi[sz]e(?: for \w+)?",
    r"(?:forgive|excuse|pardon) (?:me|us|my|the)",
    r"beg (?:your|you) pardon|my (?:bad|fault|mistake)",
    r"(?:hate|didn't mean|don't mean|not meaning) to (?:bother|bug|trouble|disturb|keep|intrude)",
    r"i (?:do )?hope i'm not (?:\w+ )?(?:bothering|disturbing|catching)",
)
_PUSH = phrase(
    "don't (?:make me|leave me|hang up|sleep on|miss (?:out|this|it)|ghost|wait"
    "|think (?:about it|twice)|let (?:this|it|me)|be the|blow|ignore|say i)",
    "(?:call|ring|phone|buzz)(?: me)?(?: back)? (?:right )?(?:now|today|this minute|immediately)",
    r"(?:today|now|this week) not (?:tomorrow|next|later)",
    r"(?:i|we) need you (?:on|in|to|here)",
    r"i need (?:that|this|it|an answer|a yes|your \w+|to hear)(?: \w+){0,3} (?:by|today|now"
    "|tonight)",
    r"(?:last|final) (?:chance|notice|warning|call|time)|what are you waiting for",
    r"clock(?:'s| is) ticking|time is running out|tick tock",
    r"too late|can't (?:hold|wait|promise)|first (?:call|name|caller|one) gets|act now",
    r"before (?:it's gone|somebody else|someone else)|gone by|door shuts",
    r"(?:i )?don't call twice|get in here|let's go|pick up(?! (?:your|the|a|my|where))",
    r"make it happen|move move|go go|what's it take|just (?:say|do) (?:it|yes|start)",
    r"you(?:'re going to|'re gonna| will|'ll) (?:regret|lose|miss|be sorry|be in one)",
    r"you(?:'ve got| got|'ve gotta| gotta| have got) (?:to|till|until|like)?(?: \w+)? ?(?:call"
    "|decide|act|days?|hours?|today|four)",
    r"(?:i'm|i am) not (?:kidding|asking)",
    r"(?:everybody|everyone)(?: else)?(?: \w+){0,4} (?:already|said yes|signed)",
    r"i('ve| have) called (?:you )?(?:\w+ )?times",
    r"(?:third|fourth|fifth|sixth) time (?:i'm|i've|i|calling)|call me call me",
    r"why (?:haven't|won't|aren't) you|you owe (?:it|me)",
    r"or (?:i'll|i) (?:have to|give|sell|move|close)",
)
_RANK = (
    "(?:largest|biggest|oldest|finest|premier|top|top-rated|best|highest-rated|highest rated"
    r"|most \w+|fastest(?:-| )growing|best-selling|leading|greatest|busiest|favorite|foremost"
    "|strongest|longest-running)"
)
_SELLERS = (
    "(?:dealers?|dealership|recruiters?|firms?|agenc(?:y|ies)|compan(?:y|ies)|providers?|name"
    "|team|group|selection|inventory|rating|store|office|shop|brokers?|brokerage|seller|staff"
    "|network|contractors?|installers?|lender|bank|studio|practice|school|gym|builder|roofers?"
    "|plumbers?|producer|agent|service|brand|business|operation|outfit)"
)
_BOAST = phrase(
    r"(?:number|#|no\.) ?(?:one|1)(?! on (?:the|your))(?: in| for| rated| dealer)?",
    r"best (?:in|on|around|of) (?:the|this|our|town|class)(?: \w+){0,2}",
    "best (?:prices|deals|rates|service|team|people|reviews|quality)|lowest (?:prices|rates)",
    "highest (?:rating|quality)",
    rf"{_RANK} (?:[\w'-]+ ){{0,3}}?{_SELLERS}|leaders? in|nobody (?:else )?(?:beats|does|has|can)",
    r"(?:a|the|an|industry|market|national|regional|recognized) (?:leading|leader|premier)",
    r"award(?:s|-winning| winning)?|winners? of|hall of fame|trophy|plaques?|five[- ]stars?|a-plus",
    r"(?:dealer|agency|agent|team|broker|realtor|company|business|employer) of the year",
    r"(?:percent|\d[\d.]*%) (?:\w+ )?(?:satisfaction|approval|guest|customer|happy|client|of our"
    "|retention|success)|approval rating|satisfaction (?:rate|rating|score)|success rate",
    r"top dollar|ador(?:e|es) us|(?:everybody|everyone) (?:\w+ )?(?:loves|knows|trusts"
    "|uses) (?:us|our|me)|trusted by|run on us|(?:people|customers|clients) love us|raves?",
    r"(?:voted|ranked|rated|named|recognized)(?: as)? (?:number|the|best|top|among|one of|a top)",
    r"(?:i'm|we're|we are|i am) (?:\w+ )?(?:the best|the biggest|the top|famous|proud|unmatched"
    "|unrivaled|experts|specialists)|pride ourselves|can(?:'t|not) be beat|unbeatable",
    "unparalleled",
    r"world[- ]class|second to none|like no other|cutting-edge|state-of-the-art|best-in-class",
    r"industry-leading|years of (?:excellence|experience|combined)|you would not believe",
    rf"(?:over|more than|nearly|almost) (?:{NUMBER} )+(?:placements|customers|clients|homes"
    "|families|locations|installations|happy|five|reviews|employees|engineers)",
    rf"{NUMBER} (?:years|time|times) (?:running|in a row|straight|winner|in business)",
    r"(?:in business|been doing this|family[- ]owned|serving \w+(?: \w+)?|founded"
    rf"|established)(?: \w+)? (?:since|in|for) (?:over |more than |nearly )?{NUMBER}",
    r"(?:thousands|hundreds) of (?:\w+ )?(?:customers|clients|families|homeowners|businesses)",
)


def courtesy(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Thanks, a please, or a wish at the close."""
    yield from wording.find_even_negated(_THANKS)
    for stretch in wording.find_even_negated(_WISH):
        if stretch[1] >= len(wording.tokens) - _CLOSE_WORDS and stretch[0] > 2:
            yield stretch


def apology(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The caller is sorry, for whatever."""
    yield from wording.find_even_negated(_SORRY)


def pressure(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener is pushed: "call today, tomorrow's too late"."""
    yield from wording.find(_PUSH)


def boasting(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Praise of the seller: awards, ranks, sizes, satisfaction in percent."""
    yield from wording.find(_BOAST)
