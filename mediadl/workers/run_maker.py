"""Begins runs of schedules: takes the due time, makes the jobs. All of it is one transaction of the caller.

Whoever wants a run - the daemon when it is due, a person at once - comes through `start_run`.
"""

from __future__ import annotations

from collections.abc import Sequence

from mediadl.errors import InvalidInput, MediadlError
from mediadl.logs import get_logger
from mediadl.models import JobRequest, JobStatus
from mediadl.models.schedules import RunKind, RunState, Schedule, Source, Walk
from mediadl.security.text import safe_text
from mediadl.settings.schema import Settings
from mediadl.store import jobs, schedule_runs, schedules
from mediadl.store.database import Connection
from mediadl.store.schedule_runs import Work
from mediadl.timing.rules import Due
from mediadl.workers import run_ends, source_records
from mediadl.workers.run_requests import Requests

_log = get_logger("schedules")


def start_run(
    tx: Connection,
    schedule: Schedule,
    due: Due,
    kind: RunKind,
    settings: Settings,
    now: float,
    *,
    missed: int = 0,
) -> list[int]:
    """Begin a run and return its jobs; none when somebody has begun it, or there is nothing to do.

    One that is due later than now (by the allowed hours) is held. Never two runs of one schedule: while one is open,
    one that is due is skipped, which is written down; one held is begun at once by a person who asks for a run.

    Raises:
        InvalidInput: a person asks for a run while one is at work; nothing was changed.
    """
    at_work = schedule_runs.running(tx, schedule.id)
    if kind is not RunKind.DUE:
        held = [run for run in at_work if run.state is RunState.HELD]
        if len(held) < len(at_work):
            raise InvalidInput(
                f"{schedule.name!r} is at work already", next_step="Wait for it, or cancel its jobs."
            )
        if held:
            return begin(tx, schedule, held[0].id, settings, now, kind=kind)
    elif at_work:
        skip(tx, schedule, due, missed, "The run before it was still at work", now)
        return []
    is_held = kind is RunKind.DUE and due.start_at > now
    run_id = schedule_runs.open_run(
        tx,
        schedule.id,
        due.due_at,
        kind,
        RunState.HELD if is_held else RunState.RUNNING,
        now,
        missed=missed,
        starts_at=due.start_at,
    )
    if run_id is None:
        return []
    schedule_runs.prune(tx, schedule.id, settings.schedules.keep_runs)
    if is_held:
        schedules.tell(tx, schedule.id, "run", now, run=run_id, state=RunState.HELD.value)
        return []
    return _make(tx, schedule, run_id, kind, settings, now)


def begin(
    tx: Connection,
    schedule: Schedule,
    run_id: int,
    settings: Settings,
    now: float,
    *,
    kind: RunKind = RunKind.DUE,
) -> list[int]:
    """Let a held run begin and return its jobs; none when somebody else did."""
    if not schedule_runs.begin(tx, run_id, kind, now):
        return []
    return _make(tx, schedule, run_id, kind, settings, now)


def skip(tx: Connection, schedule: Schedule, due: Due, missed: int, why: str, now: float) -> None:
    """Write down that a due time is left out, with those before it, and why."""
    run_id = schedule_runs.open_run(
        tx, schedule.id, due.due_at, RunKind.DUE, RunState.SKIPPED, now, message=why, missed=missed
    )
    if run_id is None:
        return
    _log.info("%s: a run is left out: %s", safe_text(schedule.name), why)
    schedules.tell(tx, schedule.id, "run", now, run=run_id, state=RunState.SKIPPED.value)


def _make(
    tx: Connection, schedule: Schedule, run_id: int, kind: RunKind, settings: Settings, now: float
) -> list[int]:
    """The jobs of a run that begins."""
    found = schedules.sources_of(tx, schedule.id)
    at_work = schedule_runs.open_jobs_at(tx, [source.id for source in found])
    busy = {(work.source_id, work.walk) for work in at_work}
    wanted: list[tuple[Source, Walk]] = []
    requests: list[JobRequest] = []
    faults: list[str] = []
    try:
        maker = Requests(schedule, now)
    except MediadlError as error:
        run_ends.end(tx, run_id, RunState.FAILED, now, error=error.message, of_job=False)
        return []
    for source in found:
        for walk, more in source_records.walks_for(tx, source, schedule.spec, kind, now=now):
            if (source.id, walk) in busy:
                continue
            try:
                requests.append(maker.make(source, run_id, walk, more))
            except MediadlError as error:
                faults.append(f"{source.name or source.url}: {error.message}")
                break
            wanted.append((source, walk))
    ids = jobs.add(tx, requests, max_attempts=settings.downloads.retries + 1, now=now)
    for job_id, (source, walk) in zip(ids, wanted, strict=True):
        schedule_runs.add_job(tx, run_id, job_id, source.id, walk)
    looked_at = len({source.id for source, _ in wanted})
    schedule_runs.set_sources(tx, run_id, looked_at, fault=faults[0] if faults else "")
    for fault in faults:
        _log.warning("%s: %s", safe_text(schedule.name), safe_text(fault))
    schedules.tell(tx, schedule.id, "run", now, run=run_id, state=RunState.RUNNING.value)
    if ids:
        _log.info("%s: a run began, %d jobs", safe_text(schedule.name), len(ids))
        return ids
    _end_empty(tx, run_id, faults, at_work, now)
    return []


def _end_empty(
    tx: Connection, run_id: int, faults: Sequence[str], at_work: Sequence[Work], now: float
) -> None:
    """End a run that has nothing to do, saying why."""
    waiting = [work for work in at_work if work.status == JobStatus.WAITING]
    if faults:
        run_ends.end(tx, run_id, RunState.FAILED, now, error=faults[0], of_job=False)
    elif waiting:
        error = f"Job {waiting[0].job_id} still waits: {waiting[0].message}"
        run_ends.end(tx, run_id, RunState.FAILED, now, error=error)
    elif at_work:
        run_ends.end(
            tx, run_id, RunState.SKIPPED, now, message="Earlier jobs for its sources still stand in the queue"
        )
    else:
        run_ends.end(tx, run_id, RunState.DONE, now, message="No source was due to be looked at")
