"""Runs of schedules: each due time once, the jobs a run made, what became of them.

`open_run` is what makes a run happen once: only who inserts its row makes jobs, in the same transaction. Triggers on
the queue keep `run_jobs.ended`, whoever ends, cancels, removes or brings back a job. What a job brought is written down
at each of its ends (`note_job`), so that figures outlive its row. Functions never begin or commit.
"""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mediadl.errors import NotFound
from mediadl.models.schedules import RunKind, RunState, ScheduleRun, Walk
from mediadl.store.job_rows import LISTED, listed, returned

LONG_S = 86_400.0
"""A job that waits beyond a day after its run began is waited for no longer."""
KEPT_SKIPPED = 50
"""Skipped runs of a schedule that are kept."""

_COLUMNS = (
    "id, schedule_id, due_at, kind, state, message, missed, started_at, ended_at, sources, found, new, skipped, failed,"
    " size_bytes, error, starts_at"
)
_SELECT = f"SELECT {_COLUMNS} FROM schedule_runs"
_OPEN = "state IN ('held','running')"

# A job nobody waits for: it needs a person, was put off by one, or waits for long. The allowed hours are no such case:
# what they stopped is 'scheduled' with held_until, or for a moment 'paused' without a time.
_PARKED = f"""(
    q.status = 'waiting' AND (q.not_before IS NULL OR q.not_before > r.started_at + {LONG_S})
    OR q.status = 'paused' AND NOT (j.held_until IS NOT NULL AND q.not_before IS NULL)
    OR q.status = 'scheduled' AND j.held_until IS NULL)"""


@dataclass(frozen=True, slots=True)
class Work:
    """A job of a run, and what is known of it."""

    job_id: int
    source_id: int
    walk: Walk
    ended: bool
    status: str
    """Now, while it is on the list; else as it ended, or `removed`."""
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the runs of a schedule went that are still known; skipped ones aside."""

    runs: int
    done: int
    failed: int
    success: float | None
    """Share of the done, 0 to 1; None: none has ended yet."""
    mean_s: float | None
    """How long one takes."""
    new: int
    size_bytes: int


def open_run(
    tx: sqlite3.Connection,
    schedule_id: int,
    due_at: float,
    kind: RunKind,
    state: RunState,
    now: float,
    *,
    message: str = "",
    missed: int = 0,
    starts_at: float | None = None,
) -> int | None:
    """Take a due time for a schedule and return the run's number; None: somebody has it, nothing is to be done."""
    made = tx.execute(
        "INSERT OR IGNORE INTO schedule_runs(schedule_id, due_at, kind, state, message, missed, starts_at, started_at,"
        " ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            schedule_id, due_at, kind.value, state.value, message, missed,
            starts_at if state is RunState.HELD else None,
            now if state is RunState.RUNNING else None,
            now if state is RunState.SKIPPED else None,
        ),
    )  # fmt: skip
    return int(made.lastrowid or 0) if made.rowcount else None


def get(connection: sqlite3.Connection, run_id: int) -> ScheduleRun:
    """One run.

    Raises:
        NotFound: there is none of that number.
    """
    row = connection.execute(f"{_SELECT} WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"No run {run_id}", next_step="See them with mediadl schedule history NAME.")
    return _run(row)


def of(
    connection: sqlite3.Connection, schedule_id: int, limit: int = 50, offset: int = 0
) -> builtins.list[ScheduleRun]:
    """The runs of a schedule, the newest due time first."""
    rows = connection.execute(
        f"{_SELECT} WHERE schedule_id = ? ORDER BY due_at DESC LIMIT ? OFFSET ?", (schedule_id, limit, offset)
    ).fetchall()
    return [_run(row) for row in rows]


def count(connection: sqlite3.Connection, schedule_id: int) -> int:
    """How many of those there are."""
    sql = "SELECT COUNT(*) FROM schedule_runs WHERE schedule_id = ?"
    return int(connection.execute(sql, (schedule_id,)).fetchone()[0])


def last_of(connection: sqlite3.Connection, schedule_ids: Iterable[int]) -> dict[int, ScheduleRun]:
    """The newest run of each schedule that has one, skipped ones aside."""
    rows = connection.execute(
        f"{_SELECT} WHERE id IN (SELECT (SELECT id FROM schedule_runs WHERE schedule_id = value"
        " AND state <> 'skipped' ORDER BY due_at DESC LIMIT 1) FROM json_each(?))",
        (listed(schedule_ids),),
    ).fetchall()
    return {row[1]: _run(row) for row in rows}


def running(connection: sqlite3.Connection, schedule_id: int | None = None) -> builtins.list[ScheduleRun]:
    """Runs that are open (held ones too), of one schedule or (None) of all, oldest first."""
    which, values = ("", ()) if schedule_id is None else (" AND schedule_id = ?", (schedule_id,))
    rows = connection.execute(f"{_SELECT} WHERE {_OPEN}{which} ORDER BY id", values).fetchall()
    return [_run(row) for row in rows]


def held(connection: sqlite3.Connection) -> builtins.list[ScheduleRun]:
    """Runs that wait for their allowed hours."""
    return [_run(row) for row in connection.execute(f"{_SELECT} WHERE state = 'held' ORDER BY id").fetchall()]


def hold_until(tx: sqlite3.Connection, run_id: int, starts_at: float) -> None:
    """Let a held run start at another moment."""
    tx.execute("UPDATE schedule_runs SET starts_at = ? WHERE id = ? AND state = 'held'", (starts_at, run_id))


def begin(tx: sqlite3.Connection, run_id: int, kind: RunKind, now: float) -> bool:
    """Let a held run begin, for whatever reason; false when somebody else did, or it is not held."""
    return bool(
        tx.execute(
            "UPDATE schedule_runs SET state = 'running', kind = ?, starts_at = NULL, started_at = ?, message = ''"
            " WHERE id = ? AND state = 'held'",
            (kind.value, now, run_id),
        ).rowcount
    )


def set_sources(tx: sqlite3.Connection, run_id: int, sources: int, *, fault: str = "") -> None:
    """Note how many sources a run looks at, and what kept it from others."""
    tx.execute(
        "UPDATE schedule_runs SET sources = ?, fault = ?, error = ? WHERE id = ?",
        (sources, fault, fault, run_id),
    )


def fault_of(connection: sqlite3.Connection, run_id: int) -> str:
    """What kept a run from some of its sources; empty: nothing."""
    row = connection.execute("SELECT fault FROM schedule_runs WHERE id = ?", (run_id,)).fetchone()
    return str(row[0]) if row else ""


def under_hours(connection: sqlite3.Connection) -> builtins.list[tuple[int, int, float]]:
    """Runs at work that allowed hours may stop: run, schedule, and when that was changed last."""
    return [
        tuple(row)
        for row in connection.execute(
            "SELECT r.id, s.id, s.changed_at FROM schedule_runs r JOIN schedules s ON s.id = r.schedule_id"
            " WHERE r.state = 'running' AND r.kind = 'due' ORDER BY r.id"
        ).fetchall()
    ]


def add_job(tx: sqlite3.Connection, run_id: int, job_id: int, source_id: int, walk: Walk) -> None:
    """Note that a run made a job."""
    tx.execute(
        "INSERT INTO run_jobs(job_id, run_id, source_id, walk) VALUES (?, ?, ?, ?)",
        (job_id, run_id, source_id, walk.value),
    )


def run_of(connection: sqlite3.Connection, job_id: int) -> int | None:
    """The run that made a job; None: a person did."""
    row = connection.execute("SELECT run_id FROM run_jobs WHERE job_id = ?", (job_id,)).fetchone()
    return None if row is None else int(row[0])


def jobs_of(connection: sqlite3.Connection, run_id: int) -> builtins.list[Work]:
    """The jobs of a run, in the order they were made."""
    return _work(connection, "j.run_id = ?", run_id)


def open_jobs_at(connection: sqlite3.Connection, source_ids: Iterable[int]) -> builtins.list[Work]:
    """Jobs of whatever run that have not done yet with these sources."""
    return _work(connection, f"NOT j.ended AND j.source_id IN {LISTED}", listed(source_ids))


def _work(connection: sqlite3.Connection, where: str, value: object) -> builtins.list[Work]:
    rows = connection.execute(
        "SELECT j.job_id, j.source_id, j.walk, j.ended,"
        " coalesce(q.status, CASE j.status WHEN 'completed' THEN 'completed' WHEN 'failed' THEN 'failed'"
        " ELSE 'removed' END), coalesce(q.reason, j.reason), coalesce(q.message, j.message)"
        f" FROM run_jobs j LEFT JOIN download_queue q ON q.id = j.job_id WHERE {where} ORDER BY j.job_id",
        (value,),
    ).fetchall()
    return [Work(row[0], row[1], Walk(row[2]), bool(row[3]), *row[4:]) for row in rows]


def note_job(tx: sqlite3.Connection, job_id: int) -> int | None:
    """Write down what a job brought so far, from its row and its items; returns its run, None when it has none."""
    found = returned(
        tx,
        "UPDATE run_jobs SET (status, reason, message) = (q.status, q.reason, q.message),"
        " (found, new, skipped, failed, size_bytes) = (SELECT COUNT(*), coalesce(sum(state = 'stored'), 0),"
        " coalesce(sum(state = 'skipped'), 0), coalesce(sum(state = 'failed'), 0),"
        " coalesce(sum(CASE state WHEN 'stored' THEN size_bytes END), 0) FROM items WHERE items.job_id = q.id)"
        " FROM download_queue q WHERE run_jobs.job_id = ? AND q.id = run_jobs.job_id RETURNING run_id",
        (job_id,),
    )
    return found[0] if found else run_of(tx, job_id)


def tally(tx: sqlite3.Connection, run_id: int) -> None:
    """Sum up what the jobs of a run brought, as `note_job` wrote it down."""
    tx.execute(
        "UPDATE schedule_runs SET (found, new, skipped, failed, size_bytes) = (SELECT coalesce(sum(found), 0),"
        " coalesce(sum(new), 0), coalesce(sum(skipped), 0), coalesce(sum(failed), 0), coalesce(sum(size_bytes), 0)"
        " FROM run_jobs WHERE run_id = schedule_runs.id) WHERE id = ?",
        (run_id,),
    )


def over(connection: sqlite3.Connection, run_id: int | None = None) -> builtins.list[int]:
    """Running runs with no job left that goes on by itself within a day; only `run_id`, or (None) all of them."""
    which, values = ("", ()) if run_id is None else (" AND r.id = ?", (run_id,))
    rows = connection.execute(
        f"SELECT r.id FROM schedule_runs r WHERE r.state = 'running'{which} AND NOT EXISTS (SELECT 1 FROM run_jobs j"
        " CROSS JOIN download_queue q ON q.id = j.job_id WHERE j.run_id = r.id AND NOT j.ended"
        f" AND NOT {_PARKED}) ORDER BY r.id",
        values,
    ).fetchall()
    return [row[0] for row in rows]


def finish(
    tx: sqlite3.Connection, run_id: int, state: RunState, now: float, *, message: str = "", error: str = ""
) -> bool:
    """End a run, or correct how it ended; false when nothing changed. Its time of ending stays the first one."""
    # A job that a person pauses is no business of the hours any more: let go later, it keeps its time
    tx.execute("UPDATE run_jobs SET held_until = NULL WHERE run_id = ? AND held_until IS NOT NULL", (run_id,))
    return bool(
        tx.execute(
            "UPDATE schedule_runs SET state = ?, message = ?, error = ?, ended_at = coalesce(ended_at, ?),"
            " started_at = coalesce(started_at, ?), starts_at = NULL"
            " WHERE id = ? AND (state, message, error) IS NOT (?, ?, ?)",
            (state.value, message, error, now, now, run_id, state.value, message, error),
        ).rowcount
    )


def previous(connection: sqlite3.Connection, run: ScheduleRun) -> ScheduleRun | None:
    """The run of the same schedule that ended before it, skipped ones aside."""
    row = connection.execute(
        f"{_SELECT} WHERE schedule_id = ? AND due_at < ? AND state IN ('done','failed')"
        " ORDER BY due_at DESC LIMIT 1",
        (run.schedule_id, run.due_at),
    ).fetchone()
    return _run(row) if row else None


def statistics(connection: sqlite3.Connection, schedule_id: int) -> Statistics:
    """How the runs of a schedule went."""
    done, failed, mean_s, new, size = connection.execute(
        "SELECT coalesce(sum(state = 'done'), 0), coalesce(sum(state = 'failed'), 0), avg(ended_at - started_at),"
        " coalesce(sum(new), 0), coalesce(sum(size_bytes), 0) FROM schedule_runs"
        " WHERE schedule_id = ? AND state IN ('done','failed')",
        (schedule_id,),
    ).fetchone()
    runs = done + failed
    return Statistics(runs, done, failed, done / runs if runs else None, mean_s, new, size)


def prune(tx: sqlite3.Connection, schedule_id: int, keep: int) -> int:
    """Forget all but the newest runs of a schedule; open ones stay. Returns how many went."""
    gone = 0
    for skipped, most in ((0, keep), (1, min(keep, KEPT_SKIPPED))):
        gone += tx.execute(
            f"DELETE FROM schedule_runs WHERE schedule_id = ? AND NOT {_OPEN} AND (state = 'skipped') = ?"
            " AND due_at < (SELECT due_at FROM schedule_runs WHERE schedule_id = ? AND (state = 'skipped') = ?"
            " ORDER BY due_at DESC LIMIT 1 OFFSET ?)",
            (schedule_id, skipped, schedule_id, skipped, max(0, most - 1)),
        ).rowcount
    return gone


def _run(row: Sequence[Any]) -> ScheduleRun:
    return ScheduleRun(row[0], row[1], row[2], RunKind(row[3]), RunState(row[4]), *row[5:])
