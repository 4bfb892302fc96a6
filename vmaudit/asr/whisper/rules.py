"""Which tokens may come next: Whisper's suppression and timestamp rules over a whole batch.

Source: Radford et al. 2022 and the reference's ``decoding.py``; the same rules, without its
loops over rows.
"""

from __future__ import annotations

import torch
from torch import Tensor
from whisper.tokenizer import Tokenizer

FRAME_S = 0.02  # one timestamp token, one encoder frame
MAX_INITIAL_TIMESTAMP_S = 1.0
FORBIDDEN = float("-inf")


def suppressed_tokens(tokenizer: Tokenizer) -> tuple[int, ...]:
    """Tokens that are never sampled, ascending: no speech is written with them."""
    never = {
        *tokenizer.non_speech_tokens,
        tokenizer.transcribe,
        tokenizer.translate,
        tokenizer.sot,
        tokenizer.sot_prev,
        tokenizer.sot_lm,
        tokenizer.no_speech,
        tokenizer.no_timestamps,
    }
    return tuple(sorted(never))


class TokenRules:
    """Masks logits in place, step by step, for a batch that has sampled the same count."""

    def __init__(self, tokenizer: Tokenizer, n_vocab: int, device: torch.device) -> None:
        self._timestamp_begin = tokenizer.timestamp_begin
        self._eot = tokenizer.eot
        self._latest_first = self._timestamp_begin + round(MAX_INITIAL_TIMESTAMP_S / FRAME_S)
        self._never = torch.tensor(suppressed_tokens(tokenizer), device=device)
        self._n_vocab = n_vocab
        self._times = torch.arange(self._timestamp_begin, n_vocab, device=device)

    def apply(self, logits: Tensor, sampled: Tensor) -> None:
        """Mask ``logits``, shape ``(rows, n_vocab)``, given ``sampled``, ``(rows, so_far)``."""
        logits[:, self._never] = FORBIDDEN
        if sampled.shape[1] == 0:
            # The first token is a timestamp in the first second; with it, no blank can start.
            logits[:, : self._timestamp_begin] = FORBIDDEN
            logits[:, self._latest_first + 1 :] = FORBIDDEN
            return
        self._pair_timestamps(logits, sampled)
        self._prefer_timestamps(logits)

    def _pair_timestamps(self, logits: Tensor, sampled: Tensor) -> None:
        """Timestamps come in pairs, never go back, and no segment is empty."""
        is_timestamp = sampled >= self._timestamp_begin
        last = is_timestamp[:, -1]
        before = is_timestamp[:, -2] if sampled.shape[1] > 1 else torch.ones_like(last)
        latest = torch.where(is_timestamp, sampled, -1).amax(dim=1)
        earliest = torch.where(last & ~before, latest, latest + 1)
        earliest = earliest.masked_fill(last & before, self._n_vocab)  # text must follow a pair
        times = logits[:, self._timestamp_begin :]
        times.masked_fill_(self._times < earliest[:, None], FORBIDDEN)
        text = logits[:, : self._eot]
        text.masked_fill_((last & ~before)[:, None], FORBIDDEN)

    def _prefer_timestamps(self, logits: Tensor) -> None:
        """A timestamp is due when all of them together outweigh the best text token."""
        timestamps = logits[:, self._timestamp_begin :].logsumexp(dim=-1)
        text = logits[:, : self._timestamp_begin]
        text.masked_fill_((timestamps > text.amax(dim=-1))[:, None], FORBIDDEN)
