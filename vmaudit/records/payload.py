"""Records as plain JSON values, and back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from vmaudit.records.audit import Audit

_AUDIT = TypeAdapter(Audit)


def to_json(record: Any) -> Any:
    """Turn a record into plain JSON values, keeping field names and order.

    Dates become ISO 8601, tuples lists, floats are rounded to 4 decimals. A float that
    is not finite raises ``ValueError``: a measurement that failed must be None.
    """
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: to_json(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, Mapping):
        return {str(key): to_json(value) for key, value in record.items()}
    if isinstance(record, Sequence) and not isinstance(record, str):
        return [to_json(item) for item in record]
    return _scalar_to_json(record)


def audit_from_json(payload: Any) -> Audit:
    """Read what ``to_json`` made of one. Raises ``ValueError``."""
    return _AUDIT.validate_python(payload)


def _scalar_to_json(value: Any) -> str | int | float | None:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a result must be finite or None, not {value}")
        return round(value, 4)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    raise TypeError(f"no JSON form for {type(value).__name__}")
