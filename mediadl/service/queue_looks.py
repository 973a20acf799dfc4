"""Jobs as they are: lists, figures, items, events. Everybody sees what they may, and nothing tells of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.events import Event
from mediadl.models import Item, Job, JobQuery, QueueCounts
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks, own_id, scoped
from mediadl.store import items, jobs, journal

if TYPE_CHECKING:
    from mediadl.logs import LogLine
    from mediadl.service import Services


class QueueLooks(Verbs):
    """The verbs of the queue that change nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services

    # Looking

    @asks(Right.SEE_OWN)
    def page(self, query: JobQuery, offset: int, limit: int) -> list[Job]:
        """A window of the list."""
        return jobs.window(self._services.store.read(), scoped(self.caller, query), offset, limit)

    @asks(Right.SEE_OWN)
    def count(self, query: JobQuery) -> int:
        """How many jobs the query finds."""
        return jobs.count(self._services.store.read(), scoped(self.caller, query))

    @asks(Right.SEE_OWN)
    def counts(self) -> QueueCounts:
        """How many jobs stand where."""
        return jobs.counts(self._services.store.read(), own_id(self.caller))

    @asks(Right.SEE_OWN)
    def index_of(self, query: JobQuery, job_id: int) -> int | None:
        """The place of a job in the list, from 0; None when the query does not find it."""
        return jobs.index_of(self._services.store.read(), scoped(self.caller, query), job_id)

    @asks(Right.SEE_OWN)
    def ids(self, query: JobQuery) -> list[int]:
        """The numbers of all jobs found, in order."""
        return jobs.ids(self._services.store.read(), scoped(self.caller, query))

    @asks(Right.SEE_OWN)
    def get(self, job_id: int) -> Job:
        """One job.

        Raises:
            NotFound: there is none of that number.
        """
        found = jobs.get(self._services.store.read(), job_id)
        return found if self._sees(found) else jobs.get(self._services.store.read(), 0)

    @asks(Right.SEE_OWN)
    def get_many(self, job_ids: Iterable[int]) -> list[Job]:
        """Those of the jobs that exist, in the order asked."""
        return [job for job in jobs.get_many(self._services.store.read(), job_ids) if self._sees(job)]

    @asks(Right.SEE_OWN)
    def existing(self, job_ids: Sequence[int]) -> list[int]:
        """Those of the numbers that jobs bear, in the order asked."""
        gone = set(jobs.missing(self._services.store.read(), job_ids, own_id(self.caller)))
        return [job_id for job_id in job_ids if job_id not in gone]

    @asks(Right.SEE_OWN)
    def items(self, job_id: int, offset: int = 0, limit: int = 1000) -> list[Item]:
        """The files found for a job, in the order they were found."""
        if not self._may_look_into(job_id):
            return []
        return items.list(self._services.store.read(), job_id, offset, limit)

    @asks(Right.SEE_OWN)
    def folder_of(self, job: Job) -> Path:
        """The download folder of a job, absolute."""
        chosen = str(job.options.get("out") or self._services.settings.brief().directory)
        return Path(chosen).expanduser().absolute()

    @asks(Right.SEE_OWN)
    def item_count(self, job_id: int) -> int:
        """How many files were found for a job."""
        return 0 if not self._may_look_into(job_id) else items.count(self._services.store.read(), job_id)

    @asks(Right.SEE_OWN)
    def log_lines(self, job_id: int, limit: int = 200) -> list[LogLine]:
        """The last log lines about a job, oldest first."""
        from mediadl import logs

        job = self.get(job_id)
        query = logs.LogQuery(job=job_id, since=job.created_at - 1)
        return logs.tail(self._services.home.logs, query, limit)

    # Hearing

    @asks(Right.SEE_OWN)
    def data_version(self) -> int:
        """Another number after any other connection wrote; costs next to nothing."""
        return self._services.store.data_version()

    @asks(Right.SEE_OWN)
    def last_event_id(self) -> int:
        """The newest event's number."""
        return journal.last_id(self._services.store.read())

    @asks(Right.SEE_OWN)
    def first_event_id(self) -> int:
        """The number of the oldest event still kept; 0 when there is none."""
        return journal.first_id(self._services.store.read())

    @asks(Right.SEE_OWN)
    def events_since(self, last_id: int, limit: int = 5000) -> list[Event]:
        """Events after `last_id`, oldest first."""
        return journal.since(self._services.store.read(), last_id, limit, own_id(self.caller))

    def _sees(self, job: Job) -> bool:
        return self.caller.sees_all or (job.owner_id is not None and job.owner_id == self.caller.user_id)

    def _may_look_into(self, job_id: int) -> bool:
        return self.caller.sees_all or bool(self.get_many([job_id]))
