"""Writes threads down beside their files: one page and one record per thread, one sidecar per post that changed.

A thread of its own does it, so that the supervisor never waits for the disk. What it writes comes from the database
alone: after a crash the next run of the job finds what is still to be written.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediadl.errors import DownloadError, MediadlError, NotWritable
from mediadl.models import FoundItem, Identity, Job, Thread
from mediadl.pipeline import naming, plan, thread_page, work_folder
from mediadl.pipeline.documents import Documents
from mediadl.settings.schema import Settings
from mediadl.store import thread_posts, threads
from mediadl.store.database import Database
from mediadl.store.thread_posts import KeptPost

PAGE_NAME = "{thread} [{thread_id}]"
POST_NAME = "{date}_{post}_{author}"


@dataclass(frozen=True, slots=True)
class DocumentsWritten:
    """The documents of a job are on the disk, or could not be written."""

    job: Job
    posts: tuple[str, ...]
    folder: str
    error: DownloadError | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written, and how the job wants it."""

    job: Job
    settings: Settings
    root: Path

    @property
    def work(self) -> Path:
        """The job's private folder."""
        return work_folder.path_of(self.root, self.job.id)

    def option(self, name: str, default: Any) -> Any:
        """An option of the job, else of its platform's settings."""
        return (self.settings.options_of(self.job.platform) | self.job.options).get(name, default)


class ThreadDocuments:
    """Takes orders from the supervisor; `say` hears of each that is done, from the writing thread."""

    def __init__(self, database: Database, say: Callable[[object], None]) -> None:
        self._database = database
        self._say = say
        self._writer = ThreadPoolExecutor(1, "documents")

    def write(self, order: Order) -> None:
        """Write a job's thread down; returns at once."""
        self._writer.submit(self._carry_out, order)

    def close(self) -> None:
        """Wait for what is being written; what was not begun is left for the next run."""
        self._writer.shutdown(cancel_futures=True)

    def _carry_out(self, order: Order) -> None:
        posts: tuple[str, ...] = ()
        folder = ""
        error: DownloadError | None = None
        try:
            posts, folder = write_thread(self._database, order)
        except DownloadError as problem:
            error = problem
        except MediadlError as problem:
            error = NotWritable(problem.message)
        except OSError as problem:
            error = NotWritable(f"the thread's page: {problem.strerror or problem}")
        self._say(DocumentsWritten(order.job, posts, folder, error))


def write_thread(database: Database, order: Order) -> tuple[tuple[str, ...], str]:
    """Write everything that changed; returns the posts that are written down now, and the folder. Blocking.

    Raises:
        DownloadError: a document cannot be written.
    """
    connection = database.read()
    thread = threads.at(connection, order.job.url)
    if thread is None:
        return (), ""
    changed = thread_posts.unwritten(connection, thread.id)
    if not changed:
        return (), thread.folder
    target = plan.targets(order.job, order.settings, order.root, order.work)(_item(thread))
    documents = Documents(str(order.root), str(order.work), target.folder)
    try:
        wanted = str(order.option("post_sidecars", "files"))
        if wanted != "off":
            asked = set(changed)
            for kept in thread_posts.kept(connection, thread.id):
                if kept.post.id in asked and (kept.files or wanted == "all"):
                    stem = _stem(POST_NAME, order, _item(thread, kept))
                    mark = thread_page.post_mark(thread, kept.post.id)
                    documents.write(stem, ".post.json", mark, [thread_page.sidecar(thread, kept)])
        stem = _stem(PAGE_NAME, order, _item(thread))
        if order.option("thread_page", True):
            kept_posts = thread_posts.kept(connection, thread.id)
            pieces = thread_page.page(thread, kept_posts, str(documents.folder))
            documents.write(stem, ".html", thread_page.page_mark(thread), pieces)
            documents.write(
                stem, ".thread.json", thread_page.thread_mark(thread), [thread_page.record(thread)]
            )
        documents.sync()
        return tuple(changed), str(documents.folder)
    finally:
        documents.close()


def _stem(template: str, order: Order, item: FoundItem) -> str:
    made = naming.plan(template, item, platform=order.job.platform, job_id=order.job.id, several=False)
    return made.names[0]


def _item(thread: Thread, kept: KeptPost | None = None) -> FoundItem:
    """What names are made from: the thread, and perhaps one post of it."""
    post = kept.post if kept else None
    return FoundItem(
        n=1,
        identity=Identity(thread.site, post.id if post else thread.thread_id or str(thread.id)),
        source=thread.site,
        posted_at=post.posted_at if post else None,
        metadata={
            "thread": {"id": thread.thread_id or str(thread.id), "title": thread.title},
            "post": {"id": post.id, "author": post.author} if post else {},
        },
    )
