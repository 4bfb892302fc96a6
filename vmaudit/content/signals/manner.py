"""How the listener is treated: courtesy, apologies, praise of the seller."""

from __future__ import annotations

from collections.abc import Iterator

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import NUMBER
from vmaudit.content.signals.weighing import Sense, Weighing
from vmaudit.content.signals.wording import Stretch, Wording, phrase

__all__ = ["apology", "boasting", "courtesy"]

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
# Points by the definition, in the proportions of a logistic regression on parts a to f of
# models/training, rounded.
_BOASTING = Weighing(
    3,
    (
        # a rank
        Sense.of(
            3,
            rf"(?:the|your|our|voted|rated|ranked|named|state's|city's|we're|are) (?:number|#|no\.)"
            " ?(?:one|1)(?! on (?:the|your)| thing| reason| question| complaint| cause| problem)"
            rf"|(?:number|#) ?(?:one|1) (?:in|for|rated|choice|{_SELLERS})",
            rf"{_RANK} (?!time|way|number|place|thing|one)(?:[\w'-]+ ){{0,2}}?{_SELLERS}",
            rf"(?:(?!top\b|most\b){_RANK}|longest|tallest|cleanest|friendliest) (?:\w+ )?(?:in"
            rf"|on|around|of)"
            " (?:town|class|(?:the|this) (?:business|industry|state|county|city|country|region"
            "|area|valley"
            r"|world|market|nation|block|street|waterfront|tri-\w+|\w+ (?:county|valley|area)))"
            "|second to none|most (?:trusted|experienced|respected|reliable)",
            "(?:best|lowest|highest) (?:prices|deals|rates|rating|quality|service|reviews)"
            "|(?:a|the|an|industry|market|national|regional) (?:leading|leaders?|premier)",
            "world[- ]class|unbeatable|unparalleled|unmatched|unrivaled|like no other"
            "|cutting-edge|state-of-the-art|best-in-class|industry-leading|leaders? in",
        ),
        # a prize
        Sense.of(
            3,
            "award(?:s|-winning| winning)|winners? of|hall of fame|trophy|five[- ]stars?|a-plus",
            "(?:dealer|agency|agent|team|broker|realtor|company|business|employer) of the year",
            r"(?:voted|ranked|rated|named|recognized)(?: as)? (?:number|the|best|top|among"
            "|one of the|a top)",
        ),
        # satisfaction, in figures
        Sense.of(
            3,
            r"(?:percent|\d[\d.]*%) (?:\w+ )?(?:satisfaction|approval|guest|customer|happy"
            "|client|retention|success)|(?:satisfaction|success|approval) (?:rate|rating|score)",
        ),
        # pride
        Sense.of(
            3,
            "pride (?:ourselves|myself)|proud (?:of (?:our|what we)|to (?:be|say|offer))|flatter"
            " (?:myself|ourselves)|if i (?:may|do) say so|you would not believe|reputation",
            r"(?:i'm|we're|we are|i am) (?:\w+ )?(?:the best|the biggest|the top|famous"
            "|experts|specialists|known for)",
            "the (?:sort|kind) of (?:house|place|people|firm|shop) we are|nobody (?:knows|does)"
            r" (?:\w+ ){1,3}(?:better|like we)",
        ),
        # others' praise
        Sense.of(
            3,
            r"(?:everybody|everyone|people|customers|clients|folks|they(?: all)?)(?: \w+){0,2}"
            " (?:loves?|adores?|trusts?|raves?|swears? by)",
            "(?:everybody|everyone) knows (?:us|our|me)|trusted by|run on us|most trusted",
        ),
        # better than others
        Sense.of(
            2,
            "(?:couldn't|can't|won't|don't believe you'll) (?:do|find|get) (?:a |any )?better"
            "|nobody beats|do better than|can(?:'t|not) be beat|top dollar|hard to beat"
            "|ahead of (?:the|our) (?:competition|competitors)|we've never (?:lost|missed|let)",
        ),
        # how long they have been there
        Sense.of(
            3,
            rf"(?:in business|been (?:at|doing|in|around|here|serving)|family[- ]owned|serving"
            rf"|trusted|established|founded)(?: [\w']+){{0,4}} (?:since|in"
            rf"|for) (?:\w+ ){{0,2}}?{NUMBER}",
            rf"{NUMBER} (?:and \w+ )?years (?:of (?:excellence|experience|service)|combined|in"
            r" (?:a row|business)|running|strong|on (?:this|that|the) (?:corner|block|street)"
            "|behind (?:this|the))",
            rf"{NUMBER} (?:years|times) (?:running|in a row|straight)|{NUMBER}-time winner",
        ),
        # how many they are or serve
        Sense.of(
            3,
            rf"(?:over|more than|nearly|almost) (?:{NUMBER} )+(?:\w+ )?(?:placements|customers"
            "|clients|homes|families|locations|installations|reviews|employees|engineers|patients)"
            r"|(?:thousands|hundreds) of (?:\w+ )?(?:customers|clients|families|homeowners"
            "|businesses|reviews)",
        ),
        # years, offices, names
        Sense.of(
            1,
            rf"{NUMBER} years(?! old| ago)|generations|family[- ]owned|everybody (?:on|at)"
            rf"|{NUMBER} (?:of the )?(?:\w+ )?(?:offices|locations|engineers|employees"
            "|dealers|distributors)|so did|on the (?:advisory )?board|you probably know",
        ),
        Sense.of(
            -1,
            "you asked|you wanted|you said|i (?:found|measured|checked|asked)",
        ),
    ),
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


def boasting(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Praise of the seller: awards, ranks, sizes, satisfaction in percent."""
    yield from _BOASTING.find(wording)
