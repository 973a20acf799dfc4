"""`/api/v1/export`: the history as a file."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from typing import IO, Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from mediadl.service.history import ExportFormat
from mediadl.web.api.context import Asks, download_record
from mediadl.web.api.routes.downloads import Wanted
from mediadl.web.api.slow import one_of_few

router = APIRouter(prefix="/api/v1/export", tags=["export"])

_CHUNK_BYTES = 65_536
_MEDIA_TYPES = {ExportFormat.CSV: "text/csv; charset=utf-8", ExportFormat.JSON: "application/x-ndjson"}


@router.get(
    "",
    response_class=Response,
    responses={
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/x-ndjson": {"schema": {"type": "string"}},
            }
        }
    },
)
def export(
    asks: Asks,
    query: Wanted,
    form: Annotated[
        ExportFormat, Query(alias="format", description="CSV, or JSON lines.")
    ] = ExportFormat.CSV,
) -> StreamingResponse:
    """Everything the filters find."""
    with one_of_few(), contextlib.ExitStack() as stack:
        # Complete before the first byte goes out: a failure is told as one, not as a short file
        raw = stack.enter_context(tempfile.TemporaryFile(dir=asks.services.home.run))
        text = io.TextIOWrapper(raw, encoding="utf-8", newline="", write_through=True)
        try:
            asks.services.history.export(query, text, form, told=download_record(asks))
        finally:
            text.detach()
        raw.seek(0)
        stack.pop_all()
    name = f"mediadl-history.{'csv' if form is ExportFormat.CSV else 'jsonl'}"
    return StreamingResponse(
        _chunks(raw),
        media_type=_MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
