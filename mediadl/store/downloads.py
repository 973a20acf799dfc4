"""The history: one row per stored file, with a full-text index that triggers keep."""

from __future__ import annotations

import re
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from mediadl.errors import NotFound
from mediadl.models import Download, HistoryQuery, HistorySort, Identity, MediaKind
from mediadl.store.job_rows import chunks, first, marks

_COLUMNS = (
    "id, job_id, site, media_id, idx, platform, source, title, url, path, size_bytes, sha256, received_sha256, kind,"
    " mime, width, height, duration_s, backend, posted_at, stored_at"
)
_KEYS = {
    HistorySort.STORED: ("stored_at", "id"),
    HistorySort.PLATFORM: ("platform", "stored_at", "id"),
    HistorySort.SOURCE: ("downloads.source", "stored_at", "id"),
    HistorySort.SIZE: ("size_bytes", "id"),
    HistorySort.TITLE: ("downloads.title", "id"),
}
_WORD = re.compile(r"[^\W_]+")
_PAGE = 500
_FAR = 1000


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
    )  # fmt: skip
    columns = _COLUMNS.removeprefix("id, ")
    return int(tx.execute(f"INSERT INTO downloads({columns}) VALUES ({marks(row)})", row).lastrowid or 0)


def get(connection: sqlite3.Connection, download_id: int) -> Download:
    """One stored file.

    Raises:
        NotFound: there is no row of that number.
    """
    found = _one(connection, "id = ?", (download_id,))
    if found is None:
        raise NotFound(f"No download {download_id}", next_step="See the numbers with mediadl history list.")
    return found


def get_many(connection: sqlite3.Connection, ids: Iterable[int]) -> list[Download]:
    """The rows of these numbers that exist, in the order asked."""
    wanted = list(ids)
    found: dict[int, Download] = {}
    for part in chunks(wanted):
        sql = f"SELECT {_COLUMNS} FROM downloads WHERE id IN ({marks(part)})"
        found.update((row[0], _to_download(row)) for row in connection.execute(sql, part).fetchall())
    return [found[download_id] for download_id in wanted if download_id in found]


def of_job(connection: sqlite3.Connection, job_id: int) -> list[Download]:
    """Everything a job stored, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM downloads WHERE job_id = ? ORDER BY id"
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
    found = _ids(connection, query, max(0, limit), max(0, offset))
    return get_many(connection, found)


def count(connection: sqlite3.Connection, query: HistoryQuery) -> int:
    """How many rows a list has."""
    if _is_counted(query):
        terms, values = _filters(query)
        sql = f"SELECT coalesce(SUM(files), 0) FROM download_counts{_where(terms)}"
    else:
        rows, terms, values = _rows(query)
        sql = f"SELECT COUNT(*) FROM {rows}{_where(terms)}"
    return int(first(connection, sql, values))


def iterate(connection: sqlite3.Connection, query: HistoryQuery) -> Iterator[Download]:
    """Every row of a list, in order, a page at a time: no cursor stays open, which would keep the log growing."""
    found = array("q", _ids(connection, query, -1, 0))
    for start in range(0, len(found), _PAGE):
        yield from get_many(connection, found[start : start + _PAGE])


def remove(tx: sqlite3.Connection, ids: Iterable[int]) -> list[int]:
    """Take rows out of the history, not the files; returns those that were there."""
    gone: list[int] = []
    for part in chunks(ids):
        sql = f"DELETE FROM downloads WHERE id IN ({marks(part)}) RETURNING id"
        gone += [row[0] for row in tx.execute(sql, part).fetchall()]
    return gone


def set_path(tx: sqlite3.Connection, download_id: int, path: str) -> bool:
    """Note that a file was moved; false when there is no such row."""
    return bool(tx.execute("UPDATE downloads SET path = ? WHERE id = ?", (path, download_id)).rowcount)


def totals(connection: sqlite3.Connection) -> list[tuple[str, MediaKind, int, int]]:
    """Files and bytes per platform and kind, as (platform, kind, files, bytes)."""
    rows = connection.execute(
        "SELECT platform, kind, files, size_bytes FROM download_counts WHERE files > 0 ORDER BY platform, kind"
    ).fetchall()
    return [(platform, MediaKind(kind), files, size) for platform, kind, files, size in rows]


def _ids(connection: sqlite3.Connection, query: HistoryQuery, limit: int, offset: int) -> list[int]:
    rows, terms, values = _rows(query)
    keys = _KEYS[query.sort]
    if query.sort is HistorySort.STORED and _words(query.search):
        # Rows are written in the order they are stored, and the full-text index gives them by number without sorting
        keys = ("downloads_fts.rowid",)
    descending, reverse = query.descending, False
    if offset > _FAR and _is_counted(query):
        # Skipping costs time by the row: from the nearer end it is half as much at worst
        total = count(connection, query)
        limit = total - offset if limit < 0 else min(limit, total - offset)
        if limit <= 0:
            return []
        if offset > total // 2:
            offset, reverse = total - offset - limit, True
            descending = not descending
    direction = " DESC" if descending else ""
    order = ", ".join(f"{key}{direction}" for key in keys)
    sql = f"SELECT id FROM {rows}{_where(terms)} ORDER BY {order} LIMIT ? OFFSET ?"
    found = [row[0] for row in connection.execute(sql, (*values, limit, offset)).fetchall()]
    return found[::-1] if reverse else found


def _is_counted(query: HistoryQuery) -> bool:
    """Whether the counters know the length of this list."""
    narrowed = (query.source, query.since, query.until, query.min_size_bytes, query.max_size_bytes)
    return not _words(query.search) and all(value in {None, ""} for value in narrowed)


def _rows(query: HistoryQuery) -> tuple[str, list[str], list[Any]]:
    """Where a list's rows come from, the conditions on them and their values."""
    terms, values = _filters(query)
    if words := _words(query.search):
        # The words decide first: CROSS JOIN keeps SQLite from asking the index anew for every row
        rows = "downloads_fts CROSS JOIN downloads ON id = downloads_fts.rowid"
        return rows, ["downloads_fts MATCH ?", *terms], [words, *values]
    return "downloads", terms, values


def _filters(query: HistoryQuery) -> tuple[list[str], list[Any]]:
    terms: list[str] = []
    values: list[Any] = []
    for term, value in (
        ("platform = ?", query.platform or None),
        ("downloads.source = ?", query.source or None),
        ("kind = ?", query.kind and query.kind.value),
        ("stored_at >= ?", query.since),
        ("stored_at < ?", query.until),
        ("size_bytes >= ?", query.min_size_bytes),
        ("size_bytes <= ?", query.max_size_bytes),
    ):
        if value is not None:
            terms.append(term)
            values.append(value)
    return terms, values


def _where(terms: list[str]) -> str:
    return f" WHERE {' AND '.join(terms)}" if terms else ""


def _words(text: str) -> str:
    """The full-text expression for what a person typed: every word, as a beginning. Signs mean nothing."""
    # A single letter begins too many words to be looked up quickly, other than in scripts without spaces
    return " ".join(f'"{w}"' if len(w) == 1 and w.isascii() else f'"{w}"*' for w in _WORD.findall(text))


def _one(connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> Download | None:
    sql = f"SELECT {_COLUMNS} FROM downloads WHERE {where} ORDER BY id DESC LIMIT 1"
    row = connection.execute(sql, values).fetchone()
    return None if row is None else _to_download(row)


def _to_download(row: Any) -> Download:
    id_, job_id, site, media_id, index, *texts = row
    (platform, source, title, url, path, size, sha256, received, kind, *rest) = texts
    return Download(
        id_, job_id, Identity(site, media_id, index), platform, source, title, url, path, size, sha256, received,
        MediaKind(kind), *rest,
    )  # fmt: skip
