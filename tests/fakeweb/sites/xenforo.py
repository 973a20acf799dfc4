"""A XenForo 2 forum on a made-up host, as gallery-dl reads it with its `xenforo:` prefix."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fakeweb import media
from fakeweb.blobs import BytesBlob
from fakeweb.expected import ExpectedFile
from fakeweb.messages import Request, Response

FIRST_POST_AT = 1_700_000_000
_HOUR_S = 3600


@dataclass(frozen=True)
class ForumPost:
    """A post with pictures in its text and files attached below it, both by id."""

    id: int
    author: str
    created_at: int
    text: str
    inline: tuple[int, ...] = ()
    attached: tuple[int, ...] = ()


@dataclass
class Thread:
    """A thread, its posts oldest first."""

    id: int
    title: str
    posts: list[ForumPost] = field(default_factory=list)
    members_only: bool = False

    @property
    def path(self) -> str:
        """Its address on the forum."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
        return f"/threads/{slug}.{self.id}/"


def make_thread(
    thread_id: int = 77,
    *,
    posts: int = 5,
    inline: int = 1,
    attached: Iterable[int] = (),
    title: str | None = None,
    members_only: bool = False,
) -> Thread:
    """A thread by numbers: every post has `inline` pictures, those in `attached` (from 1) one file more."""
    thread = Thread(thread_id, title or f"Holiday pictures {thread_id}", members_only=members_only)
    with_file = set(attached)
    for number in range(1, posts + 1):
        post_id = thread_id * 1000 + number
        pictures = tuple(post_id * 10 + at for at in range(1, inline + 1))
        files = (post_id * 10 + 9,) if number in with_file else ()
        author = ("ann", "ben", "cleo")[number % 3]
        created_at = FIRST_POST_AT + number * _HOUR_S
        thread.posts.append(
            ForumPost(post_id, author, created_at, f"Post {number} of the thread.", pictures, files)
        )
    return thread


class XenForo:
    """The forum; members carry the cookie `xf_user`."""

    login_path = "/login/"

    def __init__(
        self,
        threads: Iterable[Thread] | None = None,
        *,
        host: str = "forum.example.org",
        per_page: int = 10,
        members: Mapping[str, str] | None = None,
    ) -> None:
        given = [make_thread()] if threads is None else threads
        self.threads = {thread.id: thread for thread in given}
        self.hosts = (host,)
        self.per_page = per_page
        self.members = dict(members or {"5%2CsimulatedMember": "ann"})

    def thread_url(self, thread_id: int) -> str:
        """A thread's address; put `xenforo:` before it for gallery-dl."""
        return f"https://{self.hosts[0]}{self.threads[thread_id].path}"

    def expected(self, thread_id: int) -> list[ExpectedFile]:
        """All files of a thread, oldest post first."""
        base = f"https://{self.hosts[0]}"
        return [
            ExpectedFile.of(
                base + _attachment_path(number),
                _picture(number),
                "image/jpeg",
                item_id=str(post.id),
                index=index,
            )
            for post in self.threads[thread_id].posts
            for index, number in enumerate((*post.inline, *post.attached), 1)
        ]

    def handle(self, request: Request) -> Response | None:
        """Answer a thread's pages, an attachment, the list of threads or the login page."""
        path = request.path
        member = request.cookies.get("xf_user") in self.members
        if match := re.fullmatch(r"/attachments/[\w-]+\.(\d+)/", path):
            thread = self._holder(int(match[1]))
            if thread is None:
                return None
            if thread.members_only and not member:
                return _refusal()
            return Response.media(_picture(int(match[1])), "image/jpeg")
        if match := re.fullmatch(r"/threads/[\w-]+\.(\d+)/(?:page-(\d+))?", path):
            thread = self.threads.get(int(match[1]))
            if thread is None:
                return None
            if thread.members_only and not member:
                return _refusal()
            return self._page(thread, match[2])
        if path.startswith("/login"):
            return Response.page('<form action="/login/login" method="post"><input name="login"></form>')
        if path in {"/", "/forums/pictures.1/"}:
            links = "".join(
                f'<a href="{thread.path}" data-tp-primary="on" data-xf-init="preview-tooltip">'
                f"{html.escape(thread.title)}</a>"
                for thread in self.threads.values()
            )
            return Response.page(f"<html><body>{links}</body></html>")
        return None

    def _holder(self, number: int) -> Thread | None:
        for thread in self.threads.values():
            if any(number in (*post.inline, *post.attached) for post in thread.posts):
                return thread
        return None

    def _page(self, thread: Thread, wanted: str | None) -> Response:
        last = max(1, math.ceil(len(thread.posts) / self.per_page))
        number = int(wanted or 1)
        if number > last:
            # gallery-dl asks for page 9999 and reads the last one's number from where it is sent.
            return Response.redirect(thread.path + (f"page-{last}" if last > 1 else ""), 303)
        posts = thread.posts[(number - 1) * self.per_page : number * self.per_page]
        following = (
            f'<a class="pageNav-jump pageNav-jump--next" href="{thread.path}page-{number + 1}">Next</a>'
        )
        return Response.page(
            f"<!doctype html><html><head><title>{html.escape(thread.title)}</title>"
            f'<script type="application/ld+json">{self._linked_data(thread)}</script></head><body>'
            '<ul class="p-breadcrumbs"><li><a href="/"><span>Home</span></a></li>'
            '<li><a href="/forums/pictures.1/"><span>Pictures</span></a></li></ul>'
            f"{''.join(_article(post) for post in posts)}{following if number < last else ''}</body></html>"
        )

    def _linked_data(self, thread: Thread) -> str:
        base = f"https://{self.hosts[0]}"
        first = thread.posts[0]
        counts = [("ViewAction", 99), ("CommentAction", len(thread.posts))]
        return json.dumps(
            {
                "@context": "https://schema.org",
                "@type": "DiscussionForumPosting",
                "url": base + thread.path,
                "headline": thread.title,
                "datePublished": _iso(first.created_at),
                "articleSection": "Pictures",
                "keywords": "holiday, simulated",
                "author": {
                    "@type": "Person",
                    "name": first.author,
                    "url": f"{base}/members/{first.author}.5/",
                },
                "interactionStatistic": [
                    {"interactionType": f"https://schema.org/{kind}", "userInteractionCount": count}
                    for kind, count in counts
                ],
            }
        ).replace("<", "\\u003c")


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _picture(number: int) -> BytesBlob:
    return BytesBlob(media.jpeg(f"forum {number}", width=240, height=180))


def _attachment_path(number: int) -> str:
    return f"/attachments/pic{number}-jpg.{number}/"


def _refusal() -> Response:
    return Response.page('<div class="blockMessage">You must <a href="/login/">Log in</a></div>', status=403)


def _article(post: ForumPost) -> str:
    pictures = "".join(
        f'<div class="bbImageWrapper" data-src="{_attachment_path(n)}"><img alt="pic{n}.jpg" /></div>'
        for n in post.inline
    )
    files = "".join(
        f'<li><a href="{_attachment_path(n)}"><img alt="pic{n}.jpg"/></a></li>' for n in post.attached
    )
    section = f'<section class="message-attachments"><ul>{files}</ul></section>' if files else ""
    return (
        f'<article class="message" data-author="{post.author}" data-content="post-{post.id}">'
        f'<meta itemprop="url" content="/members/{post.author}.5/" />'
        f'<time datetime="{_iso(post.created_at)}"></time>'
        f'<div class="message-body"><div class="bbWrapper">{html.escape(post.text)}{pictures}</div>'
        f'<div class="js-selectToQuoteEnd"></div></div>{section}<footer></footer></article>'
    )
