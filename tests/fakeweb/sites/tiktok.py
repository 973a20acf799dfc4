"""TikTok as the engines read it: pages with hydration data, lists, short links, the proof-of-work page, the CDN."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakeweb import media
from fakeweb.blobs import BytesBlob
from fakeweb.expected import ExpectedFile
from fakeweb.messages import Request, Response, set_cookie

FIRST_POST_AT = 1_700_000_000
_DAY_S = 86_400
_PAGE_SIZE = 15
_WWW = "https://www.tiktok.com"
_VIDEO_HOST = "https://v16-webapp-prime.us.tiktok.com"
_IMAGE_HOST = "https://p16-sign.tiktokcdn-us.com"
_CHAIN_TOKEN = "c2ltdWxhdGVkLWNoYWluLXRva2Vu"
_PUZZLE_SALT = b"simulated salt"
_PUZZLE_ANSWER = 4321
_WATERMARKED = "watermarked"


@dataclass(frozen=True)
class Rendition:
    """One quality of a video; the announced size of the picture is TikTok's, the real one is smaller."""

    key: str
    width: int
    height: int
    real_width: int
    real_height: int
    bytes_per_s: int

    @property
    def url_key(self) -> str:
        """The middle of TikTok's `UrlKey`, which yt-dlp reads codec, height and bitrate from."""
        rate = {"1080p": 1_900_000, "720p": 900_000, "540p": 500_000}[self.key.rpartition("_")[2]]
        return f"{self.key}_{rate}"


RENDITIONS = (
    Rendition("bytevc1_1080p", 1080, 1920, 270, 480, 40_000),
    Rendition("h264_720p", 720, 1280, 180, 320, 30_000),
    Rendition("h264_540p", 576, 1024, 144, 256, 20_000),
)


@dataclass
class Post:
    """A video, or with `images` a photo post; a status code other than 0 makes it gone, private or blocked."""

    id: str
    caption: str
    created_at: int
    images: int = 0
    status_code: int = 0
    sensitive: bool = False
    duration_s: float = 1.0
    bytes_per_video: int | None = None

    @property
    def is_photo(self) -> bool:
        """Whether it is a photo post."""
        return self.images > 0

    def video_bytes(self, quality: Rendition) -> int:
        """The exact size of one quality, known before it is made: a list announces dozens of them."""
        return self.bytes_per_video or int(quality.bytes_per_s * max(1.0, self.duration_s))


@dataclass
class User:
    """An account with its posts, oldest first."""

    name: str
    nickname: str
    posts: list[Post] = field(default_factory=list)
    stories: list[Post] = field(default_factory=list)
    reposts: list[Post] = field(default_factory=list)
    private: bool = False
    embeddable: bool = True

    @property
    def id(self) -> str:
        """The numeric id."""
        return str(6_800_000_000_000_000_000 + int(hashlib.sha256(self.name.encode()).hexdigest()[:12], 16))

    @property
    def sec_uid(self) -> str:
        """The opaque id that lists are asked with."""
        digest = hashlib.sha512(self.name.encode()).digest()
        return "MS4wLjABAAAA" + base64.urlsafe_b64encode(digest).decode()[:64]

    def post(self, number: int) -> Post:
        """The post of that number, 1 is the oldest."""
        return self.posts[number - 1]


def make_post(name: str, number: int, *, images: int = 0, caption: str | None = None, **more: Any) -> Post:
    """The number-th post of a user: one a day, ids as TikTok makes them (the time in the upper half)."""
    created_at = FIRST_POST_AT + number * _DAY_S
    low = int(hashlib.sha256(f"{name} {number}".encode()).hexdigest()[:7], 16)
    text = f"{name} post {number} #simulated" if caption is None else caption
    return Post(str((created_at << 32) + low), text, created_at, images, **more)


def make_user(
    *,
    posts: int = 5,
    photo_posts: Iterable[int] = (),
    images: int = 3,
    stories: int = 0,
    captions: Mapping[int, str] | None = None,
    status_codes: Mapping[int, int] | None = None,
    sensitive: Iterable[int] = (),
    private: bool = False,
    embeddable: bool = True,
    bytes_per_video: int | None = None,
) -> User:
    """An account by numbers (posts count from 1, the oldest); its name is the key it is given to TikTok under."""
    user = User("", "", private=private, embeddable=embeddable)
    photos, hidden = set(photo_posts), set(sensitive)
    user.posts = [
        Post(
            "",
            (captions or {}).get(number, ""),
            number,
            images if number in photos else 0,
            (status_codes or {}).get(number, 0),
            number in hidden,
            bytes_per_video=bytes_per_video,
        )
        for number in range(1, posts + 1)
    ]
    user.stories = [Post("", "", 1000 + number) for number in range(1, stories + 1)]
    return user


def _settle(name: str, user: User) -> User:
    """Give a user made by numbers its name and its posts their ids."""
    user.name = user.name or name
    user.nickname = user.nickname or name.title()
    for number, post in enumerate(user.posts, 1):
        if not post.id:
            made = make_post(user.name, number)
            post.id, post.created_at = made.id, made.created_at
            post.caption = post.caption or made.caption
    for number, story in enumerate(user.stories, 1):
        if not story.id:
            made = make_post(user.name, 1000 + number, caption=f"{user.name} story {number}")
            story.id, story.created_at, story.caption = made.id, made.created_at, made.caption
    return user


class TikTok:
    """The site; its switches may be changed while it runs.

    Attributes:
        waf: Pages answer with the proof-of-work page until its cookie is sent.
        require_impersonation: Pages refuse clients without `sec-ch-ua`.
        empty_lists: That many list answers come back with an empty body first.
        check_chain_token: Videos and music need the cookie that pages set.
    """

    login_path = "/login"
    hosts = ("tiktok.com", "*.tiktok.com", "*.tiktokcdn.com", "*.tiktokcdn-us.com")

    def __init__(
        self,
        users: Mapping[str, User] | None = None,
        *,
        short_links: Mapping[str, str] | None = None,
        waf: bool = False,
        require_impersonation: bool = False,
    ) -> None:
        given = {"alice": make_user(posts=5)} if users is None else users
        self.users = {name: _settle(name, user) for name, user in given.items()}
        self.short_links = dict(short_links or {})
        self.waf = waf
        self.require_impersonation = require_impersonation
        self.empty_lists = 0
        self.check_chain_token = True

    # What tests ask.

    def profile_url(self, name: str) -> str:
        """The page of a user."""
        return f"{_WWW}/@{name}"

    def post_url(self, name: str, number: int) -> str:
        """The page of a user's post, 1 is the oldest."""
        post = self.users[name].post(number)
        return f"{_WWW}/@{name}/{'photo' if post.is_photo else 'video'}/{post.id}"

    def short_url(self, name: str, number: int) -> str:
        """A short link to a post, made on demand."""
        post = self.users[name].post(number)
        code = "ZM" + hashlib.sha256(post.id.encode()).hexdigest()[:7]
        self.short_links[code] = f"/@{name}/video/{post.id}"
        return f"https://vm.tiktok.com/{code}/"

    def watermark_pattern(self) -> str:
        """Matches every request for a watermarked video: assert that there is none."""
        return rf"/{_WATERMARKED}/"

    def expected_video(self, name: str, number: int, rendition: str = "bytevc1_1080p") -> ExpectedFile:
        """One quality of a video post."""
        post = self.users[name].post(number)
        blob = _video(post, rendition)
        return ExpectedFile.of(_video_url(post, rendition), blob, "video/mp4", item_id=post.id, label=rendition)

    def expected(self, name: str, number: int, *, music: bool = True) -> list[ExpectedFile]:
        """The best files of a post: its best video, or its photos and, unless not wanted, its music."""
        return _best_files(self.users[name].post(number), music=music)

    def expected_user(self, name: str, *, music: bool = True) -> list[ExpectedFile]:
        """The best files of all posts that can be had, newest post first."""
        posts = [post for post in reversed(self.users[name].posts) if not post.status_code and not post.sensitive]
        return [file for post in posts for file in _best_files(post, music=music)]

    def expected_stories(self, name: str) -> list[ExpectedFile]:
        """The best files of a user's stories."""
        return [file for story in self.users[name].stories for file in _best_files(story, music=False)]

    def expected_avatar(self, name: str) -> ExpectedFile:
        """A user's picture."""
        return ExpectedFile.of(_avatar_url(self.users[name]), _avatar(name), "image/jpeg")

    # What engines ask.

    def handle(self, request: Request) -> Response | None:
        """Answer by host, then by path."""
        host = request.host
        if host in {"vm.tiktok.com", "vt.tiktok.com"}:
            return self._short_link(request)
        if not host.endswith("tiktok.com") or host == "v16-webapp-prime.us.tiktok.com":
            return self._cdn(request)
        path = request.path
        if path.startswith("/api/"):
            return self._api(request)
        if path.startswith("/embed/@"):
            return self._embed(path.removeprefix("/embed/@"))
        if path.startswith("/t/"):
            return self._short_link(request)
        if path.startswith("/aweme/") or path == "/favicon.ico":
            return None
        return self._page(request)

    def _page(self, request: Request) -> Response | None:
        if self.require_impersonation and "sec-ch-ua" not in request.headers:
            return Response.page("<h1>Access Denied</h1>", status=403)
        if self.waf and not _solved(request.cookies.get("_wafchallengeid", "")):
            return Response.page(_puzzle_page())
        if request.path == "/login":
            return _with_cookies(Response.page("<title>Log in | TikTok</title>"))
        scope = self._scope(request.path)
        return None if scope is None else _with_cookies(Response.page(_hydrated(scope)))

    def _scope(self, path: str) -> dict[str, Any] | None:
        scope: dict[str, Any] = {"webapp.app-context": {"language": "en", "region": "US"}}
        if path == "/":
            return scope
        if match := re.fullmatch(r"/@([\w.-]*)/(?:video|photo)/(\d+)/?", path):
            scope |= self._post_scope(match[2])
        elif match := re.fullmatch(r"/@([\w.-]+)/?", path):
            scope["webapp.user-detail"] = self._user_detail(match[1])
        else:
            return None
        return scope

    def _post_scope(self, post_id: str) -> dict[str, Any]:
        found = self._find(post_id)
        if found is None:
            return {"webapp.video-detail": {"statusCode": 10204, "statusMsg": "item doesn't exist"}}
        user, post = found
        status = post.status_code or (10222 if user.private else 0)
        canonical = {"canonical": f"{_WWW}/@{user.name}/video/{post.id}"}
        if status:
            return {"seo.abtest": canonical, "webapp.video-detail": {"statusCode": status, "statusMsg": ""}}
        detail = {"statusCode": 0, "itemInfo": {"itemStruct": _item(user, post)}}
        return {"seo.abtest": canonical, "webapp.video-detail": detail}

    def _user_detail(self, name: str) -> dict[str, Any]:
        user = self.users.get(name)
        if user is None:
            return {"statusCode": 10221, "statusMsg": "user not exist"}
        count = 0 if user.private else len(user.posts)
        info = {"user": _account(user), "stats": {"videoCount": count, "followerCount": 7}, "itemList": []}
        return {"statusCode": 10222 if user.private else 0, "userInfo": info}

    def _find(self, post_id: str) -> tuple[User, Post] | None:
        for user in self.users.values():
            for post in (*user.posts, *user.stories, *user.reposts):
                if post.id == post_id:
                    return user, post
        return None

    def _api(self, request: Request) -> Response | None:
        endpoint = request.path.removeprefix("/api/").strip("/")
        if self.empty_lists > 0:
            self.empty_lists -= 1
            return Response.text("", "application/json")
        query = request.query
        cursor = int(query.get("cursor") or 0)
        if endpoint == "story/item_list":
            owner = next((user for user in self.users.values() if user.id == query.get("authorId")), None)
            return None if owner is None else _story_list(owner)
        user = next((user for user in self.users.values() if user.sec_uid == query.get("secUid")), None)
        if user is None or user.private:
            return Response.json({"statusCode": 0, "itemList": [], "hasMore": False, "hasMorePrevious": False})
        if endpoint == "creator/item_list":
            return _creator_list(user, cursor or int(time.time() * 1000))
        if endpoint == "post/item_list":
            return _post_list(user, cursor, query.get("post_item_list_request_type", "0"))
        if endpoint == "repost/item_list":
            items = [_item(*found) for post in user.reposts[cursor : cursor + _PAGE_SIZE] if (found := self._find(post.id))]
            more = cursor + len(items) < len(user.reposts)
            return Response.json({"statusCode": 0, "itemList": items, "hasMore": more, "cursor": str(cursor + len(items))})
        return None

    def _embed(self, name: str) -> Response | None:
        user = self.users.get(name.strip("/"))
        if user is None or user.private or not user.embeddable:
            return None
        videos = [{"id": post.id} for post in reversed(user.posts[-10:])]
        state = {"source": {"data": {f"/embed/@{user.name}": {"videoList": videos}}}}
        return Response.page(f'<script id="__FRONTITY_CONNECT_STATE__" type="application/json">{_inline(state)}</script>')

    def _short_link(self, request: Request) -> Response:
        code = request.path.rstrip("/").rpartition("/")[2]
        target = self.short_links.get(code, "/")
        return Response.redirect(f"{_WWW}{target}?_r=1", 301)

    def _cdn(self, request: Request) -> Response | None:
        path = request.path
        if match := re.fullmatch(r"/video/tos/[^/]+/(\d+)/(\w+)/", path):
            found = self._find(match[1])
            if found is None:
                return None
            if self.check_chain_token and request.cookies.get("tt_chain_token") != _CHAIN_TOKEN:
                return Response.page("<h1>Access Denied</h1>", status=403)
            if match[2] == "music":
                return Response.media(_music(found[1]), "audio/mpeg")
            return Response.media(_video(found[1], match[2]), "video/mp4")
        if match := re.fullmatch(r"/tos/(\d+)(?:photo(\d+)|cover)~tplv-[\w-]+\.jpeg", path):
            found = self._find(match[1])
            if found is None:
                return None
            return Response.media(_photo(found[1], int(match[2] or 0)), "image/jpeg")
        if match := re.fullmatch(r"/tos/avatar-([\w.-]+)~tplv-avatar\.jpeg", path):
            return Response.media(_avatar(match[1]), "image/jpeg") if match[1] in self.users else None
        return None


# Media.


def _video(post: Post, rendition: str) -> BytesBlob:
    # The watermarked one is like the smallest, with bytes of its own.
    quality = next((quality for quality in RENDITIONS if quality.key == rendition), RENDITIONS[-1])
    data = media.mp4(
        f"tiktok {post.id} {rendition}",
        width=quality.real_width,
        height=quality.real_height,
        duration_s=post.duration_s,
        size_bytes=post.video_bytes(quality),
    )
    return BytesBlob(data)


def _music(post: Post) -> BytesBlob:
    return BytesBlob(media.m4a(f"tiktok {post.id} music"))


def _photo(post: Post, number: int) -> BytesBlob:
    return BytesBlob(media.jpeg(f"tiktok {post.id} photo {number}", width=360, height=480))


def _avatar(name: str) -> BytesBlob:
    return BytesBlob(media.jpeg(f"tiktok {name} avatar", width=200, height=200))


def _video_url(post: Post, rendition: str) -> str:
    kind = "audio_mpeg" if rendition == "music" else "video_mp4"
    return f"{_VIDEO_HOST}/video/tos/useast5/{post.id}/{rendition}/?mime_type={kind}&expire=1999999999"


def _photo_url(post: Post, number: int) -> str:
    return f"{_IMAGE_HOST}/tos/{post.id}photo{number}~tplv-photomode-image.jpeg"


def _avatar_url(user: User) -> str:
    return f"{_IMAGE_HOST}/tos/avatar-{user.name}~tplv-avatar.jpeg"


def _best_files(post: Post, *, music: bool) -> list[ExpectedFile]:
    if not post.is_photo:
        best = RENDITIONS[0].key
        blob = _video(post, best)
        return [ExpectedFile.of(_video_url(post, best), blob, "video/mp4", item_id=post.id, label=best)]
    files = [
        ExpectedFile.of(_photo_url(post, n), _photo(post, n), "image/jpeg", item_id=post.id, index=n, label="photo")
        for n in range(1, post.images + 1)
    ]
    if music:
        url, index = _video_url(post, "music"), post.images + 1
        files.append(
            ExpectedFile.of(url, _music(post), "audio/mpeg", item_id=post.id, index=index, label="music")
        )
    return files


# Shapes.


def _account(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "uniqueId": user.name,
        "nickname": user.nickname,
        "secUid": user.sec_uid,
        "avatarLarger": _avatar_url(user),
        "privateAccount": user.private,
    }


def _item(user: User, post: Post) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": post.id,
        "desc": post.caption,
        "createTime": post.created_at,
        "author": _account(user),
        "music": {
            "id": post.id,
            "title": "original sound",
            "authorName": user.nickname,
            "duration": 1,
            "playUrl": _video_url(post, "music"),
        },
        "stats": {"diggCount": 12, "commentCount": 3, "playCount": 456, "shareCount": 1, "collectCount": "2"},
    }
    if post.sensitive:
        return item | {"isContentClassified": True}
    if post.is_photo:
        images = [
            {"imageURL": {"urlList": [_photo_url(post, n)]}, "imageWidth": 360, "imageHeight": 480}
            for n in range(1, post.images + 1)
        ]
        empty = {"id": post.id, "width": 0, "height": 0, "duration": 0, "cover": _photo_url(post, 1)}
        return item | {"imagePost": {"images": images}, "video": empty}
    return item | {"video": _video_field(post)}


def _video_field(post: Post) -> dict[str, Any]:
    qualities = [
        {
            "PlayAddr": {
                "DataSize": str(post.video_bytes(quality)),
                "Width": quality.width,
                "Height": quality.height,
                "UrlKey": f"v12044gd{post.id}_{quality.url_key}",
                "UrlList": [_video_url(post, quality.key), f"{_WWW}/aweme/v1/play/?video_id={post.id}"],
            }
        }
        for quality in RENDITIONS
    ]
    smallest = RENDITIONS[-1]
    return {
        "id": post.id,
        "width": smallest.width,
        "height": smallest.height,
        "duration": max(1, round(post.duration_s)),
        "format": "mp4",
        "cover": f"{_IMAGE_HOST}/tos/{post.id}cover~tplv-cover.jpeg",
        "playAddr": _video_url(post, smallest.key),
        "downloadAddr": _video_url(post, _WATERMARKED),
        "bitrateInfo": qualities,
    }


def _creator_list(user: User, before_ms: int) -> Response:
    older = [post for post in reversed(user.posts) if post.created_at * 1000 < before_ms]
    page = older[:_PAGE_SIZE]
    more = len(older) > len(page)
    return Response.json(
        {
            "statusCode": 0,
            "itemList": [_item(user, post) for post in page],
            "hasMorePrevious": more,
            "hasMore": more,
            "cursor": str(page[-1].created_at * 1000 if page else before_ms),
        }
    )


def _post_list(user: User, cursor: int, order: str) -> Response:
    """The ordered list: 0 newest first, 1 popular (here the same), 2 oldest first."""
    if order == "2":
        left = [post for post in user.posts if post.created_at * 1000 > cursor]
    else:
        left = [post for post in reversed(user.posts) if not cursor or post.created_at * 1000 < cursor]
    page = left[:_PAGE_SIZE]
    last = page[-1].created_at * 1000 if page else max(cursor, 1)
    items = [_item(user, post) for post in page]
    return Response.json(
        {"statusCode": 0, "itemList": items, "hasMore": len(left) > len(page), "cursor": str(last)}
    )


def _story_list(user: User) -> Response:
    items = [_item(user, story) for story in user.stories]
    newest = max((story.created_at * 1000 for story in user.stories), default=1)
    return Response.json(
        {"statusCode": 0, "itemList": items, "HasMoreAfter": False, "hasMore": False, "MaxCursor": str(newest)}
    )


def _inline(value: Any) -> str:
    # A caption with </script> would end the element.
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _hydrated(scope: dict[str, Any]) -> str:
    data = _inline({"__DEFAULT_SCOPE__": scope})
    script = f'<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{data}</script>'
    return f"<!doctype html><html><head><title>TikTok</title></head><body>{script}</body></html>"


def _with_cookies(response: Response) -> Response:
    response.headers += [
        set_cookie("tt_chain_token", _CHAIN_TOKEN, domain=".tiktok.com", secure=True),
        set_cookie("ttwid", "1%7Csimulated", domain=".tiktok.com", secure=True),
    ]
    return response


# The proof of work.


def _plain64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _puzzle_page() -> str:
    digest = hashlib.sha256(_PUZZLE_SALT + str(_PUZZLE_ANSWER).encode()).digest()
    puzzle = {"v": {"a": _plain64(_PUZZLE_SALT), "b": "1700000000", "c": _plain64(digest)}, "s": "sig"}
    packed = _plain64(json.dumps(puzzle, separators=(",", ":")).encode()).rstrip("=")
    values = {"cs": packed, "wci": "_wafchallengeid", "rci": "waforiginalreid", "rs": "simulated-request"}
    marks = "".join(f'<p id="{name}" class="{value}"></p>' for name, value in values.items())
    return f"<!doctype html><html><body>Please wait...{marks}</body></html>"


def _solved(cookie: str) -> bool:
    try:
        answer = json.loads(base64.b64decode(cookie.strip('"') + "==="))["d"]
        return base64.b64decode(answer) == str(_PUZZLE_ANSWER).encode()
    except (binascii.Error, ValueError, KeyError, TypeError):
        return False
