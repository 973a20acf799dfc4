"""Where jobs stand among those of their priority, and how they move. Used through `store.jobs`."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterable, Sequence

from mediadl.errors import NotFound
from mediadl.events import EventKind
from mediadl.models import ENDED_STATUSES, JobStatus, Move, Priority
from mediadl.store import journal
from mediadl.store.job_rows import LISTED, first, listed, returned


def move(tx: sqlite3.Connection, job_id: int, move: Move, now: float | None = None) -> bool:
    """Change a waiting job's place among those of its priority; false when it is there already or cannot move.

    Raises:
        NotFound: there is no job of that number.
    """
    return bool(move_telling(tx, job_id, move, now))


def move_telling(
    tx: sqlite3.Connection, job_id: int, move: Move, now: float | None = None
) -> list[tuple[int, float, float]]:
    """The same; tells (job, position before, position after) of each job that has another position now."""
    row = tx.execute(
        "SELECT priority, position, status FROM download_queue WHERE id = ?", (job_id,)
    ).fetchone()
    if row is None:
        raise NotFound(f"No job {job_id}", next_step="See the numbers with mediadl queue list.")
    priority, position, status = row
    if status in ENDED_STATUSES or status == JobStatus.ACTIVE:
        return []
    upward = move in {Move.TOP, Move.UP}
    order, compare = ("DESC", "<") if upward else ("ASC", ">")
    neighbours = (
        f"SELECT position, id FROM download_queue WHERE rank_group = ? AND (rank_place, id) {compare} (?, ?)"
        " ORDER BY rank_place {order}, id {order} LIMIT 1"
    )
    place = (-priority, position, job_id)
    near = tx.execute(neighbours.format(order=order), place).fetchone()
    if near is None:
        return []
    if move in {Move.TOP, Move.BOTTOM}:
        far = tx.execute(neighbours.format(order="ASC" if upward else "DESC"), place).fetchone()
        places = [(job_id, position, far[0] - 1.0 if upward else last_position(tx) + 1.0)]
    elif near[0] == position:
        places = [
            (job_id, position, math.nextafter(position, -math.inf if upward else math.inf)),
        ]
    else:
        places = [(job_id, position, near[0]), (near[1], near[0], position)]
    _place(tx, [(after, id_) for id_, _, after in places], now)
    return places


def place(tx: sqlite3.Connection, places: Sequence[tuple[int, float, float]], now: float) -> list[int]:
    """Put jobs at positions, one after the other, given as (job, position now, position then).

    Leaves those that have moved meanwhile; returns the others.
    """
    sql = "UPDATE download_queue SET position = ? WHERE id = ? AND position = ? RETURNING id"
    moved = {job_id: then for job_id, at, then in places if returned(tx, sql, (then, job_id, at))}
    told = ((job_id, {"position": position}) for job_id, position in moved.items())
    journal.append_changes(tx, EventKind.JOB_CHANGED, told, now)
    return list(moved)


def by_position(connection: sqlite3.Connection, ids: Iterable[int]) -> list[int]:
    """Those of the jobs that exist, in the order in which they start."""
    sql = f"SELECT id FROM download_queue WHERE id IN {LISTED} ORDER BY priority DESC, position, id"
    return [row[0] for row in connection.execute(sql, (listed(ids),)).fetchall()]


def _place(tx: sqlite3.Connection, places: Sequence[tuple[float, int]], now: float | None) -> None:
    tx.executemany("UPDATE download_queue SET position = ? WHERE id = ?", places)
    told = ((job_id, {"position": position}) for position, job_id in places)
    journal.append_changes(tx, EventKind.JOB_CHANGED, told, time.time() if now is None else now)


def last_position(tx: sqlite3.Connection) -> float:
    """The largest position of any open job."""
    largest = 0.0
    for group in (*(-int(priority) for priority in Priority), -100):
        found = first(tx, "SELECT max(rank_place) FROM download_queue WHERE rank_group = ?", (group,))
        largest = max(largest, found or 0.0)
    return largest
