"""The tables of accounts, and how rows of older tools come into them.

A table of another tool that bears one of the names is kept beside ours as `old_<name>`; its accounts and its activity
are taken over. Passwords in ways of hashing other than ours are not: an administrator gives such an account a new one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from mediadl.store import upgrade_rows

NAMES = ("users", "api_tokens", "activity_log")
"""Established names that an older tool's tables may bear."""

_TABLES = (
    """CREATE TABLE users(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        folded TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL CHECK(role IN ('admin','user','viewer')),
        password_hash TEXT NOT NULL DEFAULT '',
        totp_sealed BLOB,
        totp_new BLOB,
        totp_step INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL DEFAULT 0,
        password_at REAL,
        disabled_at REAL,
        last_login_at REAL,
        last_login_from TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE recovery_codes(
        user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
        code_hash BLOB NOT NULL,
        used_at REAL,
        PRIMARY KEY(user_id, code_hash)) WITHOUT ROWID""",
    """CREATE TABLE logins(
        id TEXT PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
        secret_hash BLOB NOT NULL UNIQUE,
        former_hash BLOB,
        via TEXT NOT NULL DEFAULT 'browser',
        address TEXT NOT NULL DEFAULT '',
        agent TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL,
        renewed_at REAL NOT NULL,
        used_at REAL NOT NULL,
        expires_at REAL NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX logins_former ON logins(former_hash) WHERE former_hash IS NOT NULL",
    "CREATE INDEX logins_user ON logins(user_id)",
    """CREATE TABLE known_places(
        user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
        address TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY(user_id, address)) WITHOUT ROWID""",
    """CREATE TABLE sign_in_tries(
        bucket TEXT PRIMARY KEY,
        failures INTEGER NOT NULL,
        last_at REAL NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE one_time_codes(
        purpose TEXT PRIMARY KEY,
        code_hash BLOB NOT NULL,
        expires_at REAL NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    """CREATE TABLE api_tokens(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user_id INTEGER REFERENCES users(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        secret_hash BLOB NOT NULL UNIQUE,
        scopes TEXT NOT NULL,
        created_at REAL NOT NULL,
        expires_at REAL,
        used_at REAL,
        used_from TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX api_tokens_user ON api_tokens(user_id)",
    """CREATE TABLE activity_log(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL,
        user_id INTEGER,
        who TEXT NOT NULL DEFAULT '',
        via TEXT NOT NULL DEFAULT '',
        address TEXT NOT NULL DEFAULT '',
        action TEXT NOT NULL,
        target TEXT NOT NULL DEFAULT '',
        outcome TEXT NOT NULL DEFAULT 'ok')""",
    "CREATE INDEX activity_log_at ON activity_log(at)",
    "CREATE INDEX activity_log_user ON activity_log(user_id, id) WHERE user_id IS NOT NULL",
    # NULL: the machine's owner. The lists of all jobs and files keep their own indexes, untouched
    "ALTER TABLE download_queue ADD COLUMN owner_id INTEGER",
    "ALTER TABLE removed_jobs ADD COLUMN owner_id INTEGER",
    "ALTER TABLE downloads ADD COLUMN owner_id INTEGER",
    (
        "CREATE INDEX queue_owner ON download_queue(owner_id, rank_group, rank_place, id, status, platform)"
        " WHERE owner_id IS NOT NULL"
    ),
    "CREATE INDEX downloads_owner ON downloads(owner_id, stored_at, id) WHERE owner_id IS NOT NULL",
)

_CARRIED: dict[str, Callable[[Mapping[str, Any], float], dict[str, Any] | None]] = {
    "users": upgrade_rows.to_user_row,
    "activity_log": upgrade_rows.to_activity_row,
}


def make_accounts(connection: sqlite3.Connection) -> None:
    """A step of the schema: accounts, their logins and tokens, who did what; and whose a job or a file is."""
    former = {name: _set_aside(connection, name) for name in NAMES}
    for statement in _TABLES:
        connection.execute(statement)
    for name, convert in _CARRIED.items():
        if former[name]:
            _carry_over(connection, former[name], name, convert)


def _set_aside(connection: sqlite3.Connection, name: str) -> str:
    """Free a name; returns what the table of old is called now, empty when there is none."""
    kept = f"old_{name}"
    kind = connection.execute(
        "SELECT type FROM sqlite_master WHERE lower(name) = ? AND type IN ('table', 'view')", (name,)
    ).fetchone()
    if kind is None:
        return kept if _exists(connection, kept) else ""
    if kind[0] == "view":
        connection.execute(f"DROP VIEW {name}")
        return ""
    while _exists(connection, kept):
        kept = f"old_{kept}"
    for index in [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND lower(tbl_name) = ? AND sql IS NOT NULL",
            (name,),
        ).fetchall()
    ]:
        quoted = index.replace('"', '""')
        connection.execute(f'DROP INDEX "{quoted}"')
    before = connection.execute("PRAGMA legacy_alter_table").fetchone()[0]
    connection.execute("PRAGMA legacy_alter_table=ON")
    connection.execute(f"ALTER TABLE {name} RENAME TO {kept}")
    connection.execute(f"PRAGMA legacy_alter_table={before}")
    return kept


def _exists(connection: sqlite3.Connection, name: str) -> bool:
    sql = "SELECT 1 FROM sqlite_master WHERE lower(name) = ? AND type = 'table'"
    return connection.execute(sql, (name,)).fetchone() is not None


def _carry_over(
    connection: sqlite3.Connection,
    former: str,
    name: str,
    convert: Callable[[Mapping[str, Any], float], dict[str, Any] | None],
) -> None:
    now = float(connection.execute("SELECT (julianday('now') - 2440587.5) * 86400.0").fetchone()[0])
    cursor = connection.execute(f"SELECT * FROM {former} ORDER BY rowid")
    columns = [column[0].lower() for column in cursor.description]
    for row in cursor.fetchall():
        values = convert(dict(zip(columns, row, strict=True)), now)
        if values is None:
            continue
        marks = ", ".join("?" * len(values))
        # The first of two with one name or number stays; the other is still in the table of old
        connection.execute(
            f"INSERT OR IGNORE INTO {name}({', '.join(values)}) VALUES ({marks})", tuple(values.values())
        )
