"""Outside their hours jobs of a schedule wait; a person's pause stays, and a person's start wins."""

from __future__ import annotations

import sqlite3

import pytest

from mediadl.models import Job, JobStatus, Wanted
from mediadl.models.schedules import RunKind, RunState, Walk
from mediadl.store import job_hours, job_plans, jobs, schedule_runs, schedules
from store.making import BOOT, NOW, WORKER, add, claim, scratch

OPENS = NOW + 3600
CLOSED = NOW + 10


@pytest.fixture
def tx() -> sqlite3.Connection:
    made = scratch()
    schedules.add(made, "cats", {}, [], True, None, None, NOW)
    assert schedule_runs.open_run(made, 1, NOW, RunKind.DUE, RunState.RUNNING, NOW) == 1
    return made


def make(tx: sqlite3.Connection, how_many: int = 1) -> list[int]:
    ids = add(tx, how_many)
    for job_id in ids:
        schedule_runs.add_job(tx, 1, job_id, 1, Walk.KEEP_UP)
    return ids


def hold(tx: sqlite3.Connection, *, pause: bool = False, until: float = OPENS, now: float = CLOSED) -> int:
    return job_hours.hold(tx, 1, until, now, pause=pause)


def at(tx: sqlite3.Connection, job_id: int) -> Job:
    return jobs.get(tx, job_id)


def settle(
    tx: sqlite3.Connection,
    job: Job,
    status: JobStatus,
    not_before: float | None = None,
    *,
    wish: bool = False,
) -> None:
    assert jobs.settle(
        tx,
        job.id,
        job.fence,
        status,
        now=NOW,
        not_before=not_before,
        wish=Wanted.PAUSE if wish else None,
    )
    job_hours.put_off(tx, [job.id], NOW)


def test_jobs_that_have_not_begun_wait_for_the_next_opening(tx: sqlite3.Connection) -> None:
    at_work, waiting = make(tx, 2)
    claim(tx)

    assert hold(tx) == 1

    assert at(tx, at_work).status is JobStatus.ACTIVE
    assert at(tx, at_work).wanted is Wanted.RUN
    found = at(tx, waiting)
    assert (found.status, found.not_before, found.message) == (
        JobStatus.SCHEDULED, OPENS, "Waits for the allowed hours of its schedule",
    )  # fmt: skip
    assert hold(tx) == 0


def test_they_are_not_let_go_by_their_time_alone(tx: sqlite3.Connection) -> None:
    (held,) = make(tx)
    hold(tx)

    # The machine slept over its hours
    assert jobs.promote(tx, OPENS + 9 * 3600) == 0
    assert at(tx, held).status is JobStatus.SCHEDULED

    assert job_hours.is_held(tx, 1)
    assert job_hours.release(tx, 1, OPENS) == 1
    assert at(tx, held).status is JobStatus.PENDING
    assert not job_hours.is_held(tx, 1)


def test_without_their_schedule_they_start_at_their_time(tx: sqlite3.Connection) -> None:
    (held,) = make(tx)
    hold(tx)

    schedules.remove(tx, [1], NOW)

    assert jobs.promote(tx, OPENS) == 1
    assert at(tx, held).status is JobStatus.PENDING


def test_jobs_of_others_are_left_alone(tx: sqlite3.Connection) -> None:
    (mine,) = add(tx)

    assert hold(tx) == 0

    assert at(tx, mine).status is JobStatus.PENDING


def test_jobs_at_work_stop_if_so_chosen_and_go_on_by_themselves(tx: sqlite3.Connection) -> None:
    make(tx)
    (job,) = claim(tx)

    assert hold(tx, pause=True) == 1
    assert hold(tx, pause=True) == 0
    assert at(tx, job.id).wanted is Wanted.PAUSE

    settle(tx, job, JobStatus.PAUSED, wish=True)
    found = at(tx, job.id)
    assert (found.status, found.not_before) == (JobStatus.SCHEDULED, OPENS)
    assert job_hours.release(tx, 1, OPENS) == 1
    assert at(tx, job.id).status is JobStatus.PENDING


def test_a_daemon_that_died_while_stopping_them_leaves_them_held(tx: sqlite3.Connection) -> None:
    make(tx)
    (job,) = claim(tx)
    hold(tx, pause=True)
    jobs.recover(tx, worker=f"not {WORKER}", boot=BOOT, now=NOW)
    assert at(tx, job.id).status is JobStatus.PAUSED
    assert schedule_runs.over(tx) == []

    assert hold(tx) == 1

    assert at(tx, job.id).status is JobStatus.SCHEDULED


def test_a_job_that_has_not_stopped_when_the_hours_come_again_just_goes_on(tx: sqlite3.Connection) -> None:
    make(tx)
    (job,) = claim(tx)
    hold(tx, pause=True)

    assert job_hours.release(tx, 1, OPENS) == 1

    assert at(tx, job.id).wanted is Wanted.RUN
    assert not job_hours.is_held(tx, 1)


def test_what_a_person_paused_stays_paused(tx: sqlite3.Connection) -> None:
    before, meanwhile = make(tx, 2)
    jobs.request(tx, [before], Wanted.PAUSE, NOW)
    hold(tx)
    jobs.request(tx, [meanwhile], Wanted.PAUSE, NOW)
    hold(tx)

    job_hours.release(tx, 1, OPENS)

    assert at(tx, before).status is JobStatus.PAUSED
    assert at(tx, meanwhile).status is JobStatus.PAUSED
    assert len(jobs.request(tx, [before, meanwhile], Wanted.RUN, OPENS + 1)) == 2
    assert at(tx, meanwhile).status is JobStatus.PENDING


def test_a_person_who_lets_a_held_job_start_wins(tx: sqlite3.Connection) -> None:
    (job_id,) = make(tx)
    hold(tx)

    jobs.request(tx, [job_id], Wanted.RUN, NOW)

    assert hold(tx, pause=True) == 0
    assert at(tx, job_id).status is JobStatus.PENDING
    claim(tx)
    assert hold(tx, pause=True) == 0
    assert at(tx, job_id).wanted is Wanted.RUN


def test_a_person_who_resumes_or_tries_again_outside_the_hours_wins(tx: sqlite3.Connection) -> None:
    paused, failed = make(tx, 2)
    jobs.request(tx, [paused], Wanted.PAUSE, NOW)
    jobs.request(tx, [failed], Wanted.CANCEL, NOW)
    hold(tx)

    jobs.request(tx, [paused], Wanted.RUN, NOW)
    jobs.retry(tx, [failed], NOW)

    assert hold(tx) == 0
    assert {at(tx, job_id).status for job_id in (paused, failed)} == {JobStatus.PENDING}


def test_a_person_wins_until_the_hours_come_again_not_for_ever(tx: sqlite3.Connection) -> None:
    (job_id,) = make(tx)
    hold(tx)
    jobs.request(tx, [job_id], Wanted.RUN, NOW)
    hold(tx)

    job_hours.release(tx, 1, OPENS)

    assert hold(tx, until=OPENS + 86_400) == 1
    assert at(tx, job_id).not_before == OPENS + 86_400


def test_a_held_job_that_a_person_puts_off_starts_at_the_time_they_chose(tx: sqlite3.Connection) -> None:
    looked_at, not_yet = make(tx, 2)
    hold(tx)
    job_plans.set_start(tx, [looked_at], NOW + 60, NOW)
    assert hold(tx) == 0
    job_plans.set_start(tx, [not_yet], OPENS + 60, NOW)

    assert jobs.promote(tx, NOW + 60) == 1
    assert hold(tx) == 0
    assert at(tx, looked_at).status is JobStatus.PENDING
    job_hours.release(tx, 1, OPENS)
    assert (at(tx, not_yet).status, at(tx, not_yet).not_before) == (JobStatus.SCHEDULED, OPENS + 60)
    assert jobs.promote(tx, OPENS + 60) == 1


def test_a_job_that_backs_off_waits_for_the_hours_instead(tx: sqlite3.Connection) -> None:
    make(tx, 3)
    soon, late, never = claim(tx, 3)
    settle(tx, soon, JobStatus.WAITING, NOW + 60)
    settle(tx, late, JobStatus.WAITING, OPENS + 60)
    settle(tx, never, JobStatus.WAITING, None)

    assert hold(tx) == 1

    assert (at(tx, soon.id).status, at(tx, soon.id).not_before) == (JobStatus.SCHEDULED, OPENS)
    assert (at(tx, late.id).status, at(tx, late.id).not_before) == (JobStatus.WAITING, OPENS + 60)
    assert at(tx, never.id).status is JobStatus.WAITING


def test_other_hours_that_are_told_meanwhile_move_the_time(tx: sqlite3.Connection) -> None:
    (job_id,) = make(tx)
    hold(tx)

    assert hold(tx, until=OPENS + 600) == 1

    assert at(tx, job_id).not_before == OPENS + 600


def test_a_held_job_keeps_its_run_open_until_a_person_takes_it_out(tx: sqlite3.Connection) -> None:
    (job_id,) = make(tx)
    hold(tx)
    assert schedule_runs.over(tx) == []

    jobs.request(tx, [job_id], Wanted.PAUSE, NOW)

    assert schedule_runs.over(tx) == [1]
    schedule_runs.finish(tx, 1, RunState.DONE, NOW)
    jobs.request(tx, [job_id], Wanted.RUN, NOW)
    assert at(tx, job_id).status is JobStatus.SCHEDULED
    assert jobs.promote(tx, OPENS) == 1
