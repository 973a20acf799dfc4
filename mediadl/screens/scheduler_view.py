"""What the Scheduler asks and what it gets, read in a thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mediadl.widgets.plan_columns import PlanRow, of_job
from mediadl.widgets.window import Place, Window, read_window

if TYPE_CHECKING:
    from mediadl.service import Services

_DAYS = 10


@dataclass(frozen=True, slots=True)
class PlanView:
    """The rows around a place, and the days to come."""

    at: float
    window: Window[PlanRow]
    days: tuple[tuple[date, int], ...]


def read_plans(services: Services, place: Place) -> PlanView:
    """Everything on the Scheduler."""
    stats = services.stats
    now = time.time()
    window = read_window(
        place,
        total=stats.planned_count(),
        page=lambda offset, limit: [of_job(job) for job in stats.planned(offset, limit)],
        key=lambda row: row.key,
        index_of=stats.planned_index,
    )
    return PlanView(now, window, tuple(stats.planned_days(_DAYS, now)))
