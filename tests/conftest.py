"""Fixtures shared by the tests of whole runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from helpers import Listener, make_folder, script_for
from hypothesis import settings

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
