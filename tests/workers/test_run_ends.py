"""A run ends with its jobs: counted, judged, told once, and put right by what comes later."""

from __future__ import annotations

import logging
import time

import pytest

from mediadl.models import JobStatus, Wanted
from mediadl.models.schedules import RunState, SourceState, Walk
from mediadl.store import jobs, schedules, sources
from mediadl.store.schedule_runs import Work
from mediadl.workers.run_ends import verdict
from schedule_stage import DAY_S, HOUR_S, ScheduleStage, hours, stage

__all__ = ["stage"]


def work(status: str, message: str = "") -> Work:
    return Work(1, 1, Walk.KEEP_UP, True, status, "", message)


@pytest.mark.parametrize(
    ("found", "fault", "expected"),
    [
        (["completed"], "", (RunState.DONE, "", "")),
        (["completed", "failed"], "", (RunState.DONE, "1 of 2 jobs failed", "gone")),
        (["failed", "failed"], "", (RunState.FAILED, "2 of 2 jobs failed", "gone")),
        (["failed"], "", (RunState.FAILED, "1 job failed", "gone")),
        (["waiting"], "", (RunState.FAILED, "1 job still waits", "gone")),
        (["completed", "waiting"], "", (RunState.DONE, "1 of 2 jobs still waits", "gone")),
        (["cancelled", "removed"], "", (RunState.DONE, "2 of 2 jobs stopped by someone", "")),
        (["paused", "completed"], "", (RunState.DONE, "1 of 2 jobs stopped by someone", "")),
        (["cancelled", "failed"], "", (RunState.FAILED, "1 of 2 jobs failed, 1 of 2 jobs stopped by someone", "gone")),
        (["completed"], "no such option", (RunState.DONE, "", "no such option")),
        (["cancelled"], "no such option", (RunState.FAILED, "1 job stopped by someone", "no such option")),
    ],
)  # fmt: skip
def test_a_run_failed_when_no_source_could_be_read(
    found: list[str], fault: str, expected: tuple[RunState, str, str]
) -> None:
    assert verdict([work(status, "gone") for status in found], fault) == expected


def test_a_run_ends_with_its_last_job_and_counts_what_all_brought(stage: ScheduleStage) -> None:
    stage.add(names=["alice", "bob"])
    stage.at(hours("01:00"))
    first, second = stage.claim()
    stage.clock.on(60)

    stage.settle(first, stored=3)
    (run,) = stage.runs()
    assert (run.state, run.new, run.ended_at) == (RunState.RUNNING, 3, None)
    stage.settle(second, stored=2)

    (run,) = stage.runs()
    assert (run.state, run.found, run.new, run.size_bytes, run.ended_at) == (
        RunState.DONE, 5, 5, 500, hours("01:01"),
    )  # fmt: skip


def test_a_job_that_backs_off_keeps_its_run_open(stage: ScheduleStage) -> None:
    stage.add()
    stage.at(hours("01:00"))
    (job,) = stage.claim()

    stage.settle(job, JobStatus.WAITING, stored=1, not_before=stage.clock.wall + 60)

    assert (stage.runs()[0].state, stage.runs()[0].new) == (RunState.RUNNING, 1)


@pytest.mark.parametrize("wish", [Wanted.CANCEL, Wanted.REMOVE, Wanted.PAUSE])
def test_a_person_who_stops_its_jobs_ends_it(stage: ScheduleStage, wish: Wanted) -> None:
    stage.add(names=["alice", "bob"])
    stage.at(hours("01:00"))
    (job,) = stage.claim(1)
    stage.settle(job, stored=1)
    with stage.database.write() as tx:
        jobs.request(tx, [2], wish, stage.clock.wall)

    stage.tick()

    (run,) = stage.runs()
    assert (run.state, run.message, run.new) == (RunState.DONE, "1 of 2 jobs stopped by someone", 1)
    assert stage.at(hours("02:00")) == 1


def test_a_job_that_waits_for_a_person_does_not_block_its_schedule(stage: ScheduleStage) -> None:
    stage.add(names=["alice", "bob"])
    stage.at(hours("01:00"))
    alice, bob = stage.claim()
    stage.settle(alice, JobStatus.WAITING, reason="login_needed", message="Needs a login")
    stage.settle(bob, stored=1)
    assert (stage.runs()[0].state, stage.runs()[0].error) == (RunState.DONE, "Needs a login")

    assert stage.at(hours("02:00")) == 1

    assert [job.url.split("/")[3] for job in stage.jobs()] == ["alice", "bob", "bob"]


def test_what_comes_after_all_puts_the_run_right(stage: ScheduleStage) -> None:
    stage.add()
    stage.at(hours("01:00"))
    (job,) = stage.claim()
    stage.settle(job, JobStatus.WAITING, reason="login_needed", message="Needs a login")
    assert stage.runs()[0].state is RunState.FAILED
    stage.clock.on(5 * DAY_S)
    with stage.database.write() as tx:
        jobs.wake(tx, site="instagram", reason="login_needed")

    stage.work_off(stored=4)

    (run,) = stage.runs()
    assert (run.state, run.new, run.error, run.ended_at) == (RunState.DONE, 4, "", hours("01:00"))


def test_a_failed_job_that_is_tried_again_puts_the_run_right(stage: ScheduleStage) -> None:
    stage.add()
    stage.at(hours("01:00"))
    stage.work_off(JobStatus.FAILED, reason="network", message="No answer")
    assert (stage.runs()[0].state, stage.runs()[0].error) == (RunState.FAILED, "No answer")
    with stage.database.write() as tx:
        jobs.retry(tx, [1], stage.clock.wall)

    stage.work_off(stored=1)

    assert (stage.runs()[0].state, stage.runs()[0].new) == (RunState.DONE, 1)


def test_a_failure_is_warned_of_once(stage: ScheduleStage, caplog: pytest.LogCaptureFixture) -> None:
    stage.add()
    with caplog.at_level(logging.WARNING):
        for hour in ("01:00", "02:00", "03:00"):
            stage.at(hours(hour))
            stage.work_off(JobStatus.FAILED, message="No answer")
        assert [record.getMessage() for record in caplog.records] == ["cats: the run failed: No answer"]
        stage.at(hours("04:00"))
        stage.work_off()
        stage.at(hours("05:00"))
        stage.work_off(JobStatus.FAILED, message="No answer")

    assert len(caplog.records) == 2


def test_a_source_that_is_gone_is_told_of_once(
    stage: ScheduleStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.add()
    with caplog.at_level(logging.WARNING):
        for hour in ("01:00", "02:00"):
            stage.at(hours(hour))
            with stage.database.write() as tx:
                sources.set_state(tx, 1, SourceState.GONE, "nobody of that name", stage.clock.wall)
            stage.work_off()

    assert [record.getMessage() for record in caplog.records] == ["cats: alice is gone: nobody of that name"]


def test_a_run_of_a_removed_schedule_is_forgotten_and_its_jobs_go_on(stage: ScheduleStage) -> None:
    stage.add()
    stage.at(hours("01:00"))
    with stage.database.write() as tx:
        schedules.remove(tx, [1], stage.clock.wall)

    assert stage.work_off(stored=1) == 1

    assert stage.runs() == []
    assert stage.jobs()[0].status is JobStatus.COMPLETED


def test_an_adaptive_schedule_pauses_as_its_sources_post(stage: ScheduleStage) -> None:
    stage.clock.set(time.time())
    stage.add(adaptive=True, least_every_s=HOUR_S, most_every_s=7 * DAY_S)
    stage.at(stage.schedule().next_due_at or 0.0)
    due_at = stage.runs()[0].due_at
    with stage.database.write() as tx:
        for n in range(60):
            posted_at = stage.clock.wall - n * 12 * HOUR_S
            tx.execute(
                "INSERT INTO source_posts(source_id, post, posted_at, first_seen_at) VALUES (1, ?, ?, 0)",
                (str(n), posted_at),
            )

    stage.work_off()
    assert stage.schedule().next_due_at == pytest.approx(due_at + 12 * HOUR_S, rel=0.1)

    with stage.database.write() as tx:
        tx.execute("UPDATE sources SET empty_checks = 40")
    stage.at(stage.schedule().next_due_at or 0.0)
    stage.work_off()
    assert stage.schedule().next_due_at == pytest.approx(stage.runs()[1].due_at + 7 * DAY_S, rel=0.01)
