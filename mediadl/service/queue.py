"""Jobs: add, look at, steer. Every verb that makes work sees to it that the daemon runs."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import NotFound
from mediadl.models import OPEN_STATUSES, Job, JobQuery, JobStatus, Move, Priority, Wanted
from mediadl.security.permissions import Right
from mediadl.service.bulk import Progress, in_parts
from mediadl.service.intake import AddOptions, Preview, previews, requests
from mediadl.service.limits import within_limits
from mediadl.service.queue_looks import QueueLooks
from mediadl.service.rights import asks, does, refuse_foreign
from mediadl.service.undo import UndoLog, take_back
from mediadl.store import job_plans, jobs
from mediadl.store.database import Connection

if TYPE_CHECKING:
    from mediadl.service.outlook import Outlooks

__all__ = ["AddOptions", "Added", "Preview", "QueueService", "UndoLog"]

_DISCARD_AT_ONCE = 1000
"""Up to so many jobs their folders are deleted here; of more the daemon's janitor takes care."""

_PURGE_AT_MOST_S = 5.0
"""What takes longer is left to the daemon's janitor."""


@dataclass(frozen=True, slots=True)
class Added:
    """A job that was put into the queue."""

    job_id: int
    url: str
    platform: str
    content_type: str
    title: str


class QueueService(QueueLooks):
    """The queue of one data folder."""

    # Adding

    @asks(Right.ADD)
    def check(self, text: str, options: AddOptions | None = None, limit: int = 1000) -> list[Preview]:
        """What a text would become if it were added; bad words say why. Asks nobody and writes nothing."""
        options = options or AddOptions()
        return previews(text, replace(options, trusted=options.trusted and self.caller.local), limit)

    @asks(Right.ADD)
    def outlook(self, found: Sequence[Preview], options: AddOptions | None = None) -> Outlooks:
        """What is known of what `check` found: types, names of files, what is queued or fetched already, logins."""
        from mediadl.service import outlook

        return outlook.look(self._services, found, options or AddOptions())

    @does(Right.ADD, "job.add")
    def add(self, texts: Sequence[str], options: AddOptions | None = None) -> list[Added]:
        """Queue everything asked for, or nothing: URLs, `instagram:NAME`, several per text, comments.

        Raises:
            InvalidInput: a bad line, which is named, or a bad option.
            Unsupported: the platform asked for does not know an address.
            FolderNotWritable: the download folder takes no files.
        """
        from mediadl.service.folders import make_writable

        options = within_limits(self._services, options or AddOptions())
        asked = [replace(one, owner_id=self.caller.user_id) for one in requests(texts, options)]
        store = self._services.store
        brief = self._services.inner.settings.brief()
        make_writable(Path(options.out or brief.directory).expanduser().absolute())
        with store.write() as tx:
            ids = jobs.add(tx, asked, max_attempts=brief.retries + 1, now=time.time())
        self._services.daemon.ensure()
        return [
            Added(job_id, request.url, request.platform, request.content_type, request.title)
            for job_id, request in zip(ids, asked, strict=True)
        ]

    # Steering. With `undo` a verb notes what it takes to take it back, and no file is deleted for a while.

    @does(Right.STEER_OWN, "job.pause")
    def pause(
        self, job_ids: Sequence[int], *, undo: UndoLog | None = None, progress: Progress | None = None
    ) -> list[int]:
        """Hold jobs; partial files are kept. Returns those for which that changed something.

        Raises:
            NotFound: one of them does not exist; nothing was changed. The same holds for all verbs below.
        """
        return self._request(job_ids, Wanted.PAUSE, undo, progress)

    @does(Right.STEER_OWN, "job.resume")
    def resume(
        self, job_ids: Sequence[int], *, undo: UndoLog | None = None, progress: Progress | None = None
    ) -> list[int]:
        """Let paused, waiting and scheduled jobs start as soon as there is room; held ones with a time wait for it."""
        changed = self._request(job_ids, Wanted.RUN, undo, progress)
        self._services.daemon.ensure()
        return changed

    @does(Right.STEER_OWN, "job.pause_all", tells=False)
    def pause_all(self, *, undo: UndoLog | None = None, progress: Progress | None = None) -> list[int]:
        """Hold every open job; scheduled ones keep their time. Returns those that were not held before."""
        open_ids = self.ids(JobQuery(statuses=OPEN_STATUSES - {JobStatus.PAUSED}))
        # What is about to be cancelled or removed is not called back
        asked = {job_id for job_id, _ in jobs.wanted_changes(self._services.store.read())}
        found = self.existing([job_id for job_id in open_ids if job_id not in asked])
        return self._request(found, Wanted.PAUSE, undo, progress)

    @does(Right.STEER_OWN, "job.resume_all", tells=False)
    def resume_all(self, *, undo: UndoLog | None = None, progress: Progress | None = None) -> list[int]:
        """Let every paused job go on, at its time where that is still to come. Returns them."""
        held = self.ids(JobQuery(statuses=frozenset({JobStatus.PAUSED})))
        wishes = jobs.wanted_changes(self._services.store.read())
        held += [job_id for job_id, wanted in wishes if wanted is Wanted.PAUSE]
        return self.resume(self.existing(held), undo=undo, progress=progress)

    @does(Right.STEER_OWN, "job.set_start")
    def set_start(self, job_ids: Sequence[int], at: float) -> list[int]:
        """Let jobs nobody works on start at a moment (epoch seconds), not before; paused ones stay so.

        Numbers without such a job are passed over. Returns those it was done to.
        """
        self._refuse_foreign(job_ids)
        with self._services.store.write() as tx:
            changed = job_plans.set_start(tx, job_ids, at, time.time())
        self._services.daemon.ensure()
        return changed

    @does(Right.STEER_OWN, "job.start_now")
    def start_now(self, job_ids: Sequence[int], *, undo: UndoLog | None = None) -> list[int]:
        """Let jobs with a time start as soon as there is room, paused ones too."""
        changed = self.resume(job_ids, undo=undo)
        planned = [job.id for job in self.get_many(changed) if job.status is JobStatus.SCHEDULED]
        self.resume(planned)
        return changed

    @does(Right.STEER_OWN, "job.cancel")
    def cancel(
        self, job_ids: Sequence[int], *, undo: UndoLog | None = None, progress: Progress | None = None
    ) -> list[int]:
        """End jobs; partial files are deleted."""
        changed = self._request(job_ids, Wanted.CANCEL, undo, progress)
        gone = [job for job in self.get_many(changed[:_DISCARD_AT_ONCE]) if job.status is JobStatus.CANCELLED]
        # The janitor clears the common folder up; nobody looks into the others again
        self._discard_work([job for job in gone if undo is None or job.options.get("out")])
        return changed

    @does(Right.STEER_OWN, "job.remove")
    def remove(
        self, job_ids: Sequence[int], *, undo: UndoLog | None = None, progress: Progress | None = None
    ) -> list[int]:
        """Take jobs off the list, ending those at work; finished files stay."""
        changed = self._request(job_ids, Wanted.REMOVE, undo, progress)
        self._purge()
        return changed

    @does(Right.STEER_OWN, "job.retry")
    def retry(self, job_ids: Sequence[int], *, progress: Progress | None = None) -> list[int]:
        """Start ended jobs again with all their attempts; what is stored is not fetched again."""
        self._refuse_unknown(job_ids)
        changed = in_parts(
            self._services.store, job_ids, lambda tx, part: jobs.retry(tx, part, time.time()), progress
        )
        self._services.daemon.ensure()
        return changed

    @does(Right.STEER_OWN, "job.set_priority")
    def set_priority(
        self,
        job_ids: Sequence[int],
        priority: Priority,
        *,
        undo: UndoLog | None = None,
        progress: Progress | None = None,
    ) -> list[int]:
        """Change what starts first."""
        self._refuse_unknown(job_ids)

        def change(tx: Connection, part: Sequence[int]) -> list[int]:
            if undo is not None:
                for was, ids in jobs.by_priority(tx, part).items():
                    undo.ranked += [(job_id, was, priority) for job_id in ids if was is not priority]
            return jobs.set_priority(tx, part, priority, time.time())

        return in_parts(self._services.store, job_ids, change, progress)

    @does(Right.STEER_OWN, "job.shift_priority")
    def shift_priority(
        self,
        job_ids: Sequence[int],
        step: int,
        *,
        undo: UndoLog | None = None,
        progress: Progress | None = None,
    ) -> list[int]:
        """Raise or lower the priority of each by so many levels; those at the end stay there."""
        self._refuse_unknown(job_ids)
        changed: list[int] = []
        for was, ids in jobs.by_priority(self._services.store.read(), job_ids).items():
            level = max(min(Priority), min(max(Priority), was + step))
            if level != was:
                changed += self.set_priority(ids, Priority(level), undo=undo, progress=progress)
        return sorted(changed)

    @does(Right.STEER_OWN, "job.move")
    def move(self, job_id: int, move: Move) -> bool:
        """Change a job's place among those of its priority; false when it cannot go there."""
        return bool(self.move_many([job_id], move))

    @does(Right.STEER_OWN, "job.move")
    def move_many(
        self,
        job_ids: Sequence[int],
        move: Move,
        *,
        undo: UndoLog | None = None,
        progress: Progress | None = None,
    ) -> list[int]:
        """Move jobs within their priorities, keeping their order among themselves; returns those that moved."""
        self._refuse_unknown(job_ids)
        ordered = jobs.by_position(self._services.store.read(), job_ids)
        if move in {Move.TOP, Move.DOWN}:
            # Each goes to the very top or past its neighbour: the last one first keeps the order
            ordered.reverse()
        asked = frozenset(job_ids)

        def change(tx: Connection, part: Sequence[int]) -> list[int]:
            moved: list[int] = []
            for job_id in part:
                places = jobs.move_telling(tx, job_id, move, time.time())
                moved += [job_id] if places else []
                if undo is not None:
                    undo.placed += places
            return moved

        moved = in_parts(self._services.store, ordered, change, progress)
        return [job_id for job_id in moved if job_id in asked]

    @does(Right.STEER_OWN, "job.clear")
    def clear(
        self,
        statuses: Collection[JobStatus],
        *,
        undo: UndoLog | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Take all jobs of these statuses off the list, active ones never; finished files stay."""
        found = self.ids(JobQuery(statuses=frozenset(statuses) - {JobStatus.ACTIVE})) if statuses else []
        self._refuse_foreign(found)

        def change(tx: Connection, part: Sequence[int]) -> list[int]:
            now = time.time()
            return jobs.clear(tx, statuses, now, ids=part, purge_at=_purge_at(undo, now))

        gone = in_parts(self._services.store, found, change, progress)
        if undo is not None:
            undo.removed += gone
        self._purge()
        return len(gone)

    @does(Right.STEER_OWN, "job.undo", tells=False)
    def undo(self, log: UndoLog, *, progress: Progress | None = None) -> int:
        """Take back what a verb did that was given this log; returns how many jobs are as before."""
        back = take_back(self._services.store, log, progress)
        if back:
            self._services.daemon.ensure()
        return back

    def _request(
        self, job_ids: Sequence[int], wanted: Wanted, undo: UndoLog | None, progress: Progress | None
    ) -> list[int]:
        self._refuse_unknown(job_ids)
        store = self._services.store

        def change(tx: Connection, part: Sequence[int]) -> list[int]:
            now = time.time()
            before = jobs.standing(tx, part) if undo is not None and wanted is not Wanted.REMOVE else []
            changed = jobs.request(tx, part, wanted, now, purge_at=_purge_at(undo, now))
            if undo is not None and before:
                told = set(changed)
                undo.stood += [(wanted, was) for was in before if was.job_id in told]
            elif undo is not None:
                undo.removed += changed
            return changed

        changed = in_parts(store, job_ids, change, progress)
        noted = {job_id for job_id, wish in jobs.wanted_changes(store.read()) if wish is wanted}
        if noted and not noted.isdisjoint(changed):
            # Whoever had it may have died: only a daemon can carry out the wish
            self._services.daemon.ensure()
        return changed

    def _purge(self) -> None:
        from mediadl.pipeline import leftovers

        store = self._services.store
        if jobs.doomed(store.read(), time.time(), 1):
            leftovers.purge(store, self._services.settings.brief().directory, at_most_s=_PURGE_AT_MOST_S)

    def _discard_work(self, gone: Sequence[Job]) -> None:
        """Delete the partial files of jobs nobody works on."""
        from mediadl.pipeline import work_folder

        if not gone:
            return
        for job in gone:
            try:
                work_folder.discard(self.folder_of(job), job.id)
            except OSError as error:
                from mediadl.logs import LogWriter

                LogWriter(self._services.home.logs).write(
                    "warning", "service.queue", f"could not delete the partial files: {error}", job.id
                )

    def _refuse_unknown(self, asked: Sequence[int]) -> None:
        missing = jobs.missing(self._services.store.read(), asked)
        if missing:
            first, more = missing[0], len(missing) - 1
            raise NotFound(
                f"no job {first}" + (f" (and {more} more)" if more else ""),
                next_step="See mediadl queue list.",
            )
        self._refuse_foreign(asked)

    def _refuse_foreign(self, asked: Sequence[int]) -> None:
        if not self.caller.may(Right.STEER_ALL):
            owners = jobs.owners(self._services.store.read(), asked)
            refuse_foreign(self.caller, Right.STEER_ALL, "job", owners.items(), "queue list")


def _purge_at(undo: UndoLog | None, now: float) -> float:
    """Until when removed jobs can come back: not at all when nobody notes how."""
    return now if undo is None else now + jobs.KEPT_S
