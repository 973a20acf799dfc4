"""The tables of accounts: made in a database of ours, in one with tables of an older tool, in the older tool's."""

from __future__ import annotations

import sqlite3

import pytest

from mediadl.paths import Home
from mediadl.security import passwords
from mediadl.store import activity, migrations, users
from mediadl.store.accounts import make_accounts
from mediadl.store.database import Database

HASH = passwords.hash_of("correct horse battery")

OLDER = (
    """CREATE TABLE users(id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT, email TEXT, is_admin INTEGER,
        is_active INTEGER, created_at TEXT)""",
    f"INSERT INTO users VALUES (1, 'Anna', '{HASH}', 'a@example.org', 1, 1, '2024-05-01T12:00:00')",
    "INSERT INTO users VALUES (2, 'bert', 'pbkdf2:sha256:1$x$y', 'b@example.org', 0, 0, NULL)",
    "INSERT INTO users VALUES (3, 'ANNA', 'x', '', 0, 1, NULL)",
    "INSERT INTO users VALUES (4, '', 'x', '', 0, 1, NULL)",
    "CREATE INDEX users_folded ON users(username)",
    "CREATE TABLE api_tokens(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id), token TEXT)",
    "INSERT INTO api_tokens VALUES (1, 1, 'plain')",
    """CREATE TABLE activity_log(id INTEGER PRIMARY KEY, user_id INTEGER, action TEXT, details TEXT, ip_address TEXT,
        timestamp TEXT)""",
    "INSERT INTO activity_log VALUES (1, 1, 'login', 'token=abc', '10.0.0.1', '2024-05-01 12:00:00')",
    "INSERT INTO activity_log VALUES (2, 1, '', 'nothing', '', '2024-05-01')",
)


@pytest.fixture(params=["ours", "an older tool's"])
def older(request: pytest.FixtureRequest, home: Home) -> Home:
    """A data folder with such tables, in a database of ours from before accounts or in the older tool's own."""
    connection = sqlite3.connect(home.database, isolation_level=None)
    if request.param == "ours":
        before = migrations.STEPS[: migrations.STEPS.index(make_accounts)]
        for step in before:
            step(connection)
        connection.execute(f"PRAGMA application_id={migrations.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={len(before)}")
    else:
        connection.execute("CREATE TABLE download_queue(id INTEGER PRIMARY KEY, url TEXT)")
        connection.execute("INSERT INTO download_queue VALUES (7, 'https://a.example/1')")
    for statement in OLDER:
        connection.execute(statement)
    connection.close()
    return home


def test_older_accounts_come_over_and_every_older_row_survives(older: Home) -> None:
    with Database.open(older) as database:
        read = database.read()
        anna, bert = users.list(read)
        tokens = read.execute("SELECT COUNT(*) FROM api_tokens").fetchone()[0]
        kept = {name: read.execute(f"SELECT COUNT(*) FROM old_{name}").fetchone()[0] for name in
                ("users", "api_tokens", "activity_log")}  # fmt: skip
        mails = read.execute("SELECT email FROM old_users WHERE id = 2").fetchone()[0]
        problems = database.check()

    assert (anna.id, anna.name, anna.role, anna.has_password, anna.disabled_at) == (
        1,
        "Anna",
        "admin",
        True,
        None,
    )
    assert anna.created_at == 1714564800.0
    assert (bert.id, bert.role, bert.has_password) == (2, "user", False)
    assert bert.disabled_at is not None
    assert tokens == 0
    assert kept == {"users": 4, "api_tokens": 1, "activity_log": 2}
    assert mails == "b@example.org"
    assert problems == []


def test_older_activity_comes_over_without_secrets(older: Home) -> None:
    with Database.open(older) as database:
        (line,) = activity.list(database.read())

    assert (line.action, line.address, line.at) == ("login", "10.0.0.1", 1714564800.0)
    assert "abc" not in line.target


def test_an_account_whose_password_cannot_be_taken_over_gets_in_with_nothing(older: Home) -> None:
    with Database.open(older) as database:
        bert = users.credentials(database.read(), "bert")

    assert bert is not None
    assert not passwords.matches(bert.password_hash, "")
    assert not passwords.matches(bert.password_hash, "pbkdf2:sha256:1$x$y")


def test_numbers_of_removed_accounts_are_not_given_again(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        first = users.add(tx, "anna", "user", "x", 0.0)
        users.remove(tx, first)
        second = users.add(tx, "bert", "user", "x", 0.0)

    assert second > first


def test_lists_of_the_owner_use_the_indexes_they_used_before(home: Home) -> None:
    """A plan that would look at another's index, or sort, is told by SQLite."""
    from mediadl.models import HistoryQuery, JobQuery
    from mediadl.store import download_lists, job_windows

    with Database.open(home) as database:
        read = database.read()
        asked: list[str] = []
        read.set_trace_callback(asked.append)
        job_windows.window(read, JobQuery(), 0, 20)
        job_windows.window(read, JobQuery(owner_id=1), 0, 20)
        job_windows.counts(read, 1)
        download_lists.window_ids(read, HistoryQuery(), 0, 20)
        download_lists.window_ids(read, HistoryQuery(owner_id=1), 0, 20)
        read.set_trace_callback(None)
        plans = [
            " ".join(row[3] for row in read.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()) for sql in asked
        ]

    assert "queue_rank" in plans[0]
    assert "queue_owner" in plans[1]
    assert "queue_owner" in plans[2]
    assert any("downloads_stored" in plan for plan in plans)
    assert "downloads_owner" in plans[-1]
    assert not any("TEMP B-TREE FOR ORDER BY" in plan for plan in plans)
