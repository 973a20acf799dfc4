"""Accounts, their second factor and the codes that stand in for it."""

from __future__ import annotations

import builtins
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from mediadl.errors import InvalidInput, NotFound
from mediadl.models.accounts import User

_COLUMNS = (
    "id, name, role, password_hash <> '', totp_sealed IS NOT NULL,"
    " (SELECT COUNT(*) FROM recovery_codes WHERE user_id = users.id AND used_at IS NULL),"
    " created_at, password_at, disabled_at, last_login_at, last_login_from,"
    " (SELECT COUNT(*) FROM logins WHERE user_id = users.id)"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is compared with."""

    user_id: int
    name: str
    role: str
    disabled: bool
    password_hash: str = field(repr=False)
    totp_sealed: bytes | None = field(default=None, repr=False)
    totp_step: int = 0
    """The last step a code was taken of."""


def fold(name: str) -> str:
    """Names that differ in nothing but this are one account."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def add(tx: sqlite3.Connection, name: str, role: str, password_hash: str, now: float) -> int:
    """Make an account; returns its number.

    Raises:
        InvalidInput: there is one of that name.
    """
    done = tx.execute(
        "INSERT INTO users(name, folded, role, password_hash, created_at, password_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(folded) DO NOTHING RETURNING id",
        (name, fold(name), role, password_hash, now, now if password_hash else None),
    ).fetchall()
    if not done:
        raise InvalidInput(f"there is an account {name} already", next_step="See mediadl user list.")
    return int(done[0][0])


def list(connection: sqlite3.Connection) -> builtins.list[User]:  # noqa: A001 - reads like the command
    """All accounts by name."""
    return [
        _user(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM users ORDER BY folded").fetchall()
    ]


def get(connection: sqlite3.Connection, user_id: int) -> User | None:
    """One account by number."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM users WHERE id = ?", (user_id,)).fetchone()
    return _user(row) if row else None


def named(connection: sqlite3.Connection, name: str) -> User:
    """One account by name, in any case.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(f"SELECT {_COLUMNS} FROM users WHERE folded = ?", (fold(name),)).fetchone()
    if row is None:
        raise NotFound(f"no account {name[:64]!r}", next_step="See mediadl user list.")
    return _user(row)


def any_admin(connection: sqlite3.Connection, *, besides: int = 0) -> bool:
    """Whether some administrator (but the one given) can sign in."""
    sql = "SELECT 1 FROM users WHERE role = 'admin' AND disabled_at IS NULL AND password_hash <> '' AND id <> ? LIMIT 1"
    return connection.execute(sql, (besides,)).fetchone() is not None


def credentials(connection: sqlite3.Connection, name: str) -> Credentials | None:
    """What a sign-in under a name is compared with; None: no such account."""
    row = connection.execute(
        "SELECT id, name, role, disabled_at IS NOT NULL, password_hash, totp_sealed, totp_step FROM users"
        " WHERE folded = ?",
        (fold(name),),
    ).fetchone()
    if row is None:
        return None
    user_id, kept, role, disabled, *rest = row
    return Credentials(user_id, kept, role, bool(disabled), *rest)


def admin_hashes(connection: sqlite3.Connection) -> builtins.list[str]:
    """The passwords, hashed, of every administrator who may sign in."""
    sql = (
        "SELECT password_hash FROM users WHERE role = 'admin' AND disabled_at IS NULL AND password_hash <> ''"
    )
    return [row[0] for row in connection.execute(sql).fetchall()]


def set_password(tx: sqlite3.Connection, user_id: int, password_hash: str, now: float) -> None:
    """Give an account a password."""
    tx.execute(
        "UPDATE users SET password_hash = ?, password_at = ? WHERE id = ?", (password_hash, now, user_id)
    )


def rehash(tx: sqlite3.Connection, user_id: int, before: str, after: str) -> None:
    """Put a hash of the same password with newer parameters in place of an older one, if that is still there."""
    tx.execute(
        "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?", (after, user_id, before)
    )


def set_role(tx: sqlite3.Connection, user_id: int, role: str) -> None:
    """Change what an account is for."""
    tx.execute("UPDATE users SET role = ? WHERE id = ?", (role, user_id))


def set_disabled(tx: sqlite3.Connection, user_id: int, at: float | None) -> None:
    """Shut an account, or (None) open it again."""
    tx.execute("UPDATE users SET disabled_at = ? WHERE id = ?", (at, user_id))


def note_login(tx: sqlite3.Connection, user_id: int, address: str, now: float) -> None:
    """Note that somebody signed in, and from where."""
    tx.execute(
        "UPDATE users SET last_login_at = ?, last_login_from = ? WHERE id = ?", (now, address, user_id)
    )


def remove(tx: sqlite3.Connection, user_id: int) -> None:
    """Delete an account with its logins, tokens and codes; its jobs and files become the machine owner's."""
    for table in ("download_queue", "removed_jobs", "downloads", "schedules"):
        tx.execute(f"UPDATE {table} SET owner_id = NULL WHERE owner_id = ?", (user_id,))
    tx.execute("DELETE FROM users WHERE id = ?", (user_id,))


# The second factor


def offer_totp(tx: sqlite3.Connection, user_id: int, sealed: bytes) -> None:
    """Keep a seed that is not in force before a code of it was seen."""
    tx.execute("UPDATE users SET totp_new = ? WHERE id = ?", (sealed, user_id))


def offered_totp(connection: sqlite3.Connection, user_id: int) -> bytes | None:
    """That seed, sealed; None: there is none."""
    row = connection.execute("SELECT totp_new FROM users WHERE id = ?", (user_id,)).fetchone()
    return None if row is None else row[0]


def take_totp(tx: sqlite3.Connection, user_id: int, step: int) -> None:
    """Put the offered seed into force; `step` is that of the code that proved it."""
    tx.execute(
        "UPDATE users SET totp_sealed = totp_new, totp_new = NULL, totp_step = ? WHERE id = ?",
        (step, user_id),
    )


def drop_totp(tx: sqlite3.Connection, user_id: int) -> None:
    """Do without a second factor, and without its recovery codes."""
    tx.execute("UPDATE users SET totp_sealed = NULL, totp_new = NULL, totp_step = 0 WHERE id = ?", (user_id,))
    tx.execute("DELETE FROM recovery_codes WHERE user_id = ?", (user_id,))


def use_step(tx: sqlite3.Connection, user_id: int, step: int) -> bool:
    """Note that a code of a step was taken; false when one of it or a later one was before."""
    sql = "UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?"
    return bool(tx.execute(sql, (step, user_id, step)).rowcount)


def put_recovery_codes(tx: sqlite3.Connection, user_id: int, hashes: Iterable[bytes]) -> None:
    """Put new codes in place of all there were."""
    tx.execute("DELETE FROM recovery_codes WHERE user_id = ?", (user_id,))
    tx.executemany(
        "INSERT INTO recovery_codes(user_id, code_hash) VALUES (?, ?)", [(user_id, one) for one in hashes]
    )


def use_recovery_code(tx: sqlite3.Connection, user_id: int, code_hash: bytes, now: float) -> bool:
    """Use a code up; false when there is none such that was not used."""
    sql = "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND code_hash = ? AND used_at IS NULL"
    return bool(tx.execute(sql, (now, user_id, code_hash)).rowcount)


def _user(row: tuple[object, ...]) -> User:
    values = builtins.list(row)
    values[3], values[4] = bool(values[3]), bool(values[4])
    return User(*values)  # type: ignore[arg-type]
