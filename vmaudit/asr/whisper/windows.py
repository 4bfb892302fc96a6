"""Cuts a message's speech into windows that fit Whisper's 30 s context, at pauses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vmaudit.records import SAMPLE_RATE_HZ, DigitStretch, Interval

CONTEXT_S = 30.0
# Of the pause on either side: speech fades in and out below the detector, and Whisper hears the
# first words better after a moment of the room. The larger margin is taken where it fits.
MIN_MARGIN_S = 0.5
MAX_MARGIN_S = 1.5
MAX_SPEECH_S = CONTEXT_S - 2 * MIN_MARGIN_S
MAX_GAP_S = 4.0  # a longer silence starts a new window: Whisper invents words in long ones
SEAM_SEARCH_S = 10.0  # more than one window: cut at the longest pause in this last part
FORCED_CUT_SEARCH_S = 5.0  # speech without a pause: cut at the quietest moment of this part
QUIET_FRAME_S = 0.02
STRETCH_MARGIN_S = 0.25  # of digits heard again: word times are off by less
MIN_SCRAP_S = 0.3


def next_window(
    speech: Sequence[Interval], samples: NDArray[np.float32], bounds: Interval
) -> Interval:
    """Return the first window over ``speech``, which is ordered, disjoint and not empty.

    It lies inside ``bounds``, is at most ``CONTEXT_S`` long, holds whole intervals of speech
    where it can, and has a margin of silence around them: at a seam half of the pause. The
    next window's bounds begin where this one ends.
    """
    core, following = _first_core(speech, samples)
    margin_s = min(MAX_MARGIN_S, (CONTEXT_S - core.duration_s) / 2)
    latest_s = (core.end_s + following.start_s) / 2 if following else bounds.end_s
    return Interval(
        max(bounds.start_s, core.start_s - margin_s),
        min(latest_s, core.end_s + margin_s),
    )


def window_around(stretch: DigitStretch, bounds: Interval) -> Interval:
    """The window over digits and what leads to them, with a margin, inside ``bounds``.

    Of digits that do not fit into the context, it holds the beginning.
    """
    start_s = max(bounds.start_s, stretch.lead_start_s - STRETCH_MARGIN_S)
    end_s = min(bounds.end_s, stretch.end_s + STRETCH_MARGIN_S)
    return Interval(start_s, min(end_s, start_s + CONTEXT_S))


def speech_after(speech: Sequence[Interval], time_s: float) -> tuple[Interval, ...]:
    """What of ``speech`` lies after a moment; a scrap cut off an interval is not worth a look."""
    return tuple(
        Interval(max(part.start_s, time_s), part.end_s)
        for part in speech
        if part.start_s >= time_s or part.end_s - time_s >= MIN_SCRAP_S
    )


def _first_core(
    speech: Sequence[Interval], samples: NDArray[np.float32]
) -> tuple[Interval, Interval | None]:
    """The speech of the first window, and what follows it."""
    first = speech[0]
    if first.duration_s > MAX_SPEECH_S:
        latest_s = first.start_s + MAX_SPEECH_S
        cut_s = _quietest_moment(samples, latest_s - FORCED_CUT_SEARCH_S, FORCED_CUT_SEARCH_S)
        return Interval(first.start_s, cut_s), Interval(cut_s, first.end_s)
    count = 1
    while (
        count < len(speech)
        and speech[count].end_s - first.start_s <= MAX_SPEECH_S
        and speech[count].start_s - speech[count - 1].end_s <= MAX_GAP_S
    ):
        count += 1
    if count < len(speech) and speech[count].start_s - speech[count - 1].end_s <= MAX_GAP_S:
        count = _longest_pause(speech[: count + 1])
    core = Interval(first.start_s, speech[count - 1].end_s)
    return core, speech[count] if count < len(speech) else None


def _longest_pause(speech: Sequence[Interval]) -> int:
    """Index of the interval behind the longest pause near the end."""
    earliest_s = speech[-1].start_s - SEAM_SEARCH_S
    near_end = [i for i in range(1, len(speech)) if speech[i - 1].end_s >= earliest_s]
    return max(near_end, key=lambda i: (speech[i].start_s - speech[i - 1].end_s, i))


def _quietest_moment(samples: NDArray[np.float32], start_s: float, length_s: float) -> float:
    frame = round(QUIET_FRAME_S * SAMPLE_RATE_HZ)
    first = round(start_s * SAMPLE_RATE_HZ)
    count = round(length_s * SAMPLE_RATE_HZ) // frame
    frames = samples[first : first + count * frame].reshape(count, frame)
    quietest = int(np.argmin(np.square(frames).mean(axis=1)))
    return (first + quietest * frame + frame // 2) / SAMPLE_RATE_HZ
