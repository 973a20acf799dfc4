"""Who did what from where: one row per act, in the transaction of the act itself where it has one."""

from __future__ import annotations

import builtins
import sqlite3

from mediadl.models.accounts import Activity

_COLUMNS = "id, at, user_id, who, via, address, action, target, outcome"


def add(tx: sqlite3.Connection, act: Activity) -> None:
    """Write a line; its number is given here."""
    tx.execute(
        f"INSERT INTO activity_log({_COLUMNS.removeprefix('id, ')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (act.at, act.user_id, act.who, act.via, act.address, act.action, act.target, act.outcome),
    )


def list(  # noqa: A001 - reads like the command
    connection: sqlite3.Connection,
    *,
    who: str = "",
    action: str = "",
    outcome: str = "",
    since: float | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> builtins.list[Activity]:
    """Lines, the newest first.

    `who` is a whole name, `action` the beginning of an action; `before_id` asks for those older than a line.
    """
    terms: builtins.list[str] = []
    values: builtins.list[object] = []
    given: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("lower(who) = ?", (who.lower(),) if who else ()),
        ("substr(action, 1, ?) = ?", (len(action), action) if action else ()),
        ("outcome = ?", (outcome,) if outcome else ()),
        ("at >= ?", (since,) if since is not None else ()),
        ("id < ?", (before_id,) if before_id is not None else ()),
    )
    for term, said in given:
        if said:
            terms.append(term)
            values += said
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM activity_log{where} ORDER BY id DESC LIMIT ?", (*values, max(0, limit))
    ).fetchall()
    return [Activity(*row) for row in rows]


def prune(tx: sqlite3.Connection, before: float) -> int:
    """Forget lines of before a moment; returns how many."""
    return int(tx.execute("DELETE FROM activity_log WHERE at < ?", (before,)).rowcount)
