"""Whisper's text decoder with a preallocated key-value cache, over openai-whisper's modules.

The reference grows its cache by concatenation and keeps finished rows to the end of the
batch. Here the cache has its full length from the start, and rows that are done leave.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from whisper.model import LayerNorm, MultiHeadAttention, TextDecoder, Whisper


def half_precision(model: Whisper) -> Whisper:
    """Turn the weights to float16 in place, but for the layer norms: they compute in float32."""
    model.half()
    for module in model.modules():
        if isinstance(module, LayerNorm):
            module.float()
    return model


class IncrementalDecoder:
    """Feeds tokens to the decoder one step at a time for a batch of encoded windows.

    All rows have had the same number of tokens at any time.
    """

    def __init__(self, model: Whisper, audio_features: Tensor, *, max_tokens: int) -> None:
        """Project ``audio_features``, shape ``(rows, n_audio_ctx, n_state)``, once per layer."""
        self._decoder: TextDecoder = model.decoder
        self._n_head = model.dims.n_text_head
        self._length = 0
        rows, _, n_state = audio_features.shape
        shape = (rows, self._n_head, max_tokens, n_state // self._n_head)
        self._self_keys = [audio_features.new_empty(shape) for _ in self._decoder.blocks]
        self._self_values = [audio_features.new_empty(shape) for _ in self._decoder.blocks]
        self._cross_keys = []
        self._cross_values = []
        for block in self._decoder.blocks:
            self._cross_keys.append(self._heads(block.cross_attn.key(audio_features)))
            self._cross_values.append(self._heads(block.cross_attn.value(audio_features)))

    def logits(self, tokens: Tensor, *, positions: Sequence[int] = (-1,)) -> Tensor:
        """Append ``tokens``, shape ``(rows, new)``; return float32 logits at ``positions``.

        The shape is ``(rows, len(positions), n_vocab)``; positions index the new tokens.
        """
        decoder = self._decoder
        start, end = self._length, self._length + tokens.shape[1]
        self._length = end
        x = decoder.token_embedding(tokens) + decoder.positional_embedding[start:end]
        x = x.to(self._self_keys[0].dtype)
        for layer, block in enumerate(decoder.blocks):
            x = x + self._self_attention(layer, block.attn, block.attn_ln(x), start)
            x = x + self._cross_attention(layer, block.cross_attn, block.cross_attn_ln(x))
            x = x + block.mlp(block.mlp_ln(x))
        x = decoder.ln(x[:, list(positions)])
        return _vocabulary_logits(decoder, x)

    def keep(self, rows: Tensor) -> None:
        """Drop every row whose index is not in ``rows``."""
        for cache in (self._self_keys, self._self_values, self._cross_keys, self._cross_values):
            for layer, tensor in enumerate(cache):
                cache[layer] = tensor.index_select(0, rows)

    def reorder(self, rows: Tensor) -> None:
        """Let each row continue what ``rows`` names; both must be of the same audio."""
        for cache in (self._self_keys, self._self_values):
            for tensor in cache:
                tensor[:, :, : self._length] = tensor[rows, :, : self._length]

    def _heads(self, x: Tensor) -> Tensor:
        return _split_heads(x, self._n_head).contiguous()

    def _self_attention(
        self, layer: int, attention: MultiHeadAttention, x: Tensor, start: int
    ) -> Tensor:
        end = start + x.shape[1]
        keys, values = self._self_keys[layer], self._self_values[layer]
        keys[:, :, start:end] = self._heads(attention.key(x))
        values[:, :, start:end] = self._heads(attention.value(x))
        query = self._heads(attention.query(x))
        mixed = scaled_dot_product_attention(
            query, keys[:, :, :end], values[:, :, :end], is_causal=start == 0 and end > 1
        )
        return _project(attention, mixed)

    def _cross_attention(self, layer: int, attention: MultiHeadAttention, x: Tensor) -> Tensor:
        query = self._heads(attention.query(x))
        mixed = scaled_dot_product_attention(
            query, self._cross_keys[layer], self._cross_values[layer]
        )
        return _project(attention, mixed)


def _split_heads(x: Tensor, n_head: int) -> Tensor:
    rows, length, n_state = x.shape
    return x.view(rows, length, n_head, n_state // n_head).transpose(1, 2)


def _vocabulary_logits(decoder: TextDecoder, x: Tensor) -> Tensor:
    weight: Tensor = decoder.token_embedding.weight
    return (x @ weight.to(x.dtype).T).float()


def _project(attention: MultiHeadAttention, mixed: Tensor) -> Tensor:
    out: Tensor = attention.out(mixed.transpose(1, 2).flatten(2))
    return out


def alignment_weights(
    model: Whisper, tokens: Tensor, audio_features: Tensor
) -> tuple[Tensor, Tensor]:
    """Run the decoder over whole token rows and keep what the alignment needs.

    ``tokens`` has shape ``(rows, length)``, padded at the end; causal attention keeps the
    padding from touching what precedes it. Returns the logits, ``(rows, length, n_vocab)``
    float32, and the cross-attention scores of the alignment heads before the softmax,
    ``(rows, heads, length, n_audio_ctx)`` float32.
    """
    decoder = model.decoder
    heads_by_layer: dict[int, list[int]] = {}
    for layer, head in model.alignment_heads.indices().T.tolist():
        heads_by_layer.setdefault(layer, []).append(head)
    n_head = model.dims.n_text_head
    scores = []
    x = decoder.token_embedding(tokens) + decoder.positional_embedding[: tokens.shape[1]]
    x = x.to(audio_features.dtype)
    for layer, block in enumerate(decoder.blocks):
        attention, h = block.attn, block.attn_ln(x)
        mixed = scaled_dot_product_attention(
            _split_heads(attention.query(h), n_head),
            _split_heads(attention.key(h), n_head),
            _split_heads(attention.value(h), n_head),
            is_causal=True,
        )
        x = x + _project(attention, mixed)
        attention, h = block.cross_attn, block.cross_attn_ln(x)
        query = _split_heads(attention.query(h), n_head)
        key = _split_heads(attention.key(audio_features), n_head)
        value = _split_heads(attention.value(audio_features), n_head)
        mixed = scaled_dot_product_attention(query, key, value)
        if layer in heads_by_layer:
            heads = heads_by_layer[layer]
            scale = query.shape[-1] ** -0.5
            scores.append((query[:, heads] * scale @ key[:, heads].transpose(-1, -2)).float())
        x = x + _project(attention, mixed)
        x = x + block.mlp(block.mlp_ln(x))
    x = decoder.ln(x)
    return _vocabulary_logits(decoder, x), torch.cat(scores, dim=1)
