"""What modules remember about their sources from run to run (owners' ids, cursors): JSON by platform, source, key."""

from __future__ import annotations

import json
import sqlite3
from typing import Any


def make_table(connection: sqlite3.Connection) -> None:
    """A step of the schema."""
    connection.execute(
        "CREATE TABLE memory(platform TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
        " at REAL NOT NULL, PRIMARY KEY(platform, source, key)) WITHOUT ROWID"
    )


def put(tx: sqlite3.Connection, platform: str, source: str, key: str, value: Any, now: float) -> None:
    """Keep a JSON value over an earlier one; None forgets it."""
    if value is None:
        tx.execute(
            "DELETE FROM memory WHERE platform = ? AND source = ? AND key = ?", (platform, source, key)
        )
        return
    tx.execute(
        "INSERT OR REPLACE INTO memory(platform, source, key, value, at) VALUES (?, ?, ?, ?, ?)",
        (platform, source, key, json.dumps(value, ensure_ascii=False), now),
    )


def get(connection: sqlite3.Connection, platform: str, source: str) -> dict[str, Any]:
    """All that is kept about a source, by key."""
    rows = connection.execute(
        "SELECT key, value FROM memory WHERE platform = ? AND source = ?", (platform, source)
    ).fetchall()
    return {key: json.loads(value) for key, value in rows}


def forget(tx: sqlite3.Connection, platform: str, source: str) -> int:
    """Forget a source; returns how many values it had."""
    return int(
        tx.execute("DELETE FROM memory WHERE platform = ? AND source = ?", (platform, source)).rowcount
    )


def move(tx: sqlite3.Connection, platform: str, source: str, to: str) -> None:
    """What is kept of a source is kept under another address from now on."""
    tx.execute(
        "UPDATE OR REPLACE memory SET source = ? WHERE platform = ? AND source = ?", (to, platform, source)
    )
