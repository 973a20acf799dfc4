"""Moves can be taken back, and many jobs are looked up at once."""

from __future__ import annotations

import pytest

from mediadl.errors import NotFound
from mediadl.models import JobQuery, Move, Priority
from mediadl.store import jobs
from mediadl.store.database import Database
from store.making import NOW, add


@pytest.mark.parametrize("move", list(Move))
def test_a_move_that_is_told_can_be_taken_back(database: Database, move: Move) -> None:
    with database.write() as tx:
        add(tx, 5)
        told = jobs.move_telling(tx, 3, move, NOW)
        moved = jobs.ids(tx, JobQuery())
        back = jobs.place(tx, [(job_id, after, before) for job_id, before, after in reversed(told)], NOW)

        assert moved != [1, 2, 3, 4, 5] == jobs.ids(tx, JobQuery())
        assert 3 in back


def test_a_job_that_moved_meanwhile_is_left(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3)
        ((job_id, before, after),) = jobs.move_telling(tx, 3, Move.TOP, NOW)
        jobs.move(tx, 3, Move.BOTTOM, NOW)

        assert jobs.place(tx, [(job_id, after, before)], NOW) == []
        assert jobs.ids(tx, JobQuery()) == [1, 2, 3]


def test_unknown_numbers_are_refused(database: Database) -> None:
    with database.write() as tx, pytest.raises(NotFound, match="7"):
        jobs.move(tx, 7, Move.TOP, NOW)


def test_many_are_told_apart_by_order_and_priority(database: Database) -> None:
    with database.write() as tx:
        add(tx, 4)
        jobs.set_priority(tx, [3], Priority.HIGH, NOW)

        assert jobs.by_position(tx, [1, 2, 3, 9]) == [3, 1, 2]
        assert jobs.by_priority(tx, [1, 3, 9]) == {Priority.NORMAL: [1], Priority.HIGH: [3]}
        assert jobs.missing(tx, [1, 9, 8]) == [8, 9]
