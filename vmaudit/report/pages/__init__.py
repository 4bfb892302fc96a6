"""The report that people look at: pages that open from disk, in any browser, without a network.

``build_report`` writes them from what the store holds, ``bundle_report`` as one file to mail.
"""

from vmaudit.report.pages.audio import AudioMode
from vmaudit.report.pages.site import build_report, bundle_report

__all__ = ["AudioMode", "build_report", "bundle_report"]
