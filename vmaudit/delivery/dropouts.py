"""Lost packets: where the line falls silent in the middle of the speech, and comes back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.frames import HOP_LENGTH, MessageAudio
from vmaudit.records import SAMPLE_RATE_HZ, Interval

_BLOCK = 40  # samples: 2.5 ms, the resolution of an edge
_BLOCK_S = _BLOCK / SAMPLE_RATE_HZ
_SHORTEST_S, _LONGEST_S = 0.02, 0.5  # one packet to many; what is longer is a pause of the line
_SILENT_DB = -90.0  # below one step of 16 bits
_BELOW_NOISE_DB = 10.0  # ten times the wobble of steady noise between blocks
_CUT_DB = 30.0  # below speech: an edge that lies lower cuts nothing off
_ABRUPT_DB = 20.0  # below speech: a voice that fades before a pause sinks lower
_EDGE_BLOCKS = 2


def find_dropouts(audio: MessageAudio, quiet: NDArray[np.bool_]) -> tuple[Interval, ...]:
    """Return the stretches of 20 to 500 ms, between first and last speech, that were lost.

    ``quiet`` marks the frames of the line's noise. A stretch is lost when it lies at least
    10 dB below that noise, and the level right before or after it within 30 dB of the speech.
    Where the line is digitally silent whenever nobody speaks, a pause looks much the same:
    there both must lie within 20 dB of the speech.
    """
    level_db = _levels_db(audio.samples)
    limit_db = _noise_db(level_db, quiet) - _BELOW_NOISE_DB
    silent_line = limit_db < _SILENT_DB
    lost = level_db < max(limit_db, _SILENT_DB)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lost, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2] + 1  # a level is that of two blocks
    # Either edge of a gap may leave a block that is only partly silent.
    length_s = (ends - starts) * _BLOCK_S
    kept = (length_s > _SHORTEST_S - 3 * _BLOCK_S) & (length_s <= _LONGEST_S)
    first, last = (
        (edge_s - audio.origin_s) / _BLOCK_S
        for edge_s in (audio.speech[0].start_s, audio.speech[-1].end_s)
    )
    kept &= (starts > first) & (ends < last)
    before_db, after_db = _edges_db(level_db, starts, ends)
    speech_db = _speech_db(audio)
    kept &= np.maximum(before_db, after_db) > speech_db - _CUT_DB
    if silent_line:
        kept &= np.minimum(before_db, after_db) > speech_db - _ABRUPT_DB
    return tuple(
        Interval(audio.origin_s + float(start) * _BLOCK_S, audio.origin_s + float(end) * _BLOCK_S)
        for start, end in zip(starts[kept], ends[kept], strict=True)
    )


def _levels_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the level of each two blocks around their mean, which a held sample has none of."""
    blocks = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).astype(np.float64)
    mean, square = blocks.mean(axis=1), np.square(blocks).mean(axis=1)
    mean, square = (np.convolve(one, [0.5, 0.5], "valid") for one in (mean, square))
    return np.asarray(10 * np.log10(np.maximum(square - np.square(mean), 1e-12)))


def _noise_db(level_db: NDArray[np.float64], quiet: NDArray[np.bool_]) -> float:
    """Return a low quartile, which a lost stretch among the pauses leaves where it is."""
    per_frame = HOP_LENGTH // _BLOCK
    blocks = np.repeat(quiet, per_frame)[: len(level_db)]
    heard = level_db[: len(blocks)][blocks]
    return float(np.percentile(heard, 25)) if heard.size else -np.inf


def _speech_db(audio: MessageAudio) -> float:
    power = np.square(audio.rms[audio.frames_within(audio.speech)])
    return float(10 * np.log10(max(power.mean(), 1e-12)))


def _edges_db(
    level_db: NDArray[np.float64], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the highest level right before and right after each stretch."""
    padded = np.pad(level_db, _EDGE_BLOCKS, constant_values=-np.inf)
    highest = np.lib.stride_tricks.sliding_window_view(padded, _EDGE_BLOCKS).max(axis=1)
    return highest[starts], highest[ends - 1 + _EDGE_BLOCKS]
