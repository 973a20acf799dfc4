"""How jobs stood before a wish, and how they come to stand so again. Used through `store.jobs`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mediadl.events import EventKind
from mediadl.models import JobStatus, Wanted
from mediadl.store import journal
from mediadl.store.job_rows import LISTED, listed, returned


@dataclass(frozen=True, slots=True)
class Standing:
    """What a wish changes about a job, as it was before."""

    job_id: int
    status: JobStatus
    wanted: Wanted
    reason: str
    message: str
    not_before: float | None
    finished_at: float | None


_STANDING = "id, status, wanted, reason, message, not_before, finished_at"


def standing(connection: sqlite3.Connection, ids: Iterable[int]) -> list[Standing]:
    """How jobs stand, for `stand_again`."""
    sql = f"SELECT {_STANDING} FROM download_queue WHERE id IN {LISTED} ORDER BY id"
    return [
        Standing(row[0], JobStatus(row[1]), Wanted(row[2]), *row[3:])
        for row in connection.execute(sql, (listed(ids),)).fetchall()
    ]


def stand_again(tx: sqlite3.Connection, before: Sequence[Standing], wish: Wanted, now: float) -> list[int]:
    """Take a pause, a cancel or a start back: jobs stand as before that wish, those it stopped go on where they were.

    Leaves those with which something else has happened since; returns the others.
    """
    ends = {Wanted.PAUSE: JobStatus.PAUSED, Wanted.CANCEL: JobStatus.CANCELLED, Wanted.RUN: JobStatus.PENDING}
    back: list[int] = []
    for was in before:
        told: dict[str, Any] = {"wanted": was.wanted.value}
        changed = was.status is JobStatus.ACTIVE and returned(
            tx,
            "UPDATE download_queue SET wanted = ? WHERE id = ? AND status = 'active' AND wanted = ? RETURNING id",
            (was.wanted.value, was.job_id, wish.value),
        )
        if not changed:
            status = JobStatus.PENDING if was.status is JobStatus.ACTIVE else was.status
            told = {"status": status.value, "reason": was.reason, "message": was.message}
            changed = returned(
                tx,
                "UPDATE download_queue SET status = ?, reason = ?, message = ?, not_before = ?, finished_at = ?"
                " WHERE id = ? AND status = ? RETURNING id",
                (
                    status.value, was.reason, was.message, was.not_before, was.finished_at, was.job_id,
                    ends[wish].value,
                ),
            )  # fmt: skip
        if changed:
            journal.append_changes(tx, EventKind.JOB_CHANGED, [(was.job_id, told)], now)
            back.append(was.job_id)
    return back
