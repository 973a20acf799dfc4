"""Walks a thread or a board, one request at a time; reports each page before its files.

A walk never trusts a status or a page count: it goes on while pages bring posts it has not seen, and ends otherwise.
One over a known thread starts near its end and steps back until it meets a post it knows; only the first page decides
whether a thread is gone.
"""

from __future__ import annotations

from collections import deque

from mediadl.errors import LoginNeeded
from mediadl.models import PostFile, ThreadPage, ThreadPost
from mediadl.modules.base import Reporter, Task
from mediadl.modules.forum.asking import Asker, Tools
from mediadl.modules.forum.board import read_board
from mediadl.modules.forum.files import Place, Sorter
from mediadl.modules.forum.page import Page, Post
from mediadl.modules.forum.state import Known
from mediadl.security.text import safe_lines, safe_text

__all__ = ["Tools", "Walk", "run"]

TAIL_PAGES = 2
"""So many pages at the end are read again for edits and late pictures."""
TAIL_POSTS = 20
"""The same where posts are asked for by their numbers."""


def run(task: Task, reporter: Reporter, tools: Tools | None = None) -> None:
    """Read the target; logs in by form where that is needed and possible.

    Raises:
        DownloadError: it cannot be read, or is none of a forum's.
    """
    if tools is None:
        from mediadl.modules.forum import reading, walls

        tools = Tools(reading, walls.wall)
    asker = _read(task, reporter, tools, logged_in=False)
    if asker is None:
        return
    assert task.credentials is not None
    from mediadl.modules.forum import login

    login.log_in(
        task.web,
        task.target.url,
        asker.software,
        task.credentials.user,
        task.credentials.password,
        login_url=asker.login_url,
        is_in=asker.is_in,
        rest=tools.rest,
    )
    reporter.log("info", f"logged in to {task.target.site}")
    _read(task, reporter, tools, logged_in=True)


def _read(task: Task, reporter: Reporter, tools: Tools, *, logged_in: bool) -> Asker | None:
    """Read the target; the one who asked, where a login by form is to be tried first."""
    known = Known.of(task.memory)
    software = known.software or str(task.option("software", ""))
    asker = Asker(task, tools, software, posts_before=len(known.posts), logged_in=logged_in)
    try:
        if task.target.content_type == "board":
            read_board(task, reporter, asker)
        else:
            Walk(task, reporter, tools, known, asker).begin()
    except LoginNeeded:
        # A login page by itself rarely tells the program; where its form is suffices
        if logged_in or task.credentials is None or not (asker.software or asker.login_url):
            raise
        return asker
    return None


class Walk:
    """One walk over one thread."""

    def __init__(self, task: Task, reporter: Reporter, tools: Tools, known: Known, asker: Asker) -> None:
        """Nothing is asked for yet."""
        self._task = task
        self._reporter = reporter
        self._tools = tools
        self._known = known
        self._asker = asker
        self._most = int(task.option("max_pages", 5000))
        self._seen: set[str] = set()
        self._all_ids: tuple[str, ...] = ()
        """All posts of the thread, where one answer names them."""
        self._number = 0
        self._capped = False
        self._fresh = 0
        """Posts that were new or edited."""
        self._sorter: Sorter | None = None
        self._place: Place | None = None

    def begin(self) -> None:
        """Read everything there is to read.

        Raises:
            DownloadError: it cannot be read.
        """
        page, whole = self._start()
        if self._known.owed:
            self._pay(page)
        self._commit(page, whole=whole)
        queue = deque(self._further(page))
        stopped = False
        while queue:
            if stopped := self._reporter.stopped():
                break
            following = self._next(queue)
            if following is None:
                break
            self._commit(following, whole=whole)
            queue.extend(url for url in self._further(following) if url not in queue)
        self._end(whole=whole, came_to_end=not (stopped or self._capped))

    def _start(self) -> tuple[Page, bool]:
        """The page to begin with, and whether all others follow it."""
        known = self._known
        if self._names_all:
            return self._asker.first(), known.full or not known.posts
        resumed = self._asker.look(known.resume) if known.resume and known.posts else None
        if resumed is not None and self._is_met(resumed):
            return resumed, True
        whole = known.full or not known.posts
        if not whole:
            for number, url in reversed(known.pages[: len(known.pages) - TAIL_PAGES + 1]):
                if number <= 1:
                    break
                page = self._asker.look(url)
                if page is not None and self._is_met(page):
                    if page.number == 1 and page.last_number is not None:
                        return page, True  # sent back to the first page
                    self._number = min(number, page.number) if page.number > 1 else number
                    return page, False
            # A thread of few pages is read from its first one for the sake of its tail
        return self._asker.first(), True

    def _is_met(self, page: Page) -> bool:
        return any(post.id in self._known.posts for post in page.posts)

    def _next(self, queue: deque[str]) -> Page | None:
        """The next page that brings unseen posts; None: the end."""
        while queue:
            url = queue.popleft()
            if url in self._asker.asked:
                continue
            if self._asker.requests >= self._most:
                self._capped = True
                self._reporter.log("warning", f"stopped after {self._most} pages: max_pages")
                return None
            before = self._number
            page = self._asker.look(url)
            if page is None or not page.posts:
                return None
            if not self._all_ids and _leads_back(page, before):
                return None
            if all(post.id in self._seen for post in page.posts):
                return None
            return page
        return None

    def _further(self, page: Page) -> tuple[str, ...]:
        """Addresses after this page; where one answer names all posts, those of unseen posts and of the last ones."""
        if not page.post_ids or self._known.full or not self._known.posts:
            return page.further
        shown = {post.id for post in page.posts}
        tail = set(page.post_ids[-TAIL_POSTS:])
        wanted = [i for i in page.post_ids if i not in shown and (i in tail or i not in self._known.posts)]
        return self._tools.reading.posts_addresses(page.url, page.software, wanted)

    @property
    def _names_all(self) -> bool:
        """Whether the program's first answer names all posts, and any of them can be asked for."""
        software = self._known.software
        return bool(software) and bool(
            self._tools.reading.posts_addresses(self._task.target.url, software, ["1"])
        )

    def _commit(self, page: Page, *, whole: bool) -> None:
        """Tell what is new on a page, then its files: after this, the page is done whatever happens."""
        place, sorter = self._at(page)
        self._number = max(self._number + (1 if self._seen else 0), page.number, 1)
        fresh = [
            post
            for post in page.posts
            if post.id not in self._seen and self._known.posts.get(post.id) != post.digest
        ]
        self._seen.update(post.id for post in page.posts)
        self._all_ids = page.post_ids or self._all_ids
        sorted_posts = [(post, sorter.sort(post)) for post in fresh]
        title = self._known.title or place.title
        self._reporter.page_read(
            ThreadPage(
                url=page.url,
                number=self._number,
                software=page.software,
                thread_id=place.id,
                title=title,
                posts=tuple(_kept(post, tuple(found.files)) for post, found in sorted_posts),
                seen=tuple(post.id for post in page.posts),
            )
        )
        for _, found in sorted_posts:
            for item in found.items:
                self._reporter.found(item)
            for link in found.links:
                self._reporter.linked(link)
        self._fresh += len(fresh)
        if whole:
            self._reporter.remember("walk", {"url": page.url})
        of = f" of {page.last_number}" if page.last_number and page.last_number >= self._number else ""
        self._reporter.working(title=title, note=f"page {self._number}{of} read")

    def _at(self, page: Page) -> tuple[Place, Sorter]:
        if self._place is None or self._sorter is None:
            title = self._known.title or page.title
            number = page.thread_id or self._known.thread_id
            self._place = Place.of(self._task.target.url, page.software, number, title)
            self._sorter = Sorter(self._task, self._task.web, self._place, self._tools.knows)
        return self._place, self._sorter

    def _pay(self, page: Page) -> None:
        """Ask again for files that earlier runs found and did not get."""
        _, sorter = self._at(page)
        for record in self._known.owed:
            if self._reporter.stopped():
                return
            self._reporter.found(sorter.owed(record))

    def _end(self, *, whole: bool, came_to_end: bool) -> None:
        known = self._known.posts
        if came_to_end:
            gone: list[str] = []
            if self._all_ids:
                there = set(self._all_ids)
                gone = [post for post in known if post not in there]
            elif whole and not self._known.resume:
                gone = [post for post in known if post not in self._seen]
            self._reporter.walked(full=whole, last_page=self._number, gone=gone)
            self._reporter.remember("walk", None)
        words = "no new posts" if not self._fresh else f"{self._fresh} posts without files"
        self._reporter.empty(words)


def _leads_back(page: Page, before: int) -> bool:
    """Whether a page that was to follow number `before` comes before it."""
    if page.number > 1:
        return page.number <= before
    return before > 1 and page.last_number is not None


def _kept(post: Post, files: tuple[PostFile, ...]) -> ThreadPost:
    return ThreadPost(
        id=post.id,
        number=post.number,
        author=safe_text(post.author),
        author_id=post.author_id,
        posted_at=post.posted_at,
        raw_date=safe_text(post.raw_date),
        url=post.url,
        text=safe_lines(post.text, limit=100_000),
        html=post.html,
        digest=post.digest,
        files=files,
    )
