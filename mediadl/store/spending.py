"""When requests went out with an account: what its hourly and daily budgets are counted from, by every job and run."""

from __future__ import annotations

import sqlite3

KEPT_S = 2 * 86_400.0
"""Older moments count for nothing."""


def make_table(connection: sqlite3.Connection) -> None:
    """A step of the schema."""
    connection.execute(
        "CREATE TABLE account_requests(id INTEGER PRIMARY KEY, site TEXT NOT NULL, account TEXT NOT NULL,"
        " at REAL NOT NULL)"
    )
    connection.execute("CREATE INDEX account_requests_at ON account_requests(site, account, at)")


def note(tx: sqlite3.Connection, site: str, account: str, now: float) -> None:
    """A request is about to be sent."""
    tx.execute(
        "DELETE FROM account_requests WHERE site = ? AND account = ? AND at < ?",
        (site, account, now - KEPT_S),
    )
    tx.execute("INSERT INTO account_requests(site, account, at) VALUES (?, ?, ?)", (site, account, now))


def bring_back(tx: sqlite3.Connection, site: str, now: float) -> None:
    """Let moments of a site's accounts that are still to come be now: they are from before a clock was set back.

    They count as long as if they were sent now, rather than until the clock is there again.
    """
    tx.execute("UPDATE account_requests SET at = ?2 WHERE site = ?1 AND at > ?2", (site, now))


def sent(connection: sqlite3.Connection, site: str, account: str, since: float) -> list[float]:
    """The moments after `since`, ascending."""
    rows = connection.execute(
        "SELECT at FROM account_requests WHERE site = ? AND account = ? AND at > ? ORDER BY at",
        (site, account, since),
    ).fetchall()
    return [row[0] for row in rows]


def forget(tx: sqlite3.Connection, site: str, account: str) -> int:
    """Forget an account; returns how many requests it had."""
    return int(
        tx.execute("DELETE FROM account_requests WHERE site = ? AND account = ?", (site, account)).rowcount
    )
