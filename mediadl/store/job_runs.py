"""The queue as the daemon works on it: claim, lease, progress, end of a run, recovery. Used through `store.jobs`.

A claim raises the job's fence; every later write of that run names it and is refused once the fence has moved on.
Leases are measured with `locks.boot_time_s`, everything else in epoch seconds.
"""

from __future__ import annotations

import heapq
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from mediadl.errors import STRANDED_S
from mediadl.events import EventKind
from mediadl.models import ENDED_STATUSES, Job, JobStatus, Lane, Wanted
from mediadl.store import journal, sites
from mediadl.store.job_removal import KEPT_S, take_away
from mediadl.store.job_rows import COLUMNS, fold, marks, to_job
from mediadl.store.locks import boot_time_s

DEATHS_ALLOWED = 3
"""A job whose run died this often in a row without getting anywhere is given up as poison."""

_LOOK_AHEAD = 64
_READY = "download_queue WHERE status = 'pending' AND wanted = 'run' AND lane = ?"


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How far a run is. `None` in a total leaves the known one."""

    job_id: int
    fence: int
    progress: float
    """0 to 100."""
    bytes_done: int = 0
    bytes_total: int | None = None
    speed_bytes_per_s: float = 0.0
    items_total: int | None = None
    items_stored: int = 0
    items_skipped: int = 0
    items_failed: int = 0
    estimated_completion: float | None = None


def claim(
    tx: sqlite3.Connection,
    *,
    lane: Lane,
    limit: int,
    per_site: int,
    worker: str,
    boot: str,
    lease_until: float,
    now: float,
    one_at_a_time: Collection[str] = (),
) -> list[Job]:
    """Take up to `limit` jobs that are ready, best first, and make them active for `worker`.

    Sites that cool down, or that have `per_site` active jobs of this lane already (0: any number), are passed over.
    One whose cool-down is over gets a single job, of whichever lane, until it has given something. `one_at_a_time`:
    sites with one active job of this lane at most. `lease_until` is a moment of `boot_time_s`.
    """
    chosen = _choose(tx, lane, limit, per_site if per_site > 0 else sys.maxsize, now, one_at_a_time)
    if not chosen:
        return []
    rows = tx.execute(
        f"""
        UPDATE download_queue SET status = 'active', wanted = 'run', fence = fence + 1, attempts = attempts + 1,
            assigned_worker = ?, lease_boot = ?, lease_until = ?, started_at = coalesce(started_at, ?),
            finished_at = NULL, not_before = NULL, reason = '', message = '', speed_bytes_per_s = 0,
            estimated_completion = NULL
        WHERE id IN ({marks(chosen)}) AND status = 'pending' RETURNING {COLUMNS}
        """,
        (worker, boot, lease_until, now, *chosen),
    ).fetchall()
    found = {row[0]: to_job(row) for row in rows}
    claimed = [found[job_id] for job_id in chosen if job_id in found]
    told = (
        (job.id, {"status": "active", "reason": "", "message": "", "attempts": job.attempts})
        for job in claimed
    )
    journal.append_changes(tx, EventKind.JOB_CHANGED, told, now)
    return claimed


def _choose(
    tx: sqlite3.Connection, lane: Lane, limit: int, per_site: int, now: float, one_at_a_time: Collection[str]
) -> list[int]:
    """The ids to claim. Looks at the head of the line first; only when others block it, at each site's own line."""
    if limit <= 0:
        return []
    room = _room(tx, lane, per_site, now, one_at_a_time)
    ahead = limit + _LOOK_AHEAD
    head = tx.execute(
        f"SELECT id, site FROM {_READY} ORDER BY priority DESC, position, id LIMIT ?", (lane.value, ahead)
    ).fetchall()
    chosen: list[int] = []
    left = dict(room)
    for job_id, site in head:
        free = left.get(site, per_site)
        if free > 0:
            left[site] = free - 1
            chosen.append(job_id)
            if len(chosen) == limit:
                return chosen
    if len(head) < ahead:
        return chosen
    return _choose_by_site(tx, lane, limit, room, per_site)


def _room(
    tx: sqlite3.Connection, lane: Lane, per_site: int, now: float, one_at_a_time: Collection[str]
) -> dict[str, int]:
    """How many jobs may start at each site that is not like the others (those: `per_site`)."""
    busy, anywhere = Counter[str](), Counter[str]()
    for word, site, n in tx.execute(
        "SELECT lane, site, COUNT(*) FROM download_queue WHERE status = 'active' GROUP BY lane, site"
    ).fetchall():
        anywhere[site] += int(n)
        if word == lane.value:
            busy[site] += int(n)
    room = {site: per_site - n for site, n in busy.items()}
    room |= {site: min(per_site, 1) - busy[site] for site in one_at_a_time}
    room |= {site: 1 - anywhere[site] for site in sites.half_open(tx, now)}
    room |= {state.site: 0 for state in sites.resting(tx, now)}
    return room


def _choose_by_site(
    tx: sqlite3.Connection,
    lane: Lane,
    limit: int,
    room: dict[str, int],
    per_site: int,
) -> list[int]:
    """The best of every site's line: a blocked site costs one look-up, however many jobs it has waiting."""
    lines: list[tuple[int, float, int]] = []
    row = tx.execute(f"SELECT min(site) FROM {_READY}", (lane.value,)).fetchone()
    while row[0] is not None:
        site = row[0]
        free = min(limit, room.get(site, per_site))
        if free > 0:
            lines += tx.execute(
                f"SELECT -priority, position, id FROM {_READY} AND site = ?"
                " ORDER BY priority DESC, position, id LIMIT ?",
                (lane.value, site, free),
            ).fetchall()
        row = tx.execute(f"SELECT min(site) FROM {_READY} AND site > ?", (lane.value, site)).fetchone()
    return [job_id for _, _, job_id in heapq.nsmallest(limit, lines)]


def wanted_changes(connection: sqlite3.Connection) -> list[tuple[int, Wanted]]:
    """Active jobs of which the user wants something else than to run."""
    rows = connection.execute(
        "SELECT id, wanted FROM download_queue WHERE status = 'active' AND wanted <> 'run' ORDER BY id"
    ).fetchall()
    return [(job_id, Wanted(word)) for job_id, word in rows]


def extend_leases(tx: sqlite3.Connection, worker: str, lease_until: float) -> int:
    """Lengthen the leases of a worker's active jobs; returns how many it has."""
    return int(
        tx.execute(
            "UPDATE download_queue SET lease_until = ? WHERE status = 'active' AND assigned_worker = ?",
            (lease_until, worker),
        ).rowcount
    )


_DESCRIBED = frozenset(
    {
        "backend", "tried", "title", "items_total", "bytes_total", "lane", "content_type", "message", "reason",
        "platform", "site", "estimated_completion",
    }
)  # fmt: skip


def describe(tx: sqlite3.Connection, job_id: int, fence: int, **fields: Any) -> bool:
    """Note facts about a run, such as `backend`, `tried`, `title`; false when the fence has moved on.

    Raises:
        TypeError: no such fact.
    """
    if unknown := fields.keys() - _DESCRIBED:
        raise TypeError(f"describe() knows no {', '.join(sorted(unknown))}")
    if not fields:
        return _is_running(tx, job_id, fence)
    values = {name: getattr(value, "value", value) for name, value in fields.items()}
    columns = dict(values)
    if "title" in values:
        url = tx.execute("SELECT url FROM download_queue WHERE id = ?", (job_id,)).fetchone()
        columns["folded"] = fold(str(values["title"]), url[0] if url else "")
    changed = tx.execute(
        f"UPDATE download_queue SET {', '.join(f'{name} = ?' for name in columns)}"
        " WHERE id = ? AND fence = ? AND status = 'active'",
        (*columns.values(), job_id, fence),
    ).rowcount
    if changed:
        journal.append_changes(tx, EventKind.JOB_CHANGED, [(job_id, values)], time.time())
    return bool(changed)


def progress(tx: sqlite3.Connection, rows: Sequence[ProgressRow]) -> None:
    """Note how far runs are; rows with an old fence are dropped, nothing is written to the journal.

    A run that got further is not poison: its count of deaths starts over.
    """
    tx.executemany(
        """
        UPDATE download_queue SET deaths = CASE WHEN ? > bytes_done OR ? > items_stored THEN 0 ELSE deaths END,
            progress = ?, bytes_done = ?, bytes_total = coalesce(?, bytes_total), speed_bytes_per_s = ?,
            items_total = coalesce(?, items_total), items_stored = ?, items_skipped = ?, items_failed = ?,
            estimated_completion = ?
        WHERE id = ? AND fence = ? AND status = 'active'
        """,
        [
            (
                row.bytes_done, row.items_stored, row.progress, row.bytes_done, row.bytes_total,
                row.speed_bytes_per_s, row.items_total, row.items_stored, row.items_skipped, row.items_failed,
                row.estimated_completion, row.job_id, row.fence,
            )
            for row in rows
        ],
    )  # fmt: skip


def settle(
    tx: sqlite3.Connection,
    job_id: int,
    fence: int,
    status: JobStatus,
    *,
    now: float,
    reason: str = "",
    message: str = "",
    not_before: float | None = None,
    refund_attempt: bool = False,
    lane: Lane | None = None,
    backend: str | None = None,
    tried: str | None = None,
    progress: float | None = None,
    wish: Wanted | None = None,
    fresh: bool = False,
) -> bool:
    """End a run: the job gets `status` and is in nobody's hands; false when the fence has moved on.

    What the user asked for meanwhile counts: a job that would go on is paused or cancelled instead, one that was to be
    removed goes, whatever the status, and would come back pending. `wish` is what the run was ended for: taken back
    since, it does not count, and the job goes on. `fresh`: what comes next is another piece of work, with all attempts.
    """
    row = tx.execute(
        "SELECT wanted FROM download_queue WHERE id = ? AND fence = ? AND status = 'active'", (job_id, fence)
    ).fetchone()
    if row is None:
        return False
    wanted = Wanted(row[0])
    asked = status
    status = _obey(status if wish is None else JobStatus.PENDING, wanted)
    if status is not asked and status is JobStatus.PENDING:
        refund_attempt = True
    changes: dict[str, Any] = {
        "status": status.value,
        "reason": reason,
        "message": message,
        "not_before": not_before if status in {JobStatus.WAITING, JobStatus.SCHEDULED} else None,
        "finished_at": now if status in ENDED_STATUSES else None,
    }
    if status is JobStatus.COMPLETED and progress is None:
        progress = 100.0
    optional = {"lane": lane and lane.value, "backend": backend, "tried": tried, "progress": progress}
    changes.update((name, value) for name, value in optional.items() if value is not None)
    tx.execute(
        f"UPDATE download_queue SET {', '.join(f'{name} = ?' for name in changes)}, wanted = 'run', deaths = 0,"
        " assigned_worker = '', lease_boot = '', lease_until = NULL, speed_bytes_per_s = 0,"
        " estimated_completion = NULL, attempts = CASE WHEN ? THEN 0 ELSE max(0, attempts - ?) END WHERE id = ?",
        (*changes.values(), fresh, int(refund_attempt), job_id),
    )
    if wanted is Wanted.REMOVE:
        take_away(tx, [job_id], now, purge_at=now + KEPT_S)
    else:
        journal.append_changes(tx, EventKind.JOB_CHANGED, [(job_id, changes)], now)
    return True


def recover(
    tx: sqlite3.Connection,
    *,
    worker: str | None,
    boot: str,
    now: float,
    lease_now: float | None = None,
    deaths_allowed: int = DEATHS_ALLOWED,
) -> list[int]:
    """Put the active jobs of dead workers back into the queue; returns them.

    Dead are owners from before the machine's last start, owners whose lease ran out (against `lease_now`, by default
    `boot_time_s()`), and, where `worker` is given, all others than that one. The attempt is given back; a job that died
    `deaths_allowed` times in a row without progress fails as interrupted. Wishes of the user are obeyed.
    """
    rows = tx.execute(
        "SELECT id, wanted, deaths FROM download_queue WHERE status = 'active' AND (lease_boot <> ?"
        " OR coalesce(lease_until, 0) < ? OR (? IS NOT NULL AND assigned_worker <> ?)) ORDER BY id",
        (boot, boot_time_s() if lease_now is None else lease_now, worker, worker),
    ).fetchall()
    told: list[tuple[int, dict[str, Any]]] = []
    for job_id, word, deaths in rows:
        poison = deaths + 1 >= deaths_allowed
        status = _obey(JobStatus.FAILED if poison else JobStatus.PENDING, Wanted(word))
        failed = status is JobStatus.FAILED
        changes = {
            "status": status.value,
            "reason": "interrupted" if failed else "",
            "message": f"Its process died {deaths + 1} times in a row" if failed else "",
            "finished_at": now if status in ENDED_STATUSES else None,
        }
        tx.execute(
            "UPDATE download_queue SET status = ?, reason = ?, message = ?, finished_at = ?, wanted = 'run',"
            " deaths = deaths + 1, assigned_worker = '', lease_boot = '', lease_until = NULL, speed_bytes_per_s = 0,"
            " estimated_completion = NULL, attempts = max(0, attempts - ?) WHERE id = ?",
            (*changes.values(), int(not failed), job_id),
        )
        told.append((job_id, changes))
    journal.append_changes(tx, EventKind.JOB_CHANGED, told, now)
    gone = [job_id for job_id, word, _ in rows if word == Wanted.REMOVE.value]
    take_away(tx, gone, now, purge_at=now + KEPT_S)
    return [row[0] for row in rows]


def promote(tx: sqlite3.Connection, now: float) -> int:
    """Make jobs pending whose time has come; returns how many. `job_hours` lets those go that allowed hours hold."""
    return _release(
        tx,
        "status IN ('waiting','scheduled') AND not_before <= ? AND NOT EXISTS"
        " (SELECT 1 FROM run_jobs WHERE job_id = download_queue.id AND held_until IS NOT NULL)",
        (now,),
        now,
    )


def free_stranded(tx: sqlite3.Connection, now: float) -> int:
    """Make jobs pending that would wait longer than anything may: the clock was wrong when they were told to."""
    return _release(tx, "status = 'waiting' AND not_before > ?", (now + STRANDED_S,), now)


def wake(tx: sqlite3.Connection, *, site: str | None, reason: str) -> int:
    """Make jobs pending that wait for this reason, at this site or (None) anywhere; returns how many."""
    return _release(
        tx,
        "status = 'waiting' AND reason = ? AND (? IS NULL OR site = ?)",
        (reason, site, site),
        time.time(),
    )


def next_due(connection: sqlite3.Connection) -> float | None:
    """When the next waiting or scheduled job may start; None when none has a time."""
    row = connection.execute(
        "SELECT min(not_before) FROM download_queue"
        " WHERE status IN ('waiting', 'scheduled') AND not_before IS NOT NULL"
    ).fetchone()
    return None if row[0] is None else float(row[0])


def _release(tx: sqlite3.Connection, where: str, values: Sequence[Any], now: float) -> int:
    rows = tx.execute(
        "UPDATE download_queue SET status = 'pending', not_before = NULL, reason = '', message = ''"
        f" WHERE {where} RETURNING id",
        values,
    ).fetchall()
    told = ((row[0], {"status": "pending", "reason": "", "message": ""}) for row in rows)
    journal.append_changes(tx, EventKind.JOB_CHANGED, told, now)
    return len(rows)


def _obey(status: JobStatus, wanted: Wanted) -> JobStatus:
    """What becomes of a job that would end up as `status` while the user wants something else."""
    if wanted is Wanted.CANCEL and status not in ENDED_STATUSES:
        return JobStatus.CANCELLED
    if wanted is Wanted.PAUSE and status not in ENDED_STATUSES:
        return JobStatus.PAUSED
    return status


def _is_running(tx: sqlite3.Connection, job_id: int, fence: int) -> bool:
    return (
        tx.execute(
            "SELECT 1 FROM download_queue WHERE id = ? AND fence = ? AND status = 'active'", (job_id, fence)
        ).fetchone()
        is not None
    )
