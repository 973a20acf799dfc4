"""Removed jobs come back as they were for a while, and are gone after that."""

from __future__ import annotations

from typing import Any

import pytest

from mediadl.errors import NotFound
from mediadl.events import EventKind
from mediadl.models import Identity, Item, ItemState, JobQuery, JobStatus, Priority, Wanted
from mediadl.store import items, jobs, journal
from mediadl.store.database import Database
from store.making import NOW, add, claim

LATER = NOW + jobs.KEPT_S + 1


def rows(database: Database) -> list[Any]:
    return database.read().execute("SELECT * FROM download_queue ORDER BY id").fetchall()


def item(job_id: int, n: int = 1) -> Item:
    return Item(job_id, n, Identity("s", str(n)), ItemState.STORED, "one", 5, "", "", None)


def test_the_table_of_the_removed_has_every_column_of_the_queue(database: Database) -> None:
    def columns(table: str) -> set[str]:
        return {row[1] for row in database.read().execute(f"PRAGMA table_info({table})").fetchall()}

    assert columns("removed_jobs") - {"purge_at"} == columns("download_queue")


def test_a_removed_job_comes_back_to_the_last_byte(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3, priority=Priority.HIGH, not_before=NOW + 99, options={"quality": "best"})
        tx.execute("UPDATE download_queue SET position = 1.0 / 3, tried = 'a: b' WHERE id = 2")
        items.put(tx, 2, [item(2)])
    before, order = rows(database), jobs.ids(database.read(), JobQuery())

    with database.write() as tx:
        assert jobs.request(tx, [2], Wanted.REMOVE, NOW) == [2]
    assert jobs.ids(database.read(), JobQuery()) == [1, 3]
    assert [job.id for job in jobs.removed(database.read(), [1, 2, 3])] == [2]
    with database.write() as tx:
        assert jobs.give_back(tx, [2], NOW + 5) == [2]

    assert rows(database) == before
    assert jobs.ids(database.read(), JobQuery()) == order
    assert items.list(database.read(), 2) == [item(2)]
    assert jobs.removed(database.read(), [2]) == []


def test_a_removed_job_is_on_no_list_and_in_no_count(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)
        jobs.request(tx, [1], Wanted.REMOVE, NOW)

        assert [job.id for job in claim(tx, 9)] == [2]
    assert jobs.counts(database.read()).total == 1
    assert jobs.missing(database.read(), [1, 2]) == [1]
    with pytest.raises(NotFound):
        jobs.get(database.read(), 1)


def test_what_came_back_is_told_as_if_added(database: Database) -> None:
    with database.write() as tx:
        add(tx, title="A title")
        added = journal.since(tx, 0)[0]
        jobs.request(tx, [1], Wanted.REMOVE, NOW)
        jobs.give_back(tx, [1], NOW)

    told = journal.since(database.read(), 0)
    assert [event.kind for event in told] == [EventKind.JOB_ADDED, EventKind.JOB_REMOVED, EventKind.JOB_ADDED]
    assert told[-1].payload == {**added.payload, "message": ""}


def test_numbers_of_removed_jobs_are_not_given_away(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)
        jobs.request(tx, [2], Wanted.REMOVE, NOW)

        assert add(tx) == [3]
        jobs.give_back(tx, [2], NOW)
        assert jobs.ids(tx, JobQuery()) == [1, 2, 3]


def test_after_its_time_a_job_stays_away(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        items.put(tx, 1, [item(1)])
        jobs.request(tx, [1], Wanted.REMOVE, NOW)

        assert jobs.doomed(tx, NOW + jobs.KEPT_S - 1, 9) == []
        assert jobs.forget(tx, [1], NOW + jobs.KEPT_S - 1) == 0
        assert jobs.give_back(tx, [1], LATER) == []
        assert [job.id for job in jobs.doomed(tx, LATER, 9)] == [1]
        assert jobs.forget(tx, [1], LATER) == 1
        assert jobs.give_back(tx, [1], NOW) == []
        assert items.count(tx, 1) == 0


def test_one_at_work_goes_when_its_run_ends_and_comes_back_pending(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        assert jobs.request(tx, [1], Wanted.REMOVE, NOW) == [1]
        assert jobs.get(tx, 1).status is JobStatus.ACTIVE

        jobs.settle(tx, 1, job.fence, JobStatus.CANCELLED, now=NOW, wish=Wanted.REMOVE)
        assert jobs.counts(tx).total == 0
        assert jobs.give_back(tx, [1], NOW + 9) == [1]

        found = jobs.get(tx, 1)
    assert (found.status, found.wanted, found.attempts, found.finished_at) == ("pending", "run", 0, None)
    assert database.check() == []


def test_one_that_was_ready_before_it_was_stopped_comes_back_completed(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        jobs.request(tx, [1], Wanted.REMOVE, NOW)
        jobs.settle(tx, 1, job.fence, JobStatus.COMPLETED, now=NOW)
        jobs.give_back(tx, [1], NOW)

        assert jobs.get(tx, 1).status is JobStatus.COMPLETED


def test_taken_back_before_the_daemon_saw_it_nothing_happens(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        claim(tx)
        jobs.request(tx, [1], Wanted.REMOVE, NOW)

        assert jobs.give_back(tx, [1], NOW) == [1]
        assert jobs.wanted_changes(tx) == []
        assert jobs.get(tx, 1).status is JobStatus.ACTIVE


@pytest.mark.parametrize("wish", [Wanted.REMOVE, Wanted.CANCEL, Wanted.PAUSE])
def test_taken_back_while_its_run_ends_the_job_goes_on(database: Database, wish: Wanted) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        before = jobs.standing(tx, [1])
        jobs.request(tx, [1], wish, NOW)
        if wish is Wanted.REMOVE:
            jobs.give_back(tx, [1], NOW)
        else:
            assert jobs.stand_again(tx, before, wish, NOW) == [1]

        jobs.settle(tx, 1, job.fence, JobStatus.CANCELLED, now=NOW, wish=wish)

        found = jobs.get(tx, 1)
    assert (found.status, found.attempts) == (JobStatus.PENDING, 0)


def test_one_of_a_dead_daemon_can_come_back_too(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        claim(tx)
        jobs.request(tx, [1], Wanted.REMOVE, NOW)
        jobs.recover(tx, worker="another", boot="boot-1", now=NOW)

        assert jobs.counts(tx).total == 0
        assert jobs.give_back(tx, [1], NOW) == [1]
        assert jobs.get(tx, 1).status is JobStatus.PENDING


def test_a_job_that_comes_back_has_not_ended_once_more(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        jobs.settle(tx, 1, job.fence, JobStatus.COMPLETED, now=NOW)
        counted = tx.execute("SELECT * FROM outcome_quarters").fetchall()
        for _ in range(3):
            jobs.request(tx, [1], Wanted.REMOVE, NOW)
            jobs.give_back(tx, [1], NOW)

        assert tx.execute("SELECT * FROM outcome_quarters").fetchall() == counted
