"""Answers to requests that may be sent twice: kept by whoever asked and the key they gave, for a day."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

KEPT_S = 86_400.0
"""How long a key means the same request."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a key."""

    digest: bytes
    """Of the request."""
    status: int
    """0: still being worked on, or whoever did has died."""
    body: str


def make_table(connection: sqlite3.Connection) -> None:
    """A step of the schema."""
    connection.execute(
        "CREATE TABLE api_answers(who TEXT NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL, at REAL NOT NULL,"
        " status INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL DEFAULT '', PRIMARY KEY(who, key)) WITHOUT ROWID"
    )


def begin(tx: sqlite3.Connection, who: str, key: str, digest: bytes, now: float) -> Kept | None:
    """Take a key for a request; what is kept if it was taken before."""
    tx.execute("DELETE FROM api_answers WHERE at < ?", (now - KEPT_S,))
    row = tx.execute(
        "SELECT digest, status, body FROM api_answers WHERE who = ? AND key = ?", (who, key)
    ).fetchone()
    if row is not None:
        return Kept(bytes(row[0]), int(row[1]), str(row[2]))
    tx.execute("INSERT INTO api_answers(who, key, digest, at) VALUES (?, ?, ?, ?)", (who, key, digest, now))
    return None


def finish(tx: sqlite3.Connection, who: str, key: str, status: int, body: str) -> None:
    """Keep the answer."""
    tx.execute(
        "UPDATE api_answers SET status = ?, body = ? WHERE who = ? AND key = ?", (status, body, who, key)
    )


def drop(tx: sqlite3.Connection, who: str, key: str) -> None:
    """Give a key back whose request was refused."""
    tx.execute("DELETE FROM api_answers WHERE who = ? AND key = ? AND status = 0", (who, key))
