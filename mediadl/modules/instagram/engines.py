"""Instagram through gallery-dl (with a session) and yt-dlp (single videos), in the names all ways share."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.modules.base import Reporter, Task
from mediadl.modules.instagram import identity
from mediadl.modules.instagram.media import ROOT

if TYPE_CHECKING:
    from mediadl.modules.engines.gallerydl_entry import Entry


def by_gallerydl(task: Task, reporter: Reporter) -> None:
    """List the target with gallery-dl.

    Raises:
        DownloadError: it could not be done.
    """
    from mediadl.modules.engines import gallerydl

    settings: dict[str, Any] = {
        "videos": True if task.ffmpeg and task.quality == "best" else "merged",
        "pinned": bool(task.option("pinned", True)),
        # The job's own pace keeps its requests apart, those for pages and scripts too
        "sleep-request": 0,
    }
    hooks = gallerydl.Hooks(
        identify=lambda data, entry: _entry_names(data, entry)[0],
        aliases=lambda data, entry: _entry_names(data, entry)[1:],
        source=lambda data: str(data.get("username") or ""),
        title=_entry_title,
        owner=lambda data: (str(data.get("owner_id") or ""), str(data.get("username") or "")),
        page_url=_page_url,
        announce=task.target.content_type in {"post", "reel"},
        engine=lambda entry, make: _merge(task, reporter, entry, make()),
    )
    gallerydl.run(task, task.target.url, reporter, hooks, {"instagram": settings})


def by_ytdlp(task: Task, reporter: Reporter) -> None:
    """Get the videos of one post with yt-dlp.

    Raises:
        DownloadError: it could not be done.
    """
    from mediadl.modules.engines import ytdlp

    hooks = ytdlp.Hooks(identify=_video_identity, title=_video_title, source=_video_source, refine=_with_stem)
    ytdlp.run(task, reporter, hooks)


def _merge(task: Task, reporter: Reporter, entry: Entry, item: FoundItem) -> None:
    """The best rendition has picture and sound apart; the ready-made one is good when that fails."""
    from mediadl.modules.engines import ytdlp

    whole = dataclasses.replace(item, url="", fallbacks=(), headers={}, ext="mp4", kind=MediaKind.VIDEO)
    spare: dict[str, Any] | None = None
    if item.fallbacks:
        spare = {
            "format_id": "ready",
            "url": item.fallbacks[0],
            "ext": "mp4",
            "protocol": "https",
            "fragments": None,
        }
    hooks = ytdlp.Hooks(identify=lambda _: item.identity, refine=lambda _: whole, spare=spare)
    info = {
        "id": item.identity.id,
        "title": item.title or item.identity.id,
        "webpage_url": item.page_url,
    }
    manifest = str(entry.data["_ytdl_manifest_data"])
    ytdlp.run_manifest(task, reporter, hooks, info, manifest, item.headers)


def _entry_title(data: dict[str, Any]) -> str:
    if data.get("subcategory") == "avatar":
        return f"{data.get('username') or ''} profile picture".strip()
    return str(data.get("description") or data.get("highlight_title") or "")


def _page_url(data: dict[str, Any]) -> str:
    if data.get("subcategory") == "avatar":
        # gallery-dl makes up a post for the picture
        return f"{ROOT}/{data.get('username') or ''}/"
    return str(data.get("post_url") or "")


def _entry_names(data: dict[str, Any], entry: Entry) -> tuple[Identity, ...]:
    """Every file has a media id of its own, in a carousel too: it stays when another slide is removed."""
    first = Identity(identity.SITE, str(data.get("media_id") or entry.archive_id))
    carousel = str(data.get("sidecar_media_id") or "")
    is_sound = bool(data.get("audio_url"))
    number = data.get("num")
    more = identity.names(
        post=carousel if not is_sound else "",
        slide=number if carousel and isinstance(number, int) and not is_sound else 0,
        urls=() if is_sound else (str(data.get("video_url") or data.get("display_url") or ""),),
    )
    return tuple(dict.fromkeys((first, *more)))


def _video_identity(info: dict[str, Any]) -> Identity:
    """yt-dlp names a post by its shortcode, a slide of a carousel by its media id."""
    named = str(info["id"]).partition("_")[0]
    return Identity(identity.SITE, named if named.isdigit() and len(named) > 12 else identity.media_pk(named))


def _with_stem(item: FoundItem) -> FoundItem:
    stems = identity.names(urls=tuple(url for url in (item.url, *item.fallbacks) if url))
    return dataclasses.replace(item, aliases=tuple(one for one in stems if one != item.identity))


def _video_source(info: dict[str, Any]) -> str:
    """The account; yt-dlp's uploader is the name a person chose to show."""
    return str(info.get("channel") or info.get("uploader") or "")


def _video_title(info: dict[str, Any]) -> str:
    return str(info.get("description") or info.get("title") or "")
