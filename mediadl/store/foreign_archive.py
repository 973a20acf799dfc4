"""Reads the archives of other programs without touching them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mediadl.store.connection import connect_for_looking

_ROWS = 5000


def gallerydl_entries(path: Path) -> Iterator[tuple[str, str]]:
    """(table, entry) of a gallery-dl archive: each table that has a column `entry`; nothing when none has.

    Raises:
        DatabaseUnusable: not a database, or damaged.
    """
    connection = connect_for_looking(path)
    try:
        tables = [
            str(name)
            for (name,) in connection.execute(
                "SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
                " WHERE m.type = 'table' AND c.name = 'entry' ORDER BY m.name"
            ).fetchall()
        ]
        for table in tables:
            quoted = '"' + table.replace('"', '""') + '"'
            cursor = connection.execute(f"SELECT entry FROM {quoted}")
            while rows := cursor.fetchmany(_ROWS):
                for (entry,) in rows:
                    yield table, str(entry)
    finally:
        connection.close()
