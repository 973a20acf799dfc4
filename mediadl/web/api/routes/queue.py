"""`/api/v1/queue`: jobs, as `mediadl queue` has them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from mediadl.models import JobQuery, JobSort, JobStatus, Priority
from mediadl.security.text import safe_text
from mediadl.service import Services, records
from mediadl.service.queue import Added, AddOptions
from mediadl.web.api import answers, bodies
from mediadl.web.api.context import Asks, Limit, Offset, page
from mediadl.web.api.repeats import Key, once

router = APIRouter(prefix="/api/v1/queue", tags=["queue"])

JobId = Annotated[int, Path(ge=1, le=bodies.LARGEST, description="Of the job.")]


@router.get("")
def list_jobs(
    asks: Asks,
    status: Annotated[list[JobStatus] | None, Query(description="Only these; several are possible.")] = None,
    platform: Annotated[str, Query(max_length=100)] = "",
    search: Annotated[str, Query(max_length=500, description="Words that must be in title or address.")] = "",
    sort: JobSort = JobSort.ORDER,
    descending: bool = False,
    offset: Offset = 0,
    limit: Limit = 50,
) -> answers.Jobs:
    """Jobs, in the order in which they start unless told otherwise."""
    query = JobQuery(
        statuses=frozenset(status or ()), platform=platform, search=search, sort=sort, descending=descending
    )
    found = asks.services.queue.page(query, offset, limit)
    rows = [records.job(one) for one in found]
    return answers.Jobs.model_validate(page(rows, asks.services.queue.count(query), offset, limit))


@router.post("", status_code=201)
def add(asks: Asks, request: Request, body: bodies.Add, idempotency_key: Key = None) -> Response:
    """Queue addresses: all of them, or none and the reason."""
    return once(asks, request, body, idempotency_key, lambda: added(asks.services, body.urls, body.wanted()))


@router.get("/stats")
def stats(asks: Asks) -> answers.QueueCounts:
    """How many jobs stand where."""
    return answers.QueueCounts.model_validate(records.counts(asks.services.queue.counts()))


@router.post("/clear")
def clear(asks: Asks, body: bodies.Clear) -> answers.Count:
    """Take all jobs of some statuses off the list; finished files stay."""
    return answers.Count(count=asks.services.queue.clear(set(body.statuses)))


@router.post("/bulk")
def bulk(asks: Asks, body: bodies.QueueBulk) -> answers.Changed:
    """One act on many jobs."""
    ids = list(dict.fromkeys(body.ids))
    if body.action == "remove":
        return answers.Changed(ids=asks.services.queue.remove(ids))
    if body.action == "retry":
        return answers.Changed(ids=asks.services.queue.retry(ids))
    return answers.Changed(ids=_want(asks.services, ids, body.action))


@router.get("/{job_id:int}")
def get(asks: Asks, job_id: JobId) -> answers.Job:
    """One job."""
    return answers.Job.model_validate(records.job(asks.services.queue.get(job_id)))


@router.patch("/{job_id:int}")
def change(asks: Asks, job_id: JobId, body: bodies.Change) -> answers.Job:
    """Hold, go on, end, move, or let start at another time."""
    queue = asks.services.queue
    queue.get(job_id)
    if body.priority is not None:
        queue.set_priority([job_id], Priority.parse(body.priority))
    if body.move is not None:
        queue.move(job_id, body.move)
    if body.not_before is not None:
        queue.set_start([job_id], body.not_before.timestamp())
    if body.wanted is not None:
        _want(asks.services, [job_id], body.wanted)
    return answers.Job.model_validate(records.job(queue.get(job_id)))


@router.delete("/{job_id:int}", status_code=204)
def remove(asks: Asks, job_id: JobId) -> Response:
    """Take a job off the list, ending it if it is at work; finished files stay."""
    asks.services.queue.remove([job_id])
    return Response(status_code=204)


@router.post("/{job_id:int}/retry")
def retry(asks: Asks, job_id: JobId) -> answers.Changed:
    """Start an ended job again with all its attempts."""
    return answers.Changed(ids=asks.services.queue.retry([job_id]))


@router.get("/{job_id:int}/items")
def items(asks: Asks, job_id: JobId, offset: Offset = 0, limit: Limit = 50) -> answers.Items:
    """The files that were found for a job."""
    asks.services.queue.get(job_id)
    rows = [records.item(one) for one in asks.services.queue.items(job_id, offset, limit)]
    return answers.Items.model_validate(page(rows, asks.services.queue.item_count(job_id), offset, limit))


def added(services: Services, urls: list[str], options: AddOptions) -> dict[str, Any]:
    """Queue addresses and tell of their jobs."""
    return {"jobs": [_told(one) for one in services.queue.add(urls, options)]}


def _told(one: Added) -> dict[str, Any]:
    return {
        "job_id": one.job_id,
        "url": one.url,
        "platform": one.platform,
        "content_type": one.content_type,
        "title": safe_text(one.title),
    }


def _want(services: Services, ids: list[int], wanted: str) -> list[int]:
    verbs = {"run": services.queue.resume, "pause": services.queue.pause, "cancel": services.queue.cancel}
    return verbs[wanted](ids)
