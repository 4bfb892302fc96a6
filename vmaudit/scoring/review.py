"""When somebody should listen before the scores are relied on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmaudit.records import Score
from vmaudit.scoring.inputs import HeadName, Message
from vmaudit.scoring.rubric import Rubric

__all__ = ["review_reasons"]

CLOSE = 0.15  # to 0.5: the probability of a decision that could as well go the other way
UNSURE_SHARE = 0.3  # of the words
NOISY_DB = 5.0


def review_reasons(
    message: Message, scores: Mapping[HeadName, Score], rubric: Rubric
) -> tuple[str, ...]:
    """Every reason to listen, in plain words."""
    return tuple(_reasons(message, scores, rubric))


def _reasons(message: Message, scores: Mapping[HeadName, Score], rubric: Rubric) -> Iterator[str]:
    for name, score in scores.items():
        if score.probability is not None and abs(score.probability - 0.5) < CLOSE:
            yield f"{name} is a close call ({score.probability:.2f})"
    for number in message.numbers:
        if number.roster == "mismatch":
            yield f"the number {number.digits} is not the rep's {number.roster_digits}"
    delivery = message.delivery
    if delivery.unsure_word_share is not None and delivery.unsure_word_share > UNSURE_SHARE:
        yield f"{delivery.unsure_word_share:.0%} of the words are unsure"
    if delivery.snr_db is not None and delivery.snr_db < NOISY_DB:
        yield f"the recording is noisy ({delivery.snr_db:.0f} dB)"
    for signal, rule in rubric.signals.items():
        if rule.want == "forbidden" and signal in message.signals:
            yield f"{signal.replace('_', ' ')} was found"
