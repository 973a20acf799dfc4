"""Jobs taken off the list: kept aside for a while, so that they can come back as they were, then forgotten.

Whoever reads `download_queue` sees only what is on the list. Used through `store.jobs`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from mediadl.events import EventKind
from mediadl.models import Job
from mediadl.store import journal
from mediadl.store.job_rows import COLUMNS, LISTED, STORED, STORED_NAMES, listed, returned, to_job

KEPT_S = 60.0
"""How long a removed job can come back; longer than any screen offers it, for screens that hang a while."""

_TOLD = ("status", "platform", "site", "title", "priority", "position", "reason", "message", "backend")


def make_tables(connection: sqlite3.Connection) -> None:
    """The step of the schema that brings them; items now outlive their job's row by as long as the job can return."""
    kinds = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(download_queue)").fetchall()}
    columns = ", ".join(f"{name} {kinds[name]}" for name in STORED_NAMES if name != "id" and name in kinds)
    for statement in (
        f"CREATE TABLE removed_jobs(id INTEGER PRIMARY KEY, purge_at REAL NOT NULL, {columns})",
        "CREATE INDEX removed_jobs_due ON removed_jobs(purge_at)",
        "ALTER TABLE items RENAME TO items_before",
        """CREATE TABLE items(
            job_id INTEGER NOT NULL,
            n INTEGER NOT NULL,
            site TEXT NOT NULL,
            media_id TEXT NOT NULL,
            idx INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL,
            title TEXT NOT NULL DEFAULT '',
            size_bytes INTEGER,
            reason TEXT NOT NULL DEFAULT '',
            message TEXT NOT NULL DEFAULT '',
            download_id INTEGER,
            PRIMARY KEY(job_id, site, media_id, idx)) WITHOUT ROWID""",
        """INSERT INTO items SELECT job_id, n, site, media_id, idx, state, title, size_bytes, reason, message,
            download_id FROM items_before""",
        "DROP TABLE items_before",
        "CREATE INDEX items_in_order ON items(job_id, n)",
        # A job that comes back has not ended once more
        "DROP TRIGGER IF EXISTS outcome_quarters_insert",
        """CREATE TRIGGER outcome_quarters_insert AFTER INSERT ON download_queue
            WHEN new.finished_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM removed_jobs WHERE id = new.id) BEGIN
            INSERT INTO outcome_quarters(quarter, status, n)
                SELECT CAST(new.finished_at / 900 AS INTEGER), new.status, 1
                WHERE new.status IN ('completed','failed','cancelled')
                ON CONFLICT(quarter, status) DO UPDATE SET n = n + 1;
        END""",
    ):
        connection.execute(statement)


def take_away(
    tx: sqlite3.Connection,
    ids: Iterable[int],
    now: float,
    *,
    purge_at: float,
    where: str = "status <> 'active'",
) -> list[int]:
    """Take jobs off the list that nobody works on; until `purge_at` they can come back. Returns those that went."""
    gone = returned(
        tx,
        f"INSERT INTO removed_jobs(purge_at, {STORED}) SELECT ?, {STORED} FROM download_queue"
        f" WHERE id IN {LISTED} AND {where} RETURNING id",
        (purge_at, listed(ids)),
    )
    tx.execute(f"DELETE FROM download_queue WHERE id IN {LISTED}", (listed(gone),))
    journal.append_same(tx, EventKind.JOB_REMOVED, gone, {}, now)
    return gone


def give_back(tx: sqlite3.Connection, ids: Iterable[int], now: float) -> list[int]:
    """Put removed jobs back on the list as they were, and let those go on that are only about to be removed.

    Returns the jobs that are there again; those whose time has run out are not.
    """
    asked = listed(ids)
    withdrawn = returned(
        tx,
        "UPDATE download_queue SET wanted = 'run'"
        f" WHERE +status = 'active' AND wanted = 'remove' AND id IN {LISTED} RETURNING id",
        (asked,),
    )
    journal.append_same(tx, EventKind.JOB_CHANGED, withdrawn, {"wanted": "run"}, now)
    back = returned(
        tx,
        f"INSERT INTO download_queue({STORED}) SELECT {STORED} FROM removed_jobs"
        f" WHERE id IN {LISTED} AND purge_at > ? RETURNING id",
        (asked, now),
    )
    tx.execute(f"DELETE FROM removed_jobs WHERE id IN {LISTED}", (listed(back),))
    rows = tx.execute(
        f"SELECT id, {', '.join(_TOLD)} FROM download_queue WHERE id IN {LISTED} ORDER BY id", (listed(back),)
    ).fetchall()
    told = ((row[0], dict(zip(_TOLD, row[1:], strict=True))) for row in rows)
    journal.append_changes(tx, EventKind.JOB_ADDED, told, now)
    return sorted([*withdrawn, *back])


def doomed(connection: sqlite3.Connection, now: float, limit: int) -> list[Job]:
    """Removed jobs that cannot come back any more: what they left on disk may go, then `forget` them."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM removed_jobs WHERE purge_at <= ? ORDER BY purge_at, id LIMIT ?", (now, limit)
    ).fetchall()
    return [to_job(row) for row in rows]


def removed(connection: sqlite3.Connection, ids: Iterable[int]) -> list[Job]:
    """Those of the jobs that are off the list but not forgotten."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM removed_jobs WHERE id IN {LISTED}", (listed(ids),)
    ).fetchall()
    return [to_job(row) for row in rows]


def forget(tx: sqlite3.Connection, ids: Iterable[int], now: float) -> int:
    """Forget removed jobs and their items for good, unless they came back meanwhile; returns how many went."""
    gone = [
        row[0]
        for row in tx.execute(
            f"DELETE FROM removed_jobs WHERE id IN {LISTED} AND purge_at <= ? RETURNING id",
            (listed(ids), now),
        ).fetchall()
    ]
    tx.execute(f"DELETE FROM items WHERE job_id IN {LISTED}", (listed(gone),))
    return len(gone)
