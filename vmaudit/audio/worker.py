"""The other end of ``DecodePool``: a process that decodes one path after another.

It is started as ``python -m vmaudit.audio.worker``. Requests come on standard input, one
line of JSON each, the first of which is the set-up; replies leave on standard output as
four bytes of length (little-endian), a JSON header, then float32 samples, and as many again
of the other party where the header says so. When standard input ends, the parent is gone
and the process ends at once, even in the middle of a file.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from vmaudit.config import AudioOptions
from vmaudit.errors import RecordingError
from vmaudit.records import Channel, Waveform, to_json

__all__ = ["main"]

SAMPLE_TYPE = np.dtype("<f4")

DecodeOne = Callable[[Path, AudioOptions], Waveform]
Request = tuple[Path, Channel | None]


def main() -> None:
    """Serve requests until the parent closes standard input."""
    replies = _private_stdout()
    requests = sys.stdin.buffer
    setup = json.loads(requests.readline())
    options = AudioOptions.model_validate(setup["options"])
    decode_one = _named(setup["decode_one"])
    waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_watch, args=(requests, waiting), daemon=True).start()
    _send(replies, {"ready": True})
    while True:
        path, channel = waiting.get()
        chosen = options.model_copy(update={"channel": channel}) if channel else options
        _answer(replies, decode_one, path, chosen)


def _private_stdout() -> BinaryIO:
    """Keep the reply pipe to ourselves: whatever a library prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return replies


def _named(name: str) -> DecodeOne:
    module_name, _, attribute = name.partition(":")
    return cast(DecodeOne, getattr(importlib.import_module(module_name), attribute))


def _watch(requests: BinaryIO, waiting: queue.SimpleQueue[Request]) -> None:
    for line in requests:
        request = json.loads(line)
        waiting.put((Path(request["path"]), request["channel"]))
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
        parties = [waveform.samples]
        if waveform.other_party is not None:
            parties.append(waveform.other_party)
        header = {
            "samples": len(waveform.samples),
            "parties": len(parties),
            # to_json rounds to what people read; the length must stay exact.
            "info": to_json(waveform.info) | {"duration_s": waveform.info.duration_s},
        }
        _send(replies, header, parties)


def _send(
    replies: BinaryIO, header: dict[str, Any], parties: Sequence[NDArray[np.float32]] = ()
) -> None:
    encoded = json.dumps(header).encode()
    replies.write(len(encoded).to_bytes(4, "little"))
    replies.write(encoded)
    for samples in parties:
        replies.write(np.ascontiguousarray(samples, dtype=SAMPLE_TYPE).data.cast("B"))
    replies.flush()


if __name__ == "__main__":
    main()
