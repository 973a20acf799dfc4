"""What the details of a job ask and what they get: one question, one answer, read in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediadl.models import Item, Job, JobQuery
from mediadl.widgets.job_columns import LogRow
from mediadl.widgets.window import Place, Window, read_window

if TYPE_CHECKING:
    from mediadl.service.queue import QueueService

_LOG_LINES = 500
_PREVIOUS = -1


@dataclass(frozen=True, slots=True)
class Question:
    """Which job, and where its table of items stands."""

    job_id: int
    place: Place
    with_log: bool
    step: int = 0
    """1: of the job after it in the list, -1: before it."""
    at: int | None = None
    """Its place in the list when last seen there."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The answer."""

    asked: Question
    job: Job
    items: Window[Item]
    log: Sequence[LogRow] | None
    at: int | None


def read_facts(queue: QueueService, query: JobQuery | None, question: Question) -> Facts:
    """What is known of the job meant; blocking. `query`: the list it stands in.

    Raises:
        NotFound: it is gone.
    """
    job_id, at = _place(queue, query, question)
    job = queue.get(job_id)
    same = job_id == question.job_id
    place = question.place if same else Place(0, question.place.height, 0, None)
    window = read_window(
        place,
        total=queue.item_count(job.id),
        page=lambda offset, limit: queue.items(job.id, offset, limit),
        key=lambda item: item.n,
        # Items never move
        index_of=lambda n: place.cursor,
    )
    log = None
    if question.with_log:
        log = [
            LogRow(n, line.at, line.level, line.module, line.message)
            for n, line in enumerate(queue.log_lines(job.id, _LOG_LINES))
        ]
    return Facts(question, job, window, log, at)


def _place(queue: QueueService, query: JobQuery | None, question: Question) -> tuple[int, int | None]:
    """The job that is meant and its place in the list; the end of the list leads nowhere."""
    if query is None:
        return question.job_id, None
    if not question.step and question.at is not None:
        return question.job_id, question.at
    at = queue.index_of(query, question.job_id)
    if not question.step:
        return question.job_id, at
    # Has it left the list meanwhile, what came after it stands in its place
    gone_from = (question.at or 0) - (question.step > 0)
    there = (gone_from if at is None else at) + question.step
    found = queue.page(query, there, 1) if there >= 0 else []
    return (found[0].id, there) if found else (question.job_id, at)


def fallen_out(before: Sequence[LogRow], now: Sequence[LogRow]) -> int:
    """How many of the lines before are no longer there."""
    if not now:
        return len(before)
    first = (now[0].at, now[0].message)
    return next((n for n, row in enumerate(before) if (row.at, row.message) == first), 0)
