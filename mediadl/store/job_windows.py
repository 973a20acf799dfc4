"""How the queue is listed: windows, counts and positions for any size of queue. Used through `store.jobs`."""

from __future__ import annotations

import sqlite3
from typing import Any

from mediadl.models import Job, JobQuery, JobSort, JobStatus, QueueCounts
from mediadl.store import job_words
from mediadl.store.job_rows import COLUMNS, first, marks, to_job

_KEYS: dict[JobSort, tuple[str, ...]] = {
    JobSort.ORDER: ("rank_group", "rank_place", "id"),
    JobSort.ADDED: ("id",),
    JobSort.STATUS: ("status", "id"),
    JobSort.PLATFORM: ("platform", "id"),
    JobSort.TITLE: ("folded", "id"),
    JobSort.PROGRESS: ("progress", "id"),
    JobSort.SIZE: ("coalesce(bytes_total, bytes_done)", "id"),
}
"""Columns of each order; all of them end in the id, so that an order is total."""


def window(connection: sqlite3.Connection, query: JobQuery, offset: int, limit: int) -> list[Job]:
    """`limit` jobs of a list from `offset` on."""
    found = _window_ids(connection, query, offset, limit)
    if not found:
        return []
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM download_queue WHERE id IN ({marks(found)})", found
    ).fetchall()
    jobs = {row[0]: to_job(row) for row in rows}
    return [jobs[job_id] for job_id in found if job_id in jobs]


def count(connection: sqlite3.Connection, query: JobQuery) -> int:
    """How many jobs a list has."""
    where, values = _where(query)
    if query.search.split() or query.owner_id is not None:
        return int(first(connection, f"SELECT COUNT(*) FROM download_queue{where}", values))
    return int(first(connection, f"SELECT coalesce(SUM(n), 0) FROM queue_counts{where}", values))


def ids(connection: sqlite3.Connection, query: JobQuery) -> list[int]:
    """The ids of a whole list, in order."""
    where, values = _where(query)
    sql = f"SELECT id FROM download_queue{where} ORDER BY {_order(query, reverse=False)}"
    return [row[0] for row in connection.execute(sql, values).fetchall()]


def index_of(connection: sqlite3.Connection, query: JobQuery, job_id: int) -> int | None:
    """The place of a job in a list, from 0; None when it is not in it."""
    keys = _KEYS[query.sort]
    where, values = _where(query)
    mine = f"SELECT {', '.join(keys)} FROM download_queue{_and(where, 'id = ?')}"
    row = connection.execute(mine, (*values, job_id)).fetchone()
    if row is None:
        return None
    before = f"({', '.join(keys)}) {'>' if query.descending else '<'} ({marks(row)})"
    sql = f"SELECT COUNT(*) FROM download_queue{_and(where, before)}"
    return int(first(connection, sql, (*values, *row)))


def counts(connection: sqlite3.Connection, owner_id: int | None = None) -> QueueCounts:
    """How many jobs stand where, of everybody or of one account; speed and bytes are those of the active ones."""
    by_status = dict.fromkeys(JobStatus, 0)
    sql, values, mine = "SELECT status, SUM(n) FROM queue_counts GROUP BY status", [], ""
    if owner_id is not None:
        sql = "SELECT status, COUNT(*) FROM download_queue INDEXED BY queue_owner WHERE owner_id = ? GROUP BY status"
        values, mine = [owner_id], " AND owner_id = ?"
    for word, n in connection.execute(sql, values).fetchall():
        by_status[JobStatus(word)] = int(n)
    speed, done, total = connection.execute(
        "SELECT coalesce(SUM(speed_bytes_per_s), 0), coalesce(SUM(bytes_done), 0),"
        " coalesce(SUM(max(bytes_done, coalesce(bytes_total, 0))), 0) FROM download_queue WHERE status = 'active'"
        + mine,
        values,
    ).fetchone()
    return QueueCounts(by_status, float(speed), int(done), int(total))


def _window_ids(connection: sqlite3.Connection, query: JobQuery, offset: int, limit: int) -> list[int]:
    where, values = _where(query)
    offset, limit = max(0, offset), max(0, limit)
    reverse = False
    if offset > 1000 and not query.search.split():
        # Skipping costs time by the row: from the nearer end it is half as much at worst
        total = count(connection, query)
        limit = min(limit, total - offset)
        if limit <= 0:
            return []
        if offset > total // 2:
            offset, reverse = total - offset - limit, True
    hint = "" if query.owner_id is None else " INDEXED BY queue_owner"
    sql = f"SELECT id FROM download_queue{hint}{where} ORDER BY {_order(query, reverse=reverse)} LIMIT ? OFFSET ?"
    found = [row[0] for row in connection.execute(sql, (*values, limit, offset)).fetchall()]
    return found[::-1] if reverse else found


def _order(query: JobQuery, *, reverse: bool) -> str:
    direction = " DESC" if query.descending is not reverse else ""
    return ", ".join(f"{key}{direction}" for key in _KEYS[query.sort])


def _where(query: JobQuery) -> tuple[str, list[Any]]:
    terms: list[str] = []
    values: list[Any] = []
    # The plus keeps SQLite on the index of the order, which holds both columns: from there a page needs no sorting
    plus = "+" if query.sort is JobSort.ORDER else ""
    if query.statuses:
        words = sorted(status.value for status in query.statuses)
        terms.append(f"{plus}status IN ({marks(words)})")
        values += words
    if query.platform:
        terms.append(f"{plus}platform = ?")
        values.append(query.platform)
    if query.owner_id is not None:
        terms.append("owner_id = ?")
        values.append(query.owner_id)
    words, looked_for = job_words.where(query.search)
    terms += words
    values += looked_for
    return (f" WHERE {' AND '.join(terms)}" if terms else ""), values


def _and(where: str, term: str) -> str:
    return f"{where} AND {term}" if where else f" WHERE {term}"
