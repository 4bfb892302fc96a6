"""Beam search over a batch of windows, for the few whose greedy words are unsure.

The same search as the reference's, which takes one window at a time: each window keeps its
best unfinished hypotheses; those that end are set aside; the likeliest per token wins.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from vmaudit.asr.whisper.network import IncrementalDecoder
from vmaudit.asr.whisper.rules import TokenRules


@dataclass(slots=True)
class _Ended:
    """Hypotheses of one window that reached their end: tokens and total log probability."""

    found: list[tuple[list[int], float]] = field(default_factory=list)

    def best(self) -> tuple[list[int], float]:
        """The likeliest per token, its end counted."""
        return max(self.found, key=lambda item: item[1] / (len(item[0]) + 1))


class BeamSearch:
    """Searches with ``size`` beams a window; all windows step together."""

    def __init__(self, rules: TokenRules, eot: int, *, size: int) -> None:
        self._rules, self._eot, self._size = rules, eot, size

    def run(
        self, network: IncrementalDecoder, prompt: Tensor, max_new: int
    ) -> list[tuple[list[int], float]]:
        """Return tokens before the end, and total log probability, of each window.

        ``network`` holds ``size`` rows a window, side by side; ``prompt`` has shape
        ``(windows * size, prompt length)``.
        """
        rows = prompt.shape[0]
        windows = rows // self._size
        totals = torch.full((windows, self._size), float("-inf"), device=prompt.device)
        totals[:, 0] = 0.0  # all beams begin alike: only one of them may branch
        sampled = torch.empty((rows, 0), dtype=torch.long, device=prompt.device)
        ended = [_Ended() for _ in range(windows)]
        logits = network.logits(prompt)[:, -1]
        for _ in range(max_new):
            self._rules.apply(logits, sampled)
            scores = (totals.reshape(-1, 1) + logits.log_softmax(dim=-1)).reshape(windows, -1)
            top, index = scores.topk(2 * self._size, dim=1)
            sources, tokens, totals = self._branch(top, index, logits.shape[1], sampled, ended)
            sampled = torch.cat([sampled[sources], tokens[:, None]], dim=1)
            if all(len(one.found) >= self._size for one in ended):
                break
            network.reorder(sources)
            logits = network.logits(tokens[:, None])[:, -1]
        for row in range(rows):
            total = float(totals[row // self._size, row % self._size])
            if len(ended[row // self._size].found) < self._size:
                ended[row // self._size].found.append((sampled[row].tolist(), total))
        return [one.best() for one in ended]

    def _branch(
        self, top: Tensor, index: Tensor, n_vocab: int, sampled: Tensor, ended: list[_Ended]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Set ended candidates aside; give each window its next beams.

        Returns the row each beam comes from, its new token, and the windows' totals.
        """
        sources, tokens, totals = [], [], []
        for window, (scores, places) in enumerate(zip(top.tolist(), index.tolist(), strict=True)):
            going = []
            for score, place in zip(scores, places, strict=True):
                source, token = window * self._size + place // n_vocab, place % n_vocab
                if token != self._eot:
                    going.append((source, token, score))
                elif len(ended[window].found) < self._size:
                    ended[window].found.append((sampled[source].tolist(), score))
                if len(going) == self._size:
                    break
            sources += [source for source, _, _ in going]
            tokens += [token for _, token, _ in going]
            totals.append([score for _, _, score in going])
        device = sampled.device
        return (
            torch.tensor(sources, device=device),
            torch.tensor(tokens, device=device),
            torch.tensor(totals, device=device),
        )
