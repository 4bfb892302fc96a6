"""Linear layers and attention as Whisper needs them, in the form that is fastest where they run.

On CPUs a weight that stays the same is laid out once for oneDNN's kernels ("packed"): a plain
``linear`` would lay it out anew at every call, which costs more than the product itself when
only a few rows are multiplied.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

MANY_ROWS = 1024  # for which the encoder's weights are laid out
FEW_ROWS = 8  # for which the decoder's are
_HAS_PACKED_PRODUCTS = all(
    hasattr(torch.ops.mkldnn, name) for name in ("_reorder_linear_weight", "_linear_pointwise")
)


class Linear:
    """``x @ weight.T + bias``, and GELU after it if asked for, with weights that never change."""

    def __init__(
        self, weight: Tensor, bias: Tensor | None, *, rows_hint: int, gelu: bool = False
    ) -> None:
        """Take ``weight``, shape ``(out, in)``, in the type to compute in."""
        if weight.device.type == "cpu" and _HAS_PACKED_PRODUCTS:
            self._product = _packed(weight, bias, rows_hint=rows_hint, gelu=gelu)
        else:
            self._product = _plain(weight, bias, gelu=gelu)

    def __call__(self, x: Tensor) -> Tensor:
        """Map ``(..., in)`` to ``(..., out)``.

        What a row gives depends on its companions by no more than rounding.
        """
        return self._product(x)


def _packed(
    weight: Tensor, bias: Tensor | None, *, rows_hint: int, gelu: bool
) -> Callable[[Tensor], Tensor]:
    """A product by the weight in oneDNN's own layout."""
    packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), rows_hint)
    activation = "gelu" if gelu else "none"

    def product(x: Tensor) -> Tensor:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, packed, bias, activation, [], "none")
        return y

    return product


def _plain(weight: Tensor, bias: Tensor | None, *, gelu: bool) -> Callable[[Tensor], Tensor]:
    def product(x: Tensor) -> Tensor:
        y = functional.linear(x, weight, bias)
        return functional.gelu(y) if gelu else y

    return product


class LayerNorm:
    """Whisper's layer norm; statistics in float32 whatever the type of its input."""

    def __init__(self, module: nn.LayerNorm, dtype: torch.dtype) -> None:
        self._shape, self._eps = module.normalized_shape, module.eps
        self._weight, self._bias = module.weight.to(dtype), module.bias.to(dtype)

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise the last dimension."""
        return functional.layer_norm(x, self._shape, self._weight, self._bias, self._eps)


def linear(
    module: nn.Linear, dtype: torch.dtype, *, rows_hint: int = MANY_ROWS, gelu: bool = False
) -> Linear:
    """One of Whisper's own linear layers."""
    bias = None if module.bias is None else module.bias.to(dtype)
    return Linear(module.weight.to(dtype), bias, rows_hint=rows_hint, gelu=gelu)


def stacked(modules: Sequence[nn.Linear], dtype: torch.dtype, *, rows_hint: int) -> Linear:
    """Several linear layers of one input as one; their outputs stand side by side."""
    weight = torch.cat([module.weight for module in modules])
    bias = torch.cat([_bias(module) for module in modules])
    return Linear(weight.to(dtype), bias.to(dtype), rows_hint=rows_hint)


def _bias(module: nn.Linear) -> Tensor:
    """Whisper's keys have none."""
    return module.weight.new_zeros(module.out_features) if module.bias is None else module.bias


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Full attention of every frame to every frame; all are ``(rows, heads, frames, width)``.

    In bfloat16 on a CPU two products per head, whose scores stay in the cache, take two thirds
    of the time of the fused kernel.
    """
    if query.device.type != "cpu" or query.dtype != torch.bfloat16:
        return functional.scaled_dot_product_attention(query, key, value)
    scale = query.shape[-1] ** -0.5
    mixed = torch.empty_like(query, memory_format=torch.contiguous_format)
    frames = query.shape[2]
    scores, weights = query.new_empty(frames, frames), query.new_empty(frames, frames)
    for row in range(query.shape[0]):
        for head in range(query.shape[1]):
            torch.mm(query[row, head] * scale, key[row, head].T, out=scores)
            torch.softmax(scores, dim=-1, out=weights)
            torch.mm(weights, value[row, head], out=mixed[row, head])
    return mixed


def split_heads(x: Tensor, heads: int) -> Tensor:
    """``(rows, length, state)`` as ``(rows, heads, length, width)``, a view."""
    rows, length, state = x.shape
    return x.view(rows, length, heads, state // heads).transpose(1, 2)
