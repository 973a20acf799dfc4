"""`/api/docs`: the API for people, one page without scripts; `/api/v1/openapi.json` for programs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from mediadl.web.api import reference

router = APIRouter(include_in_schema=False)


@router.get("/api/v1/openapi.json")
def openapi(request: Request) -> JSONResponse:
    """The description as OpenAPI 3.1."""
    return JSONResponse(_document(request))


@router.get("/api/docs")
def page(request: Request) -> HTMLResponse:
    """The same for people."""
    return HTMLResponse(reference.page(_document(request)))


@router.get("/api/docs/style.css")
def style() -> Response:
    """How the page looks."""
    return Response(reference.STYLE, media_type="text/css")


def _document(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = request.app.openapi()
    return found
