"""NodeBB: the same thread as a page and as JSON, both in pages of twenty."""

from __future__ import annotations

import re
from typing import Any

from fakeweb.messages import Request, Response, set_cookie
from fakeweb.sites.forums.jsonforum import TOKEN, JsonForum
from fakeweb.sites.forums.parts import Board, File, Login, LoginForm, Route, ThreadPage, ToPost, View, h, when
from fakeweb.sites.forums.truth import Post, Quote, Thread, TruthFile


class NodeBB(JsonForum):
    """NodeBB 4."""

    software = "nodebb"
    login_api = "/login"
    wall_status = 401
    login = Login(page="/login", action="/login", user="username", password="password", session="express.sid")

    def board_path(self) -> str:
        return "/category/2/pictures"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/topic/{thread.id}/{thread.slug}" + (f"?page={page}" if page > 1 else "")

    def pattern(self, thread_id: int) -> str:
        return rf"GET {re.escape(self.base_url)}/(?:api/)?(?:v3/topics|topic)/{thread_id}\b"

    def route(self, request: Request, path: str) -> Route | None:
        if found := re.fullmatch(r"/topic/(\d+)(?:/[\w-]+)?(?:/(\d+))?", path):
            page = (
                (int(found[2]) - 1) // self.per_page + 1 if found[2] else int(request.query.get("page") or 1)
            )
            return ThreadPage(int(found[1]), page)
        if found := re.fullmatch(r"/post/(\d+)", path):
            return ToPost(int(found[1]))
        if found := re.fullmatch(r"/assets/uploads/files/\d+-(\d+)-[^/]+?(-resized)?\.\w+", path):
            return File(int(found[1]), small=found[2] is not None)
        if path == "/login":
            return LoginForm()
        return Board() if path in {"/", "/category/2/pictures"} else None

    def past_end(self, request: Request, thread: Thread, last: int) -> Response | None:
        return Response.redirect(self.prefix + self.thread_path(thread, 1), 308)

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [set_cookie("express.sid", "s%3A5ea1c0de.guest", httponly=True)]

    def is_api(self, path: str) -> bool:
        return path.startswith("/api/")

    def api(self, request: Request, path: str) -> Response | None:
        member = self.member_of(request)
        if path == "/api/config":
            return Response.json(
                {
                    "relative_path": self.prefix,
                    "siteTitle": self.title,
                    "csrf_token": TOKEN,
                    "loggedIn": member is not None,
                    "uid": 31 if member else 0,
                    "postsPerPage": self.per_page,
                    "topicsPerPage": 20,
                    "usePagination": True,
                },
                headers=[] if member else self.guest_cookies(),
            )
        if re.fullmatch(r"/api/category/2(?:/pictures)?", path):
            return Response.json(self._category())
        found = re.fullmatch(r"/api/(v3/topics|topic)/(\d+)(?:/[\w-]+)?(?:/\d+)?", path)
        if found is None:
            return None
        thread = self.found(request, int(found[2]))
        if isinstance(thread, Response):
            return thread
        if found[1] == "v3/topics":
            head = self._head(thread) | {"lastposttime": thread.post(thread.numbers()[-1]).at * 1000}
            return Response.json({"status": {"code": "ok", "message": "OK"}, "response": head})
        page = int(request.query.get("page") or 1)
        if page > (last := self.last_page(thread)):
            to = self.thread_path(thread, 1)
            return Response.json(to, headers=[("X-Redirect", to)])
        return Response.json(self._topic(View(thread, page, last, thread.page(page, self.per_page), member)))

    def error(self, status: int, kind: str) -> Response:
        code, words = {
            "login": ("not-authorised", "A valid login session was not found. Please log in and try again."),
            "forbidden": ("forbidden", "You are not authorised to make this call"),
            "missing": ("not-found", "Invalid API call"),
        }[kind]
        return Response.json({"status": {"code": code, "message": words}, "response": {}}, status=status)

    def empty(self) -> Any:
        return {"posts": [], "titleRaw": "", "pagination": {"pageCount": 1, "currentPage": 1}}

    def _head(self, thread: Thread) -> dict[str, Any]:
        return {
            "tid": thread.id,
            "cid": 2,
            "uid": 11,
            "title": h(thread.title),
            "titleRaw": thread.title,
            "slug": f"{thread.id}/{thread.slug}",
            "postcount": thread.length,
            "deleted": 0,
            "locked": 0,
            "viewcount": 99,
        }

    def _topic(self, view: View) -> dict[str, Any]:
        number, last = view.number, view.last
        rels = [("prev", number - 1), ("next", number + 1)]
        return self._head(view.thread) | {
            "posts": [self._post(post, view) for post in view.posts],
            "category": {"cid": 2, "name": "Pictures", "slug": "2/pictures"},
            "loggedIn": view.member is not None,
            "loggedInUser": {"uid": 31 if view.member else 0, "username": view.member or "[[global:guest]]"},
            "pagination": {
                "rel": [{"rel": rel, "href": f"?page={page}"} for rel, page in rels if 0 < page <= last],
                "pages": [{"page": page, "active": page == number} for page in range(1, last + 1)][:10],
                "currentPage": number,
                "pageCount": last,
                "prev": {"page": max(1, number - 1), "active": number > 1},
                "next": {"page": min(last, number + 1), "active": number < last},
            },
        }

    def _post(self, post: Post, view: View) -> dict[str, Any]:
        numbers = view.thread.numbers()
        user = {
            "uid": post.author_id,
            "username": post.author,
            "userslug": post.author,
            "displayname": post.author,
            "picture": f"/assets/uploads/avatars/{post.author_id}.png",
            "signature": f"<p>{self.signature_text()}</p>" if self.has_signature(post) else "",
        }
        return {
            "pid": post.id,
            "uid": post.author_id,
            "tid": view.thread.id,
            "content": self._content(post),
            "timestamp": post.at * 1000,
            "timestampISO": _iso(post.at),
            "edited": (post.edited_at or 0) * 1000,
            "editedISO": _iso(post.edited_at) if post.edited_at else "",
            "deleted": 0,
            "votes": post.number % 3,
            "index": numbers.index(post.number),
            "user": user,
        }

    def _category(self) -> dict[str, Any]:
        topics = [self._head(thread) for thread in self.threads.values()]
        return {
            "cid": 2,
            "name": "Pictures",
            "slug": "2/pictures",
            "topics": topics,
            "pagination": {"pageCount": 1},
        }

    # The body

    def _content(self, post: Post) -> str:
        uploads = "".join(f'<p dir="auto">{self._upload(post, file)}</p>' for file in post.attached)
        return f'<p dir="auto">{self.body(post)}</p>{uploads}'

    def _upload(self, post: Post, file: TruthFile) -> str:
        name = file.name.replace(" ", "-")
        path = f"{self.prefix}/assets/uploads/files/{post.at}000-{self.attachment_id(post, file)}-{name}"
        if file.suffix == "zip":
            return f'<a href="{path}" rel="nofollow ugc">{file.name}</a>'
        if file.suffix == "jpg":
            # What is wider than the limit is shown smaller; the full one lies beside it.
            path = path.replace(".jpg", "-resized.jpg")
        return f'<img src="{path}" alt="{file.name}" class="img-fluid img-markdown" />'

    def weaves(self, post: Post) -> bool:
        return False  # they always do, in their own way

    def quote(self, quote: Quote) -> str:
        return (
            f'<a class="plugin-mentions-user plugin-mentions-a" href="/user/{quote.author}">@{quote.author}</a> '
            f'<a href="/post/{quote.number}" rel="nofollow ugc">said</a>:</p><blockquote><p dir="auto">'
            f'{self.quoted(quote)}</p></blockquote><p dir="auto">'
        )

    def smiley(self) -> str:
        return (
            f'<img src="{self.prefix}/plugins/nodebb-plugin-emoji/emoji/android/1f642.png?v=5ea1" '
            'class="not-responsive emoji emoji-android emoji--slightly_smiling_face" title=":)" alt="🙂" />'
        )

    def inline(self, file: TruthFile) -> str:
        return f'<img src="{file.url}" alt="picture" class="img-fluid img-markdown" />'

    def thumbnail(self, file: TruthFile) -> str:
        return f'<img src="{file.small_url}" alt="picture" class="img-fluid img-markdown" />'

    # Pages

    def thread_page(self, view: View) -> str:
        posts = "".join(
            f'<li component="post" class="posts-list-item" data-index="{post.number - 1}" data-pid="{post.id}" '
            f'data-uid="{post.author_id}" data-timestamp="{post.at}000" data-username="{post.author}" '
            f'itemprop="comment"><a component="post/anchor" data-index="{post.number - 1}" id="{post.number - 1}"></a>'
            f'<div class="post-header"><a href="/user/{post.author}" data-username="{post.author}" '
            f'data-uid="{post.author_id}">{post.author}</a><span class="timeago" title="{_iso(post.at)}"></span></div>'
            f'<div class="content text-break" component="post/content" itemprop="text">{self._content(post)}</div>'
            + (
                f'<div component="post/signature" data-uid="{post.author_id}" class="post-signature">'
                f"{self.signature_text()}</div>"
                if self.has_signature(post)
                else ""
            )
            + "</li>"
            for post in view.posts
        )
        nav = (
            '<nav component="pagination"><ul class="pagination"><li class="page-item next"><a class="page-link" '
            f'href="?page={view.number + 1}" data-page="{view.number + 1}">Next</a></li></ul></nav>'
            if view.number < view.last
            else ""
        )
        content = (
            f'<h1 component="post/header" itemprop="name"><span component="topic/title">{h(view.thread.title)}</span>'
            f'</h1><ul component="topic" class="posts timeline" data-tid="{view.thread.id}" data-cid="2">{posts}</ul>'
            f"{nav}"
        )
        return self.shell(view.thread.title, content, view.member)

    def shell(self, title: str, content: str, member: str | None = None) -> str:
        return (
            f'<!DOCTYPE html>\n<html lang="en-GB" data-dir="ltr"><head><title>{h(title)} | {self.title}</title>'
            '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/assets/client.css">'
            '</head><body class="page-topic template-topic page-topic-category-2 page-status-200 skin-noskin user-'
            f'{"loggedin" if member else "guest"}"><main id="panel"><div id="content">{content}</div></main>'
            '<a href="https://nodebb.org" target="_blank">Powered by NodeBB</a></body></html>'
        )

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            f'<li component="category/topic" class="category-item" data-tid="{thread.id}"><h3 component="topic/header" '
            f'class="title"><a href="/topic/{thread.id}/{thread.slug}">{h(thread.title)}</a></h3></li>'
            for thread in threads
        )
        page = self.shell("Pictures", f'<ul component="category" data-cid="2">{rows}</ul>', member)
        return page.replace("template-topic", "template-category").replace("page-topic ", "page-category ")


def _iso(at: int) -> str:
    return when(at, "%Y-%m-%dT%H:%M:%S.000Z")
