"""Reads a board page by page: each thread on it becomes a job of its own."""

from __future__ import annotations

from collections import deque

from mediadl.errors import Unsupported
from mediadl.models import LinkedJob
from mediadl.modules.base import Reporter, Task
from mediadl.modules.forum.asking import Asker
from mediadl.modules.forum.page import Page
from mediadl.security.redact import redact_url
from mediadl.security.text import safe_text


def read_board(task: Task, reporter: Reporter, asker: Asker) -> None:
    """Report the threads of a board; with `max_items`, the first so many.

    Raises:
        DownloadError: it cannot be read, or is a thread.
    """
    limit = task.max_items
    page: Page | None = asker.first()
    if page is not None and not page.threads:
        raise Unsupported(
            f"{redact_url(task.target.url)} is a thread, not a board", next_step="Leave --type out."
        )
    found: set[str] = set()
    queue: deque[str] = deque()
    while page is not None:
        fresh = [thread for thread in page.threads if thread.url not in found]
        for thread in fresh[: limit - len(found) if limit else None]:
            found.add(thread.url)
            context = {"board": safe_text(page.title), "board_url": task.target.url}
            reporter.linked(
                LinkedJob(thread.url, task.target.module, "thread", safe_text(thread.title), context)
            )
        reporter.working(title=safe_text(page.title), note=f"{len(found)} threads found")
        queue.extend(page.further)
        if not fresh or (limit and len(found) >= limit) or reporter.stopped():
            break
        page = _next(asker, queue, int(task.option("max_pages", 5000)))
    reporter.empty(f"{len(found)} threads")


def _next(asker: Asker, queue: deque[str], most: int) -> Page | None:
    while queue:
        url = queue.popleft()
        if url not in asker.asked and asker.requests < most:
            return asker.look(url)
    return None
