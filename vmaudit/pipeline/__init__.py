"""The order of the stages: the one place that knows it."""

from vmaudit.pipeline.auditor import Auditor, rep_of
from vmaudit.pipeline.results import (
    Audited,
    Heard,
    Known,
    NothingKnown,
    delivery_from_json,
    heard_from_json,
)

__all__ = [
    "Audited",
    "Auditor",
    "Heard",
    "Known",
    "NothingKnown",
    "delivery_from_json",
    "heard_from_json",
    "rep_of",
]
