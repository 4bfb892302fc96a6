"""What single operations cost in the forms that the speech core chose between, and the limit.

    python benchmarks/operations.py

Shapes are those of ``base``: eight windows, 512 wide, eight heads, six layers. One thread, but
for the matrix throughput, which all cores share.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import torch
from common import report
from torch import Tensor
from torch.nn.functional import linear, scaled_dot_product_attention

from vmaudit.asr.whisper.layers import FEW_ROWS, Linear, attend

ROWS, HEADS, WIDTH, STATE, LAYERS, VOCABULARY = 8, 8, 64, 512, 6, 51865
FRAMES, PAST = 1500, 60
MATRIX = 2048
MIN_TRIAL_S = 1.0
# Multiplications and additions that a second of audio needs in ``base``: the encoder's and the
# cross attention's projections over 50 frames, its attention in a context of 25 s, and 3.5
# tokens through the decoder, whose look at the audio spans the same context.
FRAMES_PER_S, TOKENS_PER_S, CONTEXT_FRAMES = 50, 3.5, 1250


def main() -> None:
    """Time every form and print the table."""
    torch.manual_seed(0)
    with torch.inference_mode():
        torch.set_num_threads(os.cpu_count() or 1)
        throughput = {
            str(dtype)[6:]: _throughput(dtype) for dtype in (torch.float32, torch.bfloat16)
        }
        torch.set_num_threads(1)
        trials = {**_vocabulary(), **_encoder_attention(), **_look_at_audio(), **_own_attention()}
    needed = _operations_per_audio_s()
    limits = {name: 1e9 * rate / needed for name, rate in throughput.items()}
    report(
        "operations",
        [
            *(f"{name:58s} {ms:8.2f} ms" for name, ms in trials.items()),
            *(f"{MATRIX}-wide products, {name}: {g:.0f} GFLOP/s" for name, g in throughput.items()),
            f"base needs {needed / 1e9:.2f} GFLOP per second of audio",
            *(f"so at most {limit:.0f} × real time in {name}" for name, limit in limits.items()),
        ],
        {
            "milliseconds": {name: round(ms, 3) for name, ms in trials.items()},
            "gflop_per_s": {name: round(rate, 1) for name, rate in throughput.items()},
            "gflop_per_audio_s": round(needed / 1e9, 3),
            "limit_times_real_time": {name: round(limit) for name, limit in limits.items()},
        },
    )


def _ms(work: Callable[[], object]) -> float:
    work()
    count, start_s = 0, time.perf_counter()
    while time.perf_counter() - start_s < MIN_TRIAL_S:
        work()
        count += 1
    return 1000 * (time.perf_counter() - start_s) / count


def _throughput(dtype: torch.dtype) -> float:
    a, b = (torch.randn(MATRIX, MATRIX).to(dtype) for _ in range(2))
    return 2 * MATRIX**3 / 1e6 / _ms(lambda: a @ b)


def _vocabulary() -> dict[str, float]:
    found = {}
    for dtype in (torch.float32, torch.bfloat16):
        weight, x = torch.randn(VOCABULARY, STATE).to(dtype), torch.randn(ROWS, STATE).to(dtype)
        packed = Linear(weight, None, rows_hint=FEW_ROWS)
        name = f"vocabulary product of a step, {str(dtype)[6:]}"
        found[f"{name}, plain"] = _ms(lambda x=x, weight=weight: linear(x, weight))
        found[f"{name}, packed"] = _ms(lambda x=x, packed=packed: packed(x))
    return found


def _heads(frames: int, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    return torch.randn(ROWS, HEADS, frames, WIDTH).to(dtype)


def _encoder_attention() -> dict[str, float]:
    query, key, value = _heads(FRAMES), _heads(FRAMES), _heads(FRAMES)
    return {
        "encoder attention of a layer, fused": _ms(
            lambda: scaled_dot_product_attention(query, key, value)
        ),
        "encoder attention of a layer, a head at a time": _ms(lambda: attend(query, key, value)),
    }


def _look_at_audio() -> dict[str, float]:
    query = _heads(1)
    layers = [(_heads(FRAMES), _heads(FRAMES)) for _ in range(LAYERS)]

    def fused() -> None:
        for key, value in layers:
            scaled_dot_product_attention(query, key, value)

    def products() -> None:
        for key, value in layers:
            weights = torch.bmm(query.flatten(0, 1), key.flatten(0, 1).mT).softmax(dim=-1)
            torch.bmm(weights, value.flatten(0, 1))

    return {
        "a step's look at the audio, all layers, fused": _ms(fused),
        "a step's look at the audio, all layers, two products": _ms(products),
    }


def _own_attention() -> dict[str, float]:
    found = {}
    for dtype in (torch.bfloat16, torch.float32):
        query, key, value = _heads(1, dtype), _heads(PAST, dtype), _heads(PAST, dtype)
        found[f"a step's look at {PAST} tokens, a layer, {str(dtype)[6:]}"] = _ms(
            lambda query=query, key=key, value=value: scaled_dot_product_attention(
                query, key, value
            )
        )
    return found


def _operations_per_audio_s() -> float:
    encoder = LAYERS * (12 * STATE**2 + 2 * CONTEXT_FRAMES * STATE) * FRAMES_PER_S
    convolutions = (2 * 3 * 80 * STATE + 3 * STATE**2) * FRAMES_PER_S
    audio_keys = LAYERS * 2 * STATE**2 * FRAMES_PER_S
    token = LAYERS * (14 * STATE**2 + 2 * CONTEXT_FRAMES * STATE) + VOCABULARY * STATE
    return 2.0 * (encoder + convolutions + audio_keys + token * TOKENS_PER_S)


if __name__ == "__main__":
    main()
