"""Rubric profiles: what is aimed at, as TOML that says where each threshold comes from."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from vmaudit.content import SIGNALS
from vmaudit.errors import ConfigError
from vmaudit.records import DELIVERY_VALUES

__all__ = [
    "CANNED",
    "DEFAULT_RUBRIC",
    "Band",
    "Grade",
    "Kind",
    "Place",
    "Rubric",
    "SignalRule",
    "Weights",
    "find_rubric",
    "load_rubric",
    "read_rubric",
    "rubric_names",
]

DEFAULT_RUBRIC = "default"
CANNED = "canned"  # the one signal that only other messages tell

Kind = Literal["practice", "study", "vendor", "yours"]
Place = Literal["far_low", "low", "within", "high", "far_high"]
_Text = Annotated[str, Field(min_length=1)]
_PROFILES = files(__package__) / "rubrics"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Band(_Strict):
    """The range aimed at, in the unit of the value it is for; an end that is None is open.

    Beyond ``far_low`` and ``far_high`` a miss is plain to hear.
    """

    low: float | None = None
    high: float | None = None
    far_low: float | None = None
    far_high: float | None = None
    kind: Kind
    source: _Text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        ends = [self.far_low, self.low, self.high, self.far_high]
        given = [end for end in ends if end is not None]
        if self.low is None and self.high is None:
            raise ValueError("a band needs a low or a high end")
        if (self.far_low is not None and self.low is None) or (
            self.far_high is not None and self.high is None
        ):
            raise ValueError("a far end needs the near end on its side")
        if given != sorted(given):
            raise ValueError("a band's ends must rise: far_low, low, high, far_high")
        return self

    def place(self, value: float) -> Place:
        """Where a value lies; the ends belong to the band."""
        if self.low is not None and value < self.low:
            return "far_low" if self.far_low is not None and value < self.far_low else "low"
        if self.high is not None and value > self.high:
            return "far_high" if self.far_high is not None and value > self.far_high else "high"
        return "within"

    def __str__(self) -> str:
        """The range in words: "120 to 220", "at most 5"."""
        if self.low is None:
            return f"at most {self.high:g}"
        if self.high is None:
            return f"at least {self.low:g}"
        return f"{self.low:g} to {self.high:g}"


class Weights(_Strict):
    """How much each part counts for the overall score, against each other."""

    value: float = Field(ge=0)
    clarity: float = Field(ge=0)
    callback: float = Field(ge=0)
    delivery: float = Field(ge=0)
    kind: Kind
    source: _Text

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not any((self.value, self.clarity, self.callback, self.delivery)):
            raise ValueError("one weight at least must be above 0")
        return self


class SignalRule(_Strict):
    """What is wanted of one signal, and the points of the overall score that hang on it.

    ``welcome`` earns them where the signal is there, ``required`` costs them where it is not,
    ``unwelcome`` and ``forbidden`` cost them where it is; ``forbidden`` asks for a review, too.
    """

    want: Literal["required", "welcome", "unwelcome", "forbidden"]
    points: float = Field(gt=0, le=100)
    kind: Kind
    source: _Text


class Grade(_Strict):
    """A name for the overall scores from ``at_least`` on."""

    name: _Text
    at_least: float = Field(ge=0, le=100)


class Rubric(_Strict):
    """One profile.

    ``bands`` maps names of ``Delivery`` values to what is aimed at, ``signals`` names of signals to
    what is wanted of them; ``grades`` stand from the best to the worst, which begins at 0.
    """

    name: _Text
    summary: _Text
    weights: Weights
    bands: Mapping[str, Band]
    signals: Mapping[str, SignalRule] = Field(default_factory=dict)
    grades: tuple[Grade, ...]

    @field_validator("bands")
    @classmethod
    def _of_values(cls, bands: Mapping[str, Band]) -> Mapping[str, Band]:
        unknown = sorted(bands.keys() - DELIVERY_VALUES.keys())
        if unknown:
            raise ValueError(f"no value of the delivery: {', '.join(unknown)}")
        return bands

    @field_validator("signals")
    @classmethod
    def _of_signals(cls, rules: Mapping[str, SignalRule]) -> Mapping[str, SignalRule]:
        unknown = sorted(rules.keys() - SIGNALS.keys() - {CANNED})
        if unknown:
            raise ValueError(f"no signal: {', '.join(unknown)}")
        return rules

    @field_validator("grades")
    @classmethod
    def _fall_to_zero(cls, grades: tuple[Grade, ...]) -> tuple[Grade, ...]:
        starts = [grade.at_least for grade in grades]
        if not starts or starts[-1] != 0 or starts != sorted(set(starts), reverse=True):
            raise ValueError("grades must fall from the best to one that begins at 0")
        return grades

    @property
    def version(self) -> str:
        """Its name, and a digest of all that it says."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return f"{self.name}@{hashlib.sha256(content.encode()).hexdigest()[:12]}"

    def grade(self, overall: float) -> str:
        """The name for an overall score."""
        return next(grade.name for grade in self.grades if overall >= grade.at_least)


def rubric_names() -> list[str]:
    """The profiles that come with the program."""
    return sorted(Path(entry.name).stem for entry in _PROFILES.iterdir())


def find_rubric(name_or_file: str) -> Rubric:
    """A profile that comes with the program by its name, or one of a file by its path.

    Raises ``ConfigError``.
    """
    if name_or_file in rubric_names():
        return load_rubric(name_or_file)
    if not Path(name_or_file).is_file():
        known = ", ".join(rubric_names())
        raise ConfigError(f"{name_or_file} is neither a rubric ({known}) nor a file")
    return read_rubric(Path(name_or_file))


def load_rubric(name: str = DEFAULT_RUBRIC) -> Rubric:
    """Read a profile that comes with the program. Raises ``ConfigError``."""
    if name not in rubric_names():
        raise ConfigError(f"no rubric is called {name!r}; there are: {', '.join(rubric_names())}")
    return _rubric((_PROFILES / f"{name}.toml").read_text(encoding="utf-8"), name)


def read_rubric(path: Path) -> Rubric:
    """Read a profile from a file. Raises ``ConfigError``."""
    try:
        return _rubric(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error


def _rubric(text: str, where: str) -> Rubric:
    try:
        return Rubric.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"rubric {where}: {error}") from error
    except ValidationError as error:
        problems = (
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
        )
        raise ConfigError(f"rubric {where}: {'; '.join(problems)}") from error
