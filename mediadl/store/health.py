"""What is wrong with the database, and facts about it, for people who look after one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from mediadl.store.migrations import VERSION

_FIXED_SQLITE = (3, 51, 3)
_FIXED_BRANCHES = {(3, 44): 6, (3, 50): 7}
_COUNTED = ("download_queue", "items", "downloads", "archive", "journal", "sessions")

_QUEUE_DRIFT = """
SELECT status, platform FROM (
    SELECT status, platform, COUNT(*) AS n FROM download_queue GROUP BY status, platform
    UNION ALL SELECT status, platform, -n FROM queue_counts)
GROUP BY status, platform HAVING SUM(n) <> 0
"""

_HISTORY_DRIFT = """
SELECT kind, platform FROM (
    SELECT kind, platform, COUNT(*) AS n, SUM(size_bytes) AS b FROM downloads GROUP BY kind, platform
    UNION ALL SELECT kind, platform, -files, -size_bytes FROM download_counts)
GROUP BY kind, platform HAVING SUM(n) <> 0 OR SUM(b) <> 0
"""

_QUARTER_DRIFT = """
SELECT 'quarter', quarter FROM (
    SELECT CAST(stored_at / 900 AS INTEGER) AS quarter, COUNT(*) AS n, SUM(size_bytes) AS b FROM downloads GROUP BY 1
    UNION ALL SELECT quarter, -files, -size_bytes FROM download_quarters)
GROUP BY quarter HAVING SUM(n) <> 0 OR SUM(b) <> 0
"""

_SEARCH_DRIFT = """
SELECT (SELECT COUNT(*) FROM downloads WHERE id NOT IN (SELECT id FROM downloads_fts_docsize))
    + (SELECT COUNT(*) FROM downloads_fts_docsize WHERE id NOT IN (SELECT id FROM downloads))
"""

_ORPHANS = """
SELECT COUNT(DISTINCT job_id) FROM items
WHERE job_id NOT IN (SELECT id FROM download_queue) AND job_id NOT IN (SELECT id FROM removed_jobs)
"""


def problems(connection: sqlite3.Connection) -> list[str]:
    """What is wrong, in words; empty when all is well. Reads every page."""
    rows = connection.execute("PRAGMA integrity_check(20)").fetchall()
    found = [" ".join(str(row[0]).split()) for row in rows if row[0] != "ok"]
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    found += [f"{row[0]} row {row[1]} refers to a missing {row[2]} row" for row in broken]
    for drift in (_QUEUE_DRIFT, _HISTORY_DRIFT, _QUARTER_DRIFT):
        counted = connection.execute(drift).fetchall()
        found += [f"the counters of {word}/{platform} are wrong" for word, platform in counted]
    orphaned = connection.execute(_ORPHANS).fetchone()[0]
    if orphaned:
        found.append(f"the items of {orphaned} jobs were left behind without their job")
    unsearchable = connection.execute(_SEARCH_DRIFT).fetchone()[0]
    if unsearchable:
        found.append(f"{unsearchable} history rows are not in the search index, or the other way round")
    return found


def facts(connection: sqlite3.Connection, path: Path) -> dict[str, Any]:
    """Where the database is, how large, which schema, how many rows."""
    log = path.with_name(path.name + "-wal")
    rows = {name: connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in _COUNTED}
    notes = []
    if not is_fixed(sqlite3.sqlite_version_info):
        notes.append(
            "this SQLite can lose commits when a checkpoint meets a write; the write gate keeps them apart"
        )
    return {
        "path": str(path),
        "size_bytes": path.stat().st_size,
        "wal_bytes": log.stat().st_size if log.exists() else 0,
        "schema": VERSION,
        "sqlite": sqlite3.sqlite_version,
        "rows": rows,
        "notes": notes,
    }


def is_fixed(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the bug where a checkpoint that meets a write loses commits."""
    patch = _FIXED_BRANCHES.get((version[0], version[1]))
    return version >= _FIXED_SQLITE or (patch is not None and version[2] >= patch)
