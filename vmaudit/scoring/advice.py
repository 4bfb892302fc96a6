"""The one or two changes that would raise the overall score most, in plain words.

Each possible change is tried on the message as it is: the heads and the rubric say what it would
be worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from vmaudit.content import SIGNALS
from vmaudit.records import Statement
from vmaudit.scoring.inputs import HeadName, Message
from vmaudit.scoring.overall import Marks, overall
from vmaudit.scoring.rubric import Band, Rubric
from vmaudit.scoring.scorer import Reading, Scorer

__all__ = ["advise"]

MOST = 2
LEAST_GAIN = 2.0  # points of the overall score; less is not worth a word
GOOD_VALUE = 2.5  # the level that a concrete reason brings, halfway between 2 and 3
_QUOTED_WORDS = 8
_CANNED = "was left in the same words elsewhere"


@dataclass(frozen=True, slots=True)
class Change:
    """Something to do, and what it would make of the message.

    ``inputs`` are as they would be; ``levels`` are those to expect at least; ``mended`` are bands
    that would be met; ``gained`` and ``lost`` are signals.
    """

    text: str
    inputs: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[HeadName, float] = field(default_factory=dict)
    mended: tuple[str, ...] = ()
    gained: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


def advise(scorer: Scorer, reading: Reading, marks: Marks, rubric: Rubric) -> tuple[str, ...]:
    """At most two changes: a number that is not the rep's own, then that which gains most.

    No two of them are about one signal.
    """
    now = overall(marks, rubric)
    gains = [
        (overall(_after(change, scorer, reading, marks, rubric), rubric) - now, change)
        for change in _changes(reading.message, marks, rubric)
    ]
    worth = sorted((one for one in gains if one[0] >= LEAST_GAIN), key=lambda one: -one[0])
    told = [*_on_another_number(reading.message)]
    about: set[str] = set()
    for _, change in worth:
        if about.isdisjoint(change.gained | change.lost):
            told.append(change.text)
            about |= change.gained | change.lost
    return tuple(told[:MOST])


def _after(change: Change, scorer: Scorer, reading: Reading, marks: Marks, rubric: Rubric) -> Marks:
    changed = replace(reading, inputs={**reading.inputs, **change.inputs})
    levels = {}
    for name, head in scorer.heads.items():
        logits = head.logits(changed.wording, changed.inputs)
        levels[name] = max(head.levels(logits).mean, change.levels.get(name, 0.0))
    delivery = marks.delivery
    if delivery is not None and change.mended:
        aimed_at = [name for name in change.mended if name in rubric.bands]
        missed = [_missed(name, reading.message, rubric.bands[name]) for name in aimed_at]
        measured = sum(getattr(reading.message.delivery, name) is not None for name in rubric.bands)
        delivery = min(delivery + sum(missed) / measured, 1.0)
    return Marks(levels, delivery, (marks.signals | change.gained) - change.lost)


def _missed(name: str, message: Message, band: Band) -> float:
    """The share of a band that is not met now."""
    value = getattr(message.delivery, name)
    if value is None:
        return 0.0
    place = band.place(value)
    return 0.0 if place == "within" else 1.0 if place.startswith("far") else 0.5


def _changes(message: Message, marks: Marks, rubric: Rubric) -> Iterator[Change]:
    if rubric.weights.callback:
        yield from _on_number(message)
    if marks.levels["value"] < GOOD_VALUE:
        yield _on_value(message)
    yield from _on_clarity(message)
    yield from _on_bands(message, rubric)
    yield from _on_signals(message, rubric)


def _on_number(message: Message) -> Iterator[Change]:
    given = {"number_stated": 1.0, "number_repeated": 1.0, "number_partial": 0.0}
    levels: Mapping[HeadName, float] = {"callback": 3.0}
    if not message.numbers:
        partial = next(iter(message.callback.partials), None)
        said = (
            f": only {_quote(partial.text)} was said{_at(partial.start_s, message)}"
            if partial
            else ""
        )
        yield Change(f"Give your whole number, slowly, and say it twice{said}.", given, levels)
        return
    if all(number.times == 1 for number in message.numbers):
        yield Change(_again(message), given | {"several_numbers": 0.0}, levels)
    statements = message.callback.statements
    hurried = [one for one in statements if one.writable is False]
    if len(hurried) == len(statements):
        yield Change(
            _slower(hurried[0], message), {"number_unwritable": 0.0}, mended=("number_pace_ratio",)
        )


def _on_another_number(message: Message) -> Iterator[str]:
    """What no score knows and nothing makes good: the call back goes to somebody else."""
    rosters = [number.roster for number in message.numbers]
    if "mismatch" in rosters and "match" not in rosters:
        wrong = message.numbers[rosters.index("mismatch")]
        yield (
            f"Check the number: you said {wrong.digits}"
            f"{_at(wrong.statements[0].start_s, message)}, your own is {wrong.roster_digits}."
        )


def _again(message: Message) -> str:
    said = message.numbers[0].statements[0]
    if len(message.numbers) > 1:
        return f"Give one number and say it twice: you gave {len(message.numbers)}, each once."
    where = _at(said.start_s, message)
    took = f", in {said.end_s - said.start_s:.1f} s" if where else ""
    return f"Say the number again at the end: you said it once{where}{took}."


def _slower(said: Statement, message: Message) -> str:
    rate = f": {said.digits_per_second:.1f} digits a second" if said.digits_per_second else ""
    where = _at(said.start_s, message)
    return f"Say the number in groups, with a pause after each{rate}{where}."


def _on_value(message: Message) -> Change:
    levels: Mapping[HeadName, float] = {"value": GOOD_VALUE}
    named = {"mentions_interest": 1.0, "unmentioned_interest": 0.0, "interest_words": 1.0}
    fact = {"concrete_reason": 1.0, **(named if message.interest else {})}
    gained = frozenset(fact.keys() & SIGNALS.keys())
    for name in ("just_checking_in", "still_in_market"):
        if name in message.signals:
            first = message.signals[name].evidence[0]
            where = _at(first.start_s, message)
            text = f"Give a reason to call instead of {_quote(first.text)}{where}"
            lost = frozenset({name})
            inputs = fact | {name: 0.0}
            return Change(f"{text}: {_fact(message)}.", inputs, levels, gained=gained, lost=lost)
    if message.interest and "mentions_interest" not in message.signals:
        text = f"Say something about what they asked for: {message.interest}."
        return Change(text, named, levels, gained=frozenset({"mentions_interest"}))
    if "concrete_reason" in message.signals:
        about = f", {message.interest}" if message.interest else ""
        text = f"Tie your reason to this prospect: what they asked for, own or said{about}."
        return Change(text, levels=levels)
    text = f"Give one concrete reason to call back: {_fact(message)}."
    return Change(text, fact, levels, gained=gained)


def _fact(message: Message) -> str:
    if message.interest:
        return f"one fact about {message.interest}"
    return "one fact, date or offer that is news to them"


def _on_clarity(message: Message) -> Iterator[Change]:
    unnamed = [name for name in ("names_self", "names_company") if name not in message.signals]
    if unnamed:
        who = "who you are" if "names_self" in unnamed else "where you call from"
        who = "who you are and where you call from" if len(unnamed) > 1 else who
        named = dict.fromkeys((*unnamed, "identified_early"), 1.0)
        yield Change(f"Say {who} in the first seconds.", named, gained=frozenset(named))
    asks = message.signals.get("many_asks")
    if asks:
        yield Change(
            f"Ask for one thing only: you asked for {len(asks.evidence)}"
            f"{_at(asks.evidence[0].start_s, message, 'first at')}.",
            {"many_asks": 0.0, "one_ask": 1.0},
            gained=frozenset({"one_ask"}),
            lost=frozenset({"many_asks"}),
        )


# A value of the delivery: what to do about it, the inputs that it stands behind.
_HINTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "words_per_minute": (
        "Speak at {band} words a minute, not {value:.0f}",
        ("too_fast", "too_slow"),
    ),
    "fillers_per_minute": (
        "Know your first sentence before the beep: {value:.0f} filled pauses a minute, "
        "{band} are not noticed",
        ("filled_pauses",),
    ),
    "message_s": ("Aim at {band} s: this one takes {value:.0f}", ("too_long",)),
    "longest_pause_s": ("Do not stop for {value:.1f} s in the middle", ("long_pause",)),
    "onset_delay_s": ("Start at the beep: you waited {value:.1f} s", ()),
    "closing_pace_ratio": ("Do not hurry the end", ()),
    "opening_pace_ratio": ("Do not hurry the start", ()),
}


def _on_bands(message: Message, rubric: Rubric) -> Iterator[Change]:
    for name, (hint, inputs) in _HINTS.items():
        band, value = rubric.bands.get(name), getattr(message.delivery, name)
        if band is not None and value is not None and band.place(value) != "within":
            text = hint.format(band=band, value=value) + "."
            yield Change(text, dict.fromkeys(inputs, 0.0), mended=(name,))


def _on_signals(message: Message, rubric: Rubric) -> Iterator[Change]:
    for name, rule in rubric.signals.items():
        found = message.signals.get(name)
        known = name in SIGNALS
        if rule.want in {"required", "welcome"} and found is None and known:
            text = f"A strong message also {SIGNALS[name]}: this one does not."
            yield Change(text, {name: 1.0}, gained=frozenset({name}))
        elif rule.want in {"unwelcome", "forbidden"} and found is not None:
            first = next(iter(found.evidence), None)
            where = f": {_quote(first.text)}{_at(first.start_s, message)}" if first else ""
            text = f"Leave out what {SIGNALS.get(name, _CANNED)}{where}."
            yield Change(text, {name: 0.0} if known else {}, lost=frozenset({name}))


def _quote(text: str) -> str:
    words = text.rstrip(".,;:!? ").split()
    return f'"{" ".join(words[:_QUOTED_WORDS])}{" ..." if len(words) > _QUOTED_WORDS else ""}"'


def _at(time_s: float, message: Message, how: str = "at") -> str:
    """Such as "at 0:21", after a comma; nothing where the times are not known."""
    if not message.timed:
        return ""
    minutes, seconds = divmod(int(time_s), 60)
    return f", {how} {minutes}:{seconds:02d}"
