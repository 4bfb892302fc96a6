"""What people look at: tables and exports."""

from vmaudit.report.exports import replacing, write_exports, write_json
from vmaudit.report.summary import RepSummary, summarise

__all__ = ["RepSummary", "replacing", "summarise", "write_exports", "write_json"]
