"""Finds recordings by their content and joins calls.csv, the roster and file names."""

from __future__ import annotations

from vmaudit.recordings.scan import ContentKey, KnownId, Scan, scan

__all__ = ["ContentKey", "KnownId", "Scan", "scan"]
