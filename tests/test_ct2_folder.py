"""A checkpoint as CTranslate2's folder: the same numbers, whole or made again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from whisper.model import ModelDimensions, Whisper

from vmaudit.asr import weights
from vmaudit.asr.weights import checkpoint, ct2_folder
from vmaudit.asr.weights.checkpoint import Checkpoint
from vmaudit.asr.weights.registry import SpeechModel, load_registry
from vmaudit.errors import ModelError

ctranslate2 = pytest.importorskip("ctranslate2", reason="the ct2 engine is not installed")

DIMS = ModelDimensions(
    n_mels=80,
    n_audio_ctx=1500,
    n_audio_state=32,
    n_audio_head=2,
    n_audio_layer=2,
    n_vocab=51865,
    n_text_ctx=448,
    n_text_state=32,
    n_text_head=4,
    n_text_layer=3,
)


def random_checkpoint(seed: int, dtype: torch.dtype = torch.float16) -> Checkpoint:
    generator = torch.Generator().manual_seed(seed)
    state = {
        name: (0.3 * torch.randn(tensor.shape, generator=generator)).to(dtype)
        for name, tensor in Whisper(DIMS).state_dict().items()
    }
    return Checkpoint(DIMS, state)


@pytest.fixture
def toy() -> dict[str, SpeechModel]:
    entry = dataclasses.replace(load_registry()["tiny.en"], sources=(), tensor_digest=None)
    return {"toy": entry}


@pytest.fixture
def install(tmp_path: Path, toy: dict[str, SpeechModel]) -> Callable[[int], None]:
    def pull(seed: int) -> None:
        path = tmp_path / f"{seed}.pt"
        random_checkpoint(seed).save(path)
        weights.pull("toy", registry=toy, model_dir=tmp_path, source=path)

    return pull


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_the_folder_reads_back_as_the_same_tensors(tmp_path: Path, dtype: torch.dtype) -> None:
    found = random_checkpoint(1, dtype)
    ct2_folder.write_ct2_folder(found, tmp_path)
    again = checkpoint.read(tmp_path)
    assert again.dims == found.dims
    assert set(again.state) == set(found.state)
    for name, tensor in found.state.items():
        assert again.state[name].dtype == dtype
        assert torch.equal(again.state[name], tensor), name


def test_ctranslate2_computes_what_the_checkpoint_does(tmp_path: Path) -> None:
    found = random_checkpoint(2, torch.float32)
    ct2_folder.write_ct2_folder(found, tmp_path)
    loaded = ctranslate2.models.Whisper(str(tmp_path), compute_type="float32", intra_threads=1)
    assert (loaded.n_mels, loaded.num_languages, loaded.is_multilingual) == (80, 99, True)
    model = found.build()
    mel = torch.randn(1, 80, 600, generator=torch.Generator().manual_seed(3))
    audio = loaded.encode(ctranslate2.StorageView.from_array(mel.numpy()))
    with torch.no_grad():
        # The reference insists on its whole context.
        model.encoder.positional_embedding = model.encoder.positional_embedding[:300]
        features = model.encoder(mel)
    np.testing.assert_allclose(np.array(audio), features.numpy(), atol=2e-3)
    sot, text = [50258, 50259, 50359], [2425, 11, 341, 307]
    [aligned] = loaded.align(audio, sot, [text], 600)
    with torch.no_grad():
        logits = model.decoder(torch.tensor([[*sot, 50363, *text]]), features)[0]
    # Among the tokens of text alone, as in the reference's timing.py.
    expected = logits[:, :50257].softmax(dim=-1)[range(len(sot), len(sot) + len(text)), text]
    np.testing.assert_allclose(aligned.text_token_probs, expected.numpy(), rtol=2e-3)


def test_vocabulary_and_settings_name_whispers_tokens(tmp_path: Path) -> None:
    ct2_folder.write_ct2_folder(random_checkpoint(1), tmp_path, heads_of=None)
    vocabulary = json.loads((tmp_path / "vocabulary.json").read_text(encoding="utf-8"))
    assert len(vocabulary) == len(set(vocabulary)) == DIMS.n_vocab
    assert vocabulary[50257:50260] == ["<|endoftext|>", "<|startoftranscript|>", "<|en|>"]
    assert vocabulary[50363:50366] == ["<|notimestamps|>", "<|0.00|>", "<|0.02|>"]
    assert "Ġcall" in vocabulary
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["lang_ids"] == list(range(50259, 50358))
    assert config["alignment_heads"] == [[1, i] for i in range(4)] + [[2, i] for i in range(4)]
    assert {50258, 50358, 50363} < set(config["suppress_ids"])


def test_a_model_that_is_not_installed_names_the_command(
    tmp_path: Path, toy: dict[str, SpeechModel]
) -> None:
    with pytest.raises(ModelError, match="vmaudit models pull toy"):
        ct2_folder.ct2_folder("toy", registry=toy, model_dir=tmp_path)


def test_the_folder_is_made_once_and_again_for_other_weights(
    tmp_path: Path, toy: dict[str, SpeechModel], install: Callable[[int], None]
) -> None:
    install(1)
    folder = ct2_folder.ct2_folder("toy", registry=toy, model_dir=tmp_path)
    assert folder == tmp_path / "toy.ct2"
    first = (folder / "model.bin").stat()
    ct2_folder.ct2_folder("toy", registry=toy, model_dir=tmp_path)
    assert (folder / "model.bin").stat() == first
    install(2)
    ct2_folder.ct2_folder("toy", registry=toy, model_dir=tmp_path)
    assert checkpoint.read(folder).digest() == random_checkpoint(2).digest()


@pytest.mark.parametrize("damage", ["cut", "missing", "origin", "killed"])
def test_a_half_written_folder_is_made_again(
    tmp_path: Path,
    toy: dict[str, SpeechModel],
    install: Callable[[int], None],
    damage: str,
) -> None:
    install(1)
    folder = ct2_folder.ct2_folder("toy", registry=toy, model_dir=tmp_path)
    leftover = tmp_path / ".toy.ct2~killed"
    if damage == "cut":
        whole = (folder / "model.bin").read_bytes()
        (folder / "model.bin").write_bytes(whole[: len(whole) // 2])
    elif damage == "missing":
        (folder / "vocabulary.json").unlink()
    elif damage == "origin":
        (folder / "origin.json").write_text("{", encoding="utf-8")
    else:
        folder.rename(leftover)
    ct2_folder.ct2_folder("toy", registry=toy, model_dir=tmp_path)
    assert checkpoint.read(folder).digest() == random_checkpoint(1).digest()
    assert not leftover.exists()
    assert {path.name for path in folder.iterdir()} == {*ct2_folder.FILES, "origin.json"}


def test_two_at_once_write_it_once(
    tmp_path: Path,
    toy: dict[str, SpeechModel],
    install: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(1)
    written = []
    write = ct2_folder.write_ct2_folder

    def counted(found: Checkpoint, folder: Path, *, heads_of: str | None = None) -> None:
        written.append(folder)
        write(found, folder, heads_of=heads_of)

    monkeypatch.setattr(ct2_folder, "write_ct2_folder", counted)
    with ThreadPoolExecutor(2) as threads:
        both = list(
            threads.map(
                lambda _: ct2_folder.ct2_folder("toy", registry=toy, model_dir=tmp_path), range(2)
            )
        )
    assert both == [tmp_path / "toy.ct2"] * 2
    assert len(written) == 1
    assert checkpoint.read(both[0]).digest() == random_checkpoint(1).digest()


def test_a_users_own_folder_is_used_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    ct2_folder.write_ct2_folder(random_checkpoint(1), own)
    models = tmp_path / "models"
    assert ct2_folder.ct2_folder(own, model_dir=models) == own
    assert ct2_folder.ct2_folder(own / "model.bin", model_dir=models) == own
    assert not models.exists()


def test_a_local_checkpoint_is_kept_under_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "tuned.pt"
    random_checkpoint(5).save(path)
    folder = ct2_folder.ct2_folder(path, model_dir=tmp_path / "models")
    digest = random_checkpoint(5).digest()
    assert folder == tmp_path / "models" / f"tuned-{digest[:12]}.ct2"
    assert checkpoint.read(folder).digest() == digest


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "tuned.pt"
    random_checkpoint(5).save(path)
    (tmp_path / "models").write_text("a file, no folder", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot write"):
        ct2_folder.ct2_folder(path, model_dir=tmp_path / "models")
