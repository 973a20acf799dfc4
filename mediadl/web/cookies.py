"""The two cookies: the login's secret, and the word that a form must repeat."""

from __future__ import annotations

import hmac
import secrets
import time

from aiohttp import web

from mediadl.web.reach import Asked

ASKED = web.RequestKey("asked", Asked)
"""The request as its client meant it; set by the guard."""

_FORM_BYTES = 24
_LOGIN = "mediadl"
_FORM = "mediadl-form"

FORM_FIELD = "form_word"
"""Name of the hidden field in every form."""


def login_of(request: web.Request) -> str:
    """The login's secret that the browser shows; empty: none."""
    return request.cookies.get(_name(_LOGIN, request[ASKED]), "")[:512]


def keep_login(response: web.StreamResponse, request: web.Request, secret: str, expires_at: float) -> None:
    """Let the browser show the secret from now on."""
    _set(response, request, _LOGIN, secret, max(1, int(expires_at - time.time())))


def drop_login(response: web.StreamResponse, request: web.Request) -> None:
    """Let the browser forget the secret."""
    _set(response, request, _LOGIN, "", 0)


def form_word(request: web.Request) -> str:
    """The word that forms of this browser carry; a new one when it has none."""
    return request.cookies.get(_name(_FORM, request[ASKED]), "")[:64] or secrets.token_urlsafe(_FORM_BYTES)


def keep_form_word(response: web.StreamResponse, request: web.Request, word: str) -> None:
    """Let the browser show the word with its forms."""
    _set(response, request, _FORM, word, None)


def is_own_form(request: web.Request, word: str) -> bool:
    """Whether a form that was sent is one that we gave this browser."""
    kept = request.cookies.get(_name(_FORM, request[ASKED]), "")
    return bool(kept) and hmac.compare_digest(kept.encode(), word.encode("utf-8", "replace"))


def _name(name: str, asked: Asked) -> str:
    """The name as it is sent.

    Under TLS the prefix lets the browser refuse it from any other host or path. Without, another server on this host
    would overwrite a cookie of the same name: ports do not count, so the port is part of the name.
    """
    if asked.secure:
        return f"__Host-{name}"
    port = asked.host.rpartition(":")[2]
    return f"{name}-{port if port.isdecimal() else 80}"


def _set(
    response: web.StreamResponse, request: web.Request, name: str, value: str, life_s: int | None
) -> None:
    asked = request[ASKED]
    response.set_cookie(
        _name(name, asked),
        value,
        max_age=life_s,
        path="/",
        secure=asked.secure,
        httponly=True,
        samesite="Strict",
    )
