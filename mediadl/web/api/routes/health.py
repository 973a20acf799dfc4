"""`/health` and `/metrics`: for whatever looks after the server."""

from __future__ import annotations

import ipaddress
from typing import Any

from fastapi import APIRouter, Request, Response

from mediadl.errors import MediadlError
from mediadl.security.permissions import Caller, Right
from mediadl.service import Services
from mediadl.web.api import answers
from mediadl.web.api.context import Api, api_of
from mediadl.web.api.problems import Refused
from mediadl.web.cookies import ASKED

router = APIRouter(tags=["health"])

_HANGS_S = 15.0
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/health", responses={503: {"model": answers.Health}}, response_model_exclude_none=True,
            openapi_extra={"security": [{}, {"bearer": []}, {"login": []}]})  # fmt: skip
def health(request: Request, response: Response) -> answers.Health:
    """Whether everything does; the details are for whoever is signed in."""
    api = api_of(request)
    shown = api.access.hold_back(request)
    caller = api.access.known(shown)
    found = _look(api.services)
    if found.status != "ok":
        response.status_code = 503
    if caller is None or not caller.may(Right.LOOK):
        return answers.Health(status=found.status)
    return found


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    openapi_extra={"security": [{}, {"bearer": []}, {"login": []}]},
)
def metrics(request: Request) -> Response:
    """Figures for Prometheus: for this machine itself, or with a token of the scope `read`."""
    api = api_of(request)
    shown = api.access.hold_back(request)
    if not _is_this_machine(request):
        _admit(api, request).require(Right.LOOK, "see the figures")
    elif shown.bearer and api.access.known(shown) is None:
        raise Refused(401, "not-signed-in", "Not signed in", "that token is not good")
    return Response(api.measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _admit(api: Api, request: Request) -> Caller:
    return api.access.admit(request)


def _is_this_machine(request: Request) -> bool:
    """Whether nobody stands between: behind a proxy, everybody seems to be here."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.scope["aiohttp.request"][ASKED].address).is_loopback
    except ValueError:
        return False


def _look(services: Services) -> answers.Health:
    try:
        counts = services.queue.counts()
        database: dict[str, Any] = {"ok": True, "jobs": counts.total}
    except MediadlError as error:
        return answers.Health(status="trouble", database={"ok": False, "why": error.message})
    daemon = services.daemon.status()
    hangs = daemon.heartbeat_age_s is not None and daemon.heartbeat_age_s > _HANGS_S
    space = services.stats.space()
    reserve = services.settings.values().downloads.min_free_bytes
    full = space is not None and space.free_bytes < reserve
    return answers.Health(
        status="trouble" if hangs or full else "ok",
        database=database,
        daemon={
            "ok": not hangs,
            "running": daemon.running,
            "jobs_active": daemon.jobs_active,
            "heartbeat_age_s": daemon.heartbeat_age_s,
        },
        disk={
            "ok": not full,
            "free": space.free_bytes if space else None,
            "total": space.total_bytes if space else None,
            "reserve": reserve,
        },
        engines=[
            {"name": one.name, "version": one.version, "source": one.source, "old": one.is_old}
            for one in services.engines.list()
        ],
    )
