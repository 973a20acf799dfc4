"""The processes that take part, with their heartbeats."""

from __future__ import annotations

import builtins
import sqlite3

from mediadl.models import WorkerInfo

_COLUMNS = "name, kind, pid, started_at, heartbeat_at, note"


def beat(tx: sqlite3.Connection, worker: WorkerInfo) -> None:
    """Note that a process is alive, at its `heartbeat_at`."""
    tx.execute(
        f"INSERT OR REPLACE INTO workers({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        (worker.name, worker.kind, worker.pid, worker.started_at, worker.heartbeat_at, worker.note),
    )


def list(connection: sqlite3.Connection) -> builtins.list[WorkerInfo]:  # noqa: A001 - reads like the command
    """All processes that have not said goodbye, by name."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM workers ORDER BY name").fetchall()
    return [WorkerInfo(*row) for row in rows]


def remove(tx: sqlite3.Connection, name: str) -> bool:
    """Take a process off the list; false when it was not on it."""
    return bool(tx.execute("DELETE FROM workers WHERE name = ?", (name,)).rowcount)


def forget_silent(tx: sqlite3.Connection, before: float) -> int:
    """Take processes off the list that have not been heard of since `before`; returns how many."""
    return int(tx.execute("DELETE FROM workers WHERE heartbeat_at < ?", (before,)).rowcount)
