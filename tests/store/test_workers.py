"""Processes that take part."""

from __future__ import annotations

from mediadl.models import WorkerInfo
from mediadl.store import workers
from mediadl.store.database import Database


def test_a_heartbeat_is_the_latest_one(database: Database) -> None:
    with database.write(durable=False) as tx:
        workers.beat(tx, WorkerInfo("daemon", "daemon", 1, 1.0, 2.0, ""))
        workers.beat(tx, WorkerInfo("screen-2", "screen", 2, 1.0, 2.0, "queue"))
        workers.beat(tx, WorkerInfo("daemon", "daemon", 1, 1.0, 9.0, "busy"))

    assert workers.list(database.read()) == [
        WorkerInfo("daemon", "daemon", 1, 1.0, 9.0, "busy"),
        WorkerInfo("screen-2", "screen", 2, 1.0, 2.0, "queue"),
    ]


def test_those_that_fell_silent_are_forgotten(database: Database) -> None:
    with database.write() as tx:
        for name, at in (("a", 1.0), ("b", 5.0), ("c", 9.0)):
            workers.beat(tx, WorkerInfo(name, "screen", 1, 1.0, at, ""))

        assert workers.forget_silent(tx, 5.0) == 1
        assert workers.remove(tx, "b")
        assert not workers.remove(tx, "b")
        assert [w.name for w in workers.list(tx)] == ["c"]
