"""Forum threads: which are known, which are watched, when the next check is; watching begun and ended."""

from __future__ import annotations

import builtins
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediadl.errors import InvalidInput, NotFound
from mediadl.models import ENDED_STATUSES, Job, JobStatus, Thread, Wanted, WatchState
from mediadl.security.permissions import Right
from mediadl.service.queue import AddOptions
from mediadl.service.rights import Verbs, asks, does
from mediadl.store import job_watching, jobs, thread_posts, threads
from mediadl.store.thread_posts import KeptPost

if TYPE_CHECKING:
    from mediadl.service import Services

PLATFORM = "forum"
NOT_WATCHED = "no longer watched"


@dataclass(frozen=True, slots=True)
class ThreadDetails:
    """A thread with its job, its last posts and what was made of its links."""

    thread: Thread
    job: Job | None
    last_posts: tuple[KeptPost, ...]
    unsupported: tuple[str, ...]
    """Links that nobody knows."""
    lost_files: int
    """Files that could not be had."""
    open_files: int
    """Files that were found and are not there yet."""
    linked: tuple[Job, ...]
    """Jobs made of links."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the work goes on: a thread that is known, or a job that will read it first."""

    job_id: int
    thread: Thread | None


class ThreadService(Verbs):
    """The threads of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.SEE_ALL)
    def list(self) -> builtins.list[Thread]:
        """All threads, watched ones first."""
        return threads.list(self._services.store.read())

    @asks(Right.SEE_ALL)
    def find(self, word: str) -> Thread:
        """A thread by its number or address.

        Raises:
            NotFound: none is known by it.
        """
        connection = self._services.store.read()
        if word.isdecimal():
            return threads.get(connection, int(word))
        found = threads.at(connection, self._address(word))
        if found is None:
            raise NotFound(
                f"no thread {word}", next_step="See mediadl thread list, or add it: mediadl add URL."
            )
        return found

    @asks(Right.SEE_ALL)
    def details(self, word: str, last_posts: int = 5) -> ThreadDetails:
        """Everything about a thread.

        Raises:
            NotFound: none is known by this number or address.
        """
        thread = self.find(word)
        connection = self._services.store.read()
        job = self._job(thread)
        linked = threads.linked(connection, thread.job_id).values() if thread.job_id else ()
        return ThreadDetails(
            thread,
            job,
            tuple(thread_posts.last(connection, thread.id, last_posts)),
            tuple(thread_posts.links(connection, thread.id, "unsupported")),
            thread_posts.lost(connection, thread.id),
            len(thread_posts.owed(connection, thread.id)),
            tuple(jobs.get_many(connection, linked)),
        )

    @does(Right.STEER_ALL, "thread.watch")
    def watch(self, word: str) -> Begun:
        """Look at a thread again and again, from now on. An address that is not known yet is added.

        Raises:
            NotFound: no thread of this number.
            InvalidInput: not an address.
        """
        thread = self._known(word)
        job = self._job(thread) if thread is not None else None
        if thread is None or job is None:
            return self._added(thread.url if thread is not None else word, watched=True)
        with self._services.store.write() as tx:
            now = time.time()
            job_watching.set_watched(tx, job.id, watched=True)
            threads.set_state(tx, thread.id, WatchState.WATCHED, "", next_check_at=now)
            if job.status in ENDED_STATUSES:
                jobs.retry(tx, [job.id], now)
        self._services.daemon.ensure()
        return Begun(job.id, self.find(str(thread.id)))

    @does(Right.STEER_ALL, "thread.unwatch")
    def unwatch(self, word: str) -> Thread:
        """Look at a thread no longer; what is kept of it stays.

        Raises:
            NotFound: none is known by this number or address.
        """
        thread = self.find(word)
        with self._services.store.write() as tx:
            now = time.time()
            if thread.job_id is not None and job_watching.set_watched(tx, thread.job_id, watched=False):
                job_watching.conclude(tx, [thread.job_id], NOT_WATCHED, now)
            threads.set_state(tx, thread.id, WatchState.KNOWN, NOT_WATCHED, next_check_at=None)
        return self.find(str(thread.id))

    @does(Right.STEER_ALL, "thread.check")
    def check(self, word: str) -> Begun:
        """Look at a thread now.

        Raises:
            NotFound: none is known by this number or address.
        """
        thread = self.find(word)
        job = self._job(thread)
        if job is None:
            return self._added(thread.url, watched=thread.state is WatchState.WATCHED)
        with self._services.store.write() as tx:
            now = time.time()
            if job.status in ENDED_STATUSES:
                jobs.retry(tx, [job.id], now)
            elif job.status is not JobStatus.ACTIVE:
                jobs.request(tx, [job.id], Wanted.RUN, now)
        self._services.daemon.ensure()
        return Begun(job.id, thread)

    @does(Right.STEER_ALL, "thread.forget")
    def forget(self, word: str) -> Thread:
        """Forget a thread with its posts and end its watching; files, pages and archive stay.

        Raises:
            NotFound: none is known by this number or address.
            InvalidInput: it is being read right now.
        """
        thread = self.find(word)
        job = self._job(thread)
        if job is not None and job.status is JobStatus.ACTIVE:
            raise InvalidInput(
                f"thread {thread.id} is being read",
                next_step=f"Pause its job first: mediadl queue pause {job.id}",
            )
        self.unwatch(word)
        with self._services.store.write() as tx:
            threads.forget(tx, [thread.id])
        return thread

    def _known(self, word: str) -> Thread | None:
        if word.isdecimal():
            return self.find(word)
        return threads.at(self._services.store.read(), self._address(word))

    def _added(self, url: str, *, watched: bool) -> Begun:
        options = AddOptions(
            platform=PLATFORM, content_type="thread", options={"watch": str(watched).lower()}
        )
        (added,) = self._services.queue.add([url], options)
        return Begun(added.job_id, None)

    def _job(self, thread: Thread) -> Job | None:
        found = jobs.get_many(self._services.store.read(), [thread.job_id] if thread.job_id else [])
        return found[0] if found else None

    @staticmethod
    def _address(word: str) -> str:
        """The address as jobs have it."""
        from mediadl.modules import registry

        return registry.match(word, PLATFORM, "thread").url
