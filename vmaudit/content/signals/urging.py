"""Whether the listener has to be quick, and whether they are pushed."""

from __future__ import annotations

from collections.abc import Iterator

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.vocabulary import DATE, HOUR, NUMBER
from vmaudit.content.signals.weighing import Sense, Weighing
from vmaudit.content.signals.wording import Stretch, Wording, behind, phrase

__all__ = ["pressure", "urgency"]

_FEW = r"(?:(?!(?:now|then)\b)[\w'-]+ ){0,2}?"
_HOURS = behind(  # in which the rep is in, not in which something ends
    "(?:i'm|i am|we're|we are|i'll be|here|in the office|my desk|our office|open|around|i'm on"
    "|my (?:own |direct )?(?:line|phone)|reach me|call me|available|answer|took"
    r"|(?:i|we)(?:'ll| will|'d| can) (?:\w+ ){0,4}?\w+)(?: \w+){0,3}",
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|took",
)
_ENDS = (
    r"(?:ends?|ending|expires?|expiring|closes?|closing|shuts?|dies|dead|goes? (?:away|dark|up|back"
    r"|by)|gone|stops?|disappears?|vanish\w*|turn(?:ing|s)? (?:it |them )?off|retir\w+|no longer"
    r"|won't|drops?|jumps?|fails?|over|runs? out|sells? out|fills? up|kicks? in|takes? effect)"
)
_DEADLINE = phrase(
    rf"(?:by|no later than|deadline is|due|last day is) {_FEW}{DATE}",
    rf"{_ENDS}(?: [\w']+){{0,3}}? (?:on |at |in |as of |the |by )*{DATE}",
    rf"(?:until|till|til|through|thru|before|good to) {_FEW}{DATE}",
    rf"(?:by(?! one[ ,])|before|until|till|til|like|(?:closes?|shuts?|ends?) at) (?:like )?{HOUR}"
    r"(?: (?:o'clock|p\.?m|a\.?m|sharp|tonight|today))?",
    rf"(?:{NUMBER}|few|couple|one|last one) (?:of \w+ |\w+ )?(?:left|remain\w*)(?! (?:you|a|me|us"
    r"|my|the)\b)|(?:last|final) (?:one|chance|few|spots?|days?|call for|opportunity)|no more",
    "none (?:left|till)|when they're gone|limited time|while (?:they|supplies|it|stock|quantities)"
    " lasts?|won't last|might be gone|sold out|(?:sells?|runs?|running) out|fills? up",
    "(?:going|selling|moving|filling|goes|sells) (?:up )?(?:so |very |really )?fast",
    "(?:another|other|somebody|someone|anybody|anyone) (?:else )?(?:is |are )?(?:buyers?|offers?"
    "|wants|couple|interested|asking|looking at)|nobody else|already called|other calls",
    r"(?:guy|fella|couple|family|lady|man|somebody)(?: \w+){0,3} (?:wants|with cash|behind you"
    "|interested)|cash in (?:his|her|hand)",
    "before (?:anybody|anyone|somebody|someone|it's gone|they're gone|it's too late)",
    "first[- ]come(?: first[- ]served)?|first (?:call|name|one|caller|person) (?:gets|takes)",
    r"first (?:hundred|thousand|\w+ty)",
    "hurry|asap|right away|as soon as (?:possible|you can)|the sooner the better|urgent(?:ly)?",
    "time[- ]sensitive|deadline|today only|unless i hear|too late|(?:want|let) you(?: to)? miss"
    "(?: out)?|don't (?:wait|miss|delay|sleep on|sit on)",
    "(?:sign up|act|call|lock(?: it)?(?: in)?|get in|buy|apply) (?:right )?now",
)
# Points by the definition, in the proportions of a logistic regression on parts a to f of
# models/training, rounded.
_PUSHED = Weighing(
    3,
    (
        # at once
        Sense.of(
            2,
            "(?:call|ring|phone|buzz|get|sign|act)(?: (?:me|us|in|back|here|it))* (?:right )?"
            "(?:now|today|this minute|immediately|tonight)|i mean now"
            "|today only",
        ),
        # or else
        Sense.of(
            3,
            "(?:today|now|this week) not (?:tomorrow|next|later)",
            "you(?:'re going to|'re gonna| will|'ll) (?:regret|lose|miss|be sorry)|too late"
            "|(?:last|final) (?:chance|notice|warning)|what are you waiting for"
            "|clock(?:'s| is) ticking|time is running out|tick tock",
            "or (?:i'll|i) (?:have to|give|sell|move|close)|you owe (?:it|me)"
            "|before (?:it's gone|somebody else|someone else)|can't (?:hold|promise)",
        ),
        # do not
        Sense.of(
            3,
            "don't (?:make me|leave me|miss (?:out|this|it)|wait|think (?:about it|twice)"
            "|be the|blow|ignore|say (?:i|no)|call me tomorrow|sit on|let (?:this|it)|bring a)",
        ),
        # demands
        Sense.of(
            2,
            "(?:i|we) need (?:you (?:on|in|to|here)|an answer|a yes|to hear)|get in here"
            r"|i need (?:that|this|it|your \w+)(?: \w+){0,3} (?:by|today|now|tonight)|let's go"
            r"|make it happen|what's it take"
            "|pick up(?! (?:your|the|a|my|where))|just (?:say|do) (?:it|yes|start)"
            "|(?:i'm|i am) not (?:kidding|asking)|yes or no|so let me know",
            "you(?:'ve|'ve got| got| have)? (?:gotta|got to|got till|got until|have to)"
            r"(?: \w+)? (?:call|decide|act|come|sign|days?|hours?|today)"
            "|why (?:haven't|won't|aren't) you|while you're at it",
        ),
        # again and again
        Sense.of(
            2,
            rf"(?:i've|i have) called (?:you )?(?:{NUMBER} |\w+ )?times|don't call twice"
            "|(?:third|fourth|fifth|sixth) time|you were (?:gonna|going to|supposed to)"
            "|keep calling",
        ),
        # three times over: twice is how people hesitate
        Sense.of(
            3,
            r"(\w+ (?:me|it)),? \1,? \1(?:,? \1)*|(go|now|move|call|run)(?:,? \2){2,}",
        ),
        Sense.of(
            2,
            r"(?:everybody|everyone|neighbors)(?: else)?(?: \w+){0,4} (?:already|said yes"
            "|(?:all )?signed)",
        ),
        Sense.of(
            -2,
            "no (?:hurry|rush|pressure)|whenever|if you(?:'d| would)? like|please",
        ),
        Sense.of(
            -1,
            "at your convenience|no need|thank you|thanks|sorry|you asked|i found",
        ),
    ),
    void=behind(r"(?:i|we|he|she|they)(?:'ll| will| can| could|'d|'m going to)(?: \w+){0,3}"),
)


def urgency(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """A deadline, or something that will soon be gone; not the hours in which the rep is in."""
    for stretch in wording.find(_DEADLINE):
        if not _HOURS.search(wording.before(stretch)):
            yield stretch


def pressure(wording: Wording, context: SignalContext) -> Iterator[Stretch]:
    """The listener is pushed: "call today, tomorrow's too late"."""
    yield from _PUSHED.find(wording)
