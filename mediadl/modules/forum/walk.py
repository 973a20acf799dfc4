"""Walks a thread or a board, one request at a time; reports each page before its files.

A walk never trusts a status or a page count: it goes on while pages bring posts it has not seen, and ends otherwise.
One over a known thread starts near its end and steps back until it meets a post it knows; only the first page decides
whether a thread is gone.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mediadl.errors import DownloadError, LoginNeeded, MediaNotFound, SiteChanged, Unsupported
from mediadl.models import LinkedJob, PostFile, ThreadPage, ThreadPost
from mediadl.modules.base import Reporter, Task
from mediadl.modules.forum.files import Knows, Place, Sorter
from mediadl.modules.forum.page import Page, Post
from mediadl.modules.forum.state import Known
from mediadl.modules.web import Answer, Web
from mediadl.security.redact import redact_url
from mediadl.security.text import safe_lines, safe_text

TAIL_PAGES = 2
"""So many pages at the end are read again for edits and late pictures."""
TAIL_POSTS = 20
"""The same where posts are asked for by their numbers."""
_SPREAD = (0.7, 1.3)
_GONE = frozenset({404, 410})


class Reading(Protocol):
    """The page parsers."""

    def read(self, answer: Answer, software: str = "", *, now: float) -> Page:
        """What a page says."""

    def first_address(self, url: str, software: str) -> str:
        """What to ask for first."""

    def posts_addresses(self, url: str, software: str, ids: Sequence[str]) -> tuple[str, ...]:
        """Where these posts are asked for alone; empty where the program has no such thing."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a walk uses besides the task: parsers, the engines' knowledge, clock and rest."""

    reading: Reading
    wall: Callable[[Answer, Page | None], DownloadError | None]
    """What stands in the way of the posts; None: nothing known."""
    knows: Knows | None = None
    now: Callable[[], float] = time.time
    rest: Callable[[float], None] = time.sleep


def run(task: Task, reporter: Reporter, tools: Tools | None = None) -> None:
    """Read the target; logs in by form where that is needed and possible.

    Raises:
        DownloadError: it cannot be read, or is none of a forum's.
    """
    if tools is None:
        from mediadl.modules.forum import reading, walls

        tools = Tools(reading, walls.wall)
    walk = Walk(task, reporter, tools)
    try:
        walk.begin()
    except LoginNeeded as error:
        if not walk.log_in():
            raise
        reporter.log("info", f"{error.message}: logged in")
        Walk(task, reporter, tools, logged_in=True).begin()


class Walk:
    """One walk over one thread or board."""

    def __init__(self, task: Task, reporter: Reporter, tools: Tools, *, logged_in: bool = False) -> None:
        """Nothing is asked for yet; `logged_in`: by form, just now."""
        self._task = task
        self._logged_in = logged_in
        self._reporter = reporter
        self._tools = tools
        self._web: Web = task.web
        self._known = Known.of(task.memory)
        self._software = self._known.software or str(task.option("software", ""))
        self._pause_s = float(task.option("pause_s", 1.5))
        self._most = int(task.option("max_pages", 5000))
        self._dice = random.Random()  # noqa: S311 - spreads requests, guards nothing
        self._asked = 0
        self._urls: set[str] = set()
        self._seen: set[str] = set()
        self._last: Page | None = None
        self._login_url = ""
        self._problem: DownloadError | None = None
        """Why the last page had no posts, as far as that is told."""
        self._number = 0
        self._all_ids: tuple[str, ...] = ()
        self._counts_otherwise = False
        """An answer named all posts: the others are parts of any size, not pages."""
        self._posts = 0
        """Posts that were new or edited."""
        self._sorter: Sorter | None = None
        self._place: Place | None = None

    def begin(self) -> None:
        """Read everything there is to read.

        Raises:
            DownloadError: it cannot be read.
        """
        if self._task.target.content_type == "board":
            self._board()
        else:
            self._thread()

    def log_in(self) -> bool:
        """Log in by form with the account's name and password; whether there were any.

        Raises:
            LoginNeeded: they were refused.
        """
        credentials = self._task.credentials
        if credentials is None or not self._last_software:
            return False
        from mediadl.modules.forum import login

        login.log_in(
            self._web,
            self._task.target.url,
            self._last_software,
            credentials.user,
            credentials.password,
            login_url=self._login_url,
            is_in=self._tells_login,
            rest=self._tools.rest,
        )
        return True

    def _tells_login(self, answer: Answer) -> bool | None:
        page = self._tools.reading.read(answer, self._last_software, now=self._tools.now())
        return True if page.posts or page.threads else page.logged_in

    @property
    def _last_software(self) -> str:
        return self._last.software if self._last is not None else self._software

    # Threads

    def _thread(self) -> None:
        page, whole = self._start()
        if self._known.owed:
            self._pay(page)
        self._commit(page, whole=whole)
        queue = deque(self._further(page))
        came_to_end = True
        while queue:
            if self._reporter.stopped():
                came_to_end = False
                break
            following = self._next(queue)
            if following is None:
                break
            self._commit(following, whole=whole)
            queue.extend(url for url in self._further(following) if url not in queue)
        self._end(whole=whole, came_to_end=came_to_end)

    def _start(self) -> tuple[Page, bool]:
        """The page to begin with, and whether all others follow it."""
        known = self._known
        if self._names_all:
            return self._first(), known.full or not known.posts
        resumed = self._look(known.resume) if known.resume and known.posts else None
        if resumed is not None and self._is_met(resumed):
            return resumed, True
        whole = known.full or not known.posts
        if not whole:
            for number, url in reversed(known.pages[: len(known.pages) - TAIL_PAGES + 1]):
                if number <= 1:
                    break
                page = self._look(url)
                if page is not None and self._is_met(page):
                    if page.number == 1 and page.last_number is not None:
                        return page, True  # sent back to the first page
                    self._number = min(number, page.number) if page.number > 1 else number
                    return page, False
            # A thread of few pages is read from its first one for the sake of its tail
        return self._first(), True

    def _is_met(self, page: Page) -> bool:
        return any(post.id in self._known.posts for post in page.posts)

    def _first(self) -> Page:
        """The first page; it alone decides whether there is a thread."""
        url = self._task.target.url
        if self._software:
            url = self._tools.reading.first_address(url, self._software)
        page = self._look(url)
        if page is None:
            raise MediaNotFound(f"no thread at {redact_url(url)}", status=404)
        wanted = self._tools.reading.first_address(page.url, page.software)
        if _is_shell(page) and wanted in self._urls:
            wanted = page.further[0]
        if wanted and wanted not in self._urls:
            # A page in the middle, or the shell of a program that gives its posts as JSON
            better = self._look(wanted, page.software)
            if better is not None and better.posts:
                page = better
        if not page.posts:
            raise self._nothing(page)
        return page

    def _nothing(self, page: Page) -> DownloadError:
        """The failure that a page without any post means."""
        url = redact_url(self._task.target.url)
        if self._known.posts:
            # Not the same as gone: a new design would look like this, too
            return self._problem or SiteChanged(
                f"{url} shows no post any more, and had {len(self._known.posts)}"
            )
        if page.software and page.software != "unknown":
            return self._problem or SiteChanged(f"no post is readable at {url} ({page.software})")
        return Unsupported(f"{url} is no page of a forum that mediadl can read")

    def _next(self, queue: deque[str]) -> Page | None:
        """The next page that brings unseen posts; None: the end."""
        while queue:
            url = queue.popleft()
            if url in self._urls:
                continue
            if self._asked >= self._most:
                self._reporter.log("warning", f"stopped after {self._most} pages: max_pages")
                return None
            before = self._number
            page = self._look(url)
            if page is None or not page.posts:
                return None
            if not self._counts_otherwise and _leads_back(page, before):
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
        self._counts_otherwise |= bool(page.post_ids)
        self._all_ids = page.post_ids or self._all_ids
        sorted_posts = [(post, sorter.sort(post)) for post in fresh]
        title = self._known.title or place.title
        self._reporter.page_read(
            ThreadPage(
                url=page.url,
                number=self._number,
                software=page.software,
                thread_id=page.thread_id,
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
        self._posts += len(fresh)
        if whole:
            self._reporter.remember("walk", {"url": page.url})
        of = f" of {page.last_number}" if page.last_number and page.last_number >= self._number else ""
        self._reporter.working(title=title, note=f"page {self._number}{of} read")
        self._last = page

    def _at(self, page: Page) -> tuple[Place, Sorter]:
        if self._place is None or self._sorter is None:
            title = self._known.title or page.title
            number = page.thread_id or self._known.thread_id
            self._place = Place.of(self._task.target.url, page.software, number, title)
            self._sorter = Sorter(self._task, self._web, self._place, self._tools.knows)
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
        words = "no new posts" if not self._posts else f"{self._posts} posts without files"
        self._reporter.empty(words)

    # Boards

    def _board(self) -> None:
        """Make a job of each thread of a board."""
        url = self._task.target.url
        limit = self._task.max_items
        page = self._look(self._tools.reading.first_address(url, self._software) if self._software else url)
        if page is None:
            raise MediaNotFound(f"no board at {redact_url(url)}", status=404)
        wanted = self._tools.reading.first_address(page.url, page.software)
        if not page.threads and wanted not in self._urls:
            page = self._look(wanted, page.software) or page
        if not page.threads:
            if page.posts:
                raise Unsupported(
                    f"{redact_url(url)} is a thread, not a board", next_step="Leave --type out."
                )
            raise self._nothing(page)
        found: set[str] = set()
        queue: deque[str] = deque()
        while page is not None:
            fresh = [thread for thread in page.threads if thread.url not in found]
            for thread in fresh:
                if limit and len(found) >= limit:
                    break
                found.add(thread.url)
                context = {"board": page.title, "board_url": url}
                self._reporter.linked(
                    LinkedJob(
                        thread.url, self._task.target.module, "thread", safe_text(thread.title), context
                    )
                )
            self._reporter.working(title=safe_text(page.title), note=f"{len(found)} threads found")
            queue.extend(page.further)
            if not fresh or (limit and len(found) >= limit) or self._reporter.stopped():
                break
            page = self._next_board(queue)
        self._reporter.empty(f"{len(found)} threads")

    def _next_board(self, queue: deque[str]) -> Page | None:
        while queue:
            url = queue.popleft()
            if url not in self._urls and self._asked < self._most:
                return self._look(url)
        return None

    # Asking

    def _look(self, url: str, software: str = "") -> Page | None:
        """Ask for a page; None when it is not there. A wall in front of the posts is an error."""
        if self._asked and self._pause_s:
            self._tools.rest(self._pause_s * self._dice.uniform(*_SPREAD))
        self._asked += 1
        self._urls.add(url)
        answer = self._web.get(url)
        self._urls.add(answer.url)
        if answer.status in _GONE:
            return None
        page = self._read(answer, software or self._software)
        self._login_url = page.login_url or self._login_url
        if self._last is None:
            self._last = page
        if answer.status >= 400 or not (page.posts or page.threads or _is_shell(page)):
            problem = self._tools.wall(answer, page) or answer.trouble()
            if isinstance(problem, MediaNotFound):
                return None
            if problem is not None and not isinstance(problem, SiteChanged):
                raise self._explained(problem)
            self._problem = problem
        if page.logged_in is False and self._task.credentials is not None and not self._logged_in:
            raise LoginNeeded(f"{self._task.target.site} does not know us yet")
        self._software = self._software or (page.software if page.software != "unknown" else "")
        return page

    def _read(self, answer: Answer, software: str) -> Page:
        try:
            return self._tools.reading.read(answer, software, now=self._tools.now())
        except SiteChanged as error:
            if not self._known.posts:
                raise
            # Where posts were, an answer without any form says that they are elsewhere, or nowhere
            self._problem = error
            return Page(answer.url, software)

    def _explained(self, problem: DownloadError) -> DownloadError:
        if isinstance(problem, LoginNeeded) and self._task.logged_in:
            return LoginNeeded(
                f"{problem.message}; the cookies in use do not log in any more", status=problem.status
            )
        return problem


def _leads_back(page: Page, before: int) -> bool:
    """Whether a page that was to follow number `before` comes before it."""
    if page.number > 1:
        return page.number <= before
    return before > 1 and page.last_number is not None


def _is_shell(page: Page) -> bool:
    """Whether a program gives its posts elsewhere, as JSON."""
    return page.number == 0 and bool(page.further)


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
