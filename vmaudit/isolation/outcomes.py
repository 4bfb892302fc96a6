"""How a call went, beside where its message is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmaudit.isolation import language
from vmaudit.isolation.scene import Scene, clipped, total_s
from vmaudit.isolation.utterances import Utterance
from vmaudit.isolation.voices import Voices
from vmaudit.records import Interval, Outcome

__all__ = ["Ending", "outcomes_of", "spoke_early"]

_HANG_UP_S = 2.0  # practice: less speech is no message
_DEAD_TAIL_S = 4.0
_CUT_OFF_S = 0.35  # from the last speech to the tone that ended it
_MIN_MENU_S = 0.5
_ENDS_IN_SPEECH_S = 0.06  # from the last speech to the end of the recording
_EARLY_PAUSE_S = 0.12
_MIN_EARLY_S = 0.8
_MAX_EARLY_S = 6.0
_EARLY_EVIDENCE = 2.0  # nats per frame for the message's voice against the greeting's


@dataclass(frozen=True, slots=True)
class Ending:
    """What comes after a message: its last speech and last word end at these times."""

    scene: Scene
    speech_end_s: float
    word_end_s: float
    menu: Sequence[Utterance]

    @property
    def other_speaks(self) -> Interval | None:
        """Where the mailbox speaks on a channel of its own after the message."""
        after = clipped(self.scene.other or (), self.word_end_s, self.scene.duration_s)
        if total_s(after) < _MIN_MENU_S:
            return None
        return Interval(after[0].start_s, after[-1].end_s)

    @property
    def next_s(self) -> float:
        """When something is heard again: a signal, the mailbox, or the recording ends."""
        after = [s.start_s for s in self.scene.signals if s.start_s >= self.word_end_s]
        after += [self.menu[0].start_s] if self.menu else []
        after += [self.other_speaks.start_s] if self.other_speaks else []
        return min([*after, self.scene.duration_s])

    @property
    def cuts_off(self) -> bool:
        """Whether it was ended by something else than the rep: a tone, a full mailbox."""
        if language.mailbox_ran_out(" ".join(one.text for one in self.menu)):
            return True
        tones = self.scene.of_kind("beep", "hangup")
        near = [t for t in tones if -_CUT_OFF_S <= t.start_s - self.speech_end_s <= _CUT_OFF_S]
        ended_s = self.scene.duration_s - self.speech_end_s
        return bool(near) or ended_s <= _ENDS_IN_SPEECH_S


def outcomes_of(
    ending: Ending, message: Sequence[Utterance], speech_s: float, *, early: bool
) -> tuple[Outcome, ...]:
    """The outcomes of a message of ``speech_s`` seconds of speech, the main one first."""
    text = " ".join(one.text for one in message)
    if speech_s < _HANG_UP_S or language.is_a_mere_hello(text):
        return ("hang_up",)
    found: list[Outcome] = ["cut_off" if ending.cuts_off else "left_message"]
    if early:
        found.append("spoke_before_beep")
    if ending.next_s - ending.word_end_s > _DEAD_TAIL_S:
        found.append("dead_tail")
    return tuple(found)


def spoke_early(scene: Scene, voices: Voices, message: Sequence[Interval]) -> bool:
    """Whether the rep was speaking already before the beep.

    On a channel of its own that is plain. Else the last speech before the beep, after a pause,
    must be nearer to the message's voice than to that of what was said before it.
    """
    beep = next((s for s in scene.of_kind("beep") if s.end_s <= message[0].start_s + 1e-6), None)
    if beep is None:
        return False
    before = clipped(scene.voiced, 0.0, beep.start_s)
    if scene.other is not None:
        return total_s(before) >= _MIN_EARLY_S
    for index in range(len(before) - 1, 0, -1):
        last, rest = before[index:], before[:index]
        if last[-1].end_s - last[0].start_s > _MAX_EARLY_S:
            break
        if total_s(last) < _MIN_EARLY_S:
            continue
        paused = last[0].start_s - rest[-1].end_s >= _EARLY_PAUSE_S
        if paused and voices.nearer(last, message, rest) >= _EARLY_EVIDENCE:
            return True
    return False
