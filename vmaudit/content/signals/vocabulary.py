"""Pieces of patterns: what stands round names, what names nobody, numbers, days. English.

Spaces in them are read by ``vmaudit.content.signals.wording.phrase``.
"""

from __future__ import annotations

__all__ = [
    "AMOUNT", "BUSINESS", "DATE", "DAY", "GREETINGS", "HOUR", "INTRODUCTION", "MONEY", "MONTH",
    "NO_NAMES", "NUMBER", "PLACES", "SELLER", "SHOPPING", "TITLES", "TURNS",
]  # fmt: skip

TITLES = (
    "mr|mrs|ms|miss|mister|missus|dr|doctor|prof|professor|reverend|pastor|father|sister|chef"
    "|coach|judge|captain|officer|sir|madam|ma'am"
)
GREETINGS = (
    "oh|ooh|okay|ok|so|yes|yeah|well|and|um|uh|hi|hiya|hiii+|hello|hey|heyy+|howdy|hola|yo|say"
    "|there"
    "|good|great|morning|mornin|afternoon|evening|evenin|day|news|greetings|dear|is|this|it|for"
    "|calling|message|an?"
)
INTRODUCTION = (
    "this is|this here's|this here is|it's|it is|i'm|i am|(?:my |the )?name is|(?:my )?name's"
    "|you're speaking (?:with|to)|that's|you've got"
)
PLACES = "with|from|at|of|on behalf of|calling for|represent|representing"
# What only the seller says just before the seller's name.
SELLER = (
    "here at|friends at|folks at|team at|department (?:of|at)|on behalf of|customer of|choosing"
    "|visiting|thank you for calling|appointments? (?:\\w+ ){0,2}at|considering|we at|us at"
)
BUSINESS = (
    "autos?|automotive|motors?|cars?|imports|dealers?|dealership|realty|properties|homes?|insurance"
    "|assurance|mortgage|lending|loans?|bank|credit|union|finance|financial|capital|wealth|funds?"
    "|solar|energy|electrics?|power|plumbing|roofing|heating|cooling|air|hvac|windows|flooring"
    "|staffing|recruiting|recruitment|talent|personnel|software|systems?|networks?|telecom"
    "|telephone|phones?|wireless|voice|technolog(?:y|ies)|tech|computers?|digital|marketing|media"
    "|agency|advertising|advis[eo]rs|consulting|partners|group|company|corporation|inc|llc|brothers"
    "|sons|associates|services?|solutions?|centers?|centre|stores?|shop|outlet|garage|tires?"
    "|cycles?"
    "|powersports|trailers?|trucks?|rv|supply|planning|trust|life|retirement|law|legal|dental"
    "|clinics?|medical|health|fitness|gym|travel|security|logistics|freight|fleet|labs?|studios?"
    "|creative|design|builders?|construction|landscaping|lawns?|gardens?|pools?|pest|cleaning"
    "|cleaners|moving|movers|storage|hotels?|resorts?|university|college|academy|school|foundation"
    "|institute|equipment|industrial|manufacturing|packaging|printing|foods?|catering|events?"
    "|furniture|kitchens?|interiors|jewelers|pharmacy|optical|hearing|veterinary|senior|care"
    "|funeral"
)
NO_NAMES = (
    "(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|august"
    "|september|october|november|december|christmas|easter|thanksgiving|god|lord|okay|ok|thanks?"
    "|bye\\w*|bye-bye|goodbye|goodnight|ciao|cheers|later|peace|call|text|ring|this|that|it|its"
    "|the|we|our|your?|my|me|us|just"
    "|so|and|but|or|hello|hi+|hiya|hey+|howdy|yo|ya|good|great|wonderful|perfect|yes|yeah|yep"
    "|nope|no|please|again|sorry|well|oh"
    "|ooh|ope|ha|hah|heh|huh|wow|eek|whee+|yay|hooray|hugs|alright|anyway|anyways|anyhow|anyhoo"
    "|honey|hon|sweetie|sugar|darling|dear|buddy|boss|folks|say|here|there|if|in|on|at|for|from"
    "|with|to|a|an|is|are|was|what|who|how|when"
    "|why|where|he|she|they|not|now|then|any|all|as|also|by|did|do|does|can|could|would|will|let"
    "|look|listen|got|have|had|has|zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|triple"
    "|double|area|number|extension|today|tomorrow|tonight|press|once|still|only|nothing"
    "|touching|checking|following"
    "|circling|calling|returning|returned|looking|guess|quick|sure|right|morning|mornin|afternoon"
    "|evening|evenin|night|first|next|last|every|some|because|until|till|while|before|after|since"
    "|tv|suv|usa|mr|mrs|ms|dr|i'\\w+|\\w+'(?:re|ve|ll|d|m)|(?:that|it|there|what|here|let|who"
    "|how|where)'s"
    "|(?:do|does|did|is|are|was|were|ca|wo|have|has|could|would|should)n't|\\w+ly|\\w+-\\w+-\\w+"
)

_DIGIT = "one|two|three|four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_TO_19 = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_ORDINAL = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth"
    "|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth"
)
NUMBER = (
    rf"(?:\d[\d,.]*k?|{_DIGIT}|{_TO_19}|(?:{_TENS})(?:-\w+)?|hundred|thousand|million|half|a dozen)"
)
MONEY = (
    rf"(?:\$\d[\d,.]*(?: (?:k|thousand|million))?"
    rf"|{NUMBER}(?: (?:and |point )?{NUMBER}){{0,5}} (?:dollars?|bucks|grand|cents))"
)
AMOUNT = (  # of money, in hundreds at least or by its currency; "a hundred and eighty"
    rf"(?:\$\d[\d,.]*|(?:a|{NUMBER}(?: {NUMBER}){{0,2}}) (?:hundred|thousand|grand)"
    rf"(?: (?:and )?{NUMBER}){{0,3}}(?: dollars?)?|(?:{_TENS})(?:-\w+)? (?:dollars?|bucks)"
    rf"|{NUMBER} (?:{_TENS})(?:-\w+)?(?=,? (?:a|per|each|every) ))"
)
MONTH = (  # "may" is more often no month
    rf"(?:january|february|march|april|may(?=[.,]| \d| (?:the )?(?:{_ORDINAL})|$)|june|july"
    "|august|september|october|november|december)"
)
DAY = (
    rf"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|today|tonight|tomorrow|midnight|noon"
    rf"|easter|christmas|thanksgiving|new year's|(?:the )?end of (?:the |this )?"
    rf"(?:day|week|month|quarter|year|{MONTH})|this (?:week|month)|close of business|{MONTH}"
    rf"|the (?:(?:twenty|thirty)-)?(?:{_ORDINAL}|\d+(?:st|nd|rd|th)))"
)
DATE = (  # a day however it is told, stammered too: "by the, f-fourteenth"
    rf"(?:{DAY}|(?:\w-)?(?:the )?(?:\w-)?(?:\d+(?:st|nd|rd|th)|(?:(?:twenty"
    rf"|thirty)-)?(?:{_ORDINAL}))"
    "|dawn|spring|summer|fall|autumn|winter)"
)
HOUR = rf"(?:\d\d?(?::\d\d)?|{_DIGIT}|ten|eleven|twelve)(?! (?:\d|{_DIGIT}|oh|zero))"
SHOPPING = (
    r"(?:in the market|look(?:ing)?|interested|shopping|hiring|hunting|need(?:ing)?"
    r"|consider(?:ing)?"
    r"|thinking|planning|want(?:ing)?|in need|searching|trying to|exploring|open to|having"
    r"|on the (?:hunt|lookout))"
)
TURNS = (  # of something that happened, or will
    "(?:came|comes|coming|arrived?|arrives|landed|open(?:s|ed)|reopened|finish(?:ed|es)"
    "|start(?:s|ed|ing)?|begins?|beginning|began|end(?:s|ed)|expires?|close[sd]?"
    "|chang(?:ed|es|ing)|mov(?:ed|es|ing)|dropp(?:ed|ing)|drops|jumps?|takes effect"
    "|go(?:es)? up|went (?:up|down)|rais(?:ed|es|ing)|doubl(?:ing|es)|posted|released|mailed"
    "|fell|sold|listed|launched|updated|passed|shipped|delivered|expanded|added|turned)"
)
