"""`vmaudit models`: what a user sees of the speech models."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result
from whisper.model import ModelDimensions, Whisper

from vmaudit.asr import weights
from vmaudit.cli.models import models_app
from vmaudit.errors import ModelError

DIMS = ModelDimensions(4, 6, 8, 2, 1, 11, 5, 8, 2, 1)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "local.pt"
    state = {name: tensor.half() for name, tensor in Whisper(DIMS).state_dict().items()}
    torch.save({"dims": dataclasses.asdict(DIMS), "model_state_dict": state}, path)
    return path


@pytest.fixture(autouse=True)
def model_dir(tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of models, and a registry whose one address leads nowhere."""
    registry = tmp_path / "registry.toml"
    registry.write_text(
        "[models.toy]\nparameters_millions = 39\nlanguages = 'english'\nlicense = 'MIT'\n"
        "[[models.toy.sources]]\nkind = 'file'\nlabel = 'nowhere'\n"
        "url = 'http://127.0.0.1:1/toy.pt'\nsize_bytes = 75_571_315\n"
        f"sha256 = {json.dumps(hashlib.sha256(checkpoint.read_bytes()).hexdigest())}\n"
    )
    folder = tmp_path / "models"
    monkeypatch.setenv("VMAUDIT_SPEECH_MODELS", str(registry))
    monkeypatch.setenv("VMAUDIT_MODEL_DIR", str(folder))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(models_app, arguments)


def row(name: str) -> list[str]:
    result = run("list")
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line.split()[:1] == [name]]
    assert len(lines) == 1
    return re.split(r"\s{2,}", lines[0].strip())


def test_list_shows_size_and_state_of_each_model(checkpoint: Path) -> None:
    assert row("toy") == ["toy", "39 M", "76 MB", "english", "no", "nowhere"]
    run("pull", "toy", "--from", str(checkpoint))
    assert row("toy")[4] == "yes"


def test_the_shipped_list_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VMAUDIT_SPEECH_MODELS")
    monkeypatch.setenv("COLUMNS", "80")
    text = run("list").stdout
    for name, model in weights.load_registry().items():
        assert row(name)[0] == name
        assert all(source.label in text for source in model.sources)


def test_pull_from_a_file_then_path_and_verify(checkpoint: Path, model_dir: Path) -> None:
    result = run("pull", "toy", "--from", str(checkpoint))
    assert result.exit_code == 0
    assert result.stdout == f"{weights.model_version('toy')} {model_dir / 'toy.pt'}\n"
    assert result.stderr.splitlines() == ["reading local.pt", "checking the weights"]
    assert run("path", "toy").stdout == f"{model_dir / 'toy.pt'}\n"
    digest = weights.verify("toy").tensor_digest
    for arguments in (["verify"], ["verify", "toy"]):
        result = run(*arguments)
        assert result.exit_code == 0
        assert result.stdout == f"toy: intact, weights {digest}, from: local, local.pt\n"
    assert digest in run("verify", str(checkpoint)).stdout


def test_pull_that_fails_raises_the_list_of_sources() -> None:
    result = run("pull", "toy")
    assert isinstance(result.exception, ModelError)
    assert "nowhere: no connection" in str(result.exception)
    assert "--from PATH" in str(result.exception)


@pytest.mark.parametrize("keep", [0.5, 1.0])
def test_verify_tells_of_every_damaged_model(
    checkpoint: Path, model_dir: Path, keep: float
) -> None:
    run("pull", "toy", "--from", str(checkpoint))
    data = (model_dir / "toy.pt").read_bytes()
    (model_dir / "toy.pt").write_bytes((data[:-1] + b"\xff")[: int(len(data) * keep)])
    result = run("verify")
    assert isinstance(result.exception, ModelError)
    assert "toy: " in str(result.exception)
    assert "vmaudit models pull toy" in str(result.exception)


def test_verify_without_models_says_what_to_do() -> None:
    result = run("verify")
    assert result.exit_code == 0
    assert "Run: vmaudit models pull base" in result.stdout


def test_path_of_a_missing_model_is_an_error_with_the_command() -> None:
    result = run("path", "toy")
    assert isinstance(result.exception, ModelError)
    assert "vmaudit models pull toy" in str(result.exception)


@pytest.mark.parametrize("command", ["pull", "path", "verify"])
def test_unknown_names_list_the_known_ones(command: str) -> None:
    result = run(command, "bass")
    assert isinstance(result.exception, ModelError)
    assert "'bass'" in str(result.exception)
    assert "toy" in str(result.exception)


@pytest.mark.parametrize("command", ["list", "pull", "verify", "path"])
def test_every_command_has_help_and_a_place_in_the_docs(command: str) -> None:
    assert run(command, "--help").exit_code == 0
    page = Path(__file__).resolve().parents[1] / "docs" / "speech-models.md"
    assert f"vmaudit models {command}" in page.read_text(encoding="utf-8")
