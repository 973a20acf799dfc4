"""Stored files and what is looked for among them, in words. Pure functions."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from mediadl.models import Download, HistoryQuery, HistorySort, MediaKind
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import size, span

ONLY_COPY = "◈ only copy"
"""Sign and words of a file that is not to be had any more where it came from."""

GLYPHS = {
    MediaKind.IMAGE: "▣",
    MediaKind.VIDEO: "▶",
    MediaKind.AUDIO: "♪",
    MediaKind.DOCUMENT: "≡",
    MediaKind.OTHER: "◆",
}
"""One narrow sign per kind."""

KIND_WORDS = {
    MediaKind.IMAGE: "Images",
    MediaKind.VIDEO: "Videos",
    MediaKind.AUDIO: "Audio",
    MediaKind.DOCUMENT: "Documents",
    MediaKind.OTHER: "Other",
}

SORT_WORDS = {
    HistorySort.STORED: "date",
    HistorySort.PLATFORM: "platform",
    HistorySort.SOURCE: "source",
    HistorySort.SIZE: "size",
    HistorySort.TITLE: "title",
}
"""What a list is ordered by."""

FIRST_DOWN = {
    HistorySort.STORED: True, HistorySort.SIZE: True, HistorySort.PLATFORM: False, HistorySort.SOURCE: False,
    HistorySort.TITLE: False,
}  # fmt: skip
"""Whether an order begins with the newest or largest when it is chosen."""


_ROOM_FOR_WORDS = 32
"""Cells of a title from which on a mark before it is told in words."""


def name(download: Download) -> str:
    """The file's name."""
    return safe_text(PurePath(download.path).name)


def title(download: Download) -> str:
    """Its title, else its file's name."""
    return safe_text(download.title) or name(download)


def moment(at: float | None, pattern: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in local time; empty for none, `?` for one that no calendar has."""
    if at is None:
        return ""
    try:
        return datetime.fromtimestamp(at).astimezone().strftime(pattern)
    except (OverflowError, ValueError, OSError):
        return "?"


def measures(download: Download) -> str:
    """What it is: kind, dimensions, length, size."""
    pieces = [f"{GLYPHS[download.kind]} {download.kind.value}"]
    if download.width and download.height:
        pieces.append(f"{download.width} × {download.height}")
    if download.duration_s:
        pieces.append(span(download.duration_s))
    pieces.append(size(download.size_bytes))
    if download.only_copy_at is not None:
        pieces.append(ONLY_COPY)
    return " · ".join(pieces)


def marked(download: Download, width: int) -> list[tuple[str, str]]:
    """The mark of an only copy, in words where there is room; nothing for any other file."""
    if download.only_copy_at is None:
        return []
    return [(f"{ONLY_COPY} · " if width >= _ROOM_FOR_WORDS else f"{ONLY_COPY[0]} ", "mild")]


def origin(download: Download) -> str:
    """Where it came from, and when."""
    pieces = [safe_text(download.platform), safe_text(download.source)]
    if download.posted_at is not None:
        pieces.append(f"posted {moment(download.posted_at, '%Y-%m-%d')}")
    pieces.append(f"stored {moment(download.stored_at)}")
    return " · ".join(piece for piece in pieces if piece)


def narrowed(query: HistoryQuery, when: str = "") -> list[tuple[str, str]]:
    """What a list is narrowed to, as (word of the filter, words for people), in the order of the filter line.

    `when`: the words the span of time was chosen with.
    """
    parts: list[tuple[str, str]] = []
    if query.kind is not None:
        parts.append(("kind", f"{GLYPHS[query.kind]} {KIND_WORDS[query.kind].lower()}"))
    if query.platform:
        parts.append(("platform", f"on {safe_text(query.platform, limit=40)}"))
    if query.source:
        parts.append(("source", f"from {safe_text(query.source, limit=40)}"))
    if query.since is not None or query.until is not None:
        parts.append(("when", when or _span(query.since, query.until)))
    if query.min_size_bytes is not None and query.max_size_bytes is not None:
        parts.append(("size", f"{size(query.min_size_bytes)} to {size(query.max_size_bytes)}"))
    elif query.min_size_bytes is not None:
        parts.append(("size", f"at least {size(query.min_size_bytes)}"))
    elif query.max_size_bytes is not None:
        parts.append(("size", f"at most {size(query.max_size_bytes)}"))
    if query.only_copy:
        parts.append(("copy", ONLY_COPY))
    if query.search.strip():
        parts.append(("words", f"with “{safe_text(query.search.strip(), limit=40)}”"))
    return parts


def _span(since: float | None, until: float | None) -> str:
    if until is None:
        return f"since {moment(since)}"
    return f"until {moment(until)}" if since is None else f"{moment(since)} to {moment(until)}"
