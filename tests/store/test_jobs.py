"""What people ask of jobs: add, pause, resume, cancel, remove, retry, order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import NotFound
from mediadl.events import EventKind
from mediadl.models import Identity, Item, ItemState, JobQuery, JobStatus, Lane, Move, Priority, Wanted
from mediadl.store import items, jobs, journal
from mediadl.store.database import Database
from store.making import NOW, WORKER, add, claim, request, scratch


def _status(database: Database, job_id: int) -> JobStatus:
    return jobs.get(database.read(), job_id).status


def _order(database: Database) -> list[int]:
    return jobs.ids(database.read(), JobQuery())


def test_added_jobs_keep_everything_that_was_asked(database: Database) -> None:
    asked = request(
        platform="tiktok", site="tiktok", lane=Lane.TRANSFER, content_type="videos", title="Ein Titel",
        priority=Priority.HIGH, options={"quality": "best", "name": "ü"}, trusted=False,
    )  # fmt: skip

    with database.write() as tx:
        (job_id,) = jobs.add(tx, [asked], max_attempts=7, now=NOW)
    job = jobs.get(database.read(), job_id)

    for name in (
        "url",
        "platform",
        "site",
        "lane",
        "content_type",
        "title",
        "priority",
        "options",
        "trusted",
    ):
        assert getattr(job, name) == getattr(asked, name)
    assert (job.status, job.wanted, job.max_attempts, job.created_at) == (
        JobStatus.PENDING,
        Wanted.RUN,
        7,
        NOW,
    )


def test_adding_writes_one_fact_per_job_without_the_url(database: Database) -> None:
    with database.write() as tx:
        ids = jobs.add(tx, [request(url="https://u:secret@host/?token=secret")] * 3, max_attempts=1, now=NOW)

    told = journal.since(database.read(), 0)
    assert [(e.kind, e.job_id, e.at) for e in told] == [(EventKind.JOB_ADDED, i, NOW) for i in ids]
    assert "secret" not in str(told)


def test_a_job_for_later_is_scheduled_and_one_for_earlier_is_ready(database: Database) -> None:
    with database.write() as tx:
        (later,) = add(tx, not_before=NOW + 1)
        (earlier,) = add(tx, not_before=NOW - 1)

    assert _status(database, later) is JobStatus.SCHEDULED
    assert jobs.get(database.read(), later).not_before == NOW + 1
    assert _status(database, earlier) is JobStatus.PENDING


def test_ids_of_removed_jobs_are_not_used_again(database: Database) -> None:
    with database.write() as tx:
        ids = add(tx, 3)
        jobs.request(tx, ids, Wanted.REMOVE, NOW)

        assert add(tx) == [4]


def test_an_unknown_job_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        jobs.get(database.read(), 1)


def test_get_many_keeps_the_order_and_leaves_out_the_unknown(database: Database) -> None:
    with database.write() as tx:
        add(tx, 1200)

    found = jobs.get_many(database.read(), [*range(1200, 0, -1), 5000])

    assert [job.id for job in found] == list(range(1200, 0, -1))


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("pending", Wanted.PAUSE, "paused"),
        ("waiting", Wanted.PAUSE, "paused"),
        ("scheduled", Wanted.PAUSE, "paused"),
        ("paused", Wanted.RUN, "pending"),
        ("waiting", Wanted.RUN, "pending"),
        ("scheduled", Wanted.RUN, "pending"),
        ("pending", Wanted.CANCEL, "cancelled"),
        ("paused", Wanted.CANCEL, "cancelled"),
        ("waiting", Wanted.CANCEL, "cancelled"),
        ("scheduled", Wanted.CANCEL, "cancelled"),
    ],
)
def test_a_job_nobody_works_on_obeys_at_once(
    database: Database, before: str, wanted: Wanted, after: str
) -> None:
    with database.write() as tx:
        (job_id,) = add(tx)
        due = NOW + 5 if before in {"waiting", "scheduled"} else None
        tx.execute("UPDATE download_queue SET status = ?, not_before = ?", (before, due))

        assert jobs.request(tx, [job_id, 99], wanted, NOW) == [job_id]

    job = jobs.get(database.read(), job_id)
    kept = due if (before, after) == ("scheduled", "paused") else None
    assert job.status == after
    assert (job.not_before, job.reason, job.wanted) == (kept, "", Wanted.RUN)
    assert (job.finished_at == NOW) == (after == "cancelled")


@pytest.mark.parametrize("wanted", [Wanted.PAUSE, Wanted.RUN, Wanted.CANCEL])
@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_ended_jobs_only_go_when_removed(database: Database, status: str, wanted: Wanted) -> None:
    with database.write() as tx:
        (job_id,) = add(tx)
        tx.execute("UPDATE download_queue SET status = ?", (status,))

        assert jobs.request(tx, [job_id], wanted, NOW) == []
        assert jobs.request(tx, [job_id], Wanted.REMOVE, NOW) == [job_id]

    assert jobs.counts(database.read()).total == 0


@pytest.mark.parametrize("wanted", [Wanted.PAUSE, Wanted.CANCEL, Wanted.REMOVE])
def test_an_active_job_only_gets_the_wish_noted(database: Database, wanted: Wanted) -> None:
    with database.write() as tx:
        (job_id,) = add(tx)
        claim(tx)

        assert jobs.request(tx, [job_id], wanted, NOW) == [job_id]
        assert jobs.request(tx, [job_id], wanted, NOW) == []

    assert _status(database, job_id) is JobStatus.ACTIVE
    assert jobs.wanted_changes(database.read()) == [(job_id, wanted)]


def test_a_wish_can_be_taken_back(database: Database) -> None:
    with database.write() as tx:
        (job_id,) = add(tx)
        claim(tx)
        jobs.request(tx, [job_id], Wanted.PAUSE, NOW)

        assert jobs.request(tx, [job_id], Wanted.RUN, NOW) == [job_id]
        assert jobs.wanted_changes(tx) == []


def test_a_held_job_with_a_time_waits_for_it_again(database: Database) -> None:
    with database.write() as tx:
        (job_id,) = add(tx, not_before=NOW + 5)
        jobs.request(tx, [job_id], Wanted.PAUSE, NOW)

        assert jobs.request(tx, [job_id], Wanted.RUN, NOW) == [job_id]
        assert jobs.get(tx, job_id).status is JobStatus.SCHEDULED
        jobs.request(tx, [job_id], Wanted.PAUSE, NOW)
        jobs.request(tx, [job_id], Wanted.RUN, NOW + 6)

        assert jobs.get(tx, job_id).status is JobStatus.PENDING


def test_removing_takes_the_items_in_the_end_and_tells_it_at_once(database: Database) -> None:
    with database.write() as tx:
        (job_id,) = add(tx)
        items.put(tx, job_id, [Item(job_id, 1, Identity("s", "1"), ItemState.FOUND, "", None, "", "", None)])

        jobs.request(tx, [job_id], Wanted.REMOVE, NOW, purge_at=NOW)
        jobs.forget(tx, [job_id], NOW)

        assert items.list(tx, job_id) == []
    assert journal.since(database.read(), 0)[-1].kind is EventKind.JOB_REMOVED


@pytest.mark.parametrize("ended", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_retry_starts_over_in_the_first_lane(database: Database, ended: JobStatus) -> None:
    with database.write() as tx:
        (job_id,) = add(tx, lane=Lane.TRANSFER)
        (job,) = claim(tx, lane=Lane.TRANSFER)
        jobs.settle(
            tx,
            job_id,
            job.fence,
            ended,
            now=NOW,
            reason="network",
            lane=Lane.RUNNER,
            tried="a: b",
            backend="x",
        )

        assert jobs.retry(tx, [job_id], NOW) == [job_id]

    again = jobs.get(database.read(), job_id)
    assert (again.status, again.attempts, again.reason, again.tried) == (JobStatus.PENDING, 0, "", "")
    assert (again.lane, again.finished_at, again.progress) == (Lane.TRANSFER, None, 0)
    assert again.fence == job.fence


def test_retry_leaves_jobs_that_have_not_ended(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)
        claim(tx)

        assert jobs.retry(tx, [1, 2], NOW) == []


def test_higher_priority_starts_first_then_the_order_of_adding(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2, priority=Priority.LOW)
        add(tx, 2)
        add(tx, 2, priority=Priority.HIGH)

        assert [job.id for job in claim(tx, 6)] == [5, 6, 3, 4, 1, 2]


def test_changed_priority_counts(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3)

        assert jobs.set_priority(tx, [3, 2], Priority.HIGH) == [2, 3]
        assert jobs.set_priority(tx, [3], Priority.HIGH) == []
        assert [job.id for job in claim(tx, 3)] == [2, 3, 1]


@pytest.mark.parametrize(
    ("job_id", "move", "order"),
    [
        (3, Move.TOP, [3, 1, 2, 4]),
        (3, Move.UP, [1, 3, 2, 4]),
        (2, Move.DOWN, [1, 3, 2, 4]),
        (2, Move.BOTTOM, [1, 3, 4, 2]),
        (1, Move.UP, None),
        (1, Move.TOP, None),
        (4, Move.DOWN, None),
        (4, Move.BOTTOM, None),
    ],
)
def test_moves_change_the_order(database: Database, job_id: int, move: Move, order: list[int] | None) -> None:
    with database.write() as tx:
        add(tx, 4)

        assert jobs.move(tx, job_id, move) == (order is not None)

    assert _order(database) == (order or [1, 2, 3, 4])


def test_jobs_added_later_come_after_one_moved_to_the_bottom(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3)
        for _ in range(50):
            jobs.move(tx, 1, Move.BOTTOM)
            jobs.move(tx, 2, Move.BOTTOM)
        add(tx, 1)

    assert _order(database) == [3, 1, 2, 4]


def test_active_and_ended_jobs_do_not_move(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3)
        claim(tx)

        assert not jobs.move(tx, 1, Move.BOTTOM)
        with pytest.raises(NotFound):
            jobs.move(tx, 99, Move.TOP)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(list(Move))), max_size=30))
def test_moves_do_what_they_do_in_a_list(moves: list[tuple[int, Move]]) -> None:
    connection = scratch()
    jobs.add(connection, [request(n) for n in range(6)], max_attempts=1, now=NOW)
    model = [1, 2, 3, 4, 5, 6]

    for job_id, move in moves:
        jobs.move(connection, job_id, move, NOW)
        at = model.index(job_id)
        model.remove(job_id)
        to = {Move.TOP: 0, Move.BOTTOM: 5, Move.UP: max(0, at - 1), Move.DOWN: min(5, at + 1)}[move]
        model.insert(to, job_id)

        assert jobs.ids(connection, JobQuery()) == model
    connection.close()


def test_equal_positions_of_older_databases_can_be_parted(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3)
        tx.execute("UPDATE download_queue SET position = 1.0")

        assert jobs.move(tx, 3, Move.UP)
        assert jobs.ids(tx, JobQuery()).index(3) < 2


def test_clear_takes_the_ended_and_never_the_active(database: Database) -> None:
    with database.write() as tx:
        add(tx, 4)
        first, second = claim(tx, 2)
        jobs.settle(tx, first.id, first.fence, JobStatus.COMPLETED, now=NOW)

        assert jobs.clear(tx, set(JobStatus) - {JobStatus.PENDING}) == [first.id]
        assert jobs.clear(tx, []) == []
        assert jobs.ids(tx, JobQuery()) == [second.id, 3, 4]


def test_a_title_is_found_by_search(database: Database) -> None:
    with database.write() as tx:
        (job_id,) = add(tx)

        assert jobs.set_title(tx, job_id, "Schöne Grüße")
        assert not jobs.set_title(tx, 99, "x")
        assert jobs.ids(tx, JobQuery(search="SCHÖNE")) == [job_id]


def test_counts_know_the_active_ones_speed(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3)
        for job in claim(tx, 2):
            jobs.progress(tx, [jobs.ProgressRow(job.id, job.fence, 10, 100, 1000, 50.0)])

    counts = jobs.counts(database.read())
    assert (counts.by_status[JobStatus.ACTIVE], counts.by_status[JobStatus.PENDING], counts.total) == (
        2,
        1,
        3,
    )
    assert (counts.speed_bytes_per_s, counts.bytes_done, counts.bytes_total) == (100.0, 200, 2000)
    assert set(counts.by_status) == set(JobStatus)
    assert jobs.get(database.read(), 1).assigned_worker == WORKER
