"""Puts the API together: routes, failures, description; and its life inside the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import anyio.to_thread
from aiohttp import web
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from mediadl import __version__
from mediadl.service import Services
from mediadl.settings.web import Web
from mediadl.web.api import description, problems
from mediadl.web.api.bridge import Bridge
from mediadl.web.api.callers import Access
from mediadl.web.api.context import Api
from mediadl.web.api.hub import Hub
from mediadl.web.api.limits import Rates
from mediadl.web.api.log_feed import LogFeed
from mediadl.web.api.measures import Measures, now_s
from mediadl.web.api.routes import (
    auth,
    docs,
    downloads,
    export,
    health,
    logs,
    platforms,
    queue,
    scheduler,
    settings,
    sockets,
    stats,
)

THREADS = 16
"""For all requests together: each has a connection to the database, and the database has one writer."""

ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    downloads.router,
    queue.router,
    scheduler.router,
    platforms.router,
    settings.router,
    logs.router,
    stats.router,
    export.router,
    health.router,
    docs.router,
    sockets.router,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def build(api: Api) -> FastAPI:
    """The ASGI application."""
    app = FastAPI(
        title="mediadl",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.api = api
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app, methods)
    description.install(app)
    return app


def mount(app: web.Application, services: Services, _settings: Web, rates: Rates | None = None) -> None:
    """See `mediadl.web.api.mount`."""
    access = Access(services, rates or Rates())
    hub = Hub(services, access.still_valid)
    api = Api(services, access, hub, LogFeed(services), Measures(services, hub))
    asgi = build(api)
    app.router.register_resource(Bridge(_measured(asgi, api.measures), is_served))

    async def while_running(_app: web.Application) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield

    async def send_away(_app: web.Application) -> None:
        # Before connections are waited for: listeners would never leave by themselves
        await asyncio.gather(asyncio.to_thread(api.hub.stop), asyncio.to_thread(api.log_feed.stop))

    app.cleanup_ctx.append(while_running)
    app.on_shutdown.append(send_away)


def methods(path: str) -> set[str]:
    """The methods that a path has, of all routes it leads to."""
    return {
        method
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path_regex.match(path)
        for method in route.methods or ()
    }


def is_served(path: str) -> bool:
    """Whether a path is the API's."""
    return path.startswith("/api/") or path in {"/health", "/metrics"}


def _measured(asgi: FastAPI, measures: Measures) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Count requests, and how long their answers let wait."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await asgi(scope, receive, send)
            return
        began = now_s()

        async def told(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                method = scope["method"] if route != "none" else ""
                measures.count(route, method, message["status"], now_s() - began)
            await send(message)

        await asgi(scope, receive, told)

    return app
