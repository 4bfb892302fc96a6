"""Words in the stretches between pauses and signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmaudit.isolation.language import plain, says_a_number
from vmaudit.isolation.scene import Scene
from vmaudit.records import Interval, Word

__all__ = ["Utterance", "utterances_of"]

_PAUSE_S = 0.3
_PAUSE_AFTER_A_SENTENCE_S = 0.1
_SENTENCE_ENDS = (".", "?", "!")
_SLACK_S = 0.1  # words may be timed so far into a beep


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words in one go. ``gap_s`` is the silence before them, ``beeped`` whether it held a beep."""

    words: tuple[Word, ...]
    gap_s: float
    beeped: bool

    @property
    def start_s(self) -> float:
        """Where its first word begins."""
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        """Where its last word ends."""
        return self.words[-1].end_s

    @property
    def text(self) -> str:
        """Its words in lower case, without punctuation."""
        return plain(word.text for word in self.words)

    @property
    def has_digits(self) -> bool:
        """Whether a number was heard."""
        return says_a_number(self.text)

    @property
    def asks(self) -> bool:
        """Whether it was heard as a question."""
        return any(word.text.endswith("?") for word in self.words)

    @property
    def interval(self) -> Interval:
        """From its first word to its last."""
        return Interval(self.start_s, self.end_s)


def utterances_of(words: Sequence[Word], scene: Scene) -> list[Utterance]:
    """Part ``words``, in time order, at pauses, after sentences, and where a beep is between."""
    cuts_s = [signal.start_s for signal in scene.of_kind("beep", "hangup")]
    found: list[Utterance] = []
    current: list[Word] = []
    gap_s, beeped = 0.0, False
    for word in words:
        if current:
            before = current[-1]
            pause_s = max(word.start_s - before.end_s, 0.0)
            cut = any(before.end_s - _SLACK_S <= cut_s < word.start_s for cut_s in cuts_s)
            ended = before.text.endswith(_SENTENCE_ENDS)
            if cut or pause_s >= (_PAUSE_AFTER_A_SENTENCE_S if ended else _PAUSE_S):
                found.append(Utterance(tuple(current), gap_s, beeped))
                current, gap_s, beeped = [], pause_s, cut
        current.append(word)
    if current:
        found.append(Utterance(tuple(current), gap_s, beeped))
    return found
