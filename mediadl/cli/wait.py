"""Waits for jobs to end and shows how they do: bars for a person, lines for a log, JSON for a script."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence

from mediadl.cli import output
from mediadl.cli.start import INTERRUPTED
from mediadl.cli.views import JsonView, LineView, View
from mediadl.errors import KINDS, Action
from mediadl.models import ENDED_STATUSES, Job, JobStatus
from mediadl.service import Services, records

_LOOK_S = 0.2
_FEW, _LOOK_CLOSELY_S = 8, 0.01
_ENSURE_S = 1.0
_LOOK_AT_ALL_S = 30.0
_FUTILE_STARTS = 5

_GRAVEST_FIRST = (6, 4, 5, 1, 7, 3, 2)
"""Of several failures the exit code names the one that would stop the others as well: disk, login, block, the rest."""


def wait_for(services: Services, job_ids: Sequence[int], heard_id: int, *, json: bool) -> int:
    """Return when all jobs have ended or wait for a person; the exit code says the worst outcome.

    `heard_id` is the last event that is not to be told.
    """
    view: View
    if json:
        view = JsonView()
    elif output.is_fancy(sys.stderr):
        from mediadl.cli.bars import Bars

        view = Bars(len(job_ids))
    else:
        view = LineView()
    waiting = _Waiting(services, job_ids, heard_id, view)
    try:
        with view:
            return waiting.run()
    except KeyboardInterrupt:
        output.say("interrupted; the downloads go on in the background: mediadl queue list")
        return INTERRUPTED


def needs_person(job: Job) -> bool:
    """Whether the job waits for something that does not come by itself within moments: a login, free space."""
    return job.status is JobStatus.WAITING and KINDS.get(job.reason, KINDS["unknown"]).action is Action.WAIT


def worst(codes: Iterable[int]) -> int:
    """The exit code of several outcomes."""
    found = set(codes) - {0}
    return next((code for code in _GRAVEST_FIRST if code in found), max(found, default=0))


class _Waiting:
    """One wait: which jobs are still open, what was heard last, how the daemon is."""

    def __init__(self, services: Services, job_ids: Sequence[int], heard_id: int, view: View) -> None:
        self._services = services
        self._view = view
        self._open = dict.fromkeys(job_ids)
        self._active: set[int] = set()
        self._codes: list[int] = []
        self._version: int | None = None
        self._heard_id = heard_id
        self._all_at = 0.0
        self._ensure_at = time.monotonic() + _ENSURE_S
        self._starts = 0

    def run(self) -> int:
        while True:
            self._look()
            if not self._open:
                return worst(self._codes)
            # A look costs little while few jobs are left, and the last one is what people wait for
            time.sleep(_LOOK_CLOSELY_S if len(self._open) <= _FEW else _LOOK_S)
            self._keep_daemon()

    def _look(self) -> None:
        queue = self._services.queue
        now = time.monotonic()
        version = queue.data_version()
        if version == self._version and now < self._all_at:
            return
        self._version = version
        changed = self._hear()
        if now >= self._all_at:
            # Events older than the journal keeps, or none at all, must not make us wait for ever
            self._all_at = now + _LOOK_AT_ALL_S
            changed |= set(self._open)
        asked = [job_id for job_id in self._open if job_id in changed or job_id in self._active]
        found = queue.get_many(asked)
        self._view.moved([job for job in found if not _is_over(job)])
        for job in found:
            self._note(job)
        for job_id in set(asked) - {job.id for job in found}:
            del self._open[job_id]
            self._active.discard(job_id)
            self._codes.append(1)
            output.say(f"job {job_id} was removed")

    def _hear(self) -> set[int]:
        """Ids of the open jobs that something happened to."""
        changed: set[int] = set()
        while events := self._services.queue.events_since(self._heard_id):
            self._heard_id = events[-1].id
            ours = [event for event in events if event.job_id in self._open]
            changed.update(event.job_id for event in ours if event.job_id is not None)
            if ours:
                self._view.heard(ours)
        return changed

    def _note(self, job: Job) -> None:
        if not _is_over(job):
            (self._active.add if job.status is JobStatus.ACTIVE else self._active.discard)(job.id)
            return
        del self._open[job.id]
        self._active.discard(job.id)
        self._codes.append(records.exit_code(job))
        self._view.ended(job, self._services.history.of_job(job.id))

    def _keep_daemon(self) -> None:
        now = time.monotonic()
        if now < self._ensure_at:
            return
        self._ensure_at = now + _ENSURE_S
        self._starts = self._starts + 1 if self._services.daemon.ensure() else 0
        if self._starts >= _FUTILE_STARTS:
            self._services.daemon.start()  # tells why it does not come up


def _is_over(job: Job) -> bool:
    return job.status in ENDED_STATUSES or needs_person(job) or records.comes_back(job)
