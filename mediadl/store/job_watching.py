"""What makes a job come back by itself: the option that says so, and the end of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from mediadl.events import EventKind
from mediadl.store import journal
from mediadl.store.job_rows import LISTED, listed, returned


def set_watched(tx: sqlite3.Connection, job_id: int, *, watched: bool) -> bool:
    """Note in a job's options whether it comes back, for the end of its run; false when there is no such job."""
    return bool(
        tx.execute(
            "UPDATE download_queue SET options = json_set(options, '$.watch', json(?)) WHERE id = ?",
            (json.dumps(watched), job_id),
        ).rowcount
    )


def conclude(tx: sqlite3.Connection, ids: Iterable[int], message: str, now: float) -> list[int]:
    """End jobs that only wait for their next time: they are completed; returns those that were."""
    ended = returned(
        tx,
        "UPDATE download_queue SET status = 'completed', not_before = NULL, reason = '', message = ?, finished_at = ?,"
        " progress = 100 WHERE +status IN ('scheduled', 'paused', 'waiting', 'pending')"
        f" AND id IN {LISTED} RETURNING id",
        (message, now, listed(ids)),
    )
    told = {"status": "completed", "reason": "", "message": message, "not_before": None}
    journal.append_same(tx, EventKind.JOB_CHANGED, ended, told, now)
    return ended
