"""Every signal by name: what it says to people, the rule that finds it, how sure the rule is.

Another signal is one function and one line here, and a section in docs/signals.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from vmaudit.content.signals import (
    demands,
    interest,
    manner,
    people,
    privacy,
    reasons,
    reply,
    urging,
)
from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.wording import Stretch, Wording
from vmaudit.records import Signal, Word

__all__ = ["SIGNALS", "find_signals"]


@dataclass(frozen=True, slots=True)
class _Rule:
    """``precision``: the share of what it finds in models/training that the labels bear out.

    ``benchmarks/signals.py`` measures it.
    """

    description: str
    find: Callable[[Wording, SignalContext], Iterable[Stretch]]
    precision: float


_RULES: Mapping[str, _Rule] = {
    "direct_line": _Rule("says that the number is the rep's own", reply.direct_line, 0.90),
    "text_invited": _Rule("invites a text", reply.text_invited, 0.98),
    "asks_callback": _Rule("asks for a call back", reply.asks_callback, 0.88),
    "will_call_again": _Rule("says that they will call again", reply.will_call_again, 0.91),
    "email_mentioned": _Rule("speaks of an e-mail", reply.email_mentioned, 0.84),
    "names_prospect": _Rule("names the prospect", people.names_prospect, 0.98),
    "names_self": _Rule("names themselves", people.names_self, 0.95),
    "names_company": _Rule("names their company", people.names_company, 0.98),
    "identified_early": _Rule(
        "says who calls within the first words", people.identified_early, 0.95
    ),
    "identified_late": _Rule("says who calls only later on", people.identified_late, 0.77),
    "mentions_interest": _Rule(
        "speaks of what the prospect asked for", interest.mentions_interest, 0.87
    ),
    "concrete_reason": _Rule("gives a concrete reason", reasons.concrete_reason, 0.80),
    "urgency": _Rule("names a deadline or urges", urging.urgency, 0.38),
    "just_checking_in": _Rule("only checks in or follows up", reasons.just_checking_in, 0.73),
    "still_in_market": _Rule("asks whether they are still looking", reasons.still_in_market, 0.84),
    "boasting": _Rule("praises the seller", manner.boasting, 0.70),
    "sensitive_detail": _Rule(
        "gives away a quote or account details", privacy.sensitive_detail, 0.41
    ),
    "apology": _Rule("apologises", manner.apology, 0.79),
    "pressure": _Rule("puts the prospect under pressure", urging.pressure, 0.67),
    "courtesy": _Rule("thanks, asks politely or wishes well", manner.courtesy, 0.66),
    "one_ask": _Rule("asks for one thing", demands.one_ask, 0.81),
    "many_asks": _Rule("asks for several things", demands.many_asks, 0.82),
}

SIGNALS: Mapping[str, str] = {name: rule.description for name, rule in _RULES.items()}
"""Every signal with what it says of a message that has it: "the rep ..."."""


def find_signals(words: Sequence[Word], context: SignalContext) -> dict[str, Signal]:
    """The signals of a message, in the order of ``SIGNALS``, each with where it is heard.

    ``words`` in time order. A signal's probability is the mean confidence of the words of its
    surest evidence, times the precision of its rule on the messages in models/training.
    """
    wording = Wording.of(words)
    found: dict[str, Signal] = {}
    for name, rule in _RULES.items():
        stretches = _apart(rule.find(wording, context))
        if stretches:
            surest = max(wording.confidence(stretch) for stretch in stretches)
            evidence = tuple(wording.evidence(stretch) for stretch in stretches)
            found[name] = Signal(surest * rule.precision, evidence)
    return found


def _apart(stretches: Iterable[Stretch]) -> list[Stretch]:
    """In order, those that share words made one."""
    apart: list[Stretch] = []
    for first, last in sorted(stretches):
        if apart and first <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(last, apart[-1][1]))
        else:
            apart.append((first, last))
    return apart
