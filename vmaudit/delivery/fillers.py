"""Filled pauses (um, uh): by their sound and among the words, each counted once.

Whisper leaves most of them out of its text, and puts those that it writes beside their time;
for some speech models they are heard in the sound as well (``Transcript.filled_pauses``).
Lexical fillers ("like", "so") are another matter: see ``vmaudit.delivery.lexical``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vmaudit.records import FilledPause, Filler, FillerSource, Timed, Word

_SURE = 0.6  # of a sound that counts though nothing is written beside it
# Not "mm-hmm", "uh-huh" (answers) nor "'er" (her).
_FILLED_PAUSE = re.compile(r"u+h+|u+m+|u+h+m+|e+r+|e+r+m+|h+m+|m{2,}|a+h+", re.IGNORECASE)
_EDGES = ' \t\n.,;:!?-\u2013\u2014\u2026"\u201c\u201d()[]*'  # an apostrophe stays: 'er is a word
_BESIDE_S = 0.3  # between a word's times and the sound's, at most
_BY_SOUND = "uh"  # how one is shown that was not written


def is_filled_pause(word: Word) -> bool:
    """Whether a word is a filled pause as people write it."""
    return _FILLED_PAUSE.fullmatch(_plain(word)) is not None


def those_sure(heard: Sequence[FilledPause]) -> tuple[FilledPause, ...]:
    """Those that count by their sound alone, though nothing is written beside them."""
    return tuple(sound for sound in heard if sound.confidence >= _SURE)


def filled_pauses(words: Sequence[Word], heard: Sequence[FilledPause]) -> tuple[Filler, ...]:
    """Return the filled pauses in time order, both sources together.

    One that is written and ``heard`` beside it has its text from the one, its times from the other,
    and the probability that not both are wrong. One that is heard alone counts where it is sure.
    """
    written, sure = [word for word in words if is_filled_pause(word)], those_sure(heard)
    found: list[Filler] = []
    for sound in heard:
        word = next((word for word in written if _are_beside(word, sound)), None)
        if word is not None:
            written.remove(word)
            probability = 1 - (1 - word.confidence) * (1 - sound.confidence)
            found.append(_filler(_plain(word), sound, "both", probability))
        elif sound in sure:
            found.append(_filler(_BY_SOUND, sound, "acoustic", sound.confidence))
    found += [_filler(_plain(word), word, "transcript", word.confidence) for word in written]
    return tuple(sorted(found, key=lambda one: one.start_s))


def _plain(word: Word) -> str:
    return word.text.strip(_EDGES).lower()


def _filler(text: str, time: Timed, source: FillerSource, probability: float) -> Filler:
    return Filler(text, time.start_s, time.end_s, source, probability)


def _are_beside(word: Word, sound: FilledPause) -> bool:
    return word.start_s <= sound.end_s + _BESIDE_S and sound.start_s <= word.end_s + _BESIDE_S
