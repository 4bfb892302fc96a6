"""The order of the stages: the one place that knows it."""

from vmaudit.pipeline.auditor import Auditor
from vmaudit.pipeline.results import Audited, Heard, Known, NothingKnown

__all__ = ["Audited", "Auditor", "Heard", "Known", "NothingKnown"]
