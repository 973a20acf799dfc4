"""Runs and jobs of schedules keep to their allowed hours; people may do what they like at any hour."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mediadl.models import JobStatus, Wanted
from mediadl.models.schedules import RunKind, RunState
from mediadl.paths import Home
from mediadl.store import jobs, schedules
from mediadl.store.database import Database
from mediadl.timing.rules import Due
from mediadl.workers.run_maker import start_run
from mediadl.workers.scheduler import Scheduler
from schedule_stage import ScheduleStage, hours, stage
from supervisor_stage import Stage

__all__ = ["stage"]

NIGHT: dict[str, Any] = {"cron": "0 1 * * *", "windows": ["01:00-06:00"]}


def test_a_run_that_is_due_outside_its_hours_begins_with_them(stage: ScheduleStage) -> None:
    stage.add(cron="0 23 * * *", windows=["01:00-06:00"])

    assert stage.at(hours("23:00")) == 0
    assert stage.at(hours("00:59:59", day=1)) == 0
    assert stage.jobs() == []
    assert stage.at(hours("01:00", day=1)) == 1

    (run,) = stage.runs()
    assert (run.due_at, run.started_at, run.missed) == (hours("23:00"), hours("01:00", day=1), 0)


def test_a_run_that_is_caught_up_outside_its_hours_is_held_until_they_come(stage: ScheduleStage) -> None:
    stage.add(**NIGHT)

    stage.clock.to(hours("09:00"))
    assert stage.another().tick(stage.settings) == 0
    (run,) = stage.runs()
    assert (run.state, run.due_at, run.starts_at) == (RunState.HELD, hours("01:00"), hours("01:00", day=1))

    stage.clock.to(hours("00:59", day=1))
    assert stage.tick() == 0
    assert stage.at(hours("01:00", day=1)) == 1
    assert [run.state for run in stage.runs()] == [RunState.RUNNING, RunState.SKIPPED]


def test_a_held_run_follows_other_hours_and_leaves_with_its_schedule(stage: ScheduleStage) -> None:
    stage.add(**NIGHT)
    stage.at(hours("09:00"))

    stage.change(windows=["10:00-11:00"])
    assert stage.at(hours("09:30")) == 0
    assert stage.runs()[0].starts_at == hours("10:00")
    with stage.database.write() as tx:
        schedules.set_enabled(tx, 1, False, None, stage.clock.wall)
    assert stage.at(hours("10:00")) == 0

    assert [(run.state, run.message) for run in stage.runs()] == [
        (RunState.SKIPPED, "The schedule was switched off")
    ]


def test_jobs_that_have_not_begun_when_the_hours_end_wait_for_the_next(stage: ScheduleStage) -> None:
    stage.add(names=["alice", "bob"], **NIGHT)
    stage.at(hours("01:00"))
    (at_work,) = stage.claim(1)
    stage.at(hours("05:59:59"))
    assert [job.status for job in stage.jobs()] == [JobStatus.ACTIVE, JobStatus.PENDING]

    stage.at(hours("06:00"))

    first, second = stage.jobs()
    assert (first.status, first.wanted) == (JobStatus.ACTIVE, Wanted.RUN)
    assert (second.status, second.not_before) == (JobStatus.SCHEDULED, hours("01:00", day=1))
    assert second.message == "Waits for the allowed hours of its schedule"
    stage.settle(at_work)
    assert stage.claim() == []
    assert stage.runs()[0].state is RunState.RUNNING

    stage.at(hours("01:00", day=1))
    assert [job.id for job in stage.claim()] == [second.id]


def test_jobs_at_work_pause_when_the_hours_end_if_so_chosen(stage: ScheduleStage) -> None:
    stage.add(window_end="pause", **NIGHT)
    stage.at(hours("01:00"))
    (job,) = stage.claim()

    stage.at(hours("05:59:59"))
    assert stage.jobs()[0].wanted is Wanted.RUN
    stage.at(hours("06:00"))
    assert stage.jobs()[0].wanted is Wanted.PAUSE

    stage.settle(job, JobStatus.PAUSED, wish=Wanted.PAUSE)
    assert (stage.jobs()[0].status, stage.jobs()[0].not_before) == (
        JobStatus.SCHEDULED, hours("01:00", day=1),
    )  # fmt: skip
    stage.at(hours("00:59:59", day=1))
    assert stage.claim() == []
    stage.at(hours("01:00", day=1))
    assert [one.id for one in stage.claim()] == [job.id]


def test_what_a_person_paused_stays_so_when_the_hours_come(stage: ScheduleStage) -> None:
    stage.add(names=["alice", "bob"], **NIGHT)
    stage.at(hours("01:00"))
    with stage.database.write() as tx:
        jobs.request(tx, [1], Wanted.PAUSE, stage.clock.wall)
    stage.at(hours("06:00"))
    with stage.database.write() as tx:
        jobs.request(tx, [2], Wanted.PAUSE, stage.clock.wall)
    stage.at(hours("12:00"))

    stage.at(hours("01:00", day=1))

    assert [job.status for job in stage.jobs()] == [JobStatus.PAUSED, JobStatus.PAUSED]


def test_a_person_who_lets_a_held_job_start_wins(stage: ScheduleStage) -> None:
    stage.add(window_end="pause", **NIGHT)
    stage.at(hours("01:00"))
    stage.at(hours("06:00"))
    with stage.database.write() as tx:
        jobs.request(tx, [1], Wanted.RUN, stage.clock.wall)

    stage.at(hours("06:01"))
    (job,) = stage.claim()
    stage.at(hours("06:02"))

    assert stage.jobs()[0].wanted is Wanted.RUN
    stage.settle(job)
    assert stage.runs()[0].state is RunState.DONE


def test_hours_that_are_taken_away_let_everything_go_on(stage: ScheduleStage) -> None:
    stage.add(**NIGHT)
    stage.at(hours("01:00"))
    stage.at(hours("06:00"))

    stage.change(windows=[])
    stage.at(hours("06:01"))

    assert len(stage.claim()) == 1


def test_a_machine_that_slept_over_its_hours_begins_nothing_outside_them(stage: ScheduleStage) -> None:
    stage.add(**NIGHT)
    stage.at(hours("01:00"))
    stage.at(hours("06:00"))

    stage.clock.to(hours("12:00", day=1))

    assert stage.claim() == []
    stage.tick()
    assert stage.claim() == []
    assert stage.jobs()[0].not_before == hours("01:00", day=2)


def test_what_a_person_asks_for_runs_at_any_hour(stage: ScheduleStage) -> None:
    stage.add(window_end="pause", **NIGHT)
    stage.clock.to(hours("00:30"))
    with stage.database.write() as tx:
        due = Due(stage.clock.wall, stage.clock.wall)
        ids = start_run(tx, stage.schedule(), due, RunKind.MANUAL, stage.settings, stage.clock.wall)

    stage.at(hours("00:31"))

    assert [job.id for job in stage.claim()] == ids
    stage.at(hours("00:32"))
    assert stage.jobs()[0].wanted is Wanted.RUN


def test_a_job_that_is_woken_outside_the_hours_is_held_before_it_is_claimed(stage: ScheduleStage) -> None:
    stage.add(**NIGHT)
    stage.at(hours("01:00"))
    (job,) = stage.claim()
    stage.settle(job, JobStatus.WAITING, reason="budget", not_before=hours("05:00"))
    stage.clock.to(hours("07:00"))
    slow = Scheduler(stage.database, wall=lambda: stage.clock.wall, boot=lambda: stage.clock.boot)
    slow.tick(stage.settings)
    slow.tick(stage.settings)
    with stage.database.write() as tx:
        tx.execute("UPDATE download_queue SET status = 'waiting', reason = 'login_needed', not_before = NULL")
        tx.execute("UPDATE run_jobs SET held_until = NULL")
        jobs.wake(tx, site=None, reason="login_needed")

    assert slow.tick(stage.settings) == 0
    assert slow.tick(stage.settings, at_once=True) == 1

    assert stage.claim() == []


@pytest.fixture
def at_work(home: Home, tmp_path: Path) -> Iterator[tuple[ScheduleStage, Stage]]:
    """Schedules, and the supervisor that works their jobs off."""
    with Database.open(home) as database, Database.open(home) as front:
        scheduled, working = (
            ScheduleStage(database, tmp_path),
            Stage(home, database, front, tmp_path / "files"),
        )
        working.supervisor.before_claim = scheduled.tick
        yield scheduled, working


def turn(scheduled: ScheduleStage, working: Stage, times: int = 3) -> None:
    """Turns as the daemon makes them."""
    for _ in range(times):
        working.supervisor.turn()
        if scheduled.tick():
            working.supervisor.look_again()


def test_the_daemon_starts_nothing_before_the_hours_and_everything_with_them(
    at_work: tuple[ScheduleStage, Stage],
) -> None:
    scheduled, working = at_work
    scheduled.add(cron="30 0 * * *", windows=["01:00-06:00"])
    scheduled.clock.to(hours("00:59"))
    turn(scheduled, working)
    assert working.pool.started == []

    scheduled.clock.to(hours("01:00"))
    turn(scheduled, working)

    assert len(working.pool.started) == 1


def test_the_daemon_stops_its_runners_when_the_hours_end_and_starts_them_again(
    at_work: tuple[ScheduleStage, Stage],
) -> None:
    scheduled, working = at_work
    scheduled.add(window_end="pause", **NIGHT)
    scheduled.clock.to(hours("01:00"))
    turn(scheduled, working)

    scheduled.clock.to(hours("06:00"))
    turn(scheduled, working, 6)
    assert working.pool.stopped == [1]
    assert (working.job(1).status, working.job(1).message) == (
        JobStatus.SCHEDULED, "Waits for the allowed hours of its schedule",
    )  # fmt: skip
    assert scheduled.runs()[0].state is RunState.RUNNING

    scheduled.clock.to(hours("01:00", day=1))
    turn(scheduled, working)
    assert [run.job_id for run in working.pool.started] == [1, 1]


def test_the_daemon_lets_runners_finish_when_the_hours_end(at_work: tuple[ScheduleStage, Stage]) -> None:
    scheduled, working = at_work
    scheduled.add(names=["alice", "bob"], **NIGHT)
    scheduled.clock.to(hours("01:00"))
    turn(scheduled, working)
    (run,) = working.pool.started  # one at a time of a site

    scheduled.clock.to(hours("06:00"))
    turn(scheduled, working)
    assert working.pool.stopped == []
    working.pool.ended(run)
    turn(scheduled, working, 6)

    assert len(working.pool.started) == 1
    assert working.job(1).status is not JobStatus.ACTIVE
    assert working.job(2).status is JobStatus.SCHEDULED


def test_a_machine_that_wakes_up_after_the_hours_claims_nothing(
    at_work: tuple[ScheduleStage, Stage],
) -> None:
    scheduled, working = at_work
    scheduled.add(**NIGHT)
    scheduled.at(hours("01:00"))

    scheduled.clock.to(hours("12:00"))
    working.turn(3)  # whose turn it was when the machine fell asleep

    assert working.pool.started == []
    assert working.job(1).status is JobStatus.SCHEDULED
