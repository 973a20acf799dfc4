"""A due time is taken once; what the jobs of a run brought outlives them; runs end although jobs wait for people."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from mediadl.errors import NotFound
from mediadl.models import Identity, Item, ItemState, JobStatus, Wanted
from mediadl.models.schedules import RunKind, RunState, ScheduleRun, Walk
from mediadl.store import items, job_plans, jobs, schedule_runs, schedules
from store.making import NOW, add, claim, scratch

DAY_S = 86_400.0


def schedule(tx: sqlite3.Connection, name: str = "cats") -> int:
    return schedules.add(tx, name, {"every_s": 3600}, [], True, None, None, NOW)


def run(
    tx: sqlite3.Connection,
    schedule_id: int,
    due_at: float = NOW,
    state: RunState = RunState.RUNNING,
    **more: Any,
) -> int:
    made = schedule_runs.open_run(tx, schedule_id, due_at, RunKind.DUE, state, NOW, **more)
    assert made is not None
    return made


def job(tx: sqlite3.Connection, run_id: int, source_id: int = 1, walk: Walk = Walk.KEEP_UP) -> int:
    (job_id,) = add(tx)
    schedule_runs.add_job(tx, run_id, job_id, source_id, walk)
    return job_id


def settle(tx: sqlite3.Connection, job_id: int, status: JobStatus, **more: Any) -> None:
    (claimed,) = claim(tx)
    assert claimed.id == job_id
    assert jobs.settle(tx, job_id, claimed.fence, status, now=NOW + 5, **more)
    schedule_runs.note_job(tx, job_id)


def item(job_id: int, n: int, state: ItemState, size: int | None = None) -> Item:
    return Item(job_id, n, Identity("site", str(n)), state, "", size, "", "", None)


def test_a_due_time_is_taken_once() -> None:
    tx = scratch()
    one, other = schedule(tx), schedule(tx, "dogs")

    first = run(tx, one)

    assert schedule_runs.open_run(tx, one, NOW, RunKind.MANUAL, RunState.RUNNING, NOW + 9) is None
    assert run(tx, other) != first
    assert run(tx, one, NOW + 60) != first


def test_a_run_comes_back_as_it_was_opened() -> None:
    tx = scratch()
    one = schedule(tx)

    run_id = run(tx, one, state=RunState.HELD, missed=2, starts_at=NOW + 60)

    assert schedule_runs.get(tx, run_id) == ScheduleRun(
        run_id, one, NOW, RunKind.DUE, RunState.HELD, "", 2, None, None, 0, 0, 0, 0, 0, 0, "", NOW + 60
    )
    with pytest.raises(NotFound):
        schedule_runs.get(tx, 99)


def test_a_held_run_begins_once() -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx), state=RunState.HELD, starts_at=NOW + 60)
    schedule_runs.hold_until(tx, run_id, NOW + 90)
    assert [held.starts_at for held in schedule_runs.held(tx)] == [NOW + 90]

    assert schedule_runs.begin(tx, run_id, RunKind.MANUAL, NOW + 90)

    assert not schedule_runs.begin(tx, run_id, RunKind.DUE, NOW + 91)
    found = schedule_runs.get(tx, run_id)
    assert (found.state, found.kind, found.started_at, found.starts_at) == (
        RunState.RUNNING, RunKind.MANUAL, NOW + 90, None,
    )  # fmt: skip
    assert schedule_runs.held(tx) == []


def test_runs_are_listed_newest_first_and_open_ones_on_their_own() -> None:
    tx = scratch()
    one, other = schedule(tx), schedule(tx, "dogs")
    old, new = run(tx, one), run(tx, one, NOW + 60)
    elsewhere = run(tx, other, state=RunState.HELD)
    left_out = run(tx, one, NOW + 90, RunState.SKIPPED)
    schedule_runs.finish(tx, old, RunState.DONE, NOW + 1)

    assert [found.id for found in schedule_runs.of(tx, one)] == [left_out, new, old]
    assert [found.id for found in schedule_runs.of(tx, one, 1, 1)] == [new]
    assert schedule_runs.count(tx, one) == 3
    assert [found.id for found in schedule_runs.running(tx)] == [new, elsewhere]
    assert [found.id for found in schedule_runs.running(tx, one)] == [new]
    assert {key: found.id for key, found in schedule_runs.last_of(tx, [one, other, 99]).items()} == {
        one: new, other: elsewhere,
    }  # fmt: skip


def test_the_figures_are_the_items_of_all_jobs() -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))
    first, second = job(tx, run_id), job(tx, run_id, 2)
    items.put(
        tx,
        first,
        [
            item(first, 1, ItemState.STORED, 100),
            item(first, 2, ItemState.SKIPPED, 50),
            item(first, 3, ItemState.FOUND, 7),
        ],
    )
    items.put(tx, second, [item(second, 1, ItemState.STORED), item(second, 2, ItemState.FAILED, 9)])

    for job_id in (first, second):
        assert schedule_runs.note_job(tx, job_id) == run_id
    schedule_runs.tally(tx, run_id)

    found = schedule_runs.get(tx, run_id)
    assert (found.found, found.new, found.skipped, found.failed, found.size_bytes) == (5, 2, 1, 1, 100)


def test_the_figures_outlive_the_jobs() -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))
    job_id = job(tx, run_id)
    items.put(tx, job_id, [item(job_id, 1, ItemState.STORED, 100)])
    settle(tx, job_id, JobStatus.COMPLETED)

    jobs.clear(tx, {JobStatus.COMPLETED}, NOW, purge_at=NOW)
    jobs.forget(tx, [job_id], NOW + 1)
    assert schedule_runs.note_job(tx, job_id) == run_id
    schedule_runs.tally(tx, run_id)

    assert schedule_runs.get(tx, run_id).new == 1
    (work,) = schedule_runs.jobs_of(tx, run_id)
    assert (work.status, work.ended) == ("completed", True)


def test_a_job_of_a_person_belongs_to_no_run() -> None:
    tx = scratch()
    (job_id,) = add(tx)

    assert schedule_runs.note_job(tx, job_id) is None
    assert schedule_runs.run_of(tx, job_id) is None


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_run_is_over_when_its_jobs_have_ended(status: JobStatus) -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))
    first = job(tx, run_id)
    settle(tx, first, status)
    assert schedule_runs.over(tx) == [run_id]

    second = job(tx, run_id)

    assert schedule_runs.over(tx) == []
    settle(tx, second, JobStatus.COMPLETED)
    assert schedule_runs.over(tx, run_id) == [run_id]
    assert schedule_runs.over(tx, run_id + 1) == []


@pytest.mark.parametrize("wish", [Wanted.CANCEL, Wanted.REMOVE, Wanted.PAUSE])
def test_a_person_who_stops_the_last_job_ends_the_run(wish: Wanted) -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))
    job_id = job(tx, run_id)

    jobs.request(tx, [job_id], wish, NOW)

    assert schedule_runs.over(tx) == [run_id]


def test_a_job_that_is_put_back_or_tried_again_is_waited_for() -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))
    job_id = job(tx, run_id)
    jobs.request(tx, [job_id], Wanted.REMOVE, NOW)
    assert schedule_runs.over(tx) == [run_id]

    jobs.give_back(tx, [job_id], NOW)
    assert schedule_runs.over(tx) == []

    jobs.request(tx, [job_id], Wanted.CANCEL, NOW)
    assert schedule_runs.over(tx) == [run_id]
    jobs.retry(tx, [job_id], NOW)
    assert schedule_runs.over(tx) == []


def test_a_job_that_came_back_ended_is_not_waited_for() -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))
    job_id = job(tx, run_id)
    settle(tx, job_id, JobStatus.COMPLETED)
    jobs.request(tx, [job_id], Wanted.REMOVE, NOW)

    jobs.give_back(tx, [job_id], NOW)

    assert schedule_runs.over(tx) == [run_id]


@pytest.mark.parametrize(
    ("not_before", "is_over"), [(NOW + 60, False), (NOW + DAY_S + 60, True), (None, True)]
)
def test_a_job_is_waited_for_as_long_as_it_goes_on_by_itself_within_a_day(
    not_before: float | None, is_over: bool
) -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))

    settle(tx, job(tx, run_id), JobStatus.WAITING, reason="login_needed", not_before=not_before)

    assert bool(schedule_runs.over(tx)) is is_over


def test_a_job_that_a_person_puts_off_is_not_waited_for() -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))
    job_id = job(tx, run_id)

    job_plans.set_start(tx, [job_id], NOW + 60, NOW)

    assert schedule_runs.over(tx) == [run_id]


def test_open_jobs_at_a_source_are_found_whatever_run_made_them() -> None:
    tx = scratch()
    one = schedule(tx)
    first = job(tx, run(tx, one), 1)
    second = job(tx, run(tx, one, NOW + 1), 2, Walk.BACKFILL)
    settle(tx, first, JobStatus.COMPLETED)

    (found,) = schedule_runs.open_jobs_at(tx, [1, 2, 3])

    assert (found.job_id, found.source_id, found.walk, found.status) == (second, 2, Walk.BACKFILL, "pending")
    assert schedule_runs.open_jobs_at(tx, [1]) == []


def test_a_run_that_is_corrected_keeps_when_it_ended() -> None:
    tx = scratch()
    run_id = run(tx, schedule(tx))
    assert schedule_runs.finish(tx, run_id, RunState.FAILED, NOW + 10, error="login needed")
    assert not schedule_runs.finish(tx, run_id, RunState.FAILED, NOW + 11, error="login needed")

    assert schedule_runs.finish(tx, run_id, RunState.DONE, NOW + 900)

    found = schedule_runs.get(tx, run_id)
    assert (found.state, found.error, found.ended_at) == (RunState.DONE, "", NOW + 10)


def test_statistics_leave_out_skipped_and_open_runs() -> None:
    tx = scratch()
    one = schedule(tx)
    assert schedule_runs.statistics(tx, one).success is None
    for n, state in enumerate((RunState.DONE, RunState.DONE, RunState.FAILED, RunState.DONE)):
        schedule_runs.finish(tx, run(tx, one, NOW + n), state, NOW + 10 * (n + 1))
    run(tx, one, NOW + 50, RunState.SKIPPED)
    run(tx, one, NOW + 51)

    found = schedule_runs.statistics(tx, one)

    assert (found.runs, found.done, found.failed, found.success, found.mean_s) == (4, 3, 1, 0.75, 25.0)


def test_the_run_before_is_the_one_that_ended_before() -> None:
    tx = scratch()
    one = schedule(tx)
    first, _, last = run(tx, one), run(tx, one, NOW + 1, RunState.SKIPPED), run(tx, one, NOW + 2)
    schedule_runs.finish(tx, first, RunState.FAILED, NOW)

    before = schedule_runs.previous(tx, schedule_runs.get(tx, last))

    assert before is not None
    assert before.id == first
    assert schedule_runs.previous(tx, schedule_runs.get(tx, first)) is None


def test_the_newest_runs_are_kept_and_open_ones_whatever_their_age() -> None:
    tx = scratch()
    one, other = schedule(tx), schedule(tx, "dogs")
    open_one = run(tx, one)
    ended = [run(tx, one, NOW + 1 + n) for n in range(5)]
    for run_id in ended:
        schedule_runs.finish(tx, run_id, RunState.DONE, NOW)
    skipped = [run(tx, one, NOW + 100 + n, RunState.SKIPPED) for n in range(5)]
    elsewhere = run(tx, other, state=RunState.SKIPPED)

    assert schedule_runs.prune(tx, one, 3) == 4

    assert [found.id for found in schedule_runs.of(tx, one)] == [
        *reversed(skipped[2:]), *reversed(ended[2:]), open_one,
    ]  # fmt: skip
    assert [found.id for found in schedule_runs.of(tx, other)] == [elsewhere]
