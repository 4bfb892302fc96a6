"""What the message gives the listener: a reason to call back, or no more than the call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import DAY, MONEY, MONTH, NUMBER, SHOPPING, TURNS
from vmaudit.content.signals.weighing import Sense, Weighing
from vmaudit.content.signals.wording import Stretch, Wording, behind, phrase

__all__ = ["concrete_reason", "just_checking_in", "still_in_market"]

_ONLY = r"(?:just|only|simply|merely|quick|quickly|basically|kind of)"
_CHECKING = phrase(
    r"check(?:ing)?(?: back)? in(?! (?:the|our|your|at|time|date)\b)(?: (?:on|with) \w+)?",
    r"follow(?:ing|ed)?[- ]?up|touch(?:ing)? bases?|circl(?:e|ing) (?:back|around)|bumping this",
    r"hitting you (?:back|up)|(?:ping|nudg)ing you|keep(?:ing)? in touch",
    rf"{_ONLY} (?:\w+ ){{0,4}}?(?:see|seeing|hear|check|checking|wondering|ask|asking) (?:if|how"
    "|whether|where|what|about)",
    rf"{_ONLY} (?:\w+ ){{0,2}}?(?:reaching out|reach out|reconnect(?:ing)?|connect|getting back"
    "|calling around|making (?:my|the) (?:calls|rounds))",
    rf"{_ONLY} (?:\w+ )?(?:calling|ringing|giving you a (?:call|ring))(?! to (?:let|tell|confirm"
    "|remind|give|invite|share|report)| because| about| with| for| on)",
    "(?:wanted|calling|called|ringing|trying) to (?:see|hear|find out) (?:if|whether|how|where"
    "|what)",
    "see(?:ing)? (?:if|whether) you (?:had|have|got|saw|received|were able|need"
    r"|needed)(?: \w+){0,2} (?:any|a chance|anything|my|our|the|to)",
    r"(?:had|get|got|have) a chance to (?:look|think|review|read|go)",
    r"(?:did|have|that) you (?:get|got|see|seen|received?) (?:my|our|the) (?:\w+ )?(?:message"
    "|e[- ]?mail|note|letter|quote|proposal|information|info|packet|brochure)s?",
    r"(?:go|going|working|down|through) (?:down |through |my way )?(?:my|the|our) (?:call )?list",
    "back on your radar|(?:how|where) (?:things|everything|y'all|you guys)(?:'s|'re| are"
    "| is)?(?: going| looking| at| coming| standing| stand)?",
    "where (?:you're|you are|your head is) at",
    r"no (?:agenda|real reason|particular reason|special reason)|any thoughts|just me again",
    r"nothing (?:new|in particular|to report|to add|specific|special)",
    r"(?:trying|tried|wanted|hoping) to (?:catch|reach|connect with|get (?:a )?hold of) you",
    r"what (?:you think|you thought|your thoughts)|(?:any|any new) updates?",
    r"(?:put|putting) (?:us|me|my name) (?:back (?:on|in)|in front of)",
)
_SOCIAL = phrase(
    r"(?:made|makes|puts?) me (?:think|in mind) of you|thinking (?:of|about) you",
    r"(?:see|hear|ask|wonder\w*) (?:how|what) (?:you|y'all|\w+'s|\w+ (?:are|is))(?:'re|'ve)?"
    r"(?: \w+){0,2} (?:doing|getting|keeping|holding|coming|up to|been)(?: (?:on|along|up))?",
    r"how(?: have)? (?:you|y'all)(?:'re|'ve| are)?(?: guys| all| folks)?"
    r" (?:been|doing|getting (?:on|along)|keeping|coming along)",
    r"(?:not|never|have(?:n't)?|hadn't) (?:called|rung|phoned|spoken|talked|connected|heard|seen)"
    r"(?: \w+){0,5} (?:while|time|ages|lately)|(?:been|quite|in) a (?:good )?(?:long )?while",
    r"(?:say|saying|said|says) (?:hi|hello|hey|howdy)(?! to)|no response (?:is )?required",
    r"(?:i was|i'm) (?:told|supposed|asked) to (?:call|ring|introduce)",
    r"the (?:whole|end) of it|all (?:that )?i (?:had|have|wanted)|not selling anything",
    r"(?:don't|didn't) (?:really |even )?(?:know that i )?(?:have|had) (?:a|any|anything|much)",
    r"nothing (?:on|at|from) (?:my|our|this)|nothing's (?:the matter|changed)|no reason",
    r"(?:ring|call|greet|phone) (?:everyone|everybody|each|all my|my people)",
)
_SPEAKER_WILL = behind(
    r"(?:i|we)(?:'ll| will| shall)(?: \w+){0,2}", r"in case of|thanks for|thank you for"
)
_MARKET = phrase(
    rf"still (?:\w+ ){{0,3}}?{SHOPPING}",
    "(?:if|whether|are|is|were) (?:you|y'all|you guys|you folks|anybody|anyone|we)(?:'re| are"
    r"| all)? (?:\w+ ){0,2}?(?:in the market|shopping"
    "|looking to (?:buy|sell|hire|move|switch|trade))",
    r"(?:you|y'all|you're|we) (?:are |were )?still (?:up for|\w+ing)|think(?:ing)? still",
    "(?:did|have) (?:you|y'all) (?:ever |already |guys |end(?:ed)? up |since )*(?:find|found|buy"
    "|bought|buying|decided?|made (?:a|any|up)|gone with|go with|choose|chosen|settled?|picked?)",
    "are (?:you|we) (?:still )?in or (?:are (?:you|we) )?out|made up your mind",
    "(?:already|ended up) (?:bought|buying|found|went with|gone with|hired)",
    "still (?:a|an|your|any) (?:interest|priority|need|plan)|(?:given|gave) up (?:looking|on)",
    "change(?:d)? your mind|(?:was|is|are) (?:still )?alive|if there is (?:an )?interest",
)
_WHO = re.compile(r"\b(?:you|your|y'all|folks|guys|anybody|anyone|they|we)\b")
_GENERIC = phrase(
    r"(?:earn|win|have|want|value|appreciate) your business",
    r"great (?:deals|rates|programs|prices|plans|offers|selection|options)",
    r"(?:any|some) questions|all (?:kinds|sorts)(?: of \w+)?",
    r"(?:love|like|happy|glad) to (?:help|talk|chat|show|learn|meet|tell|be the)",
    r"tell you (?:more )?about (?:what|our|us|the)|what we (?:do|offer|have)|how we can help",
    r"our (?:services|products|team|programs)",
    r"a lot (?:going on|of great)|deals|specials|discounts|promotions?|options|people like you",
    r"businesses (?:just )?like yours",
    r"(?:fifteen|twenty|ten|thirty|few) minutes (?:of your time|on your calendar|with|to)",
)
_UNCOUNTED = (  # what is counted of the call or the seller, and not of the offer
    "minute|question|second|thing|moment|time|hundred|thousand|year|people|step|word|detail|dealer"
    "|award|location|office|engineer|message|quick|industry"
)
# Points by the definition, in the proportions of a logistic regression on parts a to f of
# models/training, rounded.
_CONCRETE = Weighing(
    2,
    (
        # an answer to this prospect
        Sense.of(
            2,
            r"you(?:'d|'ve| had| were| have)?(?: been)? (?:asked|asking|wanted|wrote|said"
            r"|mentioned|wondering|wondered|told (?:me|us)|test drove|picked|sent|showed|drew"
            r"|worried|worrying|waited|waiting|liked|lost|reported|drove|brought|specified)",
            r"your (?:question|list|drawing|request|sketch)|(?:one|thing|way) you \w+ed",
        ),
        # what the caller did about it
        Sense.of(
            2,
            r"(?:i|we)(?:'ve| have)? (?:found|measured|checked|looked (?:it|them|that|into|at)"
            r"|tried|pulled|ran|tested|asked (?:the|my|about|them|him|her)|talked to|spoke to"
            r"|went (?:back|over|through)|read|put|set aside|kept|saved|fixed|drafted|marked"
            r"|moved|cleaned|wrote|cut|counted|got (?:both|your|the|my|one|it))",
        ),
        # somebody else's doing
        Sense.of(
            2,
            "the (?:state|county|city|town|council|irs|law|government|bank|lender|board"
            "|manufacturer|factory|maker|warehouse|utility|company|landlord|seller|owner|tenant"
            "|insurer|carrier|plan|policy|committee|inspectors?|driver|doctor|lab|school|port)",
            "insurers|medicare|they(?:'ll|'re|'ve| (?:will|have|are|said|say|want|take|pay|give"
            "|send|changed|need|had|moved|just))",
        ),
        # at no cost
        Sense.of(
            2,
            "free|no (?:charge|cost|fees?|contract|strings|penalty|extra)|nothing to pay"
            "|for nothing|half(?: (?:price|off))?|percent (?:off|back|less)|waive[sd]?"
            "|costs? (?:you )?nothing|without (?:charge|paying)|on (?:us|the house)|refunded",
        ),
        # a rule, a programme
        Sense.of(
            1,
            "rules?|laws?|limits?|permits?|requirements?|deadline|grants?|rebates?|tax(?:es)?"
            "|credits?|recall(?:ed|s)|notice|coupon|vouchers?|exemption|loophole|incentives?"
            "|fines?|fees?|policy|coverage|covered|code|standard|refunds?|warranty|certificate",
        ),
        # an event
        Sense.of(
            1,
            rf"{TURNS}(?: [\w']+){{0,4}} (?:in|on|off|back|through|out|up|away|yesterday|today"
            rf"|last (?:night|week|month)|this (?:morning|week|month|year)|{DAY})",
        ),
        Sense.of(
            1,
            DAY,
        ),
        # a day on which something begins or ends
        Sense.of(
            1,
            "(?:until|till|til|by|before|through|from|since|as of|starting|effective|on|after"
            rf"|past|in|here|opens?|this|next) (?:(?:the|um|and) )*{DAY}"
            rf"|{MONTH}(?: the)? {NUMBER}|{DAY} (?:only|at \w+|morning|afternoon|night)",
        ),
        Sense.of(
            1,
            rf"{MONEY}|{NUMBER} (?:percent|hundred|thousand|grand)|\d[\d.]*%|a third",
        ),
        Sense.of(
            1,
            rf"(?!half\b|one\b){NUMBER} (?!(?:{_UNCOUNTED})s?\b)(?:[\w'-]+ )?[a-rt-z]\w+s",
        ),
        Sense.of(
            1,
            r"(?:is|are|was|were|it's|you're|they're|that's|\w+'s) (?:\w+ )?(?:ready|covered"
            r"|approved|fixed|done|washed|in stock|back|available|straight|cleared|here|yours"
            r"|open|empty|finished|safe|gone|included|paid|due|closed|(?:in|out)(?=[.,]))",
        ),
        # what is offered to be sent or done
        Sense.of(
            1,
            r"(?:i|we)(?:'ll| can| could| will|'ve|'d)? (?:send|sent|bring|mail(?:ed)?"
            r"|email(?:ed)?|text|show|look|check|file|fill|give you|hold|held)",
            "text me (?:the word|yes|a yes|your|an)|tell me (?:yes|how many|which|your)",
        ),
        Sense.of(
            -1,
            "whatever you|you name it|stuff|something|anything|everything|kinds?"
            "|(?:i'd|we'd|would|i|we) (?:really )?(?:love|like|enjoy|welcome|be (?:happy|glad"
            "|delighted|honored|pleased|thrilled)) (?:to|you|the)",
        ),
        Sense(-2, _GENERIC),
        Sense.of(
            -2,
            "we've got|we have|we do|we're (?:the|a|your|here|running|doing|always)|believe"
            "|our (?:prices|people|staff|company|business)|cheap|prices|deals?|great|best"
            "|good (?:prices|people)",
        ),
        Sense.of(
            -2,
            r"to (?:talk|chat|meet|connect|sit down|reach out|introduce)|hear from you"
            r"|(?:have|for) an? (?:chat|talk|conversation|coffee|lunch)|get to know"
            r"|think about|thinking (?:of|about)|your thoughts",
        ),
        Sense.of(
            -2,
            "nothing|no (?:news|reason|agenda|change|question|offer|event)|just me"
            "|courtesy call|that's (?:all|it|the message)|wrong number|can you hear"
            "|at your (?:earliest )?convenience|voicemail|the machine",
        ),
        Sense(-3, _CHECKING),
    ),
)


def concrete_reason(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Something definite: an answer to what was asked, an event, an amount, a date.

    What any seller says, and talk of the call itself, count against it.
    """
    yield from _concrete(wording)


def just_checking_in(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """A call to check in, follow up or say hello, with nothing else in it."""
    if _GENERIC.search(wording.lower) or _concrete(wording):
        return
    yield from wording.find_even_negated(_SOCIAL)
    for stretch in wording.find(_CHECKING):
        if not _SPEAKER_WILL.search(wording.before(stretch)):
            yield stretch


def still_in_market(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The question whether they are still looking."""
    for stretch in wording.find(_MARKET):
        if _WHO.search(wording.before(stretch, 20) + wording.between(stretch)):
            yield stretch


@lru_cache(maxsize=4)  # two signals of a message ask for it
def _concrete(wording: Wording) -> Sequence[Stretch]:
    return _CONCRETE.find(wording)
