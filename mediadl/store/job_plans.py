"""Jobs with a time to start at: how they get one, and which is next. Paused ones keep theirs; `plans` lists them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from mediadl.events import EventKind
from mediadl.models import Job, JobStatus
from mediadl.store import journal
from mediadl.store.job_rows import COLUMNS, LISTED, listed, to_job

# Without statistics SQLite would take the index of the status and sort
_PLANNED = "download_queue INDEXED BY queue_planned WHERE status IN ('scheduled', 'paused') AND not_before IS NOT NULL"


def set_start(tx: sqlite3.Connection, ids: Iterable[int], at: float, now: float) -> list[int]:
    """Let open jobs nobody works on start at a moment; paused ones stay so. Returns those it was done to."""
    rows = tx.execute(
        "UPDATE download_queue SET status = CASE status WHEN 'paused' THEN 'paused' ELSE 'scheduled' END,"
        " not_before = ?, reason = '', message = '' WHERE +status IN ('pending','paused','scheduled','waiting')"
        f" AND id IN {LISTED} RETURNING id, status",
        (at, listed(ids)),
    ).fetchall()
    for status in (JobStatus.SCHEDULED.value, JobStatus.PAUSED.value):
        found = [row[0] for row in rows if row[1] == status]
        told = {"status": status, "not_before": at, "reason": "", "message": ""}
        journal.append_changes(tx, EventKind.JOB_CHANGED, ((job_id, told) for job_id in found), now)
    return [row[0] for row in rows]


def first(connection: sqlite3.Connection, owner_id: int | None = None) -> Job | None:
    """The job whose time comes first, held ones aside."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM {_planned(owner_id)} AND status = ? ORDER BY not_before, id LIMIT 1",
        (JobStatus.SCHEDULED.value,),
    ).fetchone()
    return None if row is None else to_job(row)


def _planned(owner_id: int | None) -> str:
    return _PLANNED if owner_id is None else f"{_PLANNED} AND owner_id = {int(owner_id)}"
