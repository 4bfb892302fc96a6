"""Any telephone codec to mono float32 at 16 kHz, in this process or in worker processes."""

from __future__ import annotations

from vmaudit.audio.decode import available_codecs, decode
from vmaudit.audio.pool import DecodePool

__all__ = ["DecodePool", "available_codecs", "decode"]
