"""Reads cookies.txt files (Netscape format) with suspicion and writes the part that belongs to one site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mediadl.errors import InvalidInput

MAX_FILE_BYTES = 10_000_000
_HTTP_ONLY = "#HttpOnly_"
_HEADER = "# Netscape HTTP Cookie File"
_FIELDS = 7
_MILLISECONDS_FROM = 100_000_000_000
_LOGIN = re.compile(r"sess|auth|login|token|^c?sid$|^(s|l)sid$|sapisid|user|remember", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HOW = "Export it in the Netscape format with a browser extension such as 'Get cookies.txt LOCALLY'."


@dataclass(frozen=True, slots=True)
class Cookie:
    """One line of the file."""

    domain: str
    """As in the file, with its leading dot."""
    subdomains: bool
    path: str
    secure: bool
    expires_at: float
    """Epoch seconds; 0: ends with the browser session."""
    name: str
    value: str
    http_only: bool

    def expired(self, now: float) -> bool:
        """Whether it has run out."""
        return 0 < self.expires_at <= now

    @property
    def is_login(self) -> bool:
        """Whether its name says that it carries a login."""
        return bool(_LOGIN.search(self.name))

    def fits(self, hosts: Iterable[str]) -> bool:
        """Whether one of the hosts, or a host below it, is sent this cookie."""
        domain = self.domain.lstrip(".").lower()
        return any(
            domain == host or domain.endswith("." + host) or (host.endswith("." + domain) and "." in domain)
            for host in hosts
        )


def parse(raw: bytes) -> list[Cookie]:
    """All cookies of a file.

    Raises:
        InvalidInput: not a cookies.txt, with the reason in one line.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise InvalidInput("the file is too large for cookies", next_step=_HOW)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("the file is not text, so it is no cookies.txt", next_step=_HOW) from error
    _refuse_others(text.lstrip())
    cookies = [
        cookie
        for number, line in enumerate(text.splitlines(), 1)
        if (cookie := _cookie(number, line)) is not None
    ]
    if not cookies:
        raise InvalidInput("the file holds no cookies", next_step=_HOW)
    return cookies


def render(cookies: Sequence[Cookie]) -> str:
    """A file that every engine reads."""
    lines = [_HEADER, ""]
    for cookie in cookies:
        flags = ("TRUE" if cookie.subdomains else "FALSE", cookie.path, "TRUE" if cookie.secure else "FALSE")
        domain = (_HTTP_ONLY if cookie.http_only else "") + cookie.domain
        # Empty, not 0: the standard library takes 0 for run out
        expires = str(int(cookie.expires_at)) if cookie.expires_at else ""
        lines.append("\t".join((domain, *flags, expires, cookie.name, cookie.value)))
    return "\n".join(lines) + "\n"


def login_runs_out_at(cookies: Iterable[Cookie]) -> float | None:
    """When the first cookie that carries the login runs out; None when none says."""
    return min((c.expires_at for c in cookies if c.is_login and c.expires_at > 0), default=None)


def expired_words(cookies: Iterable[Cookie]) -> str:
    """Names and days of cookies that ran out, for people; never a value."""
    listed = sorted(cookies, key=lambda cookie: (not cookie.is_login, cookie.name))
    words = [f"{c.name} ({datetime.fromtimestamp(c.expires_at, UTC):%Y-%m-%d})" for c in listed[:5]]
    return ", ".join(words) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")


def _refuse_others(text: str) -> None:
    if text.startswith(("{", "[")):
        raise InvalidInput("the file is JSON, not a cookies.txt", next_step=_HOW)
    if text.startswith("<"):
        raise InvalidInput("the file is a web page, not a cookies.txt", next_step=_HOW)


def _cookie(number: int, line: str) -> Cookie | None:
    http_only = line.startswith(_HTTP_ONLY)
    if http_only:
        line = line.removeprefix(_HTTP_ONLY)
    if not line.strip() or (line.startswith("#") and not http_only):
        return None
    fields = line.split("\t")
    if len(fields) == _FIELDS - 1:
        fields.append("")  # an empty value whose tab an editor took away
    if len(fields) != _FIELDS or not fields[0] or _CONTROLS.search(line.replace("\t", "")):
        raise InvalidInput(f"line {number} is not a line of a cookies.txt", next_step=_HOW)
    domain, subdomains, path, secure, expires, name, value = fields
    if {subdomains.upper(), secure.upper()} - {"TRUE", "FALSE"}:
        raise InvalidInput(f"line {number} is not a line of a cookies.txt", next_step=_HOW)
    if not name:
        name, value = value, ""
    cookie = Cookie(
        domain,
        subdomains.upper() == "TRUE",
        path or "/",
        secure.upper() == "TRUE",
        0.0,
        name,
        value,
        http_only,
    )
    return replace(cookie, expires_at=_expiry(number, expires))


def _expiry(number: int, text: str) -> float:
    try:
        at = float(text or 0)
    except ValueError as error:
        raise InvalidInput(f"line {number}: {text[:20]!r} is no expiry time", next_step=_HOW) from error
    if not 0 <= at < float("inf"):
        return 0.0
    # Some exports count milliseconds; the year 9999 is as far as dates go
    return min(at / 1000 if at >= _MILLISECONDS_FROM else at, 253_402_300_799.0)
