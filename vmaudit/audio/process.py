"""The parent's handle of one decoder process (see ``vmaudit.audio.worker``)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from vmaudit import errors
from vmaudit.config import AudioOptions
from vmaudit.errors import LimitExceeded, RecordingError, WorkerDied
from vmaudit.records import SAMPLE_RATE_HZ, AudioInfo, Channel, Waveform

__all__ = ["DecoderProcess"]

START_TIMEOUT_S = 60.0  # importing PyAV and NumPy takes under a second on an idle machine
LAST_WORDS_S = 2.0  # between closing its pipe and ending, a dying process may write a core file
MAX_HEADER_BYTES = 1 << 20
LENGTH_SLACK_S = 1.0  # every stretch of a stream that changes its rate is rounded on its own
SAMPLE_TYPE = np.dtype("<f4")
RECORDING_ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, RecordingError)
}

_Reply = Waveform | RecordingError | None


class DecoderProcess:
    """One worker, started when first needed and again after it died. One caller at a time.

    ``decode_one`` is "module:function"; the worker imports it.
    """

    def __init__(self, options: AudioOptions, decode_one: str) -> None:
        setup = {"options": options.model_dump(mode="json"), "decode_one": decode_one}
        self._setup = json.dumps(setup).encode() + b"\n"
        self._timeout_s = options.decode_timeout_s
        self._max_samples = round((options.max_duration_s + LENGTH_SLACK_S) * SAMPLE_RATE_HZ)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ended = False

    def decode(self, path: Path, channel: Channel | None = None) -> Waveform:
        """Have ``path`` decoded; a ``channel`` takes the place of the one in the options.

        Raises ``RecordingError`` or one of its children.
        """
        process = self._process
        if process is None or process.poll() is not None:
            self.release()
            process = self._start()
            self._exchange(process, self._setup, START_TIMEOUT_S)
        # json escapes the surrogates that stand for undecodable bytes of a file name
        request = json.dumps({"path": os.fspath(path), "channel": channel})
        reply = self._exchange(process, request.encode() + b"\n", self._timeout_s)
        if isinstance(reply, Waveform):
            return reply
        raise reply or WorkerDied("the decoder process gave no answer")

    def kill(self) -> None:
        """End the process now, and for good. Safe while another thread is in ``decode``."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()

    def release(self) -> None:
        """End and reap the process and close its pipes. Not while ``decode`` runs."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in _pipes(process):
                pipe.close()

    def _start(self) -> subprocess.Popen[bytes]:
        import_path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        with self._lock:
            if self._ended:
                raise WorkerDied("the decoder process was ended with the run")
            # -P: the working folder, perhaps one of recordings, stays off the import path.
            # Its own session: Ctrl-C reaches the parent alone, which then ends the workers.
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "vmaudit.audio.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    bufsize=0,
                    env={**os.environ, "PYTHONPATH": import_path},
                    start_new_session=True,
                )
            except OSError as error:  # no memory or no file handles left, for the moment
                raise WorkerDied(f"no decoder process can be started: {error}") from error
            return self._process

    def _exchange(
        self, process: subprocess.Popen[bytes], request: bytes, timeout_s: float
    ) -> _Reply:
        """Send and wait. A process that is too slow, dead or talks nonsense is released."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(timeout_s, expire)
        timer.daemon = True
        timer.start()
        requests, replies = _pipes(process)
        try:
            requests.write(request)
            return _receive(replies, self._max_samples)
        except (OSError, EOFError, ValueError, TypeError, KeyError, RecursionError) as error:
            how = _how_it_ended(process)
            self.release()
            if expired.is_set():
                raise LimitExceeded(f"took more than {timeout_s:g} s to decode") from error
            raise WorkerDied(f"the decoder process died ({how})") from error
        finally:
            timer.cancel()
            timer.join()
            if expired.is_set():  # perhaps just after the reply
                self.release()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    return cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(LAST_WORDS_S)
    except subprocess.TimeoutExpired:
        return "it gave an answer that makes no sense"
    if code < 0:
        return (signal.strsignal(-code) or f"signal {-code}").lower()
    return f"exit code {code}"


def _receive(replies: IO[bytes], max_samples: int) -> _Reply:
    header_bytes = int.from_bytes(_exactly(replies, 4), "little")
    if header_bytes > MAX_HEADER_BYTES:
        raise ValueError(f"a header of {header_bytes} bytes")
    header: dict[str, Any] = json.loads(_exactly(replies, header_bytes))
    if "ready" in header:
        return None
    if "error" in header:
        return RECORDING_ERRORS[header["error"]](header["message"])
    count, parties, info = header["samples"], header["parties"], AudioInfo(**header["info"])
    if type(count) is not int or not 0 <= count <= max_samples:
        raise ValueError(f"{count!r} samples, where at most {max_samples} are allowed")
    if parties not in (1, 2):
        raise ValueError(f"{parties!r} parties")
    samples = _samples(replies, count)
    return Waveform(samples, info, _samples(replies, count) if parties == 2 else None)


def _samples(replies: IO[bytes], count: int) -> NDArray[np.float32]:
    sent = _exactly(replies, count * SAMPLE_TYPE.itemsize)
    return np.frombuffer(sent, dtype=SAMPLE_TYPE).astype(np.float32, copy=False)


def _exactly(pipe: IO[bytes], size: int) -> bytearray:
    """Read ``size`` bytes; memory is taken as they come, not as they are promised."""
    data = bytearray()
    while len(data) < size:
        part = pipe.read(min(size - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return data
