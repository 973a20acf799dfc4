"""Copies of the database: backups on demand, and the one that is kept before the schema changes."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from mediadl.store.connection import raise_in_own_words
from mediadl.store.inspection import HEADER_BYTES


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
    sync_folder(path.parent)


def keep(connection: sqlite3.Connection, database: Path) -> None:
    """Copy the database as it is; once only, however often the change that follows is killed and started again."""
    for unfinished in database.parent.glob(f".{database.name}.before-*"):
        unfinished.unlink()
    earlier = sorted(database.parent.glob(f"{database.name}.before-*"))
    made = _free_name(database)
    copy(connection, made)
    if any(_same_pages(made, known) for known in earlier):
        made.unlink()


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _same_pages(one: Path, other: Path) -> bool:
    """Whether two databases have the same pages; the header may differ in its counters and its kind of log."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        first.seek(HEADER_BYTES)
        second.seek(HEADER_BYTES)
        while block := first.read(1 << 20):
            if block != second.read(1 << 20):
                return False
    return True


def _free_name(database: Path) -> Path:
    """A free name for the copy that is kept: `media_downloader.db.before-<utc>`."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    first = database.with_name(f"{database.name}.before-{stamp}")
    found, n = first, 1
    while found.exists():
        n += 1
        found = first.with_name(f"{first.name}-{n}")
    return found
