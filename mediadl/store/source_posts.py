"""What was seen of a source: its posts, the files stored of them, what could not be had yet, what exists nowhere else.

Posts are named as `pipeline.frontier.post_of` names them. Times are epoch seconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mediadl.store.job_rows import LISTED, chunks, marks

MOST_PASSED = 20_000
"""So many posts are named to a walk, so that it need not look into them."""

MISSED_TWICE = 2
"""So many times in a row a post is missing between two others before it counts as removed."""

_TABLES = (
    # wanted 0: it was there before the source was subscribed to, and only what is new was asked for
    """CREATE TABLE source_posts(
        source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
        post TEXT NOT NULL,
        posted_at REAL,
        first_seen_at REAL NOT NULL,
        walk TEXT NOT NULL DEFAULT '',
        taken TEXT NOT NULL DEFAULT '',
        wanted INTEGER NOT NULL DEFAULT 1,
        missed INTEGER NOT NULL DEFAULT 0,
        done INTEGER NOT NULL DEFAULT 0,
        gone_at REAL,
        PRIMARY KEY(source_id, post)) WITHOUT ROWID""",
    "CREATE INDEX source_posts_posted ON source_posts(source_id, posted_at)",
    # A file taken out of the history may come back under its number
    """CREATE TABLE source_files(
        source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
        post TEXT NOT NULL,
        download_id INTEGER NOT NULL,
        PRIMARY KEY(source_id, post, download_id)) WITHOUT ROWID""",
    "CREATE INDEX source_files_download ON source_files(download_id)",
    """CREATE TABLE source_owed(
        source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
        walk TEXT NOT NULL,
        item TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        checks INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY(source_id, walk, item)) WITHOUT ROWID""",
    "ALTER TABLE downloads ADD COLUMN only_copy_at REAL",
    "CREATE INDEX downloads_only_copy ON downloads(stored_at, id) WHERE only_copy_at IS NOT NULL",
    # A mark changes nothing that is searched or counted
    "DROP TRIGGER downloads_update",
    """CREATE TRIGGER downloads_update AFTER UPDATE OF title, source, url, path, platform, kind, size_bytes
        ON downloads BEGIN
        INSERT INTO downloads_fts(downloads_fts, rowid, title, source, url, path)
            VALUES ('delete', old.id, old.title, old.source, old.url, old.path);
        INSERT INTO downloads_fts(rowid, title, source, url, path)
            VALUES (new.id, new.title, new.source, new.url, new.path);
        UPDATE download_counts SET files = files - 1, size_bytes = size_bytes - old.size_bytes
            WHERE platform = old.platform AND kind = old.kind;
        INSERT INTO download_counts(platform, kind, files, size_bytes)
            VALUES (new.platform, new.kind, 1, new.size_bytes)
            ON CONFLICT(platform, kind) DO UPDATE
            SET files = files + 1, size_bytes = size_bytes + new.size_bytes;
    END""",
)


@dataclass(frozen=True, slots=True)
class Debt:
    """A wanted item that could not be had, for a reason that may pass."""

    item: str
    title: str


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed after a check."""

    waiting: int
    """Items that hold the cursor back."""
    given_up: tuple[str, ...]
    """Titles of those that are given up from now on."""


def make_tables(connection: sqlite3.Connection) -> None:
    """Part of the step that brings `sources`."""
    for statement in _TABLES:
        connection.execute(statement)


# Posts


def seen(
    tx: sqlite3.Connection,
    source_id: int,
    posts: Iterable[tuple[str, float | None, bool]],
    *,
    walk: str,
    now: float,
) -> None:
    """Note posts of a walk, each with when it was posted and whether the walk wanted it.

    What was first seen when it was not wanted stays so. A post that had vanished is back, and its files are no longer
    the only copy.
    """
    rows = [(post, at, now, walk, walk if wanted else "", wanted, source_id) for post, at, wanted in posts]
    tx.executemany(
        "INSERT INTO source_posts(source_id, post, posted_at, first_seen_at, walk, taken, wanted)"
        " SELECT id, ?, ?, ?, ?, ?, ? FROM sources WHERE id = ?"
        " ON CONFLICT DO UPDATE SET posted_at = coalesce(excluded.posted_at, posted_at), walk = excluded.walk,"
        " taken = CASE excluded.taken WHEN '' THEN taken ELSE excluded.taken END, missed = 0",
        rows,
    )
    back = tx.execute(
        "UPDATE source_posts SET gone_at = NULL WHERE source_id = ? AND walk = ? AND gone_at IS NOT NULL"
        " RETURNING post",
        (source_id, walk),
    ).fetchall()
    _mark(tx, source_id, [post for (post,) in back], None)


def passed(connection: sqlite3.Connection, source_id: int, *, all_wanted: bool) -> list[str]:
    """Posts with nothing left to fetch, the newest first; not `all_wanted`: those from before the subscription too."""
    rows = connection.execute(
        "SELECT post FROM source_posts WHERE source_id = ? AND (done OR NOT (wanted OR ?))"
        " ORDER BY posted_at DESC LIMIT ?",
        (source_id, all_wanted, MOST_PASSED),
    ).fetchall()
    return [post for (post,) in rows]


def done(tx: sqlite3.Connection, source_id: int, walk: str, *, but: Sequence[str], with_files: bool) -> None:
    """Nothing of a walk's posts is left to fetch, `but` of these; `with_files`: only of those with stored files."""
    tx.execute(
        "UPDATE source_posts SET done = 1 WHERE source_id = ? AND taken = ? AND NOT done AND (NOT ? OR EXISTS ("
        "SELECT 1 FROM source_files AS f WHERE f.source_id = source_posts.source_id AND f.post = source_posts.post))"
        f" AND post NOT IN {LISTED}",
        (source_id, walk, with_files, json.dumps([*but])),
    )


def want_all(tx: sqlite3.Connection, source_id: int) -> None:
    """What was there before is wanted as well, by now."""
    tx.execute("UPDATE source_posts SET wanted = 1 WHERE source_id = ? AND NOT wanted", (source_id,))


def not_in(tx: sqlite3.Connection, source_id: int, walk: str, now: float) -> None:
    """A walk saw all there is: what it did not see is gone.

    Nothing is taken for gone when the walk saw nothing that was known: such a list proves little.
    """
    known = tx.execute(
        "SELECT 1 FROM source_posts WHERE source_id = ? AND walk = ? AND first_seen_at < ? LIMIT 1",
        (source_id, walk, now),
    ).fetchone()
    if known is None:
        return
    gone = tx.execute(
        "UPDATE source_posts SET gone_at = ? WHERE source_id = ? AND walk <> ? AND gone_at IS NULL RETURNING post",
        (now, source_id, walk),
    ).fetchall()
    _mark(tx, source_id, [post for (post,) in gone], now)


def missed(tx: sqlite3.Connection, source_id: int, posts: Sequence[str], now: float) -> set[str]:
    """Posts were missing where they used to be; returns those that count as removed, missing twice in a row."""
    gone: set[str] = set()
    for part in chunks(posts):
        rows = tx.execute(
            f"UPDATE source_posts SET missed = missed + 1 WHERE source_id = ? AND post IN ({marks(part)})"
            " RETURNING post, missed",
            (source_id, *part),
        ).fetchall()
        gone.update(post for post, times in rows if times >= MISSED_TWICE)
    for part in chunks(sorted(gone)):
        tx.execute(
            f"UPDATE source_posts SET gone_at = coalesce(gone_at, ?) WHERE source_id = ? AND post IN ({marks(part)})",
            (now, source_id, *part),
        )
    _mark(tx, source_id, sorted(gone), now)
    return gone


# Files


def file_of(tx: sqlite3.Connection, source_id: int, post: str, download_id: int) -> None:
    """Note that a stored file is one of this post."""
    tx.execute(
        "INSERT OR IGNORE INTO source_files(source_id, post, download_id) SELECT id, ?, ? FROM sources WHERE id = ?",
        (post, download_id, source_id),
    )


def vanished(connection: sqlite3.Connection, source_id: int, at: float) -> int:
    """How many posts were found gone at this moment."""
    sql = "SELECT COUNT(*) FROM source_posts WHERE source_id = ? AND gone_at = ?"
    return int(connection.execute(sql, (source_id, at)).fetchone()[0])


def mark_all(tx: sqlite3.Connection, source_id: int, now: float) -> None:
    """The source is gone: what is kept of it exists nowhere else."""
    tx.execute(
        "UPDATE downloads SET only_copy_at = coalesce(only_copy_at, ?)"
        " WHERE id IN (SELECT download_id FROM source_files WHERE source_id = ?)",
        (now, source_id),
    )


def unmark_all(tx: sqlite3.Connection, source_id: int) -> None:
    """The source is back: only files of posts that are gone by themselves stay marked."""
    tx.execute(
        "UPDATE downloads SET only_copy_at = NULL WHERE only_copy_at IS NOT NULL AND id IN ("
        " SELECT f.download_id FROM source_files AS f LEFT JOIN source_posts AS p USING(source_id, post)"
        " WHERE f.source_id = ? AND p.gone_at IS NULL)",
        (source_id,),
    )


def renamed(tx: sqlite3.Connection, source_id: int, names: Sequence[str], name: str) -> None:
    """Files of a source that bear one of its former names bear the present one from now on."""
    tx.execute(
        f"UPDATE downloads SET source = ? WHERE source IN ({marks(names)})"
        " AND id IN (SELECT download_id FROM source_files WHERE source_id = ?)",
        (name, *names, source_id),
    )


# What could not be had


def owe(
    tx: sqlite3.Connection, source_id: int, walk: str, debts: Iterable[Debt], *, most_checks: int
) -> Owed:
    """Note at the end of a check what could not be had; whatever else was owed is there by now."""
    kept = dict(
        tx.execute(
            "SELECT item, checks FROM source_owed WHERE source_id = ? AND walk = ?", (source_id, walk)
        ).fetchall()
    )
    tx.execute("DELETE FROM source_owed WHERE source_id = ? AND walk = ?", (source_id, walk))
    found = {debt.item: (debt.title, kept.get(debt.item, 0) + 1) for debt in debts}
    tx.executemany(
        "INSERT INTO source_owed(source_id, walk, item, title, checks) VALUES (?, ?, ?, ?, ?)",
        [(source_id, walk, item, title, checks) for item, (title, checks) in found.items()],
    )
    return Owed(
        sum(checks < most_checks for _, checks in found.values()),
        tuple(title for title, checks in found.values() if checks == most_checks),
    )


def forgive(tx: sqlite3.Connection, source_id: int, walk: str) -> None:
    """Nothing is owed any more: the cursor moved on."""
    tx.execute("DELETE FROM source_owed WHERE source_id = ? AND walk = ?", (source_id, walk))


def _mark(tx: sqlite3.Connection, source_id: int, posts: Sequence[str], at: float | None) -> None:
    value = "NULL" if at is None else "coalesce(only_copy_at, ?)"
    given = () if at is None else (at,)
    for part in chunks(posts):
        tx.execute(
            f"UPDATE downloads SET only_copy_at = {value} WHERE id IN (SELECT download_id FROM source_files"
            f" WHERE source_id = ? AND post IN ({marks(part)}))",
            (*given, source_id, *part),
        )
