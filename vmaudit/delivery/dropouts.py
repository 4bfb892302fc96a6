"""Lost packets: where the line falls silent in the middle of the speech, and comes back."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.frames import DIGITAL_SILENCE, HOP_LENGTH, MessageAudio
from vmaudit.records import SAMPLE_RATE_HZ, Interval

_BLOCK = 40  # samples: 2.5 ms, the resolution of an edge
_BLOCK_S = _BLOCK / SAMPLE_RATE_HZ
_SHORTEST_S, _LONGEST_S = 0.02, 0.5  # one packet to many; what is longer is a pause of the line
_LEAST_POWER = DIGITAL_SILENCE**2
_SILENT_DB = -90.0  # below one step of 16 bits
_BELOW_NOISE_DB = 10.0  # ten times the wobble of steady noise between blocks
_ABOVE_NOISE_DB = 6.0
_JUMP_DB = 6.0  # within 5 ms, at either edge: a closing mouth is slower
_CUT_DB = 30.0  # below speech: an edge that lies lower cuts nothing off
_ABRUPT_DB = 20.0  # below speech: a voice that fades before a pause sinks lower
_EDGE_BLOCKS = 2


def find_dropouts(audio: MessageAudio, quiet: NDArray[np.bool_]) -> tuple[Interval, ...]:
    """Return the stretches of 20 to 500 ms, between first and last speech, that were lost.

    ``quiet`` marks the frames of the line's noise. A stretch is lost when it lies at least
    10 dB below that noise, falls there and returns at once, and somebody is heard to speak
    right before or after it. Where the line is digitally silent whenever nobody speaks, a pause
    looks much the same: there the level must be within 20 dB of the speech on both sides.
    """
    level_db = _levels_db(audio.samples)
    noise_db = _noise_db(level_db, quiet)
    limit_db = noise_db - _BELOW_NOISE_DB
    starts, ends = _runs(level_db < max(limit_db, _SILENT_DB))
    before_db, after_db = _edges_db(level_db, starts, ends)
    speech_db = _speech_db(audio)
    kept = _lasts(starts, ends) & _lies_inside(audio, starts, ends)
    heard_db = max(speech_db - _CUT_DB, noise_db + _ABOVE_NOISE_DB)
    abrupt_db = speech_db - _ABRUPT_DB if limit_db < _SILENT_DB else limit_db + _JUMP_DB
    kept &= np.maximum(before_db, after_db) > heard_db
    kept &= np.minimum(before_db, after_db) > abrupt_db
    return tuple(
        Interval(audio.origin_s + float(start) * _BLOCK_S, audio.origin_s + float(end) * _BLOCK_S)
        for start, end in zip(starts[kept], ends[kept], strict=True)
    )


def _runs(lost: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first block of each run of levels, and that after its last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lost, [False]]).astype(np.int8)))
    return edges[::2], edges[1::2] + 1  # a level is that of two blocks


def _lasts(starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.bool_]:
    length_s = (ends - starts) * _BLOCK_S
    # A stretch may fill its first and last block only partly, which then are not in the run.
    lasts: NDArray[np.bool_] = (length_s > _SHORTEST_S - 3 * _BLOCK_S) & (length_s <= _LONGEST_S)
    return lasts


def _lies_inside(
    audio: MessageAudio, starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.bool_]:
    first, last = (
        (edge_s - audio.origin_s) / _BLOCK_S
        for edge_s in (audio.speech[0].start_s, audio.speech[-1].end_s)
    )
    inside: NDArray[np.bool_] = (starts > first) & (ends < last)
    return inside


def _levels_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the level of each two blocks around their mean, which a held sample has none of."""
    blocks = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).astype(np.float64)
    mean, square = blocks.mean(axis=1), np.square(blocks).mean(axis=1)
    mean, square = ((one[:-1] + one[1:]) / 2 for one in (mean, square))
    return np.asarray(10 * np.log10(np.maximum(square - np.square(mean), _LEAST_POWER)))


def _noise_db(level_db: NDArray[np.float64], quiet: NDArray[np.bool_]) -> float:
    """Return a low quartile, which a lost stretch among the pauses leaves where it is."""
    per_frame = HOP_LENGTH // _BLOCK
    blocks = np.repeat(quiet, per_frame)[: len(level_db)]
    heard = level_db[: len(blocks)][blocks]
    return float(np.percentile(heard, 25)) if heard.size else -np.inf


def _speech_db(audio: MessageAudio) -> float:
    power = float(np.mean(np.square(audio.speech_samples(), dtype=np.float64)))
    return 10 * math.log10(max(power, _LEAST_POWER))


def _edges_db(
    level_db: NDArray[np.float64], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the highest level right before and right after each stretch."""
    padded = np.pad(level_db, _EDGE_BLOCKS, constant_values=-np.inf)
    highest = np.lib.stride_tricks.sliding_window_view(padded, _EDGE_BLOCKS).max(axis=1)
    return highest[starts], highest[ends - 1 + _EDGE_BLOCKS]
