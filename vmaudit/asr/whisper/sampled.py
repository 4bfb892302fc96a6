"""Tokens drawn so far, with what each was worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

# A row goes in circles when its last so many tokens repeat with a period of a few: longer than
# any number read out, or a laugh.
LOOP_TOKENS = 36
LOOP_MAX_PERIOD = 12
LOOP_CHECK_STEPS = 8


@dataclass(frozen=True, slots=True)
class Sampled:
    """Tokens before the end of one row, and the log probability of each; the end's is last.

    A row cut off has no end, and as many of one as of the other; ``looped`` says that it went
    in circles, or on for longer than anybody could speak.
    """

    tokens: list[int]
    log_probabilities: list[float]
    looped: bool = False

    @property
    def mean_log_probability(self) -> float:
        """Per token, the end counted whether it came or not (as the reference does)."""
        return sum(self.log_probabilities) / (len(self.tokens) + 1)


class LiveRows:
    """The sampled tokens of a batch, from which finished rows leave."""

    def __init__(self, limits: Sequence[int], device: torch.device, eot: int) -> None:
        """Take how many tokens each row may have."""
        rows = len(limits)
        self.rows = list(range(rows))  # the row of the whole batch behind each live row
        self._limits = torch.tensor(limits, device=device)
        self.sampled = torch.empty((rows, 0), dtype=torch.long, device=device)
        self._gains = torch.empty((rows, 0), device=device)
        self._eot = eot
        self._done: dict[int, Sampled] = {}
        self._looped: set[int] = set()

    def append(self, drawn: Tensor, logits: Tensor) -> None:
        """Add one token per row; a row that has ended repeats its end at no cost."""
        gain = logits.gather(1, drawn[:, None])[:, 0] - logits.logsumexp(dim=-1)
        if self.sampled.shape[1]:
            ended = self.sampled[:, -1] == self._eot
            gain = gain.masked_fill(ended, 0.0)
            drawn = drawn.masked_fill(ended, self._eot)
        self._gains = torch.cat([self._gains, gain[:, None]], dim=1)
        self.sampled = torch.cat([self.sampled, drawn[:, None]], dim=1)

    def running(self) -> Tensor:
        """Indices of the live rows that have not ended."""
        return (self.sampled[:, -1] != self._eot).nonzero()[:, 0]

    def end_loops(self, timestamp_begin: int) -> None:
        """End the rows that go in circles, looked at now and then, or on beyond their limit."""
        beyond = self._limits <= self.sampled.shape[1]
        if self.sampled.shape[1] % LOOP_CHECK_STEPS == 0:
            beyond |= goes_in_circles(self.sampled, timestamp_begin)
        beyond &= self.sampled[:, -1] != self._eot
        self.sampled[:, -1].masked_fill_(beyond, self._eot)
        self._looped.update(self.rows[i] for i in beyond.nonzero()[:, 0].tolist())

    def keep(self, running: Tensor) -> None:
        """Let all other rows leave."""
        self._note()
        self.rows = [self.rows[i] for i in running.tolist()]
        self.sampled, self._gains = self.sampled[running], self._gains[running]
        self._limits = self._limits[running]

    def finish(self) -> list[Sampled]:
        """Every row of the batch, in order."""
        self._note()
        return [self._done[row] for row in sorted(self._done)]

    def _note(self) -> None:
        """Note every live row; one that goes on is noted again later."""
        for row, tokens, gains in zip(
            self.rows, self.sampled.tolist(), self._gains.tolist(), strict=True
        ):
            found = until_end(tokens, gains, self._eot)
            self._done[row] = replace(found, looped=row in self._looped)


def goes_in_circles(sampled: Tensor, timestamp_begin: int) -> Tensor:
    """Which rows, of shape ``(rows, so_far)``, repeat themselves; all timestamps are alike."""
    tokens = sampled.clamp(max=timestamp_begin)
    found = torch.zeros(len(tokens), dtype=torch.bool, device=tokens.device)
    for period in range(1, LOOP_MAX_PERIOD + 1):
        if tokens.shape[1] >= LOOP_TOKENS + period:
            last = tokens[:, -LOOP_TOKENS:]
            found |= (last == tokens[:, -LOOP_TOKENS - period : -period]).all(dim=1)
    return found


def until_end(tokens: list[int], gains: list[float], eot: int) -> Sampled:
    """Cut a row at its end, if it has one."""
    if eot not in tokens:
        return Sampled(tokens, gains)
    ended = tokens.index(eot)
    return Sampled(tokens[:ended], gains[: ended + 1])
