"""Counts children that died over a job or a file, and gives those up that nobody survives."""

from __future__ import annotations

from mediadl.errors import EngineBroken
from mediadl.logs import get_logger
from mediadl.pipeline.job_run import JobRun

_log = get_logger("supervisor")

MAX_DEATHS = 5
"""Runs in a row that a job may lose to crashes of its children without one stored file."""


class Deaths:
    """Called by the supervisor, in its thread."""

    def __init__(self) -> None:
        self._by_job: dict[int, int] = {}
        self._by_key: dict[str, int] = {}

    def survived(self, job_id: int) -> None:
        """A job got somewhere: what was before does not count any more."""
        self._by_job.pop(job_id, None)

    def transfer_ended(self, key: str) -> None:
        """A file's transfer came to an end of its own."""
        self._by_key.pop(key, None)

    def runner_gone(self, run: JobRun, returncode: int) -> None:
        """A runner ended; unasked, it counts."""
        job_id = run.job.id
        if not run.listing or run.stopping:
            return
        deaths = self._by_job[job_id] = self._by_job.get(job_id, 0) + 1
        _log.warning("the runner ended unasked with %d", returncode, extra={"job": job_id})
        if deaths >= MAX_DEATHS:
            run.fail_now(EngineBroken(f"the engine died {deaths} times over this job"))

    def transfer_child_gone(self, run: JobRun) -> None:
        """The transfer child died: hand over again what it had of a job, but not what kills it each time."""
        for key in run.on_transfer_child_gone():
            deaths = self._by_key[key] = self._by_key.get(key, 0) + 1
            if deaths >= MAX_DEATHS:
                run.drop(key, EngineBroken("the transfer child died over this file"))
            else:
                run.resubmit(key)
