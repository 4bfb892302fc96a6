"""Words for a scene, as a recogniser would give them: every stretch of speech says something."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from vmaudit.isolation import Isolated, Scene, isolate, survey, worth_hearing
from vmaudit.isolation.scene import clipped
from vmaudit.records import SAMPLE_RATE_HZ, FilledPause, Interval, Word

PLAIN = "the kitchen window on the second floor was measured and the new one"
WORDS_PER_S = 2.5

Says = Callable[[Interval], str]


def say_plainly(_: Interval) -> str:
    return PLAIN


def words_in(scene: Scene, says: Says = say_plainly) -> tuple[Word, ...]:
    """Spread what each stretch of speech worth hearing says evenly over it."""
    heard = worth_hearing(scene)
    if heard is None:
        return ()
    found = []
    for part in clipped(scene.voiced, heard.start_s, heard.end_s):
        text = says(part).split()
        if says is say_plainly:
            text = text[: max(1, round(part.duration_s * WORDS_PER_S))]
        edges = np.linspace(part.start_s, part.end_s, len(text) + 1).tolist()
        found += [Word(w, a, b, 0.9) for w, a, b in zip(text, edges, edges[1:], strict=False)]
    return tuple(found)


def known(speech: Sequence[Interval]) -> Callable[[NDArray[np.float32]], list[Interval]]:
    """Voice activity that is known: what of it lies in the piece that is asked for."""

    def detect(piece: NDArray[np.float32]) -> list[Interval]:
        whole = piece if piece.base is None else piece.base
        assert isinstance(whole, np.ndarray)
        offset = (piece.ctypes.data - whole.ctypes.data) / piece.itemsize / SAMPLE_RATE_HZ
        inside = clipped(speech, offset, offset + len(piece) / SAMPLE_RATE_HZ)
        return [Interval(one.start_s - offset, one.end_s - offset) for one in inside]

    return detect


def isolated(
    samples: NDArray[np.float32],
    speech: Sequence[Interval],
    says: Says = say_plainly,
    other_party: NDArray[np.float32] | None = None,
    filled_pauses: Sequence[FilledPause] = (),
) -> Isolated:
    """Isolate with voice activity that is known, and words."""
    samples = samples.copy()  # so that its pieces are pieces of nothing larger
    scene = survey(samples, known(speech), other_party=other_party)
    return isolate(scene, samples, words_in(scene, says), filled_pauses)
