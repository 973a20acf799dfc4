"""What happened, one row per fact, in the transaction of the change itself; front ends read on from their last id."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from mediadl.events import Event, EventKind

KEEP_ROWS = 200_000
"""Rows that `prune` leaves; a reader that fell further behind reads the tables anew."""

_INSERT = "INSERT INTO journal(at, kind, job_id, payload) VALUES (?, ?, ?, ?)"


def append(tx: sqlite3.Connection, events: Sequence[Event], now: float) -> None:
    """Write facts; their ids and times are given here."""
    tx.executemany(_INSERT, [(now, e.kind.value, e.job_id, _dump(e.payload)) for e in events])


def append_changes(
    tx: sqlite3.Connection, kind: EventKind, changes: Iterable[tuple[int, dict[str, Any]]], now: float
) -> None:
    """Write one fact of a kind per job, given as (job id, payload)."""
    tx.executemany(_INSERT, [(now, kind.value, job_id, _dump(payload)) for job_id, payload in changes])


def append_same(
    tx: sqlite3.Connection, kind: EventKind, ids: Sequence[int], payload: dict[str, Any], now: float
) -> None:
    """Write the same fact for many jobs, in one statement."""
    if ids:
        tx.execute(
            "INSERT INTO journal(at, kind, job_id, payload) SELECT ?, ?, value, ? FROM json_each(?)",
            (now, kind.value, _dump(payload), json.dumps(list(ids))),
        )


_OF_JOBS = "EXISTS (SELECT 1 FROM {0} WHERE {0}.id = journal.job_id AND {0}.owner_id = ?)"


def since(
    connection: sqlite3.Connection, last_id: int, limit: int = 5000, owner_id: int | None = None
) -> list[Event]:
    """Facts after `last_id`, oldest first; of everything, or only of an account's jobs."""
    whose, values = "", [last_id]
    if owner_id is not None:
        whose = f" AND ({_OF_JOBS.format('download_queue')} OR {_OF_JOBS.format('removed_jobs')})"
        values += [owner_id, owner_id]
    rows = connection.execute(
        f"SELECT kind, job_id, payload, id, at FROM journal WHERE id > ?{whose} ORDER BY id LIMIT ?",
        (*values, limit),
    ).fetchall()
    return [Event(EventKind(kind), job_id, json.loads(text), id_, at) for kind, job_id, text, id_, at in rows]


def last_id(connection: sqlite3.Connection) -> int:
    """The id of the newest fact ever written; 0 when there was none."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").fetchone()
    return int(row[0]) if row else 0


def first_id(connection: sqlite3.Connection) -> int:
    """The id of the oldest fact still kept; 0 when there is none. A reader behind it has missed something."""
    return int(connection.execute("SELECT coalesce(min(id), 0) FROM journal").fetchone()[0])


def prune(tx: sqlite3.Connection, keep: int = KEEP_ROWS) -> int:
    """Forget all but the newest `keep` facts; returns how many went."""
    return int(tx.execute("DELETE FROM journal WHERE id <= ?", (last_id(tx) - keep,)).rowcount)


def _dump(payload: dict[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")) if payload else "{}"
