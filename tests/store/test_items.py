"""Items of a job: one row per identity, whatever number a listing gives it."""

from __future__ import annotations

from mediadl.models import Identity, Item, ItemState, JobRequest
from mediadl.store import items, jobs
from mediadl.store.database import Database


def item(job_id: int, n: int, media_id: str, state: ItemState, size: int | None = None) -> Item:
    return Item(job_id, n, Identity("site", media_id), state, media_id, size, "", "", None)


def test_a_later_listing_with_other_numbers_keeps_what_is_stored(database: Database) -> None:
    with database.write() as tx:
        (job_id,) = jobs.add(tx, [JobRequest("https://x.example/", "generic", "x.example")], max_attempts=3, now=1.0)
        items.put(tx, job_id, [item(job_id, 1, "a", ItemState.STORED, 7), item(job_id, 2, "b", ItemState.FAILED)])

        items.put(tx, job_id, [item(job_id, 1, "new", ItemState.ACTIVE), item(job_id, 3, "b", ItemState.STORED, 5)])

        rows = items.list(tx, job_id)
        assert {row.identity.id: row.state for row in rows} == {
            "a": ItemState.STORED,
            "new": ItemState.ACTIVE,
            "b": ItemState.STORED,
        }
        assert items.stored(tx, job_id) == {Identity("site", "a"): 7, Identity("site", "b"): 5}
        assert items.counts(tx, job_id)[ItemState.STORED] == 2


def test_items_of_a_job_that_is_gone_are_dropped(database: Database) -> None:
    with database.write() as tx:
        items.put(tx, 99, [item(99, 1, "a", ItemState.STORED)])

        assert items.list(tx, 99) == []
