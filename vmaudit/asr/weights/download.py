"""Fetches one file over HTTP: resumed where it was cut, hashed as it arrives.

The standard library's client is used because it honours the system's proxies and needs no
further package; docs/decisions/0002-speech-model-sources.md weighs the others.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmaudit.asr.weights.progress import Progress, silent
from vmaudit.asr.weights.registry import FileSource
from vmaudit.errors import ModelError

_CHUNK_BYTES = 1 << 20
# The largest Whisper checkpoint has 3.1 GB; a server that sends without end is stopped here.
_MAX_FILE_BYTES = 16 << 30
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """How patient a download is.

    ``attempts`` counts tries in a row that brought less than 1 MiB; between them it waits
    ``backoff_s``, doubled each time. ``timeout_s`` bounds each wait for the server. Where no
    connection comes about at all, a try counts twice: behind a closed network that seldom
    passes, and the next source waits.
    """

    attempts: int = 4
    timeout_s: float = 20.0
    backoff_s: float = 0.5


class _Refused(ModelError):
    """The server's answer will not change: trying again is of no use."""


def fetch(
    source: FileSource,
    part: Path,
    *,
    progress: Progress = silent,
    options: DownloadOptions | None = None,
) -> None:
    """Download ``source`` into ``part``, whole and with the stated sha256.

    What ``part`` already holds is kept and the rest asked for. A file that arrives whole but
    with another sha256 is removed, and asked for once more from the start if it had been
    resumed. Raises ``ModelError``; after a cut connection ``part`` stays for the next time.
    """
    options = options or DownloadOptions()
    resumed = part.exists() and part.stat().st_size > 0
    found = _fetch_whole(source, part, progress, options)
    if found != source.sha256 and resumed:
        part.unlink()
        found = _fetch_whole(source, part, progress, options)
    if found != source.sha256:
        part.unlink()
        raise ModelError(f"the file has sha256 {found}, expected {source.sha256}")


def reachable(url: str, timeout_s: float = 3.0) -> bool:
    """Whether a HEAD request to ``url`` is answered well within ``timeout_s`` seconds."""
    try:
        with _opener().open(_HeadRequest(url), timeout=timeout_s) as response:
            return bool(response.status == http.HTTPStatus.OK)
    except (OSError, http.client.HTTPException):
        return False


class _HeadRequest(urllib.request.Request):
    """Asks for the headers alone."""

    method = "HEAD"


def _opener(*headers: tuple[str, str]) -> urllib.request.OpenerDirector:
    """A client for http and https alone: a redirect to file:// or ftp:// leads nowhere."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    opener.addheaders = [("User-Agent", "vmaudit"), *headers]
    return opener


def _fetch_whole(
    source: FileSource, part: Path, progress: Progress, options: DownloadOptions
) -> str:
    """The sha256 of the file once all of it is there; cut connections are taken up again."""
    failures = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            return _fetch_rest(source, part, progress, options.timeout_s)
        except _Refused:
            raise
        except (ModelError, OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and _is_local(error):
                raise
            gained = (part.stat().st_size if part.exists() else 0) - before
            failures = 0 if gained >= _CHUNK_BYTES else failures
            failures += 2 if isinstance(error, urllib.error.URLError) else 1
            if failures >= options.attempts:
                raise ModelError(_reason(error)) from error
            time.sleep(options.backoff_s * 2 ** (failures - 1))


def _is_local(error: OSError) -> bool:
    """Whether our own disk failed, not the network; a network error names no such cause."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO} or (
        isinstance(error, PermissionError) and error.filename is not None
    )


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.URLError):
        return f"no connection: {error.reason}"
    return f"{error}" or type(error).__name__


def _fetch_rest(source: FileSource, part: Path, progress: Progress, timeout_s: float) -> str:
    """One request for what is missing; the sha256 of all of it. Raises if cut short."""
    if source.size_bytes is not None and part.exists():
        if part.stat().st_size > source.size_bytes:
            part.unlink()
        elif part.stat().st_size == source.size_bytes:
            return sha256_of(part)
    start = part.stat().st_size if part.exists() else 0
    headers = [("Range", f"bytes={start}-")] if start else []
    try:
        response = _opener(*headers).open(source.url, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        with error:
            _raise_for_status(error, part)
    with response:
        start, total = _extent(response, start)
        _check_total(total, source, part, start)
        return _store(response, part, start, total, _Step(progress, source.label))


def _raise_for_status(error: urllib.error.HTTPError, part: Path) -> None:
    if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        part.unlink(missing_ok=True)
        raise ModelError("the server has nothing past the part that was kept; it was dropped")
    kind = ModelError if error.code in _TRANSIENT_STATUS else _Refused
    raise kind(f"the server answers {error.code} {error.reason}")


def _extent(response: Any, start: int) -> tuple[int, int | None]:
    """Where the body begins in the file, and the file's whole length if the server says."""
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
        if match is None or int(match[1]) != start:
            raise _Refused("the server answers with another range than was asked for")
        return start, None if match[2] == "*" else int(match[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None


def _check_total(total: int | None, source: FileSource, part: Path, start: int) -> None:
    if total is None:
        return
    if total > _MAX_FILE_BYTES or source.size_bytes not in (None, total):
        part.unlink(missing_ok=True)
        expected = source.size_bytes or f"at most {_MAX_FILE_BYTES}"
        raise _Refused(f"the file has {total} bytes, expected {expected}")
    free = shutil.disk_usage(part.parent).free
    if free < total - start:
        raise OSError(
            errno.ENOSPC, f"{total - start} bytes are needed and {free} are free", str(part.parent)
        )


@dataclass(frozen=True, slots=True)
class _Step:
    progress: Progress
    label: str


def _store(response: Any, part: Path, start: int, total: int | None, step: _Step) -> str:
    """Append the body to the first ``start`` bytes of ``part``; the sha256 of it all."""
    digest = hashlib.sha256()
    limit = _MAX_FILE_BYTES if total is None else total
    with part.open("r+b" if start else "wb") as file:
        done = 0
        while start and (kept := file.read(_CHUNK_BYTES)):
            digest.update(kept)
            done += len(kept)
        step.progress(done, total, step.label)
        while chunk := response.read(_CHUNK_BYTES):
            if done + len(chunk) > limit:
                raise _Refused(f"the server sends more than {limit} bytes")
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            step.progress(done, total, step.label)
        file.flush()
        os.fsync(file.fileno())
    if total is not None and done < total:
        raise ModelError(f"the connection was cut after {done} of {total} bytes")
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal. Raises ``OSError``."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
