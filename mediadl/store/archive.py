"""Identities already fetched, whatever became of the files: nothing is fetched twice."""

from __future__ import annotations

import builtins
import json
import sqlite3
from collections.abc import Collection, Iterable

from mediadl.models import Identity

_INSERT = "INSERT OR IGNORE INTO archive(site, media_id, idx, download_id, at) VALUES (?, ?, ?, ?, ?)"


def add(tx: sqlite3.Connection, identity: Identity, download_id: int | None, now: float) -> None:
    """Note that a file was fetched; a newer download takes the place of an older one."""
    tx.execute(
        "INSERT INTO archive(site, media_id, idx, download_id, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT(site, media_id, idx) DO UPDATE SET download_id = excluded.download_id, at = excluded.at",
        (identity.site, identity.id, identity.index, download_id, now),
    )


def add_many(tx: sqlite3.Connection, identities: Iterable[Identity], now: float) -> int:
    """Note identities that another program fetched; returns how many were new."""
    before = tx.total_changes
    tx.executemany(_INSERT, ((i.site, i.id, i.index, None, now) for i in identities))
    return tx.total_changes - before


def join(tx: sqlite3.Connection, identities: Collection[Identity], now: float) -> None:
    """Note that all these name one file, when one of them is known: no other name makes it new again."""
    found = known(tx, identities)
    if not found:
        return
    first = next(iter(found))
    row = tx.execute(
        "SELECT download_id FROM archive WHERE site = ? AND media_id = ? AND idx = ?",
        (first.site, first.id, first.index),
    ).fetchone()
    tx.executemany(_INSERT, ((i.site, i.id, i.index, row[0], now) for i in identities if i not in found))


def known(connection: sqlite3.Connection, identities: Collection[Identity]) -> set[Identity]:
    """Those of the identities that were fetched already."""
    asked = json.dumps([(i.site, i.id, i.index) for i in identities])
    rows = connection.execute(
        "SELECT a.site, a.media_id, a.idx FROM json_each(?) AS j CROSS JOIN archive AS a"
        " ON a.site = j.value ->> 0 AND a.media_id = j.value ->> 1 AND a.idx = j.value ->> 2",
        (asked,),
    ).fetchall()
    return {Identity(*row) for row in rows}


def forget(tx: sqlite3.Connection, identities: Iterable[Identity]) -> int:
    """Forget identities, so that they are fetched again; returns how many were known."""
    return int(
        tx.executemany(
            "DELETE FROM archive WHERE site = ? AND media_id = ? AND idx = ?",
            [(i.site, i.id, i.index) for i in identities],
        ).rowcount
    )


def forget_post(tx: sqlite3.Connection, site: str, media_id: str) -> int:
    """Forget every file of a post; returns how many were known."""
    return int(tx.execute("DELETE FROM archive WHERE site = ? AND media_id = ?", (site, media_id)).rowcount)


def list(  # noqa: A001 - `archive.list` reads like the command
    connection: sqlite3.Connection, site: str = "", offset: int = 0, limit: int = -1
) -> builtins.list[Identity]:
    """Known identities by site and id, of one site or (empty) of all; a negative limit means all."""
    rows = connection.execute(
        "SELECT site, media_id, idx FROM archive WHERE ? IN ('', site) ORDER BY site, media_id, idx LIMIT ? OFFSET ?",
        (site, limit, max(0, offset)),
    ).fetchall()
    return [Identity(*row) for row in rows]


def count(connection: sqlite3.Connection, site: str = "") -> int:
    """How many identities are known, of one site or (empty) of all."""
    where, values = (" WHERE site = ?", (site,)) if site else ("", ())
    return int(connection.execute(f"SELECT COUNT(*) FROM archive{where}", values).fetchone()[0])
