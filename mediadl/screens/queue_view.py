"""What the Queue screen asks and what it gets: one question, one answer, read in a thread."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.models import Job, JobQuery, QueueCounts
from mediadl.widgets.status_header import Totals
from mediadl.widgets.window import Place, Window, read_window

if TYPE_CHECKING:
    from mediadl.service import Services

_SLOW_FACTS_S = 2.0
"""How long free space and the daemon's state may be old."""


@dataclass(frozen=True, slots=True)
class QueueQuestion:
    """Which jobs, and where the table stands."""

    query: JobQuery
    place: Place


@dataclass(frozen=True, slots=True)
class QueueView:
    """The answer."""

    question: QueueQuestion
    window: Window[Job]
    totals: Totals


class QueueReader:
    """Reads views; used by one thread."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._look_at: float | None = None
        self._slow = Totals()

    def read(self, question: QueueQuestion) -> QueueView:
        """The rows around a place and the totals of the queue."""
        queue = self._services.queue
        query = question.query
        counts = queue.counts()
        plain = not (query.statuses or query.platform or query.search)
        window = read_window(
            question.place,
            total=counts.total if plain else queue.count(query),
            page=lambda offset, limit: queue.page(query, offset, limit),
            key=lambda job: job.id,
            index_of=lambda job_id: queue.index_of(query, job_id),
        )
        return QueueView(question, window, self._totals(counts))

    def _totals(self, counts: QueueCounts) -> Totals:
        now = self._clock()
        if self._look_at is None:
            # The first paint does not wait for slow facts
            self._look_at = now
        elif now >= self._look_at:
            self._look_at = now + _SLOW_FACTS_S
            running = self._services.daemon.status().running
            self._slow = Totals(None, self._free(), running, "daemon" if running else "no daemon")
        return Totals(counts, self._slow.free_bytes, self._slow.daemon_running, self._slow.daemon_word)

    def _free(self) -> int | None:
        folder = Path(self._services.settings.brief().directory).expanduser()
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return None
