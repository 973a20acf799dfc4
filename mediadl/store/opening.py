"""Brings the database file to the state the program works with: made, upgraded, migrated, by one process at a time."""

from __future__ import annotations

import errno
import os

from mediadl.errors import DatabaseUnusable, DiskFull, FolderNotWritable, MediadlError
from mediadl.paths import Home
from mediadl.store import copies, inspection
from mediadl.store.connection import StoreConnection, connect
from mediadl.store.inspection import Finding, State
from mediadl.store.locks import Gate
from mediadl.store.migrations import migrate


def settle(home: Home) -> None:
    """Make, upgrade or migrate the database where needed.

    Raises:
        DatabaseUnusable: it cannot be used; it was not touched.
    """
    gate = Gate(home.write_gate)
    try:
        with gate.held():
            # Another process may have done it while this one waited
            finding = inspection.inspect(home)
            if finding.state is State.MISSING:
                _make(home)
            else:
                inspection.verify(home, finding)
                if finding.state is not State.CURRENT:
                    _renew(home, finding)
            inspection.remember(home)
    finally:
        gate.close()


def _make(home: Home) -> None:
    """Make a new database beside its place and move it there when it is complete."""
    made = home.database.with_name(f".{home.database.name}.new")
    for suffix in ("", "-wal", "-shm"):
        made.with_name(made.name + suffix).unlink(missing_ok=True)
    os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    connection = connect(made)
    try:
        _switch_to_log(connection)
        connection.execute("BEGIN IMMEDIATE")
        migrate(connection, 0)
        connection.commit()
    finally:
        connection.close()
    for suffix in ("-wal", "-shm"):
        home.database.with_name(home.database.name + suffix).unlink(missing_ok=True)
    made.replace(home.database)
    copies.sync_folder(home.root)


def _renew(home: Home, finding: Finding) -> None:
    """Keep a copy, then upgrade or migrate in one transaction: killed at any moment, the file is old or new."""
    from mediadl.store import upgrade

    connection = connect(home.database)
    try:
        if finding.state is State.FOREIGN:
            upgrade.refuse_strangers(connection, home.database)
        copies.keep(connection, home.database)
        _switch_to_log(connection)
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("BEGIN IMMEDIATE")
        if finding.state is State.FOREIGN:
            upgrade.upgrade(connection)
        else:
            migrate(connection, finding.version)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def _switch_to_log(connection: StoreConnection) -> None:
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise DatabaseUnusable(
            "The database cannot use a write-ahead log here", next_step="Put MEDIADL_HOME on a local disk."
        )


def unusable_folder(home: Home, error: OSError) -> MediadlError:
    """What a failure of the data folder itself means to a person."""
    if error.errno == errno.ENOSPC:
        return DiskFull(f"No space left in {home.root}", next_step="Free some space on that disk.")
    return FolderNotWritable(
        f"{error.filename or home.root} cannot be used: {error.strerror}",
        next_step="Check that the data folder is a folder, and its owner and rights.",
    )
