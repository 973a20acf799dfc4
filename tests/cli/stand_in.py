"""Does to jobs in a thread what the daemon would do, a step at a time, so that waiting for them can be shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mediadl.models import Download, Identity, Job, JobStatus, Lane, MediaKind
from mediadl.paths import Home
from mediadl.store import downloads, jobs
from mediadl.store.database import Database

DEADLINE_S = 60.0


class StandIn:
    """The daemon's part of the conversation."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def claim(self) -> Job:
        """Take the next job as soon as there is one."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            for lane in Lane:
                with self.database.write() as tx:
                    found = jobs.claim(
                        tx, lane=lane, limit=1, per_site=9, worker="w", boot="b", lease_until=1e12, now=time.time()
                    )  # fmt: skip
                if found:
                    return found[0]
            time.sleep(0.01)
        raise AssertionError("no job came")

    def progress(self, job: Job, percent: float) -> None:
        """Tell how far it is."""
        row = jobs.ProgressRow(
            job_id=job.id,
            fence=job.fence,
            progress=percent,
            bytes_done=int(percent * 1000),
            bytes_total=100_000,
            speed_bytes_per_s=50_000.0,
            items_total=1,
            items_stored=0,
            items_skipped=0,
            items_failed=0,
            estimated_completion=None,
        )
        with self.database.write(durable=False) as tx:
            jobs.progress(tx, [row])

    def store(self, job: Job, path: str) -> None:
        """Write a file into the history."""
        file = Download(
            id=0, job_id=job.id, identity=Identity("example.com", path), platform=job.platform, source="example.com",
            title="a", url=job.url, path=path, size_bytes=1234, sha256="a" * 64, received_sha256="a" * 64,
            kind=MediaKind.IMAGE, mime="image/jpeg", width=1, height=1, duration_s=None, backend="direct",
            posted_at=None, stored_at=time.time(),
        )  # fmt: skip
        with self.database.write() as tx:
            downloads.add(tx, file)

    def end(self, job: Job, status: JobStatus, reason: str = "", message: str = "") -> None:
        """Settle it."""
        with self.database.write() as tx:
            assert jobs.settle(tx, job.id, job.fence, status, now=time.time(), reason=reason, message=message)


@contextmanager
def working(home: Home, work: Callable[[StandIn], None]) -> Iterator[None]:
    """Run `work` in a thread of its own for the length of the block; what it raises is raised here."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with Database.open(home) as database:
                work(StandIn(database))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(DEADLINE_S)
    if failed:
        raise failed[0]
