"""Which of the words are the rep's message: greeting before it, menu after it, or a talk of two.

Words first, because they are the clearest evidence; the voices decide where words leave a
choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vmaudit.isolation import language
from vmaudit.isolation.scene import Scene, total_s
from vmaudit.isolation.utterances import Utterance
from vmaudit.isolation.voices import Voices
from vmaudit.records import Interval

__all__ = ["Parting", "is_conversation", "leaves_a_message", "part"]

# Evidence for a boundary after a greeting, in units of one; docs/isolation.md has the method.
_OPENING_WEIGHT = 2.0
_PURPOSE_WEIGHT = 1.0
_GAP_WEIGHT = 1.0  # per second, up to
_MAX_GAP_S = 2.0
_CHANGE_WEIGHT = 1.5  # per nat and frame of change of voice, up to
_MAX_CHANGE = 2.0
_BEEP_WEIGHT = 5.0
_LATENESS_WEIGHT = 0.1  # per second, against it
_MAX_GREETING_S = 40.0
_MAX_FIRST_PHRASE_S = 15.0  # into the recording
_MIN_MENU_GAP_S, _MIN_CUT_GAP_S = 0.45, 0.25  # it waits; it may also cut in
_MAX_MENU_S, _MENU_SILENCE_S, _MENU_CHANGE = 12.0, 2.0, 1.1
_MENU_PREFACE_S = 3.0
_LONG_GAP_S = 1.0
_MENU_SHARE = 0.3  # of the utterances to the end, that have a phrase of mailboxes
_MIN_TURNS = 4
_MIN_TALK_GAIN = 0.25
_MIN_ANSWERED_CHANGES = 2  # of voice, where the words are those of somebody who picks up
_VOICE_REACH_S = 8.0
_MIN_CALLER_S, _MIN_LEFT_S = 2.0, 5.0  # with a caller's phrases; without any
_SURE, _UNSURE, _GUESSED = 0.95, 0.9, 0.7  # after a beep; with nothing before; by voices alone
_MIN_CHANGE, _OPENING_CHANGE = 1.0, 0.4  # nats per frame of the shorter side
_MUCH_S = 4.0
_MIN_CHANGE_GAP_S = 0.35


@dataclass(frozen=True, slots=True)
class Parting:
    """Utterances by who says them; ``confidence`` in [0, 1] is that of where the message begins."""

    greeting: Sequence[Utterance]
    message: Sequence[Utterance]
    menu: Sequence[Utterance]
    confidence: float


def part(
    utterances: Sequence[Utterance], voices: Voices, *, after_beep: bool, own_channel: bool
) -> Parting:
    """Part utterances, in time order.

    ``after_beep``: a beep came before them all; ``own_channel``: nobody but the rep is heard.
    """
    if own_channel:
        after = next((i for i, one in enumerate(utterances) if one.beeped), 0)
        return Parting(utterances[:after], utterances[after:], (), _SURE)
    start, confidence = _told_start(utterances, voices, after_beep=after_beep)
    menu = _menu_start(utterances, start or 0, voices)
    if start is None:
        start, confidence = _change_of_voice(utterances[:menu], voices)
    return Parting(utterances[:start], utterances[start:menu], utterances[menu:], confidence)


def leaves_a_message(utterances: Sequence[Utterance]) -> bool:
    """Whether words before a beep that nobody spoke after are a message that it ended."""
    if not utterances or _greets(utterances):
        return False
    text = " ".join(one.text for one in utterances)
    called = language.states_a_purpose(text) or language.introduces(text)
    spoken_s = utterances[-1].end_s - utterances[0].start_s
    return spoken_s >= (_MIN_CALLER_S if called else _MIN_LEFT_S)


def _told_start(
    utterances: Sequence[Utterance], voices: Voices, *, after_beep: bool
) -> tuple[int | None, float]:
    """With which utterance the message begins, as beeps and phrases tell; None where none does.

    After a beep there is a greeting only where another beep follows it.
    """
    if after_beep:
        beeps = [i for i, one in enumerate(utterances) if one.beeped]
        greeted = [i for i in beeps if _greets(utterances[:i]) and not _menus(utterances[:i])]
        return (greeted[-1] if greeted else 0), _SURE
    for index, one in enumerate(utterances):
        if one.beeped and _goes_on(utterances[:index], utterances[index:]):
            return index, _SURE
    last = _last_phrase(utterances)
    if last is None:
        return None, _UNSURE
    choices = range(last + 1, len(utterances))
    if all(language.takes_leave(utterances[i].text) for i in choices):
        return len(utterances), _SURE
    scores = [_boundary_score(utterances, i, voices) for i in choices]
    best = max(range(len(scores)), key=scores.__getitem__)
    weights = np.exp(np.array(scores) - max(scores))
    return choices[best], float(1 / weights.sum())


def _goes_on(before: Sequence[Utterance], after: Sequence[Utterance]) -> bool:
    """Whether what follows a beep is the message, and the beep not the end of one."""
    if _menus(after):
        return False
    first = " ".join(one.text for one in before)
    rest = " ".join(one.text for one in after)
    left = language.states_a_purpose(first) and not _greets(before)
    return not left or language.begins_a_message(rest) or language.is_a_mere_hello(rest)


def _change_of_voice(utterances: Sequence[Utterance], voices: Voices) -> tuple[int, float]:
    """Where one voice gives way to another after a pause, though no phrase tells.

    A change of sound is weak evidence: people whisper, laugh, spell. So either the second begins
    as a caller does, or the pause is long and there is much of both. Who introduces himself
    or has a purpose before it is the caller already.
    """
    best, where = 0.0, 0
    for index in range(1, len(utterances)):
        before, after = utterances[:index], utterances[index:]
        text = " ".join(other.text for other in before)
        if before[-1].end_s - before[0].start_s > _MAX_FIRST_PHRASE_S:
            break
        if language.states_a_purpose(text) or language.introduces(text):
            break
        opens = language.begins_a_message(after[0].text)
        long = after[0].gap_s >= _LONG_GAP_S and min(_spoken_s(before), _spoken_s(after)) >= _MUCH_S
        if (opens and after[0].gap_s >= _MIN_CHANGE_GAP_S) or long:
            change = voices.change(_reach_back(before), _reach_on(after))
            if change >= max(best, _OPENING_CHANGE if opens else _MIN_CHANGE):
                best, where = change, index
    return (where, _GUESSED) if where else (0, _UNSURE)


def _spoken_s(utterances: Sequence[Utterance]) -> float:
    return total_s(one.interval for one in utterances)


def _greets(utterances: Sequence[Utterance]) -> bool:
    return any(language.asks_to_leave_a_message(one.text) for one in utterances)


def _menus(utterances: Sequence[Utterance]) -> bool:
    return all(language.comes_from_a_mailbox(one.text) for one in utterances)


def _last_phrase(utterances: Sequence[Utterance]) -> int | None:
    """The last utterance with a greeting's phrase, before somebody begins a message.

    None where no such phrase comes soon, or where a caller has given a purpose before it.
    """
    start_s, last = utterances[0].start_s, None
    for index, one in enumerate(utterances):
        if one.start_s - start_s > (_MAX_GREETING_S if last is not None else _MAX_FIRST_PHRASE_S):
            break
        called = language.states_a_purpose(one.text)
        if language.asks_to_leave_a_message(one.text):
            last = index
        elif called if last is None else _begins_here(utterances[index : index + 3]):
            break
    return last


def _begins_here(utterances: Sequence[Utterance]) -> bool:
    text = " ".join(one.text for one in utterances)
    called = language.states_a_purpose(text) or language.introduces(text)
    return language.begins_a_message(utterances[0].text) and called


def _boundary_score(utterances: Sequence[Utterance], index: int, voices: Voices) -> float:
    """How likely the message begins with this utterance; earlier is likelier, all else equal."""
    one = utterances[index]
    before = _reach_back(utterances[:index])
    after = _reach_on(utterances[index:])
    change = min(max(voices.change(before, after), 0.0), _MAX_CHANGE)
    return (
        _OPENING_WEIGHT * language.begins_a_message(one.text)
        + _PURPOSE_WEIGHT * _begins_here(utterances[index : index + 3])
        + _GAP_WEIGHT * min(one.gap_s, _MAX_GAP_S)
        + _CHANGE_WEIGHT * change
        + _BEEP_WEIGHT * one.beeped
        - _LATENESS_WEIGHT * (one.start_s - utterances[0].start_s)
    )


def _reach_back(utterances: Sequence[Utterance]) -> list[Interval]:
    since_s = utterances[-1].end_s - _VOICE_REACH_S
    return [one.interval for one in utterances if one.end_s > since_s]


def _reach_on(utterances: Sequence[Utterance]) -> list[Interval]:
    until_s = utterances[0].start_s + _VOICE_REACH_S
    return [one.interval for one in utterances if one.start_s < until_s]


def _menu_start(utterances: Sequence[Utterance], first: int, voices: Voices) -> int:
    """Before which utterance the message ends, that begins at ``first``: the mailbox speaks."""
    for index in range(first, len(utterances)):
        one = utterances[index]
        if not language.comes_from_a_mailbox(one.text):
            continue
        begins = _thanks_before(utterances, first, index)
        pause_s = _MIN_CUT_GAP_S if language.mailbox_ran_out(one.text) else _MIN_MENU_GAP_S
        if index > first and utterances[begins].gap_s < pause_s and not one.beeped:
            continue  # the rep says such words in passing
        rest = utterances[index:]
        of_mailbox = sum(language.comes_from_a_mailbox(other.text) for other in rest)
        if of_mailbox >= len(rest) * (_MENU_SHARE if index > first else 1):
            return _after_long_gap(utterances, first, begins)
    return _other_voice_at_the_end(utterances, first, voices)


def _other_voice_at_the_end(utterances: Sequence[Utterance], first: int, voices: Voices) -> int:
    """Where another voice speaks last, after a long silence: a mailbox, its words misheard.

    Never where a number is said: digits sound like no other words, and a rep looks them up.
    """
    for index in range(len(utterances) - 1, first, -1):
        rest = utterances[index:]
        if rest[-1].end_s - rest[0].start_s > _MAX_MENU_S or any(one.has_digits for one in rest):
            break
        left_s = utterances[index - 1].end_s - utterances[first].start_s
        if rest[0].gap_s >= _MENU_SILENCE_S and left_s >= _MIN_LEFT_S:
            change = voices.change(_reach_back(utterances[first:index]), _reach_on(rest))
            if change >= _MENU_CHANGE:
                return index
    return len(utterances)


def _thanks_before(utterances: Sequence[Utterance], first: int, menu: int) -> int:
    """Where a mailbox begins that thanks before it says more: "Thank you. Your message ..."."""
    thanks = menu - 1
    if thanks > first and not utterances[menu].beeped:
        parted = utterances[thanks].gap_s >= _LONG_GAP_S
        if parted and language.takes_leave(utterances[thanks].text):
            return thanks
    return menu


def _after_long_gap(utterances: Sequence[Utterance], first: int, menu: int) -> int:
    """The mailbox begins with a word of thanks, or with one misheard: after the last long gap."""
    for index in range(menu, first, -1):
        if utterances[menu].start_s - utterances[index].start_s > _MENU_PREFACE_S:
            break
        if utterances[index].gap_s >= _LONG_GAP_S or utterances[index].beeped:
            return index
    return menu


def is_conversation(utterances: Sequence[Utterance], voices: Voices, scene: Scene) -> bool:
    """Whether two people talk: the prospect picked up.

    Where each party has its own channel, by who speaks when. Else two voices must take turns
    where something is asked, numbers read out left aside; or take some where somebody answers
    as people do who pick up, and is greeted or says more that takes two.
    """
    if scene.other is not None:
        return _takes_turns(scene.voiced, scene.other)
    if len(utterances) < _MIN_TURNS:
        return False
    first, second = utterances[:2]
    answered = language.answers_the_phone(first.text)
    talked = any(language.speaks_to_a_caller(one.text) for one in utterances)
    asked = talked or any(one.asks for one in utterances)
    found = voices.two([one.interval for one in utterances if not one.has_digits])
    if found.changes >= _MIN_TURNS and found.gain >= _MIN_TALK_GAIN and asked:
        return True
    if not answered or found.changes < _MIN_ANSWERED_CHANGES or _greets(utterances):
        return False
    greeted_back = language.is_a_mere_hello(first.text) and language.greets_back(second.text)
    return greeted_back or talked


def _takes_turns(own: Sequence[Interval], other: Sequence[Interval]) -> bool:
    """Whether the other party speaks again between what the rep says, twice or more."""
    events = sorted([(one.start_s, True) for one in own] + [(one.start_s, False) for one in other])
    changes = sum(a[1] != b[1] for a, b in pairwise(events))
    return changes >= _MIN_TURNS
