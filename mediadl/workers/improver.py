"""Looks for better versions of small pictures: by itself in quiet moments, a few a day, or of those a person names.

A job that looks for them is an ordinary one on the page the file came from, of low priority. It picks the files by
their names; the transfer puts what is better in their place and leaves everything else as it is.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mediadl.errors import DiskFull, InvalidInput, MediadlError
from mediadl.logs import get_logger
from mediadl.models import Download, Identity, JobRequest, Lane, Priority
from mediadl.modules import registry
from mediadl.modules.base import Target
from mediadl.pipeline.filters import pick_of
from mediadl.security.text import safe_text
from mediadl.settings.schema import Settings
from mediadl.store import downloads, improvements, jobs
from mediadl.store.database import Connection, Database

_log = get_logger("improver")

QUIET_S = 20.0
"""The queue must have been idle for so long."""
EVERY_S = 600.0
"""Between two groups."""
GROUP = 5
"""Files looked for at a time."""
AGAIN_S = 90 * 86_400.0
"""Before a file is looked for once more."""


@dataclass(frozen=True, slots=True)
class Left:
    """A file that is not looked for."""

    download_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Order:
    """The jobs that look for better versions of some files."""

    requests: tuple[JobRequest, ...] = ()
    files: tuple[Download, ...] = ()
    """Those that are looked for."""
    left: tuple[Left, ...] = ()


@dataclass(slots=True)
class _Page:
    """The files of one page in one download folder."""

    target: Target
    options: dict[str, str]
    """Where to."""
    files: list[Download] = field(default_factory=list)


def rest_of_day(connection: Connection, settings: Settings, now: float) -> int:
    """How many more files may be looked for today."""
    done = improvements.tried_since(connection, _midnight(now))
    return max(0, settings.quality_upgrade.daily_limit - done)


def candidates(connection: Connection, limit: int, now: float) -> list[int]:
    """Files worth looking for, the best chances first."""
    platforms = [module.name for module in registry.modules() if module.improvable]
    return improvements.low_quality(connection, platforms, limit, now - AGAIN_S)


def plan(connection: Connection, settings: Settings, ids: Sequence[int]) -> Order:
    """The jobs for these files: one for each page. Changes nothing."""
    rows = downloads.get_many(connection, ids)
    folders = downloads.out_folders(connection, {row.job_id for row in rows if row.job_id is not None})
    names = improvements.names_of(connection, [row.id for row in rows])
    pages: dict[tuple[str, str], _Page] = {}
    files: list[Download] = []
    left: list[Left] = []
    for row in rows:
        try:
            target = _target(row)
            where = _where(row, folders.get(row.job_id or 0, ""), settings)
            _check(row)
        except MediadlError as error:
            left.append(Left(row.id, error.message))
            continue
        page = pages.setdefault((target.url, where.get("out", "")), _Page(target, where))
        page.files.append(row)
        files.append(row)
    return Order(tuple(_request(page, names) for page in pages.values()), tuple(files), tuple(left))


def queue(database: Database, order: Order, settings: Settings, now: float) -> list[int]:
    """Add the jobs; returns their numbers. What is left out counts as looked for too: the next ones get their turn."""
    with database.write() as tx:
        improvements.tried(tx, [one.id for one in order.files] + [one.download_id for one in order.left], now)
        return jobs.add(tx, order.requests, max_attempts=settings.downloads.retries + 1, now=now)


class Improver:
    """Called by the daemon between two turns; costs nothing until something is due."""

    def __init__(self, database: Database, *, quiet_s: float = QUIET_S, every_s: float = EVERY_S) -> None:
        """The times are the edge where tests put their own."""
        self._database = database
        self._quiet_s = quiet_s
        self._every_s = every_s
        self._next = 0.0

    def tick(self, settings: Settings, *, idle_s: float) -> list[int]:
        """Queue the next group when it is time; returns its jobs. `idle_s`: time since there was something to do."""
        clock = time.monotonic()
        if not settings.quality_upgrade.enabled or idle_s < self._quiet_s or clock < self._next:
            return []
        self._next = clock + self._every_s
        now = time.time()
        connection = self._database.read()
        standing = improvements.standing(connection, _midnight(now))
        # A site that asked for a login or a check is not pressed further today
        if standing.open or standing.refused:
            return []
        most = min(GROUP, rest_of_day(connection, settings, now))
        ids = candidates(connection, most, now) if most else []
        if not ids:
            return []
        order = plan(connection, settings, ids)
        for one in order.left:
            _log.info("no better version of file %d is looked for: %s", one.download_id, one.why)
        try:
            return queue(self._database, order, settings, now)
        except DiskFull as error:
            _log.warning("no better versions are looked for: %s", error.message)
            return []


def _target(row: Download) -> Target:
    """The page a file came from, if it is a single post."""
    if not row.url:
        raise InvalidInput("the page it came from is not known")
    module = registry.module(row.platform)
    if not module.improvable:
        raise InvalidInput(f"{module.title} always gives its best version at once")
    target = registry.match(row.url, row.platform)
    if target.content_type not in module.improvable or target.lane is not Lane.RUNNER:
        raise InvalidInput("it did not come from a single post")
    return target


def _where(row: Download, out: str, settings: Settings) -> dict[str, str]:
    """The option that names the download folder a file is in; none for the usual one."""
    path = Path(row.path)
    if path.is_relative_to(Path(settings.downloads.directory).expanduser().absolute()):
        return {}
    if out and path.is_relative_to(out):
        return {"out": out}
    raise InvalidInput("it is outside the download folders")


def _check(row: Download) -> None:
    """Refuse a file that could not be replaced whatever came."""
    try:
        facts = os.lstat(row.path)
    except (OSError, ValueError):
        raise InvalidInput("the file is missing") from None
    if not stat.S_ISREG(facts.st_mode) or facts.st_size != row.size_bytes:
        raise InvalidInput("the file was changed since it was stored")
    if not row.width or not row.height:
        raise InvalidInput("its width and height are not known")


def _request(page: _Page, names: Mapping[int, Sequence[Identity]]) -> JobRequest:
    target = page.target
    known = [tuple(dict.fromkeys([row.identity, *names.get(row.id, ())])) for row in page.files]
    return JobRequest(
        url=target.url,
        platform=target.module,
        site=target.site,
        lane=target.lane,
        content_type=target.content_type,
        title=safe_text(page.files[0].title or target.title),
        priority=Priority.LOW,
        options={
            **page.options,
            "pick": pick_of(known),
            "force": True,
            "improve": [row.id for row in page.files],
        },
        # What somebody from afar once asked for is asked again with no more trust
        trusted=all(row.owner_id is None for row in page.files),
        owner_id=page.files[0].owner_id,
    )


def _midnight(now: float) -> float:
    """When the day of the person at this machine began."""
    today = time.localtime(now)
    return time.mktime((today.tm_year, today.tm_mon, today.tm_mday, 0, 0, 0, 0, 0, -1))
