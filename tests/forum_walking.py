"""The stage for walks: simulated forums answer without sockets, a notebook keeps what is reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from fakeweb.messages import Request, Response
from fakeweb.sites.forums import THREAD_ID, Forum, Forums, Thread
from mediadl.errors import DownloadError
from mediadl.models import FoundItem, Identity, LinkedJob, ThreadPage
from mediadl.modules.base import Credentials, Target, Task, site_of
from mediadl.modules.forum import reading, walk, walls
from mediadl.modules.forum.walk import Tools
from mediadl.modules.web import Answer

NOW = 1_700_500_000.0


class Stopped(Exception):
    """Stands for a process that is killed."""


class FakeWeb:
    """A transport that asks one simulated forum, follows redirects and keeps cookies."""

    def __init__(self, forum: Forum, cookies: dict[str, str] | None = None) -> None:
        self.forum = forum
        self.cookies: dict[str, str] = dict(cookies or {})
        self.asked: list[str] = []
        self.sent: list[dict[str, str]] = []
        self.before_get: Callable[[str], None] = lambda _url: None

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        self.before_get(url)
        self.asked.append(url)
        return self._ask("GET", url, headers or {}, b"")

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        import json as text

        if form is not None:
            self.sent.append(dict(form))
            body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = text.dumps(json).encode(), "application/json"
        return self._ask("POST", url, {**(headers or {}), "Content-Type": kind}, body)

    def cookie(self, name: str, url: str) -> str:
        return self.cookies.get(name, "")

    def header_for(self, url: str) -> str:
        if site_of(url) != site_of(self.forum.base_url):
            return ""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        hops: list[str] = []
        while True:
            response = self._once(method, url, headers, body)
            names = {name.lower(): value for name, value in response.headers}
            if response.content_type:
                names["content-type"] = response.content_type
            where = names.get("location", "") if response.status in {301, 302, 303, 307, 308} else ""
            if not where:
                return Answer(url, response.status, names, response.body, tuple(hops))
            hops.append(url)
            url, method, body = urljoin(url, where), "GET", b""

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        parts = urlsplit(url)
        sent = {name.lower(): value for name, value in headers.items()}
        if cookie := self.header_for(url):
            sent["cookie"] = cookie
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        request = Request(method, parts.scheme, parts.hostname or "", parts.port or 443, target, sent, body)
        response = self.forum.handle(request)
        assert response is not None, url
        for name, value in response.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return response


@dataclass
class Notebook:
    """A reporter that keeps pages, posts and owed files as the daemon's tables do."""

    software: str = ""
    thread_id: str = ""
    title: str = ""
    posts: dict[str, str] = field(default_factory=dict)
    pages: dict[int, str] = field(default_factory=dict)
    full: bool = True
    gone: list[str] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    items: int = 0

    read: list[ThreadPage] = field(default_factory=list)
    found_items: list[FoundItem] = field(default_factory=list)
    links: list[LinkedJob] = field(default_factory=list)
    said_empty: str = ""
    walks: list[bool] = field(default_factory=list)
    limit: int = 0

    def working(self, **_: object) -> None: ...

    def found(self, item: FoundItem) -> None:
        self.found_items.append(item)
        self.items += 1

    def until_known(self, n: int) -> None: ...

    def owner(self, owner_id: str, name: str, *, of_all: bool = False) -> None: ...

    def comes_by(self, identity: Identity, posted_at: float | None) -> bool:
        return True

    def cut_short(self) -> None: ...

    def asked(self, item: FoundItem) -> int:
        raise NotImplementedError

    def engine_progress(self, *_: object) -> None: ...

    def made(self, n: int, path: Path, *, merged: bool) -> None: ...

    def item_failed(self, error: DownloadError, *, n: int = 0, identity: str = "") -> None: ...

    def trouble(self, error: DownloadError) -> None: ...

    def empty(self, why: str) -> None:
        self.said_empty = why

    def remember(self, key: str, value: Any, *, if_complete: bool = False) -> None:
        if value is None:
            self.memory.pop(key, None)
        else:
            self.memory[key] = value

    def page_read(self, page: ThreadPage) -> None:
        self.read.append(page)
        self.software, self.thread_id, self.title = page.software, page.thread_id, page.title
        self.pages[page.number] = page.url
        for post in page.posts:
            self.posts[post.id] = post.digest

    def walked(self, *, full: bool, last_page: int, gone: Sequence[str] = ()) -> None:
        self.walks.append(full)
        self.gone += gone
        for post in gone:
            self.posts.pop(post)
        self.pages = {number: url for number, url in self.pages.items() if number <= last_page}
        self.full = False

    def linked(self, link: LinkedJob) -> None:
        self.links.append(link)

    def log(self, level: str, message: str) -> None: ...

    def stopped(self) -> bool:
        return bool(self.limit) and self.items >= self.limit

    def next_check(self, owed: Sequence[dict[str, Any]] = ()) -> None:
        """Forget what was reported; keep what is known."""
        self.read, self.found_items, self.links, self.walks, self.items = [], [], [], [], 0
        self.said_empty = ""
        known = {
            "software": self.software,
            "thread_id": self.thread_id,
            "title": self.title,
            "posts": dict(self.posts),
            "pages": [[number, url] for number, url in sorted(self.pages.items())],
            "full": self.full,
            "owed": list(owed),
        }
        if self.posts:
            self.memory["thread"] = known

    @property
    def new_ids(self) -> list[str]:
        """Ids of the posts reported in this check."""
        return [post.id for page in self.read for post in page.posts]


@dataclass
class Stage:
    """One forum with its thread, and somebody who reads it again and again."""

    forum: Forum
    web: FakeWeb
    book: Notebook = field(default_factory=Notebook)
    options: dict[str, Any] = field(default_factory=dict)
    credentials: Credentials | None = None
    cookies_file: str = ""
    rests: list[float] = field(default_factory=list)

    @property
    def thread(self) -> Thread:
        return self.forum.threads[THREAD_ID]

    def check(self, *, kind: str = "thread", url: str = "") -> int:
        """One check; returns how many requests it took."""
        self.book.next_check()
        before = len(self.web.asked)
        where = url or (self.forum.thread_url(THREAD_ID) if kind == "thread" else self.forum.board_url)
        target = Target("forum", where, kind, site_of(where))
        task = Task(
            target, Path("/nowhere"), options={"pause_s": 0, **self.options}, transport=self.web,
            memory=self.book.memory, credentials=self.credentials, cookies_file=self.cookies_file,
        )  # fmt: skip
        walk.run(task, self.book, Tools(reading, walls.wall, lambda _url: "", lambda: NOW, self._rest))
        return len(self.web.asked) - before

    def _rest(self, pause_s: float) -> None:
        """Time passes for the forum's forms only."""
        self.rests.append(pause_s)
        for stamp in self.forum._forms:
            self.forum._forms[stamp] -= pause_s


def stage(software: str, **switches: Any) -> Stage:
    """A stage with one program."""
    forum = Forums()[software]
    made = Stage(forum, FakeWeb(forum))
    for name, value in switches.items():
        setattr(made.thread, name, value)
    return made
