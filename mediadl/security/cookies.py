"""Cookies as data: which one carries a login and until when, the file that engines read, newer values taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mediadl.errors import InvalidInput

HTTP_ONLY = "#HttpOnly_"
HEADER = "# Netscape HTTP Cookie File"
FAR = 253_402_300_799.0
"""The year 9999: as far as dates go."""
HOW = "Export it in the Netscape format with a browser extension such as 'Get cookies.txt LOCALLY'."
_FIELDS = 7
_MILLISECONDS_FROM = 100_000_000_000
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

_LOGINS: dict[str, tuple[str, ...]] = {
    "instagram.com": ("sessionid",),
    "tiktok.com": ("sessionid", "sessionid_ss", "sid_tt"),
    "youtube.com": ("LOGIN_INFO", "SAPISID", "__Secure-3PSID", "__Secure-1PSID"),
    "x.com": ("auth_token",),
    "twitter.com": ("auth_token",),
    "facebook.com": ("c_user", "xs"),
    "reddit.com": ("reddit_session",),
    "pixiv.net": ("PHPSESSID",),
    "patreon.com": ("session_id",),
}
"""The cookies that are the login, where that is known."""

_FORUM_LOGIN = re.compile(
    # XenForo · phpBB · SMF · MyBB · Invision · vBulletin · Discourse · NodeBB · Flarum
    r"^(xf_?|\w+_)user$|_u$|^smf_?|^mybbuser$|^ips4_(member_id|login_key)$|^bb_?(userid|password)$"
    r"|^vb(ulletin)?_?(userid|password)$|^_t$|^express\.sid$|^flarum_(remember|session)$",
    re.IGNORECASE,
)
_ANY_LOGIN = re.compile(
    r"sess|auth|login|token|^c?sid$|^(s|l)sid$|sapisid|user|remember|logged", re.IGNORECASE
)
_NO_LOGIN = re.compile(r"csrf|xsrf|consent", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of a browser."""

    domain: str
    """With its leading dot, where it has one."""
    subdomains: bool
    path: str
    secure: bool
    expires_at: float
    """Epoch seconds; 0: ends with the browser session."""
    name: str
    value: str
    http_only: bool
    changed_at: float = 0.0
    """When this value came here; newer ones win."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others of the same jar."""
        return (self.domain.lstrip(".").lower(), self.path, self.name)

    def expired(self, now: float) -> bool:
        """Whether it has run out."""
        return 0 < self.expires_at <= now

    @property
    def is_login(self) -> bool:
        """Whether its name says that it carries a login."""
        known = _known_names(self.key[0])
        if known:
            return self.name in known
        return bool(_FORUM_LOGIN.search(self.name) or _ANY_LOGIN.search(self.name)) and not _NO_LOGIN.search(
            self.name
        )

    def fits(self, hosts: Iterable[str]) -> bool:
        """Whether one of the hosts, or a host below it, is sent this cookie."""
        domain = self.domain.lstrip(".").lower()
        return any(
            domain == host or domain.endswith("." + host) or (host.endswith("." + domain) and "." in domain)
            for host in hosts
        )


def login_names(hosts: Iterable[str]) -> tuple[str, ...]:
    """The names that carry the login at these hosts; empty where nobody knows."""
    return next((names for host in hosts if (names := _known_names(host))), ())


def login_cookies(cookies: Iterable[Cookie]) -> list[Cookie]:
    """Those that carry the login; a forum's own mark is worth more than a name that only sounds like one."""
    found = [cookie for cookie in cookies if cookie.is_login]
    sure = [c for c in found if _known_names(c.key[0]) or _FORUM_LOGIN.search(c.name)]
    return sure or found


def login_runs_out_at(cookies: Iterable[Cookie]) -> float | None:
    """When the first cookie that carries the login runs out; None when none says."""
    return min((c.expires_at for c in login_cookies(cookies) if c.expires_at > 0), default=None)


def expired_words(cookies: Iterable[Cookie]) -> str:
    """Names and days of cookies that ran out, for people; never a value."""
    listed = sorted(cookies, key=lambda cookie: (not cookie.is_login, cookie.name))
    words = [f"{c.name} ({datetime.fromtimestamp(c.expires_at, UTC):%Y-%m-%d})" for c in listed[:5]]
    return ", ".join(words) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")


def render(cookies: Iterable[Cookie]) -> str:
    """A file that every engine reads."""
    lines = [HEADER, ""]
    for cookie in cookies:
        flags = ("TRUE" if cookie.subdomains else "FALSE", cookie.path, "TRUE" if cookie.secure else "FALSE")
        domain = (HTTP_ONLY if cookie.http_only else "") + cookie.domain
        # Empty, not 0: the standard library takes 0 for run out
        expires = str(int(cookie.expires_at)) if cookie.expires_at else ""
        lines.append("\t".join((domain, *flags, expires, cookie.name, cookie.value)))
    return "\n".join(lines) + "\n"


def parse(text: str) -> list[Cookie]:
    """All cookies of a file's text.

    Raises:
        InvalidInput: a line that is none of such a file, with its number.
    """
    return [
        cookie
        for number, line in enumerate(text.splitlines(), 1)
        if (cookie := _cookie(number, line)) is not None
    ]


def expiry(value: float) -> float:
    """Epoch seconds of what exports write: seconds, milliseconds, or (0) nothing that is a date."""
    if not 0 <= value < float("inf"):
        return 0.0
    return min(value / 1000 if value >= _MILLISECONDS_FROM else value, FAR)


def to_records(cookies: Iterable[Cookie]) -> list[list[Any]]:
    """JSON form of cookies."""
    return [
        [c.domain, c.subdomains, c.path, c.secure, c.expires_at, c.name, c.value, c.http_only, c.changed_at]
        for c in cookies
    ]


def from_records(records: Iterable[Sequence[Any]]) -> list[Cookie]:
    """The cookies that `to_records` wrote."""
    return [Cookie(*record) for record in records]


def merge(
    held: Sequence[Cookie],
    given: Sequence[Cookie],
    returned: Iterable[Cookie],
    *,
    hosts: Iterable[str],
    changed_at: float,
    now: float,
    new_too: bool = False,
) -> list[Cookie]:
    """The jar `held` with what a job changed in its copy (`given` → `returned`) at `changed_at`.

    Only cookies of these hosts count; a cookie must be good still, and newer than the value held. `new_too`: cookies
    that were not in the copy before count as well (a login by form makes them).
    """
    hosts = tuple(hosts)
    merged = {cookie.key: cookie for cookie in held}
    before = {cookie.key: cookie for cookie in given}
    for cookie in returned:
        was = before.get(cookie.key)
        if was is None and not new_too:
            continue
        if was is not None and (was.value, int(was.expires_at)) == (cookie.value, int(cookie.expires_at)):
            continue
        if not cookie.fits(hosts) or not cookie.value or cookie.expired(now):
            continue
        have = merged.get(cookie.key)
        if (have is None and was is not None) or (have is not None and have.changed_at > changed_at):
            continue
        merged[cookie.key] = replace(
            cookie,
            domain=have.domain if have else cookie.domain,
            http_only=cookie.http_only or (have is not None and have.http_only),
            changed_at=changed_at,
        )
    return list(merged.values())


def _known_names(domain: str) -> tuple[str, ...]:
    for known, names in _LOGINS.items():
        if domain == known or domain.endswith("." + known):
            return names
    return ()


def _cookie(number: int, line: str) -> Cookie | None:
    http_only = line.startswith(HTTP_ONLY)
    if http_only:
        line = line.removeprefix(HTTP_ONLY)
    if not line.strip() or (line.startswith("#") and not http_only):
        return None
    fields = line.split("\t")
    if len(fields) == _FIELDS - 1:
        fields.append("")  # an empty value whose tab an editor took away
    if len(fields) != _FIELDS or not fields[0] or _CONTROLS.search(line.replace("\t", "")):
        raise InvalidInput(f"line {number} is not a line of a cookies.txt", next_step=HOW)
    domain, subdomains, path, secure, expires, name, value = fields
    if {subdomains.upper(), secure.upper()} - {"TRUE", "FALSE"}:
        raise InvalidInput(f"line {number} is not a line of a cookies.txt", next_step=HOW)
    if not name:
        name, value = value, ""
    try:
        expires_at = expiry(float(expires or 0))
    except ValueError as error:
        raise InvalidInput(f"line {number}: {expires[:20]!r} is no expiry time", next_step=HOW) from error
    return Cookie(
        domain,
        subdomains.upper() == "TRUE",
        path or "/",
        secure.upper() == "TRUE",
        expires_at,
        name,
        value,
        http_only,
    )
