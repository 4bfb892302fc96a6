"""Where the pages find the recordings: beside the report, copied into it, or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from vmaudit.records import AudioInfo
from vmaudit.report.files import PARTIAL
from vmaudit.report.pages.folder import AUDIO, MESSAGES, digest_of
from vmaudit.report.pages.transcode import to_mp3
from vmaudit.report.sources import Source

AudioMode = Literal["link", "copy", "none"]
# What Chromium, Firefox and Safari all play: the first bytes of the file, and codecs inside.
_CONTAINERS = {
    ".wav": (b"RIFF", {"pcm_u8", "pcm_s16le", "pcm_mulaw", "pcm_alaw"}),
    ".mp3": (b"ID3", {"mp3"}),
    ".flac": (b"fLaC", {"flac"}),
    ".m4a": (b"ftyp", {"aac"}),
}
_MP3_FRAME = 0xFFE0  # eleven set bits open a frame where no tag stands before it
_MARKER_BYTES = 12


@dataclass(frozen=True, slots=True)
class AudioLink:
    """The address of a recording from a page one folder below the report, or why there is none."""

    href: str | None
    note: str = ""


class AudioShelf:
    """Gives each message its audio; ``kept`` are the files in the report that are in use.

    ``seen`` are content ids by path, size and time of change, as ``Store.known_content`` has them.
    """

    def __init__(
        self,
        recordings: Path | None,
        report: Path,
        mode: AudioMode,
        seen: Mapping[tuple[str, int, int], str],
    ) -> None:
        self._recordings, self._report, self._mode, self._seen = recordings, report, mode, seen
        self.kept: set[Path] = set()

    def link(self, source: Source) -> AudioLink:
        """Where to play one message from. A redacted one is played muted, or not at all."""
        if self._mode == "none":
            return AudioLink(None, "This report was made without audio.")
        if source.muted is not None and self._mode == "link":
            return AudioLink(None, "A redacted report has audio only in a bundle.")
        recording = self._recordings / source.path if self._recordings else None
        if recording is None or not recording.is_file():
            return AudioLink(None, "The recording is not where it was.")
        try:
            if not self._is_as_audited(recording, source):
                return AudioLink(None, "The recording has changed since it was audited.")
            suffix = None
            if source.muted is None:
                suffix = playable_suffix(recording, source.audit.audio)
            is_linked = suffix is not None and self._mode == "link"
            href = (
                _relative(recording, self._report / MESSAGES)
                if is_linked
                else self._shelve(recording, source, suffix)
            )
            return AudioLink(href)
        except (OSError, ValueError):
            return AudioLink(None, "Browsers do not play this recording, nor can it be converted.")

    def _is_as_audited(self, recording: Path, source: Source) -> bool:
        """Whether a file holds what was audited: times of words, and what to mute, are of that.

        A file that is copied is read; of one that is linked size and time will do.
        """
        stat = recording.stat()
        identity = self._seen.get((source.path, stat.st_size, stat.st_mtime_ns))
        if identity is None or self._mode == "copy":
            with recording.open("rb") as file:
                identity = hashlib.file_digest(file, "sha256").hexdigest()
        return identity == source.audit.id

    def _shelve(self, recording: Path, source: Source, suffix: str | None) -> str:
        # Copies of one recording differ in what is masked, and in the channel that was audited.
        muting = (source.audit.audio.channel, source.muted)
        kind = "" if source.muted is None else f"-{digest_of(muting)[:10]}"
        name = f"{source.audit.id[:20]}{kind}{suffix or '.mp3'}"
        place = self._report / AUDIO / name
        self.kept.add(place)
        if not place.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            partial = place.with_name(f".{name}{PARTIAL}")
            try:
                if suffix is not None:
                    shutil.copyfile(recording, partial)
                elif source.muted is None:
                    to_mp3(recording, partial)
                else:
                    to_mp3(recording, partial, source.audit.audio, source.muted)
                partial.replace(place)
            finally:
                partial.unlink(missing_ok=True)
        return f"../{AUDIO}/{name}"


def playable_suffix(source: Path, info: AudioInfo) -> str | None:
    """The suffix under which every browser plays the file as it is; None: it must be converted.

    Raises nothing: a file that cannot be read is one to convert, which says why it cannot.
    """
    try:
        with source.open("rb") as file:
            head = file.read(_MARKER_BYTES)
    except OSError:
        return None
    for suffix, (marker, codecs) in _CONTAINERS.items():
        if info.codec in codecs and marker in (head[: len(marker)], head[4 : 4 + len(marker)]):
            return suffix
    if info.codec == "mp3" and int.from_bytes(head[:2], "big") & _MP3_FRAME == _MP3_FRAME:
        return ".mp3"
    return None


def _relative(target: Path, start: Path) -> str:
    """The address of ``target`` from a page in ``start``, by relative path where there is one."""
    try:
        relative = os.path.relpath(target, start)
    except ValueError:  # another drive
        return target.as_uri()
    return quote(os.fsencode(Path(relative).as_posix()))
