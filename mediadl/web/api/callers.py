"""Who asks: a token, an access token of a login, or the browser's login with the proof that our own page sent it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jwt
from aiohttp import web
from starlette.requests import HTTPConnection

from mediadl.security.permissions import Caller
from mediadl.service.tokens import SESSION
from mediadl.web import cookies
from mediadl.web.api.limits import Buckets, Rates
from mediadl.web.api.problems import Refused
from mediadl.web.cookies import ASKED
from mediadl.web.reach import same_origin

if TYPE_CHECKING:
    from mediadl.service import Services

ACCESS_S = 900
"""How long an access token is good."""

WRITE_HEADER = "x-mediadl"
"""Any value: no page of another site can send it without being asked first, and we answer no such question."""

_TOKEN = "mdl_"
_AUDIENCE = "mediadl-api"
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_CHARS = 2048


class AccessTokens:
    """Makes and reads access tokens. Their key lives as long as the server: after a start, logins refresh."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock

    def make(self, session_id: str) -> str:
        """An access token of a login."""
        now = int(self._clock())
        claims = {"aud": _AUDIENCE, "sid": session_id, "iat": now, "exp": now + ACCESS_S}
        return jwt.encode(claims, self._key, "HS256")

    def session_of(self, token: str) -> str:
        """The login an access token is of; empty: forged, run out or no token at all."""
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self._key,
                ["HS256"],
                audience=_AUDIENCE,
                options={"require": ["exp", "sid", "aud"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return ""
        expires_at, session_id = claims["exp"], claims["sid"]
        good = isinstance(expires_at, int) and expires_at > self._clock() and isinstance(session_id, str)
        return session_id if good else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request brought to say who asks."""

    bearer: str
    cookie: str
    address: str


class Access:
    """Lets requests in, or not. `admit` blocks: call it in a thread."""

    def __init__(self, services: Services, rates: Rates, clock: Callable[[], float] = time.monotonic) -> None:
        """`services` are those of the machine's owner."""
        self._services = services
        self.rates = rates
        self.access_tokens = AccessTokens()
        self._by_caller = Buckets(rates.caller, clock)
        self._by_address = Buckets(rates.address, clock)
        self._failures = Buckets(rates.failures, clock)

    def admit(self, request: HTTPConnection) -> Caller:
        """The caller of a request, if it may be looked at now.

        Raises:
            Refused: too many requests, nobody who is known, or a page of another site.
        """
        shown = self.hold_back(request)
        if not shown.bearer and shown.cookie:
            _refuse_foreign_page(request)
        caller = self.known(shown)
        if caller is None:
            self.count_failure(shown.address)
            raise Refused(
                401,
                "not-signed-in",
                "Not signed in",
                "that login or token is not good" if shown.bearer or shown.cookie else "nobody is signed in",
                next_step="Send Authorization: Bearer TOKEN; see mediadl token create.",
            )
        self._refuse_many(self._by_caller.take(caller.session_id))
        return caller

    def hold_back(self, request: HTTPConnection) -> Shown:
        """Count a request; returns what it brought.

        Raises:
            Refused: too many from its address, or too many bad logins.
        """
        shown = _shown(request)
        self._refuse_many(self._by_address.take(shown.address))
        self._refuse_many(self._failures.wait_s(shown.address))
        return shown

    def count_failure(self, address: str) -> None:
        """Note that an address brought something that is not good."""
        self._failures.take(address)

    def known(self, shown: Shown) -> Caller | None:
        """Whom it stands for; None: nobody."""
        if shown.bearer.startswith(_TOKEN):
            return self._services.tokens.caller_of(shown.bearer, address=shown.address)
        if shown.bearer:
            session_id = self.access_tokens.session_of(shown.bearer)
            found = self._services.logins.still_valid(session_id) if session_id else None
        else:
            found = (
                self._services.logins.caller_of(shown.cookie, address=shown.address) if shown.cookie else None
            )
        return None if found is None else replace(found, via="api", address=shown.address)

    def still_valid(self, caller: Caller) -> Caller | None:
        """What a caller may as things stand now; None once the login or token ended."""
        if caller.session_id.startswith(SESSION):
            found = self._services.tokens.still_valid(caller.session_id)
        else:
            found = self._services.logins.still_valid(caller.session_id)
        return None if found is None else replace(found, via="api", address=caller.address)

    @staticmethod
    def _refuse_many(wait_s: float) -> None:
        if wait_s > 0:
            raise Refused(
                429,
                "too-many-requests",
                "Too many requests",
                "more requests than are answered",
                next_step="Wait as long as Retry-After says.",
                retry_after_s=wait_s,
            )


def _shown(request: HTTPConnection) -> Shown:
    word, _, secret = request.headers.get("authorization", "").partition(" ")
    bearer = secret.strip()[:_MOST_CHARS] if word.lower() == "bearer" else ""
    plain = _aiohttp(request)
    return Shown(bearer, cookies.login_of(plain), plain[ASKED].address)


def _refuse_foreign_page(request: HTTPConnection) -> None:
    """A browser sends the cookie with whatever any page asks for: a change, or a socket, must show that it is ours."""
    socket = request.scope["type"] == "websocket"
    if not socket and request.scope["method"] in _HARMLESS:
        return
    asked = _aiohttp(request)[ASKED]
    origin = request.headers.get("origin", "")
    if not same_origin(origin, asked) or (not socket and WRITE_HEADER not in request.headers):
        raise Refused(
            403,
            "foreign-page",
            "From another site",
            "a change with the browser's login needs the Origin of this server and the header X-Mediadl",
            next_step="Programs send Authorization: Bearer TOKEN instead.",
        )


def _aiohttp(request: HTTPConnection) -> web.Request:
    found: web.Request = request.scope["aiohttp.request"]
    return found
