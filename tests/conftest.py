"""Fixtures shared by the tests of whole runs."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import Ended, Listener, Run, make_folder, script_for
from hypothesis import settings

from vmaudit.cli import main
from vmaudit.store import Store, store_address

# On every machine new examples are drawn each time, but where a change waits for the answer.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four short messages and a silent one: not to be changed."""
    return make_folder(tmp_path_factory.mktemp("recordings"))


@pytest.fixture
def folder(recordings: Path, tmp_path: Path) -> Path:
    """A copy of ``recordings`` to change at will."""
    return Path(shutil.copytree(recordings, tmp_path / "calls"))


@pytest.fixture
def listener(recordings: Path) -> Listener:
    """An engine that knows what is said in ``recordings``."""
    return Listener(script_for(recordings))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in ``tmp_path``."""
    store = Store(store_address(tmp_path))
    yield store
    store.close()


@pytest.fixture
def run(
    listener: Listener,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Run]:
    """Run the command line in this process, with a scripted engine, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("vmaudit.pipeline.auditor.model_in_use", lambda options: "scripted")
    for module in ("vmaudit.pipeline.auditor", "vmaudit.bench"):
        monkeypatch.setattr(f"{module}.load_transcriber", lambda options: listener)
    handler = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["vmaudit", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Ended(code or 0, *capsys.readouterr())

    yield run
    signal.signal(signal.SIGTERM, handler)
