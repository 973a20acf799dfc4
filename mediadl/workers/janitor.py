"""Cleans up behind the daemon: removed jobs, orphaned work folders, old journal rows, the write-ahead log.

No thread of its own.
"""

from __future__ import annotations

import time
from pathlib import Path

from mediadl.logs import get_logger
from mediadl.models import ENDED_STATUSES, JobStatus
from mediadl.pipeline import leftovers, plan, work_folder
from mediadl.settings.schema import Settings
from mediadl.store import activity, jobs, journal, sites
from mediadl.store.database import Database

_log = get_logger("janitor")

CHECKPOINT_S = 5.0
SWEEP_S = 600.0
PURGE_S = 5.0
_PURGE_AT_MOST_S = 0.1
"""The daemon's turns wait meanwhile."""

_KEEPS_ITS_FOLDER = (frozenset(JobStatus) - ENDED_STATUSES) | {JobStatus.FAILED}
"""A failed job keeps its partial files: a retry goes on from there."""


class Janitor:
    """Called by the daemon between two turns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next_checkpoint = 0.0
        self._next_sweep = 0.0
        self._next_purge = 0.0

    def tick(self, settings: Settings, *, idle: bool) -> None:
        """Do what is due; cheap when nothing is."""
        now = time.monotonic()
        if now >= self._next_checkpoint:
            self._next_checkpoint = now + CHECKPOINT_S
            self._database.checkpoint(truncate=idle)
        if now >= self._next_purge:
            gone = leftovers.purge(self._database, settings.downloads.directory, at_most_s=_PURGE_AT_MOST_S)
            # More of them at once: a little in every turn
            self._next_purge = now if gone else now + PURGE_S
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP_S
            self.sweep(settings)

    def sweep(self, settings: Settings) -> None:
        """Remove work folders that no job needs, old journal rows, and waits that a wrong clock left behind."""
        root = Path(settings.downloads.directory).expanduser().absolute()
        read = self._database.read()
        found = work_folder.job_ids(root)
        wanted = {
            job.id
            for job in jobs.get_many(read, found)
            if job.status in _KEEPS_ITS_FOLDER and plan.root_of(job, settings) == root
        } | {job.id for job in jobs.removed(read, found)}
        for job_id in sorted(set(found) - wanted):
            try:
                work_folder.discard(root, job_id)
                _log.info("removed the orphaned work folder of job %d", job_id)
            except OSError as error:
                _log.warning("could not remove the work folder of job %d: %s", job_id, error)
        with self._database.write() as tx:
            now = time.time()
            if freed := jobs.free_stranded(tx, now) + sites.free_stranded(tx, now):
                _log.warning("the clock was set back: %d waits that would take weeks were ended", freed)
            journal.prune(tx)
            activity.prune(tx, now - settings.security.activity_days * 86_400.0)
