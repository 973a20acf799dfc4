"""What the Dashboard asks and what it gets, read in a thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mediadl.models import Job, SiteHealth
from mediadl.models.plans import Plan, Starting
from mediadl.service.daemon import DaemonStatus
from mediadl.service.stats import MONTH_DAYS, Overview

if TYPE_CHECKING:
    from mediadl.service import Services

FEED_ROWS = 20
SITES = 20

_SLOW_FACTS_S = 2.0
"""How long the daemon's state and how sites answer may be old."""

_SUMS_S = 1.0
"""How long sums over days may be old."""


@dataclass(frozen=True, slots=True)
class DashboardView:
    """Everything on the Dashboard."""

    at: float
    overview: Overview
    feed: tuple[Job, ...]
    sites: tuple[SiteHealth, ...]
    daemon: DaemonStatus
    folder: str
    """Where files go."""
    plan: Plan | None = None
    """What starts next by itself."""
    starting: Starting = field(default_factory=Starting)
    """How much starts by itself."""

    @property
    def first_run(self) -> bool:
        """Nothing was ever asked for."""
        return not (self.overview.counts.total or self.overview.stored.files or self.starting.any)

    @property
    def place(self) -> str:
        """The folder as people read it."""
        return self.overview.space.folder if self.overview.space else self.folder


class DashboardReader:
    """Reads views; used by one thread."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._look_at = self._sum_at = -_SLOW_FACTS_S
        self._overview: Overview | None = None
        self._sites: tuple[SiteHealth, ...] = ()
        self._daemon = DaemonStatus(running=False)

    def read(self, days: int = MONTH_DAYS) -> DashboardView:
        """The figures now, with a timeline of so many days."""
        stats = self._services.stats
        now = self._clock()
        if self._overview is None or now >= self._sum_at:
            self._sum_at = now + _SUMS_S
            self._overview = stats.overview(days=days)
        overview = replace(
            self._overview, counts=self._services.queue.counts(), next_job=stats.next_planned()
        )
        if now >= self._look_at:
            self._look_at = now + _SLOW_FACTS_S
            self._sites = tuple(stats.health(SITES))
            self._daemon = self._services.daemon.status()
        plan = self._services.plans.first()
        return DashboardView(
            time.time(),
            overview,
            tuple(stats.recent(FEED_ROWS)),
            self._sites,
            self._daemon,
            str(self._services.settings.brief().directory),
            plan,
            self._services.plans.starting(),
        )
