"""What the message gives the listener: a concrete reason, a deadline, or only "checking in"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import DAY, HOUR, MONEY, NUMBER, SHOPPING
from vmaudit.content.signals.wording import Stretch, Wording, behind, phrase

__all__ = [
    "concrete_reason",
    "just_checking_in",
    "sensitive_detail",
    "still_in_market",
    "urgency",
]

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
    r"(?:did|have) you (?:get|got|see|seen|received?) (?:my|our|the) (?:\w+ )?(?:message"
    "|e[- ]?mail|note|letter|quote|proposal|information|info|packet|brochure)s?",
    r"(?:just|only|simply) (?:\w+ ){0,4}?(?:say(?:ing)?|said) (?:hi|hello|hey)|to say (?:hi|hello)",
    r"(?:go|going|working|down|through) (?:down |through |my way )?(?:my|the|our) (?:call )?list",
    "back on your radar|(?:how|where) (?:things|everything|it|y'all|you guys)(?:'s|'re| are"
    "| is)?(?: going| looking| at| coming| standing| stand)?",
    "where (?:you're|you are|your head is) at",
    r"how you(?:'re| are) (?:doing|getting (?:on|along)|keeping|coming along)",
    r"how (?:have )?you been",
    r"no (?:news|agenda|real reason|reason really|particular reason|special reason)|any thoughts",
    r"nothing (?:new|in particular|to report|to add|specific|special)|just me again",
    r"(?:trying|tried|wanted|hoping) to (?:catch|reach|connect with|get (?:a )?hold of) you",
    "what (?:you think|you thought|your thoughts)",
    "if you(?:'ve| have)? (?:had )?any (?:questions|thoughts)",
    r"(?:been|quite) a while|(?:was|am|been) thinking (?:of|about) you",
    r"(?:haven't|have not|hadn't|had not|never) (?:heard|talked|spoken|connected)",
    r"(?:put|putting) (?:us|me|my name) (?:back (?:on|in)|in front of)|(?:any|any new) updates?",
)
_SPEAKER_WILL = behind(
    r"(?:i|we)(?:'ll| will| shall)(?: \w+){0,2}", r"in case of|thanks for|thank you for"
)
_MARKET = phrase(
    rf"still (?:\w+ ){{0,3}}?{SHOPPING}",
    "(?:if|whether|are|is|were) (?:you|y'all|you guys|you folks|anybody|anyone|we)(?:'re| are"
    r"| all)? (?:\w+ ){0,2}?(?:in the market|shopping"
    "|looking to (?:buy|sell|hire|move|switch|trade))",
    r"(?:you|y'all|you're|we) (?:are |were )?still (?:on the hunt|up for|\w+ing)",
    "(?:did|have) you (?:ever |already |guys |end(?:ed)? up |since )*(?:find|found|buy|bought"
    "|buying|decided?|made (?:a|any|up)|gone with|go with|choose|chosen)|made up your mind",
    "are (?:you|we) (?:still )?in or (?:are (?:you|we) )?out",
    "(?:already|ended up) (?:bought|buying|found|went with|gone with|hired)",
    "still (?:a|an|your) (?:interest|priority)|(?:given|gave) up (?:looking|on)",
    "change(?:d)? your mind",
)
_WHO = re.compile(r"\b(?:you|y'all|folks|guys|anybody|anyone|they|we)\b")
_BY = (
    "(?:until|till|til|by|through|thru|before|no later than|good (?:to|through|until)|ends?"
    "|ending|expires?|expiring|closes?|closing|dies|goes away|gone|stops?|due|deadline is"
    "|last day is)"
)
_DEADLINE = phrase(
    rf"{_BY} (?:(?!itself)\w+ ){{0,2}}?{DAY}",
    rf"(?:by(?! one[ ,])|before|(?:closes?|shuts?|ends?) at) {HOUR}(?: (?:o'clock|p\.?m|a\.?m"
    "|sharp))?",
    r"(?:effective|kicks? in|takes? effect|reaches end of \w+|jumps?|drops?"
    rf"|goes? up)(?: \w+){{0,3}}? {DAY}",
    rf"{DAY} (?:is the )?(?:deadline|cutoff|cut-off)|{DAY} only|only (?:until|till|through|this)",
    r"(?:last|final) (?:chance|days?|one left|few|call for|opportunity|spots?)",
    rf"(?:{NUMBER}|few|couple|one) (?:of \w+ |\w+ )?(?:left|remaining)(?! (?:you|a|me|us|my|the))",
    r"while (?:they|supplies|it|stock|there's|quantities) lasts?|won't last|limited(?:-| )time",
    r"(?:going|moving|selling|filling|goes|go|sell|fill) (?:up )?(?:so |very |really )?fast",
    r"hurry|asap|right away|as soon as (?:possible|you can)|the sooner the better|time-sensitive",
    r"don't (?:wait|miss|delay|sleep on|put it off)|first come(?: first served)?|time sensitive",
    r"first (?:call|name|one|caller|person) (?:gets|takes)|unless i hear|deadline|urgent(?:ly)?",
    r"(?:sign up|act|call|lock|lock it|lock in|get in|buy|book|apply) (?:right )?now|today only",
    r"time is running|run(?:ning)? out|fills? up|filled in|sells? out|sold out|might be gone",
    "before (?:it's|they're|it is|they are|it all|anybody|anyone|somebody|someone|prices|rates"
    "|the price|the rate|it goes|they go)|(?:tomorrow's|it's|be) too late|window closes",
    r"(?:another|other|somebody|someone) (?:else )?(?:\w+ )?(?:offers?|buyers?|wants|interested"
    "|looking at|asking about)|nobody else has|got another (?:offer|buyer)",
    rf"(?:only|just|got|have)(?: like| about)? {NUMBER} (?:more )?(?:days|hours|weeks)(?: left"
    "| to)?",
    r"(?:hold|held|holding|reserved?|save|saved|set aside|my name on)(?: [\w']+){0,6} (?:until"
    rf"|till|til|through) (?:\w+ )?{DAY}|within the (?:hour|day|week)",
    rf"or (?:it|they|he|she) (?:goes|go|bumps?|moves? on)|(?:lock|act|sign|decide) (?:by )?{DAY}",
)
_HOURS = behind(
    "(?:i'm|i am|we're|we are|i'll be|here|in the office|my desk|our office|open|around|i'm on"
    "|line|reach me|call me|phone|available|answer|took"
    r"|(?:i|we)(?:'ll| will|'d| can) (?:\w+ ){0,4}?\w+)(?: \w+){0,3}",
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|took",
)
_AMOUNT = rf"(?:{MONEY}|\$?{NUMBER} (?:hundred|thousand|{NUMBER})(?: (?:and )?{NUMBER}){{0,3}})"
_SENSITIVE = phrase(
    "(?:estimate|quote|quoted|priced?|total|balance|payments?|premium|invoice|bill|costs?"
    "|charge|owed?|salary|deductible|payoff|(?:comes?|came) (?:out )?to"
    rf"|(?:that'd|it'd|it'll|would|will) (?:be|run|cost))(?: [\w']+){{0,5}}? {_AMOUNT}",
    rf"{_AMOUNT} (?:a|per|each|every) (?:month|week|payment)",
    rf"{_AMOUNT} (?:out the door|all in|installed|total|for the (?:whole )?(?:job|roof|project))",
    rf"(?:got|get|getting) (?:it|you|that|them)(?: \w+)?(?: down)? (?:to|at|for) {_AMOUNT}",
    "(?:that|the|your) price is|your (?:account|loan|application|credit|balance|claim|diagnosis"
    "|payoff|mortgage|test|lab|payment|bill|debt|prescription|refund"
    r"|social security)(?: \w+)? (?:number|ending|balance|is|was|has|score|report|came|shows"
    "|in the amount|results?)",
    r"(?:application|account|card|policy|claim) (?:number )?ending|past due|overdue|behind on",
    "(?:condition|loan|credit|financing|application|mortgage|offer) (?:is|was|has been"
    "|came back) (?:approved|denied|declined)",
    r"you(?:'re| are| were|'ve been| have been) (?:\w+ )?(?:pre-?)?(?:approved|denied|declined)",
    r"social security|date of birth|credit (?:score|report|check)|upside down on?|cosigner",
    r"in the amount of|your (?:password|login|divorce|surgery|condition|medications?|insulin)",
    r"dialysis|chemo\w*|biopsy|bankruptcy|foreclosure|garnish\w*|eviction|probate|in collections",
)
_HAPPENED = (
    "(?:came|comes|coming|arrived?|arrives|landed|open(?:s|ed)|reopened|finish(?:ed|es)"
    "|start(?:s|ed|ing)?|begins?|beginning|began|end(?:s|ed)|expires?|close[sd]?"
    "|chang(?:ed|es|ing)|mov(?:ed|es|ing)|dropp(?:ed|ing)|drops|jumps?|takes effect"
    "|go(?:es)? up|went (?:up|down)|rais(?:ed|es|ing)|doubl(?:ing|es)|posted|released|mailed"
    "|fell|sold|listed|launched|updated|passed|shipped|delivered|expanded|added|turned)"
)
_FACT = phrase(
    "you(?:'d| had| were)? (?:asked|asking|wanted|wrote|said|mentioned|wondering|wondered"
    "|told (?:me|us)|test drove|picked)|your question",
    rf"{_HAPPENED}(?: [\w']+){{0,4}} (?:in|on|off|back|through|yesterday"
    rf"|last (?:night|week|month)|this (?:morning|week|month|year)|{DAY})",
    r"rebates?|recall(?:ed|s)?|incentives?|tax credit|grants|(?:a|the|state|small) grant|coupon",
    r"vouchers?|deadline|loophole",
    r"exemption|(?:federal|state|county|city) (?:\w+ )?(?:rules?|laws?|grants?|rebates?|program)",
    r"new (?:rules?|laws?|regulations?|limit|requirement|policy|rate|code|study|report|list)",
    "the (?:state|county|city|bank|manufacturer|factory|maker|irs|law|government|utility|lender"
    "|power company|landlord|seller|owner|insurer|carrier|tenant|board|committee"
    "|inspector)(?:'s| is| has| will| just| may| can| now)* (?:giving|paying|opened|raised"
    "|moved|passed|says|said|posted|requires?|lets?|offers?|offering|cut|agreed|wants|approved"
    "|will|has|just|made|closing|sending)",
    "no (?:charge|cost|closing costs|exam|fees?|drilling|new hardware|appointment|down payment"
    "|extra charge|penalty|contract)|good news|heads up|turns out|half (?:price|off)",
    r"(?:for )?free (?:until|till|til|of charge|for \w+ (?:days|months|weeks)|through|with)",
    r"(?:months?|year|install\w*|delivery|upgrade) (?:\w+ )?free|percent (?:off|back|less)",
    r"(?:is|are|it's|you're|they're|\w+'s) (?:\w+ )?(?:ready|covered|approved|fixed|done|washed"
    "|in stock|back on the market|available again|straight|cleared|in(?=[.,]))",
    "(?:i|we)(?:'ve| have)? (?:found|measured|checked|looked (?:it|them|that) up|looked into"
    "|tried|pulled|ran|tested|set aside|put (?:it|one|your name|my name)"
    "|asked (?:the|my|about|them)|got (?:both|your))",
    r"the answer(?:'s| is)|it(?:'s| is) (?:a )?yes|(?:did|do) you know that|wanna know",
    r"thought you(?:'d| would| should| might) (?:want|like) (?:to know|that)",
    r"so you (?:can|may|could)",
    rf"{MONEY}(?! (?:placements|customers))|{NUMBER} percent|\d[\d.]*%",
    rf"(?!(?:half|one)\b){NUMBER} (?!(?:minute|question|second|thing|moment|time|hundred|thousand"
    "|year|people|step|word|detail|dealer|award|location|office|engineer|message|quick"
    r"|industry)s?\b)(?:[\w'-]+ )?[a-rt-z]\w+s",
    rf"(?:until|till|til|by|before|through|from|since|as of|starting|effective|on) (?:the )?{DAY}",
    rf"{DAY} (?:only|at (?:noon|midnight))",
)
_NO_FACT = behind(
    r"(?:i|we|somebody|someone)(?:'ll| will| shall|'d|'m| am)(?: [\w']+){0,6}",
    r"(?:years|minutes) (?:of|in)|(?:come|hold|hang|pick)",
    "(?:good|great|nice|happy|beautiful|busy|lovely|long|i'm|i am|we're|office|open|here|in"
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
    for stretch in wording.find(_MARKET):
        if _WHO.search(wording.before(stretch, 20) + wording.between(stretch)):
            yield stretch


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
