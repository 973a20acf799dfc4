"""What the Queue screen asks and what it gets: one question, one answer, read in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediadl.models import Job, JobQuery, QueueCounts
from mediadl.widgets.window import Place, Window, read_window

if TYPE_CHECKING:
    from mediadl.service import Services


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
    counts: QueueCounts


def read_view(services: Services, question: QueueQuestion) -> QueueView:
    """The rows around a place and the numbers of the queue; blocking."""
    queue = services.queue
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
    return QueueView(question, window, counts)
