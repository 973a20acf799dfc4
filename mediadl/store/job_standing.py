"""How jobs stood before a wish, and how they come to stand so again. Used through `store.jobs`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
    back: list[int] = []
    for was, ids in _alike(before).items():
        if was.status is JobStatus.ACTIVE:
            # Not stopped yet: it never will be
            told: dict[str, Any] = {"wanted": was.wanted.value}
            sql = (
                f"UPDATE download_queue SET wanted = ? WHERE +status = 'active' AND wanted = ? AND id IN {LISTED}"
                " RETURNING id"
            )
            changed = returned(tx, sql, (was.wanted.value, wish.value, listed(ids)))
            journal.append_same(tx, EventKind.JOB_CHANGED, changed, told, now)
            back += changed
        status = JobStatus.PENDING if was.status is JobStatus.ACTIVE else was.status
        told = {"status": status.value, "reason": was.reason, "message": was.message}
        changed = returned(
            tx,
            "UPDATE download_queue SET status = ?, reason = ?, message = ?, not_before = ?, finished_at = ?"
            f" WHERE (+status = ? OR +status = 'scheduled' AND not_before = ?) AND id IN {LISTED} RETURNING id",
            (
                status.value, was.reason, was.message, was.not_before, was.finished_at, _ENDS[wish].value,
                _kept_start(was, wish), listed(ids),
            ),
        )  # fmt: skip
        journal.append_same(tx, EventKind.JOB_CHANGED, changed, told, now)
        back += changed
    return back


_ENDS = {Wanted.PAUSE: JobStatus.PAUSED, Wanted.CANCEL: JobStatus.CANCELLED, Wanted.RUN: JobStatus.PENDING}
"""What becomes of a job that obeys."""


def _kept_start(was: Standing, wish: Wanted) -> float | None:
    """The planned start that a paused job waits for again when it is let go."""
    return was.not_before if wish is Wanted.RUN and was.status is JobStatus.PAUSED else None


def _alike(before: Sequence[Standing]) -> dict[Standing, list[int]]:
    """The jobs that stood the same: thousands of them are one statement."""
    found: dict[Standing, list[int]] = {}
    for was in before:
        found.setdefault(replace(was, job_id=0), []).append(was.job_id)
    return found
