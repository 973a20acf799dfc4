"""Which accounts have a login here. What the login is (cookies, password) lies beside it, sealed."""

from __future__ import annotations

import builtins
import sqlite3

from mediadl.models import Session

_COLUMNS = (
    "site, account, file, cookies, expires_at, imported_at, broken_reason, user_agent, has_password, login_use,"
    " checked_at, checked, hex(substr(coalesce(sealed, x''), 5, 8))"
)


def add_vault(connection: sqlite3.Connection) -> None:
    """A step of the schema: logins move from files into the database, sealed."""
    for column in (
        "sealed BLOB",
        "user_agent TEXT NOT NULL DEFAULT ''",
        "has_password INTEGER NOT NULL DEFAULT 0",
        "login_use TEXT NOT NULL DEFAULT ''",
        "checked_at REAL",
        "checked TEXT NOT NULL DEFAULT ''",
    ):
        connection.execute(f"ALTER TABLE sessions ADD COLUMN {column}")


def put(tx: sqlite3.Connection, session: Session, sealed: bytes | None = None) -> None:
    """Write the session of an account, over an earlier one."""
    tx.execute(
        "INSERT OR REPLACE INTO sessions(site, account, file, cookies, expires_at, imported_at, broken_reason,"
        " user_agent, has_password, login_use, checked_at, checked, sealed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            session.site, session.account, session.file, session.cookies, session.expires_at, session.imported_at,
            session.broken_reason, session.user_agent, session.has_password, session.use, session.checked_at,
            session.checked, sealed,
        ),
    )  # fmt: skip


def list(connection: sqlite3.Connection) -> builtins.list[Session]:  # noqa: A001 - reads like the command
    """All sessions by site and account."""
    return [
        _session(row)
        for row in connection.execute(f"SELECT {_COLUMNS} FROM sessions ORDER BY site, account").fetchall()
    ]


def of_site(connection: sqlite3.Connection, site: str, now: float) -> builtins.list[Session]:
    """The sessions of a site, the best first: neither refused nor run out, then the newest."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM sessions WHERE site = ?"
        " ORDER BY broken_reason <> '', coalesce(expires_at <= ?, 0), imported_at DESC, account",
        (site, now),
    ).fetchall()
    return [_session(row) for row in rows]


def get(connection: sqlite3.Connection, site: str, account: str) -> Session | None:
    """The session of an account."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM sessions WHERE site = ? AND account = ?", (site, account)
    ).fetchone()
    return _session(row) if row else None


def sealed(connection: sqlite3.Connection, site: str, account: str) -> bytes:
    """What is sealed of a session; empty: it lies in a file of old, or there is none."""
    row = connection.execute(
        "SELECT sealed FROM sessions WHERE site = ? AND account = ?", (site, account)
    ).fetchone()
    return bytes(row[0]) if row and row[0] is not None else b""


def remove(tx: sqlite3.Connection, site: str, account: str) -> bool:
    """Forget a session, not a file of old; false when there is none."""
    return bool(tx.execute("DELETE FROM sessions WHERE site = ? AND account = ?", (site, account)).rowcount)


def mark_broken(tx: sqlite3.Connection, site: str, account: str, reason: str) -> bool:
    """Note why the site refused a session, or (empty) that it works; false when nothing changed by that."""
    return bool(
        tx.execute(
            "UPDATE sessions SET broken_reason = ? WHERE site = ? AND account = ? AND broken_reason <> ?",
            (reason, site, account, reason),
        ).rowcount
    )


def note_check(tx: sqlite3.Connection, site: str, account: str, words: str, now: float) -> None:
    """Note what a test of a session said."""
    tx.execute(
        "UPDATE sessions SET checked_at = ?, checked = ? WHERE site = ? AND account = ?",
        (now, words, site, account),
    )


def _session(row: tuple[object, ...]) -> Session:
    values = builtins.list(row)
    values[8] = bool(values[8])
    return Session(*values)  # type: ignore[arg-type]
