"""What the scorer knows of a message beside its wording: named numbers, each with its direction.

Each but ``length`` is 0 where there is nothing to remark. What could not be measured is 0 too, so
that it never counts against a message; that nothing was heard at all is an input of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from vmaudit.content import interest_words_said
from vmaudit.records import Audit, Callback, Delivery, PhoneNumber, Signal, Word
from vmaudit.scoring.wording import is_hesitation

__all__ = ["INPUTS", "HeadName", "Input", "Message", "callback_level", "message_of", "read_inputs"]

_ENOUGH_WORDS = 3  # of the lead's record

HeadName = Literal["value", "clarity", "callback"]


@dataclass(frozen=True, slots=True)
class Message:
    """What one message is scored by: all of it is in its audit.

    ``timed`` is false where the times of the words were only assumed, to put them in order.
    """

    words: tuple[Word, ...]
    delivery: Delivery
    callback: Callback
    signals: Mapping[str, Signal]
    prospect: str | None = None
    lead: Mapping[str, Any] | None = None
    timed: bool = True

    @property
    def numbers(self) -> tuple[PhoneNumber, ...]:
        """The callback numbers that were stated."""
        return self.callback.numbers

    @property
    def interest(self) -> str | None:
        """What the prospect had asked for."""
        return (self.lead or {}).get("interest")


def message_of(audit: Audit) -> Message:
    """What an audit that can be scored is scored by."""
    if audit.transcript is None or audit.delivery is None or audit.callback is None:
        raise ValueError(f"{audit.path}: nothing was heard in it")
    return Message(
        audit.transcript.words,
        audit.delivery,
        audit.callback,
        audit.signals,
        audit.prospect,
        audit.lead,
    )


@dataclass(frozen=True, slots=True)
class Input:
    """One number: how it is read, and what may be learnt of it.

    ``directions`` maps the heads that see it to the sign its weight may have: 1 it never lowers
    the score, -1 it never raises it, 0 either.
    """

    read: Callable[[Message], float]
    directions: Mapping[HeadName, int]


def _beyond(name: str, limit: float, unit: float) -> Callable[[Message], float]:
    """How far a value of the delivery lies above ``limit``, in ``unit``; at most 3."""

    def read(message: Message) -> float:
        value = getattr(message.delivery, name)
        return 0.0 if value is None else min(max((value - limit) / unit, 0.0), 3.0)

    return read


def _short_of(name: str, limit: float, unit: float) -> Callable[[Message], float]:
    """How far a value of the delivery lies below ``limit``, in ``unit``; at most 3."""

    def read(message: Message) -> float:
        value = getattr(message.delivery, name)
        return 0.0 if value is None else min(max((limit - value) / unit, 0.0), 3.0)

    return read


def _signal(name: str) -> Callable[[Message], float]:
    def read(message: Message) -> float:
        found = message.signals.get(name)
        return found.probability if found else 0.0

    return read


def _length(message: Message) -> float:
    return math.log(max(len(message.words), 1)) - 4.0  # about 55 words are usual


def _shorter_than(words: int) -> Callable[[Message], float]:
    def read(message: Message) -> float:
        return max(0.0, 1.0 - len(message.words) / words)

    return read


def _not_heard(message: Message) -> float:
    """Whether there is only text: what a voice would have told is not known."""
    return float(message.delivery.message_s is None)


def _unmentioned_interest(message: Message) -> float:
    """Whether the prospect asked for something of which the message says nothing."""
    return float(bool(message.interest) and "mentions_interest" not in message.signals)


def _interest_words(message: Message) -> float:
    """How much is said of what the prospect asked for; three of its words are as good as all."""
    if not message.interest:
        return 0.0
    said = interest_words_said(message.words, message.interest)
    return min(said, _ENOUGH_WORDS) / _ENOUGH_WORDS


def _in_ten_words(count: int, message: Message) -> float:
    """How often something comes in ten words; at most 3."""
    return min(3.0, 10 * count / max(len(message.words), 10))


def _disfluencies(message: Message) -> float:
    return _in_ten_words(message.delivery.disfluency_count or 0, message)


def _hesitations(message: Message) -> float:
    """How many of the words are "um" or "uh", also where only text is known."""
    return _in_ten_words(sum(is_hesitation(word.text) for word in message.words), message)


def _lexical_fillers(message: Message) -> float:
    return _in_ten_words(message.delivery.lexical_filler_count or 0, message)


def _stated(message: Message) -> float:
    return float(bool(message.numbers))


def _repeated(message: Message) -> float:
    return float(any(number.times >= 2 for number in message.numbers))


def _several(message: Message) -> float:
    return float(len(message.numbers) > 1)


def _partial(message: Message) -> float:
    return float(bool(message.callback.partials) and not message.numbers)


def _unwritable(message: Message) -> float:
    """Whether no statement of any number is slow enough to write down."""
    said = [statement.writable for statement in message.callback.statements]
    known = [one for one in said if one is not None]
    return float(bool(known) and not any(known))


def _both_heard(message: Message) -> float:
    return message.callback.probability or 0.0


def _once_sure(message: Message) -> float:
    """How sure the surest statement is."""
    return max((one.confidence for one in message.callback.statements), default=0.0)


_BOTH: Mapping[HeadName, int] = {"value": 0, "clarity": 0}

INPUTS: Mapping[str, Input] = {
    "length": Input(_length, _BOTH),
    "very_short": Input(_shorter_than(20), _BOTH),
    "not_heard": Input(_not_heard, _BOTH),
    # What was said
    "direct_line": Input(_signal("direct_line"), {"clarity": 1}),
    "text_invited": Input(_signal("text_invited"), {"clarity": 0}),
    "asks_callback": Input(_signal("asks_callback"), {"clarity": 1}),
    "will_call_again": Input(_signal("will_call_again"), {"clarity": 1}),
    "email_mentioned": Input(_signal("email_mentioned"), _BOTH),
    "names_prospect": Input(_signal("names_prospect"), {"value": 1, "clarity": 1}),
    "names_self": Input(_signal("names_self"), {"clarity": 1}),
    "names_company": Input(_signal("names_company"), {"clarity": 1}),
    "identified_early": Input(_signal("identified_early"), {"clarity": 1}),
    "mentions_interest": Input(_signal("mentions_interest"), {"value": 1, "clarity": 0}),
    "interest_words": Input(_interest_words, {"value": 1}),
    "unmentioned_interest": Input(_unmentioned_interest, {"value": -1}),
    "concrete_reason": Input(_signal("concrete_reason"), {"value": 1, "clarity": 1}),
    "urgency": Input(_signal("urgency"), {"value": 1, "clarity": 0}),
    "just_checking_in": Input(_signal("just_checking_in"), {"value": -1, "clarity": 0}),
    "still_in_market": Input(_signal("still_in_market"), {"value": -1, "clarity": 0}),
    "boasting": Input(_signal("boasting"), {"value": -1, "clarity": 0}),
    "sensitive_detail": Input(_signal("sensitive_detail"), _BOTH),
    "apology": Input(_signal("apology"), {"value": 0, "clarity": -1}),
    "pressure": Input(_signal("pressure"), {"value": 0, "clarity": 0}),
    "courtesy": Input(_signal("courtesy"), {"clarity": 0}),
    "one_ask": Input(_signal("one_ask"), {"clarity": 1}),
    "many_asks": Input(_signal("many_asks"), {"clarity": -1}),
    # The number
    "number_stated": Input(_stated, {"clarity": 1, "callback": 1}),
    "number_repeated": Input(_repeated, {"clarity": 1, "callback": 1}),
    "number_unwritable": Input(_unwritable, {"clarity": -1}),
    "number_partial": Input(_partial, {"clarity": -1, "callback": 0}),
    "several_numbers": Input(_several, {"callback": 0}),
    "both_statements_sure": Input(_both_heard, {"callback": 1}),
    "one_statement_sure": Input(_once_sure, {"callback": 1}),
    # How it was spoken: what only a coach's ear or a bad line would remark
    "too_fast": Input(_beyond("words_per_minute", 190, 30), {"clarity": -1}),
    "too_slow": Input(_short_of("words_per_minute", 110, 20), {"clarity": -1}),
    "filled_pauses": Input(_beyond("fillers_per_minute", 3, 5), {"clarity": -1}),
    "hesitations": Input(_hesitations, {"clarity": -1}),
    "lexical_fillers": Input(_lexical_fillers, {"clarity": -1}),
    "disfluencies": Input(_disfluencies, {"clarity": -1}),
    "long_pause": Input(_beyond("longest_pause_s", 2, 1), {"clarity": -1}),
    "too_long": Input(_beyond("message_s", 40, 15), {"clarity": -1}),
    "noise": Input(_short_of("snr_db", 15, 5), {"clarity": -1}),
    "unsure_words": Input(_beyond("unsure_word_share", 0.1, 0.1), {"clarity": -1}),
    "low_confidence": Input(_short_of("word_confidence_median", 0.9, 0.1), {"clarity": -1}),
    "mumbled": Input(_beyond("mumbled_share", 0.1, 0.1), {"clarity": -1}),
}


def read_inputs(message: Message, names: Sequence[str] = tuple(INPUTS)) -> dict[str, float]:
    """The numbers of one message by name."""
    return {name: INPUTS[name].read(message) for name in names}


def callback_level(most_stated: int, distinct: int) -> int:
    """Level of the callback number: 3 one stated twice, 2 one once, 1 several once each, 0 none."""
    if most_stated >= 2:
        return 3
    return {0: 0, 1: 2}.get(distinct, 1)
