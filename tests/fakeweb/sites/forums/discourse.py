"""Discourse: an empty page with a generator, and all ids of a thread in one answer."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from fakeweb.messages import Request, Response, set_cookie
from fakeweb.sites.forums.jsonforum import TOKEN, JsonForum
from fakeweb.sites.forums.parts import Board, File, Login, LoginForm, Route, ThreadPage, View, h, when
from fakeweb.sites.forums.truth import Post, Quote, Thread, TruthFile, youtube_id

_CHUNK = 20


class Discourse(JsonForum):
    """Discourse 3."""

    software = "discourse"
    login_api = "/session"
    login = Login(
        page="/login",
        action="/session",
        user="login",
        password="password",
        session="_t",
        further=(("_forum_session", "5ea1c0de"),),
    )

    def board_path(self) -> str:
        return "/c/pictures/2"

    def thread_path(self, thread: Thread, page: int) -> str:
        return f"/t/{thread.slug}/{thread.id}" + (f"?page={page}" if page > 1 else "")

    def pattern(self, thread_id: int) -> str:
        return rf"GET {re.escape(self.base_url)}/t/(?:[\w-]+/)?{thread_id}\b"

    def route(self, request: Request, path: str) -> Route | None:
        if found := re.fullmatch(r"/t/(?:[\w-]+/)?(\d+)(?:/\d+)?/?", path):
            return ThreadPage(int(found[1]), int(request.query.get("page") or 1))
        if found := re.fullmatch(
            r"/uploads/default/(original|optimized)/1X/([0-9a-f]{40})(?:_2_\w+)?\.\w+", path
        ):
            return File(int(found[2][20:], 16), small=found[1] == "optimized")
        if found := re.fullmatch(r"/uploads/short-url/\w{8}(\d+)\.\w+", path):
            return File(int(found[1]))
        if path == "/login":
            return LoginForm()
        return Board() if path in {"/", "/c/pictures/2"} else None

    def guest_cookies(self) -> list[tuple[str, str]]:
        return [set_cookie("_forum_session", "5ea1c0deGuest", httponly=True)]

    def is_api(self, path: str) -> bool:
        return path.endswith(".json") or path == "/session/csrf"

    def api(self, request: Request, path: str) -> Response | None:
        if path.startswith("/session/csrf"):
            return Response.json({"csrf": TOKEN}, headers=self.guest_cookies())
        if path in {"/latest.json", "/c/pictures/2.json"}:
            return Response.json(self._topics())
        found = re.fullmatch(r"/t/(?:[\w-]+/)?(\d+)(?:/\d+)?(/posts)?\.json", path)
        if found is None:
            return None
        thread = self.found(request, int(found[1]))
        if isinstance(thread, Response):
            return thread
        if found[2]:
            query = request.target.partition("?")[2].replace("%5B", "[").replace("%5D", "]")
            ids = [int(number) for number in re.findall(r"post_ids\[\]=(\d+)", query)]
            posts = [post for post in map(thread.find, ids) if post is not None]
            return Response.json(
                {"post_stream": {"posts": [self._post(thread, p) for p in posts]}, "id": thread.id}
            )
        page = int(request.query.get("page") or 1)
        if page > self.last_page(thread):
            return self.error(404, "missing")
        return Response.json(self._topic(thread, page))

    def error(self, status: int, kind: str) -> Response:
        words = {
            "login": ("You need to be logged in to do that.", "not_logged_in"),
            "forbidden": ("You are not permitted to view the requested resource.", "invalid_access"),
            "missing": ("The requested URL or resource could not be found.", "not_found"),
        }[kind]
        return Response.json({"errors": [words[0]], "error_type": words[1]}, status=status)

    def empty(self) -> Any:
        return {"post_stream": {"posts": [], "stream": []}, "id": 0, "title": "", "posts_count": 0}

    def _topic(self, thread: Thread, page: int) -> dict[str, Any]:
        last = thread.post(thread.numbers()[-1])
        return {
            "post_stream": {
                "posts": [self._post(thread, post) for post in thread.page(page, _CHUNK)],
                "stream": [thread.post_id(number) for number in thread.numbers()],
            },
            "timeline_lookup": [[1, 3]],
            "suggested_topics": [],
            "id": thread.id,
            "title": thread.title,
            "fancy_title": h(thread.title),
            "posts_count": thread.length,
            "created_at": _iso(thread.post(1).at),
            "last_posted_at": _iso(last.at),
            "views": 99,
            "slug": thread.slug,
            "category_id": 2,
            "highest_post_number": last.number,
            "chunk_size": _CHUNK,
            "closed": False,
            "archived": False,
            "details": {"can_edit": False, "participants": [], "links": []},
        }

    def _post(self, thread: Thread, post: Post) -> dict[str, Any]:
        return {
            "id": post.id,
            "name": post.author.title(),
            "username": post.author,
            "avatar_template": f"/user_avatar/{self.hosts[0]}/{post.author}/{{size}}/{post.author_id}_2.png",
            "created_at": _iso(post.at),
            "updated_at": _iso(post.edited_at or post.at),
            "cooked": f"<p>{self.body(post)}</p>"
            + "".join(self._upload(post, file) for file in post.attached),
            "post_number": post.number,
            "post_type": 1,
            "reply_count": 0,
            "quote_count": int(post.quote is not None),
            "reads": post.number,
            "topic_id": thread.id,
            "topic_slug": thread.slug,
            "version": 2 if post.edited_at else 1,
            "user_id": post.author_id,
            "hidden": False,
            "deleted_at": None,
            "user_deleted": False,
        }

    def _topics(self) -> dict[str, Any]:
        topics = [
            {
                "id": thread.id,
                "title": thread.title,
                "fancy_title": h(thread.title),
                "slug": thread.slug,
                "posts_count": thread.length,
                "highest_post_number": thread.count,
                "last_posted_at": _iso(thread.post(thread.count).at),
                "category_id": 2,
            }
            for thread in self.threads.values()
        ]
        return {"users": [], "topic_list": {"can_create_topic": False, "per_page": 30, "topics": topics}}

    # The body

    def _upload(self, post: Post, file: TruthFile) -> str:
        number = self.attachment_id(post, file)
        if file.suffix == "zip":
            word = hashlib.sha256(str(number).encode()).hexdigest()[:8]
            return (
                f'<p><a class="attachment" href="/uploads/short-url/{word}{number}.zip">{file.name}</a> '
                f"({self.size_text(file)})</p>"
            )
        key = f"{hashlib.sha256(str(number).encode()).hexdigest()[:20]}{number:020x}"
        full = f"//{self.hosts[0]}{self.prefix}/uploads/default/original/1X/{key}.{file.suffix}"
        if file.suffix == "png":
            return f'<p><img src="{full}" alt="{file.name}" data-base62-sha1="{key[:27]}" width="32" height="32"></p>'
        small = full.replace("/original/", "/optimized/").replace(
            f".{file.suffix}", f"_2_60x45.{file.suffix}"
        )
        return (
            f'<p><div class="lightbox-wrapper"><a class="lightbox" href="{full}" data-download-href='
            f'"//{self.hosts[0]}{self.prefix}/uploads/default/{key}" title="{file.name}"><img src="{small}" '
            f'alt="{file.name}" data-base62-sha1="{key[:27]}" width="60" height="45" srcset="{small}, {small} 1.5x">'
            f'<div class="meta"><svg class="fa d-icon"></svg><span class="filename">{file.name}</span>'
            f'<span class="informations">240×180 {self.size_text(file)}</span></div></a></div></p>'
        )

    def weaves(self, post: Post) -> bool:
        return False  # they always do, in their own way

    def quote(self, quote: Quote) -> str:
        return (
            f'</p><aside class="quote no-group" data-username="{quote.author}" data-post="{quote.number}" '
            'data-topic="77"><div class="title"><div class="quote-controls"></div><img loading="lazy" alt="" '
            f'width="24" height="24" src="/user_avatar/{quote.author}/48/1_2.png" class="avatar"> {quote.author}:</div>'
            f"<blockquote><p>{self.quoted(quote)}</p></blockquote></aside><p>"
        )

    def smiley(self) -> str:
        return (
            f'<img src="{self.base_url}/images/emoji/twitter/slight_smile.png?v=12" title=":slight_smile:" '
            'class="emoji" alt=":slight_smile:" loading="lazy" width="20" height="20">'
        )

    def folded(self, shown: str) -> str:
        return f'<details><summary>Summary</summary><p><div class="spoiler">{shown}</div></p></details>'

    def link(self, url: str, number: int) -> str:
        if video := youtube_id(url):
            return (
                f'<div class="youtube-onebox lazy-video-container" data-video-id="{video}" data-video-title="Walk" '
                f'data-provider-name="youtube"><a href="{h(url)}" target="_blank" rel="noopener"><img '
                f'class="youtube-thumbnail" src="/uploads/default/optimized/1X/{"0" * 40}_2_60x45.jpg" title="Walk">'
                "</a></div>"
            )
        if number // 5 % 2:
            return (
                f'<aside class="onebox allowlistedgeneric" data-onebox-src="{h(url)}"><header class="source"><img '
                'src="/uploads/default/original/1X/00000000000000000000.png" class="site-icon" width="32" height="32">'
                f'<a href="{h(url)}" target="_blank" rel="noopener">host</a></header><article class="onebox-body">'
                f'<h3><a href="{h(url)}" target="_blank" rel="noopener">A folder</a></h3><p>Shared files</p></article>'
                '<div class="onebox-metadata"></div></aside>'
            )
        return super().link(url, number)

    # Pages

    def thread_page(self, view: View) -> str:
        first = view.posts[0]
        words = (
            f'<div id="topic-title"><h1><a href="/t/{view.thread.slug}/{view.thread.id}">{h(view.thread.title)}</a>'
            f'</h1></div><div id="post_{first.number}" class="topic-body crawler-post"><div class="post" '
            f'itemprop="text">{h(first.text)}</div></div>'
        )
        return self.shell(view.thread.title, words, view.member)

    def shell(self, title: str, content: str, member: str | None = None) -> str:
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            f"<title>{h(title)} - {self.title}</title>"
            '<meta name="generator" content="Discourse 3.4.1 - https://github.com/discourse/discourse version 5ea1">'
            f'<meta name="discourse-base-uri" content="{self.prefix}"><meta name="csrf-token" content="{TOKEN}"></head>'
            '<body class="docked"><discourse-assets-json><div class="hidden" id="data-preloaded" '
            f'data-preloaded="{{}}"></div></discourse-assets-json><div id="main"></div><noscript data-path="/">'
            f'<div id="main-outlet" class="wrap" role="main">{content}</div><footer class="container">'
            '<a href="https://discourse.org">Powered by Discourse</a>, best viewed with JavaScript enabled</footer>'
            "</noscript></body></html>"
        )

    def board_page(self, threads: list[Thread], member: str | None) -> str:
        rows = "".join(
            f'<tr class="topic-list-item"><td class="main-link"><a class="title raw-link raw-topic-link" '
            f'href="{self.base_url}/t/{thread.slug}/{thread.id}">{h(thread.title)}</a></td></tr>'
            for thread in threads
        )
        return self.shell("Pictures", f'<table class="topic-list">{rows}</table>', member)


def _iso(at: int) -> str:
    return when(at, "%Y-%m-%dT%H:%M:%S.000Z")
