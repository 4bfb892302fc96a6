"""What people look at: tables, exports, scorecards; and what is masked in them."""

from vmaudit.report.exports import FORMATS, export, write_exports
from vmaudit.report.files import replacing, write_json
from vmaudit.report.redaction import muted_intervals, redact, redact_failure
from vmaudit.report.summary import RepSummary, summarise

__all__ = [
    "FORMATS",
    "RepSummary",
    "export",
    "muted_intervals",
    "redact",
    "redact_failure",
    "replacing",
    "summarise",
    "write_exports",
    "write_json",
]
