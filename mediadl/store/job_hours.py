"""Jobs of schedules outside their allowed hours: put off until they come again. Used beside `store.jobs`.

A held job is scheduled for the next opening and bears `run_jobs.held_until`; only `release` lets it go then, so that it
cannot slip through on a machine that slept over its hours. What a person pauses stays paused, and what a person lets
start is left alone until the hours come again (`run_jobs.freed`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from mediadl.events import EventKind
from mediadl.store import journal
from mediadl.store.job_rows import LISTED, listed, returned

WORDS = "Waits for the allowed hours of its schedule"

_HELD = "j.held_until IS NOT NULL AND NOT j.ended"
# A person may have given it another time since
_PUT_OFF = "q.status = 'scheduled' AND q.not_before = j.held_until"
# Paused by us, not by a person: a person's pause keeps the time, or came before there was one
_PAUSED_BY_US = "q.status = 'paused' AND q.not_before IS NULL AND j.held_until IS NOT NULL"


def hold(tx: sqlite3.Connection, run_id: int, until: float, now: float, *, pause: bool) -> int:
    """Put off the jobs of a run that are not at work; `pause`: stop the others too. Returns how many that changed."""
    tx.execute(
        "UPDATE run_jobs SET freed = 1, held_until = NULL WHERE job_id IN (SELECT j.job_id FROM run_jobs j"
        f" JOIN download_queue q ON q.id = j.job_id WHERE j.run_id = ? AND {_HELD} AND NOT"
        f" ({_PUT_OFF} OR q.status = 'paused' OR q.status = 'active' AND q.wanted = 'pause'))",
        (run_id,),
    )
    wait = _chosen(
        tx,
        run_id,
        "(q.status = 'pending' OR q.status = 'waiting' AND q.not_before < ?"
        f" OR {_PUT_OFF} AND q.not_before <> ? OR {_PAUSED_BY_US})",
        (until, until),
    )
    _put_off(tx, wait, until, now)
    stop: list[int] = []
    if pause:
        stop = _chosen(tx, run_id, "q.status = 'active' AND q.wanted = 'run' AND j.held_until IS NULL", ())
        tx.execute(
            f"UPDATE download_queue SET wanted = 'pause' WHERE status = 'active' AND id IN {LISTED}",
            (listed(stop),),
        )
        _mark(tx, stop, until)
        journal.append_same(tx, EventKind.JOB_CHANGED, stop, {"wanted": "pause"}, now)
    return len(wait) + len(stop)


def put_off(tx: sqlite3.Connection, ids: Iterable[int], now: float) -> None:
    """Let those of the jobs wait that were stopped for the end of their hours: they are not paused by a person."""
    rows = tx.execute(
        "SELECT j.job_id, j.held_until FROM run_jobs j JOIN download_queue q ON q.id = j.job_id"
        f" WHERE j.job_id IN {LISTED} AND {_PAUSED_BY_US}",
        (listed(ids),),
    ).fetchall()
    for job_id, until in rows:
        _put_off(tx, [job_id], until, now)


def release(tx: sqlite3.Connection, run_id: int, now: float) -> int:
    """Let the jobs of a run go on: its hours have come. Those that a person paused stay so. Returns how many."""
    freed = returned(
        tx,
        "UPDATE download_queue SET status = 'pending', not_before = NULL, reason = '', message = ''"
        " WHERE id IN (SELECT q.id FROM run_jobs j JOIN download_queue q ON q.id = j.job_id"
        f" WHERE j.run_id = ? AND {_HELD} AND ({_PUT_OFF} OR {_PAUSED_BY_US})) RETURNING id",
        (run_id,),
    )
    told = {"status": "pending", "not_before": None, "reason": "", "message": ""}
    journal.append_same(tx, EventKind.JOB_CHANGED, freed, told, now)
    stopping = returned(
        tx,
        "UPDATE download_queue SET wanted = 'run' WHERE status = 'active' AND wanted = 'pause' AND id IN"
        f" (SELECT j.job_id FROM run_jobs j WHERE j.run_id = ? AND {_HELD}) RETURNING id",
        (run_id,),
    )
    journal.append_same(tx, EventKind.JOB_CHANGED, stopping, {"wanted": "run"}, now)
    tx.execute(
        "UPDATE run_jobs SET held_until = NULL, freed = 0 WHERE run_id = ? AND (held_until IS NOT NULL OR freed)",
        (run_id,),
    )
    return len(freed) + len(stopping)


def is_held(connection: sqlite3.Connection, run_id: int) -> bool:
    """Whether `release` has something to do for a run."""
    sql = "SELECT 1 FROM run_jobs WHERE run_id = ? AND (held_until IS NOT NULL OR freed) LIMIT 1"
    return connection.execute(sql, (run_id,)).fetchone() is not None


def _chosen(tx: sqlite3.Connection, run_id: int, where: str, values: tuple[float, ...]) -> list[int]:
    rows = tx.execute(
        "SELECT q.id FROM run_jobs j JOIN download_queue q ON q.id = j.job_id"
        f" WHERE j.run_id = ? AND NOT j.ended AND NOT j.freed AND {where} ORDER BY q.id",
        (run_id, *values),
    ).fetchall()
    return [row[0] for row in rows]


def _put_off(tx: sqlite3.Connection, ids: list[int], until: float, now: float) -> None:
    if not ids:
        return
    tx.execute(
        "UPDATE download_queue SET status = 'scheduled', not_before = ?, reason = '', message = ?"
        f" WHERE id IN {LISTED}",
        (until, WORDS, listed(ids)),
    )
    _mark(tx, ids, until)
    told = {"status": "scheduled", "not_before": until, "reason": "", "message": WORDS}
    journal.append_same(tx, EventKind.JOB_CHANGED, ids, told, now)


def _mark(tx: sqlite3.Connection, ids: list[int], until: float) -> None:
    tx.execute(f"UPDATE run_jobs SET held_until = ? WHERE job_id IN {LISTED}", (until, listed(ids)))
