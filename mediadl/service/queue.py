"""Jobs: add, look at, steer. Every verb that makes work sees to it that the daemon runs."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import NotFound
from mediadl.events import Event
from mediadl.models import Item, Job, JobQuery, JobStatus, Move, Priority, QueueCounts, Wanted
from mediadl.service.intake import AddOptions, Preview, previews, requests
from mediadl.store import items, jobs, journal

if TYPE_CHECKING:
    from mediadl.logs import LogLine
    from mediadl.service import Services

__all__ = ["AddOptions", "Added", "Preview", "QueueService"]

_DISCARD_AT_ONCE = 1000
"""Up to so many jobs their folders are deleted here; of more the daemon's janitor takes care."""

_KEEPS_NO_FILES = frozenset({Wanted.CANCEL, Wanted.REMOVE})


@dataclass(frozen=True, slots=True)
class Added:
    """A job that was put into the queue."""

    job_id: int
    url: str
    platform: str
    content_type: str
    title: str


class QueueService:
    """The queue of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    # Looking

    def page(self, query: JobQuery, offset: int, limit: int) -> list[Job]:
        """A window of the list."""
        return jobs.window(self._services.store.read(), query, offset, limit)

    def count(self, query: JobQuery) -> int:
        """How many jobs the query finds."""
        return jobs.count(self._services.store.read(), query)

    def counts(self) -> QueueCounts:
        """How many jobs stand where."""
        return jobs.counts(self._services.store.read())

    def index_of(self, query: JobQuery, job_id: int) -> int | None:
        """The place of a job in the list, from 0; None when the query does not find it."""
        return jobs.index_of(self._services.store.read(), query, job_id)

    def ids(self, query: JobQuery) -> list[int]:
        """The numbers of all jobs found, in order."""
        return jobs.ids(self._services.store.read(), query)

    def get(self, job_id: int) -> Job:
        """One job.

        Raises:
            NotFound: there is none of that number.
        """
        return jobs.get(self._services.store.read(), job_id)

    def get_many(self, job_ids: Iterable[int]) -> list[Job]:
        """Those of the jobs that exist, in the order asked."""
        return jobs.get_many(self._services.store.read(), job_ids)

    def items(self, job_id: int, offset: int = 0, limit: int = 1000) -> list[Item]:
        """The files found for a job, in the order they were found."""
        return items.list(self._services.store.read(), job_id, offset, limit)

    def log_lines(self, job_id: int, limit: int = 200) -> list[LogLine]:
        """The last log lines about a job, oldest first."""
        from mediadl import logs

        job = self.get(job_id)
        query = logs.LogQuery(job=job_id, since=job.created_at - 1)
        return logs.tail(self._services.home.logs, query, limit)

    # Hearing

    def data_version(self) -> int:
        """Another number after any other connection wrote; costs next to nothing."""
        return self._services.store.data_version()

    def last_event_id(self) -> int:
        """The newest event's number."""
        return journal.last_id(self._services.store.read())

    def events_since(self, last_id: int, limit: int = 5000) -> list[Event]:
        """Events after `last_id`, oldest first."""
        return journal.since(self._services.store.read(), last_id, limit)

    # Adding

    def check(self, text: str, options: AddOptions | None = None, limit: int = 1000) -> list[Preview]:
        """What a text would become if it were added; bad words say why. Asks nobody and writes nothing."""
        return previews(text, options or AddOptions(), limit)

    def add(self, texts: Sequence[str], options: AddOptions | None = None) -> list[Added]:
        """Queue everything asked for, or nothing: URLs, `instagram:NAME`, several per text, comments.

        Raises:
            InvalidInput: a bad line, which is named, or a bad option.
            Unsupported: the platform asked for does not know an address.
            FolderNotWritable: the download folder takes no files.
        """
        from mediadl.service.folders import make_writable

        options = options or AddOptions()
        asked = requests(texts, options)
        store = self._services.store
        brief = self._services.settings.brief()
        make_writable(Path(options.out or brief.directory).expanduser().absolute())
        with store.write() as tx:
            ids = jobs.add(tx, asked, max_attempts=brief.retries + 1, now=time.time())
        self._services.daemon.ensure()
        return [
            Added(job_id, request.url, request.platform, request.content_type, request.title)
            for job_id, request in zip(ids, asked, strict=True)
        ]

    # Steering

    def pause(self, job_ids: Sequence[int]) -> list[int]:
        """Hold jobs; partial files are kept. Returns those for which that changed something.

        Raises:
            NotFound: one of them does not exist; nothing was changed. The same holds for all verbs below.
        """
        return self._request(job_ids, Wanted.PAUSE)

    def resume(self, job_ids: Sequence[int]) -> list[int]:
        """Let paused, waiting and scheduled jobs start as soon as there is room."""
        changed = self._request(job_ids, Wanted.RUN)
        self._services.daemon.ensure()
        return changed

    def cancel(self, job_ids: Sequence[int]) -> list[int]:
        """End jobs; partial files are deleted."""
        return self._request(job_ids, Wanted.CANCEL)

    def remove(self, job_ids: Sequence[int]) -> list[int]:
        """Take jobs off the list, ending those at work; finished files stay."""
        return self._request(job_ids, Wanted.REMOVE)

    def retry(self, job_ids: Sequence[int]) -> list[int]:
        """Start ended jobs again with all their attempts; what is stored is not fetched again."""
        with self._services.store.write() as tx:
            self._refuse_unknown(jobs.get_many(tx, job_ids), job_ids)
            changed = jobs.retry(tx, job_ids, time.time())
        self._services.daemon.ensure()
        return changed

    def set_priority(self, job_ids: Sequence[int], priority: Priority) -> list[int]:
        """Change what starts first."""
        with self._services.store.write() as tx:
            self._refuse_unknown(jobs.get_many(tx, job_ids), job_ids)
            return jobs.set_priority(tx, job_ids, priority, time.time())

    def move(self, job_id: int, move: Move) -> bool:
        """Change a job's place among those of its priority; false when it cannot go there."""
        with self._services.store.write() as tx:
            return jobs.move(tx, job_id, move, time.time())

    def clear(self, statuses: Collection[JobStatus]) -> int:
        """Take all jobs of these statuses off the list, active ones never; finished files stay."""
        keep_files = set(statuses) <= {JobStatus.COMPLETED}
        query = JobQuery(statuses=frozenset(statuses) - {JobStatus.ACTIVE, JobStatus.COMPLETED})
        with self._services.store.write() as tx:
            gone = [] if keep_files else jobs.get_many(tx, jobs.ids(tx, query)[:_DISCARD_AT_ONCE])
            cleared = jobs.clear(tx, statuses, time.time())
        self._discard_work(gone)
        return cleared

    def _request(self, job_ids: Sequence[int], wanted: Wanted) -> list[int]:
        with self._services.store.write() as tx:
            before = jobs.get_many(tx, job_ids)
            self._refuse_unknown(before, job_ids)
            changed = jobs.request(tx, job_ids, wanted, time.time())
        told = set(changed)
        if any(job.status is JobStatus.ACTIVE for job in before if job.id in told):
            # Whoever had it may have died: only a daemon can carry out the wish
            self._services.daemon.ensure()
        if wanted in _KEEPS_NO_FILES:
            idle = [job for job in before if job.id in told and job.status is not JobStatus.ACTIVE]
            self._discard_work(idle[:_DISCARD_AT_ONCE])
        return changed

    def _discard_work(self, gone: Sequence[Job]) -> None:
        """Delete the partial files of jobs nobody works on."""
        from mediadl.pipeline import work_folder

        if not gone:
            return
        directory = self._services.settings.brief().directory
        for job in gone:
            root = Path(str(job.options.get("out") or directory)).expanduser().absolute()
            try:
                work_folder.discard(root, job.id)
            except OSError as error:
                from mediadl.logs import LogWriter

                LogWriter(self._services.home.logs).write(
                    "warning", "service.queue", f"could not delete the partial files: {error}", job.id
                )

    @staticmethod
    def _refuse_unknown(found: Sequence[Job], asked: Sequence[int]) -> None:
        missing = set(asked) - {job.id for job in found}
        if missing:
            first, more = min(missing), len(missing) - 1
            raise NotFound(
                f"no job {first}" + (f" (and {more} more)" if more else ""),
                next_step="See mediadl queue list.",
            )
