"""A supervisor with a real database, and both kinds of children played by the test."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mediadl.errors import DownloadError
from mediadl.models import (
    Job,
    JobRequest,
    MediaFacts,
    MediaKind,
    StoredFile,
)
from mediadl.paths import Home
from mediadl.pipeline.protocol import Cancel, Ended, Fetch, Message, RunJob, Stored, TransfersCancelled
from mediadl.settings import files as settings_files
from mediadl.store import jobs
from mediadl.store.database import Database
from mediadl.store.locks import boot_id
from mediadl.workers.pool import RunnerGone, RunnerSaid
from mediadl.workers.supervisor import Supervisor


class PlayedPool:
    """Runners that do only what the test says."""

    def __init__(self, inbox: queue.SimpleQueue[object]) -> None:
        self.inbox = inbox
        self.started: list[RunJob] = []
        self.stopped: list[int] = []

    def warm(self) -> None: ...

    def tick(self) -> None: ...

    def close(self) -> None: ...

    def forget(self, job_id: int) -> None: ...

    def send(self, job_id: int, message: Message) -> None: ...

    def hold(self, job_id: int, *, on: bool) -> None: ...

    def start(self, job: RunJob) -> None:
        self.started.append(job)

    def stop(self, job_id: int, grace_s: float) -> None:
        self.stopped.append(job_id)
        job = next(job for job in self.started if job.job_id == job_id)
        self.inbox.put(RunnerGone(job_id, job.fence, -15))

    def said(self, job: RunJob, message: Message) -> None:
        self.inbox.put(RunnerSaid(job.job_id, job.fence, message))

    def ended(self, job: RunJob, error: DownloadError | None = None) -> None:
        self.said(job, Ended("yt-dlp", error.to_dict() if error else None))
        self.inbox.put(RunnerGone(job.job_id, job.fence, 0))


class PlayedLink:
    """A transfer child that answers when the test says so."""

    def __init__(self, _home: Home, put: Callable[[object], None]) -> None:
        self.put = put
        self.starts = 0
        self.fetches: list[Fetch] = []

    def start(self) -> None:
        self.starts += 1

    def stop(self) -> None: ...

    def send(self, message: Message) -> bool:
        if isinstance(message, Fetch):
            self.fetches.append(message)
        if isinstance(message, Cancel):
            self.put(TransfersCancelled(message.job_id))
        return True

    def store(self, fetch: Fetch) -> None:
        media = MediaFacts(MediaKind.IMAGE, "image/jpeg", "jpg")
        self.put(Stored(fetch.key, fetch.job_id, StoredFile(f"/x/{fetch.key}.jpg", 10, "ab", "ab", media)))


class Stage:
    """A supervisor, its children and its database."""

    def __init__(self, home: Home, database: Database, front: Database, root: Path) -> None:
        self.own = database
        self.database = front
        """A front end's own connections, as in another process."""
        self.root = root
        settings_files.write(home.settings_file, "downloads.directory", str(root))
        settings_files.write(home.settings_file, "downloads.min_free_bytes", "0")
        self.home = home
        self.supervisor = self._new()

    def _new(self) -> Supervisor:
        made = Supervisor(
            self.home,
            self.own,
            worker="daemon-test",
            boot=boot_id(),
            make_pool=PlayedPool,  # type: ignore[arg-type]
            make_link=PlayedLink,  # type: ignore[arg-type]
        )
        made.start()
        self.pool: Any = made.pool
        self.link: Any = made.transfers
        return made

    def restart(self) -> None:
        """A new daemon after the old one died without a word."""
        self.supervisor = self._new()

    def add(self, *requests: JobRequest) -> list[int]:
        with self.database.write() as tx:
            return jobs.add(tx, requests, max_attempts=3, now=time.time())

    def turn(self, times: int = 3) -> None:
        for _ in range(times):
            self.supervisor.turn()

    def job(self, job_id: int) -> Job:
        return jobs.get(self.database.read(), job_id)


@pytest.fixture
def stage(opened_home: Home, tmp_path: Path) -> Iterator[Stage]:
    with Database.open(opened_home) as database, Database.open(opened_home) as front:
        yield Stage(opened_home, database, front, tmp_path / "downloads")


def engine_job(n: int = 1, site: str = "site.example", **options: Any) -> JobRequest:
    return JobRequest(f"https://{site}/p/{n}", "generic", site, options=options)
