"""Decoding in worker processes, so that no file can take the run down.

A worker is a fresh interpreter (never a fork: the parent may hold threads of torch) that
loads no more than PyAV and NumPy. One thread of the parent speaks with each. What comes
back is plain JSON and samples, never a pickle: a decoder that a hostile file has taken
over can tell lies about that file, and no more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

from vmaudit.audio.decode import decode
from vmaudit.audio.process import DecoderProcess
from vmaudit.config import AudioOptions
from vmaudit.errors import RecordingError
from vmaudit.records import Recording, Waveform

__all__ = ["DecodePool"]

T = TypeVar("T")


class DecodePool:
    """A context manager around ``jobs`` worker processes.

    ``decode_one`` must be a function at the top level of an importable module; tests
    inject faults through it. A worker that dies is replaced, and leaving the context,
    also by Ctrl-C, ends all workers at once. Workers end by themselves when the parent
    is killed.
    """

    def __init__(
        self,
        options: AudioOptions,
        *,
        jobs: int,
        decode_one: Callable[[Path, AudioOptions], Waveform] = decode,
    ) -> None:
        if jobs < 1:
            raise ValueError(f"jobs must be at least 1, not {jobs}")
        self._jobs = jobs
        self._workers = [DecoderProcess(options, _name_of(decode_one)) for _ in range(jobs)]
        self._idle: SimpleQueue[DecoderProcess] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(self._jobs, thread_name_prefix="vmaudit-decode")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._threads is None:
            return
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown()
        for worker in self._workers:
            worker.release()
        self._threads = None

    def imap(
        self,
        recordings: Iterable[Recording],
        *,
        max_pending: int,
        then: Callable[[Recording, Waveform], T],
    ) -> Iterator[tuple[Recording, T | RecordingError]]:
        """Yield each recording with what ``then`` made of it or its error, in the order given.

        A recording that names its ``channel`` is decoded with that, whatever the options say.
        ``then`` runs in this process, in the thread that waited for the worker. At most
        ``max_pending`` recordings are taken from the iterable and not yet yielded, so memory
        is bounded by as many waveforms. Raises ``RuntimeError`` outside the context and
        ``ValueError`` where ``max_pending`` is below 1.
        """
        if self._threads is None:
            raise RuntimeError("DecodePool must be entered with 'with' before imap")
        if max_pending < 1:
            raise ValueError(f"max_pending must be at least 1, not {max_pending}")
        threads = self._threads

        def submit(recording: Recording) -> Future[T | RecordingError]:
            return threads.submit(self._decode, recording, then)

        return _in_order(recordings, max_pending, submit)

    def _decode(
        self, recording: Recording, then: Callable[[Recording, Waveform], T]
    ) -> T | RecordingError:
        worker = self._idle.get()
        try:
            waveform = worker.decode(recording.path, recording.channel)
        except RecordingError as error:
            return error.with_traceback(None)
        finally:
            self._idle.put(worker)
        return then(recording, waveform)


def _in_order(
    recordings: Iterable[Recording],
    max_pending: int,
    submit: Callable[[Recording], Future[T]],
) -> Iterator[tuple[Recording, T]]:
    source = iter(recordings)
    pending: deque[tuple[Recording, Future[T]]] = deque()
    try:
        while True:
            while len(pending) < max_pending and (item := next(source, None)) is not None:
                pending.append((item, submit(item)))
            if not pending:
                return
            recording, future = pending.popleft()
            yield recording, future.result()
    finally:
        for _, future in pending:
            future.cancel()


def _name_of(function: Callable[..., object]) -> str:
    """Return "module:function", by which a worker finds it."""
    module, name = function.__module__, function.__qualname__
    if module == "__main__" or not name.isidentifier():
        raise ValueError(f"{name} must stand at the top level of a module that can be imported")
    return f"{module}:{name}"
