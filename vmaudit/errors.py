"""Every error that vmaudit raises on purpose.

VmauditError
├── ConfigError        an option, a file of options or a table is wrong    (exit 2)
├── RecordingError     one recording cannot be audited; the run goes on    (exit 3)
│   ├── UnreadableFile   it cannot be opened or read
│   ├── NotAudio         its content is no audio that can be decoded
│   ├── LimitExceeded    longer, larger or slower to decode than allowed
│   └── WorkerDied       the decoder took its process down
├── ModelError         a speech model or scorer is missing or damaged      (exit 1)
└── StoreError         the results cannot be read or written               (exit 1)
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "LimitExceeded",
    "ModelError",
    "NotAudio",
    "RecordingError",
    "StoreError",
    "UnreadableFile",
    "VmauditError",
    "WorkerDied",
]


class VmauditError(Exception):
    """Base of the tree. ``exit_code`` is what the command line ends with."""

    exit_code = 1


class ConfigError(VmauditError):
    """An option, a file of options or a table is wrong."""

    exit_code = 2


class RecordingError(VmauditError):
    """One recording cannot be audited. The run goes on; the recording is a failure."""

    exit_code = 3


class UnreadableFile(RecordingError):
    """The file cannot be opened or read."""


class NotAudio(RecordingError):
    """The content is no audio that can be decoded."""


class LimitExceeded(RecordingError):
    """Longer, larger or slower to decode than the options allow."""


class WorkerDied(RecordingError):
    """The decoder took its process down."""


class ModelError(VmauditError):
    """A speech model or scorer is missing or damaged."""


class StoreError(VmauditError):
    """The results cannot be read or written."""
