"""What a file is, by its first bytes.

Telephone systems name recordings .g711, .adpcm, .gsm, .WAV or nothing at all, and most
of those are RIFF inside, so the ending only says what the file was meant to be.
"""

from __future__ import annotations

import codecs
from pathlib import PurePath

__all__ = ["AUDIO_ENDINGS", "HEAD_BYTES", "RAW_ENDINGS", "audio_kind", "describe", "ending_of"]

HEAD_BYTES = 4096
RAW_ENDINGS = frozenset(
    {".g711", ".ul", ".ulaw", ".mulaw", ".al", ".alaw", ".raw", ".pcm", ".u", ".pcmu", ".pcma"}
)
AUDIO_ENDINGS = RAW_ENDINGS | {
    ".3gp", ".3gpp", ".aac", ".adpcm", ".aif", ".aifc", ".aiff", ".amr", ".au", ".awb", ".caf",
    ".flac", ".g722", ".g726", ".g729", ".gsm", ".m4a", ".mka", ".mp3", ".mp4", ".mpga", ".oga",
    ".ogg", ".opus", ".qcp", ".sln", ".sln16", ".snd", ".sph", ".spx", ".voc", ".vox", ".w64",
    ".wav", ".wav49", ".wave", ".weba", ".webm", ".wma",
}  # fmt: skip

FRAME_ENDINGS = frozenset({".mp3", ".mpga", ".aac"})

_AUDIO_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"#!AMR-WB", "amr-wb"),
    (b"#!AMR", "amr"),
    (b"#!iLBC", "ilbc"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b".snd", "au"),
    (b"caff", "caf"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\x00\xaa\x00b\xcel", "asf"),
    (b"riff.\x91\xcf\x11\xa5\xd6(\xdb\x04\xc1\x00\x00", "w64"),
    (b"Creative Voice File\x1a", "voc"),
    (b"NIST_1A", "sphere"),
)
_IFF_KINDS: dict[tuple[bytes, bytes], str] = {
    (b"RIFF", b"WAVE"): "wav",
    (b"RIFX", b"WAVE"): "wav",
    (b"RF64", b"WAVE"): "wav",
    (b"BW64", b"WAVE"): "wav",
    (b"RIFF", b"AVI "): "avi",
    (b"RIFF", b"QLCM"): "qcp",
    (b"FORM", b"AIFF"): "aiff",
    (b"FORM", b"AIFC"): "aiff",
}
_STILL_IMAGE_BRANDS = frozenset({b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1"})
_OTHER_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
GSM_FRAME_BYTES = 33  # 20 ms of GSM 06.10 (RTP form), which starts with the nibble 0xD
MPEG_HEADER_BYTES = 4
# ISO 11172-3 and 13818-3: kbit/s by bit-rate index, per (MPEG-1?, layer).
_MPEG_KBPS: dict[tuple[bool, int], tuple[int, ...]] = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MPEG1_RATES_HZ = (44_100, 48_000, 32_000)


def ending_of(name: str) -> str:
    """Return the last ending of a file name, in lower case and with its dot."""
    return PurePath(name).suffix.lower()


def audio_kind(head: bytes, ending: str = "") -> str | None:
    """Name the audio (or video) format of a file that starts with ``head``, or None.

    Give the first ``HEAD_BYTES`` bytes, or all of a shorter file. An ``ending`` of MPEG
    audio or ADTS allows for other bytes before the first frame.
    """
    for magic, kind in _AUDIO_MAGIC:
        if head.startswith(magic):
            return kind
    if (kind_of_iff := _IFF_KINDS.get((head[:4], head[8:12]))) is not None:
        return kind_of_iff
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _STILL_IMAGE_BRANDS else "mp4"
    for start in _possible_frames(head, ending):
        if _starts_frames(head[start:]):
            return "mp3" if head[start + 1] & 0x06 else "aac"
    return "gsm" if _is_raw_gsm(head[: 3 * GSM_FRAME_BYTES]) else None


def describe(head: bytes) -> str:
    """Say in plain words what a file without audio is."""
    if not head:
        return "empty file"
    for magic, words in _OTHER_MAGIC:
        if head.startswith(magic):
            return f"not audio: {words}"
    if not head.strip(b"\0"):
        return "not audio: zero bytes only"
    if _is_text(head):
        page = head.lstrip().lower().startswith((b"<!doctype html", b"<html"))
        return "not audio: a web page" if page else "not audio: text"
    return "not audio: unknown content"


def _is_raw_gsm(head: bytes) -> bool:
    """Whether frames start where they must. Idle A-law is 0xD5 and 0x55 throughout: not GSM."""
    starts_fit = all(first >> 4 == 0xD for first in head[::GSM_FRAME_BYTES])
    idle = sum(byte >> 4 in (0xD, 0x5) for byte in head)
    return len(head) >= GSM_FRAME_BYTES and starts_fit and idle <= len(head) / 3


def _is_text(head: bytes) -> bool:
    try:
        # incremental: the head may end within a character
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\t\r\n\f\ufeff" for char in text)


def _possible_frames(head: bytes, ending: str) -> list[int]:
    if ending not in FRAME_ENDINGS:
        return [0]
    return [start for start, byte in enumerate(head) if byte == 0xFF]


def _starts_frames(head: bytes) -> bool:
    """Whether a frame of MPEG audio or ADTS starts here and another where it ends."""
    length = _frame_bytes(head)
    if length is None:
        return False
    following = head[length : length + MPEG_HEADER_BYTES + 3]
    if len(following) < MPEG_HEADER_BYTES:
        return len(head) in range(length, length + MPEG_HEADER_BYTES)
    # Sync, version and layer never change within one stream.
    return _frame_bytes(following) is not None and following[:2] == head[:2]


def _frame_bytes(header: bytes) -> int | None:
    """Return the length of the frame that ``header`` opens, or None if it opens none."""
    if len(header) < MPEG_HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    if header[1] & 0xF6 == 0xF0:  # ADTS: twelve bits of sync, layer 0 (ISO 13818-7)
        if len(header) < MPEG_HEADER_BYTES + 2 or (header[2] >> 2) & 0x0F > 12:
            return None
        length = (header[3] & 0x03) << 11 | header[4] << 3 | header[5] >> 5
        return length if length > 7 else None
    version, layer = (header[1] >> 3) & 0x03, 4 - ((header[1] >> 1) & 0x03)
    rate_index, kbps_index = (header[2] >> 2) & 0x03, header[2] >> 4
    if version == 1 or layer == 4 or rate_index == 3 or not 0 < kbps_index < 15:
        return None
    rate_hz = _MPEG1_RATES_HZ[rate_index] // {3: 1, 2: 2, 0: 4}[version]
    bits = _MPEG_KBPS[version == 3, layer][kbps_index - 1] * 1000
    padding = (header[2] >> 1) & 0x01
    if layer == 1:
        return (12 * bits // rate_hz + padding) * 4
    samples_per_frame = 576 if layer == 3 and version != 3 else 1152
    return samples_per_frame // 8 * bits // rate_hz + padding
