"""SQLite connections as this program uses them: pragmas set, driver errors told in the program's own words."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import quote

from mediadl.errors import DatabaseUnusable, DiskFull, FolderNotWritable, MediadlError

BUSY_TIMEOUT_S = 30.0
"""Wait for programs that write without the gate (the sqlite3 shell, older tools)."""

JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024
"""The write-ahead log is cut back to this after a checkpoint."""

_CACHE_KIB = 16 * 1024


class StoreCursor(sqlite3.Cursor):
    """A cursor whose failures are `MediadlError`s wherever the cause lies outside of the program."""

    connection: StoreConnection

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        """Run one statement."""
        try:
            with self.connection.using:
                return super().execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise_in_own_words(error)

    def executemany(self, sql: str, parameters: Any, /) -> Self:
        """Run one statement for many rows."""
        try:
            with self.connection.using:
                return super().executemany(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise_in_own_words(error)

    def fetchone(self) -> Any:
        """The next row or None."""
        try:
            with self.connection.using:
                return super().fetchone()
        except sqlite3.DatabaseError as error:
            raise_in_own_words(error)

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        """The next rows, at most `size`."""
        try:
            with self.connection.using:
                return super().fetchmany(size)
        except sqlite3.DatabaseError as error:
            raise_in_own_words(error)

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        try:
            with self.connection.using:
                return super().fetchall()
        except sqlite3.DatabaseError as error:
            raise_in_own_words(error)


class StoreConnection(sqlite3.Connection):
    """A connection that makes `StoreCursor`s."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.using = threading.Lock()
        """Held while SQLite works for it: a connection that is closed meanwhile brings the process down."""

    def close(self) -> None:
        """Close it; callable from any thread: what another one has SQLite do with it is ended first."""
        if not self.using.acquire(blocking=False):
            self.interrupt()
            self.using.acquire()
        try:
            super().close()
        finally:
            self.using.release()

    def cursor(self, factory: Any = StoreCursor) -> Any:
        """A new cursor."""
        return super().cursor(factory)

    # The driver's own short cuts would pass our cursor's methods by

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Run one statement in a new cursor."""
        return super().cursor(StoreCursor).execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        """Run one statement for many rows in a new cursor."""
        return super().cursor(StoreCursor).executemany(sql, parameters)

    def commit(self) -> None:
        """End the transaction and keep it."""
        try:
            super().commit()
        except sqlite3.DatabaseError as error:
            raise_in_own_words(error)


def connect(path: Path, *, durable: bool = True) -> StoreConnection:
    """Open an existing database for reading and writing, with explicit transactions only.

    `durable` commits survive a power cut; the others survive everything but that.
    """
    connection = _open(f"file:{quote(str(path))}?mode=rw")
    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute(f"PRAGMA journal_size_limit={JOURNAL_LIMIT_BYTES}")
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def connect_for_looking(path: Path) -> StoreConnection:
    """Open a database so that not one byte on disk changes, beside a write-ahead log that is not empty too."""
    log = path.with_name(path.name + "-wal")
    # `immutable` makes neither -wal nor -shm, and does not see what is in a -wal
    tail = "" if log.exists() and log.stat().st_size else "&immutable=1"
    return _open(f"file:{quote(str(path))}?mode=ro{tail}")


def _open(uri: str) -> StoreConnection:
    try:
        # Connections stay in their thread; only `Database.close` ends those of threads that are gone
        return sqlite3.connect(
            uri,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
            factory=StoreConnection,
            uri=True,
        )
    except sqlite3.DatabaseError as error:
        raise_in_own_words(error)


def raise_in_own_words(error: sqlite3.DatabaseError) -> NoReturn:
    """Raise what a driver error means to a person; mistakes of the program itself go on as they are."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    told = _TOLD.get(code)
    if told is None:
        raise error
    kind, message, next_step = told
    raise kind(f"{message} ({error})", next_step=next_step) from error


_RESTORE = "Run mediadl db check to see what is broken; put a backup in its place."
_TOLD: dict[int, tuple[type[MediadlError], str, str]] = {
    sqlite3.SQLITE_BUSY: (
        DatabaseUnusable,
        "The database is locked by another program",
        "End the program that has media_downloader.db open, then try again.",
    ),
    sqlite3.SQLITE_CORRUPT: (DatabaseUnusable, "The database is damaged", _RESTORE),
    sqlite3.SQLITE_NOTADB: (DatabaseUnusable, "The database file is not a database", _RESTORE),
    sqlite3.SQLITE_IOERR: (
        DatabaseUnusable,
        "The disk failed under the database",
        "Check the disk and the system log.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        DatabaseUnusable,
        "The database cannot be opened",
        "Check that the data folder exists and belongs to you.",
    ),
    sqlite3.SQLITE_PROTOCOL: (
        DatabaseUnusable,
        "The database's locks do not work here",
        "Put MEDIADL_HOME on a local disk.",
    ),
    sqlite3.SQLITE_FULL: (
        DiskFull,
        "No space left for the database",
        "Free some space on the disk of the data folder.",
    ),
    sqlite3.SQLITE_READONLY: (
        FolderNotWritable,
        "The database cannot be written",
        "Check the rights of the data folder.",
    ),
}
