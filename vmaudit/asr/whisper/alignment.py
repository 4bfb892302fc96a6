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
from whisper.timing import WordTiming, merge_punctuations
from whisper.tokenizer import Tokenizer

from vmaudit.asr.whisper.network import Decoder, EncodedAudio, IncrementalDecoder
from vmaudit.asr.whisper.recogniser import HeardWord
from vmaudit.asr.whisper.rules import FRAME_S

# The heads turn to a word this long before it sounds: the median over the words of three human
# recordings timed by hand (docs/quality.md).
ATTENTION_LEAD_S = 0.04
MEDIAN_FRAMES = 7
# Exchanges after which the median of seven is in the middle.
MEDIAN_EXCHANGES = (
    *((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6)),
    *((2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4)),
)
PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - full-width marks are meant
UNUSED = np.float32(1e9)  # the cost of cells outside a row's own matrix


@dataclass(frozen=True, slots=True)
class SpokenTokens:
    """The text of one window, to be timed: no timestamps among its ``tokens``.

    ``probabilities`` are theirs, each in [0, 1]; ``frames`` says how many encoder frames of
    20 ms hold audio. ``restored``: which of them were put in after the search.
    """

    tokens: Sequence[int]
    probabilities: Sequence[float]
    frames: int
    restored: frozenset[int] = frozenset()


class Aligner:
    """Times the words of a batch of windows by the heads that look where a token is spoken."""

    def __init__(
        self, decoder: Decoder, tokenizer: Tokenizer, heads: Sequence[tuple[int, int]]
    ) -> None:
        """Take ``heads`` as (layer, head), which differ from model to model."""
        self._decoder, self._tokenizer, self._heads = decoder, tokenizer, heads

    def align(self, audio: EncodedAudio, spoken: Sequence[SpokenTokens]) -> list[list[HeardWord]]:
        """Return the words of each window of ``audio``, in order."""
        rows = [row for row, one in enumerate(spoken) if one.tokens]
        words: list[list[HeardWord]] = [[] for _ in spoken]
        if not rows:
            return words
        if len(rows) < len(spoken):
            audio = audio.select(torch.tensor(rows, device=audio.keys[0].device))
        before = [*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]
        lengths = [len(before) + len(spoken[row].tokens) + 1 for row in rows]
        tokens = torch.full((len(rows), max(lengths)), self._tokenizer.eot)
        for i, row in enumerate(rows):
            tokens[i, : lengths[i] - 1] = torch.tensor([*before, *spoken[row].tokens])
        network = IncrementalDecoder(self._decoder, audio, max_tokens=max(lengths))
        scores = network.cross_scores(tokens.to(audio.keys[0].device), self._heads)
        first = len(before) - 1  # here the first token of the text is awaited
        costs = [
            _cost(scores[i, :, : lengths[i], : spoken[row].frames])[first:-1]
            for i, row in enumerate(rows)
        ]
        for row, starts in zip(rows, token_starts(costs), strict=True):
            words[row] = to_words(self._tokenizer, spoken[row], starts)
        return words


def _cost(scores: torch.Tensor) -> NDArray[np.float32]:
    """Turn one row's attention scores, ``(heads, tokens, frames)``, into path costs."""
    weights = scores.softmax(dim=-1)
    deviation, mean = torch.std_mean(weights, dim=-2, keepdim=True, unbiased=False)
    weights = _median_of_seven((weights - mean) / deviation.clamp(min=1e-12))
    cost: NDArray[np.float32] = -weights.mean(dim=0).cpu().numpy()
    return cost


def _median_of_seven(x: torch.Tensor) -> torch.Tensor:
    """The running median over the last dimension, mirrored at the ends; nothing is sorted.

    Minima and maxima of whole shifted copies: an exchange network that leaves the fourth of
    seven in its place.
    """
    if x.shape[-1] <= MEDIAN_FRAMES // 2:
        return x
    padded = torch.nn.functional.pad(x, (MEDIAN_FRAMES // 2, MEDIAN_FRAMES // 2), mode="reflect")
    v = [padded[..., i : i + x.shape[-1]] for i in range(MEDIAN_FRAMES)]
    for low, high in MEDIAN_EXCHANGES:
        v[low], v[high] = torch.minimum(v[low], v[high]), torch.maximum(v[low], v[high])
    return v[MEDIAN_FRAMES // 2]


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


def to_words(
    tokenizer: Tokenizer, spoken: SpokenTokens, starts: NDArray[np.int64]
) -> list[HeardWord]:
    """Join tokens to words, punctuation to the word it belongs to.

    ``starts`` are encoder frames, one more than there are tokens: the end token's start ends
    the last word.
    """
    pieces, piece_tokens = tokenizer.split_to_word_tokens([*spoken.tokens, tokenizer.eot])
    edges = np.cumsum([0, *(len(tokens) for tokens in piece_tokens[:-1])])
    spoken_edges = [
        edge + _unspoken(tokenizer, tokens)
        for edge, tokens in zip(edges[:-1], piece_tokens[:-1], strict=True)
    ]
    timings = [
        WordTiming(
            piece,
            tokens,
            float(starts[begin]) * FRAME_S + ATTENTION_LEAD_S,
            float(starts[j]) * FRAME_S + ATTENTION_LEAD_S,
            float(np.mean(spoken.probabilities[i:j])),
        )
        for piece, tokens, i, begin, j in zip(
            pieces[:-1], piece_tokens[:-1], edges[:-1], spoken_edges, edges[1:], strict=True
        )
    ]
    merge_punctuations(timings, PREPENDED, APPENDED)
    return [
        HeardWord(t.word, t.start, t.end, t.probability, restored=begin in spoken.restored)
        for t, begin in zip(timings, spoken_edges, strict=True)
        if t.word.strip()
    ]


def _unspoken(tokenizer: Tokenizer, tokens: Sequence[int]) -> int:
    """How many tokens a word begins with that are only written: in "-5" the hyphen.

    Such a token looks at the end of the word before. A word of nothing else has none.
    """
    for count, token in enumerate(tokens):
        if any(character.isalnum() for character in tokenizer.decode([token])):
            return count
    return 0
