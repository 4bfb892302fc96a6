"""How fast a machine audits: speed, where the time goes, memory and what it costs.

A few recordings are audited to warm up, then all of them in one measured pass, in memory:
nothing is stored. Loading the models, reading the folder and writing results stay outside.
"""

from __future__ import annotations

import math
import re
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vmaudit.asr import Transcriber, load_transcriber
from vmaudit.asr.engines import resolve_device
from vmaudit.config import AsrOptions, Config
from vmaudit.errors import ConfigError
from vmaudit.machine import available_cores
from vmaudit.pipeline import Auditor
from vmaudit.pipeline.hearing import decode_jobs
from vmaudit.recordings import scan
from vmaudit.records import Failure, Recording
from vmaudit.timing import StageTime, collect

__all__ = ["BenchReport", "Cost", "Setup", "StageCost", "bench", "samples_folder"]

WARM_UP_RECORDINGS = 4
COST_MESSAGES = 1000
KIB_PER_MIB = 1024
# A stage's parts follow it; what the engine in use does not tell of is left out.
STAGES = (
    "decode",
    "isolate",
    "transcribe",
    "transcribe/encode",
    "transcribe/decode",
    "transcribe/align",
    "transcribe/spell",
    "measure",
    "score",
    "other",
)


@dataclass(frozen=True, slots=True)
class Setup:
    """What ran. ``batch_size`` and ``streams`` are None where the engine has none."""

    device: str
    cores: int
    engine: str
    speech_model: str
    precision: str
    batch_size: int | None
    streams: int | None
    jobs: int


@dataclass(frozen=True, slots=True)
class StageCost:
    """What one stage took in the measured pass.

    ``cpu_share`` is its part of all CPU time, in [0, 1]; those of the stages without a ``/``
    sum to 1. ``decode`` is the CPU time of the decode processes, their start included;
    ``other`` is what belongs to no stage: windows, waiting lists, and the threads that torch
    starts to help a stream. ``wall_s`` adds up the calls, which run side by side;
    ``wall_share`` is a part of that sum. Both are None for ``decode`` and ``other``.
    """

    stage: str
    cpu_s: float
    cpu_s_per_audio_s: float
    cpu_share: float
    wall_s: float | None
    wall_share: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What auditing ``COST_MESSAGES`` messages of this length costs, in ``currency``."""

    currency: str
    price_per_hour: float
    per_1000_messages: float


@dataclass(frozen=True, slots=True)
class BenchReport:
    """One measurement.

    ``recordings`` and ``audio_s`` count what was audited, each content once; ``failed`` the
    rest, with the reason of the first. Memory is resident, in MiB, at its highest: of this
    process since its start, of any one decode process; None where the system does not tell.
    """

    recordings: int
    failed: int
    first_failure: str | None
    audio_s: float
    wall_s: float
    times_real_time: float
    files_per_hour: float
    cpu_s: float
    cpu_s_per_audio_s: float
    stages: tuple[StageCost, ...]
    peak_memory_mib: float | None
    peak_decoder_memory_mib: float | None
    setup: Setup
    cost: Cost | None


@dataclass(frozen=True, slots=True)
class _Pass:
    """What one pass over recordings took. ``cpu_s`` is without ``decode_cpu_s``."""

    audio_s: tuple[float, ...]
    failures: tuple[Failure, ...]
    wall_s: float
    cpu_s: float
    decode_cpu_s: float
    decoder_mib: float | None
    stages: Mapping[str, StageTime]


def bench(
    folder: Path,
    config: Config | None = None,
    *,
    price_per_hour: float | None = None,
    currency: str = "USD",
    transcriber: Transcriber | None = None,
    notify: Callable[[str], None] = lambda _: None,
) -> BenchReport:
    """Audit the recordings under ``folder`` and measure.

    ``notify`` is told what is being done. Raises ``ConfigError`` for a folder without a
    recording that can be audited and for a price below 0, ``ModelError`` where the speech
    model is not installed.
    """
    config = config or Config()
    if price_per_hour is not None and not (math.isfinite(price_per_hour) and price_per_hour >= 0):
        raise ConfigError(f"price per hour: must be a number from 0 up, not {price_per_hour}")
    recordings, unread = _recordings(folder, config)
    notify("loading the models")
    transcriber = transcriber or load_transcriber(config.asr)
    auditor = Auditor(config, transcriber=transcriber)
    few = recordings[:WARM_UP_RECORDINGS]
    notify(f"warming up: {len(few)} recordings")
    _audit(auditor, few)
    notify(f"measuring: {len(recordings)} recordings")
    done = _audit(auditor, recordings)
    failures = (*unread, *done.failures)
    if not done.audio_s:
        raise ConfigError(f"no recording in {folder} could be audited; {_first(failures)}")
    return _report(done, failures, _setup(config, transcriber), _price(price_per_hour, currency))


def samples_folder() -> Path:
    """``samples/`` of the repository that this package is run from.

    Raises ``ConfigError`` where the package was installed without its repository.
    """
    repository = Path(__file__).resolve().parents[1]
    folder = repository / "samples"
    if not (repository / "pyproject.toml").is_file() or not folder.is_dir():
        raise ConfigError("give a FOLDER of recordings; this installation has no samples")
    return folder


def _recordings(folder: Path, config: Config) -> tuple[list[Recording], tuple[Failure, ...]]:
    """Each content once, so that copies do not look like speed."""
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder")
    found = scan(folder, config.recordings, raw_codec=config.audio.raw_codec)
    recordings = list({recording.id: recording for recording in found.recordings}.values())
    if not recordings:
        why = f" that can be read; {_first(found.failures)}" if found.failures else ""
        raise ConfigError(f"{folder} holds no recordings{why}")
    return recordings, found.failures


def _audit(auditor: Auditor, recordings: Sequence[Recording]) -> _Pass:
    audio_s: list[float] = []
    failures: list[Failure] = []
    decoder_mib: float | None = None
    cpu_start_s, decode_start_s = time.process_time(), _children_cpu_s()
    wall_start_s = time.perf_counter()
    with collect() as times:
        for results in auditor.audit(recordings):
            decoder_mib = max(filter(None, (decoder_mib, _children_peak_mib())), default=None)
            for result in results:
                if isinstance(result, Failure):
                    failures.append(result)
                else:
                    audio_s.append(result.heard.audio.duration_s)
    return _Pass(
        audio_s=tuple(audio_s),
        failures=tuple(failures),
        wall_s=time.perf_counter() - wall_start_s,
        cpu_s=time.process_time() - cpu_start_s,
        decode_cpu_s=_children_cpu_s() - decode_start_s,
        decoder_mib=decoder_mib,
        stages=times.totals(),
    )


def _report(
    done: _Pass, failures: Sequence[Failure], setup: Setup, price: tuple[str, float] | None
) -> BenchReport:
    audio_s, messages = sum(done.audio_s), len(done.audio_s)
    cpu_s = done.cpu_s + done.decode_cpu_s
    cost: Cost | None = None
    if price is not None:
        currency, per_hour = price
        per_1000 = per_hour / 3600 * done.wall_s / messages * COST_MESSAGES
        cost = Cost(currency, per_hour, per_1000)
    return BenchReport(
        recordings=messages,
        failed=len(failures),
        first_failure=_first(failures) if failures else None,
        audio_s=audio_s,
        wall_s=done.wall_s,
        times_real_time=audio_s / done.wall_s,
        files_per_hour=messages / done.wall_s * 3600,
        cpu_s=cpu_s,
        cpu_s_per_audio_s=cpu_s / audio_s,
        stages=tuple(_stage_costs(done, cpu_s, audio_s)),
        peak_memory_mib=_peak_mib("self"),
        peak_decoder_memory_mib=done.decoder_mib,
        setup=setup,
        cost=cost,
    )


def _stage_costs(done: _Pass, cpu_s: float, audio_s: float) -> list[StageCost]:
    whole = {path: time for path, time in done.stages.items() if "/" not in path}
    wall_s = sum(time.wall_s for time in whole.values())
    other_s = max(0.0, done.cpu_s - sum(time.cpu_s for time in whole.values()))
    cpu_by_stage = {path: time.cpu_s for path, time in done.stages.items()}
    cpu_by_stage |= {"decode": done.decode_cpu_s, "other": other_s}
    costs = []
    for stage in STAGES:
        if stage not in cpu_by_stage:
            continue
        stage_cpu_s, timed = cpu_by_stage[stage], done.stages.get(stage)
        costs.append(
            StageCost(
                stage=stage,
                cpu_s=stage_cpu_s,
                cpu_s_per_audio_s=stage_cpu_s / audio_s,
                cpu_share=stage_cpu_s / cpu_s,
                wall_s=timed.wall_s if timed else None,
                wall_share=timed.wall_s / wall_s if timed else None,
            )
        )
    return costs


def _first(failures: Sequence[Failure]) -> str:
    return f"{failures[0].path}: {failures[0].reason}"


def _price(price_per_hour: float | None, currency: str) -> tuple[str, float] | None:
    return None if price_per_hour is None else (currency, price_per_hour)


def _setup(config: Config, transcriber: Transcriber) -> Setup:
    from vmaudit.asr.whisper.transcriber import WhisperTranscriber

    device, cores = resolve_device(config.asr.device), available_cores()
    batched = transcriber.recogniser if isinstance(transcriber, WhisperTranscriber) else None
    return Setup(
        device=_device_name(device),
        cores=cores,
        engine=config.asr.engine,
        speech_model=transcriber.version,
        precision=_precision(config.asr, device),
        batch_size=batched.batch_size if batched else None,
        streams=batched.streams if batched else None,
        jobs=decode_jobs(config),
    )


def _device_name(device: str) -> str:
    import torch

    if device == "cpu":
        return f"cpu, {torch.backends.cpu.get_cpu_capability()}"
    return f"{device}, {torch.cuda.get_device_name(device)}"


def _precision(options: AsrOptions, device: str) -> str:
    """The number format in use, or ``auto`` where an engine keeps its choice to itself."""
    if options.engine != "torch":
        return options.precision
    import torch

    from vmaudit.asr.whisper.workload import resolve_precision

    return str(resolve_precision(options.precision, torch.device(device))).removeprefix("torch.")


def _children_cpu_s() -> float:
    """User and system time of the child processes that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _children_peak_mib() -> float | None:
    """The highest resident size of any one living child; None where /proc does not tell.

    ``ru_maxrss`` would not do: on Linux a child's begins with the size of its parent
    (setmax_mm_hiwater_rss in the kernel's exec_mmap).
    """
    try:
        # A child is listed under the thread that started it.
        lists = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    except OSError:  # a thread has just ended; the next look will do
        return None
    peaks = [_peak_mib(pid) for text in lists for pid in text.split()]
    return max((peak for peak in peaks if peak is not None), default=None)


def _peak_mib(process: str) -> float | None:
    """The highest resident size of a process (its id or ``self``) since its start, from Linux."""
    try:
        status = Path("/proc", process, "status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)
    return int(found[1]) / KIB_PER_MIB if found else None
