"""Which tokens may come, which have come, and when a row has gone on for too long."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_whisper import CPU, TOKENIZER
from whisper.decoding import ApplyTimestampRules, SuppressTokens

from vmaudit.asr.whisper.rules import TokenRules
from vmaudit.asr.whisper.sampled import (
    LOOP_CHECK_STEPS,
    LOOP_MAX_PERIOD,
    LOOP_TOKENS,
    LiveRows,
    Sampled,
    goes_in_circles,
    until_end,
)

N_VOCAB = 51865


# rules


def _token_rows() -> st.SearchStrategy[list[list[int]]]:
    text = st.integers(0, 50_000)
    time = st.integers(TOKENIZER.timestamp_begin, TOKENIZER.timestamp_begin + 1500)
    return st.integers(0, 6).flatmap(
        lambda n: st.lists(st.lists(text | time, min_size=n, max_size=n), min_size=2, max_size=3)
    )


@settings(max_examples=60, deadline=None)
@given(_token_rows(), st.integers(0, 2**31))
def test_token_rules_equal_the_reference(rows: list[list[int]], seed: int) -> None:
    rows = [[TOKENIZER.timestamp_begin, *sorted_times(row)] if row else row for row in rows]
    sampled = torch.tensor(rows, dtype=torch.long).reshape(len(rows), -1)
    logits = torch.randn(len(rows), N_VOCAB, generator=torch.Generator().manual_seed(seed)) * 4
    expected = logits.clone()
    suppressed = [
        *TOKENIZER.non_speech_tokens,
        TOKENIZER.transcribe,
        TOKENIZER.translate,
        TOKENIZER.sot,
        TOKENIZER.sot_prev,
        TOKENIZER.sot_lm,
        TOKENIZER.no_speech,
    ]
    SuppressTokens(suppressed).apply(expected, sampled)
    ApplyTimestampRules(TOKENIZER, 0, 50).apply(expected, sampled)
    TokenRules(TOKENIZER, N_VOCAB, CPU).apply(logits, sampled)
    # What a masked row may still draw is the same; which masked value it holds does not matter.
    assert torch.equal(logits.isneginf(), expected.isneginf())
    assert torch.equal(logits.argmax(-1), expected.argmax(-1))


def sorted_times(row: list[int]) -> list[int]:
    """Put the timestamps of a row in order, as a real transcript has them."""
    times = iter(sorted(token for token in row if token >= TOKENIZER.timestamp_begin))
    return [next(times) if token >= TOKENIZER.timestamp_begin else token for token in row]


# tokens drawn so far


@given(st.lists(st.integers(0, 3), max_size=8))
def test_a_row_is_cut_at_its_first_end(tokens: list[int]) -> None:
    gains = [-0.5 - i for i in range(len(tokens))]
    cut = until_end(tokens, gains, eot=3)
    assert cut.tokens == list(itertools.takewhile(lambda token: token != 3, tokens))
    assert cut.log_probabilities == gains[: len(cut.tokens) + (3 in tokens)]
    assert cut.mean_log_probability == sum(cut.log_probabilities) / (len(cut.tokens) + 1)


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(1, 7), st.integers(0, 999), st.booleans())
def test_rows_leave_with_what_they_have(rows: int, steps: int, seed: int, leave: bool) -> None:
    generator, eot = torch.Generator().manual_seed(seed), 3
    logits = torch.randn(steps, rows, 5, generator=generator)
    drawn = torch.randint(0, 5, (steps, rows), generator=generator)
    batch = LiveRows([steps] * rows, CPU, eot)
    for step in range(steps):
        live = batch.rows
        batch.append(drawn[step, live], logits[step, live])
        running = batch.running()
        if len(running) == 0:
            break
        if leave:
            batch.keep(running)
    expected = logits.log_softmax(-1).gather(2, drawn[..., None])[..., 0]
    for row, sampled in enumerate(batch.finish()):
        alone = until_end(drawn[:, row].tolist(), expected[:, row].tolist(), eot)
        assert sampled.tokens == alone.tokens
        assert sampled.log_probabilities == pytest.approx(alone.log_probabilities, abs=1e-5)


@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 80), st.integers(0, 9))
def test_a_row_goes_in_circles_once_it_has_repeated_long_enough(
    before: int, period: int, repeating: int, row: int
) -> None:
    """``repeating`` tokens follow that are each the one ``period`` before."""
    begin = 1000
    # No two alike, and text after the last, so that no shorter period repeats.
    tokens = [100 + i for i in range(before + period)]
    for _ in range(repeating):
        tokens.append(tokens[-period])
    other = list(range(500, 500 + len(tokens)))
    sampled = torch.tensor([other] * row + [tokens])
    circles = goes_in_circles(sampled, begin).tolist()
    assert circles == [False] * row + [repeating >= LOOP_TOKENS and period <= LOOP_MAX_PERIOD]


def test_times_that_go_on_make_no_difference_to_a_circle() -> None:
    begin = 1000
    line = [[5, 6, 7, begin + 10 * i, begin + 10 * i] for i in range(12)]
    assert goes_in_circles(torch.tensor([list(itertools.chain(*line))]), begin).all()


def test_a_row_in_circles_is_ended_and_said_to_be_one() -> None:
    eot, steps = 3, 10 * LOOP_CHECK_STEPS
    batch = LiveRows([2 * steps] * 3, CPU, eot)
    logits = torch.zeros(3, 5000)
    ended_at = None
    for step in range(steps):
        third = eot if step >= 2 else 7
        batch.append(torch.tensor([5 + step % 2, 100 + step, third]), logits)
        batch.end_loops(timestamp_begin=4000)
        if ended_at is None and 0 not in batch.running().tolist():
            ended_at = step + 1
    circling, lively, short = batch.finish()
    assert ended_at is not None
    assert LOOP_TOKENS < ended_at <= LOOP_TOKENS + 2 + LOOP_CHECK_STEPS
    assert (circling.looped, lively.looped, short.looped) == (True, False, False)
    assert circling.tokens == [5 + step % 2 for step in range(ended_at - 1)]
    assert lively.tokens == [100 + step for step in range(steps)]
    assert short.tokens == [7, 7]


def test_a_row_without_an_end_pays_for_none() -> None:
    assert Sampled([5, 6], [-1.0, -2.0]).mean_log_probability == -1.0
    assert Sampled([5, 6], [-1.0, -2.0, -3.0]).mean_log_probability == -2.0


def test_a_row_at_its_limit_is_ended_whatever_the_others_do() -> None:
    eot, limits = 3, [2, 5, 9]
    batch = LiveRows(limits, CPU, eot)
    for step in range(9):
        batch.append(torch.full((len(batch.rows),), 100 + step), torch.zeros(len(batch.rows), 500))
        batch.end_loops(timestamp_begin=400)
        running = batch.running()
        if len(running) == 0:
            break
        batch.keep(running)
    for sampled, limit in zip(batch.finish(), limits, strict=True):
        # The last token there may be gives way to the end.
        assert sampled.tokens == [100 + step for step in range(limit - 1)]
        assert len(sampled.log_probabilities) == limit
        assert sampled.looped
