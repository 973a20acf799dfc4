"""A run makes the jobs its sources need, once; what cannot be done is said, not raised."""

from __future__ import annotations

from typing import Any

import pytest

from mediadl.errors import InvalidInput
from mediadl.events import EventKind
from mediadl.models import JobStatus, Lane, Priority, Wanted
from mediadl.models.schedules import RunKind, RunState
from mediadl.store import jobs, journal
from mediadl.timing.rules import Due
from mediadl.workers.run_maker import start_run
from schedule_stage import HOUR_S, ScheduleStage, hours, stage

__all__ = ["stage"]


def start(
    stage: ScheduleStage, kind: RunKind = RunKind.MANUAL, due: Due | None = None, schedule_id: int = 1
) -> list[int]:
    now = stage.clock.wall
    with stage.database.write() as tx:
        return start_run(tx, stage.schedule(schedule_id), due or Due(now, now), kind, stage.settings, now)


def told(stage: ScheduleStage) -> list[dict[str, Any]]:
    found = [e.payload for e in journal.since(stage.read, 0) if e.kind is EventKind.SCHEDULE_CHANGED]
    return [payload for payload in found if payload["what"] == "run"]


def test_the_jobs_carry_what_the_schedule_was_told(stage: ScheduleStage) -> None:
    stage.add(
        quality="720p", name_template="{id}", since="2026-01-31", until="7d", max_items=20,
        filters={"keywords": ["cat"]}, priority="low",
    )  # fmt: skip

    start(stage)

    (job,) = stage.jobs()
    assert job.options == {
        "quality": "720p", "name": "{id}", "since": 1769817600.0, "until": stage.clock.wall - 7 * 86_400,
        "max_items": 20, "filters": {"keywords": ["cat"]},
        "subscription": {"source": 1, "run": 1, "walk": "keep_up"},
    }  # fmt: skip
    assert (job.priority, job.platform, job.site, job.lane, job.content_type) == (
        Priority.LOW, "instagram", "instagram", Lane.RUNNER, "posts",
    )  # fmt: skip
    assert (job.max_attempts, job.trusted, job.owner_id) == (6, True, None)


def test_older_items_come_at_low_priority(stage: ScheduleStage) -> None:
    stage.add(backfill="all", backfill_items=50, priority="high")

    start(stage)

    newest, older = stage.jobs()
    assert (newest.priority, older.priority) == (Priority.HIGH, Priority.LOW)
    assert (older.options["subscription"]["walk"], older.options["max_items"]) == ("backfill", 50)
    assert stage.runs()[0].sources == 1


def test_jobs_of_a_user_are_theirs_and_kept_from_private_addresses(stage: ScheduleStage) -> None:
    stage.add(owner_id=7)

    start(stage)

    (job,) = stage.jobs()
    assert (job.owner_id, job.trusted) == (7, False)


def test_options_of_another_platform_are_left_out(stage: ScheduleStage) -> None:
    stage.add(options={"no_such_option": "1"})

    assert len(start(stage)) == 1


def test_a_person_cannot_begin_a_second_run(stage: ScheduleStage) -> None:
    stage.add()
    start(stage)

    with pytest.raises(InvalidInput, match="'cats' is at work already"):
        start(stage)

    assert len(stage.jobs()) == len(stage.runs()) == 1


def test_a_person_begins_a_held_run_at_once(stage: ScheduleStage) -> None:
    stage.add()
    later = Due(stage.clock.wall, stage.clock.wall + HOUR_S)
    assert start(stage, RunKind.DUE, later) == []
    assert stage.runs()[0].state is RunState.HELD

    assert len(start(stage)) == 1

    (run,) = stage.runs()
    assert (run.state, run.kind) == (RunState.RUNNING, RunKind.MANUAL)


def test_a_due_time_that_somebody_has_makes_no_jobs(stage: ScheduleStage) -> None:
    stage.add()
    due = Due(stage.clock.wall, stage.clock.wall)
    start(stage, RunKind.DUE, due)
    stage.work_off()

    assert start(stage, RunKind.DUE, due) == []

    assert len(stage.jobs()) == len(stage.runs()) == 1


def test_a_source_whose_job_still_stands_is_left_out(stage: ScheduleStage) -> None:
    stage.add(names=["alice", "bob"])
    start(stage)
    (alice, bob) = stage.claim()
    stage.settle(alice, JobStatus.WAITING, reason="login_needed", message="Needs a login")
    stage.settle(bob)
    stage.clock.on(HOUR_S)

    (again,) = start(stage)

    assert jobs.get(stage.read, again).url.endswith("/bob/posts/")
    assert stage.runs()[1].sources == 1


def test_two_schedules_do_not_read_one_source_at_the_same_time(stage: ScheduleStage) -> None:
    stage.add("cats")
    stage.add("pets", ["alice", "bob"])
    start(stage)

    (other,) = start(stage, schedule_id=2)

    assert jobs.get(stage.read, other).url.endswith("/bob/posts/")


def test_a_run_whose_jobs_all_wait_for_a_login_fails_and_is_told_once(stage: ScheduleStage) -> None:
    stage.add()
    for _ in range(3):
        start(stage)
        for job in stage.claim():
            stage.settle(job, JobStatus.WAITING, reason="login_needed", message="Needs a login")
        stage.clock.on(HOUR_S)

    assert [(run.state, run.error) for run in stage.runs()] == [
        (RunState.FAILED, "Needs a login"),
        (RunState.FAILED, "Job 1 still waits: Needs a login"),
        (RunState.FAILED, "Job 1 still waits: Needs a login"),
    ]
    ends = [payload for payload in told(stage) if payload["state"] == "failed"]
    assert [payload["again"] for payload in ends] == [False, False, True]
    assert len(stage.jobs()) == 1


def test_a_run_whose_jobs_were_all_paused_by_someone_is_left_out(stage: ScheduleStage) -> None:
    stage.add()
    start(stage)
    with stage.database.write() as tx:
        jobs.request(tx, [1], Wanted.PAUSE, stage.clock.wall)
    stage.tick()
    stage.clock.on(60)

    assert start(stage) == []

    run = stage.runs()[-1]
    assert (run.state, run.message) == (
        RunState.SKIPPED,
        "Earlier jobs for its sources still stand in the queue",
    )


def test_a_schedule_without_sources_has_nothing_to_do(stage: ScheduleStage) -> None:
    stage.add(names=[])

    assert start(stage) == []

    assert [(run.state, run.message) for run in stage.runs()] == [
        (RunState.DONE, "No source was due to be looked at")
    ]


@pytest.mark.parametrize(
    ("spec", "word"),
    [({"since": "soon"}, "not a date: 'soon'"), ({"filters": {"match": 7}}, "match: ")],
)
def test_what_cannot_be_used_any_more_fails_the_run(
    stage: ScheduleStage, spec: dict[str, Any], word: str
) -> None:
    stage.add(**spec)

    assert start(stage) == []

    (run,) = stage.runs()
    assert run.state is RunState.FAILED
    assert run.error.startswith(word)


def test_a_source_that_its_platform_does_not_know_any_more_fails_alone(stage: ScheduleStage) -> None:
    stage.add(names=["alice", "bob"])
    stage.read.execute("UPDATE sources SET url = 'https://elsewhere.example/' WHERE name = 'alice'")

    assert len(start(stage)) == 1
    stage.work_off()

    (run,) = stage.runs()
    assert (run.state, run.sources) == (RunState.DONE, 1)
    assert run.error.startswith("alice: ")


def test_what_happens_to_runs_is_told(stage: ScheduleStage) -> None:
    stage.add()
    stage.clock.to(hours("01:00"))
    start(stage)
    stage.work_off()

    assert [(payload["run"], payload["state"]) for payload in told(stage)] == [(1, "running"), (1, "done")]
