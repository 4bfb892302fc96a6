"""Takes back a closing that Whisper says twice.

At the end of a message Whisper may write "Thank you." once more than it was said. Alignment finds
no sound for the second: it lies in the silence behind the first, or takes no time.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmaudit.asr.whisper.recogniser import HeardWord
from vmaudit.records import Interval

__all__ = ["without_echo"]

LONGEST_ECHO = 4  # words
MAX_SPEECH_S = 0.05  # in all words of an echo together
EDGES = " .,;:!?"


def without_echo(words: Sequence[HeardWord], speech: Sequence[Interval]) -> tuple[HeardWord, ...]:
    """All but the last words where they repeat the ones before them and nobody spoke.

    ``words`` and ``speech``, which is disjoint, count seconds from the same moment. Numbers are
    left alone: a digit is often said twice.
    """
    plain = [word.text.strip(EDGES).lower() for word in words]
    for count in range(1, min(LONGEST_ECHO, len(words) // 2) + 1):
        last = plain[-count:]
        if last != plain[-2 * count : -count] or any(map(_has_digit, last)):
            continue
        if sum(_spoken_s(word, speech) for word in words[-count:]) < MAX_SPEECH_S:
            return tuple(words[:-count])
    return tuple(words)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _spoken_s(word: HeardWord, speech: Sequence[Interval]) -> float:
    shared = (min(word.end_s, s.end_s) - max(word.start_s, s.start_s) for s in speech)
    return sum(max(one, 0.0) for one in shared)
