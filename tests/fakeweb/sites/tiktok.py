"""TikTok as the engines read it: hydrated pages, lists, short links, the proof-of-work page, the CDN."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from typing import Any

from fakeweb.expected import ExpectedFile
from fakeweb.messages import Request, Response
from fakeweb.sites.tiktok_posts import (
    FIRST_POST_AT,
    WATERMARKED,
    Post,
    User,
    avatar,
    avatar_url,
    best_files,
    make_post,
    make_user,
    music_track,
    photo,
    settle,
    video,
    video_url,
)
from fakeweb.sites.tiktok_shapes import (
    CHAIN_TOKEN,
    PAGE_SIZE,
    WWW,
    account,
    creator_list,
    hydrated,
    inline,
    item,
    post_list,
    puzzle_page,
    solved,
    story_list,
    with_cookies,
)

__all__ = ["Post", "TikTok", "User", "make_post", "make_user"]


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
        self.users = {name: settle(name, user) for name, user in given.items()}
        self.short_links = dict(short_links or {})
        self.waf = waf
        self.require_impersonation = require_impersonation
        self.empty_lists = 0
        self.check_chain_token = True

    # What tests ask.

    def profile_url(self, name: str) -> str:
        """The page of a user."""
        return f"{WWW}/@{name}"

    def post_url(self, name: str, number: int) -> str:
        """The page of a user's post, 1 is the oldest."""
        post = self.users[name].post(number)
        return f"{WWW}/@{name}/{'photo' if post.is_photo else 'video'}/{post.id}"

    def short_url(self, name: str, number: int) -> str:
        """A short link to a post, made on demand."""
        post = self.users[name].post(number)
        code = "ZM" + hashlib.sha256(post.id.encode()).hexdigest()[:7]
        self.short_links[code] = f"/@{name}/video/{post.id}"
        return f"https://vm.tiktok.com/{code}/"

    def watermark_pattern(self) -> str:
        """Matches every request for a watermarked video: assert that there is none."""
        return rf"/{WATERMARKED}/"

    def expected_video(self, name: str, number: int, rendition: str = "bytevc1_1080p") -> ExpectedFile:
        """One quality of a video post."""
        post = self.users[name].post(number)
        blob = video(post, rendition)
        return ExpectedFile.of(
            video_url(post, rendition), blob, "video/mp4", item_id=post.id, label=rendition
        )

    def expected(self, name: str, number: int, *, music: bool = True) -> list[ExpectedFile]:
        """The best files of a post: its best video, or its photos and, unless not wanted, its music."""
        return best_files(self.users[name].post(number), music=music)

    def expected_user(self, name: str, *, music: bool = True) -> list[ExpectedFile]:
        """The best files of all posts that can be had, newest post first."""
        posts = [
            post for post in reversed(self.users[name].posts) if not post.status_code and not post.sensitive
        ]
        return [file for post in posts for file in best_files(post, music=music)]

    def join(self, name: str, user: User) -> None:
        """Let a user made by numbers open an account."""
        self.users[name] = settle(name, user)

    def publish(self, name: str, count: int = 1) -> None:
        """Let a user post."""
        user = self.users[name]
        last = user.posts[-1].created_at if user.posts else FIRST_POST_AT
        number = (last - FIRST_POST_AT) // 86_400
        user.posts += [make_post(user.born, number + n) for n in range(1, count + 1)]

    def rename(self, name: str, to: str) -> None:
        """Let a user take another name; ids stay."""
        self.users[to] = user = self.users.pop(name)
        user.name = to

    def expected_stories(self, name: str) -> list[ExpectedFile]:
        """The best files of a user's stories."""
        return [file for story in self.users[name].stories for file in best_files(story, music=False)]

    def expected_avatar(self, name: str) -> ExpectedFile:
        """A user's picture."""
        return ExpectedFile.of(avatar_url(self.users[name]), avatar(name), "image/jpeg")

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
        if self.waf and not solved(request.cookies.get("_wafchallengeid", "")):
            return Response.page(puzzle_page())
        if request.path == "/login":
            return with_cookies(Response.page("<title>Log in | TikTok</title>"))
        scope = self._scope(request.path)
        return None if scope is None else with_cookies(Response.page(hydrated(scope)))

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
        canonical = {"canonical": f"{WWW}/@{user.name}/video/{post.id}"}
        if status:
            return {"seo.abtest": canonical, "webapp.video-detail": {"statusCode": status, "statusMsg": ""}}
        detail = {"statusCode": 0, "itemInfo": {"itemStruct": item(user, post)}}
        return {"seo.abtest": canonical, "webapp.video-detail": detail}

    def _user_detail(self, name: str) -> dict[str, Any]:
        user = self.users.get(name)
        if user is None:
            return {"statusCode": 10221, "statusMsg": "user not exist"}
        count = 0 if user.private else len(user.posts)
        info = {"user": account(user), "stats": {"videoCount": count, "followerCount": 7}, "itemList": []}
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
            return None if owner is None else story_list(owner)
        user = next((user for user in self.users.values() if user.sec_uid == query.get("secUid")), None)
        if user is None or user.private:
            return Response.json(
                {"statusCode": 0, "itemList": [], "hasMore": False, "hasMorePrevious": False}
            )
        if endpoint == "creator/item_list":
            return creator_list(user, cursor or int(time.time() * 1000))
        if endpoint == "post/item_list":
            return post_list(user, cursor, query.get("post_item_list_request_type", "0"))
        if endpoint == "repost/item_list":
            items = [
                item(*found)
                for post in user.reposts[cursor : cursor + PAGE_SIZE]
                if (found := self._find(post.id))
            ]
            more = cursor + len(items) < len(user.reposts)
            return Response.json(
                {"statusCode": 0, "itemList": items, "hasMore": more, "cursor": str(cursor + len(items))}
            )
        return None

    def _embed(self, name: str) -> Response | None:
        user = self.users.get(name.strip("/"))
        if user is None or user.private or not user.embeddable:
            return None
        videos = [{"id": post.id} for post in reversed(user.posts[-10:])]
        state = {"source": {"data": {f"/embed/@{user.name}": {"videoList": videos}}}}
        return Response.page(
            f'<script id="__FRONTITY_CONNECT_STATE__" type="application/json">{inline(state)}</script>'
        )

    def _short_link(self, request: Request) -> Response:
        code = request.path.rstrip("/").rpartition("/")[2]
        target = self.short_links.get(code, "/")
        return Response.redirect(f"{WWW}{target}?_r=1", 301)

    def _cdn(self, request: Request) -> Response | None:
        path = request.path
        if match := re.fullmatch(r"/video/tos/[^/]+/(\d+)/(\w+)/", path):
            found = self._find(match[1])
            if found is None:
                return None
            if self.check_chain_token and request.cookies.get("tt_chain_token") != CHAIN_TOKEN:
                return Response.page("<h1>Access Denied</h1>", status=403)
            if match[2] in found[1].lost:
                return None
            if match[2] == "music":
                return Response.media(music_track(found[1]), "audio/mpeg")
            return Response.media(video(found[1], match[2]), "video/mp4")
        if match := re.fullmatch(r"/tos/(\d+)(?:photo(\d+)|cover)~tplv-[\w-]+\.jpeg", path):
            found = self._find(match[1])
            if found is None:
                return None
            return Response.media(photo(found[1], int(match[2] or 0)), "image/jpeg")
        if match := re.fullmatch(r"/tos/avatar-([\w.-]+)~tplv-avatar\.jpeg", path):
            return Response.media(avatar(match[1]), "image/jpeg") if match[1] in self.users else None
        return None
