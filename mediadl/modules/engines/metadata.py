"""What is kept of an engine's knowledge: harmless, JSON-safe, without addresses that expire and without secrets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from mediadl.models import MediaKind
from mediadl.modules import files
from mediadl.security.redact import redact_url
from mediadl.security.text import safe_json, safe_text

_YTDLP = (
    "id", "display_id", "title", "fulltitle", "alt_title", "description", "uploader", "uploader_id",
    "uploader_url", "channel", "channel_id", "channel_url", "creator", "creators", "timestamp",
    "upload_date", "release_timestamp", "modified_timestamp", "duration", "tags", "categories",
    "view_count", "like_count", "dislike_count", "repost_count", "comment_count", "save_count",
    "average_rating", "age_limit", "webpage_url", "original_url", "width", "height", "fps", "vcodec",
    "acodec", "tbr", "format_id", "format_note", "resolution", "ext", "language", "location",
    "availability", "live_status", "was_live", "track", "artists", "album", "genres", "series", "season",
    "season_number", "episode", "episode_number", "chapter", "chapters", "playlist", "playlist_id",
    "playlist_title", "playlist_index", "n_entries", "license", "extractor", "extractor_key",
)  # fmt: skip
_MAX_KEYS = 120


def of_ytdlp(info: Mapping[str, Any]) -> dict[str, Any]:
    """The lasting part of an info dict."""
    return _clean({key: info[key] for key in _YTDLP if info.get(key) is not None})


def of_gallerydl(data: Mapping[str, Any]) -> dict[str, Any]:
    """The lasting part of a keyword dict: everything but private keys and media addresses."""
    kept = {k: v for k, v in data.items() if not k.startswith("_")}
    return _clean(dict(list(kept.items())[:_MAX_KEYS]))


def posted_at(info: Mapping[str, Any]) -> float | None:
    """Epoch seconds of the moment something was published."""
    for key in ("timestamp", "release_timestamp"):
        value = info.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
    day = str(info.get("upload_date") or "")
    if len(day) == 8 and day.isdigit():
        try:
            return dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dt.UTC).timestamp()
        except ValueError:
            return None
    return None


def moment_of(value: object) -> float | None:
    """Epoch seconds of a date as gallery-dl gives it (naive UTC); None for its placeholder."""
    if not isinstance(value, dt.datetime):
        return None
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    # The placeholder for "unknown" lies at the start of time
    return aware.timestamp() if aware.year > 1971 else None


def kind_of(ext: str, info: Mapping[str, Any]) -> MediaKind:
    """What kind of file to expect."""
    if ext.lower() in files.KIND_OF:
        kind = files.KIND_OF[ext.lower()]
        if kind is MediaKind.VIDEO and info.get("vcodec") == "none":
            return MediaKind.AUDIO
        return kind
    if info.get("vcodec") not in {None, "none"}:
        return MediaKind.VIDEO
    return MediaKind.OTHER


def _clean(record: dict[str, Any]) -> dict[str, Any]:
    cleaned = safe_json(_without_links(record))
    assert isinstance(cleaned, dict)
    return {safe_text(key, limit=80): value for key, value in cleaned.items()}


def _without_links(value: Any, depth: int = 6) -> Any:
    """A copy without media addresses and signed ones (they expire, or are somebody's key); pages stay."""
    if isinstance(value, str):
        if "://" in value[:12] and " " not in value:
            return (
                value if redact_url(value) == value and files.extension(value) not in files.KIND_OF else None
            )
        return value
    if isinstance(value, Mapping):
        if depth == 0:
            return None
        kept = {str(k): _without_links(v, depth - 1) for k, v in value.items() if not str(k).startswith("_")}
        return {k: v for k, v in kept.items() if v is not None}
    if isinstance(value, list | tuple | set | frozenset):
        if depth == 0:
            return None
        return [v for v in (_without_links(v, depth - 1) for v in value) if v is not None]
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return value
