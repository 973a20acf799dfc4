"""Stored files: list, search, look at, export, delete, fetch again."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from mediadl.errors import MediadlError
from mediadl.models import Amount, Download, HistoryQuery, Job, MediaKind
from mediadl.security.permissions import Right
from mediadl.security.text import csv_cell
from mediadl.service import records
from mediadl.service.rights import Verbs, asks, does, own_id, refuse_foreign, scoped_history
from mediadl.store import downloads, improvements

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.bulk import Progress
    from mediadl.service.history_again import Again
    from mediadl.service.history_improving import Improving
    from mediadl.service.history_listing import Listing
    from mediadl.service.history_removal import Deleted
    from mediadl.store.improvements import Before


class ExportFormat(StrEnum):
    """How the history can be written."""

    CSV = "csv"
    JSON = "json"


class Stopped(MediadlError):
    """A long piece of work was given up as asked."""

    title = "Stopped"


_TELL_EVERY = 1000


@dataclass(frozen=True, slots=True)
class FileState:
    """A stored file and how it is now."""

    download: Download
    job: Job | None
    """The one that fetched it, if it is still listed."""
    on_disk: int | None
    """Bytes of the file; None when it is missing, or no file any more."""


class HistoryService(Verbs):
    """The history of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.SEE_OWN)
    def page(self, query: HistoryQuery, offset: int, limit: int) -> list[Download]:
        """A window of the list."""
        return downloads.window(self._services.store.read(), self._mine(query), offset, limit)

    @asks(Right.SEE_OWN)
    def count(self, query: HistoryQuery) -> int:
        """How many files the query finds."""
        return downloads.count(self._services.store.read(), self._mine(query))

    @asks(Right.SEE_OWN)
    def get(self, download_id: int) -> Download:
        """One stored file.

        Raises:
            NotFound: there is none of that number.
        """
        found = downloads.get(self._services.store.read(), download_id)
        # To whom may not see it, it does not exist: in the same words
        return found if self._sees(found) else downloads.get(self._services.store.read(), 0)

    @asks(Right.SEE_OWN)
    def of_job(self, job_id: int) -> list[Download]:
        """What a job stored, oldest first."""
        return list(filter(self._sees, downloads.of_job(self._services.store.read(), job_id)))

    @asks(Right.SEE_OWN)
    def index_of(self, query: HistoryQuery, download_id: int) -> int | None:
        """The place of a file in the list, from 0; None when the query does not find it."""
        return downloads.index_of(self._services.store.read(), self._mine(query), download_id)

    @asks(Right.SEE_OWN)
    def get_many(self, ids: Sequence[int]) -> list[Download]:
        """Those of the files that are in the history, in the order asked."""
        return list(filter(self._sees, downloads.get_many(self._services.store.read(), ids)))

    @asks(Right.SEE_OWN)
    def amount(self, ids: Sequence[int]) -> Amount:
        """How many of these are in the history, and their bytes."""
        if not self.caller.sees_all:
            found = self.get_many(ids)
            return Amount(len(found), sum(one.size_bytes for one in found))
        return Amount(*downloads.size_of(self._services.store.read(), ids))

    @asks(Right.SEE_OWN)
    def look(self, download_id: int) -> FileState:
        """A file, its job and what is on disk of it now.

        Raises:
            NotFound: there is none of that number.
        """
        found = self.get(download_id)
        job = next(
            iter(self._services.queue.get_many([found.job_id] if found.job_id is not None else [])), None
        )
        try:
            facts = Path(found.path).lstat()
        except (OSError, ValueError):
            return FileState(found, job, None)
        return FileState(found, job, facts.st_size if stat.S_ISREG(facts.st_mode) else None)

    @asks(Right.SEE_OWN)
    def kinds(self, platform: str = "") -> dict[MediaKind, int]:
        """How many files there are of each kind, of one platform or (empty) of all; known without looking."""
        files: dict[MediaKind, int] = {}
        for name, kind, number, _ in downloads.totals(self._services.store.read(), own_id(self.caller)):
            if platform in {"", name}:
                files[kind] = files.get(kind, 0) + number
        return files

    @asks(Right.SEE_OWN)
    def is_plain(self, query: HistoryQuery) -> bool:
        """Whether `page` and `count` of this list answer at once, wherever the page is; else `listing` does."""
        return downloads.is_plain(self._mine(query))

    @asks(Right.SEE_OWN)
    def begins_quickly(self, query: HistoryQuery) -> bool:
        """Whether the first page of this list is found without looking at all of it."""
        return downloads.begins_quickly(self._mine(query))

    @asks(Right.SEE_OWN)
    def is_counted(self, query: HistoryQuery) -> bool:
        """Whether the length of this list is known without looking at it."""
        return downloads.is_counted(self._mine(query))

    @asks(Right.SEE_OWN)
    def listing(self, query: HistoryQuery, stop: Callable[[], bool] | None = None) -> Listing | None:
        """The whole list by its numbers, for quick pages of any part of it; None when `stop` said so meanwhile."""
        from mediadl.service.history_listing import Listing

        return Listing.read(self._services.store, self._mine(query), stop)

    @asks(Right.SEE_OWN)
    def stamp(self) -> tuple[int, int]:
        """Another value after files came or went."""
        return downloads.stamp(self._services.store.read())

    @asks(Right.SEE_OWN)
    def platforms(self) -> list[tuple[str, int]]:
        """Platforms that have files, those with most first, as (platform, files)."""
        files: dict[str, int] = {}
        for platform, _, number, _ in downloads.totals(self._services.store.read(), own_id(self.caller)):
            files[platform] = files.get(platform, 0) + number
        return sorted(files.items(), key=lambda pair: (-pair[1], pair[0]))

    @asks(Right.SEE_OWN)
    def sources(self, platform: str = "", part: str = "", limit: int = 200) -> list[tuple[str, int]]:
        """Accounts, channels and hosts with most files first, as (source, files).

        `platform`: only of this one; `part`: only those with this text in their name. Looks at every row: call it in a
        thread.
        """
        return downloads.sources(self._services.store.read(), platform, part, limit, own_id(self.caller))

    # Changing

    @does(Right.DELETE_FILES, "file.delete")
    def delete(
        self,
        ids: Sequence[int],
        *,
        files: bool,
        record: bool,
        forget: bool = False,
        progress: Progress | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Deleted:
        """Delete files, their records in the history, or both.

        A file that is missing is no failure; one that may not be deleted (outside the download folders, a link) stays,
        and its record too. What was fetched is not fetched again unless `forget` is set. Killed in the middle, it may
        leave a record whose file is missing, never a file without its record.

        Args:
            ids: of the rows.
            files: delete the files and their metadata files.
            record: take the rows out of the history.
            forget: let the same media be fetched again.
            progress: told how many of how many are done; in this thread.
            stop: asked now and then; what is done by then stays done.

        Raises:
            InvalidInput: neither files nor records.
            FolderNotWritable: a disk failed; the records of the files at hand are still there.
        """
        from mediadl.service import history_removal

        if not self.caller.may(Right.STEER_ALL):
            owners = [(one.id, one.owner_id) for one in downloads.get_many(self._services.store.read(), ids)]
            refuse_foreign(self.caller, Right.STEER_ALL, "download", owners, "history list")
        return history_removal.delete(
            self._services, ids, files=files, record=record, forget=forget, progress=progress, stop=stop
        )

    @does(Right.DELETE_FILES, "file.restore", tells=False)
    def restore(self, kept: Sequence[bytes], progress: Progress | None = None) -> int:
        """Put back records that `delete` took out (its `kept`), under their numbers; returns how many are back."""
        from mediadl.service import history_removal

        return history_removal.restore(self._services, kept, progress)

    @does(Right.ADD, "file.redownload")
    def redownload(self, ids: Sequence[int]) -> Again:
        """Queue the pages these files came from once more, whatever the archive knows of them."""
        from mediadl.service import history_again

        seen = [one.id for one in self.get_many(ids)] if not self.caller.sees_all else ids
        return history_again.redownload(self._services, seen)

    @does(Right.STEER_ALL, "file.improve")
    def improve(self, ids: Sequence[int] | None = None, *, dry_run: bool = False) -> Improving:
        """Queue jobs that look for better versions of these files and put them in their place.

        None: the small pictures worth a try, as many as today's limit leaves. `dry_run`: only tell which.
        """
        from mediadl.service import history_improving

        return history_improving.improve(self._services, ids, dry_run=dry_run)

    @asks(Right.SEE_OWN)
    def before(self, download_id: int) -> Before | None:
        """What a file was before a better version took its place; None when none did."""
        if not self.caller.sees_all:
            self.get(download_id)
        return improvements.before(self._services.store.read(), download_id)

    # Writing

    @does(Right.FOLDERS, "file.export", tells=False)
    def export_file(
        self,
        query: HistoryQuery,
        path: Path,
        form: ExportFormat,
        progress: Callable[[int], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> int:
        """Write everything the query finds into a new file, which appears complete or not at all; see `export`.

        Raises:
            Stopped: `stop` said so; nothing was written.
            InvalidInput: there is something of that name already.
            FolderNotWritable: the folder takes no file.
        """
        from mediadl.service.exports import write_new

        with write_new(path) as stream:
            return self.export(query, stream, form, progress, stop)

    @asks(Right.EXPORT)
    def export(
        self,
        query: HistoryQuery,
        stream: TextIO,
        form: ExportFormat,
        progress: Callable[[int], None] | None = None,
        stop: Callable[[], bool] | None = None,
        told: Callable[[Download], dict[str, Any]] = records.download,
    ) -> int:
        """Write everything the query finds; returns how many rows. `progress` is told the number now and then.

        CSV has a header and cells that no spreadsheet takes for a formula; JSON is one object per line. `told` says
        what is written of a file.
        """
        rows = downloads.iterate(self._services.store.read(), self._mine(query))
        put = _json_lines(stream) if form is ExportFormat.JSON else _csv(stream)
        count = 0
        for found in rows:
            put(told(found))
            count += 1
            if count % _TELL_EVERY == 0:
                if progress is not None:
                    progress(count)
                if stop is not None and stop():
                    raise Stopped("export stopped", next_step="Nothing was written.")
        return count

    def _mine(self, query: HistoryQuery) -> HistoryQuery:
        return scoped_history(self.caller, query)

    def _sees(self, one: Download) -> bool:
        return self.caller.sees_all or (one.owner_id is not None and one.owner_id == self.caller.user_id)


def _json_lines(stream: TextIO) -> Callable[[dict[str, Any]], object]:
    return lambda record: stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def _csv(stream: TextIO) -> Callable[[dict[str, Any]], object]:
    writer = csv.writer(stream)
    columns: list[str] = []

    def put(record: dict[str, Any]) -> None:
        if not columns:
            columns.extend(record)
            writer.writerow(columns)
        writer.writerow(csv_cell(v) if isinstance(v, str) else v for v in record.values())

    return put
