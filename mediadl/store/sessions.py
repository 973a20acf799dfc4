"""Which accounts have cookies here; the cookies themselves lie in files."""

from __future__ import annotations

import builtins
import sqlite3

from mediadl.models import Session

_COLUMNS = "site, account, file, cookies, expires_at, imported_at, broken_reason"


def put(tx: sqlite3.Connection, session: Session) -> None:
    """Write the session of an account, over an earlier one."""
    tx.execute(
        f"INSERT OR REPLACE INTO sessions({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            session.site, session.account, session.file, session.cookies, session.expires_at, session.imported_at,
            session.broken_reason,
        ),
    )  # fmt: skip


def list(connection: sqlite3.Connection) -> builtins.list[Session]:  # noqa: A001 - reads like the command
    """All sessions by site and account."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM sessions ORDER BY site, account").fetchall()
    return [Session(*row) for row in rows]


def get_for(connection: sqlite3.Connection, site: str) -> Session | None:
    """The session to use for a site: one that works before a broken one, the newest first."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM sessions WHERE site = ? ORDER BY broken_reason <> '', imported_at DESC LIMIT 1",
        (site,),
    ).fetchone()
    return Session(*row) if row else None


def remove(tx: sqlite3.Connection, site: str, account: str) -> bool:
    """Forget a session, not its file; false when there is none."""
    return bool(tx.execute("DELETE FROM sessions WHERE site = ? AND account = ?", (site, account)).rowcount)


def mark_broken(tx: sqlite3.Connection, site: str, account: str, reason: str) -> bool:
    """Note why the site refused a session, or (empty) that it works; false when there is none."""
    return bool(
        tx.execute(
            "UPDATE sessions SET broken_reason = ? WHERE site = ? AND account = ?", (reason, site, account)
        ).rowcount
    )
