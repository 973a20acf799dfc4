"""Tickets that a terminal's child process is started with: signed, short-lived, good for one start.

A ticket only names a login. What its owner may do is read again where the ticket is used, so that a login that was
revoked a second ago opens nothing.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import time
from pathlib import Path

from mediadl.paths import Home

LIFE_S = 20.0
"""How long a child may take to show its ticket."""

_KEY_BYTES = 32
_MOST_BYTES = 2048
_NONCE = re.compile(r"[0-9a-f]{32}")


class TicketRefused(Exception):
    """The ticket opens nothing; says why."""


class TicketOffice:
    """Issues tickets. One per server; a new one makes every older ticket worthless."""

    def __init__(self, home: Home) -> None:
        self._folder = _folder(home)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self._folder.iterdir():
            left.unlink(missing_ok=True)
        self._key = secrets.token_bytes(_KEY_BYTES)
        _write_private(self._folder / "key", self._key)

    def issue(self, session_id: str, *, now: float | None = None) -> str:
        """A ticket for the login of this id; one line of ASCII."""
        nonce = secrets.token_hex(16)
        expires_at = (time.time() if now is None else now) + LIFE_S
        body = json.dumps({"session": session_id, "expires_at": expires_at, "nonce": nonce}).encode()
        _write_private(self._folder / nonce, b"")
        return f"{_text(body)}.{_text(_signature(self._key, body))}"

    def forget(self, ticket: str) -> None:
        """Make a ticket worthless that nobody showed."""
        with contextlib.suppress(TicketRefused, OSError):
            self._folder.joinpath(_nonce(_body(ticket)[1])).unlink(missing_ok=True)

    def close(self) -> None:
        """Make every ticket worthless."""
        for left in self._folder.iterdir():
            left.unlink(missing_ok=True)


def redeem(home: Home, ticket: str, *, now: float | None = None) -> str:
    """The id of the login that a ticket names; the ticket is used up.

    Raises:
        TicketRefused: it is forged, too old, or was used before.
    """
    signature, body = _body(ticket)
    try:
        key = (_folder(home) / "key").read_bytes()
    except OSError:
        raise TicketRefused("no server issues tickets here") from None
    if len(key) != _KEY_BYTES or not hmac.compare_digest(_signature(key, body), signature):
        raise TicketRefused("not signed by this server")
    try:
        told = json.loads(body)
        session_id, expires_at = str(told["session"]), float(told["expires_at"])
    except (ValueError, TypeError, KeyError):
        raise TicketRefused("not readable") from None
    if (time.time() if now is None else now) > expires_at:
        raise TicketRefused("too old")
    try:
        _folder(home).joinpath(_nonce(body)).unlink()
    except OSError:
        raise TicketRefused("used before") from None
    return session_id


def _folder(home: Home) -> Path:
    return home.run / "tickets"


def _body(ticket: str) -> tuple[bytes, bytes]:
    if len(ticket) > _MOST_BYTES:
        raise TicketRefused("not a ticket")
    body, _, signature = ticket.partition(".")
    try:
        return base64.urlsafe_b64decode(signature), base64.urlsafe_b64decode(body)
    except (binascii.Error, ValueError):
        raise TicketRefused("not a ticket") from None


def _nonce(body: bytes) -> str:
    try:
        nonce = str(json.loads(body)["nonce"])
    except (ValueError, TypeError, KeyError):
        raise TicketRefused("not readable") from None
    if not _NONCE.fullmatch(nonce):
        raise TicketRefused("not readable")
    return nonce


def _signature(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii")


def _write_private(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as stream:
        stream.write(content)
