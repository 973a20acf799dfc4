"""What starts by itself, as one list: schedules and jobs with a time, the next one first; those without a time last.

A row's key is the number of a job, or the negative number of a schedule.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mediadl.models.plans import PlanCounts, PlanKind, PlanQuery, Starting

_NEVER = 9e15
_AT = f"COALESCE(CASE WHEN s.enabled THEN s.next_start_at END, {_NEVER})"

_LAST_STATE = (
    "(SELECT r.state FROM schedule_runs r WHERE r.schedule_id = s.id AND r.state <> 'skipped'"
    " ORDER BY r.due_at DESC LIMIT 1)"
)
_AILING = "src.state NOT IN ('ok', 'silent')"
_TROUBLE = (
    f"(s.note <> '' OR {_LAST_STATE} = 'failed' OR EXISTS (SELECT 1 FROM schedule_sources ss"
    " JOIN sources src ON src.id = ss.source_id WHERE ss.schedule_id = s.id"
    f" AND (src.gap_since IS NOT NULL OR {_AILING})))"
)
_OFF = "(NOT s.enabled OR s.next_start_at IS NULL)"

# Without statistics SQLite would take the index of the status and sort
_JOBS = (
    "download_queue AS q INDEXED BY queue_planned"
    " WHERE q.status IN ('scheduled', 'paused') AND q.not_before IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Health:
    """What is not well with a schedule's sources."""

    gap_since: float | None
    ailing: int


def keys(
    connection: sqlite3.Connection, query: PlanQuery, offset: int, limit: int, *, owner: int | None = None
) -> list[int]:
    """The keys of a part of the list. `owner`: only what is this account's; None: everybody's."""
    sql, given = _listed(query, owner)
    rows = connection.execute(
        f"{sql} ORDER BY at, key LIMIT ? OFFSET ?", (*given, max(0, limit), max(0, offset))
    ).fetchall()
    return [int(row[0]) for row in rows]


def count(connection: sqlite3.Connection, query: PlanQuery, *, owner: int | None = None) -> int:
    """How long the list is."""
    sql, given = _listed(query, owner)
    return int(connection.execute(f"SELECT COUNT(*) FROM ({sql})", given).fetchone()[0])


def index_of(
    connection: sqlite3.Connection, query: PlanQuery, key: int, *, owner: int | None = None
) -> int | None:
    """The place of a row in the list, from 0; None when it is not in it."""
    sql, given = _listed(query, owner)
    row = connection.execute(f"SELECT at FROM ({sql}) WHERE key = ?", (*given, key)).fetchone()
    if row is None:
        return None
    before = f"SELECT COUNT(*) FROM ({sql}) WHERE (at, key) < (?, ?)"
    return int(connection.execute(before, (*given, row[0], key)).fetchone()[0])


def counts(connection: sqlite3.Connection, *, owner: int | None = None) -> PlanCounts:
    """How many there are of each kind."""
    mine, given = _of("s", owner)
    schedules, off, trouble = connection.execute(
        f"SELECT COUNT(*), TOTAL({_OFF}), TOTAL({_TROUBLE}) FROM schedules AS s WHERE 1{mine}", given
    ).fetchone()
    mine, given = _of("q", owner)
    once = connection.execute(f"SELECT COUNT(*) FROM {_JOBS}{mine}", given).fetchone()[0]
    return PlanCounts(schedules, once, int(trouble), int(off), schedules - int(off))


def first(connection: sqlite3.Connection, *, owner: int | None = None) -> tuple[int, float] | None:
    """Key and time of what starts next; what is held or switched off never does."""
    mine, given = _of("s", owner)
    schedule = connection.execute(
        "SELECT -id, next_start_at FROM schedules AS s WHERE s.enabled AND s.next_start_at IS NOT NULL"
        f"{mine} ORDER BY s.next_start_at, s.id LIMIT 1",
        given,
    ).fetchone()
    mine, given = _of("q", owner)
    job = connection.execute(
        f"SELECT id, not_before FROM {_JOBS} AND q.status = 'scheduled'{mine} ORDER BY q.not_before, q.id LIMIT 1",
        given,
    ).fetchone()
    found = [row for row in (schedule, job) if row is not None]
    return min(((int(key), float(at)) for key, at in found), key=lambda one: one[1], default=None)


def starting(connection: sqlite3.Connection, *, owner: int | None = None) -> Starting:
    """How many schedules and jobs start by themselves."""
    mine, given = _of("s", owner)
    off, every = connection.execute(
        f"SELECT TOTAL({_OFF}), COUNT(*) FROM schedules AS s WHERE 1{mine}", given
    ).fetchone()
    mine, given = _of("q", owner)
    once = connection.execute(
        f"SELECT COUNT(*) FROM {_JOBS} AND q.status = 'scheduled'{mine}", given
    ).fetchone()
    return Starting(every - int(off), int(off), once[0])


def health(connection: sqlite3.Connection, schedule_ids: Iterable[int]) -> dict[int, Health]:
    """What is not well with the sources of schedules; those whose are well are missing."""
    rows = connection.execute(
        f"SELECT ss.schedule_id, MIN(src.gap_since), TOTAL({_AILING}) FROM schedule_sources ss"
        " JOIN sources src ON src.id = ss.source_id"
        f" WHERE ss.schedule_id IN (SELECT value FROM json_each(?)) AND (src.gap_since IS NOT NULL OR {_AILING})"
        " GROUP BY ss.schedule_id",
        (json.dumps(list(schedule_ids)),),
    ).fetchall()
    return {int(row[0]): Health(row[1], int(row[2])) for row in rows}


def starts(
    connection: sqlite3.Connection, begin: float, end: float, *, owner: int | None = None
) -> list[float]:
    """When jobs start between two moments, held ones aside."""
    mine, given = _of("q", owner)
    rows = connection.execute(
        f"SELECT q.not_before FROM {_JOBS} AND q.status = 'scheduled' AND q.not_before >= ? AND q.not_before < ?{mine}",
        (begin, end, *given),
    ).fetchall()
    return [float(row[0]) for row in rows]


def due_within(
    connection: sqlite3.Connection, end: float, *, owner: int | None = None
) -> list[tuple[int, float]]:
    """Number and next start of every schedule that starts before a moment."""
    mine, given = _of("s", owner)
    rows = connection.execute(
        "SELECT s.id, s.next_start_at FROM schedules AS s WHERE s.enabled AND s.next_start_at IS NOT NULL"
        f" AND s.next_start_at < ?{mine} ORDER BY s.next_start_at",
        (end, *given),
    ).fetchall()
    return [(int(row[0]), float(row[1])) for row in rows]


def _listed(query: PlanQuery, owner: int | None) -> tuple[str, Sequence[object]]:
    """A selection of key and time."""
    parts: list[str] = []
    given: list[object] = []
    if query.kind is not PlanKind.ONCE:
        wanted = {PlanKind.TROUBLE: f" AND {_TROUBLE}", PlanKind.OFF: f" AND {_OFF}"}.get(query.kind, "")
        words, texts = _words(query.words, "s.name || ' ' || COALESCE(json_extract(s.spec, '$.sources'), '')")
        mine, whose = _of("s", owner)
        parts.append(f"SELECT -s.id AS key, {_AT} AS at FROM schedules AS s WHERE 1{wanted}{words}{mine}")
        given += [*texts, *whose]
    if query.kind in {PlanKind.ALL, PlanKind.ONCE}:
        words, texts = _words(query.words, "q.title || ' ' || q.url")
        mine, whose = _of("q", owner)
        parts.append(f"SELECT q.id AS key, q.not_before AS at FROM {_JOBS}{words}{mine}")
        given += [*texts, *whose]
    return " UNION ALL ".join(parts), given


def _words(words: str, where: str) -> tuple[str, list[object]]:
    """A condition that text has all the words."""
    sql, given = "", []
    for word in words.split():
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        sql += f" AND {where} LIKE ? ESCAPE '\\'"
        given.append(f"%{escaped}%")
    return sql, list(given)


def _of(table: str, owner: int | None) -> tuple[str, list[object]]:
    """A condition that it is an account's; none for everybody's."""
    return ("", []) if owner is None else (f" AND {table}.owner_id = ?", [owner])
