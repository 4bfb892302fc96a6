"""How fast the message was spoken."""

from __future__ import annotations

from collections.abc import Sequence

from vmaudit.delivery.frames import MessageAudio, Unmeasured
from vmaudit.delivery.syllables import Spoken, spoken
from vmaudit.records import Interval, Word

MIN_MESSAGE_S = 1.0  # a rate over less says nothing
NO_WORDS = Unmeasured("no words were recognised in the message")
_SECONDS_PER_MINUTE = 60.0


def words_within(words: Sequence[Word], message: Interval) -> tuple[Word, ...]:
    """Keep the words whose middle lies in the message."""
    return tuple(
        word
        for word in words
        if message.start_s <= (word.start_s + word.end_s) / 2 <= message.end_s
    )


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


def rate_obstacle(audio: MessageAudio, said: Spoken) -> Unmeasured | None:
    """Say what forbids a rate, if anything does."""
    if said.words == 0:
        return NO_WORDS
    if audio.message_s < MIN_MESSAGE_S:
        return Unmeasured(f"the message is shorter than {MIN_MESSAGE_S:g} s")
    return None


def per_minute(count: int, duration_s: float) -> float:
    """Turn a count over a duration in seconds into a rate per minute."""
    return count * _SECONDS_PER_MINUTE / duration_s
