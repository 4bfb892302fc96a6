"""Audit recorded outbound voicemails.

>>> from vmaudit import audit_folder
>>> report = audit_folder("recordings", "results")   # doctest: +SKIP
>>> report.audited                                   # doctest: +SKIP
128

``Auditor`` audits recordings one batch at a time and keeps nothing. Both are loaded when
first used: ``import vmaudit`` is cheap.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vmaudit.config import Config, load_config
    from vmaudit.pipeline import Auditor
    from vmaudit.runs import Progress, RunReport, audit_folder

__all__ = ["Auditor", "Config", "Progress", "RunReport", "audit_folder", "load_config"]

_HOME = {
    "Auditor": "vmaudit.pipeline",
    "Config": "vmaudit.config",
    "Progress": "vmaudit.runs",
    "RunReport": "vmaudit.runs",
    "audit_folder": "vmaudit.runs",
    "load_config": "vmaudit.config",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
