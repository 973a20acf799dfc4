"""Instagram: gallery-dl with the cookies of an account; yt-dlp for one post or reel when that fails."""

from __future__ import annotations

import dataclasses
import re
import string
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from mediadl.errors import DownloadError, InvalidInput, LoginNeeded
from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.modules.base import (
    GALLERYDL,
    YTDLP,
    Module,
    Option,
    Reporter,
    Target,
    Task,
    wrong_type,
)

if TYPE_CHECKING:
    from mediadl.modules.engines.gallerydl import Entry

_ROOT = "https://www.instagram.com"
_HOST = re.compile(r"^(?:(?:www|m)\.)?instagram\.com$|^instagr\.am$")
_POST = re.compile(r"^/(?:[\w.]+/)?(?P<kind>p|tv|reels?)/(?P<code>[A-Za-z0-9_-]{5,60})(?:/.*)?$")
_SHARE = re.compile(r"^/share/(?:(?:p|tv|reels?)/)?(?P<code>[A-Za-z0-9_-]{5,60})/?$")
_STORY = re.compile(r"^/stories/(?P<user>[\w.]+)(?:/(?P<id>\d+))?/?$")
_HIGHLIGHT = re.compile(r"^/stories/highlights/(?P<id>\d+)/?$")
_HIGHLIGHT_SHORT = re.compile(r"^/s/(?P<code>aGlnaGxpZ2h0[A-Za-z0-9_=-]+)/?$")
_USER = re.compile(
    r"^/(?P<user>[A-Za-z0-9_.]{1,30})(?:/(?P<tab>posts|feed|reels|tagged|highlights|avatar|stories))?/?$"
)
_NAME = re.compile(r"^@?[A-Za-z0-9_.]{1,30}$")
_RESERVED = frozenset({
    "about", "accounts", "api", "ar", "challenge", "developer", "direct", "directory", "emails", "explore",
    "graphql", "legal", "locations", "nametag", "p", "press", "privacy", "reel", "reels", "s", "session",
    "share", "static", "stories", "tags", "tv", "web", "your_activity",
})  # fmt: skip
_TABS = {"feed": "posts", "": "posts"}
_ACCOUNT_TYPES = ("posts", "reels", "stories", "highlights", "tagged", "avatar")
_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_PRIVATE_TAIL = 28
"""Codes of private posts have so many characters more than the id needs."""


class Instagram(Module):
    """Posts, reels, stories, highlights, tagged posts, profile pictures."""

    name = "instagram"
    title = "Instagram"
    content_types: ClassVar[dict[str, str]] = {
        "posts": "all posts of an account",
        "reels": "all reels of an account",
        "stories": "what an account shows today",
        "highlights": "kept stories of an account",
        "tagged": "posts that tag an account",
        "avatar": "the account's picture",
        "post": "one post",
        "reel": "one reel",
    }
    aliases = ("instagram", "ig")
    needs_login = frozenset(_ACCOUNT_TYPES)
    rank = 10
    examples = (
        ("https://www.instagram.com/bob/", "posts"),
        ("https://instagram.com/bob?hl=en", "posts"),
        ("https://www.instagram.com/bob/reels/", "reels"),
        ("https://www.instagram.com/bob/tagged/", "tagged"),
        ("https://www.instagram.com/stories/bob/", "stories"),
        ("https://www.instagram.com/stories/bob/3000000000000000001/", "stories"),
        ("https://www.instagram.com/stories/highlights/17900000000000001/", "highlights"),
        ("https://www.instagram.com/s/aGlnaGxpZ2h0OjE3OTAwMDAwMDAwMDAwMDAx?story_media_id=1", "highlights"),
        ("https://www.instagram.com/p/ChunkAjurw/", "post"),
        ("https://www.instagram.com/bob/p/ChunkAjurw/?img_index=2", "post"),
        ("https://www.instagram.com/reel/ChunkAjurw/", "reel"),
        ("instagram:bob", "posts"),
        ("ig:@bob", "posts"),
    )
    options = (
        Option("pinned", bool, True, "Pinned posts", "Also fetch posts pinned to the top of a profile."),
    )

    def match(self, url: str, content_type: str = "") -> Target | None:
        """What an Instagram address means."""
        parts = urlsplit(url)
        if not _HOST.match((parts.hostname or "").lower()):
            return None
        path = parts.path
        if post := _POST.match(path):
            kind = "reel" if post["kind"].startswith("reel") else "post"
            word = "reel" if kind == "reel" else "p"
            return self._one(f"{_ROOT}/{word}/{post['code']}/", kind, content_type, post["code"])
        if share := _SHARE.match(path):
            return self._one(f"{_ROOT}{path.rstrip('/')}/", "post", content_type, share["code"])
        if highlight := _HIGHLIGHT.match(path):
            return self._one(
                f"{_ROOT}/stories/highlights/{highlight['id']}/", "highlights", content_type, highlight["id"]
            )
        if short := _HIGHLIGHT_SHORT.match(path):
            return self._one(f"{_ROOT}/s/{short['code']}", "highlights", content_type, short["code"])
        if story := _STORY.match(path):
            if story["id"]:
                url = f"{_ROOT}/stories/{story['user']}/{story['id']}/"
                return self._one(url, "stories", content_type, story["user"], story["user"])
            return self._account(story["user"], content_type or "stories", url)
        if user := _USER.match(path):
            if user["user"].lower() in _RESERVED:
                return None
            tab = user["tab"] or ""
            return self._account(user["user"], content_type or _TABS.get(tab, tab), url)
        return None

    def alias(self, text: str, content_type: str = "") -> Target:
        """`NAME` or `@NAME`: the account."""
        name = text.removeprefix("@")
        if not _NAME.match(name) or name.lower() in _RESERVED:
            raise InvalidInput(f"not an Instagram name: {text!r}", next_step="Give it as instagram:NAME.")
        return self._account(name, content_type or "posts", text)

    def backends(self, target: Target) -> tuple[str, ...]:
        """yt-dlp knows single videos only."""
        return (GALLERYDL, YTDLP) if target.content_type in {"post", "reel"} else (GALLERYDL,)

    def open_to_visitors(self, backend: str, target: Target) -> bool:
        """gallery-dl is sent to the login page without one; single videos may be open."""
        return backend == YTDLP

    def goes_on(self, backend: str, error: DownloadError, target: Target) -> bool:
        """A single video may be open to visitors although gallery-dl wants a login."""
        if isinstance(error, LoginNeeded) and backend == GALLERYDL:
            return YTDLP in self.backends(target)
        return super().goes_on(backend, error, target)

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        """List the target."""
        if backend == YTDLP:
            from mediadl.modules.engines import ytdlp

            ytdlp.run(
                task,
                reporter,
                ytdlp.Hooks(identify=_video_identity, title=_video_title, source=_video_source),
            )
            return
        from mediadl.modules.engines import gallerydl

        delay = task.request_delay_s
        settings: dict[str, Any] = {
            "videos": True if task.ffmpeg and task.quality == "best" else "merged",
            "pinned": bool(task.option("pinned", True)),
            # Never the same pause twice: at least the one asked for
            "sleep-request": f"{delay}-{delay * 2}" if delay else 0,
        }
        hooks = gallerydl.Hooks(
            identify=_entry_identity,
            source=lambda data: str(data.get("username") or ""),
            title=_entry_title,
            page_url=_page_url,
            announce=task.target.content_type in {"post", "reel"},
            engine=lambda entry, make: self._merge(task, reporter, entry, make()),
        )
        gallerydl.run(task, task.target.url, reporter, hooks, {"instagram": settings})

    def _merge(self, task: Task, reporter: Reporter, entry: Entry, item: FoundItem) -> None:
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

    def _account(self, user: str, content_type: str, asked: str) -> Target:
        if content_type not in _ACCOUNT_TYPES:
            raise wrong_type(self, content_type, asked, _ACCOUNT_TYPES)
        name = user.lower()
        url = f"{_ROOT}/stories/{name}/" if content_type == "stories" else f"{_ROOT}/{name}/{content_type}/"
        return Target(self.name, url, content_type, self.name, title=f"{name} {content_type}", source=name)

    def _one(self, url: str, kind: str, content_type: str, title: str, source: str = "") -> Target:
        alike = {"post", "posts", "reel", "reels"} if kind in {"post", "reel"} else {kind}
        if content_type and content_type not in alike:
            raise wrong_type(self, content_type, url, (kind,))
        return Target(self.name, url, kind, self.name, title=title, source=source)


def media_pk(code: str) -> str:
    """The media id that a shortcode spells in base 64; the text itself when it is none."""
    short = code[:-_PRIVATE_TAIL] if len(code) > _PRIVATE_TAIL else code
    number = 0
    for char in short:
        digit = _ALPHABET.find(char)
        if digit < 0:
            return code
        number = number * 64 + digit
    return str(number)


def _entry_title(data: dict[str, Any]) -> str:
    if data.get("subcategory") == "avatar":
        return f"{data.get('username') or ''} profile picture".strip()
    return str(data.get("description") or data.get("highlight_title") or "")


def _page_url(data: dict[str, Any]) -> str:
    if data.get("subcategory") == "avatar":
        # gallery-dl makes up a post for the picture
        return f"{_ROOT}/{data.get('username') or ''}/"
    return str(data.get("post_url") or "")


def _entry_identity(data: dict[str, Any], entry: Entry) -> Identity:
    """Every file has a media id of its own, in a carousel too: it stays when another slide is removed."""
    return Identity("instagram", str(data.get("media_id") or entry.archive_id))


def _video_identity(info: dict[str, Any]) -> Identity:
    """yt-dlp names a post by its shortcode, a slide of a carousel by its media id."""
    named = str(info["id"]).partition("_")[0]
    return Identity("instagram", named if named.isdigit() and len(named) > 12 else media_pk(named))


def _video_source(info: dict[str, Any]) -> str:
    """The account; yt-dlp's uploader is the name a person chose to show."""
    return str(info.get("channel") or info.get("uploader") or "")


def _video_title(info: dict[str, Any]) -> str:
    return str(info.get("description") or info.get("title") or "")
