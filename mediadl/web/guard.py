"""What every request passes: is it for us, is it from our own pages, who asks; and the headers of every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from mediadl import logs
from mediadl.security.permissions import Caller
from mediadl.service import Services
from mediadl.web import cookies
from mediadl.web.cookies import ASKED
from mediadl.web.reach import Reach, same_origin

log = logs.get_logger("web")

CALLER = web.RequestKey("caller", Caller)
"""Who is signed in; missing: nobody."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HARMLESS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})

_OPEN_TO_ALL = frozenset({"/login", "/first", "/health", "/favicon.ico", "/manifest.webmanifest", "/metrics"})
_OPEN_FOLDERS = ("/static/", "/api/v1/", "/api/ws/", "/api/docs")
"""What needs no login here; the API asks for its own."""

_FOR_PEOPLE = frozenset({"/", "/account", "/add"})
"""Pages that are asked for one at a time."""

_REFUSING = ("/ws", "/media/", "/download/", "/thumbnail/", "/api/")
"""What is fetched by a page, not by a person: the answer without a login is a status, not another page."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing written into the page."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With `no-referrer` a browser says `Origin: null` when a form is sent
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
_YEAR_S = 31_536_000


def install(app: web.Application, services: Services, reach: Reach) -> None:
    """Guard an application."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = reach.asked(_peer(request), request.headers.get(hdrs.HOST, ""), request.headers)
        request[ASKED] = asked
        # What stands behind, and the API too, sees the client and not the proxy
        request = request.clone(remote=asked.address, scheme=asked.scheme)
        if not reach.answers_to(asked.host):
            raise web.HTTPMisdirectedRequest(text="There is no such server here.")
        _refuse_foreign(request)
        if _is_open(request.path):
            return await handler(request)
        caller = await caller_of(services, request)
        if caller is None:
            return _to_login(request)
        request[CALLER] = caller
        response = await handler(request)
        if request.path in _FOR_PEOPLE and request.method == hdrs.METH_GET and not response.prepared:
            await _renew(services, request, response)
        return response

    app.middlewares.append(guard)
    app.on_response_prepare.append(_put_headers)


async def _renew(services: Services, request: web.Request, response: web.StreamResponse) -> None:
    """Give the browser a new secret now and then: one that was stolen is found out when both are used."""
    secret, address = cookies.login_of(request), request[ASKED].address
    renewed = await asyncio.to_thread(services.logins.renew, secret, address=address)
    if renewed is not None:
        cookies.keep_login(response, request, renewed.secret, renewed.expires_at)


async def caller_of(services: Services, request: web.Request) -> Caller | None:
    """Who the browser's cookie says is asking; None: nobody who is signed in."""
    secret = cookies.login_of(request)
    if not secret:
        return None
    return await asyncio.to_thread(services.logins.caller_of, secret, address=request[ASKED].address)


def require_caller(request: web.Request) -> Caller:
    """Who is signed in.

    Raises:
        HTTPUnauthorized: nobody.
    """
    if CALLER not in request:
        raise web.HTTPUnauthorized(text="Sign in first.")
    return request[CALLER]


def _peer(request: web.Request) -> str:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _refuse_foreign(request: web.Request) -> None:
    """Refuse what another site's page sent, and an upgrade of which it cannot be told."""
    origin = request.headers.get(hdrs.ORIGIN)
    upgrading = hdrs.UPGRADE in request.headers
    if not upgrading and request.method in _HARMLESS:
        return
    if origin is not None:
        if not same_origin(origin, request[ASKED]):
            log.warning("refused what a page of another site sent to %s", request.path)
            raise web.HTTPForbidden(text="This came from a page of another site.")
    elif request.path == "/ws" or (upgrading and cookies.login_of(request)):
        raise web.HTTPForbidden(text="It cannot be told which page this came from.")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise web.HTTPForbidden(text="This came from a page of another site.")


def _is_open(path: str) -> bool:
    return path in _OPEN_TO_ALL or path.startswith(_OPEN_FOLDERS)


def _to_login(request: web.Request) -> web.Response:
    """The way to the login page, and back to what was asked for."""
    if request.method not in _HARMLESS or request.path.startswith(_REFUSING):
        raise web.HTTPUnauthorized(text="Sign in first.")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # A link on another site led here, and the browser keeps our cookie to itself: ask again from our own page
        return web.Response(
            text='<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>mediadl</title>',
            content_type="text/html",
        )
    back = request.path_qs if request.path_qs != "/" else ""
    where = request.app.router["login"].url_for()
    raise web.HTTPFound(where.with_query(next=back) if back else where)


async def _put_headers(request: web.Request, response: web.StreamResponse) -> None:
    # Here and not after the handler: it covers answers that were raised, and upgrades
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if ASKED in request and request[ASKED].secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_S}")
    response.headers[hdrs.SERVER] = "mediadl"
