"""Timing of stages, ``vmaudit bench``, and what ``vmaudit doctor`` says of the device."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import torch
from helpers import CONFIG, SAMPLES, SILENT, Listener, Run, write_wav
from numpy.typing import NDArray

import vmaudit.bench
from vmaudit import doctor, timing
from vmaudit.asr.whisper.recogniser import HeardClip, HeardDigits, HeardWord
from vmaudit.asr.whisper.transcriber import WhisperTranscriber
from vmaudit.asr.whisper.workload import resolve_precision
from vmaudit.bench import BenchReport, StageCost, bench
from vmaudit.cli.bench import LABELS
from vmaudit.config import RecordingOptions
from vmaudit.errors import ConfigError
from vmaudit.records import SAMPLE_RATE_HZ
from vmaudit.timing import collect, stage

BUSY_S = 0.03
NO_SAMPLES = "RIFF    WAVEfmt "  # found as a recording; decoding fails


def burn(cpu_s: float) -> None:
    """Keep the present thread computing."""
    end_s = time.thread_time() + cpu_s
    while time.thread_time() < end_s:
        pass


class Hello:
    """A recogniser that hears one word in every clip, in the three steps of the real one."""

    version = "hello@1"
    batch_size = 2
    streams = 2

    def recognise(self, clips: Sequence[NDArray[np.float32]], *, alone: bool) -> list[HeardClip]:
        for step in ("encode", "decode", "align"):
            with stage(step):
                burn(0.005)
        ends_s = [len(clip) / SAMPLE_RATE_HZ for clip in clips]
        return [HeardClip((HeardWord(" hello", 0.0, s, 0.9),), None, "en", 0.9) for s in ends_s]

    def spell(self, clip: NDArray[np.float32], lead: str) -> tuple[HeardDigits, ...]:
        raise AssertionError(f"nobody says digits, not even after {lead!r}")


@pytest.fixture(scope="module")
def report(recordings: Path) -> BenchReport:
    """One measurement of the short messages, in all its stages."""
    return bench(recordings, CONFIG, transcriber=WhisperTranscriber(Hello()), price_per_hour=0.36)


# timing


def test_nothing_is_timed_unless_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    no_clock = object()
    with collect() as times:
        pass
    monkeypatch.setattr(timing, "time", no_clock)
    with stage("isolate"):
        pass
    assert times.totals() == {}
    with collect(), pytest.raises(AttributeError, match="thread_time"), stage("isolate"):
        pass


def test_working_is_cpu_time_and_waiting_is_not() -> None:
    with collect() as times:
        with stage("works"):
            burn(BUSY_S)
        with stage("waits"):
            time.sleep(BUSY_S)
    works, waits = times.totals()["works"], times.totals()["waits"]
    assert BUSY_S <= works.cpu_s < 2 * BUSY_S
    assert works.wall_s >= works.cpu_s * 0.99
    assert waits.cpu_s < BUSY_S / 2
    assert waits.wall_s >= BUSY_S * 0.99


def test_parts_are_within_their_stage() -> None:
    with collect() as times:
        for _ in range(3):
            with stage("whole"), stage("part"):
                burn(BUSY_S / 3)
        with stage("part"):
            pass
    totals = times.totals()
    assert {path: time.calls for path, time in totals.items()} == {
        "whole": 3,
        "whole/part": 3,
        "part": 1,
    }
    assert totals["whole"].cpu_s >= totals["whole/part"].cpu_s >= BUSY_S
    assert totals["part"].cpu_s < BUSY_S


def test_nested_collectors_each_get_what_begins_while_they_collect() -> None:
    with collect() as outer:
        with stage("before"):
            pass
        with collect() as inner, stage("inside"):
            pass
        with stage("after"):
            pass
    assert set(outer.totals()) == {"before", "inside", "after"}
    assert set(inner.totals()) == {"inside"}


def test_a_stage_that_raises_is_timed_and_left() -> None:
    def fail() -> None:
        with stage("fails"):
            raise ValueError("wrong")

    with collect() as times:
        with pytest.raises(ValueError, match="wrong"):
            fail()
        with stage("next"):
            pass
    assert set(times.totals()) == {"fails", "next"}


def test_collecting_ends_with_an_error() -> None:
    with pytest.raises(ValueError, match="wrong"), collect() as times:
        raise ValueError("wrong")
    with stage("later"):
        pass
    assert times.totals() == {}


def test_threads_add_up_and_do_not_nest_in_each_other() -> None:
    rounds, count = 200, 4

    def work() -> None:
        for _ in range(rounds):
            with stage("inner"):
                pass
        with stage("busy"):
            burn(BUSY_S)

    with collect() as times, stage("outer"):
        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    totals = times.totals()
    assert set(totals) == {"inner", "busy", "outer"}
    assert (totals["inner"].calls, totals["busy"].calls) == (rounds * count, count)
    assert totals["busy"].cpu_s >= count * BUSY_S
    assert totals["outer"].cpu_s < totals["busy"].cpu_s


# bench


def test_every_stage_has_a_time(report: BenchReport) -> None:
    here = [name for name in vmaudit.bench.STAGES if name != "transcribe/spell"]  # no digits
    assert [cost.stage for cost in report.stages] == here
    for cost in report.stages:
        assert cost.cpu_s > 0, cost.stage
        outside = cost.stage in ("decode", "other")
        assert (cost.wall_s is None) == (cost.wall_share is None) == outside
        assert outside or (cost.wall_s or 0.0) > 0, cost.stage


def whole(report: BenchReport) -> list[StageCost]:
    return [cost for cost in report.stages if "/" not in cost.stage]


def test_shares_sum_to_1(report: BenchReport) -> None:
    stages = whole(report)
    assert sum(cost.cpu_share for cost in stages) == pytest.approx(1)
    assert sum(cost.wall_share or 0.0 for cost in stages) == pytest.approx(1)
    assert sum(cost.cpu_s for cost in stages) == pytest.approx(report.cpu_s)
    assert sum(c.cpu_s_per_audio_s for c in stages) == pytest.approx(report.cpu_s_per_audio_s)
    by_name = {cost.stage: cost for cost in report.stages}
    parts = [cost for name, cost in by_name.items() if name.startswith("transcribe/")]
    assert sum(part.cpu_s for part in parts) <= by_name["transcribe"].cpu_s


def test_rates_follow_from_what_was_audited(report: BenchReport) -> None:
    # The lengths of the cuts, and 2 s of silence.
    assert (report.recordings, report.failed, report.first_failure) == (5, 0, None)
    assert report.audio_s == pytest.approx(4.0 + 7.0 + 5.5 + 3.5 + 2.0)
    assert report.times_real_time == pytest.approx(22.0 / report.wall_s)
    assert report.files_per_hour == pytest.approx(5 * 3600 / report.wall_s)
    assert report.cpu_s_per_audio_s == pytest.approx(report.cpu_s / 22.0)


def test_cost_is_the_machine_time_of_1000_messages(report: BenchReport) -> None:
    assert report.cost is not None
    # 0.36 an hour is 0.0001 a second.
    assert report.cost.per_1000_messages == pytest.approx(0.0001 * report.wall_s / 5 * 1000)
    assert (report.cost.currency, report.cost.price_per_hour) == ("USD", 0.36)


def test_setup_says_what_ran(report: BenchReport) -> None:
    setup = report.setup
    assert (setup.speech_model, setup.batch_size, setup.streams) == ("hello@1", 2, 2)
    assert (setup.engine, setup.jobs) == ("torch", 1)
    assert setup.precision in ("float32", "bfloat16", "float16")


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs /proc")
def test_memory_of_decoders_is_theirs_and_not_their_parents(report: BenchReport) -> None:
    assert report.peak_memory_mib is not None
    assert report.peak_decoder_memory_mib is not None
    # An interpreter takes more than 5 MiB; one without torch far less than one with it.
    assert 5 < report.peak_decoder_memory_mib < report.peak_memory_mib * 0.75


def test_unknown_memory_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(vmaudit.bench, "Path", lambda *parts: tmp_path / "nowhere")
    assert vmaudit.bench._peak_mib("self") is None
    assert vmaudit.bench._children_peak_mib() is None


def test_engine_without_batches_or_stages(recordings: Path) -> None:
    config = CONFIG.model_copy(update={"recordings": RecordingOptions(limit=2)})
    report = bench(recordings, config, transcriber=Listener({}))
    assert report.recordings == 2
    assert (report.setup.batch_size, report.setup.streams, report.cost) == (None, None, None)
    assert [cost.stage for cost in report.stages] == [
        "decode",
        "isolate",
        "measure",
        "score",
        "other",
    ]
    assert sum(cost.cpu_share for cost in report.stages) == pytest.approx(1)


def test_warms_up_on_a_few_and_measures_each_content_once(folder: Path) -> None:
    shutil.copy(folder / "ray/leak.wav", folder / "copy.wav")
    listener, said = Listener({}), list[str]()
    report = bench(folder, CONFIG, transcriber=listener, notify=said.append)
    assert report.recordings == 5
    few = vmaudit.bench.WARM_UP_RECORDINGS
    assert len(listener.heard) == few + 5
    assert set(listener.heard[:few]) < set(listener.heard[few:])
    assert said == [
        "loading the models",
        "warming up: 4 recordings",
        "measuring: 5 recordings",
    ]


def test_broken_recordings_are_counted_and_do_not_end_it(folder: Path) -> None:
    (folder / "broken.wav").write_text("no audio")
    (folder / "cut.wav").write_text(NO_SAMPLES)
    report = bench(folder, CONFIG, transcriber=Listener({}))
    assert (report.recordings, report.failed) == (5, 2)
    assert report.first_failure is not None
    assert report.first_failure.startswith("broken.wav: ")
    assert report.audio_s == pytest.approx(22.0)


@pytest.mark.parametrize("price", [-0.01, math.nan, math.inf])
def test_a_price_is_a_number_from_0_up(price: float, recordings: Path) -> None:
    with pytest.raises(ConfigError, match="price per hour"):
        bench(recordings, CONFIG, transcriber=Listener({}), price_per_hour=price)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({}, "holds no recordings"),
        ({"notes.txt": "x"}, "holds no recordings"),
        ({"broken.wav": "no audio"}, r"no recordings that can be read; broken\.wav: "),
        ({"cut.wav": NO_SAMPLES}, r"no recording in .* could be audited; cut\.wav: "),
    ],
)
def test_a_folder_without_audio_is_refused(
    content: dict[str, str], named: str, tmp_path: Path
) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=named):
        bench(tmp_path, CONFIG, transcriber=Listener({}))


def test_samples_are_those_of_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert vmaudit.bench.samples_folder() == SAMPLES
    # Installed: another package's folder of this name is not ours.
    (tmp_path / "samples").mkdir()
    monkeypatch.setattr(vmaudit.bench, "__file__", str(tmp_path / "vmaudit" / "bench.py"))
    with pytest.raises(ConfigError, match="give a FOLDER"):
        vmaudit.bench.samples_folder()


# The command


def test_command_prints_what_json_says(run: Run, recordings: Path) -> None:
    code, out, err = run(
        "bench",
        recordings,
        "--jobs",
        "1",
        "--price-per-hour",
        "3.6",
        "--currency",
        "EUR",
        "--json",
        "b.json",
    )
    found: dict[str, Any] = json.loads(Path("b.json").read_text())
    assert code == 0
    assert "measuring: 5 recordings" in err
    assert list(found) == [field.name for field in fields(BenchReport)]
    assert "5 audited, 0 failed" in out
    assert f"{found['times_real_time']:.1f} × real time" in out
    assert f"{found['files_per_hour']:,.0f} files per hour" in out
    cost = found["cost"]
    assert cost["per_1000_messages"] == pytest.approx(0.001 * found["wall_s"] / 5 * 1000, rel=0.01)
    assert "EUR per 1,000 messages of 4.4 s, at 3.6 EUR per hour" in " ".join(out.split())
    for entry in found["stages"]:
        (line,) = [
            line for line in out.splitlines() if line.startswith(f" {LABELS[entry['stage']]}")
        ]
        (shown,) = (float(one) for one in re.findall(r"([\d.]+)%", line)[:1])
        assert shown == pytest.approx(100 * entry["cpu_share"], abs=0.06)  # the JSON is rounded
    assert max(map(len, out.splitlines())) <= 80
    assert sorted(path.name for path in Path().iterdir()) == ["b.json"]


def test_every_stage_has_a_label() -> None:
    assert set(LABELS) == set(vmaudit.bench.STAGES)


def test_failures_are_told_and_end_with_3(run: Run, folder: Path) -> None:
    (folder / "[bold]broken.wav").write_text("no audio")
    code, out, _ = run("bench", folder, "--limit", "9")
    assert code == 3
    assert "5 audited, 1 failed" in out
    assert "[bold]broken.wav: " in out


def test_no_folder_takes_the_samples(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = run("bench", "--limit", "1")
    assert (code, "measuring: 1 recordings" in err) == (0, True)
    assert "1 audited, 0 failed" in out
    monkeypatch.setattr(vmaudit.bench, "__file__", "/nowhere/vmaudit/bench.py")
    assert run("bench") == (
        2,
        "",
        "error: give a FOLDER of recordings; this installation has no samples\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["nowhere"], 2, "nowhere is not a folder"),
        (["empty"], 2, "empty holds no recordings"),
        (["calls", "--limit", "0"], 2, "recordings.limit"),
        (["calls", "--price-per-hour", "-1"], 2, "price per hour"),
        (["calls", "--device", "abacus"], 2, "device: 'abacus'"),
        (["calls", "--json", "nowhere/b.json"], 1, "cannot write nowhere/b.json"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str], code: int, named: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    write_wav(tmp_path / "calls" / SILENT, np.zeros(SAMPLE_RATE_HZ, dtype=np.float32))
    ended, _, err = run("bench", *arguments)
    (line,) = [line for line in err.splitlines() if line.startswith("error: ")]
    assert ended == code
    assert named in line


def test_options_of_the_file_count(run: Run, folder: Path) -> None:
    Path("vmaudit.toml").write_text("[recordings]\nlimit = 2\n")
    assert "2 audited" in run("bench", folder)[1]
    assert "3 audited" in run("bench", folder, "--limit", "3")[1]


def test_numbers_not_known_are_said_so(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch, report: BenchReport
) -> None:
    unknown = replace(report, peak_memory_mib=None, peak_decoder_memory_mib=None)
    monkeypatch.setattr(vmaudit.bench, "bench", lambda *given, **options: unknown)
    out = click.unstyle(run("bench", recordings)[1])
    assert "not known; largest decode process not known" in out
    assert "of 2 windows × 2 streams" in out


# doctor


def test_doctor_says_how_the_device_is_used() -> None:
    (device,) = [finding for finding in doctor.examine() if finding.name == "device"]
    precision = str(resolve_precision("auto", torch.device(device.detail.partition(":")[0])))
    shape = r"(cpu|cuda): .+, (\w+), (\d+) streams?( of (\d+) threads?)?, batches of up to (\d+)"
    said = re.fullmatch(shape, device.detail)
    assert said, device.detail
    assert f"torch.{said[2]}" == precision
    assert (said[5] is None) == (said[1] == "cuda")


@pytest.mark.parametrize(
    ("cores", "said"),
    [
        (1, "1 stream of 1 thread"),
        (2, "2 streams of 1 thread"),
        (8, "8 streams of 1 thread"),
        (32, "8 streams of 4 threads"),
    ],
)
def test_doctor_shares_out_the_cores(
    cores: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)), raising=False)
    device = next(finding for finding in doctor.examine() if finding.name == "device")
    assert f", {said}, batches of up to 8" in device.detail
