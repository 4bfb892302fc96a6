"""Digits alone: only they may come, each counts by itself, and the likeliest readings are told."""

from __future__ import annotations

import itertools

import pytest
import torch
from tiny_whisper import TOKENIZER, encoded_windows, look_at, reference_logits, tiny_decoder

from vmaudit.asr.whisper.recogniser import HeardDigits
from vmaudit.asr.whisper.spelling import (
    DIGIT_WORDS,
    READINGS,
    Speller,
    digit_tokens,
    ranked,
    spelling_prompt,
)

PROMPT = [*TOKENIZER.sot_sequence, TOKENIZER.no_timestamps, *TOKENIZER.encode(" Call me at")]


LEAD = "Call me at"


@pytest.fixture(scope="module")
def heard() -> list[tuple[HeardDigits, ...]]:
    speller = Speller(tiny_decoder(), TOKENIZER)
    return [speller.spell(look_at([window]), LEAD) for window in encoded_windows()]


def test_every_spelling_is_one_token_that_decodes_to_its_word() -> None:
    for words, tokens in zip(DIGIT_WORDS, digit_tokens(TOKENIZER), strict=True):
        written = {TOKENIZER.decode([token]).strip().lower() for token in tokens}
        assert written == set(words)
        assert len(tokens) == 2 * len(words)


def log_probability(digits: str, window: torch.Tensor) -> float:
    """The same by the reference's decoder; each digit follows the likeliest spelling before it."""
    choices = [*digit_tokens(TOKENIZER), (TOKENIZER.eot,)]
    allowed = [token for tokens in choices for token in tokens]
    tokens, total = list(PROMPT), 0.0
    for place, symbol in enumerate([*map(int, digits), len(DIGIT_WORDS)]):
        logits = reference_logits(torch.tensor([tokens]), [window])[0, -1]
        if place == 0:
            logits[TOKENIZER.eot] = float("-inf")
        mine = logits[list(choices[symbol])]
        total += float(mine.logsumexp(0) - logits[allowed].logsumexp(0))
        tokens.append(choices[symbol][int(mine.argmax())])
    return total


def test_each_log_probability_is_that_of_the_digits_among_digits(
    heard: list[tuple[HeardDigits, ...]],
) -> None:
    for readings, window in zip(heard, encoded_windows(), strict=True):
        assert readings
        for reading in readings:
            expected = log_probability(reading.digits, window)
            assert reading.log_probability == pytest.approx(expected, abs=1e-3)


def test_no_single_digit_is_likelier_than_what_is_found(
    heard: list[tuple[HeardDigits, ...]],
) -> None:
    for readings, window in zip(heard, encoded_windows(), strict=True):
        likeliest = max(reading.log_probability for reading in readings)
        singles = max(log_probability(digit, window) for digit in "0123456789")
        assert singles <= likeliest + 1e-3


def test_readings_differ_and_are_ranked_per_digit(heard: list[tuple[HeardDigits, ...]]) -> None:
    for readings in heard:
        assert len({reading.digits for reading in readings}) == len(readings) <= READINGS
        merits = [r.log_probability / (len(r.digits) + 1) for r in readings]
        assert all(a >= b for a, b in itertools.pairwise(merits))
        assert all(r.digits.isdigit() and r.log_probability <= 0 for r in readings)


def test_without_words_before_them_digits_come_first() -> None:
    assert spelling_prompt(TOKENIZER, "") == [*TOKENIZER.sot_sequence, TOKENIZER.no_timestamps]
    assert TOKENIZER.decode(spelling_prompt(TOKENIZER, LEAD)[-3:]) == f" {LEAD}"


def test_an_early_end_does_not_win_by_being_short() -> None:
    first, second = ranked({"5": -1.7, "0501": -3.0})
    assert (first.digits, second.digits) == ("0501", "5")
    assert ranked({"5": float("-inf")}) == ()
