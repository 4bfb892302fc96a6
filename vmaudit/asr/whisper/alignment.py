"""Word times from cross attention, for a whole batch of windows.

The alignment heads of Whisper's decoder look at the audio frame in which a token is spoken.
Their scores, normalised and smoothed, give a matrix of tokens against frames; the cheapest
monotone path through it gives each token its time. Every word gets one, digits too: nothing
here depends on spelling. Source: openai-whisper's ``timing.py``; Sakoe and Chiba 1978.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from whisper.model import Whisper
from whisper.timing import WordTiming, median_filter, merge_punctuations
from whisper.tokenizer import Tokenizer

from vmaudit.asr.whisper.network import alignment_weights
from vmaudit.asr.whisper.rules import FRAME_S

MEDIAN_FRAMES = 7
PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - full-width marks are meant
UNUSED = np.float32(1e9)  # the cost of cells outside a row's own matrix


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A word in seconds from the start of its window; ``probability`` in [0, 1].

    ``text`` has a space before it unless it is written onto the word before ("-0142").
    """

    text: str
    start_s: float
    end_s: float
    probability: float


def align_batch(
    model: Whisper,
    tokenizer: Tokenizer,
    audio_features: torch.Tensor,
    texts: Sequence[Sequence[int]],
    frame_counts: Sequence[int],
) -> list[list[AlignedWord]]:
    """Time the words of each row.

    ``audio_features`` has shape ``(rows, n_audio_ctx, n_state)``; ``texts`` are text tokens
    (no timestamps); ``frame_counts`` say how many encoder frames of 20 ms hold audio.
    """
    rows = [row for row, tokens in enumerate(texts) if tokens]
    words: list[list[AlignedWord]] = [[] for _ in texts]
    if not rows:
        return words
    before = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    lengths = [len(before) + len(texts[row]) + 1 for row in rows]
    tokens = torch.full((len(rows), max(lengths)), tokenizer.eot, device=model.device)
    for i, row in enumerate(rows):
        tokens[i, : lengths[i] - 1] = torch.tensor([*before, *texts[row]], device=model.device)
    logits, scores = alignment_weights(model, tokens, audio_features[rows])

    first = len(before) - 1  # this position's output is the first text token
    costs = [
        _cost(scores[i, :, : lengths[i], : frame_counts[row]])[first:-1]
        for i, row in enumerate(rows)
    ]
    starts = token_starts(costs)
    for i, row in enumerate(rows):
        text = list(texts[row])
        probabilities = logits[i, first : first + len(text), : tokenizer.eot].softmax(dim=-1)
        token_probability = probabilities[torch.arange(len(text)), text].cpu().numpy()
        words[row] = _words(tokenizer, text, starts[i], token_probability)
    return words


def _cost(scores: torch.Tensor) -> NDArray[np.float32]:
    """Turn one row's attention scores, ``(heads, tokens, frames)``, into path costs."""
    weights = scores.softmax(dim=-1)
    deviation, mean = torch.std_mean(weights, dim=-2, keepdim=True, unbiased=False)
    weights = median_filter((weights - mean) / deviation.clamp(min=1e-12), MEDIAN_FRAMES)
    cost: NDArray[np.float32] = -weights.mean(dim=0).cpu().numpy()
    return cost


def token_starts(costs: Sequence[NDArray[np.float32]]) -> list[NDArray[np.int64]]:
    """Dynamic time warping of each cost matrix, ``(tokens, frames)``, all in step.

    Returns, per matrix, the frame in which the path enters each token's row. The sum over
    the path is least; steps go to the next frame, the next token, or both. One vector
    operation per anti-diagonal serves the whole batch.
    """
    n_tokens = max(cost.shape[0] for cost in costs)
    n_frames = max(cost.shape[1] for cost in costs)
    # Column d of the skewed matrix holds the anti-diagonal token + frame = d.
    skewed = np.full((len(costs), n_tokens + n_frames, n_tokens), UNUSED, dtype=np.float32)
    token = np.arange(n_tokens)
    for batch, cost in zip(skewed, costs, strict=True):
        height, width = cost.shape
        frame = np.arange(width)
        batch[token[:height, None] + frame, token[:height, None]] = cost
    steps = np.zeros(skewed.shape, dtype=np.int8)  # 0: both, 1: next token, 2: next frame
    infinite = np.full((len(costs), n_tokens), np.inf, dtype=np.float32)
    before_last, last = infinite, infinite
    for diagonal in range(n_tokens + n_frames - 1):
        both = _shifted(before_last)
        next_token = _shifted(last)
        if diagonal == 0:
            both[:, 0] = 0.0
        choice = np.where(
            (both < next_token) & (both < last), 0, np.where(next_token < last, 1, 2)
        ).astype(np.int8)
        steps[:, diagonal] = choice
        total = np.minimum(np.minimum(both, next_token), last) + skewed[:, diagonal]
        before_last, last = last, total
    return [_backtrack(steps[i], *cost.shape) for i, cost in enumerate(costs)]


def _shifted(totals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each token sees the total of the token before it."""
    shifted = np.empty_like(totals)
    shifted[:, 0] = np.inf
    shifted[:, 1:] = totals[:, :-1]
    return shifted


def _backtrack(steps: NDArray[np.int8], n_tokens: int, n_frames: int) -> NDArray[np.int64]:
    starts = np.zeros(n_tokens, dtype=np.int64)
    token, frame = n_tokens - 1, n_frames - 1
    while token > 0:
        step = steps[token + frame, token] if frame > 0 else 1
        if step != 2:
            starts[token] = frame
            token -= 1
        if step != 1:
            frame -= 1
    return starts


def _words(
    tokenizer: Tokenizer,
    text: list[int],
    starts: NDArray[np.int64],
    probability: NDArray[np.float32],
) -> list[AlignedWord]:
    """Join tokens to words, punctuation to the word it belongs to.

    ``starts`` are encoder frames, one more than ``text``: the end token's start ends the
    last word.
    """
    pieces, piece_tokens = tokenizer.split_to_word_tokens([*text, tokenizer.eot])
    edges = np.cumsum([0, *(len(tokens) for tokens in piece_tokens[:-1])])
    timings = [
        WordTiming(
            piece,
            tokens,
            float(starts[i]) * FRAME_S,
            float(starts[j]) * FRAME_S,
            float(probability[i:j].mean()),
        )
        for piece, tokens, i, j in zip(
            pieces[:-1], piece_tokens[:-1], edges[:-1], edges[1:], strict=True
        )
    ]
    merge_punctuations(timings, PREPENDED, APPENDED)
    return [AlignedWord(t.word, t.start, t.end, t.probability) for t in timings if t.word.strip()]
