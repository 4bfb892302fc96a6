"""What the report needs of a rubric profile. The caller hands one in: the store holds none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Band(Protocol):
    """A range aimed at; ``str`` of it says it in words ("at most 5")."""

    @property
    def low(self) -> float | None:
        """The end below which a value is too low; None: open."""

    @property
    def high(self) -> float | None:
        """The end above which a value is too high; None: open."""

    @property
    def kind(self) -> str:
        """What stands behind it: study, vendor, practice or yours."""

    @property
    def source(self) -> str:
        """Who says so."""

    def place(self, value: float) -> str:
        """``far_low``, ``low``, ``within``, ``high`` or ``far_high``."""


class SignalRule(Protocol):
    """What a profile wants of one signal."""

    @property
    def want(self) -> str:
        """``required``, ``welcome``, ``unwelcome`` or ``forbidden``."""


class Rubric(Protocol):
    """A profile: what is aimed at."""

    @property
    def name(self) -> str:
        """What the profile is called."""

    @property
    def bands(self) -> Mapping[str, Band]:
        """What is aimed at, by name of the ``Delivery`` value."""

    @property
    def signals(self) -> Mapping[str, SignalRule]:
        """What is wanted of signals, by their name."""
