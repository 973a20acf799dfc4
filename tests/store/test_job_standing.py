"""Pauses, cancels and starts can be taken back, as long as nothing else has happened to the job."""

from __future__ import annotations

import pytest

from mediadl.models import JobStatus, Wanted
from mediadl.store import job_plans, jobs
from mediadl.store.database import Database
from store.making import NOW, add, claim


@pytest.mark.parametrize(
    ("status", "wish"),
    [
        (status, wish)
        for status in ("pending", "waiting", "scheduled", "paused")
        for wish in (Wanted.PAUSE, Wanted.CANCEL, Wanted.RUN)
        if (status, wish) not in {("paused", Wanted.PAUSE), ("pending", Wanted.RUN)}
    ],
)
def test_an_idle_job_stands_as_before(database: Database, status: str, wish: Wanted) -> None:
    with database.write() as tx:
        add(tx)
        due = NOW + 9 if status in {"waiting", "scheduled"} else None
        tx.execute("UPDATE download_queue SET status = ?, not_before = ?, reason = 'network'", (status, due))
        before, row = jobs.standing(tx, [1]), jobs.get(tx, 1)
        jobs.request(tx, [1], wish, NOW)
        assert jobs.get(tx, 1) != row

        assert jobs.stand_again(tx, before, wish, NOW + 1) == [1]
        assert jobs.get(tx, 1) == row


def test_a_planned_job_that_was_let_go_is_paused_again_and_keeps_its_start(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)
        tx.execute("UPDATE download_queue SET status = 'scheduled', not_before = ?", (NOW + 9,))
        jobs.request(tx, [1, 2], Wanted.PAUSE, NOW)
        before, row = jobs.standing(tx, [1, 2]), jobs.get(tx, 1)
        jobs.request(tx, [1, 2], Wanted.RUN, NOW)
        assert jobs.get(tx, 1).status is JobStatus.SCHEDULED
        job_plans.set_start(tx, [2], NOW + 99, NOW)

        assert jobs.stand_again(tx, before, Wanted.RUN, NOW + 1) == [1]
        assert jobs.get(tx, 1) == row
        assert jobs.get(tx, 2).not_before == NOW + 99


def test_one_that_was_stopped_at_work_is_pending(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        before = jobs.standing(tx, [1])
        jobs.request(tx, [1], Wanted.PAUSE, NOW)
        jobs.settle(tx, 1, job.fence, JobStatus.PAUSED, now=NOW, wish=Wanted.PAUSE)

        assert jobs.stand_again(tx, before, Wanted.PAUSE, NOW) == [1]
        assert jobs.get(tx, 1).status is JobStatus.PENDING


def test_one_with_which_something_else_happened_is_left(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)
        before = jobs.standing(tx, [1, 2])
        jobs.request(tx, [1, 2], Wanted.CANCEL, NOW)
        jobs.retry(tx, [1], NOW)
        claim(tx)

        assert jobs.stand_again(tx, before, Wanted.CANCEL, NOW) == [2]
        assert jobs.get(tx, 1).status is JobStatus.ACTIVE
