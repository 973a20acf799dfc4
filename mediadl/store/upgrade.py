"""Upgrade of a `media_downloader.db` that an older tool made: its rows in our tables, in one transaction.

The queue and the history are rebuilt; columns we do not know stay beside ours with what they held. Tables of other
names are left alone, unless they bear a name the schema needs: those are kept as `old_<name>`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mediadl.errors import DatabaseUnusable
from mediadl.store import upgrade_rows
from mediadl.store.inspection import ESTABLISHED_TABLES, RESTORE
from mediadl.store.migrations import migrate

Row = Mapping[str, Any]
"""A row of an older tool, its column names in lower case."""

_FETCH = 1000
_REBUILT: dict[str, Callable[[Row, upgrade_rows.Habits], dict[str, Any]]] = {
    "download_queue": upgrade_rows.to_queue_row,
    "downloads": upgrade_rows.to_history_row,
}


def refuse_strangers(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is damaged or of something else, before anything is done to it.

    Raises:
        DatabaseUnusable: it is.
    """
    problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise DatabaseUnusable(f"{path} is damaged: {' '.join(problem.split())}", next_step=RESTORE)
    names = {row[0].lower() for row in connection.execute("SELECT name FROM sqlite_master").fetchall()}
    if names and not names & ESTABLISHED_TABLES:
        raise DatabaseUnusable(
            f"{path} is a database of something else", next_step="Move it away, or set MEDIADL_HOME."
        )


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring an older tool's tables into our schema, inside the caller's transaction with foreign keys off."""
    from sqlite_utils import Database as Tables

    tables = Tables(connection, recursive_triggers=False)
    needed = _needed_names()
    # References in other tables, triggers and views keep the name they have: ours takes the place
    connection.execute("PRAGMA legacy_alter_table=ON")
    try:
        aside = _move_aside(connection, tables, needed)
        migrate(connection, 0)
        for name, former in aside.items():
            if name in _REBUILT:
                _rebuild(connection, tables, name, former)
                _keep_counting(connection, name, former)
                connection.execute(f"DROP TABLE {_quoted(former)}")
    finally:
        connection.execute("PRAGMA legacy_alter_table=OFF")


def _move_aside(connection: sqlite3.Connection, tables: Any, needed: set[str]) -> dict[str, str]:
    """Free the names the schema needs; returns the tables' former names by the names they had, in lower case."""
    objects = connection.execute("SELECT type, name, tbl_name FROM sqlite_master ORDER BY type").fetchall()
    for kind, name, table in objects:
        ours = name.lower() in needed or table.lower() in _REBUILT
        if ours and (kind == "trigger" or (kind == "index" and not name.startswith("sqlite_autoindex_"))):
            connection.execute(f"DROP {kind} {_quoted(name)}")
        elif kind == "view" and name.lower() in needed:
            connection.execute(f"DROP VIEW {_quoted(name)}")
    aside: dict[str, str] = {}
    present = {name.lower() for _, name, _ in objects}
    virtual = [
        name for kind, name, _ in objects if kind == "table" and tables.table(name).virtual_table_using
    ]
    for name in virtual:
        if name.lower() in needed:
            # An index over the rows; ours takes its place
            connection.execute(f"DROP TABLE {_quoted(name)}")
    for kind, name, _ in connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall():
        if kind == "table" and name.lower() in needed and not name.startswith("sqlite_"):
            former = f"old_{name.lower()}"
            while former in present:
                former = f"old_{former}"
            tables.rename_table(name, former)
            aside[name.lower()] = former
    return aside


def _rebuild(connection: sqlite3.Connection, tables: Any, name: str, former: str) -> None:
    """Copy every row of `former` into our table `name`, unknown columns included."""
    ours = {row[1].lower() for row in connection.execute(f"PRAGMA table_xinfo({name})").fetchall()}
    columns = [column.name for column in tables.table(former).columns]
    extra = {column: column for column in columns if column.lower() not in ours}
    if not _is_number_key(tables, former, columns):
        extra |= {column: f"old_{column}" for column in columns if column.lower() == "id"}
    for column in extra.values():
        connection.execute(f"ALTER TABLE {name} ADD COLUMN {_quoted(column)}")
    habits = upgrade_rows.Habits.of(name, _rows(connection, former, columns))
    convert = _REBUILT[name]
    numbered = "old_id" not in extra.values()
    kept = [(column, _quoted(kept)) for column, kept in extra.items()]
    batches: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in _rows(connection, former, columns):
        values = convert({column.lower(): value for column, value in row.items()}, habits)
        if not numbered:
            values.pop("id", None)
        for column, quoted in kept:
            values[quoted] = row[column]
        batch = batches.setdefault(tuple(values), [])
        batch.append(tuple(values.values()))
        if len(batch) == _FETCH:
            _insert(connection, name, tuple(values), batch)
            batch.clear()
    for names, batch in batches.items():
        _insert(connection, name, names, batch)


def _insert(
    connection: sqlite3.Connection, table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    marks = ", ".join("?" * len(names))
    connection.executemany(f"INSERT INTO {table}({', '.join(names)}) VALUES ({marks})", rows)


def _keep_counting(connection: sqlite3.Connection, name: str, former: str) -> None:
    """Numbers that were given to rows since deleted are not given again."""
    numbers = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    if numbers.get(former, 0) > numbers.get(name, 0):
        connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        connection.execute("INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)", (name, numbers[former]))


def _rows(connection: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    wanted = ", ".join(_quoted(column) for column in columns)
    cursor = connection.execute(f"SELECT {wanted} FROM {_quoted(table)} ORDER BY 1")
    while rows := cursor.fetchmany(_FETCH):
        for row in rows:
            yield dict(zip(columns, row, strict=True))


def _is_number_key(tables: Any, table: str, columns: list[str]) -> bool:
    """Whether the table's `id` can be ours: a whole number, once per row."""
    named = next((column for column in columns if column.lower() == "id"), None)
    if named is None:
        return True
    odd = tables.query(
        f"SELECT COUNT(*) - COUNT(DISTINCT CASE WHEN typeof({_quoted(named)}) = 'integer' AND {_quoted(named)} > 0"
        f" THEN {_quoted(named)} END) AS n FROM {_quoted(table)}"
    )
    return bool(next(iter(odd))["n"] == 0)


def _needed_names() -> set[str]:
    """Every name the schema gives to something, found by making it in memory."""
    scratch = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(scratch, 0)
        rows = scratch.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    finally:
        scratch.close()
    return {row[0].lower() for row in rows}


def _quoted(name: str) -> str:
    return '"' + re.sub('"', '""', name) + '"'
