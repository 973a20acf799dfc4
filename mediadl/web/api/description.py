"""The OpenAPI document: what FastAPI reads off the routes, with failures and logins as they really are."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from mediadl.settings.filters import Filters
from mediadl.settings.schedule import ScheduleSpec
from mediadl.web.api.bodies import reads_text
from mediadl.web.api.problems import MEDIA_TYPE, Problem

_ABOUT = """Everything that the screens and the command line do, for programs: the same verbs, the same rights.

Send `Authorization: Bearer TOKEN` with an API token (`mediadl token create`) or the access token of `POST
/api/v1/auth/login`. Failures are problem details (RFC 9457). Times are ISO 8601 in UTC, sizes are bytes.
`429` says in `Retry-After` when to come again.

Events come over the WebSockets `/api/ws/downloads`, `/api/ws/queue` and `/api/ws/logs`."""

_TAGS = {
    "auth": "Logins of programs.",
    "downloads": "Stored files.",
    "queue": "Jobs.",
    "scheduler": "Schedules and their runs.",
    "platforms": "What can be downloaded from.",
    "settings": "What can be set.",
    "logs": "Log lines.",
    "stats": "Figures.",
    "export": "The history as a file.",
    "health": "For whatever looks after the server.",
}

_FAILURES = ("4XX", "5XX")


def install(app: FastAPI) -> None:
    """Let the application describe itself."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # how FastAPI says to do it


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": words} for name, words in _TAGS.items()],
        separate_input_output_schemas=False,
    )
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    parts["responses"] = {
        "Problem": {
            "description": "What went wrong.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API token or an access token."},
        "login": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-mediadl",
            "description": "The browser's login; changes need the header X-Mediadl and the Origin of this server.",
        },
    }
    for schema in schemas.values():
        _take_text(schema)
    for path in found["paths"].values():
        for operation in path.values():
            operation.setdefault("security", [{"bearer": []}, {"login": []}])
            operation["responses"].pop("422", None)
            for status in _FAILURES:
                operation["responses"].setdefault(status, {"$ref": "#/components/responses/Problem"})
    return found


def _take_text(schema: dict[str, Any]) -> None:
    """Say where sizes, times and words are also read as people write them."""
    names = _TYPED.get(str(schema.get("title")), frozenset())
    for name in names & schema.get("properties", {}).keys():
        exact = schema["properties"][name]
        about = {key: exact.pop(key) for key in ("title", "description", "default") if key in exact}
        schema["properties"][name] = {"anyOf": [exact, {"type": "string"}], **about}


_TYPED = {
    title: frozenset(name for name, field in model.model_fields.items() if reads_text(field))
    for title, model in (
        ("Filters", Filters),
        ("ScheduleSpec", ScheduleSpec),
        ("ScheduleChange", ScheduleSpec),
    )
}
