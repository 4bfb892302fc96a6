"""A scorer trained in a second on a few dozen messages, for tests of how scoring works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from vmaudit.records import Delivery
from vmaudit.scoring import Example, Judge, Message, Scorer, load_rubric
from vmaudit.scoring.inputs import HeadName, callback_level, read_inputs
from vmaudit.scoring.scorer import tokens_of
from vmaudit.scoring.training import fit_scorer
from vmaudit.scoring.wording import as_text
from vmaudit.transcripts import read_transcribed

# What is said, from nothing of value to something for this very prospect.
_REASONS = (
    "I was just checking in to see if you are still in the market.",
    "I wanted to tell you that we have great deals all month long.",
    "The new tax credit for heat pumps ends this Friday at noon.",
    "The silver hybrid that you asked about came in, with the tow package.",
)
_OPENINGS = (  # from whom nobody can tell to plain
    "Hey, so, it's, um, it's me again, sorry, I, I had something.",
    "Hello there, this is about the thing from the other day.",
    "Hi Ted, this is Nina.",
    "Hi Ted, this is Nina Whitlow at Harborview Motors.",
)
NUMBER = "206-555-0142"
_NUMBERS = (
    "Thanks a lot.",
    f"Call me at {NUMBER}, or at 206-555-0178.",
    f"Please call me back at {NUMBER}. Thanks.",
    f"Please call me back at {NUMBER}, that's {NUMBER}.",
)
_STATED = ((0, 0), (1, 2), (1, 1), (2, 1))  # how often at most, how many different ones
# From drowned out to clean.
_DELIVERIES = (
    Delivery(snr_db=1.0, words_per_minute=270.0, fillers_per_minute=20.0, unsure_word_share=0.5),
    Delivery(snr_db=8.0, words_per_minute=230.0, fillers_per_minute=9.0, longest_pause_s=4.0),
    Delivery(snr_db=25.0, words_per_minute=180.0, fillers_per_minute=2.0),
    Delivery(snr_db=30.0, words_per_minute=160.0, fillers_per_minute=0.0),
)
_CLARITY = (0, 0, 1, 1, 2, 3, 3)  # by the places of opening and delivery together

Clarity = Callable[[int], int]


def message(text: str, delivery: Delivery | None = None, **known: Any) -> Message:
    """A message that was written down; ``known`` is as in JSON Lines for ``vmaudit score``."""
    return replace(
        read_transcribed({"text": text, **known}).message(), delivery=delivery or Delivery()
    )


def as_example(
    name: str, said: Message, levels: dict[HeadName, int], group: str, weight: float = 1.0
) -> Example:
    return Example(name, as_text(tokens_of(said)), read_inputs(said), levels, group, weight)


def examples(clarity: Clarity = lambda level: level) -> list[Example]:
    """64 messages of eight reps; ``clarity`` gives the label for how clear one is."""
    return list(_examples(clarity))


@cache
def small_scorer() -> Scorer:
    return fit_scorer(examples())


def judge(rubric: str = "default") -> Judge:
    return Judge(small_scorer(), load_rubric(rubric))


def _examples(clarity: Clarity) -> Iterator[Example]:
    rng = np.random.default_rng(0)
    for number in range(64):
        value, opening, stated = number % 4, number // 4 % 4, number // 16
        heard, rep = int(rng.integers(4)), int(rng.integers(8))
        said = message(
            f"{_OPENINGS[opening]} {_REASONS[value]} {_NUMBERS[stated]}", _DELIVERIES[heard]
        )
        levels: dict[HeadName, int] = {
            "value": value,
            "clarity": clarity(_CLARITY[opening + heard]),
            "callback": callback_level(*_STATED[stated]),
        }
        yield as_example(f"m{number}", said, levels, f"rep {rep}")
