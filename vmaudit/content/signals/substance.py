"""What the message gives the listener: a concrete reason, a deadline, or only "checking in"."""

from __future__ import annotations

from collections.abc import Iterator

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import DAY, MONEY, NUMBER, SHOPPING
from vmaudit.content.signals.wording import Stretch, Wording, behind, phrase

__all__ = [
    "concrete_reason",
    "just_checking_in",
    "sensitive_detail",
    "still_in_market",
    "urgency",
]

_SPEAKER_WILL = behind(
    r"(?:i|we)(?:'ll| will| shall)(?: \w+){0,2}", r"in case of|thanks for|thank you for"
)
_ONLY = r"(?:just|only|simply|merely|quick|quickly|basically|kind of)"
_CHECKING = phrase(
    r"check(?:ing)?(?: back)? in(?! (?:the|our|your|at|time|date)\b)(?: (?:on|with) \w+)?",
    r"follow(?:ing)? ?-?up|following-up|follow-?up|touch(?:ing)? bases?|circl(?:e|ing) back",
    r"hitting you (?:back|up)|bumping this|(?:ping|nudg)ing you|keep(?:ing)? in touch",
    rf"{_ONLY} (?:\w+ ){{0,4}}?(?:see|seeing|hear|check|checking|wondering|wanted to know|ask"
    rf"|asking)"
    r" (?:if|how|whether|where|what|about)",
    rf"{_ONLY} (?:\w+ ){{0,2}}?(?:reaching out|reach out|reconnect(?:ing)?|connect|getting back"
    r"|returning|calling around|making (?:my|the) (?:calls|rounds))",
    r"see(?:ing)? (?:if|whether) you (?:had|have|got|saw|received|were able|need|needed)"
    r"(?: \w+){0,2} (?:any|a chance|anything|my|our|the|to)",
    r"(?:had|get|got|have) a chance to (?:look|think|review|read|go)",
    r"(?:just|only|simply) (?:\w+ ){0,4}?(?:say(?:ing)?|said) (?:hi|hello|hey)",
    r"(?:go|going|working|down|through) (?:down |through |my way )?(?:my|the|our) (?:call )?list",
    r"back on your radar|(?:how|where) (?:things|everything|it|y'all|you guys)(?:'s|'re| are| is)"
    r"(?: going| looking| at| coming| standing)?|where (?:you're|you are|your head is) at",
    r"how you(?:'re| are) (?:doing|getting (?:on|along)|keeping|coming along)",
    r"how (?:have )?you been",
    r"no (?:news|agenda|real reason|reason really|particular reason|special reason)",
    r"nothing (?:new|in particular|to report|to add|specific|special)|just me again",
    r"it's been a while",
    r"(?:haven't|have not|hadn't|had not|never) (?:heard|talked|spoken|connected)",
    r"(?:put|putting) (?:us|me|my name) (?:back )?(?:on|in front of)|(?:any|any new) updates?",
)
_MARKET = phrase(
    rf"still (?:\w+ ){{0,3}}?{SHOPPING}",
    r"(?:if|whether|are|is|were) (?:you|y'all|you guys|you folks|anybody|anyone|we)(?:'re| are"
    r"| all)?"
    r" (?:\w+ ){0,2}?(?:in the market|looking to (?:buy|sell|hire|move|switch|trade)|shopping)",
    r"are (?:you|we) (?:still )?in or (?:are (?:you|we) )?out|(?:already|ended up) (?:bought"
    r"|buying|found"
    r"|went with|gone with|hired)|(?:still )?on your (?:list|radar|mind)|still (?:a|an"
    r"|your) (?:interest|priority)",
)
_BY = (
    r"(?:until|till|til|by|through|thru|before|no later than|good (?:to|through|until)|end(?:s"
    r"|ing)?"
    r"|expir(?:es|ing)|clos(?:es|ing)|dies|goes away|gone|stops?|due|deadline is|last day is|up)"
)
_DEADLINE = phrase(
    rf"{_BY} (?:(?:on|at|by|this|next|close|the|of|only|about|like|\w+) ){{0,2}}?{DAY}",
    rf"(?:begin(?:s|ning)|start(?:s|ing)|effective|kicks? in|takes? effect|reaches end of \w+"
    rf"|jumps?"
    rf"|goes? up|changes?)(?: \w+){{0,3}}? {DAY}",
    rf"(?:end|close|expire|go away|run out)s? (?:on |at |this |next )?{DAY}",
    rf"{DAY} (?:is the )?(?:deadline|cutoff|cut-off)",
    r"(?:last|final) (?:chance|days?|one left|few|call for|opportunity|spots?)",
    rf"(?:{NUMBER}|few|couple|one) (?:of \w+ |\w+ )?(?:left|remaining)(?! (?:you|a|me|us|my|the))",
    r"while (?:they|supplies|it|stock|there's|quantities) lasts?|won't last",
    r"(?:going|moving|selling|filling) (?:up )?fast",
    r"hurry|asap|a\.s\.a\.p|right away|as soon as (?:possible|you can)|the sooner the better",
    r"immediately",
    r"don't (?:wait|miss|delay|sleep on|put it off)|miss out|first come(?: first served)?",
    r"first (?:call|name|one|caller) (?:gets|in)",
    r"(?:sign up|act|call|lock|lock it|lock in|get in|buy|book|apply"
    r"|change \w+ \w+ \w+) (?:right )?now",
    r"deadline|limited(?:-| )time|time is running|run(?:ning)? out|clock(?:'s| is) ticking",
    r"before (?:it's|they're|it is|they are|it all|somebody else|someone else|prices|rates"
    r"|the price|the rate)",
    r"(?:tomorrow's|it's|be) too late|urgent(?:ly)?|time-sensitive|time sensitive",
    rf"(?:only|just|got|have|within|in)(?: like| about)? (?:{NUMBER}) (?:more )?(?:days|hours"
    rf"|weeks)(?: left| to)?",
    rf"(?:hold|held|holding|reserved?|save|saved|set aside)(?: [\w']+){{0,6}} (?:until|till|til"
    rf"|through) (?:\w+ )?{DAY}",
    r"unless i hear|otherwise (?:i'll|we'll|it|they)",
    r"or (?:it|they|he|she) (?:goes|go|bumps?|moves? on)|opens? \w+day",
)
_HOURS = behind(
    r"(?:i'm|i am|we're|we are|i'll be|here|in|in the office|my desk|our office|open|around|on|line"
    r"|reach me|call me|phone|available|answer|(?:i|we)(?:'ll| will|'d"
    r"| can) (?:\w+ ){0,4}?\w+)(?: \w+){0,3}",
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day",
)
_SENSITIVE = phrase(
    rf"(?:estimate|quote|quoted|priced?|total|balance|payments?|premium|invoice|bill"
    rf"|comes? (?:out )?to"
    rf"|came (?:out )?to|costs?|charge|owed?|salary|deductible|payoff)(?: [\w']+){{0,5}}? "
    rf"(?:{MONEY}|\$?{NUMBER} (?:hundred|thousand|{NUMBER}))",
    rf"(?:{MONEY}|{NUMBER}(?: {NUMBER})+) (?:a|per|each|every) (?:month|week|year|payment)",
    rf"(?:{MONEY}) (?:out the door|all in|installed|total|for the (?:whole )?(?:job|roof"
    rf"|project|system))",
    r"your (?:account|loan|application|credit|balance|claim|diagnosis|payoff|mortgage|test|lab"
    r"|payment|bill"
    r"|debt|prescription|refund|medical \w+|social security)(?: \w+)?"
    r" (?:number|ending|balance|is|was|has|score|report|came|shows|in the amount|results?)",
    r"(?:application|account|card|policy|claim) (?:number )?ending|past due|overdue|behind on",
    r"you(?:'re| are| were|'ve been| have been) (?:\w+ )?(?:approved|pre-?approved|denied"
    r"|declined|turned down)",
    r"social security|date of birth|credit (?:score|report|check)|upside down on?|cosigner"
    r"|in the amount of"
    r"|your (?:password|login|diagnosis|divorce|surgery|condition|medication)",
)
_FACT = phrase(
    r"you(?:'d| had| were)? (?:asked|asking|wanted|wrote|said|mentioned|wondering|wondered"
    r"|told (?:me|us)|test drove|picked)",
    r"(?:came|comes?|coming|arrived?|arrives|landed|opened|opens|reopened|finish(?:ed|es)"
    r"|start(?:s|ed|ing)?"
    r"|begins?|beginning|began|end(?:s|ed)|expires?|closes?|closed|chang(?:ed|es|ing)|moved"
    r"|mov(?:es|ing)"
    r"|dropp(?:ed|ing)|drops|jumps?|kicks? in|takes effect|go(?:es)? up|went up|went down"
    r"|rais(?:ed|es|ing)"
    r"|doubling|doubles|posted|released|recalled|mailed|fell through|sold|listed|launched"
    r"|updated|passed)"
    rf"(?: [\w']+){{0,4}} (?:in|on|off|back|yesterday|this (?:morning|week|month|year)"
    rf"|last (?:night|week|month)|{DAY})",
    r"rebates?|recall(?:ed|s)?|incentives?|tax credit|grants?|coupon|vouchers?|deadline|loophole",
    r"exemption",
    r"new (?:rules?|laws?|regulations?|limit|requirement|policy|rate|code)",
    r"(?:federal|state|county|city) (?:\w+ )?(?:rules?|laws?|grants?|rebates?|program)",
    r"the (?:state|county|city|bank|manufacturer|factory|maker|irs|law|government|utility"
    r"|power company|lender|landlord|seller|owner|insurer|carrier|tenant)(?:'s| is| has| will"
    r"| just| may| can| now)?"
    r" (?:giving|paying|opened|raised|moved|passed|says|said|posted|requires?|lets|offers?"
    r"|offering|cut|agreed|wants|approved|will|has|just)",
    r"no (?:charge|cost|closing costs|exam|fee|fees|drilling|new hardware|appointment"
    r"|down payment|extra charge|penalty)",
    r"(?:for )?free (?:until|till|til|of charge|for \w+ (?:days|months|weeks)|through|with)",
    r"(?:month|months|year|install\w*|delivery|upgrade) (?:\w+ )?free|half (?:price|off)",
    r"percent (?:off|back|less)",
    r"(?:is|are|it's|you're|they're|'s) (?:\w+ )?(?:ready|covered|approved|fixed|done|in stock"
    r"|washed|back on the market|available again)",
    r"good news",
    r"(?:i|we)(?:'ve| have)? (?:found|measured|checked|looked (?:it|them|that) up|looked into"
    r"|tried|pulled|ran|tested|set aside|put (?:it|one|your name|my name)|asked (?:the|my|about"
    r"|them))",
    r"the answer(?:'s| is)|it(?:'s| is) (?:a )?yes|turns out|heads up|(?:did|do) you know that",
    r"thought you(?:'d| would| should| might) (?:want|like) (?:to know|that)|wanna know",
    rf"{MONEY}(?! (?:placements|customers))|{NUMBER} percent|\d+%",
    rf"{NUMBER} (?:days|weeks|months|miles|inches|acres|square feet|pounds|horsepower|bedrooms?"
    rf"|slots?|spots?|units|forty)",
    rf"(?:until|till|til|by|before|through|from|since|as of|starting|effective"
    rf"|on) (?:the )?{DAY}",
    rf"{DAY} (?:only|at (?:noon|midnight))",
)
_NO_FACT = behind(
    r"(?:i|we|somebody|someone)(?:'ll| will| shall|'d|'m| am)(?: [\w']+){0,6}",
    r"(?:years|minutes) (?:of|in)|(?:come|hold|hang|pick)",
    r"(?:good|great|nice|happy|beautiful|busy|lovely|long|i'm|i am|we're|office|open|here|in"
    r"|desk)(?: [\w']+){0,3}",
)
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


def just_checking_in(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """A call to check in, follow up or say hello."""
    for stretch in wording.find(_CHECKING):
        if not _SPEAKER_WILL.search(wording.before(stretch)):
            yield stretch


def still_in_market(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The question whether they are still looking."""
    yield from wording.find(_MARKET)


def concrete_reason(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """Something definite: an event, an amount, a date, an answer to what was asked.

    Beside what any seller says of themselves, one fact is not enough.
    """
    facts = [one for one in wording.find(_FACT) if not _NO_FACT.search(wording.before(one))]
    if len(facts) > (1 if _GENERIC.search(wording.lower) else 0):
        yield from facts


def urgency(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """A deadline, or something that will soon be gone; not the hours in which the rep is in."""
    for stretch in wording.find(_DEADLINE):
        if not _HOURS.search(wording.before(stretch)):
            yield stretch


def sensitive_detail(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """What somebody else in the house should not hear: a quote, an account, an approval."""
    yield from wording.find(_SENSITIVE)
