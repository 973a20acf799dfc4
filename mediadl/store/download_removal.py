"""How rows of the history go and come back. Used through `store.downloads`.

What is taken out can be kept as a parcel, small enough for many, and put back under the same numbers.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence

from mediadl.store.job_rows import chunks, marks

_COLUMNS = (
    "id", "job_id", "site", "media_id", "idx", "platform", "source", "title", "url", "path", "size_bytes", "sha256",
    "received_sha256", "kind", "mime", "width", "height", "duration_s", "backend", "posted_at", "stored_at",
    "improved_at", "improved_from", "improve_tried_at", "owner_id", "only_copy_at",
)  # fmt: skip
_IDENTITY = "site = ? AND media_id = ? AND idx = ?"


def remove(tx: sqlite3.Connection, ids: Iterable[int]) -> list[int]:
    """Take rows out of the history, not the files; returns those that were there."""
    gone: list[int] = []
    for part in chunks(ids):
        sql = f"DELETE FROM downloads WHERE id IN ({marks(part)}) RETURNING id"
        gone += [row[0] for row in tx.execute(sql, part).fetchall()]
    return gone


def forget(tx: sqlite3.Connection, ids: Iterable[int]) -> int:
    """Take the identities of rows out of the archive, so that they are fetched again; returns how many were known."""
    forgotten = 0
    for part in chunks(ids):
        sql = f"SELECT DISTINCT site, media_id, idx FROM downloads WHERE id IN ({marks(part)})"
        identities = tx.execute(sql, part).fetchall()
        forgotten += tx.executemany(f"DELETE FROM archive WHERE {_IDENTITY}", identities).rowcount
    return forgotten


def parcel(connection: sqlite3.Connection, ids: Sequence[int]) -> bytes:
    """Rows with what the archive says of them, to be kept for `restore`."""
    rows, known = [], []
    for part in chunks(ids):
        sql = f"SELECT {', '.join(_COLUMNS)} FROM downloads WHERE id IN ({marks(part)})"
        found = connection.execute(sql, part).fetchall()
        rows += found
        for row in found:
            known += connection.execute(
                f"SELECT site, media_id, idx, download_id, at FROM archive WHERE {_IDENTITY}", row[2:5]
            ).fetchall()
    return zlib.compress(json.dumps([rows, known], ensure_ascii=False).encode(), level=1)


def restore(tx: sqlite3.Connection, kept: bytes) -> list[int]:
    """Put rows of a parcel back; returns their ids. One whose number or path is taken by now stays away."""
    rows, known = json.loads(zlib.decompress(kept))
    back: list[int] = []
    for row in rows:
        sql = (
            f"INSERT INTO downloads({', '.join(_COLUMNS)}) SELECT {marks(row)}"
            " WHERE NOT EXISTS (SELECT 1 FROM downloads WHERE id = ? OR path = ?) RETURNING id"
        )
        back += [n for (n,) in tx.execute(sql, (*row, row[0], row[_COLUMNS.index("path")])).fetchall()]
    tx.executemany(
        "INSERT OR IGNORE INTO archive(site, media_id, idx, download_id, at) VALUES (?, ?, ?, ?, ?)", known
    )
    return back


def out_folders(connection: sqlite3.Connection, job_ids: Iterable[int]) -> dict[int, str]:
    """The folder that was asked for, for those of the jobs that have one of their own."""
    found: dict[int, str] = {}
    for part in chunks(job_ids):
        for table in ("download_queue", "removed_jobs"):
            sql = f"SELECT id, options ->> 'out' FROM {table} WHERE id IN ({marks(part)})"
            found.update((n, out) for n, out in connection.execute(sql, part).fetchall() if out)
    return found


def paths_known(connection: sqlite3.Connection, paths: Sequence[str]) -> set[str]:
    """Those of the paths that rows of the history have."""
    found: set[str] = set()
    wanted = list(paths)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = connection.execute(
            f"SELECT path FROM downloads WHERE path IN ({marks(part)})", part
        ).fetchall()
        found.update(path for (path,) in rows)
    return found


def size_of(connection: sqlite3.Connection, ids: Iterable[int]) -> tuple[int, int]:
    """How many of the rows are there and the bytes of their files."""
    files = size_bytes = 0
    for part in chunks(ids):
        sql = f"SELECT COUNT(*), coalesce(SUM(size_bytes), 0) FROM downloads WHERE id IN ({marks(part)})"
        number, size = connection.execute(sql, part).fetchone()
        files, size_bytes = files + number, size_bytes + size
    return files, size_bytes
