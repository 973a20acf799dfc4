"""The API: REST and event sockets inside the browser view's server, with its guard, logins and port."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

    from mediadl.service import Services
    from mediadl.settings.web import Web
    from mediadl.web.api.limits import Rates


def mount(app: web.Application, services: Services, settings: Web, rates: Rates | None = None) -> None:
    """Serve the API in an application that `mediadl.web.guard` guards; it stops with it.

    Args:
        app: gets the routes below `/api`, `/health` and `/metrics`.
        services: of the machine's owner; every request acts in the name of its caller.
        settings: how the server is reached.
        rates: how often callers may ask; none: as usual.
    """
    from mediadl.web.api import server

    server.mount(app, services, settings, rates)
