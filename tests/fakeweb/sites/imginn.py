"""Imginn: pages with a grid, lists by cursor, a page for each post; media from its own copies."""

from __future__ import annotations

import html
import re
from typing import Any

from fakeweb.messages import Request, Response
from fakeweb.sites.instagram_posts import Medium, Post, Profile, avatar_url
from fakeweb.sites.viewer import Viewer, cover_url, media_url, page_of

ROOT = "https://imginn.com"


class Imginn(Viewer):
    """The site."""

    hosts = ("imginn.com", "*.imginn.com")

    def handle(self, request: Request) -> Response | None:
        """Answer by host, then by path."""
        if request.host != "imginn.com":
            return self.instagram.media(request.path)
        if (wall := self.wall()) is not None:
            return wall
        path = request.path
        if path in {"/api/posts/", "/api/tagged"}:
            return self._list(request)
        if match := re.fullmatch(r"/p/([\w-]+)/", path):
            return self._post(match[1])
        if match := re.fullmatch(r"/highlights/(\d+)/", path):
            return self._highlight(match[1])
        if match := re.fullmatch(r"/(?:(reels|tagged|stories)/)?([\w.]+)/", path):
            return self._account(match[1] or "posts", match[2])
        return None

    def _account(self, kind: str, name: str) -> Response:
        profile = self.profile(name)
        if profile is None:
            return Response.page("<html><body><h1>Page Not Found</h1></body></html>", status=404)
        if kind == "stories":
            return self._page(profile, self._stories(profile))
        if profile.private:
            return self._page(profile, "<p>This account is private</p>")
        posts = self._posts(kind, profile)
        if not posts:
            return self._page(profile, f"<p>No {kind} yet</p>")
        first, cursor = page_of(posts, "")
        items = "".join(self._card(post) for _, post in first)
        more = ""
        if kind != "reels":
            more = (
                f'<div class="load-more" data-cursor="{cursor}" data-id="{profile.pk}"'
                f' data-username="{name}" data-verified="">Load more</div>'
            )
        return self._page(profile, items, more)

    def _posts(self, kind: str, profile: Profile) -> list[tuple[Profile, Post]]:
        if kind == "reels":
            return [(profile, reel) for reel in reversed(profile.reels)]
        if kind == "tagged":
            owners = self.instagram.profiles
            return [(owners[name], owners[name].posts[number - 1]) for name, number in profile.tagged]
        return self.listed(profile)

    def _stories(self, profile: Profile) -> str:
        bubbles = "".join(
            f'<a class="highlight" href="/highlights/{one.id.partition(":")[2]}/">{html.escape(one.title)}</a>'
            for one in profile.highlights
        )
        return bubbles + ("".join(map(self._story, profile.stories)) or "<p>No stories at the moment</p>")

    def _highlight(self, number: str) -> Response | None:
        for profile in self.instagram.profiles.values():
            for one in profile.highlights:
                if one.id == f"highlight:{number}":
                    return self._page(profile, "".join(map(self._story, one.items)))
        return None

    def _story(self, story: Post) -> str:
        return f'<div class="item" data-created="{story.taken_at}">{self._medium(story.media[0])}</div>'

    def _page(self, profile: Profile, items: str, more: str = "") -> Response:
        info, area = ("userinfo", "items") if not self.drifted else ("x1a", "x2b")
        return Response.page(
            f'<html><body><div class="{info}" data-name="{profile.username}" data-verified="">'
            f'<div class="img"><img src="{self._copy(avatar_url(profile))}"></div>'
            f'<div class="bio">{html.escape(profile.bio)}</div>'
            f'<div class="counter-item"><span class="num">{len(profile.posts)}</span> posts</div>'
            '<div class="counter-item"><span class="num">104.3K</span> followers</div>'
            f'<div class="counter-item"><span class="num">12</span> following</div></div>'
            f'<div class="{area}">{items}</div>{more}</body></html>'
        )

    def _card(self, post: Post) -> str:
        cover = self._copy(cover_url(post.media[0]))
        return (
            f'<div class="item"><div class="img"><a href="/p/{post.code}/">'
            f'<img data-src="{cover}" alt="{html.escape(post.caption or "")}"></a></div>'
            f'<div class="time">a day ago</div><a class="download" href="{cover}&dl=1">Download</a></div>'
        )

    def _list(self, request: Request) -> Response:
        profile = next(
            (one for one in self.instagram.profiles.values() if one.pk == request.query.get("id")), None
        )
        if profile is None or profile.private:
            return Response.json({})
        kind = "tagged" if request.path == "/api/tagged" else "posts"
        posts, cursor = page_of(self._posts(kind, profile), request.query.get("cursor", ""))
        items = [self._listed(owner, post) for owner, post in posts]
        if self.drifted:
            return Response.json({"status": 1, "list": items})
        return Response.json(
            {"code": 200, "items": items, "hasNext": bool(cursor), "cursor": cursor or "None"}
        )

    def _listed(self, owner: Profile, post: Post) -> dict[str, Any]:
        covers = [self._copy(cover_url(part)) for part in post.media]
        return {
            "id": post.pk,
            "code": post.code,
            "owner": {"id": owner.pk, "username": owner.username},
            "alt": post.caption or "",
            "date": post.taken_at,
            "likeCount": "6k",
            "isVideo": post.media[0].is_video and not post.is_carousel,
            "isSidecar": post.is_carousel,
            "isPind": post.pinned,
            "thumb": covers[0],
            "src": covers[0],
            "srcs": covers,
        }

    def _post(self, code: str) -> Response:
        found = self.find(code)
        if found is None or found[0].private:
            return Response.page("<html><body>Content Not Found</body></html>", status=404)
        owner, post = found
        if self.drifted:
            return Response.page("<html><body><main class='x9'></main></body></html>")
        media = "".join(f'<div class="media-wrap">{self._medium(part)}</div>' for part in post.media)
        return Response.page(
            f'<html><body><div class="page-post" data-created="{post.taken_at}">'
            f'<a class="author" data-username="{owner.username}">{owner.full_name}</a>'
            f'<div class="swiper-slide">{media}</div><div class="desc">{html.escape(post.caption or "")}</div>'
            '<div class="post-time">a day ago</div></div></body></html>'
        )

    def _medium(self, part: Medium) -> str:
        url = self._copy(media_url(part))
        if part.is_video:
            return f'<video data-src="{url}" poster="{self._copy(cover_url(part))}"></video>'
        return f'<img data-src="{url}" src="/img/blank.gif">'

    def _copy(self, url: str) -> str:
        """The address of the site's own copy: the same path at another host."""
        if self.plain_urls:
            return html.escape(url)
        return "https://s7.imginn.com/" + url.partition("//")[2].partition("/")[2].replace("?", "?k=1&amp;")
