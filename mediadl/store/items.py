"""The media files a job found and what became of each: the rows of a job's details."""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Sequence

from mediadl.models import Identity, Item, ItemState

_PUT = """
INSERT INTO items(job_id, n, site, media_id, idx, state, title, size_bytes, reason, message, download_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT(job_id, site, media_id, idx) DO UPDATE SET n = excluded.n,
    state = excluded.state, title = excluded.title, size_bytes = excluded.size_bytes, reason = excluded.reason,
    message = excluded.message, download_id = excluded.download_id
"""


def put(tx: sqlite3.Connection, job_id: int, rows: Sequence[Item]) -> None:
    """Write items of a job, over what was known of the same identities: a later listing may number them anew.

    Items of a job that is gone are dropped.
    """
    if tx.execute("SELECT 1 FROM download_queue WHERE id = ?", (job_id,)).fetchone() is None:
        return
    tx.executemany(
        _PUT,
        [
            (
                job_id, item.n, item.identity.site, item.identity.id, item.identity.index, item.state.value,
                item.title, item.size_bytes, item.reason, item.message, item.download_id,
            )
            for item in rows
        ],
    )  # fmt: skip


def list(  # noqa: A001 - `items.list` reads like the command
    connection: sqlite3.Connection, job_id: int, offset: int = 0, limit: int = -1
) -> builtins.list[Item]:
    """Items of a job in the order they were found; a negative limit means all."""
    rows = connection.execute(
        "SELECT n, site, media_id, idx, state, title, size_bytes, reason, message, download_id FROM items"
        " WHERE job_id = ? ORDER BY n LIMIT ? OFFSET ?",
        (job_id, limit, max(0, offset)),
    ).fetchall()
    return [
        Item(
            job_id,
            n,
            Identity(site, media_id, index),
            ItemState(state),
            title,
            size,
            reason,
            message,
            download_id,
        )
        for n, site, media_id, index, state, title, size, reason, message, download_id in rows
    ]


def count(connection: sqlite3.Connection, job_id: int) -> int:
    """How many items a job has."""
    return int(connection.execute("SELECT COUNT(*) FROM items WHERE job_id = ?", (job_id,)).fetchone()[0])


def counts(connection: sqlite3.Connection, job_id: int) -> dict[ItemState, int]:
    """How many items of a job stand where; every state is named."""
    found = dict.fromkeys(ItemState, 0)
    sql = "SELECT state, COUNT(*) FROM items WHERE job_id = ? GROUP BY state"
    found.update({ItemState(word): n for word, n in connection.execute(sql, (job_id,)).fetchall()})
    return found


def stored(connection: sqlite3.Connection, job_id: int) -> dict[Identity, int]:
    """The items of a job that are stored, with their sizes in bytes."""
    sql = "SELECT site, media_id, idx, size_bytes FROM items WHERE job_id = ? AND state = 'stored'"
    return {
        Identity(site, media_id, index): size or 0
        for site, media_id, index, size in connection.execute(sql, (job_id,)).fetchall()
    }


def clear(tx: sqlite3.Connection, job_id: int) -> int:
    """Forget a job's items, before it is listed anew; returns how many there were."""
    return int(tx.execute("DELETE FROM items WHERE job_id = ?", (job_id,)).rowcount)
