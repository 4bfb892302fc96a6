"""Where the time goes: stages report to whoever collects, and cost next to nothing otherwise.

>>> with collect() as times:
...     with stage("transcribe"), stage("encode"):
...         pass
>>> list(times.totals())
['transcribe/encode', 'transcribe']
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["StageTime", "StageTimes", "collect", "stage"]


@dataclass(frozen=True, slots=True)
class StageTime:
    """What a stage took, added over all its calls and threads.

    ``cpu_s`` is the CPU time of the threads that were in the stage. Threads that helped them,
    such as those of torch where a stream has several, and other processes are not in it.
    ``wall_s`` is the time from entering to leaving, so stages side by side count each in full,
    and waiting for a core or a GPU counts too.
    """

    calls: int
    cpu_s: float
    wall_s: float


class StageTimes:
    """Collects the times of stages from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[str, StageTime] = {}

    def add(self, path: str, cpu_s: float, wall_s: float) -> None:
        """Add one call of the stage at ``path``."""
        with self._lock:
            so_far = self._totals.get(path, StageTime(0, 0.0, 0.0))
            self._totals[path] = StageTime(
                so_far.calls + 1, so_far.cpu_s + cpu_s, so_far.wall_s + wall_s
            )

    def totals(self) -> dict[str, StageTime]:
        """The stages so far, by path: ``transcribe/encode`` is the part of ``transcribe``."""
        with self._lock:
            return dict(self._totals)


class _Here(threading.local):
    """The path of the stage that the present thread is in."""

    path = ""


class _Collectors:
    """Whoever collects now, for all threads: streams run in threads, which inherit no context."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Replaced as a whole, so that stages read it without the lock.
        self.present: tuple[StageTimes, ...] = ()

    def join(self, times: StageTimes) -> None:
        with self._lock:
            self.present = (*self.present, times)

    def leave(self, times: StageTimes) -> None:
        with self._lock:
            self.present = tuple(other for other in self.present if other is not times)


_here = _Here()
_collectors = _Collectors()


@contextmanager
def collect() -> Iterator[StageTimes]:
    """Collect the stages of all threads that begin inside this block; blocks may be nested."""
    times = StageTimes()
    _collectors.join(times)
    try:
        yield times
    finally:
        _collectors.leave(times)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time the block as the stage ``name``, within the stage that the thread is in already.

    Does not look at a clock where nobody collects. A block that raises is timed too.
    """
    collectors = _collectors.present
    if not collectors:
        yield
        return
    outer = _here.path
    path = f"{outer}/{name}" if outer else name
    cpu_start_s, wall_start_s = time.thread_time(), time.perf_counter()
    _here.path = path
    try:
        yield
    finally:
        cpu_s, wall_s = time.thread_time() - cpu_start_s, time.perf_counter() - wall_start_s
        _here.path = outer
        for times in collectors:
            times.add(path, cpu_s, wall_s)
