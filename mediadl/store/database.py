"""The one database: opened with care, written one transaction at a time, checked, copied and closed."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from mediadl.errors import DatabaseUnusable, DiskFull, FolderNotWritable, InvalidInput, MediadlError, NotFound
from mediadl.paths import Home
from mediadl.store import inspection
from mediadl.store.connection import StoreConnection, connect, raise_in_own_words
from mediadl.store.inspection import Finding, State
from mediadl.store.locks import Gate
from mediadl.store.migrations import APPLICATION_ID, VERSION, migrate

_TRUNCATE_PATIENCE_MS = 200
_CLOSE_PATIENCE_S = 3.0
_FIXED_SQLITE = (3, 51, 3)
_FIXED_BRANCHES = {(3, 44): 6, (3, 50): 7}


class _Mine(threading.local):
    """The connections of one thread: one whose commits are durable, one for progress."""

    durable: StoreConnection | None = None
    relaxed: StoreConnection | None = None


class Database:
    """Connections to `media_downloader.db`: one per thread, all writes behind the gate.

    Safe to share between threads, not across a fork.
    """

    def __init__(self, home: Home) -> None:
        """Use `open`."""
        self.home = home
        self._path = home.database
        self._gate = Gate(home.write_gate)
        self._mine = _Mine()
        self._all: list[tuple[threading.Thread, StoreConnection]] = []
        self._abandoned: list[StoreConnection] = []
        self._guard = threading.Lock()
        self._pid = os.getpid()
        self._file = self._identity()

    @classmethod
    def open(cls, home: Home, *, create: bool = True) -> Database:
        """Open the database of a data folder; make, upgrade or migrate it where needed.

        Raises:
            DatabaseUnusable: newer, damaged, emptied, locked, of another program or on a network file system; the
                file was not touched.
            NotFound: there is none and `create` is false.
            FolderNotWritable: the data folder cannot be written.
        """
        try:
            if create:
                home.create()
            elif not home.database.exists():
                raise NotFound(
                    f"No database in {home.root}", next_step="Add a download first: mediadl add URL"
                )
            home.run.mkdir(mode=0o700, exist_ok=True)
            inspection.refuse_network_file_system(home.root)
            finding = inspection.inspect(home)
            if not (finding.warm and finding.state is State.CURRENT):
                _settle(home)
        except OSError as error:
            raise _unusable_folder(home, error) from error
        database = cls(home)
        database.read()
        return database

    def read(self) -> sqlite3.Connection:
        """This thread's connection, opened on first use. Inside `write` it is the one that writes."""
        return self._mine.durable or self._open_connection(durable=True)

    def write(self, *, durable: bool = True) -> AbstractContextManager[sqlite3.Connection]:
        """One write transaction: waits at the gate, commits at the end of the block, rolls back on an exception.

        Without `durable` the commit may be lost in a power cut (never otherwise): for progress.

        Raises:
            DatabaseUnusable: locked for 30 s, or the file was deleted or replaced.
        """
        return self._write(durable=durable)

    def data_version(self) -> int:
        """A number that changes when another connection has committed.

        Raises:
            DatabaseUnusable: the file was deleted or replaced.
        """
        self._refuse_other_file()
        return int(self.read().execute("PRAGMA data_version").fetchone()[0])

    def checkpoint(self, truncate: bool = False) -> bool:
        """Move the write-ahead log into the database, inside the gate; true when all of it was moved.

        `truncate` cuts the log to nothing as well, which readers can delay: it gives up after a moment.
        """
        connection = self.read()
        with self._gate.held():
            self._refuse_other_file()
            if not truncate:
                busy, frames, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                return not busy and bool(frames == moved)
            patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
            connection.execute(f"PRAGMA busy_timeout={_TRUNCATE_PATIENCE_MS}")
            try:
                return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                connection.execute(f"PRAGMA busy_timeout={patience}")

    def check(self) -> list[str]:
        """What is wrong with the database, in words; empty when all is well. Reads every page."""
        connection = self.read()
        problems = [
            str(row[0])
            for row in connection.execute("PRAGMA integrity_check(20)").fetchall()
            if row[0] != "ok"
        ]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        problems += [f"{row[0]} row {row[1]} refers to a missing {row[2]} row" for row in broken]
        for drift in (_QUEUE_DRIFT, _HISTORY_DRIFT):
            counted = connection.execute(drift).fetchall()
            problems += [f"the counters of {word}/{platform} are wrong" for word, platform in counted]
        unsearchable = connection.execute(_SEARCH_DRIFT).fetchone()[0]
        if unsearchable:
            problems.append(
                f"{unsearchable} history rows are not in the search index, or the other way round"
            )
        return problems

    def backup(self, path: Path) -> None:
        """Copy the database as it is now into a new file, complete and readable by the owner only.

        Raises:
            InvalidInput: there is a file of that name already.
        """
        if path.exists():
            raise InvalidInput(f"{path} exists already", next_step="Give another name, or remove it first.")
        copy(self.read(), path)

    def info(self) -> dict[str, Any]:
        """Facts for `mediadl db info`: where, how large, which schema, how many rows."""
        connection = self.read()
        log = self._path.with_name(self._path.name + "-wal")
        tables = ("download_queue", "downloads", "archive", "items", "journal", "sessions")
        rows = {name: connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables}
        notes = []
        if not _is_fixed(sqlite3.sqlite_version_info):
            notes.append(
                "this SQLite can lose commits when a checkpoint meets a write; the write gate keeps them apart"
            )
        return {
            "path": str(self._path),
            "size_bytes": self._path.stat().st_size,
            "wal_bytes": log.stat().st_size if log.exists() else 0,
            "schema": VERSION,
            "sqlite": sqlite3.sqlite_version,
            "rows": rows,
            "notes": notes,
        }

    def close_thread(self) -> None:
        """Close the connections of the calling thread."""
        mine = {id(c) for c in (self._mine.durable, self._mine.relaxed) if c is not None}
        self._mine.durable = self._mine.relaxed = None
        with self._guard:
            ended = [c for _, c in self._all if id(c) in mine]
            self._all = [entry for entry in self._all if id(entry[1]) not in mine]
        self._close(ended)

    def close(self) -> None:
        """Close every connection of this process; the last one in the data folder empties the write-ahead log."""
        with self._guard:
            ended = [c for _, c in self._all]
            self._all = []
        self._mine = _Mine()
        self._close(ended)
        self._gate.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _write(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        connection = self._mine.durable if durable else self._mine.relaxed
        connection = connection or self._open_connection(durable=durable)
        with self._gate.held():
            self._refuse_other_file()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                _commit(connection)
            except BaseException:
                self._undo(connection)
                raise

    def _undo(self, connection: StoreConnection) -> None:
        """Roll back; a connection that cannot even do that is thrown away."""
        try:
            if connection.in_transaction:
                connection.rollback()
        except sqlite3.DatabaseError:
            if self._mine.durable is connection:
                self._mine.durable = None
            else:
                self._mine.relaxed = None
            with self._guard:
                self._all = [entry for entry in self._all if entry[1] is not connection]
            connection.close()

    def _open_connection(self, *, durable: bool) -> StoreConnection:
        if os.getpid() != self._pid:
            raise RuntimeError("this database was opened before a fork; open it anew in the child")
        self._refuse_other_file()
        connection = connect(self._path, durable=durable)
        me = threading.current_thread()
        with self._guard:
            gone = [c for thread, c in self._all if not thread.is_alive()]
            self._all = [entry for entry in self._all if entry[0].is_alive()]
            self._all.append((me, connection))
        if durable:
            self._mine.durable = connection
        else:
            self._mine.relaxed = connection
        self._close(gone)
        return connection

    def _close(self, connections: list[StoreConnection]) -> None:
        """Close inside the gate: the last connection checkpoints, which must not meet a write."""
        if not connections:
            return
        try:
            with self._gate.held(_CLOSE_PATIENCE_S):
                for connection in connections:
                    connection.close()
        except DatabaseUnusable:
            # Left open, they end with the process, without the checkpoint that would need the gate
            self._abandoned += connections

    def _identity(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_dev, found.st_ino

    def _refuse_other_file(self) -> None:
        """A deleted or replaced database would take writes that nobody ever sees again."""
        try:
            found = self._identity()
        except FileNotFoundError:
            found = (0, 0)
        if found != self._file:
            raise DatabaseUnusable(
                f"{self._path} was deleted or replaced while it was open",
                next_step="Stop mediadl (mediadl daemon stop), put the file back or restore a backup, start again.",
            )


_QUEUE_DRIFT = """
SELECT status, platform FROM (
    SELECT status, platform, COUNT(*) AS n FROM download_queue GROUP BY status, platform
    UNION ALL SELECT status, platform, -n FROM queue_counts)
GROUP BY status, platform HAVING SUM(n) <> 0
"""

_HISTORY_DRIFT = """
SELECT kind, platform FROM (
    SELECT kind, platform, COUNT(*) AS n, SUM(size_bytes) AS b FROM downloads GROUP BY kind, platform
    UNION ALL SELECT kind, platform, -files, -size_bytes FROM download_counts)
GROUP BY kind, platform HAVING SUM(n) <> 0 OR SUM(b) <> 0
"""

_SEARCH_DRIFT = """
SELECT (SELECT COUNT(*) FROM downloads WHERE id NOT IN (SELECT id FROM downloads_fts_docsize))
    + (SELECT COUNT(*) FROM downloads_fts_docsize WHERE id NOT IN (SELECT id FROM downloads))
"""


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """Copy a database into a file that appears complete or not at all."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        target = sqlite3.connect(made)
        try:
            connection.backup(target)
        except sqlite3.DatabaseError as error:
            raise_in_own_words(error)
        finally:
            target.close()
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _settle(home: Home) -> None:
    """Bring the file to the state this program works with; one process at a time does it."""
    gate = Gate(home.write_gate)
    try:
        with gate.held():
            # Another process may have done it while this one waited
            finding = inspection.inspect(home)
            if finding.state is State.MISSING:
                _make(home)
                return
            inspection.verify(home, finding)
            if finding.state is not State.CURRENT:
                _renew(home, finding)
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
    _sync_folder(home.root)


def _renew(home: Home, finding: Finding) -> None:
    """Keep a copy, then upgrade or migrate in one transaction: killed at any moment, the file is old or new."""
    from mediadl.store import upgrade

    connection = connect(home.database)
    try:
        if finding.state is State.FOREIGN:
            upgrade.refuse_strangers(connection, home.database)
        copy(connection, upgrade.copy_name(home.database))
        _switch_to_log(connection)
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("BEGIN IMMEDIATE")
        if finding.state is State.FOREIGN:
            upgrade.upgrade(connection)
        else:
            migrate(connection, finding.version)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.DatabaseError as error:
        raise_in_own_words(error)
    finally:
        connection.close()


def _switch_to_log(connection: StoreConnection) -> None:
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise DatabaseUnusable(
            "The database cannot use a write-ahead log here", next_step="Put MEDIADL_HOME on a local disk."
        )


def _unusable_folder(home: Home, error: OSError) -> MediadlError:
    if error.errno == errno.ENOSPC:
        return DiskFull(f"No space left in {home.root}", next_step="Free some space on that disk.")
    return FolderNotWritable(
        f"{error.filename or home.root} cannot be used: {error.strerror}",
        next_step="Check that the data folder is a folder, and its owner and rights.",
    )


def _commit(connection: StoreConnection) -> None:
    try:
        connection.commit()
    except sqlite3.DatabaseError as error:
        raise_in_own_words(error)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _is_fixed(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the bug where a checkpoint that meets a write loses commits."""
    patch = _FIXED_BRANCHES.get((version[0], version[1]))
    return version >= _FIXED_SQLITE or (patch is not None and version[2] >= patch)


__all__ = ["APPLICATION_ID", "VERSION", "Database", "copy"]
