"""Beam search over a batch of windows, for the few whose greedy words are unsure.

The same search as the reference's, which takes one window at a time: each window keeps its
best unfinished hypotheses; those that end are set aside; the likeliest per token wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from vmaudit.asr.whisper.network import IncrementalDecoder, rows_of
from vmaudit.asr.whisper.rules import TokenRules
from vmaudit.asr.whisper.sampled import Sampled


@dataclass(slots=True)
class _Ended:
    """Hypotheses of one window that reached their end."""

    found: list[Sampled] = field(default_factory=list)

    def cut(self, sampled: Tensor, gains: Tensor, rows: Iterable[int], *, enough: int) -> None:
        """Take unfinished hypotheses as they are, until there are ``enough``."""
        for row in rows:
            if len(self.found) < enough:
                self.found.append(Sampled(sampled[row].tolist(), gains[row].tolist()))

    def best(self) -> Sampled:
        """The likeliest per token, its end counted."""
        return max(self.found, key=lambda one: one.mean_log_probability)


class BeamSearch:
    """Searches with ``size`` beams a window; all windows step together."""

    def __init__(self, rules: TokenRules, eot: int, *, size: int) -> None:
        self._rules, self._eot, self._size = rules, eot, size

    def run(
        self, network: IncrementalDecoder, prompt: Tensor, limits: Sequence[int]
    ) -> list[Sampled]:
        """Return the best hypothesis of each window, of at most so many tokens.

        ``network`` holds ``size`` rows a window, side by side; ``prompt`` has shape
        ``(windows * size, prompt length)``. Windows that are done leave.
        """
        device = prompt.device
        live = list(range(len(limits)))
        totals = torch.full((len(live), self._size), float("-inf"), device=device)
        totals[:, 0] = 0.0  # all beams begin alike: only one of them may branch
        sampled = torch.empty((len(prompt), 0), dtype=torch.long, device=device)
        gains = torch.empty((len(prompt), 0), device=device)
        ended = [_Ended() for _ in live]
        logits = network.logits(prompt)[:, -1]
        while live:
            self._rules.apply(logits, sampled)
            scores = totals.reshape(-1, 1) + logits.log_softmax(dim=-1)
            top, index = scores.reshape(len(live), -1).topk(2 * self._size, dim=1)
            sources, tokens, following = self._branch(
                top, index, logits.shape[1], (sampled, gains, totals), [ended[w] for w in live]
            )
            gain = following.reshape(-1) - totals.reshape(-1)[sources]
            totals = following
            sampled = torch.cat([sampled[sources], tokens[:, None]], dim=1)
            gains = torch.cat([gains[sources], gain[:, None]], dim=1)
            network.reorder(sources)
            for i, window in enumerate(live):
                if sampled.shape[1] >= limits[window]:
                    rows = range(i * self._size, (i + 1) * self._size)
                    ended[window].cut(sampled, gains, rows, enough=self._size)
            going = [i for i, w in enumerate(live) if len(ended[w].found) < self._size]
            if not going:
                break
            if len(going) < len(live):
                live = [live[i] for i in going]
                windows = torch.tensor(going, device=device)
                network.keep(windows)
                rows_left = rows_of(windows, self._size)
                totals, tokens = totals[windows], tokens[rows_left]
                sampled, gains = sampled[rows_left], gains[rows_left]
            logits = network.logits(tokens[:, None])[:, -1]
        return [one.best() for one in ended]

    def _branch(
        self,
        top: Tensor,
        index: Tensor,
        n_vocab: int,
        so_far: tuple[Tensor, Tensor, Tensor],
        ended: list[_Ended],
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Set ended candidates aside; give each window its next beams.

        ``so_far`` is tokens and gains, a row each, and totals, ``(windows, size)``. Returns the
        row each beam comes from, its new token, and the windows' totals.
        """
        sampled, gains, before = so_far
        sources, tokens, totals = [], [], []
        for window, (scores, places) in enumerate(zip(top.tolist(), index.tolist(), strict=True)):
            going = []
            for score, place in zip(scores, places, strict=True):
                source, token = window * self._size + place // n_vocab, place % n_vocab
                if token != self._eot:
                    going.append((source, token, score))
                elif len(ended[window].found) < self._size:
                    last = score - float(before.reshape(-1)[source])
                    ended[window].found.append(
                        Sampled(sampled[source].tolist(), [*gains[source].tolist(), last])
                    )
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
