"""`/api/v1/downloads`: stored files, as `mediadl history` has them; adding makes jobs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from mediadl.models import Amount, HistoryQuery, HistorySort, MediaKind
from mediadl.service.history_removal import Deleted
from mediadl.web.api import answers, bodies
from mediadl.web.api.context import Asks, Limit, Offset, download_record, page
from mediadl.web.api.repeats import Key, once
from mediadl.web.api.routes.queue import added

router = APIRouter(prefix="/api/v1/downloads", tags=["downloads"])

DownloadId = Annotated[int, Path(ge=1, le=bodies.LARGEST, description="Of the stored file.")]
Size = Annotated[int | None, Query(ge=0, le=bodies.LARGEST)]
Moment = Annotated[bodies.Moment | None, Query()]


def history_query(
    platform: Annotated[str, Query(max_length=100)] = "",
    source: Annotated[str, Query(max_length=500)] = "",
    kind: MediaKind | None = None,
    since: Moment = None,
    until: Moment = None,
    min_size: Size = None,
    max_size: Size = None,
    search: Annotated[str, Query(max_length=500, description="Words, looked up in titles and names.")] = "",
    sort: HistorySort = HistorySort.STORED,
    descending: bool = True,
) -> HistoryQuery:
    """Which files, in which order."""
    return HistoryQuery(
        platform=platform,
        source=source,
        kind=kind,
        since=bodies.epoch(since),
        until=bodies.epoch(until),
        min_size_bytes=min_size,
        max_size_bytes=max_size,
        search=search,
        sort=sort,
        descending=descending,
    )


Wanted = Annotated[HistoryQuery, Depends(history_query)]


@router.get("")
def list_downloads(asks: Asks, query: Wanted, offset: Offset = 0, limit: Limit = 50) -> answers.Downloads:
    """Stored files, newest first unless told otherwise."""
    told = download_record(asks)
    rows = [told(one) for one in asks.services.history.page(query, offset, limit)]
    total = asks.services.history.count(query)
    return answers.Downloads.model_validate(page(rows, total, offset, limit))


@router.post("", status_code=201)
def add(asks: Asks, request: Request, body: bodies.Add, idempotency_key: Key = None) -> Response:
    """Queue addresses; each becomes a job whose files come here."""
    return once(asks, request, body, idempotency_key, lambda: added(asks.services, body.urls, body.wanted()))


@router.get("/stats")
def stats(asks: Asks) -> answers.DownloadStats:
    """The history in figures."""
    found = asks.services.stats
    stored = found.stored()
    return answers.DownloadStats(
        files=stored.files,
        size=stored.size_bytes,
        by_platform={name: _amount(one) for name, one in found.by_platform()},
        by_kind={kind.value: _amount(one) for kind, one in found.by_kind()},
    )


@router.post("/bulk")
def bulk(asks: Asks, body: bodies.Bulk) -> answers.BulkDone:
    """Delete many files, fetch their pages again, or look for better versions of them."""
    history, ids = asks.services.history, list(dict.fromkeys(body.ids))
    if body.action == "delete":
        done = history.delete(ids, files=body.files, record=body.record, forget=body.forget)
        return answers.BulkDone(deleted=answers.Deleted.model_validate(_deleted(done)))
    if body.action == "redownload":
        again = history.redownload(ids)
        return answers.BulkDone(job_ids=again.job_ids, refused=again.refused)
    improving = history.improve(ids)
    return answers.BulkDone(job_ids=list(improving.job_ids))


@router.get("/{download_id:int}")
def get(asks: Asks, download_id: DownloadId) -> answers.Download:
    """One stored file."""
    return answers.Download.model_validate(download_record(asks)(asks.services.history.get(download_id)))


@router.delete("/{download_id:int}")
def delete(
    asks: Asks,
    download_id: DownloadId,
    files: Annotated[bool, Query(description="The file on the disk.")] = False,
    record: Annotated[bool, Query(description="The row of the history.")] = True,
    forget: Annotated[bool, Query(description="Let the same media be fetched again.")] = False,
) -> answers.Deleted:
    """Delete a stored file, its row, or both."""
    asks.services.history.get(download_id)
    done = asks.services.history.delete([download_id], files=files, record=record, forget=forget)
    return answers.Deleted.model_validate(_deleted(done))


def _amount(one: Amount) -> answers.Amount:
    return answers.Amount(files=one.files, size=one.size_bytes)


def _deleted(done: Deleted) -> dict[str, Any]:
    return {
        "records": done.records,
        "files": done.files,
        "size": done.size_bytes,
        "missing": done.missing,
        "refused": done.refused,
        "refusals": [{"id": one.download_id, "reason": one.reason} for one in done.refusals],
    }
