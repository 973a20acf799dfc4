"""Deletes from the history: records, files or both, in parts that keep no other writer waiting.

A file goes before its record, and for good before its record goes: whatever is killed in between leaves a record whose
file is missing, which shows and can be deleted again, never a file that nobody knows of.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import FolderNotWritable, InvalidInput
from mediadl.events import Event, EventKind
from mediadl.logs import get_logger
from mediadl.models import Download
from mediadl.security.text import safe_text
from mediadl.service.bulk import Progress, in_parts
from mediadl.service.stored_files import SIDECAR, StoredFiles, Verdict
from mediadl.store import downloads, journal
from mediadl.store.database import Connection

if TYPE_CHECKING:
    from mediadl.service import Services

_log = get_logger("service.history")

_AT_ONCE = 100
"""Files that are deleted before their records go."""

_NAMED = 100
"""Files that are told by name."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not deleted; its record stays."""

    download_id: int
    path: str
    reason: str


@dataclass(slots=True)
class Deleted:
    """What a deletion did."""

    records: int = 0
    files: int = 0
    size_bytes: int = 0
    """Of the files."""
    missing: int = 0
    """Files that were gone already."""
    refused: int = 0
    missing_paths: list[str] = field(default_factory=list)
    """The first of them."""
    refusals: list[Refusal] = field(default_factory=list)
    """The first of them."""
    kept: list[bytes] = field(default_factory=list)
    """What `restore` takes; empty when files were deleted."""


def delete(
    services: Services,
    ids: Sequence[int],
    *,
    files: bool,
    record: bool,
    forget: bool,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Deleted:
    """See `HistoryService.delete`."""
    if not files and not record:
        raise InvalidInput("nothing to delete", next_step="Choose files, records or both.")
    done = Deleted()
    folder = Path(services.inner.settings.brief().directory).expanduser().absolute()
    with StoredFiles([folder]) as remover:
        # Neighbours in the table share pages: in order it takes a third of the time
        ordered = sorted(ids)
        for start in range(0, len(ordered), _AT_ONCE):
            if stop is not None and stop():
                break
            part = ordered[start : start + _AT_ONCE]
            if files:
                part = _delete_files(services, remover, part, done)
            _delete_records(services, part, done, files=files, record=record, forget=forget)
            if progress is not None:
                progress(min(start + _AT_ONCE, len(ordered)), len(ordered))
            if len(ordered) > _AT_ONCE:
                # Every row is in many indexes: the log would grow to gigabytes, and moving it at last take seconds
                services.store.checkpoint()
    return done


def restore(services: Services, kept: Sequence[bytes], progress: Progress | None = None) -> int:
    """See `HistoryService.restore`."""
    back = 0
    for number, parcel in enumerate(kept, 1):
        with services.store.write() as tx:
            found = downloads.restore(tx, parcel)
            if found:
                event = Event(EventKind.HISTORY_CHANGED, payload={"restored": len(found), "ids": found})
                journal.append(tx, [event], time.time())
        back += len(found)
        if progress is not None:
            progress(number, len(kept))
        if len(kept) > 1:
            services.store.checkpoint()
    return back


def _delete_files(services: Services, remover: StoredFiles, ids: Sequence[int], done: Deleted) -> list[int]:
    """Delete files; returns the rows that have none any more."""
    connection = services.store.read()
    rows = downloads.get_many(connection, ids)
    folders = downloads.out_folders(connection, {row.job_id for row in rows if row.job_id is not None})
    others = downloads.paths_known(connection, [row.path + SIDECAR for row in rows])
    gone: list[Download] = []
    for row in rows:
        removal = remover.remove(row.path, others, folders.get(row.job_id or 0, ""))
        if removal.verdict is Verdict.REFUSED:
            done.refused += 1
            if len(done.refusals) < _NAMED:
                done.refusals.append(Refusal(row.id, row.path, removal.reason))
            continue
        gone.append(row)
        if removal.verdict is Verdict.MISSING:
            done.missing += 1
            if len(done.missing_paths) < _NAMED:
                done.missing_paths.append(row.path)
        else:
            done.files += 1
            done.size_bytes += removal.size_bytes
    try:
        remover.sync()
    except OSError as error:
        raise FolderNotWritable(
            f"the disk failed while files were deleted: {safe_text(error.strerror or error)}",
            next_step="Check the disk; the records of these files are still there.",
        ) from error
    try:
        services.inner.thumbnails.forget({row.sha256 for row in gone})
    except OSError as error:
        _log.warning("the small pictures of deleted files are still there: %s", error.strerror)
    return [row.id for row in gone]


def _delete_records(
    services: Services, ids: Sequence[int], done: Deleted, *, files: bool, record: bool, forget: bool
) -> None:
    def change(tx: Connection, part: Sequence[int]) -> list[int]:
        kept = downloads.parcel(tx, part) if record and not files else b""
        if forget:
            downloads.forget(tx, part)
        gone = downloads.remove(tx, part) if record else list(part)
        if gone:
            event = Event(EventKind.HISTORY_CHANGED, payload={"removed": len(gone), "ids": gone})
            if not record:
                event = Event(EventKind.HISTORY_CHANGED, payload={"files_deleted": len(gone), "ids": gone})
            journal.append(tx, [event], time.time())
        if kept and gone:
            done.kept.append(kept)
        return gone

    if ids:
        changed = in_parts(services.store, ids, change)
        done.records += len(changed) if record else 0
