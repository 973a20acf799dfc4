"""Forum threads that were read: where each stands, which pages it has, when it is looked at next.

A thread belongs to the address of its job. Whether it is watched is an option of the job (`watch`), so that there is
one truth about it. Its posts and files are in `thread_posts`; times are epoch seconds.
"""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mediadl.errors import NotFound
from mediadl.models import Thread, ThreadPage, WatchState

KNOWN_PAGES = 40
"""So many of the last pages' addresses are handed to the next check."""

_TABLES = (
    """CREATE TABLE threads(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL UNIQUE,
        site TEXT NOT NULL DEFAULT '',
        software TEXT NOT NULL DEFAULT '',
        thread_id TEXT NOT NULL DEFAULT '',
        title TEXT NOT NULL DEFAULT '',
        job_id INTEGER,
        state TEXT NOT NULL DEFAULT 'known' CHECK(state IN ('known','watched','ended')),
        why TEXT NOT NULL DEFAULT '',
        checks INTEGER NOT NULL DEFAULT 0,
        empty_checks INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        news INTEGER NOT NULL DEFAULT 0,
        news_at REAL,
        last_check_at REAL,
        last_full_at REAL,
        next_check_at REAL,
        expires_at REAL,
        folder TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL)""",
    """CREATE TABLE thread_pages(
        thread INTEGER NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        url TEXT NOT NULL,
        PRIMARY KEY(thread, number)) WITHOUT ROWID""",
    """CREATE TABLE thread_posts(
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        thread INTEGER NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
        post_id TEXT NOT NULL,
        page INTEGER NOT NULL,
        number INTEGER,
        author TEXT NOT NULL DEFAULT '',
        author_id TEXT NOT NULL DEFAULT '',
        posted_at REAL,
        raw_date TEXT NOT NULL DEFAULT '',
        url TEXT NOT NULL DEFAULT '',
        digest TEXT NOT NULL DEFAULT '',
        first_seen_at REAL NOT NULL,
        edited_at REAL,
        gone_at REAL,
        written INTEGER NOT NULL DEFAULT 0,
        body BLOB NOT NULL,
        UNIQUE(thread, post_id))""",
    """CREATE TABLE thread_files(
        thread INTEGER NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
        post_id TEXT NOT NULL,
        url TEXT NOT NULL,
        n INTEGER NOT NULL,
        role TEXT NOT NULL,
        site TEXT NOT NULL DEFAULT '',
        media_id TEXT NOT NULL DEFAULT '',
        idx INTEGER NOT NULL DEFAULT 0,
        name TEXT NOT NULL DEFAULT '',
        fallback TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL DEFAULT 'open',
        tries INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY(thread, post_id, url)) WITHOUT ROWID""",
    "CREATE INDEX thread_files_identity ON thread_files(site, media_id, idx)",
    "CREATE INDEX thread_files_open ON thread_files(thread) WHERE state = 'open'",
    """CREATE TABLE linked_jobs(
        parent_id INTEGER NOT NULL,
        url TEXT NOT NULL,
        job_id INTEGER NOT NULL,
        fence INTEGER NOT NULL DEFAULT 0,
        context TEXT NOT NULL DEFAULT '{}',
        PRIMARY KEY(parent_id, url)) WITHOUT ROWID""",
)

_COLUMNS = (
    "t.id, t.url, t.site, t.software, t.thread_id, t.title, t.job_id, t.state, t.why,"
    " (SELECT COUNT(*) FROM thread_pages WHERE thread = t.id),"
    " (SELECT COUNT(*) FROM thread_posts WHERE thread = t.id AND gone_at IS NULL),"
    " (SELECT COUNT(*) FROM thread_files WHERE thread = t.id AND state = 'stored'),"
    " (SELECT COUNT(*) FROM thread_files WHERE thread = t.id AND state = 'linked'),"
    " t.checks, t.empty_checks, t.failures,"
    " coalesce((SELECT max(posted_at) FROM thread_posts WHERE thread = t.id), t.news_at),"
    " t.last_check_at, t.last_full_at, t.next_check_at, t.expires_at, t.folder, t.created_at"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the time of the next check is reckoned from."""

    posts_30d: int
    """Posts of the last thirty days."""
    span_s: float
    """Over how long these were counted: thirty days, less for a younger thread."""
    newest_at: float | None
    """When the newest post was written, else first seen."""


def make_tables(connection: sqlite3.Connection) -> None:
    """A step of the schema."""
    for statement in _TABLES:
        connection.execute(statement)


def put(tx: sqlite3.Connection, url: str, site: str, job_id: int, page: ThreadPage, now: float) -> int:
    """Note a page of the thread at this address; returns its number. The first title stays: folders bear it."""
    row = tx.execute(
        "INSERT INTO threads(url, site, software, thread_id, title, job_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(url) DO UPDATE SET"
        " software = excluded.software, job_id = excluded.job_id,"
        " thread_id = CASE thread_id WHEN '' THEN excluded.thread_id ELSE thread_id END,"
        " title = CASE title WHEN '' THEN excluded.title ELSE title END RETURNING id",
        (url, site, page.software, page.thread_id, page.title, job_id, now),
    ).fetchone()
    thread_id = int(row[0])
    tx.execute(
        "INSERT OR REPLACE INTO thread_pages(thread, number, url) VALUES (?, ?, ?)",
        (thread_id, page.number, page.url),
    )
    return thread_id


def add_news(tx: sqlite3.Connection, thread_id: int, count: int, now: float) -> None:
    """Note that posts were new or edited since the last check."""
    if count:
        tx.execute("UPDATE threads SET news = news + ?, news_at = ? WHERE id = ?", (count, now, thread_id))


def walked(tx: sqlite3.Connection, url: str, *, full: bool, last_page: int, now: float) -> None:
    """Note that a walk came to its end on this page; pages beyond it are no more."""
    tx.execute(
        "UPDATE threads SET last_full_at = CASE WHEN ? THEN ? ELSE last_full_at END WHERE url = ?",
        (full, now, url),
    )
    tx.execute(
        "DELETE FROM thread_pages WHERE number > ? AND thread = (SELECT id FROM threads WHERE url = ?)",
        (last_page, url),
    )


def checked(
    tx: sqlite3.Connection,
    thread_id: int,
    *,
    state: WatchState,
    why: str,
    now: float,
    failed: bool,
    next_check_at: float | None,
    expires_at: float | None,
) -> None:
    """Note how a check ended; counts it, and the empty and failed ones in a row."""
    tx.execute(
        "UPDATE threads SET state = ?, why = ?, checks = checks + NOT ?,"
        " empty_checks = CASE WHEN ? THEN empty_checks WHEN news > 0 THEN 0 ELSE empty_checks + 1 END,"
        " failures = CASE WHEN ? THEN failures + 1 ELSE 0 END, news = 0, last_check_at = ?, next_check_at = ?,"
        " expires_at = ? WHERE id = ?",
        (state.value, why, failed, failed, failed, now, next_check_at, expires_at, thread_id),
    )


def waits(tx: sqlite3.Connection, thread_id: int, why: str, until: float | None) -> None:
    """Note that a check is held up, and until when, if that is known."""
    tx.execute("UPDATE threads SET why = ?, next_check_at = ? WHERE id = ?", (why, until, thread_id))


def set_state(
    tx: sqlite3.Connection, thread_id: int, state: WatchState, why: str, *, next_check_at: float | None
) -> None:
    """Note that someone wants it watched, or no longer."""
    tx.execute(
        "UPDATE threads SET state = ?, why = ?, next_check_at = ?, failures = 0, empty_checks = 0,"
        " expires_at = CASE WHEN ? = 'watched' THEN expires_at END WHERE id = ?",
        (state.value, why, next_check_at, state.value, thread_id),
    )


def set_folder(tx: sqlite3.Connection, thread_id: int, folder: str) -> None:
    """Note where the thread's page lies."""
    tx.execute("UPDATE threads SET folder = ? WHERE id = ?", (folder, thread_id))


def news(connection: sqlite3.Connection, thread_id: int) -> int:
    """Posts that were new or edited since the last check was over."""
    return int(connection.execute("SELECT news FROM threads WHERE id = ?", (thread_id,)).fetchone()[0])


def figures(connection: sqlite3.Connection, thread_id: int, now: float) -> Figures:
    """What the next check's time depends on."""
    month = now - 30 * 86_400.0
    posts, newest, oldest, seen = connection.execute(
        "SELECT sum(coalesce(posted_at, first_seen_at) >= ?), max(posted_at), min(coalesce(posted_at, first_seen_at)),"
        " max(first_seen_at) FROM thread_posts WHERE thread = ?",
        (month, thread_id),
    ).fetchone()
    span_s = min(30 * 86_400.0, max(3600.0, now - (oldest if oldest is not None else now)))
    return Figures(int(posts or 0), span_s, newest if newest is not None else seen)


def memory_of(connection: sqlite3.Connection, url: str) -> dict[str, Any]:
    """What a check needs to know of the thread at this address, JSON-safe; empty for an unknown one."""
    row = connection.execute(
        "SELECT id, software, thread_id, title, checks, last_full_at FROM threads WHERE url = ?", (url,)
    ).fetchone()
    if row is None:
        return {}
    key = row[0]
    pages = connection.execute(
        "SELECT number, url FROM thread_pages WHERE thread = ? ORDER BY number DESC LIMIT ?",
        (key, KNOWN_PAGES),
    ).fetchall()
    posts = connection.execute(
        "SELECT post_id, digest FROM thread_posts WHERE thread = ? AND gone_at IS NULL ORDER BY n", (key,)
    ).fetchall()
    return {
        "software": row[1],
        "thread_id": row[2],
        "title": row[3],
        "checks": row[4],
        "last_full_at": row[5],
        "pages": [[number, address] for number, address in reversed(pages)],
        "posts": dict(posts),
    }


def get(connection: sqlite3.Connection, thread_id: int) -> Thread:
    """One thread.

    Raises:
        NotFound: there is none of that number.
    """
    row = connection.execute(f"SELECT {_COLUMNS} FROM threads AS t WHERE t.id = ?", (thread_id,)).fetchone()
    if row is None:
        raise NotFound(f"no thread {thread_id}", next_step="See the numbers with mediadl thread list.")
    return _thread(row)


def at(connection: sqlite3.Connection, url: str) -> Thread | None:
    """The thread at this address."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM threads AS t WHERE t.url = ?", (url,)).fetchone()
    return None if row is None else _thread(row)


def list(connection: sqlite3.Connection) -> builtins.list[Thread]:  # noqa: A001 - `threads.list` reads like the command
    """All threads: watched ones first, by the time of their next check."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM threads AS t"
        " ORDER BY CASE t.state WHEN 'watched' THEN 0 WHEN 'ended' THEN 2 ELSE 1 END,"
        " coalesce(t.next_check_at, 1e18), t.id"
    ).fetchall()
    return [_thread(row) for row in rows]


def forget(tx: sqlite3.Connection, ids: Iterable[int]) -> int:
    """Forget threads with all their posts; returns how many there were. Files and archive stay."""
    return sum(tx.execute("DELETE FROM threads WHERE id = ?", (key,)).rowcount for key in ids)


def link(
    tx: sqlite3.Connection, parent_id: int, url: str, job_id: int, context: str, *, fence: int = 0
) -> None:
    """Note that an address found in a job became a job of its own; `fence`: the run that found it."""
    tx.execute(
        "INSERT OR IGNORE INTO linked_jobs(parent_id, url, job_id, fence, context) VALUES (?, ?, ?, ?, ?)",
        (parent_id, url, job_id, fence, context),
    )


def linked(connection: sqlite3.Connection, parent_id: int) -> dict[str, int]:
    """The jobs that were made of addresses found in this one, by address."""
    return dict(
        connection.execute("SELECT url, job_id FROM linked_jobs WHERE parent_id = ?", (parent_id,)).fetchall()
    )


def is_linked(connection: sqlite3.Connection, parent_id: int, url: str) -> bool:
    """Whether this address found in this job became one already."""
    sql = "SELECT 1 FROM linked_jobs WHERE parent_id = ? AND url = ?"
    return connection.execute(sql, (parent_id, url)).fetchone() is not None


def linked_by(connection: sqlite3.Connection, parent_id: int, fence: int) -> int:
    """How many jobs one run of a job made of addresses it found."""
    sql = "SELECT COUNT(*) FROM linked_jobs WHERE parent_id = ? AND fence = ?"
    return int(connection.execute(sql, (parent_id, fence)).fetchone()[0])


def _thread(row: tuple[Any, ...]) -> Thread:
    values = [*row]
    values[7] = WatchState(values[7])
    return Thread(*values)
