"""What a platform tells yt-dlp's adapter, and what the adapter does where it tells nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mediadl.errors import DownloadError
from mediadl.models import FoundItem, Identity
from mediadl.modules import files
from mediadl.modules.base import site_of


def identify(info: dict[str, Any]) -> Identity:
    """What makes a video the same one next time."""
    key = str(info.get("extractor_key") or info.get("ie_key") or info.get("extractor") or "Generic")
    if key not in {"Generic", "HTML5MediaEmbed"}:
        return Identity(key.lower(), str(info["id"]), 0)
    # The generic extractor's ids are file names and not unique; the address of the page is
    page = str(info.get("webpage_url") or info.get("url") or "")
    same_page = info.get("playlist_webpage_url") == page and info.get("playlist_index")
    return Identity(
        site_of(page) or "generic", files.stable_id(page), int(info["playlist_index"]) - 1 if same_page else 0
    )


def source_of(info: dict[str, Any]) -> str:
    """Account or channel."""
    return str(info.get("uploader") or info.get("channel") or info.get("uploader_id") or "")


def title_of(info: dict[str, Any]) -> str:
    """What people call it."""
    return str(info.get("title") or info.get("id") or "")


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a platform knows better than the engine."""

    identify: Callable[[dict[str, Any]], Identity] = identify
    title: Callable[[dict[str, Any]], str] = title_of
    source: Callable[[dict[str, Any]], str] = source_of
    divert: Callable[[dict[str, Any]], bool] | None = None
    """Called with each post before a format is chosen; True: the platform has dealt with it."""
    owner: Callable[[dict[str, Any]], tuple[str, str]] | None = None
    """Who posted an entry, by stable id and name; asked of a list before its entries are opened."""
    failed: Callable[[str, DownloadError], bool] | None = None
    """Called with each entry of a list that failed; True: the platform has dealt with it."""
    refine: Callable[[FoundItem], FoundItem] = lambda item: item
    """Last word on an item before it is reported."""
    spare: dict[str, Any] | None = None
    """Another rendition, as fields of a format: downloaded when the chosen one cannot be."""
    codec: str = ""
    """Codec that is preferred, as yt-dlp calls it (`h264`, `h265`); empty: whichever is best."""
    has_sound: bool = False
    """What is announced with sound has some; a rendition without is a broken one."""
    sound_is_separate_work: bool = False
    """The audio-only format is not the sound of the video: take the sound out of the video instead."""
