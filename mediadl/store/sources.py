"""Sources that are looked at again and again: who they are, how far each was read, what is missing.

A source is an address with one kind of content, as seen under the rules of its schedules (`source_rules`): what one
filter leaves out another may want, so each has its own head. The posts that were seen of a source, and the files stored
of them, are in `source_posts`. Times are epoch seconds.
"""

from __future__ import annotations

import builtins
import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from mediadl.errors import NotFound
from mediadl.models.schedules import Source, SourceState
from mediadl.store import source_posts
from mediadl.store.job_rows import chunks, marks

_A_MONTH_AGO = "(julianday('now') - 2440587.5 - 30) * 86400.0"

_TABLES = (
    """CREATE TABLE sources(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL,
        platform TEXT NOT NULL,
        content_type TEXT NOT NULL DEFAULT '',
        site TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL DEFAULT '',
        folder TEXT NOT NULL DEFAULT '',
        owner_id TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL DEFAULT 'ok',
        state_since REAL,
        why TEXT NOT NULL DEFAULT '',
        head TEXT NOT NULL DEFAULT '[]',
        floor_at REAL,
        complete_at REAL,
        gap_since REAL,
        backfill INTEGER NOT NULL DEFAULT 0,
        backfilled_at REAL,
        checks INTEGER NOT NULL DEFAULT 0,
        empty_checks INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        absent INTEGER NOT NULL DEFAULT 0,
        last_check_at REAL,
        last_new_at REAL,
        created_at REAL NOT NULL,
        UNIQUE(url, content_type))""",
    "CREATE INDEX sources_owner ON sources(platform, owner_id) WHERE owner_id <> ''",
    """CREATE TABLE source_names(
        source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        first_seen_at REAL NOT NULL,
        PRIMARY KEY(source_id, name)) WITHOUT ROWID""",
    "CREATE INDEX source_names_name ON source_names(name)",
)

_COLUMNS = (
    "s.id, s.url, s.platform, s.content_type, s.site, s.name, s.folder,"
    " (SELECT json_group_array(name) FROM (SELECT name FROM source_names WHERE source_id = s.id AND name <> s.name"
    " ORDER BY first_seen_at, name)),"
    " s.owner_id, s.state, s.state_since, s.why, s.head, s.complete_at, s.gap_since, s.backfill, s.checks,"
    " s.empty_checks, s.failures, s.last_check_at, s.last_new_at,"
    f" (SELECT COUNT(*) FROM source_posts WHERE source_id = s.id AND posted_at >= {_A_MONTH_AGO}),"
    " s.created_at, s.floor_at, s.backfilled_at, s.absent,"
    " (SELECT MAX(posted_at) FROM source_posts WHERE source_id = s.id)"
)


def make_tables(connection: sqlite3.Connection) -> None:
    """A step of the schema."""
    for statement in _TABLES:
        connection.execute(statement)
    source_posts.make_tables(connection)


def ensure(
    tx: sqlite3.Connection,
    target_url: str,
    platform: str,
    content_type: str,
    site: str,
    name: str,
    now: float,
    *,
    rules: str = "",
) -> int:
    """The id of the source at a canonical address with this content under these rules; made when there is none yet."""
    known = tx.execute(
        "SELECT id FROM sources WHERE url = ? AND content_type = ? AND rules = ?",
        (target_url, content_type, rules),
    ).fetchone()
    if known is not None:
        return int(known[0])
    made = tx.execute(
        "INSERT INTO sources(url, platform, content_type, rules, site, name, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (target_url, platform, content_type, rules, site, name, now),
    )
    source_id = int(made.lastrowid or 0)
    if name:
        _note_name(tx, source_id, name, now)
    return source_id


def get(connection: sqlite3.Connection, source_id: int) -> Source:
    """One source.

    Raises:
        NotFound: there is none of that number.
    """
    found = get_many(connection, [source_id])
    if not found:
        raise NotFound(f"no source {source_id}", next_step="See schedules with mediadl schedule list.")
    return found[0]


def get_many(connection: sqlite3.Connection, ids: Iterable[int]) -> builtins.list[Source]:
    """The sources of these numbers that exist, in the order asked."""
    wanted = builtins.list(ids)
    found: dict[int, Source] = {}
    for part in chunks(wanted):
        sql = f"SELECT {_COLUMNS} FROM sources AS s WHERE s.id IN ({marks(part)})"
        found.update((row[0], _source(row)) for row in connection.execute(sql, part).fetchall())
    return [found[source_id] for source_id in wanted if source_id in found]


def at(
    connection: sqlite3.Connection, url: str, content_type: str, rules: str | None = None
) -> builtins.list[Source]:
    """The sources at a canonical address with this content, the oldest first; `rules`: the one under these."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM sources AS s WHERE s.url = ? AND s.content_type = ?"
        " AND coalesce(?, s.rules) = s.rules ORDER BY s.id",
        (url, content_type, rules),
    ).fetchall()
    return [_source(row) for row in rows]


def list(connection: sqlite3.Connection) -> builtins.list[Source]:  # noqa: A001 - `sources.list` reads like the command
    """All sources, the oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM sources AS s ORDER BY s.id").fetchall()
    return [_source(row) for row in rows]


def forget(tx: sqlite3.Connection, ids: Iterable[int]) -> int:
    """Forget sources that no schedule has any more; returns how many went. Files and archive stay."""
    return sum(
        tx.execute(
            "DELETE FROM sources WHERE id = ? AND NOT EXISTS (SELECT 1 FROM schedule_sources WHERE source_id = ?)",
            (source_id, source_id),
        ).rowcount
        for source_id in ids
    )


# How far it was read


def advance(
    tx: sqlite3.Connection, source_id: int, head: Sequence[str], floor_at: float | None, now: float
) -> None:
    """Move the cursor: everything below this head is known, and no post older than `floor_at` is new."""
    tx.execute(
        "UPDATE sources SET head = ?, floor_at = ?, complete_at = ?, gap_since = NULL WHERE id = ?",
        (json.dumps([*head], ensure_ascii=False), floor_at, now, source_id),
    )


def open_gap(tx: sqlite3.Connection, source_id: int, now: float) -> None:
    """Note that posts may be missing between what is new and what was known; an older gap stays as old as it is."""
    tx.execute(
        "UPDATE sources SET gap_since = coalesce(gap_since, ?) WHERE id = ? AND complete_at IS NOT NULL",
        (now, source_id),
    )


def close_gap(tx: sqlite3.Connection, source_id: int) -> None:
    """Note that everything between what is new and what was known came by."""
    tx.execute("UPDATE sources SET gap_since = NULL WHERE id = ?", (source_id,))


def want_backfill(tx: sqlite3.Connection, source_id: int, *, wanted: bool) -> None:
    """Say whether what a source had before is to be fetched; what was done already stays done."""
    tx.execute(
        "UPDATE sources SET backfill = ? WHERE id = ? AND (backfilled_at IS NULL OR NOT ?)",
        (wanted, source_id, wanted),
    )


def backfilled(tx: sqlite3.Connection, source_id: int, now: float) -> None:
    """Note that everything a source had before is there."""
    tx.execute(
        "UPDATE sources SET backfill = 0, backfilled_at = coalesce(backfilled_at, ?) WHERE id = ?",
        (now, source_id),
    )


def checked(tx: sqlite3.Connection, source_id: int, *, new: int, failed: bool, now: float) -> None:
    """Count a check: it brought so many `new` files, or `failed`, which says nothing of what there is."""
    if failed:
        tx.execute(
            "UPDATE sources SET checks = checks + 1, failures = failures + 1, last_check_at = ?,"
            " last_new_at = CASE WHEN ? THEN ? ELSE last_new_at END WHERE id = ?",
            (now, new > 0, now, source_id),
        )
        return
    tx.execute(
        "UPDATE sources SET checks = checks + 1, failures = 0, last_check_at = ?,"
        " last_new_at = CASE WHEN ? THEN ? ELSE last_new_at END,"
        " empty_checks = CASE WHEN ? THEN 0 ELSE empty_checks + 1 END WHERE id = ?",
        (now, new > 0, now, new > 0, source_id),
    )


# Who it is


def set_state(tx: sqlite3.Connection, source_id: int, state: SourceState, why: str, now: float) -> None:
    """Say how it is; since when is kept while it stays so."""
    tx.execute(
        "UPDATE sources SET state_since = CASE WHEN state = ? AND state_since IS NOT NULL THEN state_since ELSE ? END,"
        " state = ?, why = ? WHERE id = ?",
        (state.value, None if state is SourceState.OK else now, state.value, why, source_id),
    )
    if state is SourceState.OK:
        tx.execute("UPDATE sources SET state_since = NULL, absent = 0 WHERE id = ?", (source_id,))


def absent(tx: sqlite3.Connection, source_id: int, why: str) -> int:
    """Note that it was not found; returns how many times in a row by now."""
    row = tx.execute(
        "UPDATE sources SET absent = absent + 1, why = ? WHERE id = ? RETURNING absent", (why, source_id)
    ).fetchone()
    return int(row[0]) if row is not None else 0


def owned(tx: sqlite3.Connection, source_id: int, owner_id: str, name: str, now: float) -> None:
    """Note who posts there and how they call themselves; the first name gives the folder its name, for good."""
    # Until the owner is known, the name is what the address was guessed to mean
    tx.execute(
        "DELETE FROM source_names WHERE source_id IN (SELECT id FROM sources WHERE id = ? AND owner_id = '')",
        (source_id,),
    )
    tx.execute(
        "UPDATE sources SET owner_id = ?, name = ?, folder = CASE folder WHEN '' THEN ? ELSE folder END WHERE id = ?",
        (owner_id, name, name, source_id),
    )
    _note_name(tx, source_id, name, now)


def moved(tx: sqlite3.Connection, source_id: int, url: str) -> bool:
    """Give it another address; another source there is merged into it. False: that one belongs to somebody else."""
    mine = tx.execute(
        "SELECT url, content_type, owner_id, rules FROM sources WHERE id = ?", (source_id,)
    ).fetchone()
    if mine is None or mine[0] == url:
        return mine is not None
    other = tx.execute(
        "SELECT id, owner_id FROM sources WHERE url = ? AND content_type = ? AND rules = ?",
        (url, mine[1], mine[3]),
    ).fetchone()
    if other is not None:
        if other[1] not in {"", mine[2]}:
            return False
        _merge(tx, other[0], source_id)
    tx.execute("UPDATE sources SET url = ? WHERE id = ?", (url, source_id))
    return True


def names_of(connection: sqlite3.Connection, name: str, platform: str = "") -> tuple[str, ...]:
    """Every name of whoever has or had this one, itself first; `platform`: only there."""
    rows = connection.execute(
        "SELECT DISTINCT other.name FROM source_names AS mine JOIN source_names AS other USING(source_id)"
        " JOIN sources ON sources.id = mine.source_id WHERE mine.name = ? AND ? IN ('', sources.platform)"
        " AND other.name <> ? ORDER BY other.name",
        (name, platform, name),
    ).fetchall()
    return (name, *(row[0] for row in rows))


def former_names(connection: sqlite3.Connection, platform: str, name: str) -> tuple[str, ...]:
    """What whoever is called so now was called before, the first name first."""
    rows = connection.execute(
        "SELECT old.name FROM source_names AS mine CROSS JOIN sources ON sources.id = mine.source_id"
        " AND sources.name = mine.name AND sources.platform = ? CROSS JOIN source_names AS old USING(source_id)"
        " WHERE mine.name = ? AND old.name <> ? GROUP BY old.name ORDER BY min(old.first_seen_at), old.name",
        (platform, name, name),
    ).fetchall()
    return tuple(row[0] for row in rows)


def _note_name(tx: sqlite3.Connection, source_id: int, name: str, now: float) -> None:
    tx.execute(
        "INSERT OR IGNORE INTO source_names(source_id, name, first_seen_at) VALUES (?, ?, ?)",
        (source_id, name, now),
    )


def _merge(tx: sqlite3.Connection, gone_id: int, into_id: int) -> None:
    """Everything that belongs to one source goes to another, where that one has nothing of its own."""
    for table in ("schedule_sources", "source_names", "source_posts", "source_files", "source_owed"):
        tx.execute(f"UPDATE OR IGNORE {table} SET source_id = ? WHERE source_id = ?", (into_id, gone_id))
        tx.execute(f"DELETE FROM {table} WHERE source_id = ?", (gone_id,))
    tx.execute("UPDATE run_jobs SET source_id = ? WHERE source_id = ?", (into_id, gone_id))
    tx.execute("DELETE FROM sources WHERE id = ?", (gone_id,))


def _source(row: Sequence[Any]) -> Source:
    values = [*row]
    values[7] = tuple(json.loads(values[7]))
    values[9] = SourceState(values[9])
    values[12] = tuple(json.loads(values[12]))
    values[15] = bool(values[15])
    return Source(*values)
