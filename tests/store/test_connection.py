"""Driver failures reach people in the program's own words; the program's mistakes stay what they are."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mediadl.errors import DatabaseUnusable, DiskFull, FolderNotWritable
from mediadl.paths import Home
from mediadl.store import jobs
from mediadl.store.connection import connect, connect_for_looking
from mediadl.store.database import Database
from store.making import add, plain


def test_a_full_disk_is_told_and_nothing_is_half_written(database: Database) -> None:
    pages = database.read().execute("PRAGMA page_count").fetchone()[0]
    database.read().execute(f"PRAGMA max_page_count={pages + 5}")

    with pytest.raises(DiskFull) as caught, database.write() as tx:
        add(tx, 5000)

    assert caught.value.exit_code == 6
    assert jobs.counts(database.read()).total == 0
    database.read().execute("PRAGMA max_page_count=1000000")
    with database.write() as tx:
        assert add(tx, 1) == [1]


def test_a_database_that_cannot_be_written_is_told(database: Database) -> None:
    database.read().execute("PRAGMA query_only=ON")

    with pytest.raises(FolderNotWritable) as caught, database.write() as tx:
        add(tx)

    assert caught.value.exit_code == 6
    assert caught.value.next_step


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        connect(tmp_path / "none.db")


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("text " * 1000)

    connection = connect_for_looking(tmp_path / "text.db")
    with pytest.raises(DatabaseUnusable, match="not a database"):
        connection.execute("SELECT * FROM sqlite_master").fetchall()
    connection.close()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT nothing FROM nowhere", sqlite3.OperationalError),
        ("INSERT INTO workers VALUES (1)", sqlite3.OperationalError),
        ("INSERT INTO download_queue(url, status) VALUES ('u', 'odd')", sqlite3.IntegrityError),
        ("INSERT INTO items(job_id, n, site, media_id) VALUES (9, 1, 's', 'm')", sqlite3.IntegrityError),
    ],
)
def test_mistakes_of_the_program_are_not_dressed_up(
    database: Database, statement: str, error: type[Exception]
) -> None:
    with pytest.raises(error), database.write() as tx:
        tx.execute(statement)


def test_looking_leaves_no_files_behind(home: Home) -> None:
    Database.open(home).close()
    before = sorted(path.name for path in home.root.iterdir())

    connection = connect_for_looking(home.database)
    assert connection.execute("PRAGMA journal_mode").fetchone()[0]
    assert connection.execute("SELECT COUNT(*) FROM download_queue").fetchone() == (0,)

    assert sorted(path.name for path in home.root.iterdir()) == before
    connection.close()


def test_looking_sees_what_is_only_in_the_log(database: Database, home: Home) -> None:
    with database.write() as tx:
        add(tx, 3)

    connection = connect_for_looking(home.database)

    assert connection.execute("SELECT COUNT(*) FROM download_queue").fetchone() == (3,)
    connection.close()


def test_names_with_signs_of_addresses_are_names(tmp_path: Path) -> None:
    home = Home(tmp_path / "a%20b?c#d ü").create()

    Database.open(home).close()

    connection = plain(home)
    assert connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
