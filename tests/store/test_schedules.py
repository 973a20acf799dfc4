"""Schedules are kept as they were told, found by their next start, and every change is heard of."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest

from mediadl.errors import InvalidInput, NotFound
from mediadl.events import EventKind
from mediadl.models.schedules import Schedule
from mediadl.store import journal, schedules, sources
from mediadl.timing.rules import Due
from store.making import NOW, scratch


def make(
    tx: sqlite3.Connection,
    name: str = "cats",
    *,
    due: Due | None = None,
    spec: dict[str, Any] | None = None,
    source_ids: Sequence[int] = (),
    enabled: bool = True,
    owner_id: int | None = None,
) -> int:
    told = {"name": name, "every_s": 3600} | (spec or {})
    return schedules.add(tx, name, told, source_ids, enabled, owner_id, due, NOW)


def change(tx: sqlite3.Connection, schedule_id: int, **fields: Any) -> None:
    told: dict[str, Any] = {
        "name": "cats", "spec": {"every_s": 60}, "source_ids": [], "enabled": True, "due": None, "now": NOW + 1
    } | fields  # fmt: skip
    schedules.change(tx, schedule_id, **told)


def source(tx: sqlite3.Connection, name: str) -> int:
    return sources.ensure(tx, f"https://site/{name}", "instagram", "posts", "instagram", name, NOW)


def told(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    return [
        event.payload for event in journal.since(connection, 0) if event.kind is EventKind.SCHEDULE_CHANGED
    ]


def test_a_schedule_comes_back_as_it_was_told() -> None:
    tx = scratch()

    schedule_id = make(tx, due=Due(NOW + 60, NOW + 90), spec={"filters": {"keywords": ["ü"]}}, owner_id=3)

    assert schedules.get(tx, schedule_id) == Schedule(
        schedule_id, "cats", True, {"name": "cats", "every_s": 3600, "filters": {"keywords": ["ü"]}}, 3, None,
        NOW + 60, NOW + 90, "", NOW, NOW,
    )  # fmt: skip
    assert schedules.by_name(tx, "cats") == schedules.get(tx, schedule_id)


def test_each_name_is_used_once() -> None:
    tx = scratch()
    make(tx, "cats")
    dogs = make(tx, "dogs")

    with pytest.raises(InvalidInput, match="'cats' already"):
        make(tx, "cats")
    with pytest.raises(InvalidInput, match="'cats' already"):
        change(tx, dogs, name="cats")
    change(tx, dogs, name="dogs")


def test_what_is_not_there_is_not_found() -> None:
    tx = scratch()

    with pytest.raises(NotFound):
        schedules.get(tx, 7)
    with pytest.raises(NotFound):
        change(tx, 7)
    assert schedules.by_name(tx, "cats") is None
    assert not schedules.set_enabled(tx, 7, True, None, NOW)
    assert schedules.remove(tx, [7], NOW) == []


def test_the_one_that_waits_longest_is_due_first() -> None:
    tx = scratch()
    later = make(tx, "a", due=Due(NOW - 20, NOW - 5))
    first = make(tx, "b", due=Due(NOW - 10, NOW - 10))
    make(tx, "c", due=Due(NOW - 30, NOW + 1))
    make(tx, "d", due=Due(NOW - 30, NOW - 30), enabled=False)
    make(tx, "e")

    assert [one.id for one in schedules.due(tx, NOW, 9)] == [first, later]
    assert [one.id for one in schedules.due(tx, NOW, 1)] == [first]
    assert schedules.next_start(tx) == NOW - 10


def test_nothing_starts_without_an_enabled_schedule() -> None:
    tx = scratch()
    one = make(tx, due=Due(NOW, NOW))

    assert schedules.set_enabled(tx, one, False, None, NOW)

    assert schedules.next_start(tx) is None
    assert not schedules.set_enabled(tx, one, False, None, NOW)
    assert schedules.set_enabled(tx, one, True, Due(NOW + 9, NOW + 9), NOW)
    assert schedules.next_start(tx) == NOW + 9


def test_the_next_start_is_found_by_its_index() -> None:
    tx = scratch()

    due = "FROM schedules INDEXED BY schedules_due WHERE enabled AND next_start_at IS NOT NULL"
    plans = [
        tx.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()[0][3]
        for sql in (
            f"SELECT min(next_start_at) {due}",
            f"SELECT id {due} AND next_start_at <= 5 ORDER BY next_start_at LIMIT 20",
        )
    ]

    assert all("schedules_due" in plan for plan in plans), plans
    assert "SEARCH" in plans[0], plans


def test_sources_keep_the_order_they_were_told_in() -> None:
    tx = scratch()
    ids = [source(tx, name) for name in ("b", "a", "c")]
    one = make(tx, source_ids=[ids[2], ids[0], ids[2]])

    assert schedules.source_ids(tx, one) == [ids[2], ids[0]]
    change(tx, one, source_ids=[ids[1], ids[2]])
    assert [found.name for found in schedules.sources_of(tx, one)] == ["a", "c"]
    assert [found.id for found in schedules.with_source(tx, ids[1])] == [one]
    assert schedules.with_source(tx, ids[0]) == []


def test_users_see_their_own() -> None:
    tx = scratch()
    mine = make(tx, "b", owner_id=3)
    make(tx, "a", owner_id=4)
    make(tx, "C")

    assert [one.name for one in schedules.list(tx)] == ["a", "b", "C"]
    assert [one.id for one in schedules.list(tx, owner_id=3)] == [mine]
    assert (schedules.count(tx), schedules.count(tx, owner_id=3)) == (3, 1)
    assert [one.name for one in schedules.list(tx, limit=1, offset=1)] == ["b"]


def test_the_next_run_is_noted_with_what_was_dealt_with() -> None:
    tx = scratch()
    one = make(tx, due=Due(NOW, NOW))

    schedules.set_next(tx, one, Due(NOW + 60, NOW + 61), NOW, last_due_at=NOW)
    schedules.set_next(tx, one, None, NOW, note="cannot be read")

    found = schedules.get(tx, one)
    assert (found.last_due_at, found.next_due_at, found.next_start_at) == (NOW, None, None)
    assert found.note == "cannot be read"
    assert schedules.ahead_of(tx, NOW - 1) == [one]
    assert schedules.ahead_of(tx, NOW) == []


def test_a_change_takes_the_note_away() -> None:
    tx = scratch()
    one = make(tx)

    assert schedules.set_note(tx, one, "no source left", NOW)
    assert not schedules.set_note(tx, one, "no source left", NOW)
    change(tx, one, due=Due(NOW + 5, NOW + 6))

    found = schedules.get(tx, one)
    assert (found.note, found.spec, found.next_start_at, found.changed_at) == (
        "", {"every_s": 60}, NOW + 6, NOW + 1,
    )  # fmt: skip


def test_every_change_is_in_the_journal() -> None:
    tx = scratch()
    one = make(tx)
    schedules.set_enabled(tx, one, False, None, NOW)
    change(tx, one)
    schedules.remove(tx, [one], NOW)

    assert told(tx) == [
        {"schedule": one, "what": word} for word in ("added", "changed", "changed", "removed")
    ]


def test_removed_schedules_leave_nothing_behind() -> None:
    tx = scratch()
    one = make(tx, source_ids=[source(tx, "a")])
    two = make(tx, "dogs")

    assert schedules.remove(tx, [one, 99], NOW) == [one]

    assert [found.id for found in schedules.get_many(tx, [two, one])] == [two]
    assert tx.execute("SELECT COUNT(*) FROM schedule_sources").fetchone()[0] == 0
