"""Asks a forum for its pages, one at a time and apart, and tells walls from pages that are not there."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mediadl.errors import DownloadError, LoginNeeded, MediaNotFound, SiteChanged, Unsupported
from mediadl.modules.base import Task
from mediadl.modules.forum.files import Knows
from mediadl.modules.forum.page import Page
from mediadl.modules.web import Answer
from mediadl.security.redact import redact_url

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


class Asker:
    """Asks for the pages of one thread or board."""

    def __init__(
        self, task: Task, tools: Tools, software: str, *, posts_before: int, logged_in: bool
    ) -> None:
        """Nothing is asked for yet.

        Args:
            task: whose transport is used.
            tools: parsers and clock.
            software: the program as far as it is known.
            posts_before: how many posts the thread had at the last check.
            logged_in: by form, just now.
        """
        self.software = software
        self.asked: set[str] = set()
        """Addresses that were asked for, or that led here."""
        self.requests = 0
        self.login_url = ""
        self._task = task
        self._tools = tools
        self._posts_before = posts_before
        self._logged_in = logged_in
        self._pause_s = float(task.option("pause_s", 1.5))
        self._dice = random.Random()  # noqa: S311 - spreads requests, guards nothing
        self._problem: DownloadError | None = None
        """Why the last page had no posts, as far as that is told."""

    def look(self, url: str, software: str = "") -> Page | None:
        """Ask for a page; None when it is not there.

        Raises:
            DownloadError: a wall stands in front of the posts, or no answer came.
        """
        if self.requests and self._pause_s:
            self._tools.rest(self._pause_s * self._dice.uniform(*_SPREAD))
        self.requests += 1
        self.asked.add(url)
        answer = self._task.web.get(url)
        self.asked.add(answer.url)
        if answer.status in _GONE:
            return None
        page = self._read(answer, software or self.software)
        self.software = self.software or (page.software if page.software != "unknown" else "")
        self.login_url = page.login_url or self.login_url
        if answer.status >= 400 or not (page.posts or page.threads or is_shell(page)):
            problem = self._tools.wall(answer, page) or answer.trouble()
            if isinstance(problem, MediaNotFound):
                return None
            if problem is not None and not isinstance(problem, SiteChanged):
                raise self._explained(problem)
            self._problem = problem
        if page.logged_in is False and self._task.credentials is not None and not self._logged_in:
            raise LoginNeeded(f"{self._task.target.site} does not know us yet")
        return page

    def first(self) -> Page:
        """The first page of the target; it alone decides whether there is a thread or board.

        Raises:
            MediaNotFound: there is none.
            DownloadError: it cannot be read, or is no forum's.
        """
        url, reading = self._task.target.url, self._tools.reading
        page = self.look(reading.first_address(url, self.software) if self.software else url)
        if page is None:
            kind = self._task.target.content_type
            more = " any more" if self._posts_before else ""
            raise MediaNotFound(f"no {kind} at {redact_url(url)}{more}", status=404)
        wanted = reading.first_address(page.url, page.software)
        if is_shell(page) and wanted in self.asked:
            wanted = page.further[0]
        if wanted and wanted not in self.asked:
            # A page in the middle, or the shell of a program that gives its posts as JSON
            better = self.look(wanted, page.software)
            if better is not None and (better.posts or better.threads):
                page = better
        if not page.posts and not page.threads:
            raise self._nothing(page)
        return page

    def is_in(self, answer: Answer) -> bool | None:
        """Whether a page was made for somebody who is logged in; None: it does not tell."""
        page = self._read(answer, self.software)
        return True if page.posts or page.threads else page.logged_in

    def _nothing(self, page: Page) -> DownloadError:
        """The failure that a page without any post means."""
        url = redact_url(self._task.target.url)
        if self._posts_before:
            # Not the same as gone: a new design would look like this, too
            return self._problem or SiteChanged(f"{url} shows no post any more, and had {self._posts_before}")
        if page.software and page.software != "unknown":
            return self._problem or SiteChanged(f"no post is readable at {url} ({page.software})")
        return Unsupported(f"{url} is no page of a forum that mediadl can read")

    def _read(self, answer: Answer, software: str) -> Page:
        try:
            return self._tools.reading.read(answer, software, now=self._tools.now())
        except SiteChanged as error:
            # An answer without any form says that the posts are elsewhere, or nowhere
            self._problem = error
            return Page(answer.url, software)

    def _explained(self, problem: DownloadError) -> DownloadError:
        if not isinstance(problem, LoginNeeded):
            return problem
        from mediadl.modules.forum.standing import cookie_words

        dead = "; the cookies in use do not log in any more" if self._task.logged_in else ""
        return LoginNeeded(f"{problem.message}{dead}{cookie_words(self.software)}", status=problem.status)


def is_shell(page: Page) -> bool:
    """Whether a program gives its posts elsewhere, as JSON."""
    return page.number == 0 and bool(page.further)
