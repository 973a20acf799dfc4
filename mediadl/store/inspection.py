"""What lies at the database's place, found out without changing a byte: nothing, ours, an older tool's, or unusable."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mediadl.errors import DatabaseUnusable, FolderNotWritable
from mediadl.paths import Home
from mediadl.store.connection import connect_for_looking
from mediadl.store.migrations import APPLICATION_ID, VERSION

ESTABLISHED_TABLES = frozenset(
    {
        "download_queue",
        "downloads",
        "users",
        "api_tokens",
        "activity_log",
        "notifications",
        "system_settings",
    }
)
"""Names by which an older tool's database is known."""

SMALL_BYTES = 64 * 1024 * 1024
"""Up to this size a database that something else changed is checked page by page before it is opened."""

_MAGIC = b"SQLite format 3\x00"
HEADER_BYTES = 100
"""Length of the header of an SQLite file."""
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ncpfs", "fuse.sshfs"}
)
RESTORE = "Move the file away and put a backup in its place, or nothing, to start anew."
"""What helps when the database cannot be used."""


class State(StrEnum):
    """What the file is to this program."""

    MISSING = "missing"
    CURRENT = "current"
    OLDER = "older"
    """Ours, with migrations to come."""
    FOREIGN = "foreign"
    """Made by an older tool; to be upgraded."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What `inspect` saw."""

    state: State
    version: int = 0
    warm: bool = False
    """A write-ahead log with content lies beside it: somebody has it open, or died with it open."""


def inspect(home: Home) -> Finding:
    """Look at the database file and what lies around it.

    Raises:
        DatabaseUnusable: newer, damaged, emptied, not a database, or not ours.
        FolderNotWritable: the file cannot be read.
    """
    path = home.database
    log_bytes = _size(_beside(path, "-wal"))
    size_bytes = _size(path)
    if not size_bytes:
        _refuse_remains(home, exists=size_bytes == 0, log_bytes=log_bytes or 0)
        return Finding(State.MISSING)
    header = _header(path)
    _refuse_damage(path, header, size_bytes, complete=not log_bytes)
    application_id, version = _numbers(path, header, log_bytes or 0)
    if application_id == APPLICATION_ID:
        if version > VERSION:
            raise DatabaseUnusable(
                f"{path} was made by a newer mediadl (schema {version}, this one knows {VERSION})",
                next_step="Update mediadl; the file was not touched.",
            )
        state = State.CURRENT if version == VERSION else State.OLDER
        return Finding(state, version, warm=bool(log_bytes))
    if application_id:
        raise DatabaseUnusable(
            f"{path} belongs to another program", next_step="Move it away, or set MEDIADL_HOME."
        )
    return Finding(State.FOREIGN, 0, warm=bool(log_bytes))


def verify(home: Home, finding: Finding) -> None:
    """Read the pages of a database that is to be upgraded, or that is not as we left it; the caller holds the gate.

    Raises:
        DatabaseUnusable: damaged, or neither ours nor an older tool's.
    """
    path = home.database
    settled = finding.state is State.CURRENT
    if settled and (path.stat().st_size > SMALL_BYTES or _is_as_left(home)):
        return
    if _size(_beside(path, "-journal")):
        # A rollback is due: SQLite does it when it opens the file for writing, which looking must not
        return
    connection = connect_for_looking(path)
    try:
        problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master").fetchall()}
    finally:
        connection.close()
    if problem != "ok":
        raise DatabaseUnusable(f"{path} is damaged: {' '.join(problem.split())}", next_step=RESTORE)
    if finding.state is State.FOREIGN and tables and not tables & ESTABLISHED_TABLES:
        raise DatabaseUnusable(
            f"{path} is a database of something else", next_step="Move it away, or set MEDIADL_HOME."
        )


def remember(home: Home) -> None:
    """Note how the database file is left; the caller holds the gate, so that nobody else changes it meanwhile."""
    _seen(home).write_text(_stamp(home.database), encoding="ascii")


def _is_as_left(home: Home) -> bool:
    """Whether nothing but this program has written to the database file since it was last left."""
    try:
        return _seen(home).read_text(encoding="ascii") == _stamp(home.database)
    except (OSError, UnicodeDecodeError):
        return False


def _seen(home: Home) -> Path:
    return home.run / "database.seen"


def _stamp(path: Path) -> str:
    found = path.stat()
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def refuse_network_file_system(folder: Path) -> None:
    """Refuse a data folder on a file system whose locks and shared memory cannot be trusted.

    Raises:
        DatabaseUnusable: it is one.
    """
    device = folder.stat().st_dev
    wanted = f" {os.major(device)}:{os.minor(device)} "
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in mounts.splitlines():
        if wanted not in line:
            continue
        kind = line.partition(" - ")[2].partition(" ")[0]
        if kind in _NETWORK_FILE_SYSTEMS:
            raise DatabaseUnusable(
                f"{folder} is on a network file system ({kind}), where SQLite loses data",
                next_step="Set MEDIADL_HOME to a folder on a local disk; downloads may stay on the network.",
            )


def _refuse_remains(home: Home, *, exists: bool, log_bytes: int) -> None:
    """A missing database is a first run unless its log is left; an empty file never is one: we make none."""
    path = home.database
    if log_bytes or _size(_beside(path, "-journal")):
        raise DatabaseUnusable(
            f"{path} is {'empty' if exists else 'gone'}, but its write-ahead log lies beside it",
            next_step="Put a backup in its place after moving the -wal file away, or move both away to start anew.",
        )
    if exists:
        raise DatabaseUnusable(f"{path} is empty: something emptied it", next_step=RESTORE)


def _header(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEADER_BYTES)
    except OSError as error:
        raise FolderNotWritable(
            f"{path} cannot be read: {error.strerror}", next_step="Check its owner and rights."
        ) from error


def _refuse_damage(path: Path, header: bytes, size_bytes: int, *, complete: bool) -> None:
    if len(header) < HEADER_BYTES or not header.startswith(_MAGIC):
        raise DatabaseUnusable(f"{path} is not a database", next_step=RESTORE)
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65_536 if page_bytes == 1 else page_bytes
    if page_bytes < 512 or page_bytes & (page_bytes - 1):
        raise DatabaseUnusable(f"{path} is damaged: bad page size", next_step=RESTORE)
    changes, pages = struct.unpack_from(">I", header, 24)[0], struct.unpack_from(">I", header, 28)[0]
    counted = changes == struct.unpack_from(">I", header, 92)[0]
    if complete and counted and not _size(_beside(path, "-journal")) and pages * page_bytes > size_bytes:
        raise DatabaseUnusable(
            f"{path} is cut short: {size_bytes} of {pages * page_bytes} bytes", next_step=RESTORE
        )


def _numbers(path: Path, header: bytes, log_bytes: int) -> tuple[int, int]:
    """`application_id` and `user_version`, as the write-ahead log has them where there is one."""
    if not log_bytes:
        return struct.unpack_from(">I", header, 68)[0], struct.unpack_from(">i", header, 60)[0]
    connection = connect_for_looking(path)
    try:
        application_id = connection.execute("PRAGMA application_id").fetchone()[0]
        return application_id, connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
