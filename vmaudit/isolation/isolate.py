"""From sounds and words to ring, greeting, beep, message, menu and tail.

    sounds ──> where the message may be (``worth_hearing``) ──> its words
       └──────────────────────────────┬───────────────────────────┘
                       ``isolate``: spans, message, outcomes

What the sounds decide alone is not transcribed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmaudit.isolation.outcomes import Ending, outcomes_of, spoke_early
from vmaudit.isolation.parties import is_conversation, leaves_a_message, part
from vmaudit.isolation.scene import MIN_MESSAGE_S, Scene, clipped, total_s, with_speech
from vmaudit.isolation.spans import label
from vmaudit.isolation.utterances import Utterance, utterances_of
from vmaudit.isolation.voices import Voices
from vmaudit.records import FilledPause, Interval, Isolation, Span, Word

__all__ = ["Isolated", "isolate", "worth_hearing"]

_MARGIN_S = 0.1  # kept around speech: soft consonants lie outside the voice activity
_WORDLESS_S = 1.0  # voice activity so far beyond the words is none
_TONE_SLACK_S = 0.15  # a word may be timed so far into a tone
_MUCH_S = 6.0  # of speech: more than a mailbox says after a message
_ENDS = frozenset({"beep", "hangup"})


@dataclass(frozen=True, slots=True)
class Isolated:
    """What became of one recording, and whose words were heard.

    ``words`` are the message's own, ``greeting`` those before it.
    """

    isolation: Isolation
    words: tuple[Word, ...]
    greeting: tuple[Word, ...]


def worth_hearing(scene: Scene) -> Interval | None:
    """The stretch whose words decide where the message is; None where nobody speaks.

    After the first beep that has speech after it: what comes before is the greeting, unless
    that is much and little follows, as where the beep is the mailbox's after the message. Where
    beeps have no speech after them, what was said before the last of them, a greeting or a
    message that a full mailbox has ended. Else what follows the ringing.
    """
    if scene.spoken_s(0.0) < MIN_MESSAGE_S:
        return None
    end_s = scene.duration_s
    beeps = scene.of_kind("beep")
    for beep in beeps:
        after_s = scene.spoken_s(beep.end_s)
        if after_s < MIN_MESSAGE_S:
            break
        if after_s >= min(_MUCH_S, scene.spoken_s(0.0, beep.start_s)):
            return _until_hung_up(scene, beep.end_s, end_s)
    last = beeps[-1] if beeps else None
    if last is not None and scene.spoken_s(last.end_s) < MIN_MESSAGE_S:
        end_s = last.start_s if scene.spoken_s(0.0, last.start_s) >= MIN_MESSAGE_S else end_s
    for ring in reversed(scene.of_kind("ring")):
        if scene.spoken_s(ring.end_s, end_s) >= MIN_MESSAGE_S:
            return _until_hung_up(scene, ring.end_s, end_s)
    return _until_hung_up(scene, 0.0, end_s)


def _until_hung_up(scene: Scene, start_s: float, end_s: float) -> Interval:
    """What is said before the first tone of a line that was hung up."""
    for signal in scene.of_kind("hangup"):
        if scene.spoken_s(start_s, signal.start_s) >= MIN_MESSAGE_S:
            return Interval(start_s, min(signal.start_s, end_s))
    return Interval(start_s, end_s)


def isolate(
    scene: Scene,
    samples: NDArray[np.float32],
    words: Sequence[Word],
    filled_pauses: Sequence[FilledPause] = (),
) -> Isolated:
    """Find the rep's own message.

    ``words``: what was heard in ``worth_hearing(scene)`` of ``samples``, in time order, with times
    in seconds from the first sample; ``filled_pauses``: what of them was heard for sure, which is
    speech though voice activity may take it for silence. The spans are ordered and disjoint.
    Without words there is no message. Method and figures: docs/isolation.md.
    """
    heard = worth_hearing(scene)
    if heard is None or not words:
        return _nobody(scene)
    scene = with_speech(scene, filled_pauses)
    utterances = utterances_of(words, scene)
    after_beep = heard.start_s in {beep.end_s for beep in scene.of_kind("beep")}
    voices = Voices(samples)
    beeped = after_beep or any(one.beeped for one in utterances)
    if not beeped and is_conversation(utterances, voices, scene):
        return _picked_up(scene, heard, words)
    found = part(utterances, voices, after_beep=after_beep, own_channel=scene.other is not None)
    greeting, message, menu = list(found.greeting), list(found.message), list(found.menu)
    if not (after_beep or menu) and _beep_follows(scene, message) and not leaves_a_message(message):
        greeting, message = [*greeting, *message], []
    kept = _message_interval(scene, heard, greeting, message, menu)
    if kept is None:
        return _nobody(scene, _words(greeting))
    inside = clipped(scene.voiced, kept.start_s, kept.end_s)
    ending = Ending(scene, inside[-1].end_s, message[-1].end_s, menu)
    early = spoke_early(scene, voices, inside) if beeped else False
    outcomes = outcomes_of(ending, message, total_s(inside), early=early)
    menu_span = Interval(menu[0].start_s, menu[-1].end_s) if menu else ending.other_speaks
    span = Span("message", kept.start_s, kept.end_s, found.confidence)
    isolation = Isolation(
        label(scene, span, menu_span, before_s=kept.start_s), kept, inside, (), outcomes
    )
    return Isolated(isolation, _words(message), _words(greeting))


def _beep_follows(scene: Scene, message: Sequence[Utterance]) -> bool:
    """Whether a beep ends what no beep has begun."""
    if not message or message[0].beeped:
        return False
    end_s = message[-1].end_s - _TONE_SLACK_S
    return any(beep.start_s >= end_s for beep in scene.of_kind("beep"))


def _words(utterances: Sequence[Utterance]) -> tuple[Word, ...]:
    return tuple(word for one in utterances for word in one.words)


def _message_interval(
    scene: Scene,
    heard: Interval,
    greeting: Sequence[Utterance],
    message: Sequence[Utterance],
    menu: Sequence[Utterance],
) -> Interval | None:
    """The message with a margin: the speech around its words, up to what others say or signal."""
    if not message:
        return None
    start_s, end_s = heard.start_s, heard.end_s
    if greeting:
        start_s = (greeting[-1].end_s + message[0].start_s) / 2
    if menu:
        end_s = (message[-1].end_s + menu[0].start_s) / 2
    for signal in scene.signals:
        if signal.end_s <= message[0].start_s + _TONE_SLACK_S:
            start_s = max(start_s, signal.end_s)
        elif signal.kind in _ENDS and signal.start_s >= message[-1].end_s - _TONE_SLACK_S:
            end_s = min(end_s, signal.start_s)
    inside = tuple(
        one
        for one in clipped(scene.voiced, start_s, end_s)
        if one.end_s > message[0].start_s - _WORDLESS_S
        and one.start_s < message[-1].end_s + _WORDLESS_S
    )
    if total_s(inside) < MIN_MESSAGE_S:
        return None
    return Interval(
        max(inside[0].start_s - _MARGIN_S, start_s), min(inside[-1].end_s + _MARGIN_S, end_s)
    )


def _nobody(scene: Scene, greeting: tuple[Word, ...] = ()) -> Isolated:
    """Nobody left a message: the tail begins after the last beep, or after the greeting."""
    beeps = scene.of_kind("beep")
    until_s = beeps[-1].end_s if beeps else greeting[-1].end_s if greeting else 0.0
    spans = label(scene, None, None, before_s=until_s)
    reason = _why_nobody(scene, greeted=bool(greeting))
    return Isolated(Isolation(spans, None, (), (reason,), ("no_speech",)), (), greeting)


def _why_nobody(scene: Scene, *, greeted: bool) -> str:
    if scene.of_kind("beep"):
        return "no speech after the beep"
    if greeted:
        return "only a greeting"
    if not scene.voiced:
        return "only tones" if scene.signals else "no speech"
    few = total_s(scene.voiced) < MIN_MESSAGE_S
    return "too little speech" if few else "no words were heard in the speech"


def _picked_up(scene: Scene, heard: Interval, words: Sequence[Word]) -> Isolated:
    """A talk of two is no voicemail; all of its words are kept apart."""
    spans = label(scene, None, None, before_s=heard.start_s)
    reason = "somebody picked up: a conversation, no voicemail"
    return Isolated(Isolation(spans, None, (), (reason,), ("picked_up",)), (), tuple(words))
