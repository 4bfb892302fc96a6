"""How fast the message was spoken, as a whole, over time and where numbers are said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.frames import MessageAudio, Unmeasured
from vmaudit.delivery.syllables import Spoken, spoken
from vmaudit.records import Interval, Track, Word

MIN_MESSAGE_S = 1.0  # a rate over less says nothing
NO_WORDS = Unmeasured("no words were recognised in the message")
TOO_SHORT = Unmeasured(f"the message is shorter than {MIN_MESSAGE_S:g} s")
_SECONDS_PER_MINUTE = 60.0
_WINDOW_S = 5.0
_STEP_S = 1.0
_MIN_SPEECH_S = 1.0  # in a window, or in the numbers, for a rate there
_MIN_ENDS_S = 12.0  # so that the ends of a message are less than half of each other
_SHORTEST_WORD_S = 1e-3


def total_spoken(words: Sequence[Word]) -> Spoken:
    """Add up the spoken words and syllables of a transcript's tokens."""
    said = [spoken(word.text) for word in words]
    return Spoken(sum(one.words for one in said), sum(one.syllables for one in said))


def pace(audio: MessageAudio, said: Spoken) -> dict[str, float | Unmeasured]:
    """Measure durations in seconds and rates of spoken words and syllables.

    ``message_s`` runs from the first to the last voice activity, ``speech_s`` is the voice
    activity alone; ``words_per_minute`` is over the former, the articulation rates are over
    the latter.
    """
    speech_s = sum(interval.duration_s for interval in audio.speech)
    lacking = rate_obstacle(audio, said)
    return {
        "message_s": audio.message_s,
        "speech_s": speech_s,
        "words_per_minute": lacking or per_minute(said.words, audio.message_s),
        "articulation_words_per_minute": lacking or per_minute(said.words, speech_s),
        "syllables_per_second": lacking or said.syllables / speech_s,
    }


def pace_course(audio: MessageAudio, words: Sequence[Word]) -> dict[str, Any]:
    """Measure how the pace changes, in syllables per second of speech.

    ``pace_over_time`` holds the middles of windows of 5 s each second, None where less than
    1 s of them is speech. ``opening_pace_ratio`` and ``closing_pace_ratio`` set the first and
    the last 5 s against the whole message: above 1 is faster. All three need words.
    """
    start_s, end_s = audio.speech[0].start_s, audio.speech[-1].end_s
    names = ("pace_over_time", "opening_pace_ratio", "closing_pace_ratio")
    if not total_spoken(words).syllables:
        return dict.fromkeys(names, NO_WORDS)
    if audio.message_s < _WINDOW_S:
        return dict.fromkeys(names, _shorter_than(_WINDOW_S))
    count = int((audio.message_s - _WINDOW_S) / _STEP_S) + 1
    starts_s = np.append(start_s + _STEP_S * np.arange(count), end_s - _WINDOW_S)
    rates = _rates(words, audio.speech, starts_s, starts_s + _WINDOW_S)
    values = tuple(None if np.isnan(rate) else float(rate) for rate in rates)
    course = Track(start_s + _WINDOW_S / 2, _STEP_S, values[:-1])
    ratios = [_against_all(audio, words, values[0]), _against_all(audio, words, values[-1])]
    return dict(zip(names, (course, *ratios), strict=True))


def number_pace_ratio(
    words: Sequence[Word], speech: Sequence[Interval], statements: Sequence[Interval]
) -> float | Unmeasured:
    """Set the pace in which numbers are said against that of the rest of the message.

    Both in syllables per second of speech; under 1 the speaker slows down for the numbers.
    ``speech`` and ``statements``: each sorted and disjoint, in the words' seconds. At least 1 s
    of speech must lie in the statements and outside them.
    """
    if not statements:
        return Unmeasured("no number was stated")
    edges_s = np.asarray([(one.start_s, one.end_s) for one in statements]).T
    inside = np.asarray([part.sum() for part in _amounts(words, speech, *edges_s)])
    everything = np.asarray([-np.inf]), np.asarray([np.inf])
    outside = np.asarray([part.sum() for part in _amounts(words, speech, *everything)]) - inside
    if min(inside[1], outside[1]) < _MIN_SPEECH_S:
        return Unmeasured(f"less than {_MIN_SPEECH_S:g} s of speech in the numbers or beside them")
    if outside[0] <= 0:
        return Unmeasured("nothing but numbers was said")
    return float(inside[0] / inside[1] * outside[1] / outside[0])


def rate_obstacle(audio: MessageAudio, said: Spoken) -> Unmeasured | None:
    """Say what forbids a rate, if anything does."""
    if said.words == 0:
        return NO_WORDS
    return TOO_SHORT if audio.message_s < MIN_MESSAGE_S else None


def per_minute(count: int, duration_s: float) -> float:
    """Turn a count over a duration in seconds into a rate per minute."""
    return count * _SECONDS_PER_MINUTE / duration_s


def _shorter_than(limit_s: float) -> Unmeasured:
    return Unmeasured(f"the message is shorter than {limit_s:g} s")


def _against_all(
    audio: MessageAudio, words: Sequence[Word], rate: float | None
) -> float | Unmeasured:
    if audio.message_s < _MIN_ENDS_S:
        return _shorter_than(_MIN_ENDS_S)
    if rate is None:
        return Unmeasured(f"less than {_MIN_SPEECH_S:g} s of speech in those {_WINDOW_S:g} s")
    speech_s = sum(interval.duration_s for interval in audio.speech)
    return rate * speech_s / total_spoken(words).syllables


def _rates(
    words: Sequence[Word],
    speech: Sequence[Interval],
    starts_s: NDArray[np.float64],
    ends_s: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Syllables per second of speech in each window, NaN where there is too little speech."""
    syllables, speech_s = _amounts(words, speech, starts_s, ends_s)
    enough = speech_s >= _MIN_SPEECH_S
    return np.where(enough, syllables / np.where(enough, speech_s, 1.0), np.nan)


def _amounts(
    words: Sequence[Word],
    speech: Sequence[Interval],
    starts_s: NDArray[np.float64],
    ends_s: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Syllables and seconds of speech in each window; a word's syllables are spread evenly."""
    begin_s, stop_s = np.asarray([(word.start_s, word.end_s) for word in words]).reshape(-1, 2).T
    duration_s = np.maximum(stop_s - begin_s, _SHORTEST_WORD_S)
    counts = np.asarray([spoken(word.text).syllables for word in words], dtype=np.float64)
    edges_s = np.asarray([edge for one in speech for edge in (one.start_s, one.end_s)])
    elapsed_s = np.asarray([part for one in speech for part in (0.0, one.duration_s)]).cumsum()

    def until(times_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shares = np.clip((times_s[:, np.newaxis] - begin_s) / duration_s, 0.0, 1.0)
        return shares @ counts, np.interp(times_s, edges_s, elapsed_s)

    (said, spoke_s), (said_before, spoke_before_s) = until(ends_s), until(starts_s)
    return said - said_before, spoke_s - spoke_before_s
