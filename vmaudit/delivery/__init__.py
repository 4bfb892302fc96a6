"""How a message was spoken: pace, pauses, fillers, level, pitch, noise and clipping.

``measure`` is the way in; ``set_against`` adds what depends on what was said. Every definition,
unit and known error is in docs/delivery.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmaudit.delivery.confidence import confidence_values
from vmaudit.delivery.content import set_against
from vmaudit.delivery.disfluencies import disfluencies
from vmaudit.delivery.dropouts import find_dropouts
from vmaudit.delivery.fillers import filled_pauses
from vmaudit.delivery.frames import MessageAudio, Unmeasured, message_audio
from vmaudit.delivery.levels import level_values
from vmaudit.delivery.lexical import lexical_fillers
from vmaudit.delivery.nuclei import syllable_nuclei_per_second
from vmaudit.delivery.pace import (
    NO_WORDS,
    pace,
    pace_course,
    per_minute,
    rate_obstacle,
    total_spoken,
)
from vmaudit.delivery.pauses import onset_delay_s, pause_values, placed, silent_pauses
from vmaudit.delivery.pitch import pitch_track
from vmaudit.delivery.quality import bandwidth_hz, clipped_fraction, quiet_frames, snr_db
from vmaudit.delivery.spectrum import SpeechSpectra, speech_spectra
from vmaudit.delivery.syllables import Spoken
from vmaudit.delivery.voice import voice_values
from vmaudit.records import Delivery, Isolation, Transcript, Word, those_within

__all__ = ["measure", "set_against"]

# What the words are about is not known here: see set_against.
_NEEDS_CONTENT = dict.fromkeys(
    ("number_pace_ratio", "ask_pitch_range_semitones"),
    Unmeasured("not yet set against what was said"),
)
# Every value that may be missing, and so needs a reason where it is.
_VALUES = tuple(f.name for f in dataclasses.fields(Delivery) if f.default is None)


def measure(samples: NDArray[np.float32], isolation: Isolation, transcript: Transcript) -> Delivery:
    """Measure how the message in a recording was spoken.

    ``samples``: the whole recording, mono float32 of shape ``(n,)`` at 16 kHz, full scale
    1.0. Only the message span counts; times are seconds from the start of the recording.
    A value that cannot be measured is None, and ``unmeasured`` says why. Raises
    ``ValueError`` when ``samples`` are not one finite channel.
    """
    audio = message_audio(samples, isolation)
    if isinstance(audio, Unmeasured):
        return Delivery(unmeasured=dict.fromkeys(_VALUES, audio.reason))
    words = those_within(transcript.words, audio.message)
    said = total_spoken(words)
    fillers = filled_pauses(words, those_within(transcript.filled_pauses, audio.message))
    silences = silent_pauses(audio)
    pauses = placed(silences, words, fillers)
    pitch = pitch_track(audio)
    spectra = speech_spectra(audio)
    found: dict[str, Any] = {
        **_NEEDS_CONTENT,
        "fillers": fillers,
        "pauses": pauses,
        **pace(audio, said),
        **pace_course(audio, words),
        "syllable_nuclei_per_second": syllable_nuclei_per_second(audio, pitch.voiced),
        **_filler_values(audio, said, len(fillers)),
        **_wording_values(words),
        **pause_values(audio, pauses, has_words=said.words > 0),
        "onset_delay_s": onset_delay_s(audio, isolation),
        **confidence_values(audio, words, fillers),
        **level_values(audio, silences),
        **voice_values(audio, pitch, spectra),
        **_quality_values(audio, quiet_frames(audio, isolation), spectra),
    }
    return _delivery(found)


def _filler_values(
    audio: MessageAudio, said: Spoken, filler_count: int
) -> dict[str, float | Unmeasured]:
    return {
        "filler_count": filler_count if said.words else NO_WORDS,
        "fillers_per_minute": rate_obstacle(audio, said)
        or per_minute(filler_count, audio.message_s),
    }


def _wording_values(words: Sequence[Word]) -> dict[str, Any]:
    if not words:
        return {"lexical_filler_count": NO_WORDS, "disfluency_count": NO_WORDS}
    lexical, broken = lexical_fillers(words), disfluencies(words)
    return {
        "lexical_fillers": lexical,
        "lexical_filler_count": len(lexical),
        "disfluencies": broken,
        "disfluency_count": len(broken),
    }


def _quality_values(
    audio: MessageAudio, quiet: NDArray[np.bool_], spectra: SpeechSpectra
) -> dict[str, Any]:
    lost = find_dropouts(audio, quiet)
    return {
        "snr_db": snr_db(audio, quiet),
        "clipped_fraction": clipped_fraction(audio),
        "bandwidth_hz": bandwidth_hz(spectra),
        "dropout_count": len(lost),
        "dropouts": lost,
    }


def _delivery(found: Mapping[str, Any]) -> Delivery:
    """Part what was measured from what was not, which leaves its reason."""
    reasons = {name: one.reason for name, one in found.items() if isinstance(one, Unmeasured)}
    values = {name: one for name, one in found.items() if name not in reasons}
    return Delivery(**values, unmeasured=reasons)
