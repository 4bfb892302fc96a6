"""Reads Whisper weights in CTranslate2's layout and rearranges them, losslessly.

The layout of ``model.bin``, all little-endian: u32 version, the name of the specification,
u32 revision, u32 number of tensors; per tensor its name, u8 rank, u32 dimensions, u8 type,
u32 bytes, data; then u32 number of aliases, each a pair of names. A name is a u16 length
that counts a closing zero byte, then the bytes.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vmaudit.errors import ModelError

LAYOUT_VERSION = 6
SPECIFICATION = "WhisperSpec"

_EMBEDDING = "decoder/embeddings/weight"
_OUTPUT = "decoder/projection/weight"
_MAX_RANK = 4  # a Whisper tensor has at most three dimensions
_DTYPES: Mapping[int, str] = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}

Array = NDArray[Any]


class _Reader:
    """Takes fields off a buffer; reading past its end is a ``ModelError``."""

    def __init__(self, data: NDArray[np.uint8], path: Path) -> None:
        self._data = data
        self._path = path
        self._at = 0

    def take(self, count: int) -> NDArray[np.uint8]:
        """The next ``count`` bytes, as a view."""
        end = self._at + count
        if end > len(self._data):
            raise ModelError(
                f"{self._path} is cut short: {count} bytes expected at {self._at}, "
                f"the file has {len(self._data)}"
            )
        part = self._data[self._at : end]
        self._at = end
        return part

    def unpack(self, layout: str) -> tuple[int, ...]:
        """Integers by a ``struct`` layout."""
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)).tobytes())

    def string(self) -> str:
        """A name, without its closing zero byte."""
        raw = self.take(self.unpack("H")[0]).tobytes()
        try:
            return raw.rstrip(b"\0").decode("ascii")
        except UnicodeDecodeError as error:
            raise ModelError(f"{self._path}: a name at byte {self._at} is not text") from error

    def tensor(self) -> tuple[str, Array]:
        """A name and its tensor, as a view of the buffer."""
        name = self.string()
        (rank,) = self.unpack("B")
        if rank > _MAX_RANK:
            raise ModelError(f"{self._path}: {name!r} has {rank} dimensions, at most {_MAX_RANK}")
        shape = self.unpack(f"{rank}I")
        code, size_bytes = self.unpack("BI")
        if code not in _DTYPES:
            raise ModelError(f"{self._path}: {name!r} has the unknown type {code}")
        dtype = np.dtype(_DTYPES[code])
        if math.prod(shape) * dtype.itemsize != size_bytes:
            raise ModelError(f"{self._path}: {name!r} of shape {shape} has {size_bytes} bytes")
        return name, self.take(size_bytes).view(dtype).reshape(shape)


def read_tensors(path: Path) -> dict[str, Array]:
    """Every tensor of a ``model.bin`` by name and alias, as read-only views of the mapped file.

    Raises ``ModelError`` where the file cannot be read, is cut short, or holds no Whisper.
    """
    try:
        data: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
        raise ModelError(f"cannot read {path}: {error}") from error
    reader = _Reader(data, path)
    (version,) = reader.unpack("I")
    if version != LAYOUT_VERSION:
        raise ModelError(f"{path}: layout version {version}, only {LAYOUT_VERSION} is known")
    specification = reader.string()
    if specification != SPECIFICATION:
        raise ModelError(f"{path} holds {specification!r}, not {SPECIFICATION!r}")
    _revision, count = reader.unpack("II")
    tensors = dict(reader.tensor() for _ in range(count))
    for _ in range(*reader.unpack("I")):
        alias, target = reader.string(), reader.string()
        if target not in tensors:
            raise ModelError(f"{path}: {alias!r} stands for {target!r}, which is not there")
        tensors[alias] = tensors[target]
    return tensors


def read_checkpoint(path: Path) -> dict[str, Any]:
    """``{"dims": ..., "model_state_dict": ...}`` in openai-whisper's own names.

    ``path`` is a ``model.bin``. Values are moved, never computed: a float16 file gives the
    same float16 numbers. Raises ``ModelError``, also for quantised (int8) weights, which
    have no lossless float form.
    """
    arrays = read_tensors(path)
    if arrays.get(_OUTPUT) is not arrays.get(_EMBEDDING):
        raise ModelError(f"{path}: the output is not tied to the embedding, as Whisper's is")
    tensors = _Tensors(arrays, path)
    state = {
        "encoder.positional_embedding": tensors.take("encoder/position_encodings/encodings", 2),
        "decoder.positional_embedding": tensors.take("decoder/position_encodings/encodings", 2),
        "decoder.token_embedding.weight": tensors.take(_EMBEDDING, 2),
    }
    for conv in ("conv1", "conv2"):
        state[f"encoder.{conv}.weight"] = tensors.take(f"encoder/{conv}/weight", 3)
        state[f"encoder.{conv}.bias"] = tensors.take(f"encoder/{conv}/bias", 1)
    layers = {}
    for side, closing in (("encoder", "ln_post"), ("decoder", "ln")):
        layers[side] = tensors.layer_count(side)
        for layer in range(layers[side]):
            state |= tensors.block(f"{side}/layer_{layer}", f"{side}.blocks.{layer}")
        state |= tensors.norm(f"{side}/layer_norm", f"{side}.{closing}")
    dims = {
        "n_mels": state["encoder.conv1.weight"].shape[1],
        "n_audio_ctx": state["encoder.positional_embedding"].shape[0],
        "n_audio_state": state["encoder.positional_embedding"].shape[1],
        "n_audio_head": tensors.scalar("encoder/num_heads"),
        "n_audio_layer": layers["encoder"],
        "n_vocab": state["decoder.token_embedding.weight"].shape[0],
        "n_text_ctx": state["decoder.positional_embedding"].shape[0],
        "n_text_state": state["decoder.positional_embedding"].shape[1],
        "n_text_head": tensors.scalar("decoder/num_heads"),
        "n_text_layer": layers["decoder"],
    }
    return {"dims": dims, "model_state_dict": state}


class _Tensors:
    """Looks tensors up in CTranslate2's names and returns them under openai-whisper's."""

    def __init__(self, arrays: Mapping[str, Array], path: Path) -> None:
        self._arrays = arrays
        self._path = path

    def take(self, name: str, rank: int) -> torch.Tensor:
        """One float tensor of ``rank`` dimensions, copied off the mapped file."""
        array = self._array(name)
        if array.dtype.kind != "f":
            raise ModelError(
                f"{self._path}: {name!r} is quantised to {array.dtype}; use float16 weights"
            )
        if array.ndim != rank:
            raise ModelError(f"{self._path}: {name!r} has {array.ndim} dimensions, not {rank}")
        return torch.from_numpy(array.copy())

    def scalar(self, name: str) -> int:
        """One whole number."""
        array = self._array(name)
        if array.size != 1 or array.dtype.kind != "i":
            raise ModelError(f"{self._path}: {name!r} is not one whole number")
        return int(array.reshape(()))

    def layer_count(self, side: str) -> int:
        """How many layers ``side`` (encoder or decoder) has."""
        prefix = f"{side}/layer_"
        numbers = {
            name.removeprefix(prefix).split("/")[0]
            for name in self._arrays
            if name.startswith(prefix) and name.removeprefix(prefix)[:1].isdigit()
        }
        return len(numbers)

    def linear(self, source: str, target: str) -> dict[str, torch.Tensor]:
        """A weight and a bias."""
        return {
            f"{target}.weight": self.take(f"{source}/weight", 2),
            f"{target}.bias": self.take(f"{source}/bias", 1),
        }

    def norm(self, source: str, target: str) -> dict[str, torch.Tensor]:
        """A layer norm: gamma is the weight, beta the bias."""
        return {
            f"{target}.weight": self.take(f"{source}/gamma", 1),
            f"{target}.bias": self.take(f"{source}/beta", 1),
        }

    def block(self, source: str, target: str) -> dict[str, torch.Tensor]:
        """One transformer layer; only the decoder's has cross attention."""
        state = self._self_attention(f"{source}/self_attention", f"{target}.attn")
        state |= self.norm(f"{source}/self_attention/layer_norm", f"{target}.attn_ln")
        if f"{source}/attention/linear_0/weight" in self._arrays:
            state |= self._cross_attention(f"{source}/attention", f"{target}.cross_attn")
            state |= self.norm(f"{source}/attention/layer_norm", f"{target}.cross_attn_ln")
        state |= self.linear(f"{source}/ffn/linear_0", f"{target}.mlp.0")
        state |= self.linear(f"{source}/ffn/linear_1", f"{target}.mlp.2")
        state |= self.norm(f"{source}/ffn/layer_norm", f"{target}.mlp_ln")
        return state

    def _self_attention(self, source: str, target: str) -> dict[str, torch.Tensor]:
        stacked = self._split(f"{source}/linear_0", target, ("query", "key", "value"))
        return stacked | self.linear(f"{source}/linear_1", f"{target}.out")

    def _cross_attention(self, source: str, target: str) -> dict[str, torch.Tensor]:
        state = self.linear(f"{source}/linear_0", f"{target}.query")
        state |= self._split(f"{source}/linear_1", target, ("key", "value"))
        return state | self.linear(f"{source}/linear_2", f"{target}.out")

    def _split(self, source: str, target: str, parts: tuple[str, ...]) -> dict[str, torch.Tensor]:
        """Projections stacked along the first axis; Whisper's key has no bias."""
        state = {}
        for kind, rank in (("weight", 2), ("bias", 1)):
            stacked = self.take(f"{source}/{kind}", rank)
            if not len(stacked) or stacked.shape[0] % len(parts):
                raise ModelError(f"{self._path}: {source}/{kind} does not split into {parts}")
            for part, tensor in zip(parts, stacked.chunk(len(parts)), strict=True):
                state[f"{target}.{part}.{kind}"] = tensor.clone()
        if torch.count_nonzero(state.pop(f"{target}.key.bias")):
            raise ModelError(f"{self._path}: {source} has a key bias, which Whisper has not")
        return state

    def _array(self, name: str) -> Array:
        if name not in self._arrays:
            raise ModelError(f"{self._path} has no tensor {name!r}")
        return self._arrays[name]
