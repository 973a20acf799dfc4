"""Under which rules a source is seen: schedules with other filters each have their own head in the same list.

What one filter leaves out, another one may want. With one head for both, it would have come by before the second
schedule ever looked.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

_DECIDING = ("since", "until", "filters", "options")
"""What in a schedule decides which items of a source are wanted."""

_KEPT = (
    "url, platform, content_type, site, name, folder, owner_id, state, state_since, why, head, floor_at, complete_at,"
    " gap_since, backfill, backfilled_at, checks, empty_checks, failures, absent, last_check_at, last_new_at,"
    " created_at"
)

_POSSESSIONS = {
    "source_names": "name, first_seen_at",
    "source_posts": "post, posted_at, first_seen_at, walk, taken, wanted, missed, done, gone_at",
    "source_files": "post, download_id",
    "source_owed": "walk, item, title, checks",
}

_TABLE = """CREATE TABLE sources_by_rules(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL,
    platform TEXT NOT NULL,
    content_type TEXT NOT NULL DEFAULT '',
    rules TEXT NOT NULL DEFAULT '',
    site TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    folder TEXT NOT NULL DEFAULT '',
    owner_id TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'ok',
    state_since REAL,
    why TEXT NOT NULL DEFAULT '',
    head TEXT NOT NULL DEFAULT '[]',
    floor_at REAL,
    complete_at REAL,
    gap_since REAL,
    backfill INTEGER NOT NULL DEFAULT 0,
    backfilled_at REAL,
    checks INTEGER NOT NULL DEFAULT 0,
    empty_checks INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    absent INTEGER NOT NULL DEFAULT 0,
    last_check_at REAL,
    last_new_at REAL,
    created_at REAL NOT NULL,
    UNIQUE(url, content_type, rules))"""


def add_rules(connection: sqlite3.Connection) -> None:
    """A step of the schema: what schedules with different rules shared becomes a source for each of them.

    The table is made anew, because what is unique in it cannot be changed. Whoever takes steps has foreign keys off.
    """
    connection.execute(_TABLE)
    # Numbers of sources that are gone are not given again
    connection.execute(
        "INSERT INTO sqlite_sequence(name, seq)"
        " SELECT 'sources_by_rules', seq FROM sqlite_sequence WHERE name = 'sources'"
    )
    connection.execute(f"INSERT INTO sources_by_rules(id, {_KEPT}) SELECT id, {_KEPT} FROM sources")
    connection.execute("DROP TABLE sources")
    connection.execute("ALTER TABLE sources_by_rules RENAME TO sources")
    connection.execute("CREATE INDEX sources_owner ON sources(platform, owner_id) WHERE owner_id <> ''")
    readings = connection.execute(
        "SELECT ss.schedule_id, ss.source_id, s.spec FROM schedule_sources AS ss"
        " JOIN schedules AS s ON s.id = ss.schedule_id ORDER BY ss.schedule_id, ss.position"
    ).fetchall()
    for schedule_id, source_id, spec in readings:
        connection.execute(
            "UPDATE schedule_sources SET source_id = ? WHERE schedule_id = ? AND source_id = ?",
            (under(connection, source_id, rules_of(json.loads(spec))), schedule_id, source_id),
        )


def rules_of(spec: Mapping[str, Any]) -> str:
    """One word for what a schedule leaves out; empty when it takes everything."""
    told = {name: spec[name] for name in _DECIDING if spec.get(name)}
    if not told:
        return ""
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def under(tx: sqlite3.Connection, source_id: int, rules: str) -> int:
    """The source with the same address and content under other rules; when there is none, one with the same past.

    A source that one schedule alone looks at becomes that one itself.
    """
    mine = tx.execute("SELECT url, content_type, rules FROM sources WHERE id = ?", (source_id,)).fetchone()
    if mine is None or mine[2] == rules:
        return source_id
    other = tx.execute(
        "SELECT id FROM sources WHERE url = ? AND content_type = ? AND rules = ?", (mine[0], mine[1], rules)
    ).fetchone()
    if other is not None:
        return int(other[0])
    readers = tx.execute("SELECT COUNT(*) FROM schedule_sources WHERE source_id = ?", (source_id,)).fetchone()
    if readers[0] < 2:
        tx.execute("UPDATE sources SET rules = ? WHERE id = ?", (rules, source_id))
        return source_id
    made = tx.execute(
        f"INSERT INTO sources(rules, {_KEPT}) SELECT ?, {_KEPT} FROM sources WHERE id = ?", (rules, source_id)
    )
    copy_id = int(made.lastrowid or 0)
    for table, columns in _POSSESSIONS.items():
        tx.execute(
            f"INSERT INTO {table}(source_id, {columns}) SELECT ?, {columns} FROM {table} WHERE source_id = ?",
            (copy_id, source_id),
        )
    return copy_id
