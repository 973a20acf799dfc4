"""Plain files: what their addresses tell, and the items made of them. Shared by platforms; pure."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from mediadl.errors import InvalidInput
from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.modules.base import site_of
from mediadl.security.text import safe_text

KINDS: dict[MediaKind, tuple[str, ...]] = {
    MediaKind.IMAGE: (
        "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "avif", "heic", "heif", "jxl", "bmp", "tif",
        "tiff", "svg", "ico",
    ),
    MediaKind.VIDEO: (
        "mp4", "m4v", "mov", "qt", "webm", "mkv", "avi", "wmv", "flv", "mpg", "mpeg", "3gp", "ogv", "mts", "m2ts",
    ),
    MediaKind.AUDIO: ("mp3", "m4a", "m4b", "aac", "ogg", "oga", "opus", "flac", "wav", "wma", "aiff", "mka"),
    MediaKind.DOCUMENT: (
        "pdf", "epub", "mobi", "azw3", "djvu", "cbz", "cbr", "zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz",
        "zst", "iso", "doc", "docx", "odt", "rtf", "xls", "xlsx", "ods", "ppt", "pptx", "odp", "csv",
    ),
}  # fmt: skip
"""Extensions that promise a file rather than a page."""

KIND_OF = {ext: kind for kind, exts in KINDS.items() for ext in exts}

_MEDIA_TYPES = ("image/", "video/", "audio/")
_PLAYLISTS = frozenset({"audio/mpegurl", "audio/x-mpegurl", "video/vnd.mpeg.dash.mpd", "image/svg+xml"})
_FILE_TYPES = {
    "application/pdf": "pdf", "application/epub+zip": "epub", "application/zip": "zip",
    "application/x-7z-compressed": "7z", "application/x-rar-compressed": "rar",
    "application/vnd.rar": "rar", "application/gzip": "gz", "application/x-tar": "tar",
    "application/ogg": "ogg", "application/msword": "doc", "application/octet-stream": "",
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif",
    "video/mp4": "mp4", "video/webm": "webm", "video/quicktime": "mov", "video/x-matroska": "mkv",
    "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg", "audio/flac": "flac", "audio/x-wav": "wav",
    "audio/wav": "wav",
}  # fmt: skip

_SIGNATURES = (
    r"^(?:utm_\w+|x-(?:amz|goog|oss)-[\w-]+|googleaccessid|awsaccesskeyid|ossaccesskeyid|expires?|signature|hmac|hdnea|hdnts"
    r"|key-pair-id|oh|oe|_nc_\w+|ccb|tt_chain_token|fbclid|gclid|igsh|igshid|nonce|rnd|random|cachebust(?:er)?)$"
)
"""Parameters that never name a file: signatures, trackers, cache breakers."""
_COMPANIONS = (
    r"^(?:t|ts|e|exp|st|se|sp|sv|sr|skoid|sktid|skt|ske|sks|skv|sig|sign|hash|token|auth\w*|policy|verify|time|timestamp|edm"
    r"|efg|_|cb|session\w*|sid)$"
)
"""Parameters that belong to a signature when there is one; elsewhere they may be all that names the file."""
_DOUBLE = frozenset({"gz", "bz2", "xz", "zst"})


def file_item(url: str, *, n: int = 1, ext: str = "", size_bytes: int | None = None) -> FoundItem:
    """The item for a plain file at this address.

    Raises:
        InvalidInput: the address has no host.
    """
    from mediadl.security.redact import redact_url

    host = site_of(url)
    if not host:
        raise InvalidInput(f"no host in {url}", next_step="Check the address.")
    ext = ext or extension(url)
    return FoundItem(
        n=n,
        identity=Identity(host, stable_id(url)),
        url=url,
        ext=ext,
        kind=KIND_OF.get(ext, MediaKind.OTHER),
        size_bytes=size_bytes,
        source=host,
        title=stem(url),
        page_url=redact_url(url),
        metadata={"url": redact_url(url)},
    )


def extension(url: str) -> str:
    """The extension of the last path segment in lower case, without dot; empty when there is none."""
    try:
        name = posixpath.basename(unquote(urlsplit(url).path))
    except ValueError:
        return ""
    before, dot, ext = name.rpartition(".")
    return ext.lower() if dot and before and ext.isalnum() and len(ext) <= 5 else ""


def stable_id(url: str) -> str:
    """An id that survives new signatures: readable end of the path, then a hash of all that names the file."""
    import hashlib  # with the pattern and the redactor a third of what `mediadl add` would have to import

    parts = urlsplit(url)
    named_by = parse_qsl(parts.query, keep_blank_values=True)
    kept = sorted((k, v) for k, v in named_by if not re.match(_SIGNATURES, k, re.IGNORECASE))
    if len(kept) < len(named_by):
        kept = [(k, v) for k, v in kept if not re.match(_COMPANIONS, k, re.IGNORECASE)]
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    named = f"{(parts.hostname or '').lower()}{port}{unquote(parts.path)}?{urlencode(kept)}"
    digest = hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:12]
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", stem(url))[:40].strip("-.")
    return f"{readable}-{digest}" if readable else digest


def stem(url: str) -> str:
    """The file name in the address without its extension."""
    name = safe_text(posixpath.basename(unquote(urlsplit(url).path)))
    before, dot, ext = name.rpartition(".")
    if not dot or not before:
        return name
    if ext.lower() in _DOUBLE and before.lower().endswith(".tar"):
        before = before[:-4]
    return before if ext.lower() in KIND_OF else name


def type_ext(content_type: str, url: str) -> str | None:
    """The extension for a Content-Type that promises a file, empty when unknown; None for pages and playlists."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _PLAYLISTS:
        return None
    if kind in _FILE_TYPES:
        return _FILE_TYPES[kind] or extension(url)
    return extension(url) if kind.startswith(_MEDIA_TYPES) else None
