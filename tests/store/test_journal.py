"""The journal: facts in order, read on from an id."""

from __future__ import annotations

from mediadl.events import Event, EventKind
from mediadl.store import journal
from mediadl.store.database import Database
from store.making import NOW


def test_facts_come_back_in_order_with_ids_and_time(database: Database) -> None:
    facts = [Event(EventKind.ITEM_STORED, 3, {"path": "ü"}), Event(EventKind.DAEMON)]
    with database.write() as tx:
        journal.append(tx, facts, NOW)

    assert journal.since(database.read(), 0) == [
        Event(EventKind.ITEM_STORED, 3, {"path": "ü"}, 1, NOW),
        Event(EventKind.DAEMON, None, {}, 2, NOW),
    ]
    assert journal.since(database.read(), 1, limit=1)[0].id == 2
    assert journal.since(database.read(), 2) == []


def test_pruning_keeps_the_newest_and_never_gives_an_id_twice(database: Database) -> None:
    with database.write() as tx:
        assert (journal.last_id(tx), journal.first_id(tx)) == (0, 0)
        journal.append(tx, [Event(EventKind.DAEMON)] * 10, NOW)

        assert journal.prune(tx, keep=3) == 7
        assert (journal.first_id(tx), journal.last_id(tx)) == (8, 10)
        journal.prune(tx, keep=0)
        journal.append(tx, [Event(EventKind.DAEMON)], NOW)
        assert [event.id for event in journal.since(tx, 0)] == [11]
