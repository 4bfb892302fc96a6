"""Whisper's text decoder over encoded audio, a step at a time, for a batch of windows.

The reference grows its cache by concatenation and keeps finished rows to the end of the
batch. Here the cache has its full length from the start, rows that are done leave, and
the beams of a window share its audio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from whisper.model import ResidualAttentionBlock, TextDecoder

from vmaudit.asr.whisper.layers import (
    FEW_ROWS,
    MANY_ROWS,
    LayerNorm,
    Linear,
    linear,
    split_heads,
    stacked,
)


@dataclass(frozen=True, slots=True)
class EncodedAudio:
    """What the decoder looks at: each layer's keys and values of a batch of windows.

    Both have shape ``(windows, heads, frames, width)``. ``frames`` is the longest window's;
    ``hidden``, shape ``(windows, 1, 1, frames)``, is minus infinity where a shorter window has
    none, and None when all are of one length.
    """

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    hidden: Tensor | None

    def __len__(self) -> int:
        return self.keys[0].shape[0]

    def select(self, windows: Tensor) -> EncodedAudio:
        """These windows alone."""
        return EncodedAudio(
            tuple(key.index_select(0, windows) for key in self.keys),
            tuple(value.index_select(0, windows) for value in self.values),
            None if self.hidden is None else self.hidden.index_select(0, windows),
        )


class Decoder:
    """The weights of one text decoder, ready to run."""

    def __init__(self, module: TextDecoder, dtype: torch.dtype) -> None:
        self.embedding = module.token_embedding.weight.to(dtype)
        self.positions: Tensor = module.positional_embedding.to(dtype)
        self.blocks = [_Block(block, dtype) for block in module.blocks]
        self.norm = LayerNorm(module.ln, dtype)
        self.to_vocabulary = Linear(self.embedding, None, rows_hint=FEW_ROWS)

    def look_at(self, features: Sequence[Tensor]) -> EncodedAudio:
        """Project encoded windows, each ``(frames, n_state)``, for every layer."""
        lengths = [len(window) for window in features]
        longest = max(lengths)
        hidden = None
        if min(lengths) < longest:
            past = torch.arange(longest) >= torch.tensor(lengths)[:, None]
            hidden = torch.zeros(past.shape).masked_fill_(past, float("-inf"))
            hidden = hidden[:, None, None].to(features[0])
        keys, values = [], []
        for block in self.blocks:
            shape = (len(features), block.heads, longest, features[0].shape[-1] // block.heads)
            key, value = features[0].new_zeros(shape), features[0].new_zeros(shape)
            for row, window in enumerate(features):
                both = block.look(window[None]).chunk(2, dim=-1)
                for cache, part in zip((key, value), both, strict=True):
                    cache[row, :, : len(window)] = split_heads(part, block.heads)[0]
            keys.append(key)
            values.append(value)
        return EncodedAudio(tuple(keys), tuple(values), hidden)


class _Block:
    """One layer's weights."""

    def __init__(self, block: ResidualAttentionBlock, dtype: torch.dtype) -> None:
        own, cross = block.attn, block.cross_attn
        self.heads: int = own.n_head
        self.own_norm = LayerNorm(block.attn_ln, dtype)
        self.own_inwards = stacked((own.query, own.key, own.value), dtype, rows_hint=FEW_ROWS)
        self.own_outwards = linear(own.out, dtype, rows_hint=FEW_ROWS)
        self.cross_norm = LayerNorm(block.cross_attn_ln, dtype)
        self.ask = linear(cross.query, dtype, rows_hint=FEW_ROWS)
        self.look = stacked((cross.key, cross.value), dtype, rows_hint=MANY_ROWS)
        self.cross_outwards = linear(cross.out, dtype, rows_hint=FEW_ROWS)
        self.mlp_norm = LayerNorm(block.mlp_ln, dtype)
        self.widen = linear(block.mlp[0], dtype, rows_hint=FEW_ROWS, gelu=True)
        self.narrow = linear(block.mlp[2], dtype, rows_hint=FEW_ROWS)


def rows_of(windows: Tensor, beams: int) -> Tensor:
    """The indices of the rows of these windows, whose beams stand side by side."""
    return (windows[:, None] * beams + torch.arange(beams, device=windows.device)).flatten()


def own_attention_dtype(like: Tensor) -> torch.dtype:
    """On a CPU float32: these caches are short, and its products of single rows are faster."""
    return torch.float32 if like.device.type == "cpu" else like.dtype


class IncrementalDecoder:
    """Feeds tokens to the decoder for a batch of windows, each with as many ``beams``.

    A window's beams are rows side by side. All rows have had the same number of tokens at any
    time.
    """

    def __init__(
        self, decoder: Decoder, audio: EncodedAudio, *, max_tokens: int, beams: int = 1
    ) -> None:
        self._decoder, self._audio, self._beams = decoder, audio, beams
        self._length = 0
        rows = len(audio) * beams
        heads, width = audio.keys[0].shape[1], audio.keys[0].shape[3]
        shape, dtype = (rows, heads, max_tokens, width), own_attention_dtype(audio.keys[0])
        self._keys = [audio.keys[0].new_empty(shape, dtype=dtype) for _ in decoder.blocks]
        self._values = [audio.keys[0].new_empty(shape, dtype=dtype) for _ in decoder.blocks]

    def logits(self, tokens: Tensor, *, positions: Sequence[int] = (-1,)) -> Tensor:
        """Append ``tokens``, shape ``(rows, new)``; return float32 logits at ``positions``.

        The shape is ``(rows, len(positions), n_vocab)``; positions index the new tokens.
        """
        state, _ = self._advance(tokens, watched=())
        state = self._decoder.norm(torch.stack([state[:, at] for at in positions], dim=1))
        return self._decoder.to_vocabulary(state).float()

    def states(self, tokens: Tensor) -> Tensor:
        """Append ``tokens``, shape ``(rows, new)``; return what each leads to.

        The product of a state, in ``(rows, new, n_state)``, with a token's embedding is the
        logit of that token coming next.
        """
        state, _ = self._advance(tokens, watched=())
        return self._decoder.norm(state)

    def cross_scores(self, tokens: Tensor, watched: Sequence[tuple[int, int]]) -> Tensor:
        """Append ``tokens``, of one beam a window; return how much some heads look at each frame.

        ``watched`` names (layer, head), in order of layers. The float32 scores, before the
        softmax, have shape ``(rows, len(watched), new, frames)``.
        """
        _, scores = self._advance(tokens, watched=watched)
        return torch.stack(scores, dim=1).float()

    def keep(self, windows: Tensor) -> None:
        """Drop the rows of every window whose index is not in ``windows``."""
        self._audio = self._audio.select(windows)
        rows = rows_of(windows, self._beams)
        for cache in (self._keys, self._values):
            for layer, tensor in enumerate(cache):
                cache[layer] = tensor.index_select(0, rows)

    def reorder(self, rows: Tensor) -> None:
        """Let each row continue what ``rows`` names; both must be beams of one window."""
        for cache in (self._keys, self._values):
            for tensor in cache:
                tensor[:, :, : self._length] = tensor[rows, :, : self._length]

    def _advance(
        self, tokens: Tensor, watched: Sequence[tuple[int, int]]
    ) -> tuple[Tensor, list[Tensor]]:
        decoder = self._decoder
        start, end = self._length, self._length + tokens.shape[1]
        self._length = end
        x = decoder.embedding[tokens] + self._places(start, end)
        watched_scores: list[Tensor] = []
        for layer, block in enumerate(decoder.blocks):
            x = x + block.own_outwards(self._own_attention(layer, block, x, start))
            mixed, scores = self._cross_attention(layer, block, x)
            watched_scores += [scores[:, head] for at, head in watched if at == layer]
            if watched and len(watched_scores) == len(watched):
                break  # the rest is for the next token
            x = x + block.cross_outwards(mixed)
            x = x + block.narrow(block.widen(block.mlp_norm(x)))
        return x, watched_scores

    def _own_attention(self, layer: int, block: _Block, x: Tensor, start: int) -> Tensor:
        query, key, value = (
            split_heads(part, block.heads)
            for part in block.own_inwards(block.own_norm(x)).chunk(3, dim=-1)
        )
        mixed = self._remember(layer, query, key, value, start)
        return mixed.transpose(1, 2).flatten(2).to(x.dtype)

    def _places(self, start: int, end: int) -> Tensor:
        """The embedding of the positions of new tokens."""
        return self._decoder.positions[start:end]

    def _remember(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, start: int
    ) -> Tensor:
        """Keep the keys and values of new tokens, and attend to all so far."""
        keys, values = self._keys[layer], self._values[layer]
        end = start + query.shape[2]
        keys[:, :, start:end], values[:, :, start:end] = key, value
        mixed: Tensor = scaled_dot_product_attention(
            query.to(keys.dtype),
            keys[:, :, :end],
            values[:, :, :end],
            is_causal=start == 0 and end > 1,
        )
        return mixed

    def _cross_attention(self, layer: int, block: _Block, x: Tensor) -> tuple[Tensor, Tensor]:
        """What the audio says to each row, and the scores of every question to every frame.

        All queries of a window, its beams' and its tokens', meet its keys in one product. The
        scores have shape ``(windows, heads, beams * new, frames)``.
        """
        keys, values = self._audio.keys[layer], self._audio.values[layer]
        windows, heads, _, width = keys.shape
        rows, new, n_state = x.shape
        query = block.ask(block.cross_norm(x)) * width**-0.5
        query = query.view(windows, self._beams * new, heads, width).transpose(1, 2)
        # One product over windows and heads: on a CPU half the time of a product over each.
        scores = torch.bmm(query.flatten(0, 1), keys.flatten(0, 1).transpose(1, 2))
        scores = scores.view(windows, heads, *scores.shape[1:])
        if self._audio.hidden is not None:
            scores = scores + self._audio.hidden
        weights = scores.softmax(dim=-1)  # in float32 inside, whatever the type
        mixed = torch.bmm(weights.flatten(0, 1), values.flatten(0, 1))
        mixed = mixed.view(windows, heads, self._beams * new, width).transpose(1, 2)
        return mixed.reshape(rows, new, n_state), scores
