"""How a core runs on a machine: number format, batch and streams, by what the machine says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import torch
from tiny_whisper import tiny_model
from whisper.model import ModelDimensions, Whisper

from vmaudit.asr.whisper.workload import (
    MAX_CPU_BATCH_SIZE,
    MAX_CPU_STREAMS,
    MAX_GPU_BATCH_SIZE,
    Workload,
    cpu_has_bfloat16,
    resolve_precision,
    workload_for,
)
from vmaudit.errors import ConfigError
from vmaudit.machine import UNKNOWN_MEMORY_BYTES

Machine = Callable[..., None]
CPU, GPU = torch.device("cpu"), torch.device("cuda")
LARGE = ModelDimensions(128, 1500, 1280, 20, 32, 51866, 448, 1280, 20, 32)


def model_on(device: torch.device) -> Whisper:
    """Dimensions on a device that this machine need not have, and no weights."""
    return cast("Whisper", SimpleNamespace(device=device, dims=LARGE))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """Say how many cores, how much free memory and which instructions there are."""

    def set_to(
        *, cores: int = 4, free_gb: float = 64.0, capabilities: tuple[str, ...] = ()
    ) -> None:
        memory = tmp_path / "meminfo"
        kb = round(free_gb * 2**20)
        memory.write_text(f"MemTotal:  {2 * kb} kB\nMemFree:  1 kB\nMemAvailable: {kb} kB\n")
        monkeypatch.setattr("vmaudit.machine.MEMORY_INFO", memory)
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)), raising=False)
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free_gb * 2**30, 0))
        found = dict.fromkeys(("avx512_bf16", "amx_bf16"), False) | dict.fromkeys(
            capabilities, True
        )
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found, raising=False)

    set_to()
    return set_to


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ((), torch.float32),
        (("avx2", "avx512_f"), torch.float32),
        (("avx512_bf16",), torch.bfloat16),
        (("amx_bf16",), torch.bfloat16),
    ],
)
def test_a_cpu_takes_half_precision_only_where_it_computes_it(
    capabilities: tuple[str, ...], expected: torch.dtype, machine: Machine
) -> None:
    machine(capabilities=capabilities)
    assert resolve_precision("auto", CPU) == expected
    assert resolve_precision("auto", GPU) == torch.float16


def test_an_older_torch_that_cannot_say_gets_float32(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert not cpu_has_bfloat16()
    assert resolve_precision("auto", CPU) == torch.float32


def test_this_machine_gives_an_answer() -> None:
    assert resolve_precision("auto", CPU) in (torch.float32, torch.bfloat16)
    found = workload_for(tiny_model(), "float32", None)
    assert found.batch_size >= 1
    assert 1 <= found.streams * found.threads <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("precision", "device", "expected"),
    [
        ("float32", CPU, torch.float32),
        ("bfloat16", CPU, torch.bfloat16),
        ("float32", GPU, torch.float32),
        ("bfloat16", GPU, torch.bfloat16),
        ("float16", GPU, torch.float16),
    ],
)
def test_what_is_asked_for_is_taken(
    precision: str, device: torch.device, expected: torch.dtype, machine: Machine
) -> None:
    assert resolve_precision(precision, device) == expected
    assert workload_for(model_on(device), precision, None).dtype == expected


@pytest.mark.parametrize(
    ("precision", "device", "words"),
    [
        ("float16", CPU, "precision: float16 needs a GPU"),
        ("int8", CPU, "precision: .*--engine ct2"),
        ("int8", GPU, "precision: .*--engine ct2"),
    ],
)
def test_what_the_device_does_not_compute_is_refused(
    precision: str, device: torch.device, words: str, machine: Machine
) -> None:
    with pytest.raises(ConfigError, match=words):
        workload_for(model_on(device), precision, None)


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 8, 11, 16, 64])
def test_streams_share_the_cores_and_take_no_more(cores: int, machine: Machine) -> None:
    machine(cores=cores)
    found = workload_for(model_on(CPU), "float32", None)
    assert found.streams == min(cores, MAX_CPU_STREAMS)
    assert found.threads >= 1
    assert cores - found.streams < found.streams * found.threads <= cores


def test_batches_shrink_with_the_memory_down_to_one(machine: Machine) -> None:
    sizes = []
    for free_gb in (256.0, 32.0, 8.0, 4.0, 2.0, 0.5, 0.0):
        machine(free_gb=free_gb)
        sizes.append(workload_for(model_on(CPU), "float32", None).batch_size)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == MAX_CPU_BATCH_SIZE
    assert sizes[-1] == 1
    assert len(set(sizes)) > 2


@pytest.mark.parametrize("free_gb", [4.0, 8.0, 16.0])
def test_batches_of_all_streams_fit_into_half_of_what_is_free(
    free_gb: float, machine: Machine
) -> None:
    machine(free_gb=free_gb, cores=4)
    found = workload_for(model_on(CPU), "float32", None)
    # Keys and values of every layer, over the audio alone.
    clip_bytes = 2 * LARGE.n_text_layer * LARGE.n_audio_ctx * LARGE.n_text_state * 4
    assert found.streams * found.batch_size * clip_bytes <= free_gb * 2**30 / 2


def test_half_precision_lets_more_fit(machine: Machine) -> None:
    machine(free_gb=16.0)
    whole = workload_for(model_on(GPU), "float32", None).batch_size
    half = workload_for(model_on(GPU), "float16", None).batch_size
    assert whole < half <= 2 * whole + 1
    machine(free_gb=2000.0)
    assert workload_for(model_on(GPU), "auto", None).batch_size == MAX_GPU_BATCH_SIZE


@pytest.mark.parametrize("text", [None, "MemTotal: 5 kB\n", ""])
def test_a_system_that_does_not_say_is_taken_for_a_small_one(
    text: str | None, machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine(free_gb=UNKNOWN_MEMORY_BYTES / 2**30)
    expected = workload_for(model_on(CPU), "float32", None)
    silent = tmp_path / "silent"
    if text is not None:
        silent.write_text(text)
    monkeypatch.setattr("vmaudit.machine.MEMORY_INFO", silent)
    assert workload_for(model_on(CPU), "float32", None) == expected


@pytest.mark.parametrize("device", [CPU, GPU])
@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_a_batch_size_that_was_given_is_kept(
    batch_size: int, device: torch.device, machine: Machine
) -> None:
    machine(free_gb=0.1)
    assert workload_for(model_on(device), "auto", batch_size).batch_size == batch_size


@pytest.mark.parametrize(("alone", "expected"), [(False, 2), (True, 6)])
def test_a_stream_takes_its_share_and_all_where_it_is_alone(alone: bool, expected: int) -> None:
    before = torch.get_num_threads()
    try:
        Workload(torch.float32, 8, streams=3, threads=2).take_threads(alone=alone)
        assert torch.get_num_threads() == expected
    finally:
        torch.set_num_threads(before)
