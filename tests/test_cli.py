"""The commands as their users type them: what is printed where, and how it ends."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main
from helpers import (
    CUTS,
    SAMPLES,
    Ended,
    Listener,
    Run,
    failures,
    messages,
    processes_with,
    script_for,
    wait_for,
    write_cut,
)
from rich.text import Text

from vmaudit.cli import app
from vmaudit.cli.show import message_lines
from vmaudit.content import find_callback
from vmaudit.errors import ModelError
from vmaudit.records import Word, to_json
from vmaudit.scoring import load_rubric
from vmaudit.store import Store, store_address

TESTS = Path(__file__).resolve().parent
HOSTILE_NAME = "[bold]:bomb: \x1b[31m\u202ered[/]"


@pytest.fixture(scope="session")
def results(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one audit: not to be changed."""
    from helpers import CONFIG, auditor_for

    from vmaudit.config import RecordingOptions
    from vmaudit.runs import audit_folder

    place = tmp_path_factory.mktemp("results")
    calls = place / "calls.csv"
    calls.write_text(
        "file,rep,prospect,notes\n"
        f'nina/vega.wav,nina,"{HOSTILE_NAME}","=1+1"\n'
        f'ray/leak.wav,"{HOSTILE_NAME}",Rosa Aldana,\n'
        "marcus/brandt.wav,a rep with a name much longer than any column is,,\n",
        encoding="utf-8",
    )
    config = CONFIG.model_copy(update={"recordings": RecordingOptions(metadata=calls)})
    listener = Listener(script_for(recordings))
    audit_folder(recordings, place / "out", config, auditor=auditor_for(listener, config))
    return place / "out"


# audit: what is printed, and the exit codes


def test_audit_prints_progress_and_summary(run: Run, folder: Path) -> None:
    ended = run("audit", folder, "--out", "out", "--jobs", "1")
    assert ended.code == 0
    assert "5 of 5 files" in ended.err
    assert "5 audited, 0 unchanged since an earlier run, 0 failed" in ended.err
    assert "results: out/messages.jsonl" in ended.err
    assert "\x1b" not in ended.err + ended.out  # not a terminal
    assert not [line for line in ended.err.splitlines() if line.endswith((",", ", "))]
    assert "no rep known" in ended.out
    assert set(messages(Path("out"))) == {*CUTS, "silent.wav"}
    again = run("audit", folder, "--out", "out")
    assert again.code == 0
    assert "0 audited, 5 unchanged" in again.err


def test_failures_end_with_3(run: Run, folder: Path) -> None:
    (folder / "bad.wav").write_text("no audio")
    ended = run("audit", folder, "--out", "out")
    assert ended.code == 3
    assert "1 failed" in ended.err
    assert "failures: out/failures.jsonl" in ended.err
    assert set(failures(Path("out"))) == {"bad.wav"}
    assert run("audit", folder, "--out", "out", "--quiet") == Ended(3, "", "")


def test_quiet_prints_nothing(run: Run, folder: Path) -> None:
    assert run("audit", folder, "--out", "out", "-q") == Ended(0, "", "")


def test_json_log_is_json_and_nothing_else(run: Run, folder: Path) -> None:
    (folder / "bad.wav").write_text("no audio")
    ended = run("audit", folder, "--out", "out", "--log-format", "json")
    assert (ended.code, ended.out) == (3, "")
    events = [json.loads(line) for line in ended.err.splitlines()]
    assert {event["event"] for event in events[:-1]} == {"progress"}
    assert {"done", "total", "failed", "audio_s", "elapsed_s"} < set(events[0])
    finished = events[-1]
    assert (finished["event"], finished["state"]) == ("finished", "complete")
    assert (finished["found"], finished["audited"], finished["failed"]) == (6, 5, 1)


def test_run_says_what_it_left_out(run: Run, folder: Path) -> None:
    Path("calls.csv").write_text("file,recorded_at\nnina/vega.wav,sometime\ngone.wav,\n")
    shutil.copy(folder / "silent.wav", folder / "copy.wav")
    (folder / "notes.txt").write_text("x")
    ended = run("audit", folder, "--out", "out", "--metadata", "calls.csv", "--limit", "3")
    assert ended.code == 0
    for words in (
        "1 other file ignored: no recording\n",
        "3 recordings left out by --since or --limit",
        "1 row of the metadata matches no recording\n",
        "5 recordings have no row in the metadata",
        "warning: calls.csv row 2, recorded_at",
    ):
        assert words in ended.err


def test_one_left_out_is_said_of_one(run: Run, folder: Path) -> None:
    others = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.wav"))[1:]
    Path("calls.csv").write_text("file\n" + "\n".join(others) + "\n")
    ended = run("audit", folder, "--out", "out", "--metadata", "calls.csv", "--limit", "4")
    assert ended.code == 0
    assert "1 recording has no row in the metadata\n" in ended.err
    assert "1 recording left out by --since or --limit\n" in ended.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--limit", "0"], "limit"),
        (["--limit", "many"], "--limit"),
        (["--jobs", "0"], "jobs"),
        (["--jobs", "99"], "jobs"),
        (["--region", "usa"], "region"),
        (["--since", "yesterday"], "since"),
        (["--max-duration-s", "0"], "max_duration_s"),
        (["--max-duration-s", "nan"], "max_duration_s"),
        (["--batch-size", "lots"], "batch_size: Input should be 'auto', or: "),
        (["--batch-size", "0"], "batch_size"),
        (["--engine", "steam"], "engine"),
        (["--precision", "int4"], "precision"),
        (["--channel", "middle"], "--channel"),
        (["--raw-codec", "mp3"], "--raw-codec"),
        (["--log-format", "xml"], "--log-format"),
        (["--name-pattern", "{nobody}.wav"], "name pattern"),
        (["--metadata", "nowhere.csv"], "nowhere.csv"),
        (["--roster", "nowhere.csv"], "nowhere.csv"),
        (["--config", "nowhere.toml"], "nowhere.toml"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_wrong_value_ends_with_2_and_is_named(
    arguments: list[str], named: str, run: Run, folder: Path
) -> None:
    ended = run("audit", folder, "--out", "out", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["audit", "."], "--out"),
        (["audit"], "folder"),
        (["audit", "nowhere", "--out", "out"], "nowhere is not a folder"),
        (["nonsense"], "nonsense"),
        (["show", "nowhere", "a.wav"], "nowhere holds no results"),
        (["summary", "nowhere"], "nowhere holds no results"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], named: str, run: Run) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err
    assert not Path("out").exists()


def test_model_that_is_not_there_ends_with_1(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from vmaudit.asr.engines import model_in_use

    monkeypatch.setattr("vmaudit.pipeline.auditor.model_in_use", model_in_use)
    monkeypatch.setenv("VMAUDIT_MODEL_DIR", str(tmp_path / "no models"))
    ended = run("audit", folder, "--out", "out", "--model", "base")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: ")
    assert "vmaudit models pull base" in ended.err
    unknown = run("audit", folder, "--out", "out", "--model", "nosuch")
    assert unknown.code == 1
    assert "nosuch" in unknown.err


def test_unusable_out_is_one_line(run: Run, folder: Path) -> None:
    Path("taken").write_text("a file")
    ended = run("audit", folder, "--out", "taken")
    assert ended.code == 1
    assert ended.err.startswith("error: cannot write to taken")
    assert len(ended.err.splitlines()) == 1


def test_damaged_results_are_one_line(run: Run, folder: Path) -> None:
    Path("out").mkdir()
    Path("out/vmaudit.db").write_bytes(b"this is no database" * 100)
    for arguments in (["audit", folder, "--out", "out"], ["summary", "out"], ["show", "out", "x"]):
        ended = run(*arguments)
        assert (ended.code, ended.out) == (1, "")
        assert "out/vmaudit.db: file is not a database" in ended.err
        assert len(ended.err.splitlines()) == 1


def test_results_of_another_schema_are_one_line(run: Run) -> None:
    Path("out").mkdir()
    store = Store(store_address(Path("out")))
    store.set_fact("schema_version", "0")
    store.close()
    ended = run("summary", "out")
    assert ended.code == 1
    assert "schema 0" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_options_come_from_the_file_and_then_the_command_line(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    def used(*arguments: str) -> dict[str, Any]:
        run("audit", folder, "--out", "out", "-q", *arguments)
        config: dict[str, Any] = json.loads(Path("out/run.json").read_text())["config"]
        return config

    assert used()["content"]["region"] == "US"
    (tmp_path / "vmaudit.toml").write_text(
        "[content]\nregion = 'GB'\n[recordings]\nlimit = 2\n[run]\njobs = 1\n"
    )
    from_file = used()
    assert from_file["content"]["region"] == "GB"
    assert from_file["recordings"]["limit"] == 2
    assert from_file["audio"]["max_duration_s"] == 1800.0
    both = used("--region", "CA", "--max-duration-s", "60")
    assert both["content"]["region"] == "CA"
    assert both["recordings"]["limit"] == 2
    assert both["audio"]["max_duration_s"] == 60.0
    (tmp_path / "other.toml").write_text("[content]\nregion = 'AU'\n")
    other = used("--config", "other.toml")
    assert other["content"]["region"] == "AU"
    assert other["recordings"]["limit"] is None
    assert used("--batch-size", "auto")["asr"]["batch_size"] == "auto"
    assert used("--precision", "float32")["asr"]["precision"] == "float32"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[audio]\nloud = true\n", "audio.loud"),
        ("[audio]\nchannel = 'middle'\n", "audio.channel"),
        ("audio = 1\n", "audio must be a table"),
        ("[audio\n", "cannot read"),
        ("[nonsense]\na = 1\n", "nonsense"),
    ],
)
def test_wrong_file_of_options_ends_with_2(text: str, named: str, run: Run, folder: Path) -> None:
    Path("vmaudit.toml").write_text(text)
    ended = run("audit", folder, "--out", "out")
    assert ended.code == 2
    assert named in ended.err
    assert "vmaudit.toml" in ended.err


# summary and show


def test_summary_fits_80_columns(run: Run, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # what rich takes for a terminal
    ended = run("summary", results)
    plain = click.unstyle(ended.out)
    assert ended.code == 0
    assert max(len(line) for line in plain.splitlines()) <= 80
    for word in ("messages", "scorable", "median", "fillers", "twice", "wrong", "no rep known"):
        assert word in plain
    assert "…" not in plain


def test_piped_summary_folds_nothing(run: Run, results: Path) -> None:
    ended = run("summary", results)
    (long,) = [line for line in ended.out.splitlines() if "a rep with a name" in line]
    name, *cells = long.split("  ")
    assert name.strip() == "a rep with a name much longer than any column is"
    assert next(cell.strip() for cell in cells if cell.strip()) == "1"
    (nina,) = [line for line in ended.out.splitlines() if line.strip().startswith("nina")]
    assert nina.split()[1:3] == ["1", "0"]
    assert "100%" in nina


def test_summary_names_failures(run: Run, folder: Path) -> None:
    (folder / "bad.wav").write_text("no audio")
    run("audit", folder, "--out", "out", "-q")
    assert "1 recording failed: see failures.jsonl" in run("summary", "out").out


def test_text_in_names_does_not_act(run: Run, results: Path) -> None:
    shown = "[bold]:bomb: \\x1b[31m\\u202ered[/]"
    assert shown in run("summary", results).out
    ended = run("show", results, "nina/vega.wav")
    assert f"prospect: {shown}" in ended.out
    assert "\x1b" not in ended.out
    assert "notes: =1+1" in ended.out


def test_show_prints_one_message_in_full(run: Run, results: Path) -> None:
    ended = run("show", results, "nina/vega.wav")
    assert ended.code == 0
    for words in (
        "nina/vega.wav  scored",
        "rep: nina",
        "audio: 5.5 s, pcm_s16le, 16000 Hz",
        "message\n",
        "Transcript  confidence 0.90, scripted",
        "Reach me at 206-555-0142,",
        "    Pace: ",
        " words/min",
        "Callback number  repeated",
        "2065550142: stated 2 times; roster: unknown",
        "Signals",
        "asks callback: ",
        " of 100, ",
        "  value: 0.",
        "of 3 (",
    ):
        assert words in ended.out


def test_show_tells_partial_sayings_rushed_ones_and_the_reps_own_number(results: Path) -> None:
    store = Store(store_address(results))
    stored = next(store.audits())
    store.close()
    heard = ["240-555-0142", "again", *"240555014"]
    words = [Word(text, 0.2 * place, 0.2 * place + 0.2, 0.9) for place, text in enumerate(heard)]
    callback = to_json(find_callback(words, direct_number="301-555-0199"))
    shown = "\n".join(message_lines({**stored.payload, "callback": callback}, load_rubric()))
    assert "Callback number[/bold]  repeated partly" in shown
    assert "2405550142: stated 1 times; roster: mismatch (own number 3015550199)" in shown
    assert "5.0 digits per second, too fast to write down, not whole, part of 2405550142" in shown


def test_show_says_why_a_message_has_no_score(run: Run, results: Path) -> None:
    ended = run("show", results, "silent.wav")
    assert "silent.wav  not scorable" in ended.out
    assert "because: no speech" in ended.out
    assert "not measured: " in ended.out
    assert "Scores" not in ended.out


def test_show_tells_how_the_call_went(run: Run, results: Path) -> None:
    assert "outcome: cut off" in run("show", results, "nina/vega.wav").out  # its end is cut
    assert "outcome: no speech" in run("show", results, "silent.wav").out


def test_show_prints_what_others_said_as_it_is(results: Path) -> None:
    store = Store(store_address(results))
    stored = next(store.audits())
    store.close()
    told = {"greeting_text": HOSTILE_NAME, "same_audio_as": [HOSTILE_NAME]}
    lines = [*message_lines({**stored.payload, **told}, load_rubric())]
    heard = Text.from_markup("\n".join(lines), emoji=False).plain
    assert "before the message: [bold]:bomb: " in heard
    assert "same audio as: [bold]:bomb: " in heard
    assert "\x1b" not in heard


def test_show_finds_the_end_of_a_path(run: Run, results: Path) -> None:
    assert run("show", results, "vega.wav") == run("show", results, "nina/vega.wav")
    ambiguous = run("show", results, ".wav")
    assert (ambiguous.code, ambiguous.out) == (2, "")
    assert "could be any of: marcus/brandt.wav, nina/oakley.wav" in ambiguous.err
    missing = run("show", results, "nobody.wav")
    assert (missing.code, missing.out) == (2, "")
    assert "no message called nobody.wav" in missing.err


def test_show_prefers_the_whole_path(run: Run, folder: Path) -> None:
    write_cut(folder / "leak.wav", "ray/leak.wav", shift_s=0.1)
    run("audit", folder, "--out", "out", "-q")
    assert run("show", "out", "leak.wav").out.startswith("leak.wav  ")


# doctor, help, version


def test_doctor_says_what_is_there(run: Run) -> None:
    ended = run("doctor")
    for words in ("python", "torch", "device", "model folder", "codec gsm_ms", "speech model base"):
        assert words in ended.out
    lines = ended.out.splitlines()
    lacks = [index for index, line in enumerate(lines) if line.startswith("no ")]
    assert ended.code == (1 if lacks else 0)
    assert all(lines[index + 1].startswith("    do: ") for index in lacks)


def test_doctor_says_how_to_get_a_missing_model(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VMAUDIT_MODEL_DIR", str(tmp_path / "no models"))
    ended = run("doctor")
    assert ended.code == 1
    assert "do: vmaudit models pull " in ended.out


def commands() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    waiting: list[tuple[str, Any]] = [("vmaudit", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        found.append((name, command))
        for inner, child in getattr(command, "commands", {}).items():
            waiting.append((f"{name} {inner}", child))
    return found


def test_every_command_and_option_has_help() -> None:
    names = [name for name, _ in commands()]
    assert {"vmaudit audit", "vmaudit show", "vmaudit summary", "vmaudit doctor"} < set(names)
    for name, command in commands():
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_help_is_printed(name: str, run: Run) -> None:
    ended = run(*name.split()[1:], "--help")
    assert ended.code == 0
    assert "Usage: " in ended.out


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("vmaudit ")


# processes: signals, a full disk, the real model

# The command line with a scripted engine; at its second passage it says so and waits to be stopped.
SLOW_CLI = """
    import signal, sys, time
    from pathlib import Path
    import helpers, vmaudit.pipeline.auditor as auditor, vmaudit.pipeline.hearing as hearing
    from vmaudit.cli import main

    def wait(number, passage):
        if number == 2:
            Path("waiting").touch()
            time.sleep(120)

    script = helpers.script_for(Path(sys.argv[2]))
    auditor.model_in_use = lambda options: "scripted"
    auditor.load_transcriber = lambda options: helpers.Listener(script, before=wait)
    hearing.ThreadPoolExecutor = helpers.AtOnce
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    main()
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_run_cleanly(
    number: signal.Signals, recordings: Path, tmp_path: Path
) -> None:
    marker = f"VMAUDIT_TEST={tmp_path}"
    name, _, value = marker.partition("=")
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SLOW_CLI), "audit", str(recordings), "--out", "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(TESTS), "OMP_NUM_THREADS": "1", name: value},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for((tmp_path / "waiting").exists)
        assert len(processes_with(marker)) > 1  # the run and its decoders
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert "interrupted: run the same command again to go on" in err
    assert "Traceback" not in err
    assert len(messages(tmp_path / "out")) == 1
    assert json.loads((tmp_path / "out/run.json").read_text())["state"] == "interrupted"
    wait_for(lambda: not processes_with(marker), 10.0)


def vmaudit(
    *arguments: str | Path, cwd: Path, limit: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the installed package as a program."""
    return subprocess.run(
        [sys.executable, "-m", "vmaudit", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        preexec_fn=limit,
    )


def model_or_skip(name: str) -> None:
    from vmaudit.asr.weights import model_version

    try:
        model_version(name)
    except ModelError as error:
        pytest.skip(f"speech model {name}: {error}")


@pytest.mark.model
def test_real_model_from_the_command_line(tmp_path: Path) -> None:
    model_or_skip("base")
    folder = tmp_path / "calls"
    folder.mkdir()
    shutil.copy(SAMPLES / "harborview-motors/2026-03-04_marcus_fisk", folder)
    shutil.copy(SAMPLES / "cedar-finch-roofing/imogen/quote.mp3", folder)
    (folder / "bad.wav").write_text("no audio")
    roster, calls = tmp_path / "roster.csv", tmp_path / "calls.csv"
    roster.write_text("rep,direct_number\nimogen,303-555-0136\n")
    calls.write_text("file,rep\nquote.mp3,imogen\n")
    arguments = ("audit", folder, "--out", "out", "--model", "base", "--device", "cpu")
    tables = ("--roster", roster, "--metadata", calls)
    first = vmaudit(*arguments, *tables, cwd=tmp_path)
    assert first.returncode == 3, first.stderr
    assert "2 audited" in first.stderr
    assert "imogen" in first.stdout
    lines = messages(tmp_path / "out")
    assert lines["2026-03-04_marcus_fisk"]["status"] == "not_scorable"
    assert lines["quote.mp3"]["versions"]["speech_model"].startswith("base@")
    assert lines["quote.mp3"]["callback"]["numbers"][0]["digits"] == "3035550136"
    assert lines["quote.mp3"]["callback"]["numbers"][0]["roster"] == "match"
    (folder / "bad.wav").unlink()
    again = vmaudit(*arguments, *tables, "--quiet", cwd=tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert messages(tmp_path / "out") == lines


@pytest.mark.model
def test_full_disk_is_one_line(tmp_path: Path) -> None:
    model_or_skip("base")
    folder = tmp_path / "calls"
    folder.mkdir()
    write_cut(folder / "vega.wav", "nina/vega.wav")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    ended = vmaudit("audit", folder, "--out", "out", "--model", "base", cwd=tmp_path, limit=limit)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("error: cannot ")
    assert "Traceback" not in ended.stderr
