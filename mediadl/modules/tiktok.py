"""TikTok: yt-dlp for videos and lists (it can choose a quality), gallery-dl for photo posts, stories, avatars."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from mediadl.errors import (
    Action,
    Challenge,
    DownloadError,
    Forbidden,
    InvalidInput,
    NoMedia,
    SiteChanged,
)
from mediadl.models import FoundItem, Identity
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
    from mediadl.modules.engines.gallerydl_entry import Entry
    from mediadl.modules.engines.ytdlp_hooks import Hooks

_HOST = re.compile(r"^(?:[a-z0-9-]+\.)?tiktok\.com$")
_SHORT_HOSTS = frozenset({"vm.tiktok.com", "vt.tiktok.com"})
_POST = re.compile(
    r"^/(?:@(?P<user>[\w.-]*)|share|embed(?:/v\d)?|v)/?(?:/(?P<kind>video|photo))?/?(?P<id>\d+)(?:\.html)?/?$"
)
_USER = re.compile(r"^/@(?P<user>[\w.-]+)(?:/(?P<tab>posts|stories|avatar|reposts|liked|likes))?/?$")
_NAME = re.compile(r"^@?[\w.-]{1,64}$")
_LIST = re.compile(r"^/(?:music|tag|sticker)/[^/]+/?$|^/@[\w.-]+/(?:collection|playlist)/[^/]+/?$")
_SEC_UID = re.compile(r"^MS4wLjABAAAA[\w-]{32,64}$")
_NO_VIDEOS = "does not have any videos posted"
_TABS = {"posts": "posts", "stories": "stories", "avatar": "avatar", "reposts": "reposts"}


class TikTok(Module):
    """Videos, photo posts, accounts, stories, avatars."""

    name = "tiktok"
    title = "TikTok"
    content_types: ClassVar[dict[str, str]] = {
        "posts": "all posts of an account",
        "video": "one video",
        "photo": "one photo post",
        "post": "one post behind a short link",
        "stories": "stories of an account",
        "reposts": "what an account reposted",
        "avatar": "the account's picture",
        "list": "a sound, tag or collection",
    }
    aliases = ("tiktok", "tt")
    rank = 20
    examples = (
        ("https://www.tiktok.com/@alice", "posts"),
        ("https://www.tiktok.com/@alice/video/7300000000000000001", "video"),
        ("https://www.tiktok.com/@alice/photo/7300000000000000002?lang=en", "photo"),
        ("https://m.tiktok.com/v/7300000000000000001.html", "video"),
        ("https://vm.tiktok.com/ZMabc123/", "post"),
        ("https://www.tiktok.com/t/ZTabc123/", "post"),
        ("https://www.tiktok.com/@alice/stories", "stories"),
        ("https://www.tiktok.com/tag/cats", "list"),
        ("tiktok:@alice", "posts"),
        ("tt:alice", "posts"),
    )
    options = (
        Option("sound", bool, False, "Sound of photo posts", "Also fetch the music of photo posts."),
        Option(
            "codec",
            str,
            "any",
            "Codec",
            "Preferred codec of videos: h264 plays everywhere, h265 is smaller; any takes the best picture.",
            choices=("any", "h264", "h265"),
        ),
    )

    def match(self, url: str, content_type: str = "") -> Target | None:
        """What a TikTok address means."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if not _HOST.match(host):
            return None
        if host in _SHORT_HOSTS or parts.path.startswith("/t/"):
            code = parts.path.removeprefix("/t/").strip("/")
            if not code:
                return None
            return self._one(
                f"https://{'vm.tiktok.com' if parts.path.startswith('/t/') else host}/{code}/",
                "post",
                content_type,
            )
        if post := _POST.match(parts.path):
            return self._post(post["user"] or "", post["id"], post["kind"] or "video", content_type)
        if user := _USER.match(parts.path):
            story = parse_qs(parts.query).get("tab", [""])[0]
            tab = _TABS.get(user["tab"] or story, "")
            return self._account(user["user"], content_type or tab or "posts", url)
        if _LIST.match(parts.path):
            return self._one(f"https://www.tiktok.com{parts.path.rstrip('/')}", "list", content_type)
        return None

    def alias(self, text: str, content_type: str = "") -> Target:
        """`@NAME` or `NAME`: the account."""
        if not _NAME.match(text) or not text.strip("@.-"):
            raise InvalidInput(f"not a TikTok name: {text!r}", next_step="Give it as tiktok:@NAME.")
        return self._account(text.removeprefix("@"), content_type or "posts", text)

    def backends(self, target: Target) -> tuple[str, ...]:
        """Who can do it best comes first."""
        if target.content_type in {"photo", "stories", "avatar", "reposts"}:
            return (GALLERYDL,)
        if target.content_type == "list":
            return (YTDLP,)
        return (YTDLP, GALLERYDL)

    def newest_first(self, target: Target) -> bool:
        """What an account posts or reposts is, below what is pinned."""
        return target.content_type in {"posts", "reposts"}

    def by_owner(self, backend: str, task: Task, owner_id: str) -> Target | None:
        """The list of an account whose numbers were remembered."""
        known = _known_address(task)
        return replace(task.target, url=known) if known else None

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        """List the target; photo posts found by yt-dlp go to gallery-dl, videos by other qualities to yt-dlp.

        Where the page of an account is kept from us, what was remembered of its owner leads to its list.
        """
        before = reporter.items
        try:
            self._list(backend, task, reporter)
        except (Challenge, Forbidden, SiteChanged) as error:
            known = _known_address(task)
            if not known or reporter.items > before:
                raise
            reporter.working(note=f"{error.title.lower()}: by the account's own number")
            try:
                self._list(backend, replace(task, target=replace(task.target, url=known)), reporter)
            except NoMedia:
                # An account that is gone has an empty list
                raise error from None
        except NoMedia as error:
            if _NO_VIDEOS not in error.message:
                raise
            reporter.empty("the account has no posts")

    def _list(self, backend: str, task: Task, reporter: Reporter) -> None:
        if backend == YTDLP:
            self._with_ytdlp(task, reporter)
        else:
            self._with_gallerydl(task, task.target.url, reporter)

    def _with_ytdlp(self, task: Task, reporter: Reporter) -> None:
        from mediadl.modules.engines import ytdlp

        def owner(info: dict[str, Any]) -> tuple[str, str]:
            user_id, name = str(info.get("uploader_id") or ""), str(info.get("uploader") or "")
            _remember_owner(task, reporter, name, info.get("channel_id"), user_id)
            return user_id, name

        def divert(info: dict[str, Any]) -> bool:
            reporter.owner(*owner(info))
            return self._divert_photos(task, info, reporter)

        hooks = replace(
            _video_hooks(task),
            divert=divert,
            owner=owner,
            failed=lambda url, error: self._second_try(task, url, error, reporter),
        )
        ytdlp.run(task, reporter, hooks)

    def _with_gallerydl(self, task: Task, url: str, reporter: Reporter) -> None:
        from mediadl.modules.engines import gallerydl

        def identify(data: dict[str, Any], entry: Entry) -> Identity:
            owner = data.get("author")
            owner = owner if isinstance(owner, dict) else data
            _remember_owner(task, reporter, owner.get("uniqueId"), owner.get("secUid"), owner.get("id"))
            reporter.owner(str(owner.get("id") or ""), str(owner.get("uniqueId") or ""))
            return _entry_identity(data, entry)

        # gallery-dl knows the largest rendition only
        by_ytdlp = task.quality != "best" or _codec(task) != ""
        hooks = gallerydl.Hooks(
            identify=identify,
            source=lambda data: str(data.get("user") or ""),
            page_url=_page_url,
            announce=task.target.content_type in {"photo", "video", "post"},
            engine=lambda entry, _make: self._one_with_ytdlp(task, entry, reporter),
        )
        settings: dict[str, Any] = {
            "audio": bool(task.option("sound", False)),
            "videos": "ytdl" if by_ytdlp else True,
        }
        if task.target.content_type == "posts" and url == task.target.url:
            # The bare profile would bring the avatar as well
            url += "/posts"
        gallerydl.run(task, url, reporter, hooks, {"tiktok": settings})

    def _one_with_ytdlp(self, task: Task, entry: Entry, reporter: Reporter) -> None:
        """The rendition asked for, of a post that gallery-dl found; one that fails is no reason to end the list."""
        from mediadl.modules.engines import ytdlp

        try:
            ytdlp.run_one(task, entry.url.removeprefix("ytdl:"), reporter, _video_hooks(task))
        except DownloadError as error:
            in_list = task.target.content_type in _TABS.values()
            if not in_list or error.action in {Action.PAUSE_SITE, Action.WAIT}:
                raise
            reporter.item_failed(error, identity=str(_entry_identity(entry.data, entry)))

    def _divert_photos(self, task: Task, info: dict[str, Any], reporter: Reporter) -> bool:
        """yt-dlp sees nothing but the music of a photo post."""
        formats = info.get("formats") or [info]
        if any(f.get("vcodec") not in {"none", None} for f in formats):
            return False
        post = Target(
            self.name,
            _post_url("", str(info["id"])),
            "photo",
            self.name,
            source=str(info.get("uploader") or ""),
        )
        self._with_gallerydl(task, post.url, reporter)
        return True

    def _second_try(self, task: Task, url: str, error: DownloadError, reporter: Reporter) -> bool:
        """A post of a list that yt-dlp could not read may be readable to gallery-dl."""
        if task.target.content_type != "posts" or not self.goes_on(YTDLP, error, task.target):
            return False
        reporter.log("info", f"{url}: {error.message}; trying gallery-dl")
        try:
            self._with_gallerydl(task, url, reporter)
        except DownloadError as second:
            reporter.log("info", f"{url}: {second.message}")
            return False
        return True

    def _account(self, user: str, content_type: str, asked: str) -> Target:
        tabs = tuple(_TABS.values())
        if content_type not in tabs:
            raise wrong_type(self, content_type, asked, tabs)
        tail = "" if content_type == "posts" else f"/{content_type}"
        url = f"https://www.tiktok.com/@{user}{tail}"
        return Target(self.name, url, content_type, self.name, title=f"@{user}", source=user)

    def _post(self, user: str, post_id: str, kind: str, content_type: str) -> Target:
        if content_type not in {"", "post", "posts", kind}:
            raise wrong_type(self, content_type, _post_url(user, post_id, kind), (kind,))
        return Target(self.name, _post_url(user, post_id, kind), kind, self.name, title=post_id, source=user)

    def _one(self, url: str, kind: str, content_type: str) -> Target:
        if content_type not in {"", kind} and not (kind == "post" and content_type in {"video", "photo"}):
            raise wrong_type(self, content_type, url, (kind,))
        return Target(self.name, url, kind, self.name, title=url.rstrip("/").rpartition("/")[2])


def _post_url(user: str, post_id: str, kind: str = "video") -> str:
    return f"https://www.tiktok.com/@{user or '_'}/{kind}/{post_id}"


def _video_hooks(task: Task) -> Hooks:
    """What yt-dlp is told of a post with a video."""
    from mediadl.modules.engines.ytdlp_hooks import Hooks

    return Hooks(
        identify=_video_identity,
        title=_video_title,
        refine=_plain_page,
        codec=_codec(task),
        has_sound=True,
        sound_is_separate_work=True,
    )


def _codec(task: Task) -> str:
    word = str(task.option("codec", "any"))
    return "" if word == "any" else word


def _remember_owner(task: Task, reporter: Reporter, name: object, sec_uid: object, user_id: object) -> None:
    """Keep by which numbers TikTok knows the account, for a time when it does not show the page."""
    if task.target.content_type not in _TABS.values() or str(name).lower() != task.target.source.lower():
        return
    if task.owner_id not in {"", str(user_id)}:
        return  # somebody else has the name by now
    found = {"sec_uid": str(sec_uid or ""), "user_id": str(user_id or "")}
    if _SEC_UID.match(found["sec_uid"]) and found["user_id"].isdigit() and task.memory.get("owner") != found:
        task.memory["owner"] = found
        reporter.remember("owner", found)


def _known_address(task: Task) -> str:
    """The address that needs no page of the account; empty when its numbers are not known."""
    owner = task.memory.get("owner")
    if not isinstance(owner, dict):
        return ""
    sec_uid, user_id = str(owner.get("sec_uid")), str(owner.get("user_id"))
    match task.target.content_type:
        case "stories" if user_id.isdigit():
            return f"https://www.tiktok.com/@{user_id}/stories"
        case "posts" if _SEC_UID.match(sec_uid):
            return f"https://www.tiktok.com/@{sec_uid}"
        case "reposts" if _SEC_UID.match(sec_uid):
            return f"https://www.tiktok.com/@{sec_uid}/reposts"
    return ""


def _video_identity(info: dict[str, Any]) -> Identity:
    return Identity("tiktok", str(info["id"]), 0)


def _plain_page(item: FoundItem) -> FoundItem:
    """Short links lead to addresses with parameters that mean nothing, an account's number to ones without its name."""
    page = item.page_url.partition("?")[0]
    owner = re.search(r"/@(MS4wLjABAAAA[\w-]+)/", page)
    return replace(item, page_url=page.replace(owner[1], item.source) if owner and item.source else page)


def _video_title(info: dict[str, Any]) -> str:
    """yt-dlp cuts the title; the description has all of it."""
    return str(info.get("description") or info.get("title") or "")


def _entry_identity(data: dict[str, Any], entry: Entry) -> Identity:
    """The same as yt-dlp's for videos; photos count from 0; sound and pictures of accounts have ids of their own."""
    number = int(data.get("num") or 0)
    kind = data.get("type")
    if kind == "audio":
        return Identity("tiktok", f"{data['id']}-sound")
    if kind == "avatar":
        return Identity("tiktok", f"avatar-{data.get('file_id') or data['id']}")
    return Identity("tiktok", str(data["id"]), max(0, number - 1))


def _page_url(data: dict[str, Any]) -> str:
    if data.get("type") == "avatar":
        return f"https://www.tiktok.com/@{data.get('user') or ''}"
    kind = "photo" if data.get("post_type") == "image" else "video"
    return _post_url(str(data.get("user") or ""), str(data["id"]), kind)
