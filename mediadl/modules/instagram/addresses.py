"""What an Instagram address means: patterns, reserved words, canonical forms. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

ROOT = "https://www.instagram.com"
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


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an address leads to: one thing, or (without `url`) an account."""

    kind: str
    name: str
    """Account, or what tells the one thing from others."""
    url: str = ""
    """Canonical address of the one thing."""
    source: str = ""


def meaning(url: str) -> Meaning | None:
    """What an address leads to; None when it is not Instagram's, or leads to nothing that can be fetched."""
    parts = urlsplit(url)
    if not _HOST.match((parts.hostname or "").lower()):
        return None
    path = parts.path
    if post := _POST.match(path):
        kind = "reel" if post["kind"].startswith("reel") else "post"
        word = "reel" if kind == "reel" else "p"
        return Meaning(kind, post["code"], f"{ROOT}/{word}/{post['code']}/")
    if share := _SHARE.match(path):
        return Meaning("post", share["code"], f"{ROOT}{path.rstrip('/')}/")
    if highlight := _HIGHLIGHT.match(path):
        return Meaning("highlights", highlight["id"], f"{ROOT}/stories/highlights/{highlight['id']}/")
    if short := _HIGHLIGHT_SHORT.match(path):
        return Meaning("highlights", short["code"], f"{ROOT}/s/{short['code']}")
    if story := _STORY.match(path):
        if story["id"]:
            whole = f"{ROOT}/stories/{story['user']}/{story['id']}/"
            return Meaning("stories", story["user"], whole, story["user"])
        return Meaning("stories", story["user"])
    if (user := _USER.match(path)) and user["user"].lower() not in _RESERVED:
        tab = user["tab"] or ""
        return Meaning(_TABS.get(tab, tab), user["user"])
    return None


def is_name(text: str) -> bool:
    """Whether a text can be an account's name."""
    return bool(_NAME.match(text)) and text.removeprefix("@").lower() not in _RESERVED


def account_url(name: str, content_type: str) -> str:
    """The address of what is wanted of an account."""
    return f"{ROOT}/stories/{name}/" if content_type == "stories" else f"{ROOT}/{name}/{content_type}/"


def post_code(url: str) -> str:
    """The short code in the address of one post; empty when there is none (`/share/` hides it)."""
    found = _POST.match(urlsplit(url).path)
    return found["code"] if found else ""


def highlight_id(url: str) -> str:
    """The id in the address of one highlight; empty when there is none."""
    found = _HIGHLIGHT.match(urlsplit(url).path)
    return found["id"] if found else ""


def story_id(url: str) -> str:
    """The media id in the address of one story; empty when there is none."""
    found = _STORY.match(urlsplit(url).path)
    return (found["id"] or "") if found else ""
