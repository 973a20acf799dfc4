"""Jobs with a time to start at."""

from __future__ import annotations

from mediadl.models import JobStatus, Wanted
from mediadl.store import job_plans, jobs
from mediadl.store.database import Database
from store.making import NOW, add, claim


def test_the_next_one_comes_first_and_paused_ones_do_not_count(database: Database) -> None:
    with database.write() as tx:
        add(tx, not_before=NOW + 30)
        (soon,) = add(tx, not_before=NOW + 10)
        (middle,) = add(tx, not_before=NOW + 20)
        (never,) = add(tx)
        jobs.request(tx, [soon, never], Wanted.PAUSE, NOW)

        first = job_plans.first(tx)

        assert first is not None
        assert first.id == middle


def test_nothing_is_planned_in_an_empty_queue(database: Database) -> None:
    read = database.read()

    assert job_plans.first(read) is None


def test_a_start_is_given_to_jobs_nobody_works_on(database: Database) -> None:
    with database.write() as tx:
        pending, scheduled, held, active, ended = add(tx, 5)
        (at_work,) = [job for job in claim(tx, 5) if job.id == active]
        for job in jobs.get_many(tx, [pending, scheduled, held, ended]):
            jobs.settle(tx, job.id, job.fence, JobStatus.PENDING, now=NOW)
        jobs.request(tx, [held], Wanted.PAUSE, NOW)
        jobs.request(tx, [ended], Wanted.CANCEL, NOW)

        changed = job_plans.set_start(tx, [pending, scheduled, held, active, ended, 99], NOW + 60, NOW)

        after = {
            job.id: (job.status, job.not_before) for job in jobs.get_many(tx, [pending, held, active, ended])
        }
        assert sorted(changed) == [pending, scheduled, held]
        assert after[pending] == (JobStatus.SCHEDULED, NOW + 60)
        assert after[held] == (JobStatus.PAUSED, NOW + 60)
        assert after[active] == (JobStatus.ACTIVE, None)
        assert after[ended] == (JobStatus.CANCELLED, None)
        assert at_work.id == active
        assert jobs.promote(tx, NOW + 61) == 2
