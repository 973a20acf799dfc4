"""The header `Idempotency-Key`: a request that was sent twice is done once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel

from mediadl.web.api.context import Asking

CREATED = 201

Key = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Any word of yours; the same one within 24 hours gives the first answer again.",
    ),
]


def once(
    asking: Asking, request: Request, body: BaseModel, key: str | None, act: Callable[[], Any]
) -> Response:
    """Do it, or give the answer of the first time."""
    if key is None:
        return _answer(CREATED, json.dumps(act(), ensure_ascii=False))
    said = f"{request.method} {request.url.path}\n{body.model_dump_json()}"
    digest = hashlib.sha256(said.encode()).digest()
    status, text, again = asking.services.repeats.once(
        key, digest, lambda: (CREATED, json.dumps(act(), ensure_ascii=False))
    )
    answer = _answer(status, text)
    if again:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _answer(status: int, text: str) -> Response:
    return Response(text, status, media_type="application/json")
