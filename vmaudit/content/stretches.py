"""Where digits are said in a row, and which of that is worth a second hearing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from vmaudit.content.digit_words import MAX_GAP_S, digits_of, parted, runs_of_digits
from vmaudit.content.plan import NumberingPlan
from vmaudit.content.sounds import sounded_numbers
from vmaudit.records import (
    DigitSound,
    DigitStretch,
    Statement,
    Timed,
    Transcript,
    Word,
    those_within,
)

__all__ = ["digit_stretches", "stretches_in_doubt"]

LEAD_S = 4.0  # of the words before digits, that say where they begin
MIN_DIGITS = 6  # fewer are a price, a year or a time; or the end of a number that was said
DOUBTED_CONFIDENCE = 0.5
MAX_STRAY_DIGITS = 1  # beside a number that was read: "... 0142. One more time"
MAX_SLIPS = 2  # two numbers that differ in more digits are two numbers
SOUND_MARGIN_S = 0.15  # a word so near a sound may be that


def digit_stretches(
    transcript: Transcript, plan: NumberingPlan
) -> tuple[tuple[range, DigitStretch], ...]:
    """Where digits are said in a row, in the order heard, each with the indices of its words.

    Such is each whole number by its sound, whatever words were heard there, and every other run of
    words that are digits alone; one of two numbers is parted at its longest pause.
    """
    words, done = transcript.words, 0
    found: list[tuple[range, Sequence[DigitSound]]] = []
    for number in sounded_numbers(transcript.digit_sounds, words, plan):
        run = _said_as(words, number, transcript.digit_sounds, done)
        if run is not None:
            found += [(plain, ()) for plain in _plain_runs(words, range(done, run.start))]
            found.append((run, number))
            done = run.stop
    found += [(plain, ()) for plain in _plain_runs(words, range(done, len(words)))]
    return tuple((run, _stretch(words, run, number)) for run, number in found)


def stretches_in_doubt(
    stretches: Sequence[DigitStretch], plan: NumberingPlan, read: Sequence[Statement]
) -> tuple[DigitStretch, ...]:
    """The stretches worth a second hearing.

    They sound like a number that is not in the words. Where they sound like none, they are long
    enough for a number, and no whole number of the plan, or unsure, or they differ in a digit or
    two from another one of the message. ``read`` are the complete statements in the words as
    first heard: what they explain is whole, and a stretch that is but a part of one ("01 for 7")
    is left to the reader.
    """
    long = [one for one in stretches if max(len(one.digits), len(one.sounds)) >= MIN_DIGITS]
    doubted = {stretch for stretch in long if _is_doubted(stretch, plan, read)}
    for one, other in combinations(long, 2):
        if 0 < _slips(one.digits, other.digits) <= MAX_SLIPS:
            doubted |= {stretch for stretch in (one, other) if not stretch.sounds}
    return tuple(stretch for stretch in long if stretch in doubted)


def _is_doubted(stretch: DigitStretch, plan: NumberingPlan, read: Sequence[Statement]) -> bool:
    if stretch.sounds:
        return stretch.sounded != stretch.digits
    counts = [sum(map(len, one.groups)) for one in read if _overlap(stretch, one)]
    if len(stretch.digits) < max(counts, default=0):
        return False
    explained = bool(counts) and len(stretch.digits) <= sum(counts) + MAX_STRAY_DIGITS
    whole = explained or plan.is_whole(stretch.digits)
    return not whole or min(stretch.confidences) < DOUBTED_CONFIDENCE


def _plain_runs(words: Sequence[Word], within: range) -> Iterator[range]:
    for run in runs_of_digits(words, within):
        yield from parted(words, run)


def _said_as(
    words: Sequence[Word], number: Sequence[DigitSound], sounds: Sequence[DigitSound], done: int
) -> range | None:
    """The words that were heard where a number sounds: none, if the recogniser left it out.

    To them belong the digit words beside them that have no sound: digits too many. None where a
    word holds more than the number.
    """
    start_s, end_s = number[0].start_s, number[-1].end_s
    others = [sound for sound in sounds if sound not in number]
    inside = []
    for index in range(done, len(words)):
        word = words[index]
        if word.start_s < end_s and start_s < word.end_s and digits_of(word):
            if len(those_within(others, word)) > MAX_STRAY_DIGITS:
                return None
            inside.append(index)
        elif start_s <= _middle_s(word) <= end_s:
            inside.append(index)
    if not inside:
        at = next((i for i in range(done, len(words)) if words[i].start_s >= start_s), len(words))
        return range(at, at)
    first, last = inside[0], inside[-1]
    while first > done and _is_soundless(words, first - 1, first, others):
        first -= 1
    while last + 1 < len(words) and _is_soundless(words, last + 1, last, others):
        last += 1
    return range(first, last + 1)


def _middle_s(one: Timed) -> float:
    return (one.start_s + one.end_s) / 2


def _is_soundless(
    words: Sequence[Word], index: int, beside: int, sounds: Sequence[DigitSound]
) -> bool:
    """Whether a word beside a number goes on with digits where none sound."""
    word, other = words[index], words[beside]
    gap_s = max(word.start_s - other.end_s, other.start_s - word.end_s)
    return (
        bool(digits_of(word))
        and gap_s <= MAX_GAP_S
        and not any(
            sound.start_s < word.end_s + SOUND_MARGIN_S
            and word.start_s - SOUND_MARGIN_S < sound.end_s
            for sound in sounds
        )
    )


def _stretch(words: Sequence[Word], run: range, number: Sequence[DigitSound] = ()) -> DigitStretch:
    start_s = number[0].start_s if number else words[run.start].start_s
    first = run.start
    while first and not digits_of(words[first - 1]) and start_s - words[first - 1].start_s < LEAD_S:
        first -= 1
    return DigitStretch(
        start_s=start_s,
        end_s=number[-1].end_s if number else words[run.stop - 1].end_s,
        digits="".join(digits_of(words[index]) for index in run),
        confidences=tuple(
            words[index].confidence for index in run for _ in digits_of(words[index])
        ),
        lead=" ".join(word.text for word in words[first : run.start]),
        lead_start_s=min(start_s, words[first].start_s) if first < len(words) else start_s,
        sounds=tuple(number),
    )


def _overlap(stretch: DigitStretch, statement: Statement) -> bool:
    return stretch.start_s < statement.end_s and statement.start_s < stretch.end_s


def _slips(one: str, other: str) -> int:
    """In how many places two numbers of one length differ; none where the lengths do."""
    return sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else 0
