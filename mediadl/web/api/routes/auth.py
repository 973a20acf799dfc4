"""`/api/v1/auth`: logins of programs. An access token lives a quarter of an hour, its refresh token gives the next."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from mediadl.errors import LoginRefused
from mediadl.service import records
from mediadl.service.logins import SignedIn
from mediadl.service.tokens import SESSION
from mediadl.web.api import answers, bodies
from mediadl.web.api.callers import ACCESS_S
from mediadl.web.api.context import Asks, api_of
from mediadl.web.api.problems import Refused

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])

OPEN: dict[str, Any] = {"security": []}


@router.post("/login", openapi_extra=OPEN)
def login(request: Request, response: Response, body: bodies.Login) -> answers.Tokens:
    """Sign in with name and password, and the code of the second factor where there is one."""
    api = api_of(request)
    address = api.access.hold_back(request).address
    agent = request.headers.get("user-agent", "")
    try:
        made = api.services.logins.sign_in(body.name, body.password, body.code, address=address, agent=agent)
    except LoginRefused as error:
        if not error.needs_code:
            raise
        raise Refused(
            401, "code-needed", "Code needed", error.message, next_step="Send it as `code`."
        ) from error
    return _tokens(request, response, made)


@router.post("/refresh", openapi_extra=OPEN)
def refresh(request: Request, response: Response, body: bodies.Refresh) -> answers.Tokens:
    """Change a refresh token for the next pair. One that comes back after it was used ends the login."""
    api = api_of(request)
    address = api.access.hold_back(request).address
    made = api.services.logins.renew(body.refresh_token, address=address, force=True)
    if made is None:
        api.access.count_failure(address)
        raise Refused(
            401, "login-ended", "Login ended", "that refresh token is not good", next_step="Sign in again."
        )
    return _tokens(request, response, made)


@router.post("/logout", status_code=204)
def logout(asks: Asks) -> Response:
    """End the login that asks; its tokens are worth nothing from now on."""
    if asks.caller.session_id.startswith(SESSION):
        raise Refused(
            409,
            "not-a-login",
            "Not a login",
            "an API token is no login",
            next_step="Take it back: mediadl token revoke.",
        )
    asks.services.logins.sign_out(asks.caller.session_id)
    return Response(status_code=204)


@router.get("/me")
def me(asks: Asks) -> answers.Me:
    """Who asks, and what they may."""
    caller = asks.caller
    return answers.Me(
        user_id=caller.user_id,
        name=caller.name,
        role=caller.role.value,
        rights=sorted(right.value for right in caller.rights),
        via=caller.via,
    )


def _tokens(request: Request, response: Response, made: SignedIn) -> answers.Tokens:
    response.headers["Cache-Control"] = "no-store"
    return answers.Tokens(
        access_token=api_of(request).access.access_tokens.make(made.caller.session_id),
        expires_in=ACCESS_S,
        refresh_token=made.secret,
        refresh_expires_at=records.iso(made.expires_at),
    )
