"""One checkpoint in openai-whisper's form: read it safely, check it, digest it, build it."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import gzip
import hashlib
import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import whisper
from whisper.model import AudioEncoder, ModelDimensions, TextDecoder, Whisper

from vmaudit.asr.weights import ct2
from vmaudit.errors import ModelError

MODEL_BIN = "model.bin"  # the one file that CTranslate2 keeps all tensors in

# The largest Whisper has 1280 states, 51866 tokens, 32 layers and 1500 frames of context.
# Far more is no Whisper, and building it could take all memory before anything else fails.
_LIMITS: Mapping[str, int] = {
    "n_mels": 512,
    "n_audio_ctx": 16_384,
    "n_audio_state": 8_192,
    "n_audio_head": 256,
    "n_audio_layer": 128,
    "n_vocab": 1_000_000,
    "n_text_ctx": 4_096,
    "n_text_state": 8_192,
    "n_text_head": 256,
    "n_text_layer": 128,
}
_ZIP_START = b"PK\x03\x04"
_MIN_STATES = 4  # the encoder's sinusoids need two timescales


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """The dimensions of a Whisper and its tensors by openai-whisper's names."""

    dims: ModelDimensions
    state: Mapping[str, torch.Tensor]

    def digest(self) -> str:
        """Sha256 over the entries in order of name: the name's bytes, then float16 bytes.

        It names the weights whatever file they came in.
        """
        total = hashlib.sha256()
        for name in sorted(self.state):
            total.update(name.encode())
            total.update(self.state[name].detach().to(torch.float16).contiguous().numpy().data)
        return total.hexdigest()

    def save(self, path: Path) -> None:
        """Write openai-whisper's own checkpoint file. Raises ``OSError``."""
        content = {"dims": dataclasses.asdict(self.dims), "model_state_dict": dict(self.state)}
        try:
            with path.open("wb") as file:
                torch.save(content, file)
        except RuntimeError as error:  # torch hides a full disk behind its own complaint
            if isinstance(error.__context__, OSError):
                raise error.__context__ from error
            raise OSError(f"the checkpoint could not be written: {error}") from error

    def build(self, *, heads_of: str | None = None) -> Whisper:
        """A float32 model in eval mode, on the CPU.

        ``heads_of``: the model whose alignment heads to set. Where it is unknown, or has
        another number of heads, Whisper's default stays: the upper half of the layers.
        """
        model = Whisper(self.dims)
        model.load_state_dict(dict(self.state))
        if heads_of is not None and heads_fit(heads_of, self.dims) is True:
            model.set_alignment_heads(whisper._ALIGNMENT_HEADS[heads_of])
        return model.float().eval()


def heads_fit(name: str, dims: ModelDimensions) -> bool | None:
    """Whether the decoder has the layers and heads of the named model; None: name unknown."""
    encoded = whisper._ALIGNMENT_HEADS.get(name)
    if encoded is None:
        return None
    try:
        count = len(gzip.decompress(base64.b85decode(encoded)))
    except (ValueError, OSError, binascii.Error) as error:
        raise ModelError(f"the alignment heads of {name} cannot be read: {error}") from error
    return bool(count == dims.n_text_layer * dims.n_text_head)


def read(path: Path) -> Checkpoint:
    """Read a ``.pt`` file of openai-whisper, or a folder with CTranslate2's ``model.bin``.

    No code in the file runs: ``torch.load`` takes weights only. Raises ``ModelError``.
    """
    if is_ct2(path):
        content = ct2.read_checkpoint(_model_bin(path) if path.is_dir() else path)
    else:
        content = _read_torch(path)
    return _checked(content, path)


def is_ct2(path: Path) -> bool:
    """Whether ``path`` is meant to be in CTranslate2's layout: a folder, or a ``model.bin``."""
    return path.is_dir() or path.name == MODEL_BIN


def _model_bin(folder: Path) -> Path:
    path = folder / MODEL_BIN
    if not path.is_file():
        raise ModelError(
            f"{folder} has no {MODEL_BIN}: give a .pt file of openai-whisper "
            "or a folder in CTranslate2's layout"
        )
    return path


def _read_torch(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            start = file.read(len(_ZIP_START))
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from error
    if start != _ZIP_START:
        raise ModelError(
            f"{path} is refused: it is no archive as torch.save has written since version 1.6"
        )
    try:
        with warnings.catch_warnings():
            # torch wonders aloud at unusual pickle protocols; the file is refused or read.
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{path} is refused: it is no file of weights alone (loading it could run code)"
        ) from error
    # A damaged file makes torch raise nearly anything, depending on where the damage is.
    except Exception as error:
        raise ModelError(f"{path} is damaged or is no checkpoint: {error}") from error


def _checked(content: Any, path: Path) -> Checkpoint:
    if not isinstance(content, Mapping):
        raise ModelError(f"{path} is no Whisper checkpoint: it holds {type(content).__name__}")
    dims = _dimensions(content.get("dims"), path)
    state = content.get("model_state_dict")
    if not isinstance(state, Mapping) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in state.items()
    ):
        raise ModelError(f"{path} is no Whisper checkpoint: it has no table of tensors")
    _check_tensors(dims, state, path)
    return Checkpoint(dims, state)


def _dimensions(raw: Any, path: Path) -> ModelDimensions:
    if not isinstance(raw, Mapping) or set(raw) != set(_LIMITS):
        raise ModelError(f"{path} is no Whisper checkpoint: it has no model dimensions")
    for name, limit in _LIMITS.items():
        value = raw[name]
        if not isinstance(value, int) or not 0 < value <= limit:
            raise ModelError(f"{path}: {name} must be between 1 and {limit}, not {value!r}")
    for side in ("audio", "text"):
        state, heads = raw[f"n_{side}_state"], raw[f"n_{side}_head"]
        if state % heads or state % 2 or state < _MIN_STATES:
            raise ModelError(f"{path}: {state} {side} states do not split over {heads} heads")
    if raw["n_audio_state"] != raw["n_text_state"]:
        raise ModelError(f"{path}: encoder and decoder must have the same number of states")
    return ModelDimensions(**raw)


def _check_tensors(dims: ModelDimensions, state: Mapping[str, torch.Tensor], path: Path) -> None:
    """Names and shapes must be those of the stated dimensions, before anything is allocated."""
    expected = _expected_shapes(dims)
    for name, tensor in state.items():
        if name not in expected:
            raise ModelError(f"{path}: Whisper has no tensor {name!r}")
        if tensor.shape != expected[name] or not tensor.is_floating_point():
            raise ModelError(
                f"{path}: {name} should be floats of shape {tuple(expected[name])}, "
                f"not {tensor.dtype} of {tuple(tensor.shape)}"
            )
    if missing := sorted(set(expected) - set(state)):
        raise ModelError(f"{path} lacks {len(missing)} tensors, such as {missing[0]}")


def _expected_shapes(dims: ModelDimensions) -> dict[str, torch.Size]:
    with torch.device("meta"):  # shapes only, no memory
        encoder = AudioEncoder(
            dims.n_mels,
            dims.n_audio_ctx,
            dims.n_audio_state,
            dims.n_audio_head,
            dims.n_audio_layer,
        )
        decoder = TextDecoder(
            dims.n_vocab, dims.n_text_ctx, dims.n_text_state, dims.n_text_head, dims.n_text_layer
        )
    return {
        f"{side}.{name}": tensor.shape
        for side, module in (("encoder", encoder), ("decoder", decoder))
        for name, tensor in module.state_dict().items()
    }
