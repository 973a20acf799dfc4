"""`/api/v1/logs`: log lines, as `mediadl logs` has them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from mediadl import logs
from mediadl.logs import LogQuery
from mediadl.service import Services
from mediadl.web.api import answers, bodies
from mediadl.web.api.context import Asks

router = APIRouter(prefix="/api/v1/logs", tags=["logs"])

_CHUNK_CHARS = 65_536


def log_query(
    level: Annotated[
        Literal["debug", "info", "warning", "error"], Query(description="Least level.")
    ] = "debug",
    module: Annotated[str, Query(max_length=200, description="With everything inside it.")] = "",
    job: Annotated[int | None, Query(ge=1, le=bodies.LARGEST)] = None,
    since: Annotated[bodies.Moment | None, Query()] = None,
    until: Annotated[bodies.Moment | None, Query()] = None,
    search: Annotated[str, Query(max_length=500, description="Part of the message, in any case.")] = "",
) -> LogQuery:
    """Which lines."""
    return LogQuery(level, module, job, bodies.epoch(since), bodies.epoch(until), search)


Wanted = Annotated[LogQuery, Depends(log_query)]


@router.get("")
def list_lines(
    asks: Asks, query: Wanted, limit: Annotated[int, Query(ge=1, le=5000, description="Most lines.")] = 200
) -> list[answers.LogLine]:
    """The last lines, oldest first."""
    return [
        answers.LogLine.model_validate(logs.to_record(line)) for line in asks.services.logs.tail(query, limit)
    ]


@router.get(
    "/download",
    response_class=Response,
    responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
def download(asks: Asks, query: Wanted) -> StreamingResponse:
    """All lines as JSON lines, for saving."""
    asks.services.logs.extent()  # asks for the right before the first byte is out
    return StreamingResponse(
        _lines(asks.services, query),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="mediadl-log.jsonl"'},
    )


@router.delete("")
def clear(asks: Asks) -> answers.Count:
    """Delete all log files; the count is of files."""
    return answers.Count(count=asks.services.logs.clear())


def _lines(services: Services, query: LogQuery) -> Iterator[str]:
    import json

    buffer = io.StringIO()
    for line in services.logs.read(query):
        buffer.write(json.dumps(logs.to_record(line), ensure_ascii=False) + "\n")
        if buffer.tell() > _CHUNK_CHARS:
            yield buffer.getvalue()
            buffer = io.StringIO()
    yield buffer.getvalue()
