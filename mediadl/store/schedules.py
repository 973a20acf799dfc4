"""Schedules: what was told, and when each is due next. Their runs are in `schedule_runs`.

Functions never begin or commit: `tx` is a connection inside `Database.write`. Times are epoch seconds.
"""

from __future__ import annotations

import builtins
import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mediadl.errors import InvalidInput, NotFound
from mediadl.events import Event, EventKind
from mediadl.models.schedules import Schedule, Source
from mediadl.store import journal, sources
from mediadl.store.job_rows import LISTED, listed

if TYPE_CHECKING:
    from mediadl.timing.rules import Due

_COLUMNS = (
    "id, name, enabled, spec, owner_id, last_due_at, next_due_at, next_start_at, note, created_at, changed_at"
)
_SELECT = f"SELECT {_COLUMNS} FROM schedules"
_DUE = "schedules INDEXED BY schedules_due WHERE enabled AND next_start_at IS NOT NULL"


def add(
    tx: sqlite3.Connection,
    name: str,
    spec: Mapping[str, Any],
    source_ids: Sequence[int],
    enabled: bool,
    owner_id: int | None,
    due: Due | None,
    now: float,
) -> int:
    """Keep a new schedule and return its number. `due`: its first run; None: there is none.

    Raises:
        InvalidInput: the name is taken.
    """
    _refuse_taken(tx, name, 0)
    made = tx.execute(
        "INSERT INTO schedules(name, enabled, spec, owner_id, next_due_at, next_start_at, created_at, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (name, int(enabled), _dump(spec), owner_id, *_times(due), now, now),
    )
    schedule_id = int(made.lastrowid or 0)
    _put_sources(tx, schedule_id, source_ids)
    tell(tx, schedule_id, "added", now)
    return schedule_id


def get(connection: sqlite3.Connection, schedule_id: int) -> Schedule:
    """One schedule.

    Raises:
        NotFound: there is none of that number.
    """
    found = find(connection, schedule_id)
    if found is None:
        raise NotFound(f"No schedule {schedule_id}", next_step="See them with mediadl schedule list.")
    return found


def find(connection: sqlite3.Connection, schedule_id: int) -> Schedule | None:
    """The same, or None."""
    row = connection.execute(f"{_SELECT} WHERE id = ?", (schedule_id,)).fetchone()
    return _schedule(row) if row else None


def get_many(connection: sqlite3.Connection, ids: Iterable[int]) -> builtins.list[Schedule]:
    """Those of the numbers that exist, in the order asked."""
    wanted = builtins.list(ids)
    rows = connection.execute(f"{_SELECT} WHERE id IN {LISTED}", (listed(wanted),)).fetchall()
    found = {row[0]: _schedule(row) for row in rows}
    return [found[one] for one in wanted if one in found]


def by_name(connection: sqlite3.Connection, name: str) -> Schedule | None:
    """The schedule of that name, or None."""
    row = connection.execute(f"{_SELECT} WHERE name = ?", (name,)).fetchone()
    return _schedule(row) if row else None


def list(  # noqa: A001 - as the other rooms of the store call it
    connection: sqlite3.Connection, *, owner_id: int | None = None, limit: int = -1, offset: int = 0
) -> builtins.list[Schedule]:
    """Schedules by name. `owner_id`: only those of one user; None: all."""
    rows = connection.execute(
        f"{_SELECT} WHERE ? IS NULL OR owner_id = ? ORDER BY name COLLATE NOCASE, id LIMIT ? OFFSET ?",
        (owner_id, owner_id, limit, offset),
    ).fetchall()
    return [_schedule(row) for row in rows]


def count(connection: sqlite3.Connection, *, owner_id: int | None = None) -> int:
    """How many of those there are."""
    sql = "SELECT COUNT(*) FROM schedules WHERE ? IS NULL OR owner_id = ?"
    return int(connection.execute(sql, (owner_id, owner_id)).fetchone()[0])


def change(
    tx: sqlite3.Connection,
    schedule_id: int,
    *,
    name: str,
    spec: Mapping[str, Any],
    source_ids: Sequence[int],
    enabled: bool,
    due: Due | None,
    now: float,
) -> None:
    """Put what was told anew in the place of what was. `due`: its next run, reckoned anew; None: there is none.

    Raises:
        NotFound: there is no such schedule.
        InvalidInput: the name is taken by another one.
    """
    get(tx, schedule_id)
    _refuse_taken(tx, name, schedule_id)
    tx.execute(
        "UPDATE schedules SET name = ?, spec = ?, enabled = ?, next_due_at = ?, next_start_at = ?, note = '',"
        " changed_at = ? WHERE id = ?",
        (name, _dump(spec), int(enabled), *_times(due), now, schedule_id),
    )
    _put_sources(tx, schedule_id, source_ids)
    tell(tx, schedule_id, "changed", now)


def give_to(tx: sqlite3.Connection, schedule_id: int, owner_id: int) -> None:
    """Change whose a schedule is."""
    tx.execute("UPDATE schedules SET owner_id = ? WHERE id = ?", (owner_id, schedule_id))


def set_enabled(tx: sqlite3.Connection, schedule_id: int, enabled: bool, due: Due | None, now: float) -> bool:
    """Switch a schedule on, with its next run, or off; false when it was so already."""
    changed = tx.execute(
        "UPDATE schedules SET enabled = ?, next_due_at = ?, next_start_at = ?, changed_at = ?"
        " WHERE id = ? AND enabled <> ?",
        (int(enabled), *_times(due if enabled else None), now, schedule_id, int(enabled)),
    ).rowcount
    if changed:
        tell(tx, schedule_id, "changed", now)
    return bool(changed)


def remove(tx: sqlite3.Connection, ids: Iterable[int], now: float) -> builtins.list[int]:
    """Forget schedules with their runs; jobs they made stay. Returns those that went."""
    gone: builtins.list[int] = [
        row[0]
        for row in tx.execute(
            f"DELETE FROM schedules WHERE id IN {LISTED} RETURNING id", (listed(ids),)
        ).fetchall()
    ]
    for schedule_id in gone:
        tell(tx, schedule_id, "removed", now)
    return gone


def set_next(
    tx: sqlite3.Connection,
    schedule_id: int,
    due: Due | None,
    now: float,
    *,
    last_due_at: float | None = None,
    note: str | None = None,
) -> None:
    """Note the next run (None: never again) and, where given, the newest due time that was dealt with."""
    tx.execute(
        "UPDATE schedules SET next_due_at = ?, next_start_at = ?, last_due_at = coalesce(?, last_due_at),"
        " note = coalesce(?, note) WHERE id = ?",
        (*_times(due), last_due_at, note, schedule_id),
    )
    tell(tx, schedule_id, "changed", now)


def set_note(tx: sqlite3.Connection, schedule_id: int, note: str, now: float) -> bool:
    """Note what is wrong with a schedule, in words; false when that is known."""
    changed = tx.execute(
        "UPDATE schedules SET note = ? WHERE id = ? AND note <> ?", (note, schedule_id, note)
    ).rowcount
    if changed:
        tell(tx, schedule_id, "changed", now)
    return bool(changed)


def due(connection: sqlite3.Connection, now: float, limit: int) -> builtins.list[Schedule]:
    """Those whose next run is to start, the one that waits longest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM {_DUE} AND next_start_at <= ? ORDER BY next_start_at LIMIT ?", (now, limit)
    ).fetchall()
    return [_schedule(row) for row in rows]


def next_start(connection: sqlite3.Connection) -> float | None:
    """When the next run of any schedule that is switched on starts; None: never."""
    row = connection.execute(f"SELECT min(next_start_at) FROM {_DUE}").fetchone()
    return None if row[0] is None else float(row[0])


def ahead_of(connection: sqlite3.Connection, at: float) -> builtins.list[int]:
    """Those that dealt with a due time after a moment: the clock went back since."""
    rows = connection.execute("SELECT id FROM schedules WHERE enabled AND last_due_at > ?", (at,)).fetchall()
    return [row[0] for row in rows]


def source_ids(connection: sqlite3.Connection, schedule_id: int) -> builtins.list[int]:
    """What a schedule looks at, in the order told."""
    rows = connection.execute(
        "SELECT source_id FROM schedule_sources WHERE schedule_id = ? ORDER BY position", (schedule_id,)
    ).fetchall()
    return [row[0] for row in rows]


def sources_of(connection: sqlite3.Connection, schedule_id: int) -> builtins.list[Source]:
    """The same, with all that is known of them."""
    return sources.get_many(connection, source_ids(connection, schedule_id))


def with_source(connection: sqlite3.Connection, source_id: int) -> builtins.list[Schedule]:
    """The schedules that look at a source, by name."""
    rows = connection.execute(
        f"{_SELECT} WHERE id IN (SELECT schedule_id FROM schedule_sources WHERE source_id = ?) ORDER BY name",
        (source_id,),
    ).fetchall()
    return [_schedule(row) for row in rows]


def tell(tx: sqlite3.Connection, schedule_id: int, what: str, now: float | None = None, **more: Any) -> None:
    """Write a fact about a schedule into the journal: `added`, `changed`, `removed` or `run`."""
    event = Event(EventKind.SCHEDULE_CHANGED, None, {"schedule": schedule_id, "what": what, **more})
    journal.append(tx, [event], time.time() if now is None else now)


def _put_sources(tx: sqlite3.Connection, schedule_id: int, ids: Sequence[int]) -> None:
    tx.execute("DELETE FROM schedule_sources WHERE schedule_id = ?", (schedule_id,))
    tx.executemany(
        "INSERT INTO schedule_sources(schedule_id, source_id, position) VALUES (?, ?, ?)",
        [(schedule_id, source_id, n) for n, source_id in enumerate(dict.fromkeys(ids))],
    )


def _refuse_taken(tx: sqlite3.Connection, name: str, schedule_id: int) -> None:
    if tx.execute("SELECT 1 FROM schedules WHERE name = ? AND id <> ?", (name, schedule_id)).fetchone():
        raise InvalidInput(f"There is a schedule {name!r} already", next_step="Give it another name.")


def _times(due: Due | None) -> tuple[float | None, float | None]:
    return (None, None) if due is None else (due.due_at, due.start_at)


def _dump(spec: Mapping[str, Any]) -> str:
    return json.dumps(dict(spec), ensure_ascii=False, separators=(",", ":"))


def _schedule(row: Sequence[Any]) -> Schedule:
    return Schedule(row[0], row[1], bool(row[2]), json.loads(row[3]), *row[4:])
