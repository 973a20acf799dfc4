"""Fetches again what the history has: one new job per page, as the first one was asked for where that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mediadl.errors import MediadlError
from mediadl.models import Job, Priority
from mediadl.service.intake import AddOptions
from mediadl.store import downloads, jobs

if TYPE_CHECKING:
    from mediadl.service import Services

_Wishes = tuple[str, str, str, Priority]
"""Quality, folder, pattern of names, priority."""

_AT_ONCE = 500
_NAMED = 100


@dataclass(slots=True)
class Again:
    """What became of it."""

    job_ids: list[int] = field(default_factory=list)
    refused: int = 0
    """Files whose page is not known or cannot be fetched."""
    refusals: list[tuple[int, str]] = field(default_factory=list)
    """The first of them, as (number of the file, why)."""


def redownload(services: Services, ids: Sequence[int]) -> Again:
    """See `HistoryService.redownload`."""
    done = Again()
    connection = services.store.read()
    asked: dict[_Wishes, dict[str, int]] = {}
    seen: set[str] = set()
    for start in range(0, len(ids), _AT_ONCE):
        rows = downloads.get_many(connection, ids[start : start + _AT_ONCE])
        known = {row.job_id for row in rows if row.job_id is not None}
        first = {job.id: job for job in jobs.get_many(connection, known)}
        for row in rows:
            if not row.url:
                _refuse(done, row.id, "the page it came from is not known")
            elif row.url not in seen:
                seen.add(row.url)
                asked.setdefault(_wishes(first.get(row.job_id or 0)), {})[row.url] = row.id
    for (quality, out, name, priority), pages in asked.items():
        options = AddOptions(quality=quality, out=out, name=name, priority=priority, force=True)
        _add(services, options, pages, done)
    return done


def _add(services: Services, options: AddOptions, pages: dict[str, int], done: Again) -> None:
    urls = list(pages)
    for start in range(0, len(urls), _AT_ONCE):
        part = urls[start : start + _AT_ONCE]
        good = []
        for url in part:
            preview = next(iter(services.queue.check(url, options, 1)), None)
            if preview is None or preview.error:
                _refuse(done, pages[url], preview.error if preview else "its address is not usable")
            else:
                good.append(url)
        if not good:
            continue
        try:
            added = services.queue.add(good, options)
        except MediadlError:
            if done.job_ids:
                # Some jobs are there already: what could not be added is told beside them
                done.refused += len(good)
                break
            raise
        done.job_ids += [one.job_id for one in added]


def _wishes(job: Job | None) -> _Wishes:
    """How the first job was asked for; its limits were about which files, and these are known now."""
    had = {} if job is None else job.options
    quality, out, name = (str(had.get(key, "")) for key in ("quality", "out", "name"))
    return quality, out, name, Priority.NORMAL if job is None else job.priority


def _refuse(done: Again, download_id: int, why: str) -> None:
    done.refused += 1
    if len(done.refusals) < _NAMED:
        done.refusals.append((download_id, why))
