"""How the ways to each site did: the last outcomes of every backend, and the breakers that keep it from being asked.

Outcomes are kept by site, backend and content type; breakers by site, backend and account (empty: as a visitor).
"""

from __future__ import annotations

import builtins
import sqlite3
from dataclasses import astuple

from mediadl.models import BackendTry, Breaker

KEPT = 20
"""Outcomes of each backend and content type of a site."""

_TRY = "at, kind, message, logged_in, answer_s, took_s, items"
_BREAKER = "failures, challenges, opened, open_until, probe_until, reason"


def make_tables(connection: sqlite3.Connection) -> None:
    """A step of the schema."""
    connection.execute(
        "CREATE TABLE tries(id INTEGER PRIMARY KEY, platform TEXT NOT NULL, site TEXT NOT NULL, backend TEXT NOT NULL,"
        " content_type TEXT NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL,"
        " logged_in INTEGER NOT NULL, answer_s REAL, took_s REAL NOT NULL, items INTEGER NOT NULL)"
    )
    connection.execute("CREATE INDEX tries_site ON tries(site, backend, content_type, id)")
    connection.execute("CREATE INDEX tries_platform ON tries(platform, backend, content_type, id)")
    connection.execute(
        "CREATE TABLE breakers(site TEXT NOT NULL, backend TEXT NOT NULL, account TEXT NOT NULL,"
        " platform TEXT NOT NULL, failures INTEGER NOT NULL, challenges INTEGER NOT NULL,"
        " opened INTEGER NOT NULL, open_until REAL,"
        " probe_until REAL, reason TEXT NOT NULL, PRIMARY KEY(site, backend, account)) WITHOUT ROWID"
    )
    connection.execute(
        "CREATE INDEX breakers_open ON breakers(platform, open_until) WHERE open_until IS NOT NULL"
    )


def note(
    tx: sqlite3.Connection, platform: str, site: str, backend: str, content_type: str, found: BackendTry
) -> None:
    """Write an outcome down; those before the last twenty of its kind are forgotten."""
    tx.execute(
        f"INSERT INTO tries(platform, site, backend, content_type, {_TRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (platform, site, backend, content_type, *astuple(found)),
    )
    tx.execute(
        "DELETE FROM tries WHERE site = ?1 AND backend = ?2 AND content_type = ?3 AND id <= (SELECT id FROM tries"
        " WHERE site = ?1 AND backend = ?2 AND content_type = ?3 ORDER BY id DESC LIMIT 1 OFFSET ?4)",
        (site, backend, content_type, KEPT),
    )


def last(
    connection: sqlite3.Connection, platform: str, backend: str, content_type: str = "", limit: int = KEPT
) -> builtins.list[BackendTry]:
    """The last outcomes of a platform's backend, oldest first; an empty content type means all of them."""
    rows = connection.execute(
        f"SELECT {_TRY} FROM tries WHERE platform = ? AND backend = ? {'AND content_type = ?' if content_type else ''}"
        " ORDER BY id DESC LIMIT ?",
        (platform, backend, *([content_type] if content_type else []), limit),
    ).fetchall()
    return [_to_try(row) for row in reversed(rows)]


def asked(connection: sqlite3.Connection, platform: str) -> builtins.list[tuple[str, str]]:
    """Backends and content types of a platform that have been asked, as (backend, content type)."""
    found: builtins.list[tuple[str, str]] = []
    after = ("", "")
    while True:
        # Each step skips all rows of a pair: there may be many, of many sites
        row = connection.execute(
            "SELECT backend, content_type FROM tries WHERE platform = ? AND (backend, content_type) > (?, ?)"
            " ORDER BY backend, content_type LIMIT 1",
            (platform, *after),
        ).fetchone()
        if row is None:
            return found
        after = (row[0], row[1])
        found.append(after)


def breaker(connection: sqlite3.Connection, site: str, backend: str, account: str) -> Breaker:
    """What is known of a way; one that was never tried is closed."""
    row = connection.execute(
        f"SELECT {_BREAKER} FROM breakers WHERE site = ? AND backend = ? AND account = ?",
        (site, backend, account),
    ).fetchone()
    return Breaker(*row) if row else Breaker()


def all_breakers(connection: sqlite3.Connection, site: str) -> builtins.list[tuple[str, str, Breaker]]:
    """What is known of all ways to a site, as (backend, account, breaker)."""
    rows = connection.execute(
        f"SELECT backend, account, {_BREAKER} FROM breakers WHERE site = ? ORDER BY backend, account", (site,)
    ).fetchall()
    return [(row[0], row[1], Breaker(*row[2:])) for row in rows]


def resting(
    connection: sqlite3.Connection, platform: str, now: float
) -> builtins.list[tuple[str, str, str, Breaker]]:
    """The ways to sites of a platform that are left alone, as (site, backend, account, breaker)."""
    rows = connection.execute(
        f"SELECT site, backend, account, {_BREAKER} FROM breakers WHERE platform = ? AND open_until IS NOT NULL"
        " AND max(open_until, coalesce(probe_until, 0)) > ? ORDER BY open_until DESC LIMIT 200",
        (platform, now),
    ).fetchall()
    return [(row[0], row[1], row[2], Breaker(*row[3:])) for row in rows]


def closed_ways(
    connection: sqlite3.Connection, now: float, limit: int
) -> builtins.list[tuple[str, str, str, Breaker]]:
    """Backends that are left alone wherever they are used, as (platform, site, backend, breaker)."""
    rows = connection.execute(
        f"SELECT platform, site, backend, {_BREAKER} FROM breakers WHERE open_until > ? ORDER BY open_until LIMIT ?",
        (now, limit),
    ).fetchall()
    return [(row[0], row[1], row[2], Breaker(*row[3:])) for row in rows]


def put_breaker(
    tx: sqlite3.Connection, platform: str, site: str, backend: str, account: str, found: Breaker
) -> None:
    """Write a breaker; one that knows nothing is not kept."""
    if found == Breaker():
        tx.execute(
            "DELETE FROM breakers WHERE site = ? AND backend = ? AND account = ?", (site, backend, account)
        )
        return
    tx.execute(
        f"INSERT OR REPLACE INTO breakers(site, backend, account, platform, {_BREAKER})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (site, backend, account, platform, *astuple(found)),
    )


def close(tx: sqlite3.Connection, site: str, account: str | None = None) -> int:
    """Let all ways to a site be tried again, or (`account`) those with one account; returns how many rested."""
    return int(
        tx.execute(
            "DELETE FROM breakers WHERE site = ?1 AND (?2 IS NULL OR account = ?2)",
            (site, account),
        ).rowcount
    )


def _to_try(row: tuple[object, ...]) -> BackendTry:
    at, kind, message, logged_in, answer_s, took_s, items = row
    return BackendTry(at, kind, message, bool(logged_in), answer_s, took_s, items)  # type: ignore[arg-type]
