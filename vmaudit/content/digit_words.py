"""Words that are digits and nothing else, and where they stand in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vmaudit.content.plan import NumberingPlan
from vmaudit.records import Word

MAX_GAP_S = 2.5  # between digits of one stretch
SPLIT_PAUSE_S = 0.5  # parts a number from its repetition
MIN_PART = 7

_DIGIT_WORDS = {
    word: str(digit)
    for digit, words in enumerate(
        ("zero oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in words.split()
}
# Between digits that are not grouped as numbers are written: not in "240.555.0142".
_POINT = re.compile(r"(?<![0-9]{3})\.(?=[0-9])|\.(?=[0-9]{1,2}(?![0-9]))")
_NUMERAL = re.compile(r"[^\w$%]*[+(]*[0-9][0-9().-]*[^\w%]*")


def digits_of(word: Word) -> str:
    """The digits that a word is, if it is nothing else."""
    text = word.text.strip()
    if _NUMERAL.fullmatch(text):
        return re.sub("[^0-9]", "", text)
    return _DIGIT_WORDS.get(text.strip(".,;:!?-").lower(), "")


def runs_of_digits(words: Sequence[Word], within: range) -> Iterator[range]:
    """Where digit words stand side by side, as indices of words."""
    start: int | None = None
    for index in within:
        is_digits = bool(digits_of(words[index]))
        if start is not None and (
            not is_digits or words[index].start_s - words[index - 1].end_s > MAX_GAP_S
        ):
            yield range(start, index)
            start = None
        if is_digits and start is None:
            start = index
    if start is not None:
        yield range(start, within.stop)


def parted(words: Sequence[Word], run: range) -> Iterator[range]:
    """A run, or its two parts where a pause may part two numbers."""
    counts = [len(digits_of(words[index])) for index in run]
    pauses = {
        run[place]: words[run[place]].start_s - words[run[place] - 1].end_s
        for place in range(1, len(run))
        if min(sum(counts[:place]), sum(counts[place:])) >= MIN_PART
    }
    cut = max(pauses, key=pauses.__getitem__, default=run.start)
    if pauses and pauses[cut] >= SPLIT_PAUSE_S:
        yield range(run.start, cut)
        yield range(cut, run.stop)
    else:
        yield run


def without_points(words: Sequence[Word], plan: NumberingPlan) -> tuple[Word, ...]:
    """The words, without points between the digits of a whole number with its area code.

    Whisper writes them: "6.02 555 0142" is no amount.
    """
    plain = list(words)
    for run in runs_of_digits(words, range(len(words))):
        for part in parted(words, run):
            if plan.national("".join(digits_of(words[index]) for index in part), plus=False):
                for index in part:
                    plain[index] = replace(words[index], text=_POINT.sub("", words[index].text))
    return tuple(plain)


def rewritten(text: str, digits: str) -> str:
    """``text`` as it was where its digits are, else with ``digits`` between its punctuation."""
    if (
        re.sub("[^0-9]", "", text) == digits
        or _DIGIT_WORDS.get(text.strip(".,;:!?-").lower()) == digits
    ):
        return text
    core = re.search(r"\w(.*\w)?", text)
    return digits if core is None else text[: core.start()] + digits + text[core.end() :]
