"""Sources that are looked at again and again: who they are, how far each was read, what is missing."""

from __future__ import annotations

import sqlite3

_TABLES = (
    """CREATE TABLE sources(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL,
        platform TEXT NOT NULL,
        content_type TEXT NOT NULL DEFAULT '',
        site TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL DEFAULT '',
        folder TEXT NOT NULL DEFAULT '',
        owner_id TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL DEFAULT 'ok',
        state_since REAL,
        why TEXT NOT NULL DEFAULT '',
        head TEXT NOT NULL DEFAULT '[]',
        complete_at REAL,
        gap_since REAL,
        backfill INTEGER NOT NULL DEFAULT 0,
        checks INTEGER NOT NULL DEFAULT 0,
        empty_checks INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        last_check_at REAL,
        last_new_at REAL,
        created_at REAL NOT NULL,
        UNIQUE(url, content_type))""",
    "CREATE INDEX sources_owner ON sources(platform, owner_id) WHERE owner_id <> ''",
    """CREATE TABLE source_names(
        source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        first_seen_at REAL NOT NULL,
        PRIMARY KEY(source_id, name)) WITHOUT ROWID""",
    "CREATE INDEX source_names_name ON source_names(name)",
    # What it posted, by the hour: the pace of adaptive schedules is reckoned from these
    """CREATE TABLE source_hours(
        source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
        hour INTEGER NOT NULL,
        posts INTEGER NOT NULL,
        PRIMARY KEY(source_id, hour)) WITHOUT ROWID""",
)


def make_tables(connection: sqlite3.Connection) -> None:
    """A step of the schema."""
    for statement in _TABLES:
        connection.execute(statement)
