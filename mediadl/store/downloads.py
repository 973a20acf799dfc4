"""The history: one row per stored file, with a full-text index that triggers keep.

`download_lists` has how it is listed, `download_removal` how rows go and come back; both are meant to be used through
this module.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from mediadl.errors import NotFound
from mediadl.models import Download, HistoryQuery, Identity, MediaKind
from mediadl.store.download_lists import (
    begins_quickly,
    count,
    ids,
    index_of,
    is_counted,
    is_plain,
    sources,
    stamp,
    window_ids,
)
from mediadl.store.download_removal import forget, out_folders, parcel, paths_known, remove, restore, size_of
from mediadl.store.job_rows import chunks, marks
from mediadl.store.sources import former_names

__all__ = [
    "add",
    "begins_quickly",
    "by_identity",
    "by_path",
    "count",
    "forget",
    "get",
    "get_many",
    "ids",
    "index_of",
    "is_counted",
    "is_plain",
    "iterate",
    "of_job",
    "out_folders",
    "parcel",
    "paths_known",
    "remove",
    "restore",
    "set_path",
    "size_of",
    "sources",
    "stamp",
    "totals",
    "window",
    "window_ids",
]

_COLUMNS = (
    "id, job_id, site, media_id, idx, platform, source, title, url, path, size_bytes, sha256, received_sha256, kind,"
    " mime, width, height, duration_s, backend, posted_at, stored_at, owner_id"
)
_READ = f"{_COLUMNS}, only_copy_at"
_PAGE = 500


def add(tx: sqlite3.Connection, download: Download) -> int:
    """Write a stored file into the history and return its id; the one it carries is not looked at.

    A row of the same path goes: the file it told of is no more.
    """
    tx.execute("DELETE FROM downloads WHERE path = ?", (download.path,))
    identity = download.identity
    row = (
        download.job_id, identity.site, identity.id, identity.index, download.platform, download.source,
        download.title, download.url, download.path, download.size_bytes, download.sha256,
        download.received_sha256, download.kind.value, download.mime, download.width, download.height,
        download.duration_s, download.backend, download.posted_at, download.stored_at,
        download.owner_id, download.job_id,
    )  # fmt: skip
    columns = _COLUMNS.removeprefix("id, ")
    # A file is whose its job is
    owner = "coalesce(?, (SELECT owner_id FROM download_queue WHERE id = ?))"
    sql = f"INSERT INTO downloads({columns}) VALUES ({marks(row[:-2])}, {owner})"
    return int(tx.execute(sql, row).lastrowid or 0)


def get(connection: sqlite3.Connection, download_id: int) -> Download:
    """One stored file.

    Raises:
        NotFound: there is no row of that number.
    """
    found = _one(connection, "id = ?", (download_id,))
    if found is None:
        raise NotFound(f"No download {download_id}", next_step="See the numbers with mediadl history list.")
    return replace(found, former_names=former_names(connection, found.platform, found.source))


def get_many(connection: sqlite3.Connection, ids: Iterable[int]) -> list[Download]:
    """The rows of these numbers that exist, in the order asked."""
    wanted = list(ids)
    found: dict[int, Download] = {}
    for part in chunks(wanted):
        sql = f"SELECT {_READ} FROM downloads WHERE id IN ({marks(part)})"
        found.update((row[0], _to_download(row)) for row in connection.execute(sql, part).fetchall())
    return [found[download_id] for download_id in wanted if download_id in found]


def of_job(connection: sqlite3.Connection, job_id: int) -> list[Download]:
    """Everything a job stored, oldest first."""
    sql = f"SELECT {_READ} FROM downloads WHERE job_id = ? ORDER BY id"
    return [_to_download(row) for row in connection.execute(sql, (job_id,)).fetchall()]


def by_identity(connection: sqlite3.Connection, identity: Identity) -> Download | None:
    """The newest stored file of an identity."""
    return _one(
        connection, "site = ? AND media_id = ? AND idx = ?", (identity.site, identity.id, identity.index)
    )


def by_path(connection: sqlite3.Connection, path: str) -> Download | None:
    """The stored file at a path."""
    return _one(connection, "path = ?", (path,))


def window(connection: sqlite3.Connection, query: HistoryQuery, offset: int, limit: int) -> list[Download]:
    """`limit` rows of a list from `offset` on."""
    return get_many(connection, window_ids(connection, query, max(0, offset), max(0, limit)))


def iterate(connection: sqlite3.Connection, query: HistoryQuery) -> Iterator[Download]:
    """Every row of a list, in order, a page at a time: no cursor stays open, which would keep the log growing."""
    found = ids(connection, query) or array("q")
    for start in range(0, len(found), _PAGE):
        yield from get_many(connection, found[start : start + _PAGE])


def set_path(tx: sqlite3.Connection, download_id: int, path: str) -> bool:
    """Note that a file was moved; false when there is no such row."""
    return bool(tx.execute("UPDATE downloads SET path = ? WHERE id = ?", (path, download_id)).rowcount)


def totals(
    connection: sqlite3.Connection, owner_id: int | None = None
) -> list[tuple[str, MediaKind, int, int]]:
    """Files and bytes per platform and kind, as (platform, kind, files, bytes); of all, or of one account."""
    sql = "SELECT platform, kind, files, size_bytes FROM download_counts WHERE files > 0 ORDER BY platform, kind"
    values: tuple[int, ...] = ()
    if owner_id is not None:
        sql = (
            "SELECT platform, kind, COUNT(*), SUM(size_bytes) FROM downloads INDEXED BY downloads_owner"
            " WHERE owner_id = ? GROUP BY platform, kind ORDER BY platform, kind"
        )
        values = (owner_id,)
    rows = connection.execute(sql, values).fetchall()
    return [(platform, MediaKind(kind), files, size) for platform, kind, files, size in rows]


def _one(connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> Download | None:
    sql = f"SELECT {_READ} FROM downloads WHERE {where} ORDER BY id DESC LIMIT 1"
    row = connection.execute(sql, values).fetchone()
    return None if row is None else _to_download(row)


def _to_download(row: Any) -> Download:
    id_, job_id, site, media_id, index, *texts = row
    (platform, source, title, url, path, size, sha256, received, kind, *rest) = texts
    return Download(
        id_, job_id, Identity(site, media_id, index), platform, source, title, url, path, size, sha256, received,
        MediaKind(kind), *rest,
    )  # fmt: skip
