"""Jobs that wait because their site or their account may not be asked now: held together, each with its time."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

from mediadl.events import EventKind
from mediadl.models import Lane
from mediadl.store import journal
from mediadl.store.job_rows import marks, returned


def hold(
    tx: sqlite3.Connection,
    site: str,
    until: float,
    *,
    reason: str,
    message: str,
    now: float,
    lanes: Collection[Lane] = tuple(Lane),
    content_types: Sequence[str] = (),
) -> int:
    """Let the jobs of a site that could start wait until a moment; returns how many.

    `content_types`: only these; empty: all.
    """
    only = f" AND content_type IN ({marks(content_types)})" if content_types else ""
    held: list[int] = []
    for lane in lanes:
        held += returned(
            tx,
            "UPDATE download_queue SET status = 'waiting', not_before = ?, reason = ?, message = ?"
            f" WHERE status = 'pending' AND wanted = 'run' AND lane = ? AND site = ?{only} RETURNING id",
            (until, reason, message, lane.value, site, *content_types),
        )
    told = {"status": "waiting", "reason": reason, "message": message, "not_before": until}
    journal.append_same(tx, EventKind.JOB_CHANGED, held, told, now)
    return len(held)


def waits_to_start(connection: sqlite3.Connection, site: str) -> bool:
    """Whether a site has jobs that could start."""
    sql = "SELECT 1 FROM download_queue WHERE status = 'pending' AND wanted = 'run' AND lane = ? AND site = ? LIMIT 1"
    return any(connection.execute(sql, (lane.value, site)).fetchone() for lane in Lane)
