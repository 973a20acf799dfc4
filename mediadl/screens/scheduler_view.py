"""What the Scheduler asks and what it gets, read in threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediadl.errors import NotFound
from mediadl.models.plans import Hours, PlanCounts, PlanFacts, PlanQuery
from mediadl.widgets.plan_columns import PlanRow, of_plan
from mediadl.widgets.window import Place, Window, read_window

if TYPE_CHECKING:
    from mediadl.service import Services

_COUNTS_S = 2.0
"""How long the numbers of the tabs may be old."""
_HOURS_S = 60.0
"""How long the strip of the day may be old while no schedule changes."""


@dataclass(frozen=True, slots=True)
class PlanQuestion:
    """Which rows, of which list."""

    place: Place
    query: PlanQuery


@dataclass(frozen=True, slots=True)
class PlanView:
    """The rows around a place."""

    asked: PlanQuestion
    window: Window[PlanRow]


@dataclass(frozen=True, slots=True)
class DayView:
    """What is above the list."""

    counts: PlanCounts
    hours: Hours


def read_plans(services: Services, asked: PlanQuestion) -> PlanView:
    """The list around its place."""
    plans, query = services.plans, asked.query
    window = read_window(
        asked.place,
        total=plans.count(query),
        page=lambda offset, limit: [of_plan(plan) for plan in plans.page(query, offset, limit)],
        key=lambda row: row.key,
        index_of=lambda key: plans.index_of(query, key),
    )
    return PlanView(asked, window)


def read_facts(services: Services, schedule_id: int) -> PlanFacts | None:
    """Everything about a schedule; None: it is gone."""
    try:
        return services.plans.facts(schedule_id)
    except NotFound:
        return None


class DayReader:
    """Reads what is above the list; used by one thread."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._counted_at = self._reckoned_at = -_HOURS_S
        self._counts = PlanCounts()
        self._hours: Hours | None = None

    def read(self, changed: bool) -> DayView:
        """The numbers and the hours; `changed`: schedules or jobs were added, changed or removed."""
        now, plans = self._clock(), self._services.plans
        if changed or now - self._counted_at >= _COUNTS_S:
            self._counted_at, self._counts = now, plans.counts()
        if changed or self._hours is None or now - self._reckoned_at >= _HOURS_S:
            self._hours = plans.hours()
            # What took long is asked for less often
            self._reckoned_at = self._clock() + 10 * (self._clock() - now)
        return DayView(self._counts, self._hours)
