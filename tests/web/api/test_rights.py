"""Who gets what of every route: the table is the decision, the services make it true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from api_matrix import ASKED, CALLERS, answer
from api_stage import Stage, staged
from mediadl.paths import Home
from mediadl.security.permissions import SCOPES
from mediadl.web.api.server import ROUTERS

# In the order of CALLERS:
# nobody viewer owner other admin, then tokens: read add steer files schedules of the owner, settings logs of the admin
TABLE: dict[str, str] = {
    # Guessing is slowed down, whoever guesses
    "POST /api/v1/auth/login": " ".join(["401|429"] * len(CALLERS)),
    "POST /api/v1/auth/refresh": "401 401 401 401 401 401 401 401 401 401 401 401",
    "POST /api/v1/auth/logout": "401 409 409 409 409 409 409 409 409 409 409 409",
    "GET /api/v1/auth/me": "401 200 200 200 200 200 200 200 200 200 200 200",
    "GET /api/v1/downloads": "401 200 200 200 200 200 403 200 200 403 403 403",
    "POST /api/v1/downloads": "401 403 201 201 201 403 201 403 403 403 403 403",
    "GET /api/v1/downloads/stats": "401 200 200 200 200 200 403 200 200 403 403 403",
    "POST /api/v1/downloads/bulk": "401 403 200 404 200 403 403 403 200 403 403 403",
    "GET /api/v1/downloads/{download_id}": "401 200 200 404 200 200 403 200 200 403 403 403",
    "DELETE /api/v1/downloads/{download_id}": "401 403 200 404 200 403 403 403 200 403 403 403",
    "GET /api/v1/queue": "401 200 200 200 200 200 403 200 200 403 403 403",
    "POST /api/v1/queue": "401 403 201 201 201 403 201 403 403 403 403 403",
    "GET /api/v1/queue/stats": "401 200 200 200 200 200 403 200 200 403 403 403",
    "POST /api/v1/queue/clear": "401 403 200 200 200 403 403 200 403 403 403 403",
    "POST /api/v1/queue/bulk": "401 403 200 404 200 403 403 200 403 403 403 403",
    "GET /api/v1/queue/{job_id}": "401 200 200 404 200 200 403 200 200 403 403 403",
    "PATCH /api/v1/queue/{job_id}": "401 403 200 404 200 403 403 200 403 403 403 403",
    "DELETE /api/v1/queue/{job_id}": "401 403 204 404 204 403 403 204 403 403 403 403",
    "POST /api/v1/queue/{job_id}/retry": "401 403 200 404 200 403 403 200 403 403 403 403",
    "GET /api/v1/queue/{job_id}/items": "401 200 200 404 200 200 403 200 200 403 403 403",
    "GET /api/v1/scheduler/jobs": "401 403 200 200 200 403 403 403 403 200 403 403",
    "POST /api/v1/scheduler/jobs": "401 403 201 201 201 403 403 403 403 201 403 403",
    "GET /api/v1/scheduler/jobs/{schedule_id}": "401 403 200 404 200 403 403 403 403 200 403 403",
    "PATCH /api/v1/scheduler/jobs/{schedule_id}": "401 403 200 404 200 403 403 403 403 200 403 403",
    "DELETE /api/v1/scheduler/jobs/{schedule_id}": "401 403 204 404 204 403 403 403 403 204 403 403",
    "POST /api/v1/scheduler/jobs/{schedule_id}/run": "401 403 202 404 202 403 403 403 403 202 403 403",
    "GET /api/v1/scheduler/jobs/{schedule_id}/history": "401 403 200 404 200 403 403 403 403 200 403 403",
    "GET /api/v1/platforms": "401 200 200 200 200 200 200 200 200 200 200 200",
    "GET /api/v1/platforms/{name}": "401 200 200 200 200 200 200 200 200 200 200 200",
    "POST /api/v1/platforms/{name}/test": "401 403 403 403 422 403 403 403 403 403 422 403",
    "POST /api/v1/platforms/{name}/download": "401 403 201 201 201 403 201 403 403 403 403 403",
    "POST /api/v1/platforms/instagram/posts": "401 403 201 201 201 403 201 403 403 403 403 403",
    "POST /api/v1/platforms/instagram/stories": "401 403 201 201 201 403 201 403 403 403 403 403",
    "POST /api/v1/platforms/tiktok/user": "401 403 201 201 201 403 201 403 403 403 403 403",
    "POST /api/v1/platforms/forum/thread": "401 403 201 201 201 403 201 403 403 403 403 403",
    "GET /api/v1/settings": "401 403 403 403 200 403 403 403 403 403 200 403",
    "PATCH /api/v1/settings": "401 403 403 403 200 403 403 403 403 403 200 403",
    "GET /api/v1/settings/platforms": "401 403 403 403 200 403 403 403 403 403 200 403",
    "GET /api/v1/settings/{key}": "401 403 403 403 200 403 403 403 403 403 200 403",
    "GET /api/v1/logs": "401 403 403 403 200 403 403 403 403 403 403 200",
    "GET /api/v1/logs/download": "401 403 403 403 200 403 403 403 403 403 403 200",
    "DELETE /api/v1/logs": "401 403 403 403 200 403 403 403 403 403 403 200",
    "GET /api/v1/stats/overview": "401 200 200 200 200 200 403 200 200 403 403 403",
    "GET /api/v1/stats/timeline": "401 200 200 200 200 200 403 200 200 403 403 403",
    "GET /api/v1/stats/platforms": "401 200 200 200 200 200 403 200 200 403 403 403",
    "GET /api/v1/stats/sources": "401 200 200 200 200 200 403 200 200 403 403 403",
    "GET /api/v1/stats/storage": "401 200 200 200 200 200 403 200 200 403 403 403",
    "GET /api/v1/export": "401 403 200 200 200 403 403 403 200 403 403 403",
    "GET /health": "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /metrics": "401 200 200 200 200 200 200 200 200 200 200 200",
    "GET /api/v1/openapi.json": "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /api/docs": "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /api/docs/style.css": "200 200 200 200 200 200 200 200 200 200 200 200",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One server for all rows: each asks about something fresh."""
    with staged(Home(tmp_path_factory.mktemp("rights") / "home").create()) as made:
        yield made


def test_the_table_has_every_route() -> None:
    routes = {
        f"{method} {route.path.replace(':int}', '}')}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }

    assert routes == set(TABLE) == set(ASKED)


def test_the_table_has_every_scope() -> None:
    assert {scope for _, *scopes in filter(None, CALLERS.values()) for scope in scopes} == set(SCOPES)


@pytest.mark.parametrize("key", TABLE)
def test_everybody_gets_what_the_table_says(stage: Stage, key: str) -> None:
    wanted = dict(zip(CALLERS, TABLE[key].split(), strict=True))

    got = {who: str(answer(stage, key, who)) for who in CALLERS}

    assert {who: code for who, code in got.items() if code not in wanted[who].split("|")} == {}, wanted
