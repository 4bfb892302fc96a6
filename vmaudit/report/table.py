"""One flat row per message, for CSV, Excel and Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from vmaudit.records import DELIVERY_VALUES

TEXT, NUMBER, COUNT, FLAG = pa.string(), pa.float64(), pa.int64(), pa.bool_()

DELIVERY_COLUMNS = {
    name: COUNT if kind is int else NUMBER for name, kind in DELIVERY_VALUES.items()
}

# An older vmaudit knew fewer of these and of the fields of scores: those cells stay empty.
LIST_COLUMNS = ("reasons", "outcomes", "same_audio_as", "advice")
CALL_COLUMNS = ("path", "id", "status", "rep", "recorded_at", "prospect")
VERSION_COLUMNS = ("speech_model", "scorer", "rubric", "vmaudit")

SCHEMA = pa.schema(
    {
        "path": TEXT,
        "id": TEXT,
        "status": TEXT,
        "reasons": TEXT,
        "outcomes": TEXT,
        "same_audio_as": TEXT,
        "rep": TEXT,
        "recorded_at": TEXT,
        "prospect": TEXT,
        "duration_s": NUMBER,
        "codec": TEXT,
        **DELIVERY_COLUMNS,
        "number_repeated": FLAG,
        "number_pattern": TEXT,
        "number": TEXT,
        "number_times": COUNT,
        "number_roster": TEXT,
        "number_digits_per_second": NUMBER,
        "number_writable": FLAG,
        "number_partials": COUNT,
        "value_probability": NUMBER,
        "value_level": COUNT,
        "clarity_probability": NUMBER,
        "clarity_level": COUNT,
        "callback_probability": NUMBER,
        "overall": COUNT,
        "band": TEXT,
        "needs_review": FLAG,
        "review_reasons": TEXT,
        "advice": TEXT,
        "confidence": NUMBER,
        "text": TEXT,
        "speech_model": TEXT,
        "scorer": TEXT,
        "rubric": TEXT,
        "vmaudit": TEXT,
    }
)


def flat_row(audit: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten one audit in the contract's JSON. The number is the one stated most often."""
    transcript = audit["transcript"] or {}
    delivery = audit["delivery"] or {}
    callback = audit["callback"] or {}
    return {
        **{name: audit[name] for name in CALL_COLUMNS},
        **{name: _joined(audit.get(name, ())) for name in LIST_COLUMNS},
        "duration_s": audit["audio"]["duration_s"],
        "codec": audit["audio"]["codec"],
        **{name: delivery.get(name) for name in DELIVERY_COLUMNS},
        **_number_columns(callback),
        **_score_columns(audit["scores"] or {}),
        "confidence": transcript.get("confidence"),
        "text": transcript.get("text"),
        **{name: audit["versions"].get(name) for name in VERSION_COLUMNS},
    }


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(texts)


def _score_columns(scores: Mapping[str, Any]) -> dict[str, Any]:
    value, clarity, callback = (scores.get(name, {}) for name in ("value", "clarity", "callback"))
    return {
        "value_probability": value.get("probability"),
        "value_level": value.get("level"),
        "clarity_probability": clarity.get("probability"),
        "clarity_level": clarity.get("level"),
        "callback_probability": callback.get("probability"),
        "overall": scores.get("overall"),
        "band": scores.get("band"),
        "needs_review": scores.get("needs_review"),
        "review_reasons": _joined(scores.get("review_reasons", ())),
    }


def _number_columns(callback: Mapping[str, Any]) -> dict[str, Any]:
    number = max(callback.get("numbers") or [{}], key=lambda n: n.get("times", 0))
    statements = number.get("statements") or ()
    rates = [s["digits_per_second"] for s in statements if s["digits_per_second"] is not None]
    # An older vmaudit told neither partial sayings nor what can be written down.
    writable = [s["writable"] for s in statements if s.get("writable") is not None]
    return {
        "number_repeated": callback.get("repeated"),
        "number_pattern": callback.get("pattern"),
        "number": number.get("digits"),
        "number_times": number.get("times"),
        "number_roster": number.get("roster"),
        "number_digits_per_second": min(rates, default=None),
        "number_writable": any(writable) if writable else None,
        "number_partials": len(callback["partials"]) if "partials" in callback else None,
    }
