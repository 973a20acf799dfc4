"""Who is signed in where, how often signing in has failed, and codes that are good for one time."""

from __future__ import annotations

import builtins
import sqlite3
from dataclasses import dataclass

from mediadl.models.accounts import SignIn

_COLUMNS = "id, user_id, via, address, agent, created_at, used_at, expires_at"


@dataclass(frozen=True, slots=True)
class Standing:
    """A login and its account, as they are now."""

    id: str
    user_id: int
    name: str
    role: str
    disabled: bool
    via: str
    address: str
    renewed_at: float
    used_at: float
    expires_at: float


_STANDING = (
    "SELECT logins.id, user_id, name, role, disabled_at IS NOT NULL, via, address, renewed_at, used_at, expires_at"
    " FROM logins JOIN users ON users.id = user_id WHERE "
)


def add(tx: sqlite3.Connection, login: SignIn, secret_hash: bytes) -> None:
    """Note that somebody signed in."""
    tx.execute(
        f"INSERT INTO logins({_COLUMNS}, renewed_at, secret_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            login.id, login.user_id, login.via, login.address, login.agent, login.created_at, login.used_at,
            login.expires_at, login.created_at, secret_hash,
        ),
    )  # fmt: skip


def by_secret(connection: sqlite3.Connection, secret_hash: bytes) -> Standing | None:
    """The login a secret is of."""
    return _one(connection, "secret_hash = ?", secret_hash)


def by_former_secret(connection: sqlite3.Connection, secret_hash: bytes) -> Standing | None:
    """The login a secret was of before it was renewed."""
    return _one(connection, "former_hash = ?", secret_hash)


def by_id(connection: sqlite3.Connection, login_id: str) -> Standing | None:
    """A login by its name."""
    return _one(connection, "logins.id = ?", login_id)


def of_user(connection: sqlite3.Connection, user_id: int | None = None) -> builtins.list[SignIn]:
    """Where an account (None: any) is signed in, used last first."""
    where, values = ("WHERE user_id = ?", (user_id,)) if user_id is not None else ("", ())
    rows = connection.execute(f"SELECT {_COLUMNS} FROM logins {where} ORDER BY used_at DESC, id", values)
    return [SignIn(*row) for row in rows.fetchall()]


def touch(tx: sqlite3.Connection, login_id: str, address: str, now: float) -> None:
    """Note that a login was used."""
    tx.execute(
        "UPDATE logins SET used_at = max(used_at, ?), address = ? WHERE id = ?", (now, address, login_id)
    )


def renew(tx: sqlite3.Connection, login_id: str, before: bytes, after: bytes, now: float) -> bool:
    """Put a new secret in place of an old one; false when that was no longer the one."""
    sql = (
        "UPDATE logins SET secret_hash = ?, former_hash = ?, renewed_at = ?, used_at = ?"
        " WHERE id = ? AND secret_hash = ?"
    )
    return bool(tx.execute(sql, (after, before, now, now, login_id, before)).rowcount)


def end(tx: sqlite3.Connection, login_id: str) -> bool:
    """Sign out; false when there was no such login."""
    return bool(tx.execute("DELETE FROM logins WHERE id = ?", (login_id,)).rowcount)


def end_all(tx: sqlite3.Connection, user_id: int, *, besides: str = "") -> int:
    """Sign an account out everywhere (but in one place); returns how many logins ended."""
    return int(tx.execute("DELETE FROM logins WHERE user_id = ? AND id <> ?", (user_id, besides)).rowcount)


def prune(tx: sqlite3.Connection, unused_since: float, now: float) -> int:
    """Forget logins that ran out or were not used since; returns how many."""
    sql = "DELETE FROM logins WHERE expires_at <= ? OR used_at <= ?"
    return int(tx.execute(sql, (now, unused_since)).rowcount)


def _one(connection: sqlite3.Connection, where: str, value: bytes | str) -> Standing | None:
    row = connection.execute(_STANDING + where, (value,)).fetchone()
    if row is None:
        return None
    id_, user_id, name, role, disabled, *rest = row
    return Standing(id_, user_id, name, role, bool(disabled), *rest)


# Failures


def failures(connection: sqlite3.Connection, bucket: str) -> tuple[int, float]:
    """How many tries failed in a bucket, and when the last one did."""
    row = connection.execute(
        "SELECT failures, last_at FROM sign_in_tries WHERE bucket = ?", (bucket,)
    ).fetchone()
    return (int(row[0]), float(row[1])) if row else (0, 0.0)


def set_failures(tx: sqlite3.Connection, bucket: str, number: int, now: float) -> None:
    """Write how many tries failed."""
    tx.execute(
        "INSERT OR REPLACE INTO sign_in_tries(bucket, failures, last_at) VALUES (?, ?, ?)",
        (bucket, number, now),
    )


def forgive(tx: sqlite3.Connection, bucket: str) -> None:
    """Start over in a bucket."""
    tx.execute("DELETE FROM sign_in_tries WHERE bucket = ?", (bucket,))


def forgive_account(tx: sqlite3.Connection, account: str) -> None:
    """Start over in every bucket of an account, given as `security.throttle.account_key`."""
    tx.execute(
        "DELETE FROM sign_in_tries WHERE bucket = ? OR substr(bucket, 1, ?) = ?",
        (f"name {account}", len(account) + 6, f"pair {account} "),
    )


def prune_failures(tx: sqlite3.Connection, before: float) -> None:
    """Forget failures of before a moment."""
    tx.execute("DELETE FROM sign_in_tries WHERE last_at < ?", (before,))


def is_known_place(connection: sqlite3.Connection, user_id: int, address: str, since: float) -> bool:
    """Whether an account was signed in to from an address since a moment."""
    sql = "SELECT 1 FROM known_places WHERE user_id = ? AND address = ? AND at >= ?"
    return connection.execute(sql, (user_id, address, since)).fetchone() is not None


def know_place(tx: sqlite3.Connection, user_id: int, address: str, now: float) -> None:
    """Note that an account was signed in to from an address."""
    tx.execute(
        "INSERT OR REPLACE INTO known_places(user_id, address, at) VALUES (?, ?, ?)", (user_id, address, now)
    )


# Codes that are good once


def put_code(tx: sqlite3.Connection, purpose: str, code_hash: bytes, expires_at: float) -> None:
    """Keep a code for a purpose in place of an earlier one."""
    tx.execute(
        "INSERT OR REPLACE INTO one_time_codes(purpose, code_hash, expires_at) VALUES (?, ?, ?)",
        (purpose, code_hash, expires_at),
    )


def try_code(tx: sqlite3.Connection, purpose: str, most_tries: int, now: float) -> bytes | None:
    """Count a try of the code for a purpose; its hash, or None when there is none that is still good."""
    row = tx.execute(
        "UPDATE one_time_codes SET tries = tries + 1 WHERE purpose = ? AND expires_at > ? AND tries < ?"
        " RETURNING code_hash",
        (purpose, now, most_tries),
    ).fetchall()
    return bytes(row[0][0]) if row else None


def drop_code(tx: sqlite3.Connection, purpose: str) -> None:
    """Forget the code for a purpose."""
    tx.execute("DELETE FROM one_time_codes WHERE purpose = ?", (purpose,))
