"""Making, migrating, upgrading: one process does it; a kill at any moment leaves the old state or the new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediadl.errors import DatabaseUnusable, DiskFull
from mediadl.models import JobStatus
from mediadl.paths import Home
from mediadl.store import jobs, migrations, opening
from mediadl.store.database import Database
from store.making import add, contents, finish, plain, python

_OPEN = """
import sys
from pathlib import Path
from mediadl.paths import Home
from mediadl.store.database import Database
print("ready", flush=True)
sys.stdin.readline()
with Database.open(Home(Path(sys.argv[1]))) as database:
    print(database.read().execute("SELECT COUNT(*) FROM download_queue").fetchone()[0])
"""

_OPEN_AND_DIE = """
import os, sys
from pathlib import Path
from mediadl.paths import Home
from mediadl.store import copies, opening
from mediadl.store.database import Database
left = [int(sys.argv[2])]
real = opening.connect
def tick(*_):
    left[0] -= 1
    if left[0] <= 0:
        os.kill(os.getpid(), 9)
def connect(path, **options):
    connection = real(path, **options)
    connection.set_progress_handler(tick, 40)
    connection.set_trace_callback(tick)
    return connection
opening.connect = connect
Database.open(Home(Path(sys.argv[1]))).close()
"""


@pytest.fixture
def older_tool(home: Home) -> Home:
    """A database an older tool made, with a full queue."""
    connection = plain(home)
    connection.execute(
        "CREATE TABLE download_queue(id INTEGER PRIMARY KEY, url TEXT, status TEXT, priority TEXT, colour TEXT)"
    )
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO download_queue(url, status, priority, colour) VALUES (?, 'downloading', 'high', 'red')",
        [(f"https://host/{n}",) for n in range(300)],
    )
    connection.execute("COMMIT")
    connection.close()
    return home


@pytest.fixture
def older_schema(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A database of ours that lacks a migration this program has."""
    with Database.open(home) as database, database.write() as tx:
        add(tx, 3)
    _add_step(monkeypatch)
    return home


def _add_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE download_queue ADD COLUMN mood TEXT")
        connection.execute("UPDATE download_queue SET mood = 'good'")

    steps = (*migrations.STEPS, step)
    monkeypatch.setattr(migrations, "STEPS", steps)
    monkeypatch.setattr(migrations, "VERSION", len(steps))
    monkeypatch.setattr("mediadl.store.inspection.VERSION", len(steps))


@pytest.mark.parametrize("kind", ["new", "older tool"])
def test_of_four_processes_one_makes_the_database_and_all_go_on(
    home: Home, kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "older tool":
        request.getfixturevalue("older_tool")
    children = [python(_OPEN, home.root) for _ in range(4)]
    for child in children:
        assert child.stdout
        child.stdout.readline()
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()

    ended = finish(children)

    assert [(status, error) for status, _, error in ended] == [(0, "")] * 4
    assert {out for _, out, _ in ended} == {"300\n" if kind == "older tool" else "0\n"}
    assert len(list(home.root.glob("*.before-*"))) == (kind == "older tool")


def test_a_migration_keeps_a_copy_and_every_row(older_schema: Home) -> None:
    before = older_schema.database.read_bytes()

    with Database.open(older_schema) as database:
        rows = database.read().execute("SELECT id, mood FROM download_queue").fetchall()

    (copy,) = older_schema.root.glob("media_downloader.db.before-*")
    assert rows == [(1, "good"), (2, "good"), (3, "good")]
    assert len(copy.read_bytes()) == len(before)
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_migration_that_fails_changes_nothing(older_schema: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE items")
        raise RuntimeError("a mistake in the step")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS[:-1], fail))

    with pytest.raises(RuntimeError):
        Database.open(older_schema)

    connection = plain(older_schema)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(migrations.STEPS) - 1,)
    assert connection.execute("SELECT COUNT(*) FROM items").fetchone() == (0,)
    connection.close()


def _deaths(home: Home, moments: Iterator[int]) -> Iterator[int]:
    """Open in processes that die after so many steps each; the statuses they ended with."""
    for moment in moments:
        ((status, _, error),) = finish([python(_OPEN_AND_DIE, home.root, moment)])
        assert status in {0, -9}, error
        yield status


@pytest.mark.kill
def test_killed_while_a_database_is_made_leaves_none_or_a_whole_one(home: Home) -> None:
    for status in _deaths(home, iter((1, 5, 12, 30, 60, 90, 10_000_000))):
        if status == 0:
            break
        assert not home.database.exists() or home.database.stat().st_size > 4096

    with Database.open(home) as database:
        assert database.check() == []


@pytest.mark.kill
def test_killed_while_upgrading_leaves_the_old_rows_or_the_new_ones(older_tool: Home) -> None:
    moments = [2, 4, 6, 8, 12, 20, 60, 120, 200, 400, 700, 1000, 1500, 2500, 10_000_000]
    for status in _deaths(older_tool, iter(moments)):
        connection = plain(older_tool)
        columns = {row[1] for row in connection.execute("PRAGMA table_info(download_queue)").fetchall()}
        count = connection.execute("SELECT COUNT(*) FROM download_queue").fetchone()[0]
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        connection.close()

        assert (count, whole) == (300, "ok")
        assert "colour" in columns
        assert ("fence" in columns) == (status == 0)
        if status == 0:
            break

    with Database.open(older_tool) as database:
        assert jobs.counts(database.read()).by_status[JobStatus.PENDING] == 300
        assert database.check() == []
    assert len(list(older_tool.root.glob("*.before-*"))) == 1
    assert {"media_downloader.db"} == {name for name in contents(older_tool.root) if "before" not in name}


def test_no_space_for_the_database_is_told(home: Home) -> None:
    assert isinstance(opening.unusable_folder(home, OSError(28, "No space left on device")), DiskFull)


def test_a_copy_that_cannot_be_finished_leaves_nothing(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_fd: int) -> None:
        raise OSError(5, "Input/output error")

    with Database.open(home) as database:
        monkeypatch.setattr("mediadl.store.copies.os.fsync", fail)

        with pytest.raises(OSError, match="Input"):
            database.backup(tmp_path / "copy.db")

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_an_older_database_that_is_in_use_is_told_of(
    older_tool: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mediadl.store.connection.BUSY_TIMEOUT_S", 0.05)
    user = plain(older_tool)
    user.execute("BEGIN EXCLUSIVE")

    with pytest.raises(DatabaseUnusable, match="locked"):
        Database.open(older_tool)

    user.close()
    Database.open(older_tool).close()
