"""Failures as RFC 9457 problem details: one shape for everything that goes wrong, made from the one error tree."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mediadl import errors
from mediadl.errors import DownloadError, LoginRefused, MediadlError
from mediadl.logs import get_logger
from mediadl.security.text import safe_text
from mediadl.service.repeats import StillAtWork

MEDIA_TYPE = "application/problem+json"

_log = get_logger("web.api")

_BY_CLASS: tuple[tuple[type[MediadlError], int], ...] = (
    (errors.LoginRefused, 401),
    (errors.PermissionDenied, 403),
    (errors.InvalidInput, 422),
    (errors.NotFound, 404),
    (errors.FolderNotWritable, 507),
    (errors.DatabaseUnusable, 503),
    (errors.DaemonUnavailable, 503),
    (errors.VaultLocked, 409),
    (errors.EngineRefused, 409),
    (StillAtWork, 409),
)

_BY_KIND: Mapping[str, int] = {
    "address_refused": 403,
    "disk_full": 507,
    "not_writable": 507,
    "budget": 503,
    "rate_limited": 503,
    "site_rests": 503,
    "unsupported": 422,
    "not_found": 404,
}
"""Of failures of sites; any other is the site's, and told as such: 502."""

_TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    413: "Body too long",
    415: "Not JSON",
}


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Where it stands: body, query, path or header, then the names.")
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="A word for the class of failure, as a URN.")
    title: str = Field(description="The class in words; the same for all of its kind.")
    status: int
    detail: str = Field(default="", description="What happened, to what.")
    next_step: str = Field(default="", description="What to do about it.")
    errors: list[FieldProblem] | None = Field(default=None, description="The fields that cannot be used.")


class Refused(Exception):
    """A request that is refused before any service hears of it."""

    def __init__(
        self,
        status: int,
        word: str,
        title: str,
        detail: str,
        *,
        next_step: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(
            type=problem_type(word), title=title, status=status, detail=detail, next_step=next_step
        )
        self.headers: dict[str, str] = {}
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(max(1, math.ceil(retry_after_s)))
        if status == 401:
            self.headers["WWW-Authenticate"] = 'Bearer realm="mediadl"'


def problem_type(word: str) -> str:
    """The URN of a class of failure."""
    return f"urn:mediadl:problem:{word}"


def of_error(error: MediadlError) -> Refused:
    """What a caller hears of a failure of a service."""
    status = status_of(error)
    word = (
        error.kind
        if isinstance(error, DownloadError)
        else type(error).__name__[0].lower()
        + "".join(f"-{c.lower()}" if c.isupper() else c for c in type(error).__name__[1:])
    )
    retry_after_s = getattr(error, "retry_after_s", None) or None
    if isinstance(error, LoginRefused) and retry_after_s is not None:
        status = 429
    return Refused(
        status,
        word.replace("_", "-"),
        error.title,
        safe_text(error.message),
        next_step=error.next_step,
        retry_after_s=retry_after_s,
    )


def status_of(error: MediadlError) -> int:
    """The HTTP status of a failure."""
    if isinstance(error, DownloadError):
        return _BY_KIND.get(error.kind, 502)
    return next((status for cls, status in _BY_CLASS if isinstance(error, cls)), 500)


def answer(refused: Refused) -> Response:
    """The answer to send."""
    return Response(
        refused.problem.model_dump_json(exclude_none=True, exclude_defaults=True),
        refused.problem.status,
        refused.headers,
        MEDIA_TYPE,
    )


def install(app: FastAPI, methods: Callable[[str], set[str]]) -> None:
    """Let every failure of the application become a problem document.

    `methods` says which methods a path has.
    """

    async def on_refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return answer(error)

    async def on_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, MediadlError)
        return answer(of_error(error))

    async def on_invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(of_validation(error))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        title = _TITLES.get(error.status_code, str(error.detail))
        refused = Refused(error.status_code, title.lower().replace(" ", "-"), title, str(error.detail))
        refused.headers |= dict(error.headers or {})
        if error.status_code == 405:
            refused.headers["Allow"] = ", ".join(sorted(methods(request.url.path)))
        return answer(refused)

    async def on_surprise(_: Request, error: Exception) -> Response:
        # What it was is for the log only
        _log.error("unexpected failure: %s", type(error).__name__, exc_info=error)
        return answer(
            Refused(500, "unexpected", "Unexpected failure", "", next_step="Look at the log of the server.")
        )

    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(MediadlError, on_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_surprise)


def of_validation(error: RequestValidationError) -> Refused:
    """Which fields cannot be used, and why; what was sent is not repeated."""
    found = [
        FieldProblem(
            field=safe_text(".".join(str(part) for part in one["loc"]), limit=200),
            message=safe_text(str(one["msg"]).removeprefix("Value error, "), limit=300),
        )
        for one in error.errors()[:20]
    ]
    broken = any(one["type"] == "json_invalid" for one in error.errors())
    first = found[0] if found else FieldProblem(field="", message="")
    refused = Refused(
        400 if broken else 422,
        "not-json" if broken else "invalid-input",
        "Not JSON" if broken else "Invalid input",
        f"{first.field}: {first.message}",
    )
    refused.problem.errors = None if broken else found
    return refused
