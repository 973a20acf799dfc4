"""Keys for programs: what is known of each, and the hash it is found by."""

from __future__ import annotations

import builtins
import sqlite3
from dataclasses import dataclass

from mediadl.models.accounts import ApiToken

_COLUMNS = (
    "api_tokens.id, user_id, coalesce(users.name, ''), api_tokens.name, scopes, api_tokens.created_at, expires_at,"
    " used_at, used_from"
)
_FROM = "FROM api_tokens LEFT JOIN users ON users.id = user_id"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token and the account it acts for, as they are now."""

    token: ApiToken
    role: str
    """Empty: the machine's owner."""
    disabled: bool


def add(tx: sqlite3.Connection, token: ApiToken, secret_hash: bytes) -> int:
    """Keep a token; returns its number, the one it carries is not looked at."""
    row = tx.execute(
        "INSERT INTO api_tokens(user_id, name, secret_hash, scopes, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (token.user_id, token.name, secret_hash, " ".join(token.scopes), token.created_at, token.expires_at),
    ).fetchall()
    return int(row[0][0])


def bearer(connection: sqlite3.Connection, secret_hash: bytes) -> Bearer | None:
    """The token of a secret."""
    return _bearer(connection, "secret_hash = ?", secret_hash)


def bearer_of(connection: sqlite3.Connection, token_id: int) -> Bearer | None:
    """The token of a number."""
    return _bearer(connection, "api_tokens.id = ?", token_id)


def list(connection: sqlite3.Connection) -> builtins.list[ApiToken]:  # noqa: A001 - reads like the command
    """All tokens, the newest last."""
    return [
        _token(row)
        for row in connection.execute(f"SELECT {_COLUMNS} {_FROM} ORDER BY api_tokens.id").fetchall()
    ]


def touch(tx: sqlite3.Connection, token_id: int, address: str, now: float) -> None:
    """Note that a token was used."""
    tx.execute("UPDATE api_tokens SET used_at = ?, used_from = ? WHERE id = ?", (now, address, token_id))


def remove(tx: sqlite3.Connection, token_id: int) -> bool:
    """Take a token back; false when there is none."""
    return bool(tx.execute("DELETE FROM api_tokens WHERE id = ?", (token_id,)).rowcount)


def remove_of(tx: sqlite3.Connection, user_id: int) -> int:
    """Take all tokens of an account back; returns how many."""
    return int(tx.execute("DELETE FROM api_tokens WHERE user_id = ?", (user_id,)).rowcount)


def _bearer(connection: sqlite3.Connection, where: str, value: bytes | int) -> Bearer | None:
    row = connection.execute(
        f"SELECT {_COLUMNS}, coalesce(role, ''), disabled_at IS NOT NULL {_FROM} WHERE {where}", (value,)
    ).fetchone()
    return None if row is None else Bearer(_token(row[:9]), row[9], bool(row[10]))


def _token(row: tuple[object, ...]) -> ApiToken:
    values = builtins.list(row)
    values[4] = tuple(str(values[4]).split())
    return ApiToken(*values)  # type: ignore[arg-type]
