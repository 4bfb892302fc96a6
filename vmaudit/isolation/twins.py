"""Finds messages that are the same audio among any number, without comparing all pairs.

    words of all messages, sorted ──> neighbours that are equal ──> votes for (message,
    message, offset) ──> bit errors of the best stretch ──> groups

Equal words lie side by side in the sorted order, so that links, not pairs, are counted: a
recording that was left a thousand times costs a thousand links a word and not a million.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vmaudit.isolation.fingerprint import STEP_S, Fingerprint, Stretch, Words, best_stretch

__all__ = ["find_twins"]

MIN_STRETCH_S = 5.0
_MIN_SHARE = 0.5  # of what was heard in either: less may be the same greeting before both
# Bits of a word that are compared; the others may be wrong. Each mask leaves out 8 neighbours.
_MASKS = (0x00FFFFFF, 0xFF00FFFF, 0xFFFF00FF, 0xFFFFFF00)
_LINKS = 3  # to so many followers in the sorted order
_MIN_VOTES = 2  # equal words at one offset that make two messages worth comparing
_MAX_REFUSALS = 32  # of a message; then its votes come from sounds that many messages share
_OWNER_BITS, _OFFSET_BITS = 20, 24
_MAX_MESSAGES = 1 << _OWNER_BITS


def find_twins(fingerprints: Iterable[tuple[str, Fingerprint]]) -> list[tuple[str, ...]]:
    """Group the names whose messages are the same audio; names without a twin are left out.

    Two messages are the same audio when, at some offset, a stretch with at least 5 s of sound
    in both and half of what is heard in either has a bit error rate below
    ``MAX_BIT_ERROR_RATE``. Who is the same as one of a group belongs to it. Groups, and the
    names in each, are in the order given. Raises ``ValueError`` for more than 1,048,576
    fingerprints.
    """
    named = list(fingerprints)
    if len(named) > _MAX_MESSAGES:
        raise ValueError(f"at most {_MAX_MESSAGES} fingerprints can be compared, not {len(named)}")
    prints = [fingerprint.words for _, fingerprint in named]
    groups = _Groups(len(prints))
    refusals: Counter[int] = Counter()
    for one, other, offset in _candidates(prints):
        if groups.are_one(one, other):
            continue
        if max(refusals[one], refusals[other]) >= _MAX_REFUSALS:
            continue
        if _same(prints[one], prints[other], offset):
            groups.join(one, other)
        else:
            refusals.update((one, other))
    return [tuple(named[index][0] for index in group) for group in groups.of_several()]


def _same(one: Words, other: Words, offset: int) -> bool:
    """Whether the two are the same audio at ``offset`` steps, or one step to either side."""
    longest_s = STEP_S * max(np.count_nonzero(one), np.count_nonzero(other))
    needed_s = max(MIN_STRETCH_S, _MIN_SHARE * longest_s)
    stretches: Sequence[Stretch] = [best_stretch(one, other, offset + step) for step in (0, -1, 1)]
    return any(stretch.heard_s >= needed_s for stretch in stretches)


def _candidates(prints: Sequence[Words]) -> Iterator[tuple[int, int, int]]:
    """Pairs of messages and their offset in steps, those with the most votes first."""
    if not prints:
        return
    lengths = [len(words) for words in prints]
    owner = np.repeat(np.arange(len(prints), dtype=np.int32), lengths)
    place = np.concatenate([np.arange(length, dtype=np.int32) for length in lengths])
    words = np.concatenate(prints)
    telling = _telling(words, owner)
    owner, place, words = owner[telling], place[telling], words[telling]
    counted = [_count(_ballots(words & np.uint32(mask), owner, place)) for mask in _MASKS]
    ballots, which = np.unique(np.concatenate([c[0] for c in counted]), return_inverse=True)
    votes = np.bincount(which, np.concatenate([c[1] for c in counted]), len(ballots))
    for ballot in ballots[np.argsort(-votes, kind="stable")].tolist():
        offset = (ballot & ((1 << _OFFSET_BITS) - 1)) - (1 << (_OFFSET_BITS - 1))
        pair = ballot >> _OFFSET_BITS
        yield pair >> _OWNER_BITS, pair & (_MAX_MESSAGES - 1), offset


def _telling(words: Words, owner: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Leave out what was not heard, and words that stay as they were the step before."""
    telling: NDArray[np.bool_] = words != 0
    telling[1:] &= (words[1:] != words[:-1]) | (owner[1:] != owner[:-1])
    return telling


def _ballots(keys: Words, owner: NDArray[np.int32], place: NDArray[np.int32]) -> NDArray[np.int64]:
    """One number per link of equal keys: both owners and the offset, packed."""
    order = keys.astype(np.uint64)
    order <<= np.uint64(32)
    order |= np.arange(len(keys), dtype=np.uint32)
    order.sort()  # by key, then by place: half the time and memory of an argsort
    index = order.astype(np.uint32)
    order >>= np.uint64(32)
    ballots = []
    for step in range(1, _LINKS + 1):
        at = np.flatnonzero(order[step:] == order[:-step])
        one, other = index[at], index[at + step]
        apart = owner[one] != owner[other]
        one, other = one[apart], other[apart]
        offset = place[one].astype(np.int64) - place[other] + (1 << (_OFFSET_BITS - 1))
        pair = (owner[one].astype(np.int64) << _OWNER_BITS) | owner[other]
        ballots.append((pair << _OFFSET_BITS) | offset)
    return np.concatenate(ballots)


def _count(ballots: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """The ballots cast ``_MIN_VOTES`` times or more, and how often."""
    distinct, votes = np.unique(ballots, return_counts=True)
    enough = votes >= _MIN_VOTES
    return distinct[enough], votes[enough]


class _Groups:
    """Disjoint sets of indices: union by the smaller index, with path halving."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def _root(self, index: int) -> int:
        parent = self._parent
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    def are_one(self, one: int, other: int) -> bool:
        return self._root(one) == self._root(other)

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parent[second] = first

    def of_several(self) -> list[list[int]]:
        groups: dict[int, list[int]] = {}
        for index in range(len(self._parent)):
            groups.setdefault(self._root(index), []).append(index)
        return [group for group in groups.values() if len(group) > 1]
