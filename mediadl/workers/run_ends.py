"""Ends runs of schedules: sums up what their jobs brought, says how they went, lets adaptive ones follow.

Called by the recorder with every settlement, in its transaction, and by the scheduler for what people did to jobs.

A run is over when no job of it goes on by itself within a day. One that waits for a person (a login is needed, paused)
is not waited for: its schedule goes on, leaving that source out while the job stands in the queue. When it ends after
all, the figures of its run are put right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mediadl.logs import get_logger
from mediadl.models import JobStatus
from mediadl.models.schedules import RunKind, RunState, ScheduleRun, SourceState
from mediadl.security.text import safe_text
from mediadl.store import job_hours, schedule_runs, schedules, sources
from mediadl.store.database import Connection
from mediadl.store.schedule_runs import Work
from mediadl.workers import run_times

_log = get_logger("schedules")

_LOST = frozenset({SourceState.PRIVATE, SourceState.GONE, SourceState.TERMINATED})


def settled(tx: Connection, job_ids: Iterable[int], now: float) -> None:
    """Hear of jobs that stopped, for good or for a while."""
    ids = list(job_ids)
    job_hours.put_off(tx, ids, now)
    noted = [schedule_runs.note_job(tx, job_id) for job_id in ids]
    for run_id in dict.fromkeys(one for one in noted if one is not None):
        schedule_runs.tally(tx, run_id)
        run = schedule_runs.get(tx, run_id)
        is_corrected = run.state in {RunState.DONE, RunState.FAILED}
        if is_corrected or (run.state is RunState.RUNNING and schedule_runs.over(tx, run_id)):
            conclude(tx, run, now)


def conclude(tx: Connection, run: ScheduleRun, now: float) -> None:
    """End a run whose jobs have all stopped."""
    for work in schedule_runs.jobs_of(tx, run.id):
        schedule_runs.note_job(tx, work.job_id)
    schedule_runs.tally(tx, run.id)
    state, message, error = verdict(schedule_runs.jobs_of(tx, run.id), schedule_runs.fault_of(tx, run.id))
    end(tx, run.id, state, now, message=message, error=error)


def verdict(jobs: Sequence[Work], fault: str = "") -> tuple[RunState, str, str]:
    """How a run went: its state, what is to be said of it, the first failure. `fault`: one from before any job."""
    done = sum(1 for job in jobs if job.status == JobStatus.COMPLETED)
    failed = [job for job in jobs if job.status == JobStatus.FAILED]
    waiting = [job for job in jobs if job.status == JobStatus.WAITING]
    counts = {
        "failed": len(failed),
        "still waits" if len(waiting) == 1 else "still wait": len(waiting),
        "stopped by someone": len(jobs) - done - len(failed) - len(waiting),
    }
    of = f"of {len(jobs)} jobs" if len(jobs) != 1 else "job"
    message = ", ".join(f"{n} {of} {what}" for what, n in counts.items() if n)
    first = next(iter([*failed, *waiting]), None)
    error = (first.message or first.reason or "failed") if first else fault
    return (RunState.DONE if done or not error else RunState.FAILED), message, error


def end(
    tx: Connection,
    run_id: int,
    state: RunState,
    now: float,
    *,
    message: str = "",
    error: str = "",
    of_job: bool = True,
) -> None:
    """End a run, or correct how it ended, and say so. `of_job`: the error is one of a job, which is told of as such."""
    error = safe_text(error, limit=300)
    if not schedule_runs.finish(tx, run_id, state, now, message=message, error=error):
        return
    run = schedule_runs.get(tx, run_id)
    schedule = schedules.get(tx, run.schedule_id)
    before = schedule_runs.previous(tx, run)
    is_told = before is not None and (before.state, before.error) == (state, error)
    name = safe_text(schedule.name)
    told = {"run": run_id, "state": state.value, "message": error or message, "name": name}
    schedules.tell(tx, schedule.id, "run", now, **told, again=is_told, of_job=of_job)
    if state is RunState.FAILED and not is_told:
        _log.warning("%s: the run failed: %s", name, error)
    else:
        _log.info("%s: the run ended: %s, %d new", name, error or message or state.value, run.new)
    _tell_lost(tx, run, name, now)
    if run.kind is RunKind.DUE and schedule.last_due_at == run.due_at:
        run_times.reckon_again(tx, schedule, now)


def _tell_lost(tx: Connection, run: ScheduleRun, name: str, now: float) -> None:
    """Tell of sources that this run found gone; later runs find them so already."""
    ids = dict.fromkeys(work.source_id for work in schedule_runs.jobs_of(tx, run.id))
    for source in sources.get_many(tx, ids):
        since = source.state_since
        if source.state in _LOST and since is not None and since >= (run.started_at or now):
            who = safe_text(source.name or source.url)
            _log.warning("%s: %s is %s: %s", name, who, source.state.value, safe_text(source.why))
            told = {"source": source.id, "name": who, "state": source.state.value, "message": source.why}
            schedules.tell(tx, run.schedule_id, "source", now, **told)
