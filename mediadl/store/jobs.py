"""The queue: what people ask of jobs. The only room that writes a job's status.

`job_runs` has what the daemon does with them, `job_windows` how they are listed; both are meant to be used through this
module. `job_plans` gives them a time to start at. Functions never begin or commit: `tx` is a connection inside
`Database.write`.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from mediadl.errors import NotFound
from mediadl.events import EventKind
from mediadl.models import Job, JobRequest, JobStatus, Priority, Wanted
from mediadl.store import journal
from mediadl.store.job_places import by_position, last_position, move, move_telling, place
from mediadl.store.job_removal import KEPT_S, doomed, forget, give_back, removed, take_away
from mediadl.store.job_rows import (
    COLUMNS,
    ENDED,
    LISTED,
    OPEN,
    chunks,
    fold,
    listed,
    marks,
    returned,
    to_job,
)
from mediadl.store.job_runs import (
    DEATHS_ALLOWED,
    ProgressRow,
    claim,
    describe,
    extend_leases,
    free_stranded,
    next_due,
    progress,
    promote,
    recover,
    settle,
    wake,
    wanted_changes,
)
from mediadl.store.job_standing import Standing, stand_again, standing
from mediadl.store.job_windows import count, counts, ids, index_of, window

__all__ = [
    "DEATHS_ALLOWED",
    "KEPT_S",
    "ProgressRow",
    "Standing",
    "add",
    "by_position",
    "by_priority",
    "claim",
    "clear",
    "count",
    "counts",
    "describe",
    "doomed",
    "extend_leases",
    "forget",
    "free_stranded",
    "get",
    "get_many",
    "give_back",
    "ids",
    "index_of",
    "missing",
    "move",
    "move_telling",
    "next_due",
    "owners",
    "place",
    "progress",
    "promote",
    "recover",
    "removed",
    "request",
    "retry",
    "set_priority",
    "set_title",
    "settle",
    "stand_again",
    "standing",
    "wake",
    "wanted_changes",
    "window",
    "with_urls",
]

_INSERT = """
INSERT INTO download_queue(id, url, platform, site, lane, first_lane, content_type, title, status, priority, position,
    options, trusted, not_before, max_attempts, created_at, folded, owner_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def add(
    tx: sqlite3.Connection, requests: Sequence[JobRequest], *, max_attempts: int, now: float
) -> list[int]:
    """Put jobs at the end of the queue and return their ids, in the order of the requests."""
    row = tx.execute("SELECT seq FROM sqlite_sequence WHERE name = 'download_queue'").fetchone()
    start = (row[0] if row else 0) + 1
    # Above every manual position, so that "to the bottom" and "added later" never meet
    offset = max(0.0, math.floor(last_position(tx)) + 1.0 - start)
    rows: list[tuple[Any, ...]] = []
    told: list[tuple[int, dict[str, Any]]] = []
    for job_id, asked in enumerate(requests, start):
        status = JobStatus.PENDING
        not_before = asked.not_before
        if not_before is not None and not_before > now:
            status = JobStatus.SCHEDULED
        else:
            not_before = None
        options = json.dumps(asked.options, ensure_ascii=False) if asked.options else "{}"
        position = job_id + offset
        rows.append(
            (
                job_id, asked.url, asked.platform, asked.site, asked.lane.value, asked.lane.value,
                asked.content_type, asked.title, status.value, int(asked.priority), position, options,
                int(asked.trusted), not_before, max_attempts, now, fold(asked.title, asked.url),
                asked.owner_id,
            )
        )  # fmt: skip
        told.append(
            (
                job_id,
                {
                    "status": status.value,
                    "platform": asked.platform,
                    "site": asked.site,
                    "title": asked.title,
                    "priority": int(asked.priority),
                    "position": position,
                    "reason": "",
                    "backend": "",
                },
            )
        )
    tx.executemany(_INSERT, rows)
    journal.append_changes(tx, EventKind.JOB_ADDED, told, now)
    return [row[0] for row in rows]


def get(connection: sqlite3.Connection, job_id: int) -> Job:
    """One job.

    Raises:
        NotFound: there is no job of that number.
    """
    row = connection.execute(f"SELECT {COLUMNS} FROM download_queue WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFound(f"No job {job_id}", next_step="See the numbers with mediadl queue list.")
    return to_job(row)


def get_many(connection: sqlite3.Connection, ids: Iterable[int]) -> list[Job]:
    """The jobs of these numbers that exist, in the order asked."""
    wanted = list(ids)
    found: dict[int, Job] = {}
    for part in chunks(wanted):
        sql = f"SELECT {COLUMNS} FROM download_queue WHERE id IN ({marks(part)})"
        found.update((row[0], to_job(row)) for row in connection.execute(sql, part).fetchall())
    return [found[job_id] for job_id in wanted if job_id in found]


def missing(connection: sqlite3.Connection, ids: Iterable[int], owner_id: int | None = None) -> list[int]:
    """Those of the numbers that no job (of an account, if one is given) bears, in order."""
    whose = "" if owner_id is None else f" WHERE owner_id = {int(owner_id)}"
    sql = f"SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM download_queue{whose}) ORDER BY value"
    return [row[0] for row in connection.execute(sql, (listed(ids),)).fetchall()]


def owners(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, int | None]:
    """Whose jobs are, by their number; None: the machine owner's."""
    sql = f"SELECT id, owner_id FROM download_queue WHERE id IN {LISTED} ORDER BY id"
    return dict(connection.execute(sql, (listed(ids),)).fetchall())


def with_urls(
    connection: sqlite3.Connection, urls: Sequence[str], owner_id: int | None = None
) -> dict[str, tuple[int, JobStatus]]:
    """The newest job (of an account, if one is given) of each of the addresses. Looks through the whole list once."""
    whose = "" if owner_id is None else f" AND owner_id = {int(owner_id)}"
    rows = connection.execute(
        f"SELECT url, max(id), status FROM download_queue WHERE url IN (SELECT value FROM json_each(?)){whose}"
        " GROUP BY url",
        (json.dumps(list(dict.fromkeys(urls))),),
    ).fetchall()
    return {url: (job_id, JobStatus(word)) for url, job_id, word in rows}


def request(
    tx: sqlite3.Connection, ids: Iterable[int], wanted: Wanted, now: float, *, purge_at: float | None = None
) -> list[int]:
    """Make known what the user wants of jobs; returns those for which that changed anything.

    Jobs nobody works on obey at once. Active ones only get the wish noted: the daemon sees it and obeys. Pause, cancel
    and run leave ended jobs as they are. Removed ones can come back until `purge_at` (by default for `KEPT_S`).
    """
    asked = listed(ids)
    noted = returned(
        tx,
        "UPDATE download_queue SET wanted = ?"
        f" WHERE +status = 'active' AND wanted <> ? AND id IN {LISTED} RETURNING id",
        (wanted.value, wanted.value, asked),
    )
    _tell(tx, noted, {"wanted": wanted.value}, now)
    if wanted is Wanted.REMOVE:
        return noted + take_away(tx, ids, now, purge_at=now + KEPT_S if purge_at is None else purge_at)
    return noted + _OBEY[wanted](tx, asked, now)


def retry(tx: sqlite3.Connection, ids: Iterable[int], now: float) -> list[int]:
    """Start ended jobs over: all attempts again, in the lane the module first chose; returns those that were."""
    changed = returned(
        tx,
        f"""
        UPDATE download_queue SET status = 'pending', wanted = 'run', attempts = 0, deaths = 0, reason = '',
            message = '', tried = '', backend = '', lane = first_lane, not_before = NULL, progress = 0,
            bytes_done = 0, speed_bytes_per_s = 0, items_stored = 0, items_skipped = 0, items_failed = 0,
            started_at = NULL, finished_at = NULL, estimated_completion = NULL
        WHERE +status IN {ENDED} AND id IN {LISTED} RETURNING id
        """,
        (listed(ids),),
    )
    _tell(tx, changed, {"status": "pending", "reason": "", "message": "", "backend": ""}, now)
    return changed


def set_priority(
    tx: sqlite3.Connection, ids: Iterable[int], priority: Priority, now: float | None = None
) -> list[int]:
    """Give jobs a priority; returns those that had another one."""
    changed = returned(
        tx,
        f"UPDATE download_queue SET priority = ? WHERE priority <> ? AND id IN {LISTED} RETURNING id",
        (int(priority), int(priority), listed(ids)),
    )
    _tell(tx, changed, {"priority": int(priority)}, now)
    return changed


def by_priority(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[Priority, list[int]]:
    """Those of the jobs that exist, by the priority they have."""
    found: dict[Priority, list[int]] = {}
    sql = f"SELECT priority, id FROM download_queue WHERE id IN {LISTED} ORDER BY id"
    for word, job_id in connection.execute(sql, (listed(ids),)).fetchall():
        found.setdefault(Priority(word), []).append(job_id)
    return found


def set_title(tx: sqlite3.Connection, job_id: int, title: str, now: float | None = None) -> bool:
    """Give a job its name; false when there is no such job."""
    row = tx.execute("SELECT url FROM download_queue WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        return False
    tx.execute(
        "UPDATE download_queue SET title = ?, folded = ? WHERE id = ?", (title, fold(title, row[0]), job_id)
    )
    _tell(tx, [job_id], {"title": title}, now)
    return True


def clear(
    tx: sqlite3.Connection,
    statuses: Collection[JobStatus],
    now: float | None = None,
    *,
    ids: Iterable[int] | None = None,
    purge_at: float | None = None,
) -> list[int]:
    """Take jobs of these statuses off the list, all or only of `ids`, active ones never; returns those that went.

    They can come back until `purge_at` (by default for `KEPT_S`).
    """
    at = _time(now)
    words = sorted({status.value for status in statuses} - {JobStatus.ACTIVE.value})
    chosen = f"status IN ({', '.join(repr(word) for word in words)})" if words else "0"
    if ids is None:
        ids = returned(tx, f"SELECT id FROM download_queue WHERE {chosen}", ())
    return take_away(tx, ids, at, purge_at=at + KEPT_S if purge_at is None else purge_at, where=chosen)


def _pause(tx: sqlite3.Connection, asked: str, now: float) -> list[int]:
    # A planned start is kept: let go, the job waits for it again
    changed = returned(
        tx,
        "UPDATE download_queue SET status = 'paused', reason = '', message = '',"
        " not_before = CASE status WHEN 'scheduled' THEN not_before END"
        f" WHERE +status IN ('pending','waiting','scheduled') AND id IN {LISTED} RETURNING id",
        (asked,),
    )
    _tell(tx, changed, {"status": "paused", "reason": "", "message": ""}, now)
    return changed


def _run(tx: sqlite3.Connection, asked: str, now: float) -> list[int]:
    planned = returned(
        tx,
        "UPDATE download_queue SET status = 'scheduled', reason = '', message = ''"
        f" WHERE +status = 'paused' AND not_before > ? AND id IN {LISTED} RETURNING id",
        (now, asked),
    )
    _tell(tx, planned, {"status": "scheduled", "reason": "", "message": ""}, now)
    changed = returned(
        tx,
        "UPDATE download_queue SET status = 'pending', not_before = NULL, reason = '', message = ''"
        f" WHERE +status IN ('paused','waiting','scheduled') AND id IN {LISTED}"
        " AND id NOT IN (SELECT value FROM json_each(?)) RETURNING id",
        (asked, listed(planned)),
    )
    _tell(tx, changed, {"status": "pending", "reason": "", "message": ""}, now)
    return planned + changed


def _cancel(tx: sqlite3.Connection, asked: str, now: float) -> list[int]:
    changed = returned(
        tx,
        "UPDATE download_queue SET status = 'cancelled', not_before = NULL, reason = '', message = '',"
        f" finished_at = ? WHERE +status IN {OPEN} AND id IN {LISTED} RETURNING id",
        (now, asked),
    )
    _tell(tx, changed, {"status": "cancelled", "reason": "", "message": ""}, now)
    return changed


_OBEY: dict[Wanted, Callable[[sqlite3.Connection, str, float], list[int]]] = {
    Wanted.PAUSE: _pause,
    Wanted.RUN: _run,
    Wanted.CANCEL: _cancel,
}


def _tell(tx: sqlite3.Connection, ids: Sequence[int], payload: dict[str, Any], now: float | None) -> None:
    journal.append_same(tx, EventKind.JOB_CHANGED, ids, payload, _time(now))


def _time(now: float | None) -> float:
    return time.time() if now is None else now
