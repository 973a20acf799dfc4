"""Better versions of stored files: which files are small, when one was looked for, what a file was before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from mediadl.models import Identity, StoredFile
from mediadl.store.job_rows import chunks, marks

FULL_AREA = 1080 * 1080
"""Pictures with fewer pixels are likely to be had larger."""

_SMALL = f"kind = 'image' AND url <> '' AND width * height > 0 AND width * height < {FULL_AREA}"
_OPEN = "('pending', 'active', 'paused', 'scheduled', 'waiting')"
_REFUSED = "('challenge', 'login_needed', 'rate_limited', 'forbidden')"
_IMPROVES = "options LIKE '%\"improve\":%'"


@dataclass(frozen=True, slots=True)
class Before:
    """What a file was before a better version took its place."""

    improved_at: float
    size_bytes: int
    sha256: str
    width: int | None
    height: int | None
    backend: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the jobs that look for better versions are doing."""

    open: int
    """Not ended yet."""
    refused: int
    """Of those added since the time asked for: the site wanted a login or a check, or to be left alone."""


def make_columns(connection: sqlite3.Connection) -> None:
    """A step of the schema."""
    for column in ("improved_at REAL", "improved_from TEXT NOT NULL DEFAULT ''", "improve_tried_at REAL"):
        connection.execute(f"ALTER TABLE downloads ADD COLUMN {column}")
    # Only the small ones: the pictures that are looked for stay quick to find among any number of files
    connection.execute(
        f"CREATE INDEX downloads_small ON downloads(platform, improve_tried_at, id) WHERE {_SMALL}"
    )
    connection.execute(
        "CREATE INDEX downloads_tried ON downloads(improve_tried_at) WHERE improve_tried_at IS NOT NULL"
    )


def low_quality(
    connection: sqlite3.Connection, platforms: Collection[str], limit: int, tried_before: float
) -> list[int]:
    """Small pictures of these platforms, by id: those never looked for first, the newest of them first.

    `tried_before`: those that were looked for later than this are left alone.
    """
    found: list[int] = []
    wanted = sorted(platforms)
    never = f"platform = ? AND improve_tried_at IS NULL AND {_SMALL} ORDER BY id DESC LIMIT ?"
    long_ago = f"platform = ? AND improve_tried_at < ? AND {_SMALL} ORDER BY improve_tried_at, id LIMIT ?"
    for name in wanted:
        rows = connection.execute(f"SELECT id FROM downloads WHERE {never}", (name, limit)).fetchall()
        found += [row[0] for row in rows]
    found = sorted(found, reverse=True)[:limit]
    for name in wanted:
        left = limit - len(found)
        if left <= 0:
            break
        sql = f"SELECT id FROM downloads WHERE {long_ago}"
        found += [row[0] for row in connection.execute(sql, (name, tried_before, left)).fetchall()]
    return found


def tried(tx: sqlite3.Connection, ids: Iterable[int], now: float) -> None:
    """Note that better versions of these files are being looked for."""
    for part in chunks(ids):
        tx.execute(f"UPDATE downloads SET improve_tried_at = ? WHERE id IN ({marks(part)})", (now, *part))


def tried_since(connection: sqlite3.Connection, at: float) -> int:
    """How many files were looked for since then."""
    sql = "SELECT COUNT(*) FROM downloads WHERE improve_tried_at IS NOT NULL AND improve_tried_at >= ?"
    return int(connection.execute(sql, (at,)).fetchone()[0])


def improve(tx: sqlite3.Connection, download_id: int, file: StoredFile, backend: str, now: float) -> bool:
    """Note that a better file took the place of a stored one; the row keeps its number.

    False when the row already tells of this file.
    """
    row = tx.execute(
        "SELECT sha256, size_bytes, width, height, backend FROM downloads WHERE id = ?", (download_id,)
    ).fetchone()
    if row is None or row[0] == file.sha256:
        return False
    before = dict(zip(("sha256", "size_bytes", "width", "height", "backend"), row, strict=True))
    media = file.media
    tx.execute(
        "UPDATE downloads SET size_bytes = ?, sha256 = ?, received_sha256 = ?, mime = ?, width = ?, height = ?,"
        " duration_s = ?, backend = ?, improved_at = ?, improved_from = ? WHERE id = ?",
        (
            file.size_bytes, file.sha256, file.received_sha256, media.mime, media.width, media.height,
            media.duration_s, backend, now, json.dumps(before), download_id,
        ),
    )  # fmt: skip
    return True


def before(connection: sqlite3.Connection, download_id: int) -> Before | None:
    """What a file was before it was improved; None when it never was."""
    row = connection.execute(
        "SELECT improved_at, improved_from FROM downloads WHERE id = ? AND improved_at IS NOT NULL",
        (download_id,),
    ).fetchone()
    return None if row is None else Before(row[0], **json.loads(row[1]))


def names_of(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, list[Identity]]:
    """All names the archive knows of these files. Looks at the whole archive: not for every file by itself."""
    found: dict[int, list[Identity]] = {}
    for part in chunks(ids):
        sql = f"SELECT download_id, site, media_id, idx FROM archive WHERE download_id IN ({marks(part)})"
        for download_id, *name in connection.execute(sql, part).fetchall():
            found.setdefault(download_id, []).append(Identity(*name))
    return found


def owners(connection: sqlite3.Connection, names: Iterable[Identity]) -> set[int]:
    """The files that the archive knows under one of these names, by id."""
    sql = "SELECT download_id FROM archive WHERE site = ? AND media_id = ? AND idx = ?"
    rows = (connection.execute(sql, (one.site, one.id, one.index)).fetchone() for one in names)
    return {row[0] for row in rows if row is not None and row[0] is not None}


def standing(connection: sqlite3.Connection, since: float) -> Standing:
    """How the jobs that look for better versions are doing."""
    pending = f"SELECT COUNT(*) FROM download_queue WHERE status IN {_OPEN} AND {_IMPROVES}"
    refused = (
        f"SELECT COUNT(*) FROM download_queue WHERE created_at >= ? AND reason IN {_REFUSED} AND {_IMPROVES}"
    )
    return Standing(
        int(connection.execute(pending).fetchone()[0]),
        int(connection.execute(refused, (since,)).fetchone()[0]),
    )
