"""Silent pauses: where the voice stops for a quarter of a second or more.

Voice activity says roughly where somebody speaks; short-time energy says where exactly a
pause starts and ends, because detectors pad and smooth their edges and bridge some gaps.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion, binary_opening

from vmaudit.delivery.frames import HOP_S, MessageAudio, Unmeasured, decibels, gaps
from vmaudit.delivery.pace import MIN_MESSAGE_S, NO_WORDS, TOO_SHORT, per_minute
from vmaudit.delivery.tokens import Close, Token, tokens, word_set
from vmaudit.records import Filler, Interval, Isolation, Pause, Word

MIN_PAUSE_S = 0.25  # Goldman-Eisler 1968: shorter gaps belong to articulation
_DEAD_AIR_S = 2.0
_REACH_S = 0.1  # how far energy may move an edge; more let noise swallow the ends of words
_QUIETEST_NOISE_DB = 40.0  # below speech: what lies lower counts as silence anyway
_THRESHOLD = 0.1  # of the way from the noise floor up to the speech level, in dB
_MIN_RISE_DB = 2.0  # five times the wobble of steady noise between frames
_BRIDGED_DROP_DB = 12.0  # below speech: a gap inside voice activity must be as clear as that
_WEAKEST_SPEECH_DB = 25.0  # below the median of speech
_MIN_NOISE_S = 0.1
_MIN_PAUSE_FRAMES = round(MIN_PAUSE_S / HOP_S)
_NEAR = np.ones(2 * round(_REACH_S / HOP_S) - 1, dtype=np.bool_)  # frames that reach no further
_FILLER_GAP_S = 0.1  # a filler this near to a pause belongs to it

# What opens a clause, so that a pause before it parts two phrases.
_CLAUSE_STARTS = word_set(
    "and but so because or nor which who whose when while where if although though since unless "
    "until whereas then plus also"
)


@dataclass(frozen=True, slots=True)
class _Levels:
    """Typical levels of a message in dB re full scale."""

    speech_db: float
    noise_db: float

    @property
    def silence_db(self) -> float:
        """Up to here a frame counts as silent."""
        rise_db = max(_THRESHOLD * (self.speech_db - self.noise_db), _MIN_RISE_DB)
        return self.noise_db + rise_db


def silent_pauses(audio: MessageAudio) -> tuple[Interval, ...]:
    """Return the pauses of ``MIN_PAUSE_S`` or more between the first and last speech.

    At the edges of voice activity energy decides, up to 0.1 s on either side. Inside voice
    activity a stretch counts that is silent for ``MIN_PAUSE_S`` and 12 dB below the speech.
    """
    within = (audio.times_s >= audio.speech[0].start_s) & (audio.times_s <= audio.speech[-1].end_s)
    if not within.any():
        return ()
    silent = within & ~_speaking(audio)
    silent[np.flatnonzero(within)[[0, -1]]] = False  # pauses lie between speech
    steps = np.diff(silent.astype(np.int8), prepend=0)
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return tuple(
        # A frame stands for half a hop on either side of its centre.
        Interval(float(audio.times_s[start]) - HOP_S / 2, float(audio.times_s[end]) - HOP_S / 2)
        for start, end in zip(starts, ends, strict=True)
        if end - start >= _MIN_PAUSE_FRAMES
    )


def _speaking(audio: MessageAudio) -> NDArray[np.bool_]:
    active = audio.frames_within(audio.speech)
    level_db = decibels(audio.rms)
    levels = _levels(audio, active, level_db)
    silent = level_db <= levels.silence_db
    inner = binary_erosion(active, _NEAR, border_value=True)
    at_edges = binary_dilation(active, _NEAR) & ~inner
    clear = inner & silent & (level_db <= levels.speech_db - _BRIDGED_DROP_DB)
    bridged = binary_opening(clear, np.ones(_MIN_PAUSE_FRAMES, dtype=np.bool_))
    speaking: NDArray[np.bool_] = np.where(at_edges, ~silent, active) & ~bridged
    return speaking


def _levels(
    audio: MessageAudio, active: NDArray[np.bool_], level_db: NDArray[np.float64]
) -> _Levels:
    speech_db = float(np.median(level_db[active])) if active.any() else float(level_db.max())
    floor_db = speech_db - _QUIETEST_NOISE_DB
    between = audio.frames_within(gaps(audio.speech))
    if np.count_nonzero(between) * HOP_S >= _MIN_NOISE_S:
        return _Levels(speech_db, max(float(np.percentile(level_db[between], 25)), floor_db))
    # Nothing but speech. Its weakest moments are noise if they are far below it.
    weakest_db = float(np.percentile(level_db[active], 5)) if active.any() else floor_db
    is_noise = floor_db < weakest_db < speech_db - _WEAKEST_SPEECH_DB
    return _Levels(speech_db, weakest_db if is_noise else floor_db)


def placed(
    pauses: Sequence[Interval], words: Sequence[Word], fillers: Sequence[Filler]
) -> tuple[Pause, ...]:
    """Say of each pause whether it parts phrases or falls inside one.

    A phrase boundary is after punctuation, before a word that opens a clause, or between the
    groups of a number. A pause beside a filler is a hesitation, so inside, unless a sentence
    has ended. Without a word on either side the place is None.
    """
    said = tokens(words)
    middles_s = [(token.word.start_s + token.word.end_s) / 2 for token in said]
    found = []
    for pause in pauses:
        after = bisect(middles_s, (pause.start_s + pause.end_s) / 2)
        place: Literal["boundary", "inside"] | None = None
        if 0 < after < len(said):
            hesitant = any(_beside(filler, pause) for filler in fillers)
            parts = _is_boundary(said[after - 1], said[after], hesitant)
            place = "boundary" if parts else "inside"
        found.append(Pause(pause.start_s, pause.end_s, place))
    return tuple(found)


def _beside(filler: Filler, pause: Interval) -> bool:
    return (
        filler.end_s >= pause.start_s - _FILLER_GAP_S
        and filler.start_s <= pause.end_s + _FILLER_GAP_S
    )


def _is_boundary(before: Token, after: Token, hesitant: bool) -> bool:
    if hesitant:
        return before.close is Close.SENTENCE
    return (
        before.close is not Close.NONE
        or after.text in _CLAUSE_STARTS
        or (before.is_number and after.is_number)
    )


def pause_values(
    audio: MessageAudio, pauses: Sequence[Pause], *, has_words: bool
) -> dict[str, float | Unmeasured]:
    """Count and time the pauses: counts, rate per minute of message, seconds."""
    durations_s = [pause.duration_s for pause in pauses]
    long_enough = audio.message_s >= MIN_MESSAGE_S
    no_pause = Unmeasured(f"no pause of {MIN_PAUSE_S:g} s or more")
    inside_count = sum(pause.place == "inside" for pause in pauses)
    return {
        "pause_count": len(pauses),
        "pauses_per_minute": per_minute(len(pauses), audio.message_s) if long_enough else TOO_SHORT,
        "inside_phrase_pause_count": inside_count if has_words else NO_WORDS,
        "longest_pause_s": max(durations_s) if durations_s else no_pause,
        "dead_air_s": sum(one for one in durations_s if one >= _DEAD_AIR_S),
    }


def onset_delay_s(audio: MessageAudio, isolation: Isolation) -> float | Unmeasured:
    """Measure the time from the end of the last beep before the speech to its start, in s."""
    onset_s = audio.speech[0].start_s
    beeps_s = [one.end_s for one in isolation.spans if one.kind == "beep" and one.end_s <= onset_s]
    return onset_s - max(beeps_s) if beeps_s else Unmeasured("no beep before the first word")
