"""What `mediadl db check` finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediadl.store import downloads, health
from mediadl.store.database import Database
from store.making import add, download


def test_a_healthy_database_has_no_problems(database: Database) -> None:
    with database.write() as tx:
        add(tx, 5)
        downloads.add(tx, download())

    assert database.check() == []


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE queue_counts SET n = n + 1", "pending/direct"),
        ("UPDATE download_counts SET files = 9", "image/direct"),
        ("DELETE FROM downloads_fts_docsize", "search index"),
        ("DROP INDEX queue_rank", ""),
    ],
)
def test_what_does_not_add_up_is_named(database: Database, statement: str, word: str) -> None:
    with database.write() as tx:
        add(tx)
        downloads.add(tx, download())
        tx.execute(statement)

    assert word in "".join(database.check())


def test_rows_without_their_job_are_named(database: Database) -> None:
    database.read().execute("PRAGMA foreign_keys=OFF")
    with database.write() as tx:
        tx.execute("INSERT INTO items(job_id, n, site, media_id, state) VALUES (9, 1, 's', 'm', 'found')")

    assert any("items" in problem for problem in database.check())


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_versions_with_the_checkpoint_bug_are_known(version: tuple[int, ...], fixed: bool) -> None:
    assert health.is_fixed(version) == fixed


def test_facts_name_sizes(database: Database, home: object, tmp_path: Path) -> None:
    info = database.info()

    assert info["size_bytes"] > 4096
    assert info["wal_bytes"] >= 0
    assert info["rows"]["downloads"] == 0
