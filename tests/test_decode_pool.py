"""Worker processes: order, bounds, and every way in which a decoder can go wrong."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vmaudit.audio import DecodePool, decode
from vmaudit.config import AudioOptions
from vmaudit.errors import LimitExceeded, NotAudio, RecordingError, WorkerDied
from vmaudit.records import AudioInfo, Recording, Waveform

DEFAULT = AudioOptions()
INFO = AudioInfo(1 / 3, 8000, 1, "pcm_s16le")


def misbehave(path: Path, options: AudioOptions) -> Waveform:
    """Do what the file's name says, in the worker."""
    word = path.name.split("-")[0]
    if word == "exit":
        os._exit(7)
    if word == "leave":
        sys.exit(3)
    if word == "crash":
        ctypes.string_at(0)
    if word == "hang":
        (path.parent / f"pid-{os.getpid()}").touch()
        time.sleep(600)
    if word == "bug":
        raise ZeroDivisionError("seven by none")
    if word == "refuse":
        raise NotAudio("a refusal with µ")
    if word == "print":
        sys.stdout.write("hello from the decoder\n")
        sys.stdout.flush()
        os.write(1, b"and from C\n")
    if word == "slow":
        time.sleep(0.3)
    if word == "modules":
        raise NotAudio(json.dumps([name for name in sys.modules if "." not in name]))
    return Waveform(np.full(5, len(path.name) / 100, dtype=np.float32), INFO)


def recording(path: Path) -> Recording:
    return Recording("0" * 64, path, path.name, 1)


def as_it_is(item: Recording, waveform: Waveform) -> Waveform:
    return waveform


def run_all(names: list[str], jobs: int = 2, **options: float) -> list[Waveform | RecordingError]:
    chosen = AudioOptions.model_validate(options)
    with DecodePool(chosen, jobs=jobs, decode_one=misbehave) as pool:
        recordings = [recording(Path(name)) for name in names]
        outcomes = list(pool.imap(recordings, max_pending=4, then=as_it_is))
    assert [item.relative_path for item, _ in outcomes] == names
    return [outcome for _, outcome in outcomes]


def write_tone(path: Path, seconds: float = 1.0) -> Path:
    times = np.arange(round(8000 * seconds)) / 8000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((16_000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes())
    return path


def test_pool_gives_what_decode_gives(tmp_path: Path) -> None:
    paths = [write_tone(tmp_path / f"{index}.wav", 0.5 + index / 3) for index in range(6)]
    bad = tmp_path / "bad.wav"
    bad.write_text("no audio")
    with DecodePool(DEFAULT, jobs=2) as pool:
        outcomes = list(pool.imap(map(recording, [*paths, bad]), max_pending=3, then=as_it_is))
    for path, (item, outcome) in zip(paths, outcomes, strict=False):
        expected = decode(path, DEFAULT)
        assert item.path == path
        assert isinstance(outcome, Waveform)
        assert outcome.info == expected.info
        np.testing.assert_array_equal(outcome.samples, expected.samples)
    assert isinstance(outcomes[-1][1], NotAudio)


def test_input_order_although_the_first_is_slow() -> None:
    outcomes = run_all(["slow-1", *[f"ok-{index}" for index in range(9)]], jobs=3)
    assert all(isinstance(outcome, Waveform) for outcome in outcomes)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("exit", WorkerDied, "exit code 7"),
        ("leave", WorkerDied, "died"),
        ("crash", WorkerDied, "died"),
        ("bug", RecordingError, "ZeroDivisionError: seven by none"),
        ("refuse", NotAudio, "a refusal with µ"),
    ],
)
def test_one_bad_file_costs_one_file(name: str, kind: type[RecordingError], words: str) -> None:
    before, bad, *after = run_all(["ok-1", name, "ok-2", "ok-3", "ok-4"], jobs=1)
    assert type(bad) is kind
    assert words in str(bad)
    assert all(isinstance(outcome, Waveform) for outcome in (before, *after))


def test_every_file_bad() -> None:
    assert all(isinstance(outcome, WorkerDied) for outcome in run_all(["exit"] * 4))


def test_slow_decoder_is_killed_and_the_run_goes_on(tmp_path: Path) -> None:
    started = time.perf_counter()
    names = [str(tmp_path / "hang-1"), "ok-2", "ok-3"]
    with DecodePool(AudioOptions(decode_timeout_s=0.5), jobs=1, decode_one=misbehave) as pool:
        items = map(recording, map(Path, names))
        outcomes = [out for _, out in pool.imap(items, max_pending=2, then=as_it_is)]
    assert time.perf_counter() - started < 20
    assert isinstance(outcomes[0], LimitExceeded)
    assert "0.5 s" in str(outcomes[0])
    assert all(isinstance(outcome, Waveform) for outcome in outcomes[1:])
    assert not any(alive(pid) for pid in worker_pids(tmp_path))


def test_printing_does_not_break_the_wire() -> None:
    (outcome,) = run_all(["print-1"])
    assert isinstance(outcome, Waveform)
    assert outcome.samples.tolist() == pytest.approx([0.07] * 5)
    assert outcome.info.duration_s == 1 / 3


def test_names_of_any_bytes(tmp_path: Path) -> None:
    name = os.fsdecode(b"odd\xff name\n'\"=cmd()\xe2\x82\xac.wav")
    write_tone(tmp_path / name)
    with DecodePool(DEFAULT, jobs=1) as pool:
        ((_, outcome),) = pool.imap([recording(tmp_path / name)], max_pending=1, then=as_it_is)
    assert isinstance(outcome, Waveform)


def test_what_follows_runs_here_side_by_side_and_in_order() -> None:
    both_are_there = threading.Barrier(2, timeout=30)

    def then(item: Recording, waveform: Waveform) -> tuple[str, float, int]:
        both_are_there.wait()  # breaks unless two of them are under way at once
        return item.relative_path, float(waveform.samples[0]), os.getpid()

    names = ["slow-1", "ok-2", "ok-3", "refuse", "ok-five"]
    with DecodePool(DEFAULT, jobs=2, decode_one=misbehave) as pool:
        items = map(recording, map(Path, names))
        outcomes = [out for _, out in pool.imap(items, max_pending=4, then=then)]
    assert isinstance(outcomes.pop(3), NotAudio)  # and nothing follows a failure
    names.remove("refuse")
    expected = [(name, float(np.float32(len(name) / 100)), os.getpid()) for name in names]
    assert outcomes == expected


def test_a_fault_in_what_follows_is_not_taken_for_a_bad_file() -> None:
    def then(item: Recording, waveform: Waveform) -> Waveform:
        raise ZeroDivisionError(item.relative_path)

    with DecodePool(DEFAULT, jobs=1, decode_one=misbehave) as pool:
        outcomes = pool.imap([recording(Path("ok-1"))], max_pending=1, then=then)
        with pytest.raises(ZeroDivisionError, match="ok-1"):
            next(outcomes)


def test_input_is_pulled_lazily() -> None:
    pulled = 0

    def source() -> Iterator[Recording]:
        nonlocal pulled
        for index in range(1000):
            pulled += 1
            yield recording(Path(f"ok-{index}"))

    with DecodePool(DEFAULT, jobs=2, decode_one=misbehave) as pool:
        outcomes = pool.imap(source(), max_pending=3, then=as_it_is)
        assert pulled == 0
        for seen in range(1, 20):
            next(outcomes)
            assert pulled <= seen + 3 - 1
    assert pulled < 30


def test_an_error_of_the_caller_ends_the_pool_at_once(tmp_path: Path) -> None:
    started = time.perf_counter()

    def interrupted() -> None:
        with DecodePool(DEFAULT, jobs=2, decode_one=misbehave) as pool:
            items = [recording(tmp_path / "hang-1"), recording(tmp_path / "hang-2")]
            outcomes = pool.imap([recording(Path("ok")), *items], max_pending=3, then=as_it_is)
            next(outcomes)
            wait_for_pids(tmp_path, 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.perf_counter() - started < 20
    assert not any(alive(pid) for pid in worker_pids(tmp_path))


@pytest.mark.parametrize(("jobs", "max_pending"), [(0, 1), (1, 0)])
def test_counts_below_one_are_refused(jobs: int, max_pending: int) -> None:
    with pytest.raises(ValueError, match="at least 1"), DecodePool(DEFAULT, jobs=jobs) as pool:
        pool.imap([], max_pending=max_pending, then=as_it_is)


def test_must_be_entered() -> None:
    with pytest.raises(RuntimeError, match="with"):
        DecodePool(DEFAULT, jobs=1).imap([], max_pending=1, then=as_it_is)


def test_decode_one_must_be_importable() -> None:
    def nested(path: Path, options: AudioOptions) -> Waveform:
        raise NotAudio(f"{path} {options}")

    with pytest.raises(ValueError, match="top level"):
        DecodePool(DEFAULT, jobs=1, decode_one=nested)


def test_workers_do_not_load_heavy_packages() -> None:
    (outcome,) = run_all(["modules"])
    loaded = set(json.loads(str(outcome)))
    assert "numpy" in loaded
    assert not loaded & {"torch", "librosa", "scipy", "sklearn", "whisper", "silero_vad"}
    code = "import sys, vmaudit.audio.pool; print(sorted({'torch', 'librosa'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- a decoder that a file has taken over: what it might send, by file name

CLAIMED = {"duration_s": 0.1, "sample_rate_hz": 8000, "channels": 2, "codec": "pcm_s16le"}
LIES: dict[str, Any] = {
    "endless": {"samples": 10**12, "parties": 2, "info": CLAIMED},
    "longer than the options allow": {"samples": 12 * 16_000, "parties": 2, "info": CLAIMED},
    "infinite": {"samples": float("inf"), "parties": 1, "info": CLAIMED},
    "less than nothing": {"samples": -1, "parties": 2, "info": CLAIMED},
    "a fraction": {"samples": 0.5, "parties": 1, "info": CLAIMED},
    "true": {"samples": True, "parties": 1, "info": CLAIMED},
    "a crowd": {"samples": 1, "parties": 10**9, "info": CLAIMED},
    "nobody": {"samples": 1, "parties": 0, "info": CLAIMED},
    "parties in words": {"samples": 1, "parties": "two", "info": CLAIMED},
    "no parties": {"samples": 1, "info": CLAIMED},
    "no info": {"samples": 1, "parties": 1, "info": []},
}
DEEP = "deep"


def lie(path: Path, options: AudioOptions) -> Waveform:
    """Write to the reply pipe what the file's name says, and wait."""
    if path.name != DEEP and path.name not in LIES:
        return Waveform(np.zeros(5, dtype=np.float32), INFO)
    header = b"[" * 200_000 if path.name == DEEP else json.dumps(LIES[path.name]).encode()
    descriptors = [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]
    (replies,) = (number for number in descriptors if number > 2 and _is_pipe(number))
    os.write(replies, len(header).to_bytes(4, "little") + header)
    time.sleep(600)
    raise AssertionError("nobody ended this process")


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at /proc")
def test_lies_about_a_file_cost_that_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vmaudit.audio.process.LAST_WORDS_S", 0.01)
    names = ["honest", *LIES, DEEP, "honest"]
    with DecodePool(AudioOptions(max_duration_s=10), jobs=2, decode_one=lie) as pool:
        items = [recording(Path(name)) for name in names]
        first, *lied, last = (out for _, out in pool.imap(items, max_pending=2, then=as_it_is))
    assert {type(outcome) for outcome in lied} == {WorkerDied}
    assert all("makes no sense" in str(outcome) for outcome in lied)
    assert isinstance(first, Waveform)
    assert isinstance(last, Waveform)


# --- a parent that is interrupted or killed

PARENT = """
    import signal
    import sys
    from pathlib import Path
    from test_decode_pool import DEFAULT, as_it_is, misbehave, recording
    from vmaudit.audio import DecodePool

    # A shell without job control starts what is in its background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = Path(sys.argv[1])
    with DecodePool(DEFAULT, jobs=2, decode_one=misbehave) as pool:
        items = [recording(folder / f"hang-{index}") for index in range(4)]
        list(pool.imap(items, max_pending=4, then=as_it_is))
"""


def worker_pids(folder: Path) -> list[int]:
    return [int(path.name.removeprefix("pid-")) for path in folder.glob("pid-*")]


def wait_for_pids(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 30
    while len(worker_pids(folder)) < count:
        assert time.monotonic() < deadline, "the workers did not start"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_parent(tmp_path: Path, sent: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path)],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        wait_for_pids(tmp_path, 2)
        os.killpg(parent.pid, sent)  # as a terminal does for Ctrl-C
        _, stderr = parent.communicate(timeout=20)
    assert stderr.count("Traceback") == (1 if sent == signal.SIGINT else 0)
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in worker_pids(tmp_path)):
        assert time.monotonic() < deadline, "a worker is still there"
        time.sleep(0.02)


def test_many_runs_leak_no_descriptors(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "a.wav")
    counts = []
    for _ in range(3):
        with DecodePool(DEFAULT, jobs=2) as pool:
            list(pool.imap([recording(path)] * 4, max_pending=4, then=as_it_is))
        counts.append(len(os.listdir("/dev/fd")))
    assert counts[0] == counts[2]
