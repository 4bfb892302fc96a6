"""Why a head said what it said: the sentences and measurements that moved it, with their times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from vmaudit.content import interest_words_said
from vmaudit.records import Evidence, Interval, Word, joined
from vmaudit.scoring.heads import Head, Vector
from vmaudit.scoring.inputs import Message
from vmaudit.scoring.scorer import Reading, Scorer
from vmaudit.scoring.wording import is_hesitation

__all__ = ["evidence_of"]

MOST = 4  # pieces of evidence for one score
LEAST_CONTRIBUTION = 0.05  # less is nothing to play back
LONGEST_WORDS = 18  # of a quote; a recogniser may forget the full stop
_SENTENCE_END = re.compile(r"[.!?][\"')\]]*$")

Remark = tuple[str, Interval]


def evidence_of(scorer: Scorer, head: Head, reading: Reading) -> list[Evidence]:
    """What moved the head most, the strongest first; signs tell for and against."""
    moved = [*_of_wording(scorer, head, reading), *_of_inputs(head, reading)]
    told = [one for one in moved if abs(one.contribution or 0.0) >= LEAST_CONTRIBUTION]
    return sorted(told, key=lambda one: (-abs(one.contribution or 0.0), one.start_s))[:MOST]


def _whole(message: Message) -> Interval:
    """From the first word to the last."""
    return Interval(message.words[0].start_s, message.words[-1].end_s)


def _of_wording(scorer: Scorer, head: Head, reading: Reading) -> Iterator[Evidence]:
    words = reading.message.words
    columns, places = _occurrences(scorer, reading)
    for first, last in _sentences(words):
        inside = [n for n, word in enumerate(places) if first <= word <= last]
        share = head.of_wording([columns[n][0] for n in inside], [columns[n][1] for n in inside])
        yield Evidence(
            words[first].start_s,
            words[last].end_s,
            joined(word.text for word in words[first : last + 1]),
            head.alone(share),
        )


def _occurrences(scorer: Scorer, reading: Reading) -> tuple[list[tuple[int, float]], list[int]]:
    """Every n-gram of the message: its column and its part of the weight; its first word."""
    vocabulary = scorer.vectoriser.vocabulary_
    shortest, longest = scorer.vectoriser.ngram_range
    weights = dict(zip(reading.wording.indices, reading.wording.data, strict=True))
    found: list[tuple[int, int]] = []
    for length in range(shortest, longest + 1):
        for start in range(len(reading.tokens) - length + 1):
            tokens = reading.tokens[start : start + length]
            column = vocabulary.get(" ".join(token.text for token in tokens))
            if column is not None:
                found.append((column, tokens[0].first))
    times: dict[int, int] = {}
    for column, _ in found:
        times[column] = times.get(column, 0) + 1
    columns = [(column, float(weights[column]) / times[column]) for column, _ in found]
    return columns, [place for _, place in found]


def _sentences(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """First and last word of each."""
    ends = [n for n, word in enumerate(words) if _SENTENCE_END.search(word.text)]
    for before, end in pairwise([-1, *ends, len(words) - 1]):
        for first in range(before + 1, end + 1, LONGEST_WORDS):
            yield first, min(first + LONGEST_WORDS - 1, end)


def _of_inputs(head: Head, reading: Reading) -> Iterator[Evidence]:
    """What is told of several inputs in the same words counts once, with what all of them add."""
    shares: dict[Remark, Vector] = {}
    for name in head.inputs:
        share = head.of_input(name, reading.inputs[name])
        remark = _remark(name, reading.message) if share.any() else None
        if remark is not None:
            shares[remark] = shares.get(remark, 0.0) + share
    for (text, moment), share in shares.items():
        yield Evidence(moment.start_s, moment.end_s, text, head.alone(share))


def _remark(name: str, message: Message) -> Remark | None:
    """What an input stands for in this message, and when; None where that is no moment."""
    return _REMARKS[name](message) if name in _REMARKS else _signal(name, message)


def _signal(name: str, message: Message) -> Remark | None:
    signal = message.signals.get(name)
    if signal is None or not signal.evidence:
        return None
    first = signal.evidence[0]
    said = name.replace("_", " ")
    return f"{said}: {first.text}", Interval(first.start_s, first.end_s)


def _measured(name: str, text: str) -> Callable[[Message], Remark | None]:
    def remark(message: Message) -> Remark | None:
        value = getattr(message.delivery, name)
        return None if value is None else (text.format(value), _whole(message))

    return remark


def _first_of(name: str, count: str, text: str) -> Callable[[Message], Remark | None]:
    def remark(message: Message) -> Remark | None:
        moments = getattr(message.delivery, name)
        if not moments:
            return None
        said = text.format(getattr(message.delivery, count))
        return said, Interval(moments[0].start_s, moments[0].end_s)

    return remark


def _longest_pause(message: Message) -> Remark | None:
    pause = max(message.delivery.pauses, key=lambda one: one.duration_s, default=None)
    if pause is None:
        return None
    return f"a pause of {pause.duration_s:.1f} s", Interval(pause.start_s, pause.end_s)


def _unwritable(message: Message) -> Remark | None:
    first = message.callback.statements[0]
    rate = "" if first.digits_per_second is None else f", {first.digits_per_second:.1f} digits/s"
    return f"too fast to write down: {first.text}{rate}", Interval(first.start_s, first.end_s)


def _number(times: int) -> Callable[[Message], Remark | None]:
    def remark(message: Message) -> Remark | None:
        number = max(message.numbers, key=lambda one: one.times)
        said = number.statements[min(times, number.times) - 1]
        word = "again" if times > 1 else "stated"
        return f"the number {word}: {said.text}", Interval(said.start_s, said.end_s)

    return remark


def _partial(message: Message) -> Remark | None:
    said = message.callback.partials[0]
    return f"only part of a number: {said.text}", Interval(said.start_s, said.end_s)


def _hesitations(message: Message) -> Remark | None:
    hesitant = [word for word in message.words if is_hesitation(word.text)]
    first = hesitant[0]
    return f"um and uh: {len(hesitant)}", Interval(first.start_s, first.end_s)


def _interest(message: Message) -> Remark | None:
    """One remark for all inputs that say how much is said of what the prospect asked for."""
    mentioned = _signal("mentions_interest", message)
    if mentioned is not None or not message.interest:
        return mentioned
    some = interest_words_said(message.words, message.interest)
    said = "touches on what was asked for" if some else "no word of what was asked for"
    return f"{said}: {message.interest}", _whole(message)


_REMARKS: Mapping[str, Callable[[Message], Remark | None]] = {
    "number_stated": _number(1),
    "number_repeated": _number(2),
    "number_unwritable": _unwritable,
    "number_partial": _partial,
    "mentions_interest": _interest,
    "interest_words": _interest,
    "unmentioned_interest": _interest,
    "too_fast": _measured("words_per_minute", "{:.0f} words a minute"),
    "too_slow": _measured("words_per_minute", "{:.0f} words a minute"),
    "too_long": _measured("message_s", "{:.0f} s long"),
    "noise": _measured("snr_db", "signal to noise {:.0f} dB"),
    "unsure_words": _measured("unsure_word_share", "{:.0%} of the words are unsure"),
    "low_confidence": _measured("word_confidence_median", "word confidence {:.2f}"),
    "mumbled": _measured("mumbled_share", "{:.0%} of the speech was not understood"),
    "hesitations": _hesitations,
    "filled_pauses": _first_of("fillers", "fillers_per_minute", "{:.0f} filled pauses a minute"),
    "lexical_fillers": _first_of("lexical_fillers", "lexical_filler_count", "{} filler words"),
    "disfluencies": _first_of("disfluencies", "disfluency_count", "{} restarts and repetitions"),
    "long_pause": _longest_pause,
}
