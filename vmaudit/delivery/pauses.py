"""Silent pauses: where the voice stops for a quarter of a second or more.

Voice activity says that there is a gap; short-time energy says where exactly it starts
and ends, because detectors pad and smooth their edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.frames import HOP_S, MessageAudio, decibels, gaps
from vmaudit.records import Interval

MIN_PAUSE_S = 0.25  # Goldman-Eisler 1968: shorter gaps belong to articulation
_REACH_S = 0.1  # how far energy may move an edge; more let noise swallow the ends of words
_QUIETEST_NOISE_DB = 40.0  # below speech: what lies lower counts as silence anyway
_THRESHOLD = 0.1  # of the way from the noise floor up to the speech level, in dB
_MIN_RISE_DB = 2.0  # five times the wobble of steady noise between frames


@dataclass(frozen=True, slots=True, eq=False)
class _Activity:
    """Frames with energy well above the noise, at their times."""

    times_s: NDArray[np.float64]

    def last_in(self, start_s: float, end_s: float) -> float | None:
        found = self.times_s[self._slice(start_s, end_s)]
        return float(found[-1]) if found.size else None

    def first_in(self, start_s: float, end_s: float) -> float | None:
        found = self.times_s[self._slice(start_s, end_s)]
        return float(found[0]) if found.size else None

    def _slice(self, start_s: float, end_s: float) -> slice:
        return slice(*np.searchsorted(self.times_s, [start_s, end_s]))


def silent_pauses(audio: MessageAudio) -> tuple[Interval, ...]:
    """Return the pauses of ``MIN_PAUSE_S`` or more between the first and last speech.

    An edge moves by at most 0.1 s from the edge of voice activity, and never past the
    middle of the gap or of the speech beside it.
    """
    active = _Activity(audio.times_s[_active_frames(audio)])
    refined = [_refine(active, *pair) for pair in pairwise(audio.speech)]
    return tuple(pause for pause in refined if pause.duration_s >= MIN_PAUSE_S)


def _active_frames(audio: MessageAudio) -> NDArray[np.bool_]:
    level_db = decibels(audio.rms)
    speaking = audio.frames_within(audio.speech)
    silent = audio.frames_within(gaps(audio.speech))
    if not speaking.any() or not silent.any():
        return speaking
    speech_db = float(np.median(level_db[speaking]))
    noise_db = max(float(np.percentile(level_db[silent], 25)), speech_db - _QUIETEST_NOISE_DB)
    rise_db = max(_THRESHOLD * (speech_db - noise_db), _MIN_RISE_DB)
    active: NDArray[np.bool_] = level_db > noise_db + rise_db
    return active


def _refine(active: _Activity, before: Interval, after: Interval) -> Interval:
    gap = Interval(before.end_s, after.start_s)
    middle_s = (gap.start_s + gap.end_s) / 2
    left_s = gap.start_s - min(_REACH_S, before.duration_s / 2)
    right_s = gap.end_s + min(_REACH_S, after.duration_s / 2)
    last_s = active.last_in(left_s, min(middle_s, gap.start_s + _REACH_S))
    first_s = active.first_in(max(middle_s, gap.end_s - _REACH_S), right_s)
    # A frame stands for half a hop on either side of its centre.
    start_s = left_s if last_s is None else last_s + HOP_S / 2
    end_s = right_s if first_s is None else first_s - HOP_S / 2
    return Interval(start_s, end_s)
