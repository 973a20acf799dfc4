"""The first pages: signing in, the first administrator, signing out, the terminal's own."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING

from aiohttp import web

from mediadl.errors import LoginRefused, MediadlError
from mediadl.service import Services
from mediadl.web import cookies
from mediadl.web.guard import caller_of, require_caller
from mediadl.web.links import own_page
from mediadl.web.rendering import FOLDER, TERMINAL_POLICY, own_form, page, sentence
from mediadl.web.second_step import SecondStep

if TYPE_CHECKING:
    from mediadl.service.logins import SignedIn
    from mediadl.web.terminals import Terminals

_AT_ONCE = 2
"""Passwords that are looked at side by side: each takes much memory, on purpose."""


class Pages:
    """Handlers, on the server's loop."""

    def __init__(self, services: Services, terminals: Terminals) -> None:
        self._services = services
        self._terminals = terminals
        self._second_step = SecondStep()
        self._looking_at_passwords = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        return [
            web.get("/", self.terminal, name="terminal"),
            web.get("/login", self.login, name="login"),
            web.post("/login", self.sign_in),
            web.get("/first", self.first, name="first"),
            web.post("/first", self.make_first),
            web.post("/logout", self.sign_out, name="logout"),
            web.get("/api/me", self.me),
            web.get("/manifest.webmanifest", self.manifest),
            web.get("/favicon.ico", self.icon),
        ]

    async def terminal(self, request: web.Request) -> web.Response:
        """The terminal's page."""
        response = page(request, "terminal.html")
        response.headers["Content-Security-Policy"] = TERMINAL_POLICY
        return response

    async def me(self, request: web.Request) -> web.Response:
        """Who is signed in; a page whose socket was refused asks why."""
        caller = require_caller(request)
        return web.json_response({"name": caller.name, "role": caller.role.value})

    async def manifest(self, request: web.Request) -> web.Response:
        """What a phone needs to know to keep the page like a program, and to share addresses with it."""
        del request
        icon = {"src": "/static/img/icon.svg", "type": "image/svg+xml", "sizes": "any"}
        told = {
            "name": "mediadl",
            "short_name": "mediadl",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#121212",
            "theme_color": "#121212",
            "icons": [icon],
            "share_target": {
                "action": "/add",
                "method": "GET",
                "params": {"title": "title", "text": "text", "url": "url"},
            },
        }
        return web.Response(text=json.dumps(told), content_type="application/manifest+json")

    async def icon(self, request: web.Request) -> web.FileResponse:
        """The icon, for browsers that ask for it by habit."""
        del request
        return web.FileResponse(FOLDER / "static" / "img" / "icon.svg")

    # In

    async def login(self, request: web.Request) -> web.Response:
        """The form; on the very first run the other one."""
        if await self._is_first_run():
            raise web.HTTPFound("/first")
        if await caller_of(self._services, request) is not None:
            raise web.HTTPFound(own_page(request.query.get("next", "/")))
        return self._login_page(request, next=own_page(request.query.get("next", "/")))

    async def sign_in(self, request: web.Request) -> web.Response:
        """Take the form; or the second one, with a code for the name and password of the first."""
        fields = await own_form(request)
        name, password = self._second_step.open(fields.get("step", "")) or (
            fields.get("name", "").strip(),
            fields.get("password", ""),
        )
        target = own_page(fields.get("next", "/"))
        try:
            signed_in = await self._sign_in(request, name, password, fields.get("code", ""))
        except LoginRefused as refusal:
            step = self._second_step.seal(name, password) if refusal.needs_code else ""
            # The code was not asked for yet: nothing went wrong
            bad = "" if refusal.needs_code and "code" not in fields else sentence(refusal)
            response = self._login_page(request, _status(refusal), bad=bad, name=name, step=step, next=target)
            if refusal.retry_after_s:
                response.headers["Retry-After"] = str(math.ceil(refusal.retry_after_s))
            return response
        return self._welcome(request, signed_in, target)

    async def first(self, request: web.Request) -> web.Response:
        """The form that makes the first administrator."""
        if not await self._is_first_run():
            raise web.HTTPFound("/login")
        return page(request, "first.html", name="")

    async def make_first(self, request: web.Request) -> web.Response:
        """Take it, and sign the new administrator in."""
        fields = await own_form(request)
        name, password = fields.get("name", "").strip(), fields.get("password", "")
        if password != fields.get("again", ""):
            return page(request, "first.html", 400, bad="The two passwords differ.", name=name)
        address = request[cookies.ASKED].address
        try:
            async with self._looking_at_passwords:
                await asyncio.to_thread(
                    self._services.logins.create_first,
                    fields.get("code", ""),
                    name,
                    password,
                    address=address,
                )
            signed_in = await self._sign_in(request, name, password, "")
        except LoginRefused as refusal:
            return page(request, "first.html", _status(refusal), bad=sentence(refusal), name=name)
        except MediadlError as error:
            return page(request, "first.html", 400, bad=sentence(error), name=name)
        return self._welcome(request, signed_in, "/account")

    # Out

    async def sign_out(self, request: web.Request) -> web.Response:
        """End this login and all its terminals."""
        await own_form(request)
        caller = require_caller(request)
        await asyncio.to_thread(self._services.acting_as(caller).logins.sign_out, caller.session_id)
        await self._terminals.close_login(caller.session_id)
        response = web.HTTPFound("/login")
        cookies.drop_login(response, request)
        # Pages that were kept by the browser go too
        response.headers["Clear-Site-Data"] = '"cache"'
        raise response

    async def _is_first_run(self) -> bool:
        return not await asyncio.to_thread(self._services.logins.has_admin)

    async def _sign_in(self, request: web.Request, name: str, password: str, code: str) -> SignedIn:
        async with self._looking_at_passwords:
            return await asyncio.to_thread(
                self._services.logins.sign_in,
                name,
                password,
                code,
                address=request[cookies.ASKED].address,
                agent=request.headers.get("User-Agent", "")[:300],
            )

    @staticmethod
    def _login_page(request: web.Request, status: int = 200, **facts: object) -> web.Response:
        return page(request, "login.html", status, **{"name": "", "step": "", "next": "/", **facts})

    @staticmethod
    def _welcome(request: web.Request, signed_in: SignedIn, target: str) -> web.Response:
        response = web.HTTPFound(target)
        cookies.keep_login(response, request, signed_in.secret, signed_in.expires_at)
        raise response


def _status(refusal: LoginRefused) -> int:
    return 429 if refusal.retry_after_s else 401
