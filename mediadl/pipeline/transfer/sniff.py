"""What a file is by its first bytes. Pure: never raises, never reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from mediadl.models import MediaKind

SNIFF_BYTES = 4096


class Nature(StrEnum):
    """What the first bytes promise, coarse."""

    MEDIA = "media"
    DOCUMENT = "document"
    PAGE = "page"
    """HTML, XML or JSON: an answer meant for a program or a browser."""
    TEXT = "text"
    PROGRAM = "program"
    """Something a system would run."""
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the content says."""

    nature: Nature
    kind: MediaKind = MediaKind.OTHER
    mime: str = "application/octet-stream"
    ext: str = ""
    """Extension that fits; empty when the content does not tell."""


def _image(ext: str, mime: str = "") -> Sniffed:
    return Sniffed(Nature.MEDIA, MediaKind.IMAGE, mime or f"image/{ext}", ext)


def _video(ext: str, mime: str = "") -> Sniffed:
    return Sniffed(Nature.MEDIA, MediaKind.VIDEO, mime or f"video/{ext}", ext)


def _audio(ext: str, mime: str = "") -> Sniffed:
    return Sniffed(Nature.MEDIA, MediaKind.AUDIO, mime or f"audio/{ext}", ext)


def _document(ext: str, mime: str) -> Sniffed:
    return Sniffed(Nature.DOCUMENT, MediaKind.DOCUMENT, mime, ext)


_PROGRAM = Sniffed(Nature.PROGRAM)
_JPEG = _image("jpg", "image/jpeg")
_MP4 = _video("mp4")

_PREFIXES: tuple[tuple[bytes, Sniffed], ...] = (
    (b"\xff\xd8\xff", _JPEG),
    (b"\x89PNG\r\n\x1a\n", _image("png")),
    (b"GIF87a", _image("gif")),
    (b"GIF89a", _image("gif")),
    (b"II*\0", _image("tif", "image/tiff")),
    (b"MM\0*", _image("tif", "image/tiff")),
    (b"\xff\x0a", _image("jxl")),
    (b"\0\0\0\x0cJXL \r\n\x87\n", _image("jxl")),
    (b"8BPS", _image("psd", "image/vnd.adobe.photoshop")),
    (b"FLV\x01", _video("flv", "video/x-flv")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _video("wmv", "video/x-ms-asf")),
    (b"\0\0\x01\xba", _video("mpg", "video/mpeg")),
    (b"\0\0\x01\xb3", _video("mpg", "video/mpeg")),
    (b"fLaC", _audio("flac")),
    (b"ID3", _audio("mp3", "audio/mpeg")),
    (b"%PDF-", _document("pdf", "application/pdf")),
    (b"PK\x03\x04", _document("zip", "application/zip")),
    (b"PK\x05\x06", _document("zip", "application/zip")),
    (b"Rar!\x1a\x07", _document("rar", "application/vnd.rar")),
    (b"7z\xbc\xaf\x27\x1c", _document("7z", "application/x-7z-compressed")),
    (b"\x1f\x8b\x08", _document("gz", "application/gzip")),
    (b"\xfd7zXZ\0", _document("xz", "application/x-xz")),
    (b"BZh", _document("bz2", "application/x-bzip2")),
    (b"\x28\xb5\x2f\xfd", _document("zst", "application/zstd")),
    (b"AT&TFORM", _document("djvu", "image/vnd.djvu")),
    (b"{\\rtf", _document("rtf", "application/rtf")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _document("doc", "application/x-ole-storage")),
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"#!", _PROGRAM),
    (b"\xca\xfe\xba\xbe", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"\xce\xfa\xed\xfe", _PROGRAM),
    (b"\xfe\xed\xfa\xcf", _PROGRAM),
    (b"dex\n", _PROGRAM),
    (b"L\0\0\0\x01\x14\x02\0", _PROGRAM),
)

_RIFF = {
    b"WEBP": _image("webp"),
    b"AVI ": _video("avi", "video/x-msvideo"),
    b"WAVE": _audio("wav", "audio/x-wav"),
}

_BRANDS = {
    b"avif": _image("avif"),
    b"avis": _image("avif"),
    b"heic": _image("heic"),
    b"heix": _image("heic"),
    b"heim": _image("heic"),
    b"hevc": _image("heic"),
    b"mif1": _image("heic", "image/heif"),
    b"msf1": _image("heic", "image/heif"),
    b"M4A ": _audio("m4a", "audio/mp4"),
    b"M4B ": _audio("m4b", "audio/mp4"),
    b"M4P ": _audio("m4a", "audio/mp4"),
    b"qt  ": _video("mov", "video/quicktime"),
    b"3gp4": _video("3gp", "video/3gpp"),
    b"3gp5": _video("3gp", "video/3gpp"),
    b"3gp6": _video("3gp", "video/3gpp"),
    b"3g2a": _video("3gp", "video/3gpp2"),
}

_MOV_BOXES = frozenset({b"moov", b"mdat", b"moof", b"styp", b"sidx", b"wide", b"free", b"skip", b"pnot"})

_PAGE_START = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<!--.{0,2000}?-->\s*)*"
    rb"<(?:!doctype|html|head|body|title|script|meta|iframe|table|div|center|h1|p|a|br|style|link|\?xml|svg|rss|feed|error|"
    rb"mpd|smil|[a-z_][\w.-]{0,60}:?[\w.-]{0,60}(?:\s+xmlns|>))",
    re.IGNORECASE | re.DOTALL,
)
_JSON_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:\"|\}\s*$)|\[\s*(?:[\[{\"]|\]\s*$|-?\d+\s*,))")
_PLAYLIST = b"#EXTM3U"
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def sniff(head: bytes) -> Sniffed:
    """What a file that begins with these bytes (4 KiB are enough) is."""
    head = bytes(head[:SNIFF_BYTES])
    if not head:
        return Sniffed(Nature.EMPTY)
    for prefix, meaning in _PREFIXES:
        if head.startswith(prefix) and not (
            meaning is _PROGRAM and prefix == b"MZ" and _looks_like_text(head)
        ):
            return meaning
    found = _container(head) or _stream(head)
    if found is not None:
        return found
    if _PAGE_START.match(head):
        return _page(head)
    if _JSON_START.match(head) and _looks_like_text(head):
        return Sniffed(Nature.PAGE, mime="application/json", ext="json")
    if head.startswith(_PLAYLIST):
        return Sniffed(Nature.PAGE, mime="application/vnd.apple.mpegurl", ext="m3u8")
    if _looks_like_text(head):
        return Sniffed(Nature.TEXT, MediaKind.DOCUMENT, "text/plain", "txt")
    return Sniffed(Nature.UNKNOWN)


def _container(head: bytes) -> Sniffed | None:
    if head[:4] in {b"RIFF", b"RIFX"}:
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _ftyp(head)
    if head[4:8] in _MOV_BOXES and int.from_bytes(head[:4], "big") < 1 << 31:
        return _MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        if b"webm" in head[:SNIFF_BYTES]:
            return _video("webm")
        return _video("mkv", "video/x-matroska")
    if head.startswith(b"OggS"):
        return _ogg(head)
    if head[257:262] == b"ustar":
        return _document("tar", "application/x-tar")
    if head.startswith(b"FORM") and head[8:12] in {b"AIFF", b"AIFC"}:
        return _audio("aiff")
    if (
        head.startswith(b"BM")
        and head[6:10] == b"\0\0\0\0"
        and head[14:15] in {b"\x0c", b"\x28", b"\x38", b"\x6c", b"\x7c"}
    ):
        return _image("bmp")
    if head.startswith(b"\0\0\x01\0") and len(head) > 5 and 0 < head[4] < 64 and head[5] == 0:
        return _image("ico", "image/x-icon")
    return None


def _ftyp(head: bytes) -> Sniffed:
    major = head[8:12]
    if major in _BRANDS:
        return _BRANDS[major]
    size = int.from_bytes(head[:4], "big")
    others = {head[at : at + 4] for at in range(16, min(size, 256), 4)}
    if b"avif" in others or b"avis" in others:
        return _image("avif")
    return _MP4


def _ogg(head: bytes) -> Sniffed:
    if b"OpusHead" in head[:512]:
        return _audio("opus", "audio/ogg")
    if b"theora" in head[:512]:
        return _video("ogv", "video/ogg")
    return _audio("ogg")


def _stream(head: bytes) -> Sniffed | None:
    """Formats without a magic number: frames one after the other."""
    if head[0] == 0x47 and len(head) > 376 and head[188] == head[376] == 0x47:
        return _video("ts", "video/mp2t")
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return _audio("aac")
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and _is_mpeg_audio(head):
        return _audio("mp3", "audio/mpeg")
    return None


def _is_mpeg_audio(head: bytes) -> bool:
    version, layer = (head[1] >> 3) & 3, (head[1] >> 1) & 3
    bitrate, rate = head[2] >> 4, (head[2] >> 2) & 3
    return version != 1 and layer != 0 and bitrate not in {0, 15} and rate != 3


def _page(head: bytes) -> Sniffed:
    start = head[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head[:1000].lower():
        return Sniffed(Nature.PAGE, MediaKind.IMAGE, "image/svg+xml", "svg")
    if start.startswith(b"<?xml") and b"<html" not in head.lower():
        return Sniffed(Nature.PAGE, mime="application/xml", ext="xml")
    return Sniffed(Nature.PAGE, mime="text/html", ext="html")


def _looks_like_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and len(head) > 3:
        return True
    if head.translate(None, _CONTROL) != head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(head) - 3:
            return True  # only the last character is cut
        # Old single-byte texts: mostly letters of the Latin script
        high = sum(byte >= 0x80 for byte in head)
        return high * 4 < len(head)
    return True
