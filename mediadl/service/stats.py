"""Figures of the whole program: what came when, how jobs end, what is stored, how sites answer. Days are local."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.models import (
    Amount,
    Breaker,
    DayAmount,
    Health,
    Job,
    MediaKind,
    Outcomes,
    QueueCounts,
    SiteHealth,
)
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks, own_id
from mediadl.store import downloads, job_plans, jobs, stats, tries

if TYPE_CHECKING:
    from mediadl.service import Services

MOST_DAYS = 90
"""Days a timeline can have."""

WEEK_DAYS, MONTH_DAYS = 7, 30

_DAY_S = 86_400.0

_WORST_FIRST = (Health.BLOCKED, Health.TROUBLE, Health.OK)

_WANTS_A_PERSON = frozenset({"login_needed", "challenge", "forbidden", "geo"})
"""Failures that waiting does not heal."""


@dataclass(frozen=True, slots=True)
class Space:
    """The disk of the download folder."""

    folder: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The few figures that say how everything is doing."""

    today: Amount
    week: Amount
    """The last 7 local days, today included."""
    month: Amount
    """The last 30 local days."""
    stored: Amount
    """Everything in the history."""
    counts: QueueCounts
    outcomes: Outcomes
    """Of the last 30 days."""
    space: Space | None
    """None: it cannot be told."""
    next_job: Job | None
    """The job that is scheduled to start first."""
    days: tuple[DayAmount, ...]
    """Oldest first; the last one is today."""


class StatsService(Verbs):
    """The figures of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.SEE_OWN)
    def overview(self, now: float | None = None, days: int = MONTH_DAYS) -> Overview:
        """Everything the first look asks for, with a timeline of `days` days."""
        at = time.time() if now is None else now
        read = self._services.store.read()
        found = self.timeline(max(days, MONTH_DAYS), at)
        return Overview(
            today=_sum(found[-1:]),
            week=_sum(found[-WEEK_DAYS:]),
            month=_sum(found[-MONTH_DAYS:]),
            stored=self.stored(),
            counts=jobs.counts(read, self._owner),
            outcomes=self.outcomes(MONTH_DAYS, at),
            space=self.space(),
            next_job=job_plans.first(read, self._owner),
            days=tuple(found[-days:]),
        )

    @asks(Right.SEE_OWN)
    def timeline(self, days: int, now: float | None = None) -> list[DayAmount]:
        """Files and bytes of each of the last `days` local days (1 to 90), oldest first, today last."""
        most = max(1, min(days, MOST_DAYS))
        shown = last_days(time.time() if now is None else now, most)
        bounds = [_begin(day) for day in (*shown, shown[-1] + timedelta(days=1))]
        read, owner = self._services.store.read(), self._owner
        amounts = stats.spans(read, bounds) if owner is None else stats.spans_of(read, owner, bounds)
        return [DayAmount(day, a.files, a.size_bytes) for day, a in zip(shown, amounts, strict=True)]

    @asks(Right.SEE_OWN)
    def outcomes(self, days: int = MONTH_DAYS, now: float | None = None) -> Outcomes:
        """How the jobs ended that ended in the last `days` times 24 hours."""
        at = time.time() if now is None else now
        read, since, owner = self._services.store.read(), at - days * _DAY_S, self._owner
        return stats.outcomes(read, since) if owner is None else stats.outcomes_of(read, owner, since)

    @asks(Right.SEE_OWN)
    def health(self, limit: int = 50, now: float | None = None) -> list[SiteHealth]:
        """How sites answer: those that are blocked first, then those in trouble, then those used last."""
        at = time.time() if now is None else now
        read = self._services.store.read()
        found = [judge(luck) for luck in stats.luck(read, at, limit)]
        if self._owner is not None:
            known = stats.sites_of(read, self._owner)
            return [one for one in sorted(found, key=_badness) if one.site in known]
        found += [_resting(*way) for way in tries.closed_ways(read, at, limit)]
        return sorted(found, key=_badness)[:limit]

    @asks(Right.SEE_OWN)
    def recent(self, limit: int = 20) -> list[Job]:
        """The jobs at work and, for the rest of `limit`, those that ended last."""
        return stats.recent(self._services.store.read(), limit, self._owner)

    @asks(Right.SEE_OWN)
    def next_planned(self) -> Job | None:
        """The job whose time comes first, paused ones aside."""
        return job_plans.first(self._services.store.read(), self._owner)

    @asks(Right.SEE_OWN)
    def by_platform(self) -> list[tuple[str, Amount]]:
        """What each platform brought, most bytes first."""
        return self._sums(0) if self._owner is not None else stats.by_platform(self._services.store.read())

    @asks(Right.SEE_OWN)
    def by_kind(self) -> list[tuple[MediaKind, Amount]]:
        """What there is of each kind of file, most bytes first."""
        if self._owner is not None:
            return [(MediaKind(word), amount) for word, amount in self._sums(1)]
        return stats.by_kind(self._services.store.read())

    @asks(Right.SEE_OWN)
    def by_source(self, limit: int = 20) -> list[tuple[str, str, Amount]]:
        """The sources that brought most bytes, as (source, platform, amount). Takes a second per million files."""
        read, owner = self._services.store.read(), self._owner
        return stats.by_source(read, limit) if owner is None else stats.sources_of(read, owner, limit)

    @asks(Right.SEE_OWN)
    def stored(self) -> Amount:
        """Everything in the history."""
        if self._owner is not None:
            sums = [amount for _, amount in self._sums(0)]
            return Amount(sum(one.files for one in sums), sum(one.size_bytes for one in sums))
        return stats.stored(self._services.store.read())

    @asks(Right.SEE_OWN)
    def space(self) -> Space | None:
        """The disk of the download folder, or of the nearest folder above it; None when it cannot be told."""
        folder = asked = Path(self._services.inner.settings.brief().directory).expanduser()
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            found = shutil.disk_usage(folder)
        except OSError:
            return None
        return Space(str(asked), found.free, found.total)

    @property
    def _owner(self) -> int | None:
        """Whose figures these are; None: everybody's."""
        return own_id(self.caller)

    def _sums(self, column: int) -> list[tuple[str, Amount]]:
        """Of the caller's files by platform (0) or kind (1), most bytes first."""
        found: dict[str, Amount] = {}
        for row in downloads.totals(self._services.store.read(), self._owner):
            word, files, size = str(row[column]), row[2], row[3]
            before = found.get(word, Amount(0, 0))
            found[word] = Amount(before.files + files, before.size_bytes + size)
        return sorted(found.items(), key=lambda pair: (-pair[1].size_bytes, pair[0]))


def last_days(now: float, days: int) -> list[date]:
    """The last `days` local days, oldest first, the one of `now` last."""
    today = datetime.fromtimestamp(now).astimezone().date()
    return [today - timedelta(days=n) for n in range(days - 1, -1, -1)]


def judge(luck: stats.SiteLuck) -> SiteHealth:
    """What is noted of a site, as a state of health."""
    health = Health.OK
    if luck.cooldown_until is not None or (luck.failures and luck.last_reason in _WANTS_A_PERSON):
        health = Health.BLOCKED
    elif luck.failures:
        health = Health.TROUBLE
    ill = health is not Health.OK
    return SiteHealth(
        site=luck.site,
        platform=luck.platform,
        health=health,
        failures=luck.failures,
        reason=luck.last_reason if ill else "",
        message=luck.last_message if ill else "",
        last_success_at=luck.last_success_at,
        last_failure_at=luck.last_failure_at,
        cooldown_until=luck.cooldown_until,
    )


def _badness(site: SiteHealth) -> int:
    return _WORST_FIRST.index(site.health)


def _resting(platform: str, site: str, backend: str, breaker: Breaker) -> SiteHealth:
    """A backend that is left alone at a site, as a line of its own."""
    return SiteHealth(
        site=f"{site} by {backend}",
        platform=platform,
        health=Health.BLOCKED,
        failures=breaker.failures,
        reason=breaker.reason,
        message="",
        last_success_at=None,
        last_failure_at=None,
        cooldown_until=breaker.open_until,
    )


def _begin(day: date) -> float:
    """The first moment of a local day. Where clocks skip midnight, the moment they do."""
    return datetime(day.year, day.month, day.day).timestamp()  # noqa: DTZ001 - local rules of that very day


def _sum(days: Sequence[DayAmount]) -> Amount:
    return Amount(sum(day.files for day in days), sum(day.size_bytes for day in days))
