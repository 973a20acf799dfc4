"""Flarum: JSON:API by offset, with users beside the posts, and events among them."""

from __future__ import annotations

import json
import re
from typing import Any

from fakeweb.messages import Request, Response, set_cookie
from fakeweb.sites.forums.jsonforum import TOKEN, JsonForum
from fakeweb.sites.forums.parts import Board, File, Login, LoginForm, Route, ThreadPage, View, h, when
from fakeweb.sites.forums.truth import AUTHORS, Post, Quote, Thread, TruthFile

_EVENT_AT = 10
_LIMIT = 20


class Flarum(JsonForum):
    """Flarum 1."""

    software = "flarum"
    login_api = "/login"
    wall_status = 401
    login = Login(
        page="/login-page",
        action="/login",
        user="identification",
        password="password",
        session="flarum_remember",
        further=(("flarum_session", "5ea1c0de"),),
    )

    def board_path(self) -> str:
        return "/t/pictures"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/d/{thread.id}-{thread.slug}" + (f"?page={page}" if page > 1 else "")

    def pattern(self, thread_id: int) -> str:
        base = re.escape(self.base_url)
        return rf"GET {base}/(?:d/{thread_id}\b|api/discussions/{thread_id}\b|api/posts\?.*discussion.*={thread_id}\b)"

    def route(self, request: Request, path: str) -> Route | None:
        if found := re.fullmatch(r"/d/(\d+)(?:-[\w-]+)?(?:/\d+)?", path):
            return ThreadPage(int(found[1]), int(request.query.get("page") or 1))
        if found := re.fullmatch(r"/assets/files/[\d-]+/\d+-(\d+)-[^/]+", path):
            return File(int(found[1]))
        if path == "/login-page":
            return LoginForm()
        return Board() if path in {"/", "/t/pictures"} else None

    def past_end(self, request: Request, thread: Thread, last: int) -> Response | None:
        return None

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [set_cookie("flarum_session", "5ea1c0deGuest", httponly=True), ("X-CSRF-Token", TOKEN)]

    def is_api(self, path: str) -> bool:
        return path == "/api" or path.startswith("/api/")

    def api(self, request: Request, path: str) -> Response | None:
        if path == "/api/discussions":
            threads = [self._discussion(thread) for thread in self.threads.values()]
            return self._document({"links": {"first": self.base_url + path}, "data": threads, "included": []})
        if found := re.fullmatch(r"/api/discussions/(\d+)", path):
            thread = self.found(request, int(found[1]))
            if isinstance(thread, Response):
                return thread
            data = self._discussion(thread)
            ids = [{"type": "posts", "id": str(thread.post_id(number))} for number in thread.numbers()]
            data["relationships"] = {"posts": {"data": ids}}
            included = [self._post(thread, post) for post in thread.page(1, _LIMIT)]
            return self._document({"data": data, "included": [*included, *self._users()]})
        if path == "/api/posts":
            thread = self.found(request, int(request.query.get("filter[discussion]") or 0))
            return thread if isinstance(thread, Response) else self._posts(request, thread)
        return None

    def _posts(self, request: Request, thread: Thread) -> Response:
        offset = int(request.query.get("page[offset]") or 0)
        limit = min(int(request.query.get("page[limit]") or _LIMIT), 50)
        numbers = list(thread.numbers())
        if len(numbers) > _EVENT_AT:
            numbers.insert(_EVENT_AT, 0)
        shown = [
            self._post(thread, thread.post(number)) if number else self._event(thread)
            for number in numbers[offset : offset + limit]
        ]
        url = f"{self.base_url}/api/posts?filter%5Bdiscussion%5D={thread.id}&sort=number&page%5Blimit%5D={limit}"
        links = {"first": url}
        if offset + limit < len(numbers):
            links["next"] = f"{url}&page%5Boffset%5D={offset + limit}"
        included = [*self._users(), self._discussion(thread)] if shown else []
        return self._document({"links": links, "data": shown, "included": included})

    def error(self, status: int, kind: str) -> Response:
        code = {"login": "not_authenticated", "forbidden": "permission_denied", "missing": "not_found"}[kind]
        return self._document({"errors": [{"status": str(status), "code": code}]}, status)

    def empty(self) -> Any:
        return {"links": {"first": self.base_url}, "data": [], "included": []}

    def _document(self, value: Any, status: int = 200) -> Response:
        answer = Response.json(value, status=status)
        answer.content_type = "application/vnd.api+json"
        return answer

    def _discussion(self, thread: Thread) -> dict[str, Any]:
        return {
            "type": "discussions",
            "id": str(thread.id),
            "attributes": {
                "title": thread.title,
                "slug": f"{thread.id}-{thread.slug}",
                "commentCount": thread.length,
                "createdAt": _iso(thread.post(1).at),
                "lastPostedAt": _iso(thread.post(thread.count).at),
                "lastPostNumber": thread.count,
            },
        }

    def _users(self) -> list[dict[str, Any]]:
        return [
            {
                "type": "users",
                "id": str(number),
                "attributes": {
                    "username": name,
                    "displayName": name,
                    "slug": name,
                    "avatarUrl": f"{self.base_url}/assets/avatars/{number}.png",
                },
            }
            for name, number in AUTHORS.items()
        ]

    def _post(self, thread: Thread, post: Post) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            "number": post.number,
            "createdAt": _iso(post.at),
            "contentType": "comment",
            "contentHtml": self._content(post),
            "renderFailed": False,
        }
        if post.edited_at:
            attributes["editedAt"] = _iso(post.edited_at)
        return {
            "type": "posts",
            "id": str(post.id),
            "attributes": attributes,
            "relationships": {
                "discussion": {"data": {"type": "discussions", "id": str(thread.id)}},
                "user": {"data": {"type": "users", "id": str(post.author_id)}},
            },
        }

    def _event(self, thread: Thread) -> dict[str, Any]:
        """A change of the title, which is a post to Flarum."""
        return {
            "type": "posts",
            "id": str(thread.post_id(99_999)),
            "attributes": {
                "number": 99_999,
                "createdAt": _iso(thread.post(_EVENT_AT).at + 60),
                "contentType": "discussionRenamed",
                "content": ["Pictures", thread.title],
            },
            "relationships": {"user": {"data": {"type": "users", "id": "11"}}},
        }

    # The body

    def _content(self, post: Post) -> str:
        return f"<p>{self.body(post)}</p>" + "".join(self._upload(post, file) for file in post.attached)

    def _upload(self, post: Post, file: TruthFile) -> str:
        name = file.name.replace(" ", "-")
        day = when(post.at, "%Y-%m-%d")
        url = f"{self.base_url}/assets/files/{day}/{post.at}-{self.attachment_id(post, file)}-{name}"
        if file.suffix == "zip":
            return f'<p><a href="{url}" rel="ugc noopener nofollow" target="_blank">{file.name}</a></p>'
        return f'<p><img src="{url}" title="" alt="{file.name}" loading="lazy"></p>'

    def weaves(self, post: Post) -> bool:
        return False  # they always do, in their own way

    def quote(self, quote: Quote) -> str:
        return (
            f'</p><blockquote class="uncited"><div><p><a href="/d/77/{quote.number}" class="PostMention" '
            f'data-id="{quote.number}">{quote.author}</a> {self.quoted(quote)}</p></div></blockquote><p>'
        )

    def smiley(self) -> str:
        return (
            '<img alt="🙂" class="emoji" draggable="false" loading="lazy" '
            'src="https://cdn.jsdelivr.net/gh/twitter/twemoji@14/assets/72x72/1f642.png"/>'
        )

    def inline(self, file: TruthFile) -> str:
        return f'<img src="{file.url}" title="" alt="">'

    # Pages

    def thread_page(self, view: View) -> str:
        posts = "".join(
            f'<article><div class="PostUser"><h3 class="PostUser-name">{post.author}</h3></div>'
            f'<div class="Post-body">{self._content(post)}</div></article><hr>'
            for post in view.posts
        )
        after = f"{self.base_url}{self.thread_path(view.thread, view.number + 1)}"
        more = f'<a href="{after}">Next Page &raquo;</a>' if view.number < view.last else ""
        content = f'<div class="container"><h1>{h(view.thread.title)}</h1><div>{posts}</div>{more}</div>'
        return self.shell(view.thread.title, content, view.member)

    def shell(self, title: str, content: str, member: str | None = None) -> str:
        payload = {
            "resources": [{"type": "forums", "id": "1", "attributes": {"title": self.title}}],
            "session": {"userId": 31 if member else 0, "csrfToken": TOKEN},
            "locale": "en",
        }
        return (
            f'<!doctype html>\n<html dir="ltr" lang="en"><head><meta charset="utf-8"><title>{h(title)} - {self.title}'
            f'</title><link rel="stylesheet" href="{self.base_url}/assets/forum.css?v=5ea1"></head><body>'
            '<div id="app" class="App"><div id="app-navigation" class="App-navigation"></div><main class="App-content">'
            '<div id="content"></div><div id="flarum-loading" style="display: none"></div><noscript><div class="Alert">'
            f'</div></noscript><noscript id="flarum-content">{content}</noscript></main></div><div id="modal"></div>'
            f'<script src="{self.base_url}/assets/forum.js?v=5ea1"></script><script id="flarum-json-payload" '
            f'type="application/json">{json.dumps(payload)}</script></body></html>'
        )

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            f'<li><a href="{self.base_url}/d/{thread.id}-{thread.slug}">{h(thread.title)}</a></li>'
            for thread in threads
        )
        return self.shell(
            "Pictures", f'<div class="container"><h1>All Discussions</h1><ul>{rows}</ul></div>', member
        )


def _iso(at: int) -> str:
    return when(at, "%Y-%m-%dT%H:%M:%S+00:00")
