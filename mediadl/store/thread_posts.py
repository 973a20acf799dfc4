"""The posts of threads and their files: what was read, what is still owed, what goes into pages and sidecars.

Texts are kept compressed. A post is never deleted: one that vanished from the forum is marked.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mediadl.models import Identity, PostFile, PostFileState, ThreadPage, ThreadPost

MAX_TRIES = 5
"""A file that failed so often is given up."""
TEXT_CHARS = 100_000
"""Longest text and longest markup kept of one post."""


_POST = (
    "post_id, number, author, author_id, posted_at, raw_date, url, digest, page, first_seen_at, edited_at, gone_at,"
    " body"
)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file or link of a kept post, and what is known of the stored one."""

    file: PostFile
    n: int
    """Place within the post, from 1."""
    path: str
    """Empty: not stored."""
    size_bytes: int
    sha256: str
    mime: str


@dataclass(frozen=True, slots=True)
class KeptPost:
    """A post as it goes into a page or a sidecar."""

    post: ThreadPost
    page: int
    first_seen_at: float
    edited_at: float | None
    gone_at: float | None
    files: tuple[KeptFile, ...]


def put(tx: sqlite3.Connection, thread: int, page: ThreadPage, now: float) -> int:
    """Keep the new and edited posts of a page; returns how many are new or were edited.

    A post's date stays as it was first seen: what "today" meant then is not known later.
    """
    count = 0
    for post in page.posts:
        body = zlib.compress(
            json.dumps([post.text[:TEXT_CHARS], post.html[:TEXT_CHARS]], ensure_ascii=False).encode(
                "utf-8", "replace"
            )
        )
        row = tx.execute(
            "SELECT digest, gone_at FROM thread_posts WHERE thread = ? AND post_id = ?", (thread, post.id)
        ).fetchone()
        if row is None:
            tx.execute(
                "INSERT INTO thread_posts(thread, post_id, page, number, author, author_id, posted_at, raw_date, url,"
                " digest, first_seen_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    thread, post.id, page.number, post.number, post.author, post.author_id, post.posted_at,
                    post.raw_date, post.url, post.digest, now, body,
                ),
            )  # fmt: skip
        else:
            tx.execute(
                "UPDATE thread_posts SET page = ?, number = ?, digest = ?, body = ?, gone_at = NULL, written = 0,"
                " edited_at = CASE WHEN digest <> ? THEN ? ELSE edited_at END WHERE thread = ? AND post_id = ?",
                (page.number, post.number, post.digest, body, post.digest, now, thread, post.id),
            )
        count += row is None or row[0] != post.digest
        _put_files(tx, thread, post)
    if page.seen:
        tx.execute(
            "UPDATE thread_posts SET page = ? WHERE thread = ? AND page <> ?"
            " AND post_id IN (SELECT value FROM json_each(?))",
            (page.number, thread, page.number, json.dumps(page.seen)),
        )
    return count


def _put_files(tx: sqlite3.Connection, thread: int, post: ThreadPost) -> None:
    for n, file in enumerate(post.files, 1):
        identity = file.identity or Identity("", "")
        tx.execute(
            "INSERT INTO thread_files(thread, post_id, url, n, role, site, media_id, idx, name, fallback, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(thread, post_id, url) DO UPDATE SET n = excluded.n,"
            " name = CASE excluded.name WHEN '' THEN name ELSE excluded.name END",
            (
                thread, post.id, file.url, n, file.role, identity.site, identity.id, identity.index, file.name,
                file.fallback, file.state.value,
            ),
        )  # fmt: skip


def mark_gone(tx: sqlite3.Connection, thread: int, ids: Iterable[str], now: float) -> int:
    """Mark posts that the forum does not show any more; returns how many were there until now."""
    return int(
        tx.execute(
            "UPDATE thread_posts SET gone_at = ?, written = 0 WHERE thread = ? AND gone_at IS NULL"
            " AND post_id IN (SELECT value FROM json_each(?))",
            (now, thread, json.dumps([*ids])),
        ).rowcount
    )


def file_stored(tx: sqlite3.Connection, names: Iterable[Identity]) -> None:
    """Note that a file is stored, in whichever threads it is."""
    for name in names:
        values = (name.site, name.id, name.index)
        rows = tx.execute(
            "UPDATE thread_files SET state = 'stored' WHERE site = ? AND media_id = ? AND idx = ? AND state <> 'stored'"
            " RETURNING thread, post_id",
            values,
        ).fetchall()
        tx.executemany("UPDATE thread_posts SET written = 0 WHERE thread = ? AND post_id = ?", rows)


def file_failed(
    tx: sqlite3.Connection, thread: int, identity: Identity, *, for_good: bool, counts: bool
) -> None:
    """Note that a file could not be had; `counts`: the try was the file's own failure."""
    tx.execute(
        "UPDATE thread_files SET tries = tries + ?,"
        " state = CASE WHEN ? OR tries + ? >= ? THEN 'given_up' ELSE state END"
        " WHERE thread = ? AND site = ? AND media_id = ? AND idx = ? AND state = 'open'",
        (int(counts), for_good, int(counts), MAX_TRIES, thread, identity.site, identity.id, identity.index),
    )


def owed(connection: sqlite3.Connection, thread: int, limit: int = 20_000) -> list[dict[str, Any]]:
    """Files that were found and are not there yet, oldest first, each with its post, JSON-safe."""
    rows = connection.execute(
        "SELECT f.post_id, p.number, p.author, p.author_id, p.posted_at, p.url, f.n, f.url, f.role, f.site, f.media_id,"
        " f.idx, f.name, f.fallback FROM thread_files AS f"
        " JOIN thread_posts AS p ON p.thread = f.thread AND p.post_id = f.post_id"
        " WHERE f.thread = ? AND f.state = 'open' AND f.site <> '' ORDER BY p.n, f.n LIMIT ?",
        (thread, limit),
    ).fetchall()
    names = (
        "post", "number", "author", "author_id", "posted_at", "post_url", "n", "url", "role", "site", "media_id", "idx",
        "name", "fallback",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]


def unwritten(connection: sqlite3.Connection, thread: int) -> list[str]:
    """Ids of the posts that changed since they were written down."""
    sql = "SELECT post_id FROM thread_posts WHERE thread = ? AND written = 0 ORDER BY n"
    return [row[0] for row in connection.execute(sql, (thread,)).fetchall()]


def written(tx: sqlite3.Connection, thread: int, ids: Iterable[str]) -> None:
    """Note that posts are written down as they are."""
    tx.execute(
        "UPDATE thread_posts SET written = 1 WHERE thread = ? AND post_id IN (SELECT value FROM json_each(?))",
        (thread, json.dumps([*ids])),
    )


def kept(connection: sqlite3.Connection, thread: int) -> Iterator[KeptPost]:
    """All posts of a thread in their order, one at a time, with their files."""
    files = _files(connection, thread)
    for row in connection.execute(f"SELECT {_POST} FROM thread_posts WHERE thread = ? ORDER BY n", (thread,)):
        yield _kept(row, files)


def last(connection: sqlite3.Connection, thread: int, count: int) -> list[KeptPost]:
    """The last posts of a thread that are still there, in their order."""
    rows = connection.execute(
        f"SELECT {_POST} FROM thread_posts WHERE thread = ? AND gone_at IS NULL ORDER BY n DESC LIMIT ?",
        (thread, count),
    ).fetchall()
    files = _files(connection, thread) if rows else {}
    return [_kept(row, files) for row in reversed(rows)]


def lost(connection: sqlite3.Connection, thread: int) -> int:
    """How many files could not be had, and are not asked for any more."""
    sql = "SELECT COUNT(*) FROM thread_files WHERE thread = ? AND state = 'given_up'"
    return int(connection.execute(sql, (thread,)).fetchone()[0])


def links(connection: sqlite3.Connection, thread: int, state: str) -> list[str]:
    """Addresses of a thread's links in this state, each once."""
    rows = connection.execute(
        "SELECT DISTINCT url FROM thread_files WHERE thread = ? AND state = ?", (thread, state)
    ).fetchall()
    return [row[0] for row in rows]


def _kept(row: tuple[Any, ...], files: dict[str, list[KeptFile]]) -> KeptPost:
    post_id, number, author, author_id, posted_at, raw, url, digest, page, seen, edited, gone, body = row
    text, html = json.loads(zlib.decompress(body))
    found = tuple(files.get(post_id, ()))
    post = ThreadPost(
        post_id,
        number,
        author,
        author_id,
        posted_at,
        raw,
        url,
        text,
        html,
        digest,
        tuple(k.file for k in found),
    )
    return KeptPost(post, page, seen, edited, gone, found)


def _files(connection: sqlite3.Connection, thread: int) -> dict[str, list[KeptFile]]:
    rows = connection.execute(
        "SELECT f.post_id, f.n, f.url, f.role, f.site, f.media_id, f.idx, f.name, f.fallback, f.state, d.path,"
        " d.size_bytes, d.sha256, d.mime FROM thread_files AS f"
        " LEFT JOIN archive AS a ON a.site = f.site AND a.media_id = f.media_id AND a.idx = f.idx AND f.site <> ''"
        " LEFT JOIN downloads AS d ON d.id = a.download_id WHERE f.thread = ? ORDER BY f.post_id, f.n",
        (thread,),
    ).fetchall()
    found: dict[str, list[KeptFile]] = {}
    for post_id, n, url, role, site, media_id, idx, name, fallback, state, path, size, sha256, mime in rows:
        identity = Identity(site, media_id, idx) if site else None
        file = PostFile(url, role, identity, name, fallback, PostFileState(state))
        found.setdefault(post_id, []).append(
            KeptFile(file, n, path or "", size or 0, sha256 or "", mime or "")
        )
    return found
