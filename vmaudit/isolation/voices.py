"""Whether two stretches of speech come from one voice, heard over one line.

Spectral envelopes as mel-frequency cepstra, and a Gaussian for each stretch: the classical
evidence for a change of speaker (Chen and Gopalakrishnan, "Speaker, environment and channel
change detection and clustering via the Bayesian information criterion", 1998). A greeting was
recorded over another line than the message, which helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import librosa
import numpy as np
from numpy.typing import NDArray

from vmaudit.records import SAMPLE_RATE_HZ, Interval

__all__ = ["TwoVoices", "Voices"]

_HOP = 160
_FRAME = 400
_FFT = 512
_COEFFICIENTS = 13  # the first of which is the level, which says nothing of the speaker
_MELS = 24
_BAND_HZ = (200.0, 3500.0)
_FLOOR_DB = 25.0  # below the loud quarter of a stretch: pauses and noise
_MIN_FRAMES = 40
_MAX_FRAMES = 1000  # ten seconds describe a voice
_SHRINKAGE = 0.1  # towards the pooled covariance: short stretches fill no full one
_TURN_SHRINKAGE = 0.5  # turns are shorter still
_MIN_TURN_FRAMES = 15
_MAX_ROUNDS = 8

Frames = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TwoVoices:
    """Which turns are the second voice's, and how much likelier two voices are than one.

    ``gain`` is a log likelihood ratio per frame.
    """

    second: tuple[bool, ...]
    gain: float

    @property
    def changes(self) -> int:
        """How often the voice changes from turn to turn."""
        return sum(before != after for before, after in pairwise(self.second))


class Voices:
    """The voices of one recording; computes nothing until asked."""

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self._samples = samples

    @cached_property
    def _cepstra(self) -> tuple[Frames, NDArray[np.float64]]:
        """Coefficients, shape ``(frames, 12)``, and levels in dB, shape ``(frames,)``."""
        mel = librosa.feature.melspectrogram(
            y=np.pad(self._samples, (0, max(0, _FFT - len(self._samples)))),
            sr=SAMPLE_RATE_HZ,
            n_fft=_FFT,
            win_length=_FRAME,
            hop_length=_HOP,
            n_mels=_MELS,
            fmin=_BAND_HZ[0],
            fmax=_BAND_HZ[1],
        )
        level_db = 10 * np.log10(np.maximum(mel.sum(axis=0), 1e-12))
        loudness = 10 * np.log10(np.maximum(mel, 1e-12))
        found = librosa.feature.mfcc(S=loudness, n_mfcc=_COEFFICIENTS)
        return found[1:].T.astype(np.float64), level_db.astype(np.float64)

    def frames(self, where: Sequence[Interval]) -> Frames:
        """The spectral envelopes of the speech in ``where``, shape ``(frames, 12)``."""
        cepstra, level_db = self._cepstra
        inside = np.zeros(len(cepstra), dtype=bool)
        for interval in where:
            first, last = (
                round(time_s * SAMPLE_RATE_HZ / _HOP)
                for time_s in (interval.start_s, interval.end_s)
            )
            inside[max(first, 0) : max(last, 0)] = True
        if not inside.any():
            return cepstra[:0]
        inside &= level_db >= np.percentile(level_db[inside], 75) - _FLOOR_DB
        return cepstra[inside]

    def change(self, before: Sequence[Interval], after: Sequence[Interval]) -> float:
        """Evidence for another voice, per frame of the shorter side; 0 where there is too little.

        The log likelihood ratio of two Gaussians to one, less what two gain by chance.
        """
        one, other = self.frames(before)[-_MAX_FRAMES:], self.frames(after)[:_MAX_FRAMES]
        if min(len(one), len(other)) < _MIN_FRAMES:
            return 0.0
        both = np.concatenate([one, other])
        count, width = both.shape
        ratio = 0.5 * (
            count * _log_determinant(both)
            - len(one) * _log_determinant(one)
            - len(other) * _log_determinant(other)
        )
        penalty = 0.5 * (width + width * (width + 1) / 2) * np.log(count)
        return float((ratio - penalty) / min(len(one), len(other)))

    def nearer(
        self, voice: Sequence[Interval], one: Sequence[Interval], other: Sequence[Interval]
    ) -> float:
        """How much likelier per frame ``voice`` is that of ``one`` than that of ``other``.

        A log likelihood ratio; 0 where any of the three is too short to tell.
        """
        asked, left, right = self.frames(voice), self.frames(one), self.frames(other)
        if min(len(asked), len(left), len(right)) < _MIN_FRAMES:
            return 0.0
        pooled = _covariance(np.concatenate([left, right]))
        scores = [_log_likelihood(asked, model, pooled) for model in (left, right)]
        return float(np.mean(scores[0] - scores[1]))

    def two(self, turns: Sequence[Interval]) -> TwoVoices:
        """Share the turns out between two voices, as likely as can be.

        Two turns that are far apart begin, every turn goes to the nearer of the two, and both
        are described anew, until nothing changes. Turns too short to tell keep the voice
        before them.
        """
        heard = [self.frames([turn]) for turn in turns]
        clear = [index for index, frames in enumerate(heard) if len(frames) >= _MIN_TURN_FRAMES]
        if len(clear) < 2:
            return TwoVoices((False,) * len(turns), 0.0)
        known = [heard[index] for index in clear]
        together = np.concatenate(known)
        pooled = _covariance(together)
        second = _farthest(known, pooled)
        gains = np.zeros((2, len(known)))
        for _ in range(_MAX_ROUNDS):
            for voice in (False, True):
                members = [
                    f for f, is_second in zip(known, second, strict=True) if is_second == voice
                ]
                own = np.concatenate(members) if members else together
                model = own if len(own) >= _MIN_FRAMES else together
                gains[int(voice)] = [
                    _log_likelihood(frames, model, pooled, _TURN_SHRINKAGE).sum()
                    for frames in known
                ]
            again = gains[1] > gains[0]
            if np.array_equal(again, second):
                break
            second = again
        one = sum(_log_likelihood(frames, together, pooled).sum() for frames in known)
        labels, voice = [], bool(second[0])
        for index in range(len(turns)):
            if index in clear:
                voice = bool(second[clear.index(index)])
            labels.append(voice)
        return TwoVoices(tuple(labels), float((gains.max(axis=0).sum() - one) / len(together)))


def _covariance(frames: Frames) -> Frames:
    found: Frames = np.cov(frames, rowvar=False) + 1e-3 * np.eye(frames.shape[1])
    return found


def _log_determinant(frames: Frames) -> float:
    return float(np.linalg.slogdet(_covariance(frames))[1])


def _farthest(turns: Sequence[Frames], pooled: Frames) -> NDArray[np.bool_]:
    """Which turns are nearer to the second of the two that differ most and are long enough."""
    means = np.array([frames.mean(axis=0) for frames in turns])
    away = means[:, None] - means[None]
    distance = np.einsum("abi,ij,abj->ab", away, np.linalg.inv(pooled), away)
    lengths = np.array([len(frames) for frames in turns], dtype=float)
    one, other = np.unravel_index(
        np.argmax(distance * np.sqrt(np.minimum.outer(lengths, lengths))), distance.shape
    )
    nearer: NDArray[np.bool_] = distance[:, other] < distance[:, one]
    return nearer


def _log_likelihood(
    asked: Frames, model: Frames, pooled: Frames, shrinkage: float = _SHRINKAGE
) -> NDArray[np.float64]:
    covariance = (1 - shrinkage) * _covariance(model) + shrinkage * pooled
    away = asked - model.mean(axis=0)
    distance = np.einsum("ij,ij->i", away, np.linalg.solve(covariance, away.T).T)
    found: NDArray[np.float64] = -0.5 * (distance + np.linalg.slogdet(covariance)[1])
    return found
