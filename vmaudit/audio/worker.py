"""The other end of ``DecodePool``: a process that decodes one path after another.

It is started as ``python -m vmaudit.audio.worker``. Requests come on standard input, one
line of JSON each, the first of which is the set-up; replies leave on standard output as
four bytes of length (little-endian), a JSON header, then float32 samples. When standard
input ends, the parent is gone and the process ends at once, even in the middle of a file.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from vmaudit.config import AudioOptions
from vmaudit.errors import RecordingError
from vmaudit.records import Waveform, to_json

__all__ = ["main"]

SAMPLE_TYPE = np.dtype("<f4")

DecodeOne = Callable[[Path, AudioOptions], Waveform]


def main() -> None:
    """Serve requests until the parent closes standard input."""
    replies = _private_stdout()
    requests = sys.stdin.buffer
    setup = json.loads(requests.readline())
    options = AudioOptions.model_validate(setup["options"])
    decode_one = _named(setup["decode_one"])
    paths: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_watch, args=(requests, paths), daemon=True).start()
    _send(replies, {"ready": True})
    while True:
        _answer(replies, decode_one, Path(paths.get()), options)


def _private_stdout() -> BinaryIO:
    """Keep the reply pipe to ourselves: whatever a library prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return replies


def _named(name: str) -> DecodeOne:
    module_name, _, attribute = name.partition(":")
    return cast(DecodeOne, getattr(importlib.import_module(module_name), attribute))


def _watch(requests: BinaryIO, paths: queue.SimpleQueue[str]) -> None:
    for line in requests:
        paths.put(json.loads(line)["path"])
    os._exit(0)


def _answer(replies: BinaryIO, decode_one: DecodeOne, path: Path, options: AudioOptions) -> None:
    try:
        waveform = decode_one(path, options)
    except RecordingError as error:
        _send(replies, {"error": type(error).__name__, "message": str(error)})
    except Exception as error:
        # A fault in the decoder is this recording's failure; the run goes on.
        message = f"the decoder failed: {type(error).__name__}: {error}"
        _send(replies, {"error": RecordingError.__name__, "message": message})
    else:
        samples = np.ascontiguousarray(waveform.samples, dtype=SAMPLE_TYPE)
        header = {"samples": len(samples), "info": to_json(waveform.info)}
        # to_json rounds to what people read; the length must stay exact.
        header["info"] |= {"duration_s": waveform.info.duration_s}
        _send(replies, header, samples.data.cast("B"))


def _send(replies: BinaryIO, header: dict[str, Any], body: memoryview | bytes = b"") -> None:
    encoded = json.dumps(header).encode()
    replies.write(len(encoded).to_bytes(4, "little"))
    replies.write(encoded)
    replies.write(body)
    replies.flush()


if __name__ == "__main__":
    main()
