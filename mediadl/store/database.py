"""The one database: opened with care, written one transaction at a time, checked, copied and closed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from mediadl.errors import DatabaseUnusable, InvalidInput, MediadlError, NotFound
from mediadl.paths import Home
from mediadl.store import copies, health, inspection, opening
from mediadl.store.connection import StoreConnection, connect
from mediadl.store.inspection import State
from mediadl.store.locks import Gate

_TRUNCATE_PATIENCE_MS = 200
_CLOSE_PATIENCE_S = 3.0
_LOG_WORTH_MOVING_BYTES = 4 * 1024 * 1024


Connection = sqlite3.Connection
"""What functions of the store take; a name for rooms that do not speak SQL themselves."""


class _Mine(threading.local):
    """The connections of one thread: one whose commits are durable, one for progress."""

    durable: StoreConnection | None = None
    relaxed: StoreConnection | None = None
    note: Callable[[sqlite3.Connection], None] | None = None


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
        self._guard = threading.Lock()
        self._pid = os.getpid()
        self._file = self._identity()
        self._file_at = 0

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
                opening.settle(home)
        except OSError as error:
            raise opening.unusable_folder(home, error) from error
        database = cls(home)
        database.read()
        return database

    def read(self) -> sqlite3.Connection:
        """This thread's connection, opened on first use. Inside a durable `write` it is the one that writes."""
        return self._mine.durable or self._open_connection(durable=True)

    def write(self, *, durable: bool = True) -> AbstractContextManager[sqlite3.Connection]:
        """One write transaction: waits at the gate, commits at the end of the block, rolls back on an exception.

        Without `durable` the commit may be lost in a power cut (never otherwise): for progress.

        Raises:
            DatabaseUnusable: locked for 30 s, or the file was deleted or replaced.
        """
        return self._write(durable=durable)

    def note_next(self, note: Callable[[sqlite3.Connection], None]) -> None:
        """Let `note` write into the next durable transaction of this thread, before it commits."""
        self._mine.note = note

    def take_note(self) -> bool:
        """Forget what `note_next` asked for; true when it had not been written yet."""
        left, self._mine.note = self._mine.note, None
        return left is not None

    def limit_memory(self, most_bytes: int) -> None:
        """Let SQLite hold about so much for all connections of this process, where many processes look at once.

        What it lets go is in the system's own cache all the same.
        """
        self.read().execute(f"PRAGMA soft_heap_limit={most_bytes}").fetchone()

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
        connection = self._mine.durable or self._open_connection(durable=True)
        with self._gate.held():
            self._refuse_other_file()
            done = _truncate(connection) if truncate else _move(connection)
            if self._file_at != (left := self._path.stat().st_mtime_ns):
                with contextlib.suppress(OSError):
                    inspection.remember(self.home)
                self._file_at = left
            return done

    def check(self) -> list[str]:
        """What is wrong with the database, in words; empty when all is well. Reads every page."""
        return health.problems(self.read())

    def backup(self, path: Path) -> None:
        """Copy the database as it is now into a new file, complete and readable by the owner only.

        Raises:
            InvalidInput: there is a file of that name already.
        """
        if path.exists():
            raise InvalidInput(f"{path} exists already", next_step="Give another name, or remove it first.")
        copies.copy(self.read(), path)

    def info(self) -> dict[str, Any]:
        """Facts for `mediadl db info`: where, how large, which schema, how many rows."""
        return health.facts(self.read(), self._path)

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
            ended = False
            try:
                yield connection
                if durable and (note := self._mine.note) is not None:
                    self._mine.note = None
                    note(connection)
                ended = True
                connection.commit()
            except BaseException:
                self._undo(connection, broken=ended)
                raise

    def _undo(self, connection: StoreConnection, *, broken: bool) -> None:
        """Roll back; a connection whose commit failed is thrown away: what it holds in memory may not be on disk."""
        with contextlib.suppress(sqlite3.DatabaseError):
            if connection.in_transaction:
                connection.rollback()
        if not broken and not connection.in_transaction:
            return
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
        """Close inside the gate, unless its holder is frozen: the last connection empties the log."""
        if not connections:
            return
        with contextlib.ExitStack() as stack:
            gated = self._gate.mine
            if not gated:
                with contextlib.suppress(DatabaseUnusable):
                    stack.enter_context(self._gate.held(_CLOSE_PATIENCE_S))
                    gated = True
            if gated and self._log_bytes() > _LOG_WORTH_MOVING_BYTES:
                # Others have it open and may never write: what this process wrote is not left to them
                with contextlib.suppress(MediadlError):
                    _move(connections[0])
            for connection in connections:
                connection.close()
            if gated and not self._log_bytes():
                with contextlib.suppress(OSError):
                    inspection.remember(self.home)

    def _log_bytes(self) -> int:
        try:
            return self._path.with_name(self._path.name + "-wal").stat().st_size
        except FileNotFoundError:
            return 0

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


def _move(connection: StoreConnection) -> bool:
    busy, frames, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return not busy and bool(frames == moved)


def _truncate(connection: StoreConnection) -> bool:
    patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout={_TRUNCATE_PATIENCE_MS}")
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience}")
