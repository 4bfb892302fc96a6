"""Writes a Whisper checkpoint as a folder that CTranslate2 loads, once per model.

``NAME.ct2`` lies beside the installed ``NAME.pt`` and holds ``model.bin`` (the layout is in
``ct2``), ``config.json``, ``vocabulary.json`` and ``origin.json``, which says of which weights
the rest was made. Numbers keep their format; CTranslate2 quantises when it loads.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import filelock
import torch
from torch import Tensor
from whisper.model import Whisper
from whisper.tokenizer import Tokenizer, get_tokenizer

from vmaudit.asr.weights import checkpoint
from vmaudit.asr.weights.cache import local_path, speech_model_dir
from vmaudit.asr.weights.checkpoint import MODEL_BIN, Checkpoint
from vmaudit.asr.weights.registry import SpeechModel, load_registry
from vmaudit.asr.weights.store import installed, label
from vmaudit.asr.whisper.rules import suppressed_tokens
from vmaudit.errors import ModelError

CONFIG = "config.json"
VOCABULARY = "vocabulary.json"
ORIGIN = "origin.json"
LAYOUT = 1  # of the whole folder: one more makes every cached folder anew
FILES = (MODEL_BIN, CONFIG, VOCABULARY)

State = Mapping[str, Tensor]


def ct2_folder(
    name_or_path: str | Path,
    *,
    registry: Mapping[str, SpeechModel] | None = None,
    model_dir: Path | None = None,
) -> Path:
    """The folder to load with CTranslate2; made on the first call, and when the weights change.

    A local folder that has all of CTranslate2's files is used as it is. Two processes that
    make one folder take turns, and none sees it half-written. Raises ``ModelError``.
    """
    models = load_registry() if registry is None else registry
    folder = model_dir or speech_model_dir()
    local = local_path(name_or_path, models)
    if local is not None:
        own = local.absolute().parent if local.name == MODEL_BIN else local
        if all((own / name).is_file() for name in FILES):
            return own
        found = checkpoint.read(local)
        digest = found.digest()
        return _made(f"{label(local)}-{digest[:12]}", digest, folder, (found, label(local)))
    name = str(name_or_path)
    path, sidecar = installed(name, models, folder)
    return _made(name, sidecar.tensor_digest, folder, (path, name))


def _made(stem: str, digest: str, model_dir: Path, origin: tuple[Checkpoint | Path, str]) -> Path:
    """Return ``STEM.ct2``, made anew unless it holds the weights of ``digest`` whole.

    ``origin`` is the checkpoint, or where it lies, and whose alignment heads it has.
    """
    target = model_dir / f"{stem}.ct2"
    try:
        model_dir.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(model_dir / f".{stem}.ct2.lock"):
            if not _is_whole(target, digest):
                content, heads_of = origin
                found = checkpoint.read(content) if isinstance(content, Path) else content
                _replace(target, found, heads_of, digest)
    except OSError as error:
        full = "the disk is full: " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise ModelError(f"cannot write {target}: {full}{error.strerror or error}") from error
    return target


def _is_whole(folder: Path, digest: str) -> bool:
    try:
        origin = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
        return bool(origin == _origin(folder, digest))
    except (OSError, ValueError):
        return False


def _origin(folder: Path, digest: str) -> dict[str, Any]:
    sizes = {name: (folder / name).stat().st_size for name in FILES}
    return {"layout": LAYOUT, "tensor_digest": digest, "size_bytes": sizes}


def _replace(target: Path, found: Checkpoint, heads_of: str, digest: str) -> None:
    """Write beside ``target``, then put it in its place by a rename."""
    staging = f".{target.name}~"
    for leftover in target.parent.glob(f"{staging}*"):  # of writers that were killed
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=staging) as staged:
        fresh = Path(staged) / "fresh"
        fresh.mkdir()
        write_ct2_folder(found, fresh, heads_of=heads_of)
        (fresh / ORIGIN).write_text(json.dumps(_origin(fresh, digest)) + "\n", encoding="utf-8")
        if target.exists():
            os.replace(target, Path(staged) / "old")
        os.replace(fresh, target)


def write_ct2_folder(found: Checkpoint, folder: Path, *, heads_of: str | None = None) -> None:
    """Write a checkpoint as CTranslate2's files into an empty folder.

    ``heads_of`` as in ``Checkpoint.build``. Raises ``OSError``.
    """
    from ctranslate2.specs import WhisperSpec

    dims = found.dims
    model = found.build(heads_of=heads_of)
    spec = WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    _fill(spec, _storable(found.state))
    tokenizer = get_tokenizer(
        model.is_multilingual, num_languages=model.num_languages, task="transcribe"
    )
    spec.register_vocabulary(_vocabulary(tokenizer, dims.n_vocab))
    spec.config.suppress_ids = list(suppressed_tokens(tokenizer))
    spec.config.suppress_ids_begin = [*tokenizer.encode(" "), tokenizer.eot]
    spec.config.lang_ids = sorted(tokenizer.all_language_tokens) if model.is_multilingual else []
    spec.config.alignment_heads = _alignment_heads(model)
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    for name in FILES:
        with (folder / name).open("r+b") as file:
            os.fsync(file.fileno())


def _alignment_heads(model: Whisper) -> list[list[int]]:
    heads: list[list[int]] = model.alignment_heads.indices().T.tolist()
    return heads


def _storable(state: State) -> dict[str, Tensor]:
    """All tensors in one number format that NumPy has too: float16 where all of them are."""
    formats = {tensor.dtype for tensor in state.values()}
    dtype = torch.float16 if formats == {torch.float16} else torch.float32
    return {name: tensor.detach().to(dtype).contiguous() for name, tensor in state.items()}


def _vocabulary(tokenizer: Tokenizer, n_vocab: int) -> list[str]:
    """Every token as text, in order: bytes that are no printable character moved to some.

    Source: the byte alphabet of GPT-2, in which Whisper's vocabularies are published.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in printable]
    alphabet = {byte: chr(byte) for byte in printable}
    alphabet |= {byte: chr(0x100 + place) for place, byte in enumerate(others)}
    pieces = (tokenizer.encoding.decode_single_token_bytes(token) for token in range(n_vocab))
    return ["".join(alphabet[byte] for byte in piece) for piece in pieces]


def _fill(spec: Any, state: State) -> None:
    """Put the tensors of openai-whisper's names where the specification wants them."""
    for side, closing in (("encoder", "ln_post"), ("decoder", "ln")):
        part = getattr(spec, side)
        part.position_encodings.encodings = state[f"{side}.positional_embedding"]
        _norm(part.layer_norm, state, f"{side}.{closing}")
        for number, layer in enumerate(part.layer):
            _block(layer, state, f"{side}.blocks.{number}")
    for conv in ("conv1", "conv2"):
        _linear(getattr(spec.encoder, conv), state, (f"encoder.{conv}",))
    spec.decoder.embeddings.weight = state["decoder.token_embedding.weight"]
    spec.decoder.projection.weight = state["decoder.token_embedding.weight"]


def _block(layer: Any, state: State, name: str) -> None:
    """One transformer layer; only the decoder's has cross attention."""
    attention = f"{name}.attn"
    inwards, outwards = layer.self_attention.linear
    _linear(inwards, state, [f"{attention}.{part}" for part in ("query", "key", "value")])
    _linear(outwards, state, (f"{attention}.out",))
    _norm(layer.self_attention.layer_norm, state, f"{name}.attn_ln")
    if hasattr(layer, "attention"):
        attention = f"{name}.cross_attn"
        query, key_value, out = layer.attention.linear
        _linear(query, state, (f"{attention}.query",))
        _linear(key_value, state, (f"{attention}.key", f"{attention}.value"))
        _linear(out, state, (f"{attention}.out",))
        _norm(layer.attention.layer_norm, state, f"{name}.cross_attn_ln")
    _linear(layer.ffn.linear_0, state, (f"{name}.mlp.0",))
    _linear(layer.ffn.linear_1, state, (f"{name}.mlp.2",))
    _norm(layer.ffn.layer_norm, state, f"{name}.mlp_ln")


def _norm(spec: Any, state: State, name: str) -> None:
    spec.gamma, spec.beta = state[f"{name}.weight"], state[f"{name}.bias"]


def _linear(spec: Any, state: State, names: Sequence[str]) -> None:
    """One projection, or several stacked; Whisper's key has no bias, so zeros stand for it."""
    weights = [state[f"{name}.weight"] for name in names]
    biases = [
        state.get(f"{name}.bias", torch.zeros(len(weight), dtype=weight.dtype))
        for name, weight in zip(names, weights, strict=True)
    ]
    spec.weight, spec.bias = torch.cat(weights), torch.cat(biases)
