"""What becomes of partial files when a run ends as the user wished, or no longer wishes."""

from __future__ import annotations

import pytest

from mediadl.models import Job, JobStatus, Lane, Wanted
from mediadl.paths import Home
from mediadl.pipeline import settlement
from mediadl.store import jobs
from mediadl.store.database import Database
from mediadl.workers.recorder import record
from store.making import NOW, add, claim


def running(database: Database) -> Job:
    with database.write() as tx:
        add(tx, lane=Lane.RUNNER)
        (job,) = claim(tx)
    return job


@pytest.mark.parametrize(
    ("wish", "then", "work_is_done"),
    [(Wanted.CANCEL, "cancelled", True), (Wanted.PAUSE, "paused", False), (Wanted.REMOVE, "", False)],
)
def test_a_wish_is_obeyed(home: Home, wish: Wanted, then: str, *, work_is_done: bool) -> None:
    with Database.open(home) as database:
        job = running(database)
        with database.write() as tx:
            jobs.request(tx, [job.id], wish, NOW)

        (settled,) = record(database, [settlement.obeyed(job, wish, backend="", tried="")], [], NOW)

        assert (settled.accepted, settled.work_is_done) == (True, work_is_done)
        assert [found.status for found in jobs.get_many(database.read(), [job.id])] == (
            [then] if then else []
        )


@pytest.mark.parametrize("wish", [Wanted.CANCEL, Wanted.PAUSE, Wanted.REMOVE])
def test_a_wish_that_was_taken_back_lets_the_job_go_on_with_its_bytes(home: Home, wish: Wanted) -> None:
    with Database.open(home) as database:
        job = running(database)
        with database.write() as tx:
            before = jobs.standing(tx, [job.id])
            jobs.request(tx, [job.id], wish, NOW)
            if wish is Wanted.REMOVE:
                jobs.give_back(tx, [job.id], NOW)
            else:
                jobs.stand_again(tx, before, wish, NOW)

        (settled,) = record(database, [settlement.obeyed(job, wish, backend="", tried="")], [], NOW)

        assert not settled.work_is_done
        found = jobs.get(database.read(), job.id)
        assert (found.status, found.attempts) == (JobStatus.PENDING, 0)
