"""What a steady tone means on a telephone line.

Frequencies: North American precise tone plan (ANSI T1.401), BS 6305 for the United
Kingdom, ITU-T E.180 supplement 2 for 425 Hz, ITU-T Q.23 for DTMF.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

from vmaudit.isolation.tones import SteadyTone

__all__ = ["Signal", "SignalKind", "classify"]

SignalKind = Literal["ring", "hangup", "dtmf", "beep", "other"]

_RING_PAIRS_HZ = ((440.0, 480.0), (400.0, 450.0))
_HANGUP_PAIRS_HZ = ((480.0, 620.0), (350.0, 440.0))  # busy and reorder; dial
_PAIR_TOLERANCE_HZ = 12.0
_MIN_PAIR_S = 0.2
_MIN_PAIR_PART = 0.2  # each of the two, of the energy
_MIN_PAIR_SHARE = 0.85  # both together

_DTMF_LOW_HZ = (697.0, 770.0, 852.0, 941.0)
_DTMF_HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
_DTMF_TOLERANCE = 0.025  # Q.24 accepts 1.5 % and refuses 3.5 %

_SINGLE_RING_HZ = (415.0, 450.0)  # 425 Hz in most of Europe, 440 Hz in France
_SINGLE_RING_S = 0.6  # of a burst of 1 s, whose beginning may be lost

_BEEP_HZ = (400.0, 2100.0)
_BEEP_S = (0.1, 1.5)
_EDGE_TOLERANCE_S = 0.02  # how well the edges of a tone are known
_ROUNDING_S = 1e-6
_EDGE_TOLERANCE_HZ = 10.0
_MIN_BEEP_PART = 0.75  # of the fundamental; an overdriven beep has harmonics besides
_MIN_BEEP_SHARE = 0.9
_MIN_DOUBLE_PART = 0.3  # of each of two pitches, at once or one after the other
_MIN_DOUBLE_SHARE = 0.82  # a step between them spreads some
_MIN_DOUBLE_S = 0.2
_WHOLE_RATIO = 0.06  # so near to a whole number, two lines may be harmonics of a voice
_MAX_WOBBLE_HZ = 4.0  # GSM 06.10 makes a constant tone waver by 1 to 4 Hz
_MIN_DROP_DB = 12.0
_SHORT_S = 0.3  # below, a vowel can be as steady and as pure as a tone behind a codec
_MIN_SHORT_BEEP_SHARE = 0.93
_MIN_SHORT_BEEP_HZ = 600.0  # a vowel with one strong harmonic has its first formant below
# So steady is no vowel, however low; a bell that rings on may be less than quiet after it.
_GENERATED_HZ, _MIN_RUNG_SHARE, _MIN_RUNG_DROP_DB = 0.4, 0.95, 8.0
_STEADIEST_HZ = 1.0  # no voice wavers so little for 0.3 s
_MAX_REPEAT_GAP_S = 0.3  # between the parts of a double or triple beep
_MAX_STEP_GAP_S = 0.05  # between the parts of a falling or rising one
_HARMONIC_TOLERANCE = 0.02

_OTHER_S = 1.0  # no voice holds one or two lines for so long

_MUSIC_REACH_S = 2.0
_MUSIC_OTHERS = 2  # so many steady pitches besides its own nearby are a melody
_MIN_NOTE_S = 0.2
_MAX_NOTE_WOBBLE_HZ = 1.0
_SAME_PITCH = 0.03
_CADENCE_COUNT = 3
_CADENCE_TOLERANCE = 0.05
_MIN_CADENCE_S = 1.0  # faster repetition may be a triple beep


@dataclass(frozen=True, slots=True)
class Signal:
    """One tone with its meaning.

    ``hangup`` is busy, reorder or dial tone: the far end has gone. ``confidence`` is the
    share of the energy that the tone's own lines hold, in [0, 1]. ``single``: one line alone.
    """

    kind: SignalKind
    start_s: float
    end_s: float
    frequency_hz: float
    confidence: float
    single: bool = True


def classify(tones: Sequence[SteadyTone]) -> tuple[Signal, ...]:
    """Name the tones that are signals; drop those that a voice or an instrument may make.

    Ordered and disjoint, as ``tones`` is. A beep that recurs at a fixed interval, such as
    the calling tone of a fax machine, is ``other``; one among tones of other pitches is
    music and dropped.
    """
    tones = _apart_from_repeats(tones)
    named = [(tone, kind) for tone in tones if (kind := _kind(tone)) is not None]
    beeps = [tone for tone, kind in named if kind == "beep"]
    recurring = set(_recurring(beeps))
    notes = [tone for tone in tones if _is_note(tone)]
    rings = [tone for tone, _ in named if _is_ring_pitch(tone)]
    signals = []
    for tone, kind in named:
        if kind == "beep" and _is_cut_ring(tone, rings):
            signals.append(_signal("ring", tone))
        elif kind == "beep" and tone in recurring:
            signals.append(_signal("other", tone))
        elif kind != "beep" or not _in_melody(tone, notes):
            signals.append(_signal(kind, tone))
    return tuple(signals)


def _signal(kind: SignalKind, tone: SteadyTone) -> Signal:
    confidence = min(sum(tone.shares), 1.0)
    single = _is_single(tone)
    return Signal(kind, tone.start_s, tone.end_s, tone.lines_hz[0], confidence, single)


def _kind(tone: SteadyTone) -> SignalKind | None:
    if _is_dtmf(tone):
        return "dtmf"
    if any(_is_pair(tone, pair) for pair in _RING_PAIRS_HZ):
        return "ring"
    if any(_is_pair(tone, pair) for pair in _HANGUP_PAIRS_HZ) and _is_cut_out(tone):
        return "hangup"
    if _is_ring_pitch(tone) and tone.duration_s >= _SINGLE_RING_S:
        return "ring"
    if _is_beep(tone):
        return "beep"
    return "other" if tone.duration_s >= _OTHER_S else None


def _is_beep(tone: SteadyTone) -> bool:
    shortest_s, longest_s = _BEEP_S[0] - _ROUNDING_S, _BEEP_S[1] + _EDGE_TOLERANCE_S
    if not shortest_s <= tone.duration_s <= longest_s:
        return False
    if _is_double(tone):
        quiet = _quiet_sides(tone)
        long = tone.duration_s >= _MIN_DOUBLE_S - _ROUNDING_S
        return long and (all(quiet) if _is_short(tone) else any(quiet))
    return _is_single(tone) and _stands_apart(tone)


def _is_pair(tone: SteadyTone, pair_hz: tuple[float, float]) -> bool:
    if tone.duration_s < _MIN_PAIR_S or not _has_two_parts(tone):
        return False
    measured = sorted(tone.lines_hz[:2])
    return all(
        abs(line - wanted) <= _PAIR_TOLERANCE_HZ
        for line, wanted in zip(measured, pair_hz, strict=True)
    )


def _is_dtmf(tone: SteadyTone) -> bool:
    if not _has_two_parts(tone):
        return False
    low, high = sorted(tone.lines_hz[:2])
    return any(abs(low / f - 1) <= _DTMF_TOLERANCE for f in _DTMF_LOW_HZ) and any(
        abs(high / f - 1) <= _DTMF_TOLERANCE for f in _DTMF_HIGH_HZ
    )


def _has_two_parts(tone: SteadyTone) -> bool:
    two = tone.shares[:2]
    return len(two) == 2 and min(two) >= _MIN_PAIR_PART and sum(two) >= _MIN_PAIR_SHARE


def _is_single(tone: SteadyTone) -> bool:
    """One line in the range of beeps, with nothing but its own harmonics."""
    low, high = _BEEP_HZ[0] - _EDGE_TOLERANCE_HZ, _BEEP_HZ[1] + _EDGE_TOLERANCE_HZ
    if not low <= tone.lines_hz[0] <= high or tone.shares[0] < _MIN_BEEP_PART:
        return False
    return _own_share(tone) >= _MIN_BEEP_SHARE and tone.wobble_hz <= _MAX_WOBBLE_HZ


def _is_double(tone: SteadyTone) -> bool:
    """Two unrelated lines in the range of beeps, at once or one after the other."""
    if len(tone.lines_hz) < 2 or min(tone.shares[:2]) < _MIN_DOUBLE_PART:
        return False
    lower, upper = sorted(tone.lines_hz[:2])
    inside = _BEEP_HZ[0] - _EDGE_TOLERANCE_HZ <= lower <= upper <= _BEEP_HZ[1] + _EDGE_TOLERANCE_HZ
    ratio = upper / lower
    related = abs(ratio - round(ratio)) <= _WHOLE_RATIO
    return inside and not related and sum(tone.shares[:2]) >= _MIN_DOUBLE_SHARE


def _own_share(tone: SteadyTone) -> float:
    """Share of the energy in the strongest line and its harmonics, in [0, 1]."""
    pitch, share = tone.lines_hz[0], tone.shares[0]
    for line, part in zip(tone.lines_hz[1:], tone.shares[1:], strict=True):
        order = round(line / pitch)
        if order >= 2 and abs(line / (order * pitch) - 1) <= _HARMONIC_TOLERANCE:
            share += part
    return share


def _stands_apart(tone: SteadyTone) -> bool:
    """Not part of a word: the voice has stopped before, and has not yet begun after.

    Both where the tone is short and a vowel could resemble it; one of the two for a longer
    tone that a codec has made waver, and for a short one that no voice can hold; neither for a
    long one of that kind.
    """
    quiet = _quiet_sides(tone)
    if not _is_short(tone):
        return any(quiet) or tone.wobble_hz <= _STEADIEST_HZ
    if tone.wobble_hz <= _GENERATED_HZ and _own_share(tone) >= _MIN_RUNG_SHARE:
        return max(tone.drops_db) >= _MIN_DROP_DB and min(tone.drops_db) >= _MIN_RUNG_DROP_DB
    low = tone.lines_hz[0] < _MIN_SHORT_BEEP_HZ - _EDGE_TOLERANCE_HZ
    return not low and all(quiet) and _own_share(tone) >= _MIN_SHORT_BEEP_SHARE


def _is_short(tone: SteadyTone) -> bool:
    return tone.duration_s < _SHORT_S - _EDGE_TOLERANCE_S


def _is_cut_out(tone: SteadyTone) -> bool:
    """Too long for a vowel, or quiet on both sides: what ends a message must be no part of it."""
    return not _is_short(tone) or all(_quiet_sides(tone))


def _quiet_sides(tone: SteadyTone) -> list[bool]:
    """Whether the line is quiet before the tone, and after it."""
    return [drop_db >= _MIN_DROP_DB for drop_db in tone.drops_db]


def _apart_from_repeats(tones: Sequence[SteadyTone]) -> list[SteadyTone]:
    """Let the parts of one beep stand apart together: they are no voice to each other.

    Repeats of one pitch after short gaps, or two pitches that follow each other at once.
    """
    apart = list(tones)
    for index, (before, after) in enumerate(pairwise(tones)):
        gap_s = after.start_s - before.end_s
        near = gap_s <= (_MAX_REPEAT_GAP_S if _same_pitch(before, after) else _MAX_STEP_GAP_S)
        if near and _is_single(before) and _is_single(after):
            apart[index] = replace(before, drops_db=(apart[index].drops_db[0], _MIN_DROP_DB))
            apart[index + 1] = replace(after, drops_db=(_MIN_DROP_DB, after.drops_db[1]))
    return apart


def _same_pitch(one: SteadyTone, other: SteadyTone) -> bool:
    return abs(one.lines_hz[0] / other.lines_hz[0] - 1) <= _SAME_PITCH


def _is_note(tone: SteadyTone) -> bool:
    """A steady pitch that may be part of a melody."""
    kind = _kind(tone)
    long = tone.duration_s >= _MIN_NOTE_S and tone.wobble_hz <= _MAX_NOTE_WOBBLE_HZ
    return kind == "beep" or (long and kind in {None, "other"})


def _in_melody(beep: SteadyTone, notes: Sequence[SteadyTone]) -> bool:
    first = bisect_left(notes, beep.start_s - _MUSIC_REACH_S, key=lambda other: other.end_s)
    last = bisect_right(notes, beep.end_s + _MUSIC_REACH_S, key=lambda other: other.start_s)
    others = sum(not _same_pitch(beep, other) for other in notes[first:last])
    return others >= _MUSIC_OTHERS


def _is_cut_ring(beep: SteadyTone, rings: Sequence[SteadyTone]) -> bool:
    """A burst of ringing of which the recording, or who picked up, left only a part."""
    first = beep.start_s <= _EDGE_TOLERANCE_S
    others = any(ring != beep and _same_pitch(beep, ring) for ring in rings)
    return _is_ring_pitch(beep) and (first or others)


def _is_ring_pitch(tone: SteadyTone) -> bool:
    low, high = _SINGLE_RING_HZ
    return low <= tone.lines_hz[0] <= high and _is_single(tone)


def _recurring(beeps: Sequence[SteadyTone]) -> Iterator[SteadyTone]:
    """Yield the beeps of one pitch that follow each other at one interval, three or more."""
    groups: list[list[SteadyTone]] = []  # few: a pitch is 3 % wide, the range of beeps 2.4 octaves
    for beep in beeps:
        group = next((group for group in groups if _same_pitch(beep, group[0])), None)
        if group is None:
            groups.append([beep])
        else:
            group.append(beep)
    return (beep for group in groups if _is_cadence(group) for beep in group)


def _is_cadence(beeps: Sequence[SteadyTone]) -> bool:
    if len(beeps) < _CADENCE_COUNT:
        return False
    steps = [after.start_s - before.start_s for before, after in pairwise(beeps)]
    middle = median(steps)
    regular = all(abs(step - middle) <= _CADENCE_TOLERANCE * middle for step in steps)
    return regular and middle >= _MIN_CADENCE_S
