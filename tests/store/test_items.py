"""Items of a job: one row per identity, whatever number a listing gives it; gone with their job."""

from __future__ import annotations

from typing import Any

from mediadl.models import Identity, Item, ItemState
from mediadl.store import items
from mediadl.store.database import Database
from store.making import add


def _item(n: int, state: ItemState = ItemState.FOUND, **fields: Any) -> Item:
    made: dict[str, Any] = {
        "title": f"Item {n}",
        "size_bytes": n,
        "reason": "",
        "message": "",
        "download_id": None,
    }
    return Item(1, n, Identity("site", f"id{n}", n), state, **(made | fields))


def test_items_come_back_in_order(database: Database) -> None:
    made = [_item(3), _item(1), _item(2)]
    with database.write() as tx:
        add(tx)
        items.put(tx, 1, made)

    assert items.list(database.read(), 1) == [made[1], made[2], made[0]]
    assert items.list(database.read(), 1, offset=1, limit=1) == [made[2]]


def test_an_item_is_written_over_by_its_identity(database: Database) -> None:
    stored = _item(1, ItemState.STORED, reason="r", message="m", download_id=5)
    with database.write() as tx:
        add(tx)
        items.put(tx, 1, [_item(1)])
        items.put(tx, 1, [stored])

    assert items.list(database.read(), 1) == [stored]


def test_counts_name_every_state(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        items.put(tx, 1, [_item(1), _item(2, ItemState.STORED), _item(3, ItemState.STORED)])

        assert items.counts(tx, 1) == {
            ItemState.FOUND: 1,
            ItemState.ACTIVE: 0,
            ItemState.STORED: 2,
            ItemState.SKIPPED: 0,
            ItemState.FAILED: 0,
        }
        assert items.stored(tx, 1) == {Identity("site", "id2", 2): 2, Identity("site", "id3", 3): 3}
        assert items.clear(tx, 1) == 3


def test_items_of_a_job_that_is_gone_are_dropped(database: Database) -> None:
    with database.write() as tx:
        items.put(tx, 1, [_item(1)])

        assert items.list(tx, 1) == []


def test_a_later_listing_with_other_numbers_keeps_what_is_stored(database: Database) -> None:
    def item(n: int, media_id: str, state: ItemState, size: int | None = None) -> Item:
        return Item(1, n, Identity("site", media_id), state, media_id, size, "", "", None)

    with database.write() as tx:
        add(tx)
        items.put(tx, 1, [item(1, "a", ItemState.STORED, 7), item(2, "b", ItemState.FAILED)])

        items.put(tx, 1, [item(1, "new", ItemState.ACTIVE), item(3, "b", ItemState.STORED, 5)])

        rows = items.list(tx, 1)
        assert {row.identity.id: row.state for row in rows} == {
            "a": ItemState.STORED,
            "new": ItemState.ACTIVE,
            "b": ItemState.STORED,
        }
        assert items.stored(tx, 1) == {Identity("site", "a"): 7, Identity("site", "b"): 5}
        assert items.counts(tx, 1)[ItemState.STORED] == 2
