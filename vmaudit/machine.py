"""What the machine has to share out: cores and memory."""

from __future__ import annotations

import os
import re
from pathlib import Path

MEMORY_INFO = Path("/proc/meminfo")  # Linux
UNKNOWN_MEMORY_BYTES = 4 * 2**30


def available_cores() -> int:
    """Cores that this process may use, 1 or more."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory_bytes() -> int:
    """Memory that is free or can be made so; a cautious guess where the system does not say."""
    if not MEMORY_INFO.is_file():
        return UNKNOWN_MEMORY_BYTES
    found = re.search(r"^MemAvailable:\s+(\d+) kB", MEMORY_INFO.read_text(encoding="ascii"), re.M)
    return int(found[1]) * 1024 if found else UNKNOWN_MEMORY_BYTES
