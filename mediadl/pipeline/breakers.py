"""When one way to a site is left alone, for how long, and who may try it again first. Pure.

A breaker is *closed* while all goes well, *open* while nobody may try, and *half-open* when its time is over: then one
job may, and only its success closes it. There is one for each backend of a site, and one more for each account that it
is used with.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import StrEnum

from mediadl.errors import (
    Challenge,
    DownloadError,
    EngineBroken,
    Forbidden,
    LoginNeeded,
    NetworkFailed,
    NoMedia,
    ServerError,
    SiteChanged,
    Unknown,
)

CHALLENGES = 3
"""So many bot checks in a row open a breaker."""
FAILURES = 5
"""So many failures of any kind in a row do."""
RESTS_S = (3600.0, 4 * 3600.0, 12 * 3600.0, 24 * 3600.0)
"""How long it stays open the first time, the second time in a row and so on."""
LOGIN_REST_S = 12 * 3600.0
"""After a login was refused; new cookies end it at once."""
PROBE_S = 900.0
"""A probe that says nothing for so long is thought lost."""
_JITTER = (1.0, 1.1)

_ANYWHERE = (Challenge, Forbidden)
_KNOWN_SITES = (ServerError, NetworkFailed, SiteChanged, EngineBroken, Unknown, NoMedia)
"""Blamed on the backend only where it was made for the site: any page of the web may be broken or empty."""


class State(StrEnum):
    """What a breaker lets through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of one way."""

    failures: int = 0
    """Failures in a row that count."""
    challenges: int = 0
    """Bot checks among them."""
    opened: int = 0
    """How often it was opened without a success in between."""
    open_until: float | None = None
    """Epoch seconds; None: closed."""
    probe_until: float | None = None
    """A probe is on its way, and has until then to say something."""
    reason: str = ""
    """Kind of the failure that opened it."""

    def state(self, now: float) -> State:
        """What it lets through now."""
        if self.open_until is None:
            return State.CLOSED
        waits = self.open_until > now or (self.probe_until is not None and self.probe_until > now)
        return State.OPEN if waits else State.HALF_OPEN

    def rests_until(self, now: float) -> float | None:
        """When it may be tried again, if it may not be now."""
        if self.state(now) is not State.OPEN:
            return None
        return max(self.open_until or 0.0, self.probe_until or 0.0)

    def probe(self, now: float) -> Breaker:
        """The same with a probe on its way."""
        return replace(self, probe_until=now + PROBE_S)


def counts(error: DownloadError, *, made_for_site: bool) -> bool:
    """Whether a failure is the backend's: it says nothing about the address, and another backend may do better."""
    return isinstance(error, _ANYWHERE) or (made_for_site and isinstance(error, _KNOWN_SITES))


def refuses_login(error: DownloadError, *, logged_in: bool) -> bool:
    """Whether a failure says that the account's login is dead."""
    return logged_in and isinstance(error, LoginNeeded)


def succeeded() -> Breaker:
    """After an answer: closed, everything forgotten."""
    return Breaker()


def failed(
    breaker: Breaker,
    error: DownloadError,
    *,
    logged_in: bool,
    made_for_site: bool,
    now: float,
    jitter: random.Random,
) -> Breaker:
    """After a failure. One that says nothing about the way leaves it as it is, but ends a probe."""
    if refuses_login(error, logged_in=logged_in):
        return replace(
            breaker, open_until=now + LOGIN_REST_S, probe_until=None, opened=1, reason=error.kind
        )
    if not counts(error, made_for_site=made_for_site):
        return replace(breaker, probe_until=None)
    seen = replace(
        breaker,
        failures=breaker.failures + 1,
        challenges=breaker.challenges + isinstance(error, Challenge),
        probe_until=None,
    )
    was_open = breaker.open_until is not None
    if not was_open and seen.failures < FAILURES and seen.challenges < CHALLENGES:
        return seen
    if was_open and breaker.open_until is not None and breaker.open_until > now:
        return seen  # one that was on its way when it opened
    rest_s = RESTS_S[min(seen.opened, len(RESTS_S) - 1)] * jitter.uniform(*_JITTER)
    return replace(seen, opened=seen.opened + 1, open_until=now + rest_s, reason=error.kind)
