"""The incremental decoder for GPUs: a step is recorded once and then replayed.

A step is some hundred small kernels, and a GPU would wait for Python between them. A CUDA
graph replays them in one call, on fixed buffers: so a step must not depend on numbers that
Python knows, such as how many tokens there are. The position is a tensor, the new keys are
copied to where it says, and what lies behind it is hidden by a mask.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from vmaudit.asr.whisper.network import Decoder, EncodedAudio, IncrementalDecoder

_RECORDING = threading.Lock()  # CUDA allows one recording in a process at a time


class GraphedDecoder(IncrementalDecoder):
    """The same logits by the same calls. Without a GPU the fixed step runs unrecorded."""

    def __init__(
        self, decoder: Decoder, audio: EncodedAudio, *, max_tokens: int, beams: int = 1
    ) -> None:
        super().__init__(decoder, audio, max_tokens=max_tokens, beams=beams)
        device = audio.keys[0].device
        self._position = torch.zeros(1, dtype=torch.long, device=device)
        self._all_positions = torch.arange(max_tokens, device=device)
        self._fixed = False  # whether the step in hand is one of a single token
        self._tokens = torch.empty(0, dtype=torch.long, device=device)
        self._output = torch.empty(0, device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        for cache in (*self._keys, *self._values):
            cache.zero_()  # a mask hides what is not written yet, unless it is not a number

    def logits(self, tokens: Tensor, *, positions: Sequence[int] = (-1,)) -> Tensor:
        """Append ``tokens``; see ``IncrementalDecoder``. The answer holds until the next call."""
        if tokens.shape[1] > 1:
            return super().logits(tokens, positions=positions)
        if len(self._tokens) != len(tokens):
            self._tokens, self._graph = tokens.clone(), None
        self._tokens.copy_(tokens)
        self._position.fill_(self._length)
        if self._graph is not None:
            self._graph.replay()
            self._length += 1
        elif tokens.device.type == "cuda":
            self._record()
        else:
            self._step()
        return self._output

    def keep(self, windows: Tensor) -> None:
        """Drop the rows of all other windows; the step must be recorded again."""
        super().keep(windows)
        self._graph = None

    def _record(self) -> None:
        """Run the step once, so that libraries are ready, then record it for the next ones."""
        self._step()
        torch.cuda.current_stream().synchronize()
        self._length -= 1
        graph = torch.cuda.CUDAGraph()
        # Other streams of this process go on meanwhile, so only this thread's calls are watched.
        with _RECORDING, torch.cuda.graph(graph, capture_error_mode="thread_local"):
            self._step()
        self._graph = graph
        graph.replay()

    def _step(self) -> None:
        self._fixed = True
        try:
            self._output = super().logits(self._tokens)
        finally:
            self._fixed = False

    def _places(self, start: int, end: int) -> Tensor:
        if not self._fixed:
            return super()._places(start, end)
        return self._decoder.positions.index_select(0, self._position)

    def _remember(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, start: int
    ) -> Tensor:
        if not self._fixed:
            return super()._remember(layer, query, key, value, start)
        keys, values = self._keys[layer], self._values[layer]
        keys.index_copy_(2, self._position, key.to(keys.dtype))
        values.index_copy_(2, self._position, value.to(values.dtype))
        seen = self._all_positions <= self._position
        mixed: Tensor = scaled_dot_product_attention(
            query.to(keys.dtype), keys, values, attn_mask=seen[None, None, None]
        )
        return mixed


def stepping(
    decoder: Decoder, audio: EncodedAudio, *, max_tokens: int, beams: int = 1
) -> IncrementalDecoder:
    """The incremental decoder that is fastest where ``audio`` lies."""
    kind = GraphedDecoder if audio.keys[0].device.type == "cuda" else IncrementalDecoder
    return kind(decoder, audio, max_tokens=max_tokens, beams=beams)
