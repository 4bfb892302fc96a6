"""How a core runs on a machine: number format, clips per batch, streams and their threads.

On a CPU a stream is a thread with cores of its own. Two streams of one core each do more than
one stream of two: what cannot be split between cores (a decoder step is a hundred small
products) then runs twice at a time, and nobody waits at a barrier for a core that is busy
with something else.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass

import torch
from whisper.model import ModelDimensions, Whisper

from vmaudit.errors import ConfigError
from vmaudit.machine import available_cores, free_memory_bytes

MAX_CPU_STREAMS = 8
GPU_STREAMS = 2  # one computes while the other waits for the CPU: features, texts, times
MAX_CPU_BATCH_SIZE = 8
MAX_GPU_BATCH_SIZE = 128
MEMORY_SHARE = 0.5  # of what is free, for the batches of all streams
BF16_CAPABILITIES = ("avx512_bf16", "amx_bf16")


@dataclass(frozen=True, slots=True)
class Workload:
    """``batch_size`` clips at a time in each of ``streams``, each on ``threads`` cores."""

    dtype: torch.dtype
    batch_size: int
    streams: int
    threads: int

    def take_threads(self, *, alone: bool) -> None:
        """Set the calling thread's share of the cores; all of them where it is alone."""
        torch.set_num_threads(self.threads * (self.streams if alone else 1))


def resolve_precision(precision: str, device: torch.device) -> torch.dtype:
    """Turn ``auto`` into the number format in which the device is fast.

    docs/quality.md has the words heard in each.

    Raises ``ConfigError`` for one that the device computes only by way of another.
    """
    on_gpu = device.type == "cuda"
    if precision == "auto":
        if on_gpu:
            return torch.float16
        return torch.bfloat16 if cpu_has_bfloat16() else torch.float32
    if precision == "float16" and not on_gpu:
        raise ConfigError("precision: float16 needs a GPU; give auto, bfloat16 or float32")
    if precision == "int8":
        raise ConfigError("precision: the torch engine has no int8; give --engine ct2 with it")
    dtype: torch.dtype = getattr(torch, precision)
    return dtype


def cpu_has_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 matrices by instructions of its own."""
    asked = getattr(torch.cpu, "get_capabilities", None)  # since torch 2.10
    capabilities: dict[str, bool] = asked() if asked else {}
    return any(capabilities.get(name, False) for name in BF16_CAPABILITIES)


def workload_for(model: Whisper, precision: str, batch_size: int | None) -> Workload:
    """Size batches and streams from the device where ``model`` lies and its free memory."""
    device = model.device
    dtype = resolve_precision(precision, device)
    if device.type == "cuda":
        streams, threads, limit = GPU_STREAMS, 1, MAX_GPU_BATCH_SIZE
        free_bytes = int(torch.cuda.mem_get_info(device)[0])
    else:
        (streams, threads), limit = cpu_streams(), MAX_CPU_BATCH_SIZE
        free_bytes = free_memory_bytes()
    if batch_size is None:
        fitting = int(free_bytes * MEMORY_SHARE / streams / _clip_bytes(model.dims, dtype))
        batch_size = max(1, min(limit, fitting))
    return Workload(dtype, batch_size, streams, threads)


def cpu_streams() -> tuple[int, int]:
    """How many streams share the cores that this process may use, and the threads of each."""
    cores = available_cores()
    streams = min(cores, MAX_CPU_STREAMS)
    return streams, cores // streams


def give_memory_back() -> None:
    """Let the system have what a batch has freed.

    glibc keeps it for each thread that asked, and as every batch has other sizes, that grows
    by gigabytes in an hour. Elsewhere there is nothing to do.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _clip_bytes(dims: ModelDimensions, dtype: torch.dtype) -> int:
    """What a clip of 30 s takes at most: the decoder's view of it, twice while rows leave."""
    layers, frames, state = dims.n_text_layer, dims.n_audio_ctx, dims.n_text_state
    return int(2 * 2 * layers * (frames + dims.n_text_ctx) * state * dtype.itemsize)
