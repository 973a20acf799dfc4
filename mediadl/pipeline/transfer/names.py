"""Which extension a file gets: the content decides, and only harmless ones are ever written."""

from __future__ import annotations

from mediadl.errors import BadContent, DownloadError, LoginNeeded, NotMedia
from mediadl.models import MediaFacts, MediaKind
from mediadl.pipeline.transfer.sniff import Nature, Sniffed


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IMAGES = _words("jpg jpeg jpe jfif png gif webp bmp tif tiff avif heic heif jxl ico psd")
_VIDEOS = _words("mp4 m4v mov mkv webm avi flv f4v wmv asf mpg mpeg ts m2ts mts 3gp 3g2 ogv vob mxf")
_AUDIOS = _words("mp3 m4a m4b aac ogg oga opus flac wav wma aiff aif mka ac3 amr mid weba")
_DOCUMENTS = _words(
    "pdf zip rar 7z gz tgz bz2 xz zst tar cbz cbr cb7 epub mobi azw3 djvu txt text md csv tsv srt vtt ass ssa lrc"
    " nfo log rtf doc docx xls xlsx ppt pptx odt ods odp pages key numbers ai eps ttf otf woff woff2 iso bin dat"
    " torrent stl obj blend json xml html htm svg m3u m3u8"
)
ALLOWED = _IMAGES | _VIDEOS | _AUDIOS | _DOCUMENTS
"""No other extension is ever given to a file."""

_SAME = {
    "jpeg": "jpg",
    "jpe": "jpg",
    "jfif": "jpg",
    "tiff": "tif",
    "m4v": "mp4",
    "f4v": "mp4",
    "oga": "ogg",
    "mpeg": "mpg",
}
_IN_ZIP = _words("cbz epub docx xlsx pptx odt ods odp pages key numbers zip")
_IN_GZIP = _words("tgz gz")
_IN_OLE = _words("doc xls ppt")
_IN_RAR = _words("cbr rar")
_IN_7Z = _words("cb7 7z")
_WRAPPED = {
    "zip": _IN_ZIP,
    "gz": _IN_GZIP,
    "doc": _IN_OLE,
    "rar": _IN_RAR,
    "7z": _IN_7Z,
    "pdf": frozenset({"pdf", "ai"}),
}
_TEXTS = _words("txt text md csv tsv srt vtt ass ssa lrc nfo log")
_MARKUP = _words("json xml html htm svg m3u m3u8")


def facts_from(
    sniffed: Sniffed, announced_ext: str, kind: MediaKind, *, media_only: bool, name: str, gate: str = ""
) -> MediaFacts:
    """What the first bytes make of a file.

    Args:
        sniffed: what the content says.
        announced_ext: what the site called it, without dot.
        kind: what the module expects it to be.
        media_only: refuse pages.
        name: what to call it in messages.
        gate: what a page in its place means where files are for members only; empty: nothing special.

    Raises:
        LoginNeeded: a page where `gate` says what that means.
        NotMedia: a page or a program where a file should be.
        BadContent: nothing at all, or text where a picture, sound or film should be.
    """
    announced = announced_ext.lower().strip(".")
    problem = _refusal(sniffed, kind, media_only=media_only, name=name)
    if problem is not None and gate and sniffed.mime == "text/html":
        raise LoginNeeded(gate)
    if problem is not None:
        raise problem
    ext = _choose(sniffed, announced)
    if ext not in ALLOWED:
        raise NotMedia(f"{name}: files of type {announced or 'unknown'!r} are not downloaded")
    found = sniffed.kind if sniffed.kind is not MediaKind.OTHER else kind_of(ext)
    return MediaFacts(found, sniffed.mime, ext)


def kind_of(ext: str) -> MediaKind:
    """The kind that an extension stands for."""
    bare = ext.lower()
    if bare in _IMAGES:
        return MediaKind.IMAGE
    if bare in _VIDEOS:
        return MediaKind.VIDEO
    if bare in _AUDIOS:
        return MediaKind.AUDIO
    return MediaKind.DOCUMENT if bare in _DOCUMENTS else MediaKind.OTHER


def _refusal(sniffed: Sniffed, kind: MediaKind, *, media_only: bool, name: str) -> DownloadError | None:
    media_wanted = kind in {MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO}
    if sniffed.nature is Nature.EMPTY:
        return BadContent(f"{name}: the file is empty")
    if sniffed.nature is Nature.PROGRAM:
        return NotMedia(f"{name}: a program, not a media file")
    if sniffed.nature is Nature.PAGE and (media_only or media_wanted):
        return NotMedia(f"{name}: {sniffed.mime} came instead of a file")
    if sniffed.nature is Nature.TEXT and media_wanted:
        return NotMedia(f"{name}: text came instead of a file")
    return None


def _choose(sniffed: Sniffed, announced: str) -> str:
    if sniffed.nature is Nature.TEXT:
        return announced if announced in _TEXTS else "txt"
    if sniffed.nature is Nature.PAGE:
        return (
            announced
            if announced in _MARKUP and announced != "html" and sniffed.ext != "html"
            else sniffed.ext
        )
    if sniffed.nature is Nature.UNKNOWN:
        return announced if announced not in _TEXTS | _MARKUP else "bin"
    if _SAME.get(announced, announced) == _SAME.get(sniffed.ext, sniffed.ext):
        return sniffed.ext
    if announced in _WRAPPED.get(sniffed.ext, ()):
        return announced
    return sniffed.ext
