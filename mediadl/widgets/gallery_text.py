"""What a tile says about a stored file. Pure functions from the model to text."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from mediadl.models import Download, MediaKind
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import size, span
from mediadl.widgets.columns import Part, pad
from mediadl.widgets.gallery_painter import Face
from mediadl.widgets.history_text import GLYPHS, ONLY_COPY, title

__all__ = ["GLYPHS", "caption", "face", "facts", "measure", "title"]

_ROOM_FOR_LENGTH = 16
_ROOM_FOR_SIZE = 26
"""Cells of a caption from which on length or size is told: a title is worth more than a size."""


def face(download: Download) -> Face:
    """Sign and word of its kind, and what tells it from its neighbours where no picture is shown."""
    kind = download.kind
    suffix = safe_text(PurePath(download.path).suffix.lstrip("."), limit=8)
    return Face(GLYPHS[kind], kind.value, " · ".join(part for part in (suffix, measure(download)) if part))


def caption(download: Download, width: int) -> list[Part]:
    """Kind and title, and length or size where there is room."""
    sign = ONLY_COPY[0] if download.only_copy_at is not None else GLYPHS[download.kind]
    parts: list[Part] = [(f"{sign} ", "quiet")]
    needed = _ROOM_FOR_LENGTH if _has_length(download) else _ROOM_FOR_SIZE
    told = measure(download) if width >= needed else ""
    room = width - 2 - (len(told) + 1 if told else 0)
    parts += pad([(title(download), "")], room)
    if told:
        parts.append((f" {told}", "quiet"))
    return parts


def facts(download: Download) -> list[str]:
    """What is known of a file, a line per theme."""
    kind = [download.kind.value]
    if download.width and download.height:
        kind.append(f"{download.width} × {download.height}")
    if download.duration_s:
        kind.append(span(download.duration_s))
    kind.append(size(download.size_bytes))
    if download.only_copy_at is not None:
        kind.append(ONLY_COPY)
    origin = [safe_text(download.platform), safe_text(download.source)]
    if download.posted_at is not None:
        origin.append(f"posted {_day(download.posted_at)}")
    origin.append(f"stored {_day(download.stored_at)}")
    themes = (kind, origin, [safe_text(download.path, limit=4096)])
    return [" · ".join(word for word in words if word) for words in themes]


def _day(at: float) -> str:
    try:
        return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return "at an unknown time"


def measure(download: Download) -> str:
    """How long a film or sound is, how large anything else."""
    return span(download.duration_s) if _has_length(download) else size(download.size_bytes)


def _has_length(download: Download) -> bool:
    return download.kind in {MediaKind.VIDEO, MediaKind.AUDIO} and bool(download.duration_s)
