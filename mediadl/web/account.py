"""The account page: where one is signed in, password, second factor, keys for programs, the bookmark."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import segno
from aiohttp import web
from markupsafe import Markup

from mediadl.errors import MediadlError
from mediadl.security.permissions import SCOPES
from mediadl.service import Services
from mediadl.web import cookies
from mediadl.web.guard import require_caller
from mediadl.web.quick_add import bookmarklet
from mediadl.web.rendering import own_form, page, sentence

if TYPE_CHECKING:
    from mediadl.service.users import Offer
    from mediadl.web.terminals import Terminals

T = TypeVar("T")

_DAY_S = 86_400
LIVES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year", "": "without end"}
"""How long a new key lives, in days."""


class Account:
    """Handlers, on the server's loop."""

    def __init__(self, services: Services, terminals: Terminals) -> None:
        self._services = services
        self._terminals = terminals

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        return [
            web.get("/account", self.show, name="account"),
            web.post("/account/password", self.change_password),
            web.post("/account/sessions", self.revoke_session),
            web.post("/account/2fa", self.offer_second_factor),
            web.post("/account/2fa/confirm", self.confirm_second_factor),
            web.post("/account/2fa/drop", self.drop_second_factor),
            web.post("/account/tokens", self.make_token),
            web.post("/account/tokens/revoke", self.revoke_token),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        return await self._page(request)

    async def change_password(self, request: web.Request) -> web.Response:
        """Take a new password."""
        fields = await own_form(request)
        if fields.get("new", "") != fields.get("again", ""):
            return await self._page(request, 400, bad="The two new passwords differ.")
        return await self._do(
            request,
            lambda mine: mine.users.change_own_password(fields.get("password", ""), fields.get("new", "")),
            lambda _: {"good": "The password was changed. Everywhere else you were signed out."},
        )

    async def revoke_session(self, request: web.Request) -> web.Response:
        """End one of the account's logins."""
        session_id = (await own_form(request)).get("session", "")[:64]
        answer = await self._do(
            request, lambda mine: mine.logins.revoke(session_id), lambda _: {"good": "That login was ended."}
        )
        await self._terminals.close_login(session_id) if answer.status == 200 else None
        return answer

    async def offer_second_factor(self, request: web.Request) -> web.Response:
        """Show the seed of an app."""
        password = (await own_form(request)).get("password", "")
        return await self._do(request, lambda mine: mine.users.offer_own_totp(password), _offered)

    async def confirm_second_factor(self, request: web.Request) -> web.Response:
        """Put it into force."""
        code = (await own_form(request)).get("code", "")
        return await self._do(
            request,
            lambda mine: mine.users.confirm_own_totp(code),
            lambda codes: {"good": "From now on a code is asked for as well.", "recovery": codes},
        )

    async def drop_second_factor(self, request: web.Request) -> web.Response:
        """Do without."""
        password = (await own_form(request)).get("password", "")
        return await self._do(
            request,
            lambda mine: mine.users.drop_own_totp(password),
            lambda _: {"good": "From now on the password alone is enough."},
        )

    async def make_token(self, request: web.Request) -> web.Response:
        """Make a key."""
        fields = await own_form(request)
        days = fields.get("days", "")
        expires_at = time.time() + int(days) * _DAY_S if days in LIVES and days else None
        scopes = [scope for scope in SCOPES if f"scope-{scope}" in fields]
        return await self._do(
            request,
            lambda mine: mine.tokens.create(fields.get("name", ""), scopes, expires_at),
            lambda made: {"good": f"The key {made[1].name} was made.", "secret": made[0]},
        )

    async def revoke_token(self, request: web.Request) -> web.Response:
        """Take a key back."""
        word = (await own_form(request)).get("token", "")
        token_id = int(word) if word.isdecimal() and len(word) < 18 else 0
        return await self._do(
            request,
            lambda mine: mine.tokens.revoke(token_id),
            lambda gone: {"good": f"The key {gone.name} is gone."},
        )

    async def _do(
        self, request: web.Request, act: Callable[[Services], T], told: Callable[[T], dict[str, Any]]
    ) -> web.Response:
        """Do something as the caller, and show the page with what came of it."""
        mine = self._services.acting_as(require_caller(request))
        try:
            done = await asyncio.to_thread(act, mine)
        except MediadlError as error:
            return await self._page(request, 400, bad=sentence(error))
        return await self._page(request, **told(done))

    async def _page(self, request: web.Request, status: int = 200, **facts: Any) -> web.Response:
        caller = require_caller(request)
        mine = self._services.acting_as(caller)

        def read() -> dict[str, Any]:
            tokens = [token for token in mine.tokens.list() if token.user_id == caller.user_id]
            return {"me": mine.users.me(), "sessions": mine.logins.sessions(), "tokens": tokens}

        known = await asyncio.to_thread(read)
        usual = {
            "offer": None,
            "qr": "",
            "recovery": (),
            "secret": "",
            "scopes": SCOPES,
            "lives": LIVES,
            "bookmarklet": bookmarklet(request[cookies.ASKED].origin),
        }
        return page(request, "account.html", status, **(usual | known | facts))


def _offered(offer: Offer) -> dict[str, Any]:
    drawn = segno.make(offer.uri, error="m").svg_inline(scale=4, border=4, light="#fff", dark="#000")
    # Made here of what was made here
    return {"offer": offer, "qr": Markup(drawn)}  # noqa: S704
