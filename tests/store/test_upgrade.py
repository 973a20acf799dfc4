"""A database of an older tool: rows survive, words and times become ours, what we do not know stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from mediadl.models import HistoryQuery, Identity, JobQuery, JobStatus, MediaKind, Priority
from mediadl.paths import Home
from mediadl.store import downloads, jobs, journal
from mediadl.store.database import Database
from store.making import add, claim, download, plain


def _make(home: Home, *statements: str, rows: dict[str, Sequence[Sequence[Any]]] | None = None) -> None:
    connection = plain(home)
    for statement in statements:
        connection.execute(statement)
    for table, values in (rows or {}).items():
        connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(values[0]))})", values)
    connection.close()


_QUEUE = """
CREATE TABLE download_queue(id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, platform TEXT, status TEXT,
    priority TEXT, title TEXT, error_message TEXT, retry_count INTEGER, created_at TEXT, completed_at TEXT,
    scheduled_for TEXT, progress INTEGER, metadata TEXT)
"""


def test_rows_of_an_older_queue_become_jobs(home: Home) -> None:
    _make(
        home,
        _QUEUE,
        rows={
            "download_queue": [
                (3, "https://a/1", "TikTok", "downloading", "high", "One", None, 0, "2024-05-01T10:00:00Z", None, None,
                 40, '{"a": 1}'),
                (5, "https://a/2", "tiktok", "done", "low", "Two", None, 0, "1714557600", "2024-05-02 10:00:00", None,
                 100, None),
                (9, "https://a/3", None, "Error", None, None, "no way", 2, None, None, None, 0, None),
                (12, "https://a/4", "generic", "scheduled", "normal", "", None, 0, "2024-05-01", None,
                 "2199-01-01T00:00:00", 0, None),
                (13, "https://a/5", "generic", "strange", "normal", "", None, 0, "2024-05-01", None, None, 0, None),
            ]
        },
    )  # fmt: skip

    with Database.open(home) as database:
        found = {job.id: job for job in jobs.window(database.read(), JobQuery(), 0, 10)}
        kept = database.read().execute("SELECT metadata FROM download_queue WHERE id = 3").fetchone()[0]
        assert journal.last_id(database.read()) == 0
        assert database.check() == []

    assert {job_id: job.status for job_id, job in found.items()} == {
        3: JobStatus.PENDING,
        5: JobStatus.COMPLETED,
        9: JobStatus.FAILED,
        12: JobStatus.SCHEDULED,
        13: JobStatus.PAUSED,
    }
    assert [found[i].priority for i in (3, 5, 9)] == [Priority.HIGH, Priority.LOW, Priority.NORMAL]
    assert found[3].platform == "tiktok"
    assert found[3].created_at == found[5].created_at == 1714557600.0
    assert found[5].finished_at == 1714644000.0
    assert (found[9].message, found[9].reason, found[9].platform) == ("no way", "unknown", "generic")
    assert found[3].site == "a"
    assert kept == '{"a": 1}'


def test_an_upgraded_queue_works_on(home: Home) -> None:
    _make(home, _QUEUE, "INSERT INTO download_queue(id, url, status) VALUES (41, 'https://a/1', 'pending')")

    with Database.open(home) as database, database.write() as tx:
        assert add(tx) == [42]
        assert [job.id for job in claim(tx, 5)] == [41, 42]
        assert jobs.count(tx, JobQuery()) == 2


def test_a_number_that_was_given_away_is_not_given_again(home: Home) -> None:
    _make(
        home,
        _QUEUE,
        "INSERT INTO download_queue(id, url, status) VALUES (41, 'https://a/1', 'pending')",
        "DELETE FROM download_queue",
        "INSERT INTO download_queue(id, url, status) VALUES (7, 'https://a/1', 'pending')",
    )

    with Database.open(home) as database, database.write() as tx:
        assert add(tx) == [42]


@pytest.mark.parametrize(
    ("numbers", "meaning"),
    [
        ((0, 1, 2), (Priority.LOW, Priority.NORMAL, Priority.HIGH)),
        ((1, 5, 10), (Priority.LOW, Priority.NORMAL, Priority.HIGH)),
        ((-1, 0, 3), (Priority.LOW, Priority.NORMAL, Priority.HIGH)),
        ((10, 50, 90), (Priority.LOW, Priority.NORMAL, Priority.HIGH)),
    ],
)
def test_whole_number_priorities_keep_their_order(
    home: Home, numbers: tuple[int, ...], meaning: tuple[Priority, ...]
) -> None:
    _make(
        home,
        "CREATE TABLE download_queue(id INTEGER PRIMARY KEY, url TEXT, priority INTEGER)",
        rows={"download_queue": [(n, f"https://a/{n}", value) for n, value in enumerate(numbers, 1)]},
    )

    with Database.open(home) as database:
        assert meaning == tuple(job.priority for job in jobs.get_many(database.read(), [1, 2, 3]))


def test_rows_of_an_older_history_become_downloads(home: Home) -> None:
    _make(
        home,
        "CREATE TABLE downloads(id INTEGER PRIMARY KEY, url TEXT, platform TEXT, username TEXT, title TEXT,"
        " file_path TEXT, file_size INTEGER, file_hash TEXT, media_type TEXT, download_date TEXT, post_date TEXT,"
        " shortcode TEXT, stars INTEGER)",
        rows={
            "downloads": [
                (4, "https://i/p/x", "instagram", "someone", "A  title", "/m/a.jpg", 123, "b" * 64, "photo",
                 "2024-05-01 10:00:00", "20240430", "x", 5),
                (6, "https://i/p/y", "instagram", None, None, None, None, None, None, None, None, None, None),
            ]
        },
    )  # fmt: skip

    with Database.open(home) as database:
        first = downloads.get(database.read(), 4)
        assert [d.id for d in downloads.window(database.read(), HistoryQuery(search="titl"), 0, 5)] == [4]
        assert downloads.count(database.read(), HistoryQuery()) == 2
        stars = database.read().execute("SELECT stars FROM downloads WHERE id = 4").fetchone()[0]
        assert database.check() == []
        with database.write() as tx:
            assert downloads.add(tx, download()) == 7

    assert (first.source, first.path, first.size_bytes, first.kind) == (
        "someone",
        "/m/a.jpg",
        123,
        MediaKind.IMAGE,
    )
    assert first.identity == Identity("instagram", "x", 0)
    assert (first.stored_at, first.posted_at) == (1714557600.0, 1714435200.0)
    assert stars == 5


def test_other_tables_and_their_rows_stay(home: Home) -> None:
    _make(
        home,
        _QUEUE,
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)",
        "INSERT INTO users VALUES (1, 'me')",
        "CREATE TABLE sessions(token TEXT)",
        "INSERT INTO sessions VALUES ('t')",
        "CREATE VIEW waiting AS SELECT id FROM download_queue WHERE status = 'pending'",
        "INSERT INTO download_queue(url, status) VALUES ('https://a/1', 'queued')",
    )

    with Database.open(home) as database:
        read = database.read()
        assert read.execute("SELECT id, name, role FROM users").fetchall() == [(1, "me", "user")]
        assert read.execute("SELECT * FROM old_sessions").fetchall() == [("t",)]
        assert read.execute("SELECT * FROM waiting").fetchall() == [(1,)]


def test_triggers_indexes_search_tables_and_references_of_the_older_tool_are_no_obstacle(home: Home) -> None:
    _make(
        home,
        _QUEUE,
        "CREATE INDEX queue_status ON download_queue(platform)",
        "CREATE TABLE notes(job INTEGER REFERENCES download_queue(id) ON DELETE CASCADE, text TEXT)",
        "CREATE TABLE log(text TEXT)",
        "CREATE TRIGGER told AFTER INSERT ON download_queue BEGIN INSERT INTO log VALUES (new.url); END",
        "CREATE TABLE downloads(id INTEGER PRIMARY KEY, title TEXT)",
        "CREATE VIRTUAL TABLE downloads_fts USING fts5(title, content='downloads', content_rowid='id')",
        "INSERT INTO download_queue(url, status) VALUES ('https://a/1', 'queued')",
        "INSERT INTO notes VALUES (1, 'a note')",
    )

    with Database.open(home) as database:
        read = database.read()
        assert read.execute("SELECT * FROM log").fetchall() == [("https://a/1",)]
        assert read.execute("SELECT * FROM notes").fetchall() == [(1, "a note")]
        assert jobs.count(read, JobQuery()) == 1
        assert database.check() == []


def test_text_keys_are_kept_beside_new_numbers(home: Home) -> None:
    _make(
        home,
        "CREATE TABLE download_queue(id TEXT PRIMARY KEY, url TEXT)",
        rows={"download_queue": [("b-uuid", "https://a/2"), ("a-uuid", "https://a/1")]},
    )

    with Database.open(home) as database:
        rows = database.read().execute("SELECT id, old_id FROM download_queue ORDER BY id").fetchall()

    assert rows == [(1, "a-uuid"), (2, "b-uuid")]


def test_odd_values_are_no_obstacle(home: Home) -> None:
    odd = [None, "", b"\xff\x00", 1e308, -5, "NaN", "2024-99-99", "\x1b[31mred", 2**62]
    columns = "url, platform, status, priority, title, options, progress, created_at, scheduled_for, attempts, position"
    _make(
        home,
        f"CREATE TABLE download_queue(id INTEGER PRIMARY KEY, {columns})",
        rows={"download_queue": [(n, *[value] * 11) for n, value in enumerate(odd, 1)]},
    )

    with Database.open(home) as database:
        found = jobs.window(database.read(), JobQuery(), 0, 20)

    assert len(found) == len(odd)
    assert not any("\x1b" in job.title for job in found)


def test_an_upgraded_database_is_not_upgraded_again(home: Home) -> None:
    _make(home, _QUEUE)
    Database.open(home).close()
    Database.open(home).close()

    assert len(list(home.root.glob("*.before-*"))) == 1
