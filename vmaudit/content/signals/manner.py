"""How the listener is treated: courtesy, apologies, pressure, praise of the seller."""

from __future__ import annotations

from collections.abc import Iterator

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import NUMBER
from vmaudit.content.signals.wording import Stretch, Wording, phrase

__all__ = ["apology", "boasting", "courtesy", "pressure"]

_CLOSE_WORDS = 12  # a wish for the listener stands at the end

_TIME = (
    r"(?:days?|nights?|evening|morning|afternoon|weekend|week|one|lunch|dinner|holidays?|trip|time"
    r"|summer|winter|spring|fall|christmas|season|birthday|drive|rest|year)"
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
    r"(?:drive|stay|travel|keep|get home|ride) (?:safe|safely|warm|dry|well|cool|healthy"
    r"|smiling|fabulous|out of)",
    rf"(?:good|nice|great|lovely|pleasant) {_TIME}|goodnight|goodbye|good ?bye|bye for now",
    r"good luck(?: with \w+ \w+)?|safe travels",
    r"all the best|best (?:wishes|regards|of luck)|warm regards",
    r"(?:say|give|tell|send) (?:\w+ ){0,2}?(?:hello|hey|my best|my love|regards|love)",
    r"hope (?:you're|you are|you have|all is|the|your|everything)(?: \w+){0,3}|mind the|hugs",
    r"congratulations|congrats|cheerio|toodle\S*",
)
_SORRY = phrase(
    r"(?:i'm |i am |we're )?(?:(?:so|very|really|truly|terribly|awfully) )?sorry(?: (?:about"
    r"|for|to|if|i|it|again)(?: \w+){0,3})?",
    r"(?:my |our )?apologies|(?:i |we )?(?:do )?apologi[sz]e(?: for \w+)?",
    r"(?:forgive|excuse|pardon) (?:me|us|my|the)",
    r"beg (?:your|you) pardon|my (?:bad|fault|mistake)",
    r"(?:hate|didn't mean|don't mean|not meaning) to (?:bother|bug|trouble|disturb|keep|intrude)",
    r"i (?:do )?hope i'm not (?:\w+ )?(?:bothering|disturbing|catching)",
)
_PUSH = phrase(
    r"don't (?:make me|leave me|hang up|sleep on|miss (?:out|this|it)|ghost|wait"
    r"|think (?:about it|twice)|let (?:this|it|me)|be the|blow|ignore|say i)",
    r"(?:call|ring|phone|buzz)(?: me)?(?: back)? (?:right )?(?:now|today|this minute"
    r"|immediately)",
    r"(?:today|now|this week) not (?:tomorrow|next|later)",
    r"(?:i|we) need you (?:on|in|to|here)",
    r"i need (?:that|this|it|an answer|a yes|your \w+|to hear)(?: \w+){0,3} (?:by|today|now"
    r"|tonight)",
    r"(?:last|final) (?:chance|notice|warning|call|time)|what are you waiting for",
    r"clock(?:'s| is) ticking|time is running out|tick tock",
    r"too late|can't (?:hold|wait|promise)|first (?:call|name|caller|one) gets|act now",
    r"before (?:it's gone|somebody else|someone else)|gone by|door shuts",
    r"(?:i )?don't call twice|get in here|let's go|pick up(?! (?:your|the|a|my|where))",
    r"make it happen|move move|go go|what's it take|just (?:say|do) (?:it|yes|start)",
    r"you(?:'re going to|'re gonna| will|'ll) (?:regret|lose|miss|be sorry|be in one)",
    r"you(?:'ve got| got|'ve gotta| gotta| have got) (?:to|till|until|like)?(?: \w+)? ?(?:call"
    r"|decide|act|days?|hours?|today|four)",
    r"(?:i'm|i am) not (?:kidding|asking)",
    r"(?:everybody|everyone)(?: else)?(?: \w+){0,4} (?:already|said yes|signed)",
    r"i('ve| have) called (?:you )?(?:\w+ )?times",
    r"(?:third|fourth|fifth|sixth) time (?:i'm|i've|i|calling)|call me call me",
    r"why (?:haven't|won't|aren't) you|you owe (?:it|me)",
    r"or (?:i'll|i) (?:have to|give|sell|move|close)",
)
_RANK = (
    r"(?:largest|biggest|oldest|finest|premier|top|top-rated|best|highest-rated|highest rated"
    r"|most \w+|fastest(?:-| )growing|best-selling|leading|greatest|busiest|favorite|foremost"
    r"|strongest|longest-running)"
)
_SELLERS = (
    r"(?:dealers?|dealership|recruiters?|firms?|agenc(?:y|ies)|compan(?:y|ies)|providers?|name"
    r"|team|group|selection|inventory|rating|store|office|shop"
    r"|brokers?|brokerage|seller|staff|network|contractors?|installers?|lender|bank|studio"
    r"|practice|school|gym|builder|roofers?|plumbers?|producer|agent|service|brand|business"
    r"|operation|outfit)"
)
_BOAST = phrase(
    r"(?:number|#|no\.) ?(?:one|1)(?! on (?:the|your))(?: in| for| rated| dealer)?",
    r"best (?:in|on|around|of) (?:the|this|our|town|class)(?: \w+){0,2}",
    r"best (?:prices|deals|service|team|rates|people|reviews)",
    rf"{_RANK} (?:[\w'-]+ ){{0,3}}?{_SELLERS}",
    r"(?:a|the|an|industry|market|national|regional|recognized) (?:leading|leader"
    r"|premier)(?: \w+){0,2}",
    r"leaders? in|nobody (?:beats|does|knows|has)",
    r"highest rating|award(?:s|-winning| winning)?|winners? of",
    r"(?:dealer|agency|agent|team|broker|realtor|company|business|employer) of the year",
    r"hall of fame|trophy|plaques?",
    r"(?:percent|\d[\d.]*%) (?:\w+ )?(?:satisfaction|approval|guest|customer|happy"
    r"|client|of our|retention|success)",
    r"approval rating|satisfaction (?:rate|rating|score)|success rate",
    r"top dollar|ador(?:e|es) us|(?:everybody|everyone) (?:loves|knows|trusts) (?:us|our|me)",
    r"(?:voted|ranked|rated|named|recognized)(?: as)? (?:number|the|best|top|among|one of|a top)",
    r"five[- ]stars?|a plus|a-plus",
    r"(?:i'm|we're|we are|i am) (?:\w+ )?(?:the best|the biggest|the top|famous|proud|unmatched"
    r"|unrivaled|second to none)",
    r"can(?:'t|not) be beat|unbeatable|world-class|world class|second to none|like no other",
    rf"(?:over|more than|nearly|almost) (?:{NUMBER} )+(?:placements|customers|clients|homes"
    rf"|families|years|locations|installations|happy|five|reviews)",
    rf"(?:{NUMBER}) (?:years|time|times) (?:running|in a row|straight|winner)",
    r"you would not believe|years of excellence",
    r"(?:in the|this) business(?: since)? (?:for )?(?:over|since|nineteen)",
    r"(?:big|huge) (?:names|clients)|trusted by|run on us|cutting-edge|state-of-the-art",
    r"best-in-class|industry-leading|unparalleled",
)


def courtesy(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Thanks, a please, or a wish at the close."""
    yield from wording.find(_THANKS)
    for stretch in wording.find(_WISH):
        if stretch[1] >= len(wording.tokens) - _CLOSE_WORDS and stretch[0] > 2:
            yield stretch


def apology(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The caller is sorry, for whatever."""
    yield from wording.find(_SORRY)


def pressure(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener is pushed: "call today, tomorrow's too late"."""
    yield from wording.find(_PUSH)


def boasting(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Praise of the seller: awards, ranks, sizes, satisfaction in percent."""
    yield from wording.find(_BOAST)
