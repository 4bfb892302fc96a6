"""Whisper's audio encoder, over as much context as the audio needs."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from whisper.model import AudioEncoder, ResidualAttentionBlock

from vmaudit.asr.whisper.layers import (
    MANY_ROWS,
    LayerNorm,
    Linear,
    attend,
    linear,
    split_heads,
    stacked,
)

MEL_FRAMES_PER_FRAME = 2  # the second convolution has a stride of two


class Encoder:
    """The weights of one encoder, ready to run."""

    def __init__(self, module: AudioEncoder, dtype: torch.dtype) -> None:
        self._dtype = dtype
        self._convolutions = tuple(
            _convolution(conv, dtype) for conv in (module.conv1, module.conv2)
        )
        self._positions = module.positional_embedding.to(dtype)
        self._blocks = [_Block(block, dtype) for block in module.blocks]
        self._norm = LayerNorm(module.ln_post, dtype)

    def __call__(self, mel: Tensor) -> Tensor:
        """Encode log-mel features, shape ``(rows, n_mels, 2 * frames)``.

        Returns ``(rows, frames, n_state)``. ``frames`` is at most ``n_audio_ctx``; audio that
        is shorter than Whisper's 30 s may come with less context.
        """
        x = mel.to(self._dtype).transpose(1, 2)
        for stride, convolution in zip((1, MEL_FRAMES_PER_FRAME), self._convolutions, strict=True):
            x = convolution(_neighbours(x, stride))
        x = x + self._positions[: x.shape[1]]
        for block in self._blocks:
            x = block(x)
        return self._norm(x)


class _Block:
    def __init__(self, block: ResidualAttentionBlock, dtype: torch.dtype) -> None:
        attention = block.attn
        self._heads = attention.n_head
        self._attention_norm = LayerNorm(block.attn_ln, dtype)
        parts = (attention.query, attention.key, attention.value)
        self._inwards = stacked(parts, dtype, rows_hint=MANY_ROWS)
        self._outwards = linear(attention.out, dtype)
        self._mlp_norm = LayerNorm(block.mlp_ln, dtype)
        self._widen = linear(block.mlp[0], dtype, gelu=True)
        self._narrow = linear(block.mlp[2], dtype)

    def __call__(self, x: Tensor) -> Tensor:
        query, key, value = self._inwards(self._attention_norm(x)).chunk(3, dim=-1)
        mixed = attend(*(split_heads(part, self._heads) for part in (query, key, value)))
        x = x + self._outwards(mixed.transpose(1, 2).flatten(2))
        return x + self._narrow(self._widen(self._mlp_norm(x)))


def _convolution(module: nn.Conv1d, dtype: torch.dtype) -> Linear:
    """A convolution over three neighbours, as the product that it is."""
    weight = module.weight.to(dtype).transpose(1, 2).flatten(1)
    bias = None if module.bias is None else module.bias.to(dtype)
    return Linear(weight, bias, rows_hint=MANY_ROWS, gelu=True)


def _neighbours(x: Tensor, stride: int) -> Tensor:
    """Each frame, or every second one, between its neighbours: ``(rows, frames, 3 * channels)``."""
    padded = functional.pad(x, (0, 0, 1, 1))
    return padded.unfold(1, 3, stride).transpose(2, 3).flatten(2)
